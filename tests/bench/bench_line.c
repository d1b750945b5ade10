/* SPDX-License-Identifier: MIT */
/*
 * How fast records become line protocol: the functions that eg-influx calls against a loop
 * written by hand for nothing else, over the same bytes, with the same checks. The hand-written
 * loop escapes nothing.
 *
 *	bench_line [FILE]    FILE holds records; 5 million are made up without it
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bare_line.h"
#include "base/diag.h"
#include "influx/lineprotocol_write.h"
#include "record/record.h"

#define RECORDS 5000000
#define SENSORS 15
#define START 1700000000 /* 2023-11-14T22:13:20Z */
#define ROUNDS 7
#define BLOCK 65536      /* bytes a conversion takes at once, as a filter reads them */
#define OUT (4 * BLOCK)  /* a record grows by less than 50 bytes and has more than 20 */
#define GOAL 0.85

/* What eg-influx does with a line. */
static struct eg_lineprotocol form;

/* Reads the line at p, and sets *next behind it. */
static inline bool
read_line(const char *p, const char *end, const char **next, struct eg_record_day *day,
    struct eg_record *r, struct tally *t)
{
	size_t len = eg_record_scan(p, end, day, r);

	if (len > 0) {
		*next = p + len;
		t->records++;
		return true;
	}
	*next = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
	len = (size_t)(*next - p) - 1;
	if (eg_line_skipped(p, len))
		return false;
	if (eg_record_parse(p, len, r) == EG_FAULT_NONE) {
		t->records++;
		return true;
	}
	t->refused++;
	return false;
}

static char *
ours(const char *p, const char *end, char *o, struct tally *t)
{
	struct eg_lineprotocol_time time = { .with_ns = false };
	struct eg_record_day day = { .ns = 0 };
	struct eg_record r;

	for (; p < end;)
		if (read_line(p, end, &p, &day, &r, t))
			o = eg_lineprotocol_put(&form, &r, &time, o);
	return o;
}

/* Ours without the conversion. */
static char *
check_only(const char *p, const char *end, char *o, struct tally *t)
{
	struct eg_record_day day = { .ns = 0 };
	struct eg_record r;

	while (p < end)
		(void)read_line(p, end, &p, &day, &r, t);
	return o;
}

/* The end of the block at *p: its last newline. A line that fills more than a
 * block is passed over. NULL at the end. */
static const char *
next_block(const char **p, const char *end)
{
	const char *nl;

	while (*p < end) {
		if (end - *p <= BLOCK)
			return end;
		nl = memrchr(*p, '\n', BLOCK);
		if (nl != NULL)
			return nl + 1;
		*p = (const char *)memchr(*p, '\n', (size_t)(end - *p)) + 1;
	}
	return NULL;
}

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const struct {
	const char *name;
	convert *f;
} paths[] = { { "ours", ours }, { "bare", bare }, { "check", check_only } };

enum { PATHS = sizeof(paths) / sizeof(paths[0]) };

/* One pass over all of it, the paths taking turns at every block, so that a busy
 * machine is as busy for each; adds up the seconds of processor time. */
static void
run_all(const char *p, const char *end, char *out, double seconds[PATHS])
{
	struct tally t = { 0, 0 };
	const char *stop;

	for (size_t turn = 0; (stop = next_block(&p, end)) != NULL; turn++) {
		for (size_t i = 0; i < PATHS; i++) {
			size_t j = (turn + i) % PATHS;
			double start = cpu_seconds();

			paths[j].f(p, stop, out, &t);
			seconds[j] += cpu_seconds() - start;
		}
		p = stop;
	}
}

static int
compare_outputs(const char *p, const char *end, char *out, char *other, uint64_t *records)
{
	struct tally a = { 0, 0 }, b = { 0, 0 };
	const char *stop;

	while ((stop = next_block(&p, end)) != NULL) {
		size_t n = (size_t)(ours(p, stop, out, &a) - out);
		size_t m = (size_t)(bare(p, stop, other, &b) - other);

		if (n != m || memcmp(out, other, n) != 0 || a.refused != b.refused) {
			fprintf(stderr, "bench_line: the two outputs differ\n");
			return -1;
		}
		p = stop;
	}
	printf("%llu records, %llu refused, outputs identical\n", (unsigned long long)a.records,
	    (unsigned long long)a.refused);
	*records = a.records;
	return 0;
}

static char *
make_records(size_t *size)
{
	char *text = malloc((size_t)RECORDS * 48 + PAD), *o = text;
	uint64_t x = 88172645463325252;

	if (text == NULL)
		return NULL;
	for (int i = 0; i < RECORDS; i++) {
		int64_t ns = (START + (int64_t)(i / SENSORS)) * 1000000000;
		char when[EG_TIME_SIZE];
		unsigned value;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		value = (unsigned)(4000 + x % 3000);
		eg_time_format(ns, when);
		o += snprintf(o, 48, "sensor%d:%s:%u.%02u\n", i % SENSORS + 1, when, value / 100,
		    value % 100);
	}
	*size = (size_t)(o - text);
	return text;
}

/* The file's whole lines, and readable bytes behind them. */
static char *
read_records(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	char *text = NULL;
	long n = -1;

	if (f != NULL && fseek(f, 0, SEEK_END) == 0)
		n = ftell(f);
	if (n >= 0 && fseek(f, 0, SEEK_SET) == 0)
		text = malloc((size_t)n + PAD);
	if (text == NULL || fread(text, 1, (size_t)n, f) != (size_t)n) {
		perror(path);
		exit(1);
	}
	fclose(f);
	while (n > 0 && text[n - 1] != '\n')
		n--;
	*size = (size_t)n;
	return text;
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double t[ROUNDS])
{
	qsort(t, ROUNDS, sizeof(*t), by_size);
	return t[ROUNDS / 2];
}

int
main(int argc, char **argv)
{
	double seconds[PATHS][ROUNDS], m[PATHS], ratio;
	uint64_t records;
	struct eg_error e;
	size_t size;
	char *text = argc > 1 ? read_records(argv[1], &size) : make_records(&size);
	char *out = malloc(OUT), *other = malloc(OUT);

	if (text == NULL || out == NULL || other == NULL || size == 0) {
		fprintf(stderr, "bench_line: no records, or no memory for them\n");
		return 1;
	}
	memset(text + size, 0, PAD);
	if (eg_lineprotocol_init(&form, "energy", NULL, 0, &e) != 0)
		return 1;
	if (compare_outputs(text, text + size, out, other, &records) != 0)
		return 1;
	for (int i = 0; i < ROUNDS; i++) {
		double sum[PATHS] = { 0 };

		run_all(text, text + size, out, sum);
		for (int j = 0; j < PATHS; j++)
			seconds[j][i] = sum[j];
	}
	for (int j = 0; j < PATHS; j++) {
		m[j] = median(seconds[j]);
		printf("%-5s %6.1f M records/s\n", paths[j].name, (double)records / m[j] / 1e6);
	}
	ratio = m[1] / m[0];
	printf("ratio ours/bare %.2f (goal %.2f: %s)\n", ratio, GOAL,
	    ratio >= GOAL ? "reached" : "MISSED");
	free(text);
	free(out);
	free(other);
	return ratio >= GOAL ? 0 : 1;
}
