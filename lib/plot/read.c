/* SPDX-License-Identifier: MIT */
#include "plot/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/diag.h"
#include "base/stop.h"
#include "base/wait.h"
#include "record/lines.h"

enum { RING = 1024 * 1024 };

struct reader {
	struct eg_rejects *rejects;
	struct eg_metrics *metrics;
	eg_plot_taker *take;
	void *ctx;
};

static int
check_readable(const char *name, struct eg_error *e)
{
	struct stat st;

	if (strcmp(name, "-") == 0)
		return eg_descriptors_readable(STDIN_FILENO, "standard input", e);
	if (access(name, R_OK) != 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot read '%s': %s", name, strerror(errno));
	if (stat(name, &st) == 0 && S_ISDIR(st.st_mode))
		return eg_fail(e, EG_LOCAL_IO, "cannot read '%s': %s", name, strerror(EISDIR));
	return 0;
}

/* Waits until fd can be read. -1 after a signal. */
static int
await(struct reader *r, int fd, struct eg_error *e)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN }, eg_stop_pollfd() };

	do {
		(void)eg_wait_fds(p, 2, r->metrics->next);
		eg_stop_polled(&p[1]);
		eg_metrics_tick(r->metrics, eg_mono_ms());
		if (eg_stop_asked() > 0)
			return eg_fail(e, EG_TEMPORARY, "ended by a signal; nothing was drawn");
	} while (p[0].revents == 0);
	return 0;
}

static int
take_line(struct reader *r, const struct eg_line *line, struct eg_error *e)
{
	struct eg_record record;
	enum eg_fault fault = line->fault;
	const char *why = NULL;
	int rc = 0;

	/* A last line without a newline is refused, even a comment. */
	if (fault != EG_FAULT_TOO_LONG && eg_line_skipped(line->text, line->len))
		return 0;
	if (fault == EG_FAULT_NONE)
		fault = eg_record_parse(line->text, line->len, &record);
	if (fault == EG_FAULT_NONE)
		why = r->take(r->ctx, &record, &rc, e);
	else
		why = eg_fault_text(fault);
	r->metrics->in++;
	r->metrics->out += rc == 0 && why == NULL;
	r->metrics->refused += rc == 0 && why != NULL;
	if (rc == 0 && why != NULL)
		return eg_rejects_add(r->rejects, line->lineno, line->text, line->len, why, e);
	return rc;
}

static int
read_lines(struct reader *r, struct eg_lines *l, struct eg_error *e)
{
	struct eg_line line;

	for (;;) {
		while (eg_lines_next(l, &line))
			if (take_line(r, &line, e) != 0)
				return -1;
		eg_lines_release(l, NULL);
		if (l->eof)
			return 0;
		if (await(r, l->fd, e) != 0 || eg_lines_fill(l, e) != 0)
			return -1;
	}
}

static int
read_file(struct reader *r, const char *name, struct eg_error *e)
{
	bool standard = strcmp(name, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC), rc;
	struct eg_lines l;

	if (fd < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot read '%s': %s", name, strerror(errno));
	r->rejects->source = standard ? NULL : name;
	rc = eg_lines_open(&l, fd, RING, e);
	if (rc == 0) {
		rc = read_lines(r, &l, e);
		eg_lines_close(&l);
	}
	if (!standard)
		close(fd);
	return rc;
}

int
eg_plot_read(const char *const file[], size_t files, struct eg_rejects *rejects,
    struct eg_metrics *m, eg_plot_taker *take, void *ctx, struct eg_error *e)
{
	static const char *const standard[] = { "-" };
	struct reader r = { .rejects = rejects, .metrics = m, .take = take, .ctx = ctx };

	if (files == 0) {
		file = standard;
		files = 1;
	}
	for (size_t i = 0; i < files; i++)
		if (check_readable(file[i], e) != 0)
			return -1;
	for (size_t i = 0; i < files; i++)
		if (read_file(&r, file[i], e) != 0)
			return -1;
	return 0;
}
