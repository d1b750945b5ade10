/* SPDX-License-Identifier: MIT */
/*
 * How fast receipts are matched: eg_child with a child that echoes, in large units
 * and in units of one line, and a stage's own loop beside cat over the same file.
 *
 *	bench_loop [RECORDS]    8 million; passthrough is looked for beside this program
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "stage/child.h"

#define GOAL 10.0 /* M records/s, units of 32 KB through cat */

enum { ROUNDS = 5, UNIT = 32 * 1024, WINDOW = 1024 * 1024, TEXT = 16 * 1024 * 1024 };

/* Records that are used again and again, and the units of the window. */
struct feed {
	char *text;
	size_t len, records;
	struct eg_chunk *units;
	size_t many, open; /* units there are, and of them under way */
	size_t at, unit_max;
	struct eg_chunk **unused;
	unsigned long long left, safe;
};

static void
refused(void *ctx, struct eg_chunk *u, const char *line, size_t len)
{
	(void)ctx;
	(void)u;
	(void)line;
	(void)len;
	abort();
}

static void
settled(void *ctx, struct eg_chunk *u)
{
	struct feed *f = ctx;

	f->safe += u->len;
	f->unused[--f->open] = u;
}

static void
dropped(void *ctx, struct eg_chunk *u)
{
	(void)ctx;
	(void)u;
}

static const struct eg_child_calls calls = { refused, settled, dropped };

static void
make_records(struct feed *f)
{
	f->text = malloc(TEXT + 64);
	for (f->len = 0; f->len < TEXT - 64; f->records++)
		f->len += (size_t)snprintf(f->text + f->len, 64,
		    "sensor%zu:2023-11-%02zuT%02zu:%02zu:%02zu:%zu.%02zu\n", f->records % 15 + 1,
		    f->records / 86400 % 28 + 1, f->records / 3600 % 24, f->records / 60 % 60,
		    f->records % 60, 40 + f->records % 30, f->records % 97);
}

/* Sends units of up to unit_max bytes (at least a line) as the window allows. */
static void
top_up(struct feed *f, struct eg_child *c)
{
	while (f->open < f->many && f->left > 0) {
		struct eg_chunk *u = f->unused[f->open++];
		const char *from = f->text + f->at;
		size_t n = f->len - f->at < f->unit_max ? f->len - f->at : f->unit_max;
		const char *nl = n < f->unit_max ? from + n - 1 : memrchr(from, '\n', n);

		if (nl == NULL)
			nl = memchr(from, '\n', f->len - f->at);
		u->text = from;
		u->len = (size_t)(nl - from) + 1;
		f->left -= u->len < f->left ? u->len : f->left;
		f->at = (f->at + u->len) % f->len;
		eg_child_send(c, u);
	}
}

/* Millions of records a second through argv. */
static double
through(struct feed *f, char *const argv[], size_t unit_max, unsigned long long records)
{
	struct eg_error e = { 0 };
	struct eg_child *c = eg_child_new(argv, &calls, f, &e);
	int64_t begin = eg_mono_ms(), ms;

	f->unit_max = unit_max;
	f->many = WINDOW / (unit_max > 35 ? unit_max : 35);
	f->open = f->at = 0;
	f->units = calloc(f->many, sizeof(*f->units));
	f->unused = calloc(f->many, sizeof(struct eg_chunk *));
	for (size_t i = 0; i < f->many; i++)
		f->unused[i] = &f->units[i];
	f->safe = 0;
	f->left = records * f->len / f->records;
	for (top_up(f, c); !eg_child_idle(c); top_up(f, c)) {
		struct pollfd fds[EG_CHILD_FDS];
		int64_t due = INT64_MAX;

		eg_child_poll(c, fds, &due);
		poll(fds, EG_CHILD_FDS, due == INT64_MAX ? -1 : 10);
		if (eg_child_work(c, fds, &e) != 0)
			exit(eg_report(&e));
	}
	ms = eg_mono_ms() - begin;
	eg_child_free(c);
	free(f->units);
	free(f->unused);
	return (double)f->safe * (double)f->records / (double)f->len / (double)(ms > 0 ? ms : 1) / 1e3;
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double rates[ROUNDS])
{
	qsort(rates, ROUNDS, sizeof(*rates), by_size);
	return rates[ROUNDS / 2];
}

static double
receipts(struct feed *f, char *const argv[], size_t unit_max, unsigned long long records)
{
	double rates[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		rates[i] = through(f, argv, unit_max, records);
	return median(rates);
}

/* Millions of records a second from a file through argv to /dev/null. */
static double
filter(int file, char *const argv[], unsigned long long records)
{
	int64_t begin = eg_mono_ms(), ms;
	int status;
	pid_t pid;

	lseek(file, 0, SEEK_SET);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(file, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "bench_loop: '%s' failed\n", argv[0]);
		exit(1);
	}
	ms = eg_mono_ms() - begin;
	return (double)records / (double)(ms > 0 ? ms : 1) / 1e3;
}

/* The records over and over in a file without a name; returns how many. */
static unsigned long long
make_file(const struct feed *f, int file, unsigned long long records)
{
	unsigned long long made = 0;

	for (; made < records; made += f->records)
		for (size_t at = 0; at < f->len;) {
			ssize_t n = write(file, f->text + at, f->len - at);

			if (n < 0) {
				perror("bench_loop");
				exit(1);
			}
			at += (size_t)n;
		}
	return made;
}

int
main(int argc, char *argv[])
{
	unsigned long long records = argc > 1 ? strtoull(argv[1], NULL, 10) : 8000000;
	char here[PATH_MAX], *cat[] = { NULL, NULL }, *pass[] = { here, NULL };
	char cat_name[] = "cat", *self = strdup(argv[0]);
	struct feed f = { 0 };
	double m, stage[ROUNDS], plain[ROUNDS];
	int file = memfd_create("records", MFD_CLOEXEC);

	cat[0] = cat_name;
	signal(SIGPIPE, SIG_IGN);
	eg_diag_init("bench_loop");
	snprintf(here, sizeof(here), "%s/passthrough", dirname(self));
	make_records(&f);
	m = receipts(&f, cat, UNIT, records);
	printf("receipts from cat, units of 32 KB       %6.1f M records/s (goal %.0f: %s)\n", m, GOAL,
	    m >= GOAL ? "reached" : "MISSED");
	m = receipts(&f, cat, 1, records / 4);
	printf("receipts from cat, units of one line    %6.1f M records/s\n", m);
	m = receipts(&f, pass, UNIT, records);
	printf("receipts from a stage, units of 32 KB   %6.1f M records/s\n", m);
	m = receipts(&f, pass, 1, records / 4);
	printf("receipts from a stage, units of a line  %6.1f M records/s\n", m);
	records = make_file(&f, file, records);
	for (int i = 0; i < ROUNDS; i++) {
		plain[i] = filter(file, cat, records);
		stage[i] = filter(file, pass, records);
	}
	printf("a stage from a file to /dev/null        %6.1f M records/s (cat: %.1f)\n", median(stage),
	    median(plain));
	free(self);
	free(f.text);
	return 0;
}
