/* SPDX-License-Identifier: MIT */
/* Records sorted by time, or without repetitions.
 *
 * sort(1) spills to $TMPDIR what does not fit into memory. It reads all of its input before
 * it writes, so neither side of its pipes waits for the other. Times in records are UTC, so
 * their text, fields 2 to 4 between colons, sorts as time does. */
#include "import/sorter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/process.h"

enum { BLOCK = 64 * 1024, LINE_ROOM = 1200 };

struct eg_sorter {
	bool sort, unique;
	struct eg_process p;
	uint64_t number;      /* number of the last line sent, without sort */
	char last[LINE_ROOM]; /* the last record written */
	size_t last_len;
	char *in, *out;
	size_t in_len, out_len;
};

typedef int write_fn(void *ctx, const char *lines, size_t len, struct eg_error *e);

static int
start(struct eg_process *p, const char *const argv[], struct eg_error *e)
{
	/* execv(3) does not change them, in spite of its type. */
	if (eg_process_start(p, (char *const *)(uintptr_t)argv, e) != 0)
		return -1;
	/* Only this process uses these ends, so they may block. */
	if (fcntl(p->in, F_SETFL, 0) != 0 || fcntl(p->out, F_SETFL, 0) != 0)
		return eg_fail(e, EG_BUG, "cannot set up a pipe: %s", strerror(errno));
	return 0;
}

static int
start_sort(struct eg_sorter *o, struct eg_error *e)
{
	static const char *const by_time[] = { "env", "LC_ALL=C", "sort", "-s", "-S", "64M", "-t:",
		"-k2,4", "-k1,1", NULL };
	/* Fields are one further, since a number precedes the line. */
	static const char *const numbered[] = { "env", "LC_ALL=C", "sort", "-s", "-S", "64M", "-t:",
		"-k3,5", "-k2,2", NULL };

	return start(&o->p, o->sort ? by_time : numbered, e);
}

struct eg_sorter *
eg_sorter_open(bool sort, bool unique, struct eg_error *e)
{
	struct eg_sorter *o = calloc(1, sizeof(*o));

	if (o == NULL || (o->in = malloc(BLOCK)) == NULL || (o->out = malloc(BLOCK)) == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		eg_sorter_free(o);
		return NULL;
	}
	o->sort = sort;
	o->unique = unique;
	if (start_sort(o, e) == 0)
		return o;
	eg_sorter_free(o);
	return NULL;
}

void
eg_sorter_free(struct eg_sorter *o)
{
	if (o == NULL)
		return;
	if (o->p.pid > 0) {
		eg_process_kill(&o->p, SIGTERM);
		(void)eg_process_reap(&o->p);
	}
	free(o->in);
	free(o->out);
	free(o);
}

