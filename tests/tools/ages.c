/* SPDX-License-Identifier: MIT */
/* Passes records on, and tells how old they were when they came.
 *
 * usage: ages FILE SECONDS
 * Copies standard input to standard output. Counts the records of the first SECONDS after the
 * first one, and takes the age of each, from its own timestamp to its arrival. At the end of the
 * input, FILE gets one line: `records median 99th largest`, the ages in milliseconds. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/number.h"
#include "record/lines.h"

/* Ages are counted in steps of 0.1 ms, up to 100 s; what is older has the last step. */
enum { STEPS = 1000000, STEP_NS = 100000, RING = 1 << 20 };

struct ages {
	uint64_t records, steps[STEPS];
	int64_t since, window, most; /* ns */
};

static void
count_record(struct ages *a, int64_t made, int64_t now)
{
	int64_t age = now - made;
	size_t step = age > 0 ? (size_t)(age / STEP_NS) : 0;

	if (a->since == 0)
		a->since = now;
	if (now - a->since >= a->window)
		return;
	a->records++;
	a->steps[step < STEPS ? step : STEPS - 1]++;
	if (age > a->most)
		a->most = age;
}

/* The age, in ms, that a share of the records does not exceed. */
static double
quantile(const struct ages *a, double share)
{
	uint64_t wanted = (uint64_t)((double)a->records * share), seen = 0;
	size_t i;

	for (i = 0; i < STEPS - 1; i++)
		if ((seen += a->steps[i]) > wanted)
			break;
	return (double)(i + 1) * STEP_NS / EG_NS_PER_MS;
}

static int
write_all(const char *text, size_t len, struct eg_error *e)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0 && errno != EINTR)
			return eg_fail(e, EG_LOCAL_IO, "cannot write: %s", strerror(errno));
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* Counts the lines that were read, and passes them on as they are. */
static int
pass_lines(struct ages *a, struct eg_lines *l, struct eg_error *e)
{
	const char *text = l->base + l->head % l->size;
	int64_t now = eg_wall_ns();
	struct eg_line line;
	struct eg_record r;

	while (eg_lines_next(l, &line))
		if (eg_record_parse(line.text, line.len, &r) == EG_FAULT_NONE)
			count_record(a, r.ns, now);
	if (write_all(text, (size_t)(l->parsed - l->head), e) != 0)
		return -1;
	eg_lines_release(l, NULL);
	return 0;
}

static int
print_ages(const struct ages *a, const char *path, struct eg_error *e)
{
	FILE *f = fopen(path, "we");

	if (f == NULL)
		return eg_fail(e, EG_LOCAL_IO, "%s: %s", path, strerror(errno));
	fprintf(f, "%llu %.1f %.1f %.1f\n", (unsigned long long)a->records, quantile(a, 0.5),
	    quantile(a, 0.99), (double)a->most / EG_NS_PER_MS);
	return fclose(f) == 0 ? 0 : eg_fail(e, EG_LOCAL_IO, "%s: %s", path, strerror(errno));
}

int
main(int argc, char *argv[])
{
	static struct ages a;
	struct eg_lines l;
	struct eg_error e = { 0 };
	int64_t seconds;

	eg_diag_init("ages");
	if (argc != 3 || eg_int_parse(argv[2], 1, 3600, &seconds) != EG_NUMBER_OK) {
		eg_fatal("usage: ages FILE SECONDS");
		return EG_USAGE;
	}
	a.window = seconds * EG_NS_PER_S;
	if (eg_lines_open(&l, STDIN_FILENO, RING, &e) != 0)
		return eg_report(&e);
	while (!l.eof && eg_lines_fill(&l, &e) == 0 && pass_lines(&a, &l, &e) == 0)
		;
	eg_lines_close(&l);
	if (e.status == EG_OK)
		(void)print_ages(&a, argv[1], &e);
	return eg_report(&e);
}