static int
write_all(int fd, const char *s, size_t len, struct eg_error *e)
{
	while (len > 0) {
		ssize_t n = write(fd, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return eg_fail(e, EG_LOCAL_IO, "could not sort: %s", strerror(errno));
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
flush_to_sort(struct eg_sorter *o, struct eg_error *e)
{
	size_t len = o->out_len;

	o->out_len = 0;
	return write_all(o->p.in, o->out, len, e);
}

/* Adds a line to the input of sort(1). */
static int
add_line(struct eg_sorter *o, const char *line, size_t len, struct eg_error *e)
{
	if (BLOCK - o->out_len < len && flush_to_sort(o, e) != 0)
		return -1;
	memcpy(o->out + o->out_len, line, len);
	o->out_len += len;
	return 0;
}

int
eg_sorter_put(struct eg_sorter *o, const char *lines, size_t len, struct eg_error *e)
{
	const char *end = lines + len;

	if (o->sort)
		return write_all(o->p.in, lines, len, e);
	while (lines < end) {
		const char *nl = memchr(lines, '\n', (size_t)(end - lines));
		char text[LINE_ROOM];
		int n = snprintf(text, sizeof(text), "%020llu:%.*s\n", (unsigned long long)++o->number,
		    (int)(nl - lines), lines);

		if (add_line(o, text, (size_t)n, e) != 0)
			return -1;
		lines = nl + 1;
	}
	return 0;
}

/* Whether the record is the same as the one before it. */
static bool
is_repeated(struct eg_sorter *o, const char *record, size_t len)
{
	if (len == o->last_len && memcmp(record, o->last, len) == 0)
		return true;
	memcpy(o->last, record, len);
	o->last_len = len;
	return false;
}

/* Closes the input of sort(1), and calls take for each line that it prints. */
static int
read_sorted(struct eg_sorter *o, write_fn *take, void *ctx, struct eg_error *e)
{
	size_t have = 0;
	int status;

	eg_process_close_in(&o->p);
	for (;;) {
		ssize_t n = read(o->p.out, o->in + have, BLOCK - have);
		char *line = o->in, *nl, *end;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return eg_fail(e, EG_LOCAL_IO, "could not sort: %s", strerror(errno));
		if (n == 0)
			break;
		end = o->in + have + n;
		for (; (nl = memchr(line, '\n', (size_t)(end - line))) != NULL; line = nl + 1)
			if (take(ctx, line, (size_t)(nl + 1 - line), e) != 0)
				return -1;
		have = (size_t)(end - line);
		memmove(o->in, line, have);
	}
	status = eg_process_reap(&o->p);
	o->p.pid = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return eg_fail(e, EG_LOCAL_IO, "could not sort: sort(1) failed");
	return 0;
}

/* Arguments of read_sorted's callback, behind one pointer. */
struct pass {
	struct eg_sorter *o;
	write_fn *write;
	void *ctx;
	struct eg_process second;
	char *block;
	size_t len;
};

/* Collects lines into blocks for the final output. */
static int
collect_line(struct pass *p, const char *line, size_t len, struct eg_error *e)
{
	size_t had = p->len;

	if (BLOCK - p->len < len) {
		p->len = 0;
		if (p->write(p->ctx, p->block, had, e) != 0)
			return -1;
	}
	memcpy(p->block + p->len, line, len);
	p->len += len;
	return 0;
}

static int
take_sorted(void *ctx, const char *line, size_t len, struct eg_error *e)
{
	struct pass *p = ctx;

	if (p->o->unique && is_repeated(p->o, line, len))
		return 0;
	return collect_line(p, line, len, e);
}

/* Receives numbered lines in the order of keys. Sends them to the second sort(1), which restores
 * the order of rows. */
static int
take_numbered(void *ctx, const char *line, size_t len, struct eg_error *e)
{
	const char *record = (const char *)memchr(line, ':', len) + 1;
	struct pass *p = ctx;

	if (is_repeated(p->o, record, len - (size_t)(record - line)))
		return 0;
	return collect_line(p, line, len, e);
}

static int
to_second(void *ctx, const char *lines, size_t len, struct eg_error *e)
{
	return write_all(((struct pass *)ctx)->second.in, lines, len, e);
}

static int
take_restored(void *ctx, const char *line, size_t len, struct eg_error *e)
{
	const char *record = (const char *)memchr(line, ':', len) + 1;

	return collect_line(ctx, record, len - (size_t)(record - line), e);
}

/* Drops repetitions among the numbered lines, then restores the order of rows. */
static int
end_unique(struct eg_sorter *o, struct pass *p, struct eg_error *e)
{
	static const char *const by_number[] = { "env", "LC_ALL=C", "sort", "-S", "64M", NULL };
	struct pass first = { .o = o, .write = to_second, .block = p->block };

	if (flush_to_sort(o, e) != 0 || start(&first.second, by_number, e) != 0)
		return -1;
	first.ctx = &first;
	if (read_sorted(o, take_numbered, &first, e) != 0 ||
	    to_second(&first, first.block, first.len, e) != 0) {
		eg_process_kill(&first.second, SIGTERM);
		(void)eg_process_reap(&first.second);
		return -1;
	}
	o->p = first.second;
	return read_sorted(o, take_restored, p, e);
}

int
eg_sorter_end(struct eg_sorter *o, write_fn *write, void *ctx, struct eg_error *e)
{
	struct pass p = { .o = o, .write = write, .ctx = ctx, .block = malloc(BLOCK) };
	int rc;

	if (p.block == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	rc = o->sort ? read_sorted(o, take_sorted, &p, e) : end_unique(o, &p, e);
	if (rc == 0 && p.len > 0)
		rc = write(ctx, p.block, p.len, e);
	free(p.block);
	return rc;
}
