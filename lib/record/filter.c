/* SPDX-License-Identifier: MIT */
/* A filter: reads records from standard input and writes other records to standard output. */
#include "record/filter.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/metrics.h"
#include "base/options.h"
#include "base/output.h"
#include "base/rejects.h"
#include "base/stop.h"
#include "base/wait.h"
#include "record/lines.h"

enum { RING = 1 << 20, OUT_SIZE = 128 * 1024 };

struct eg_filter {
	struct eg_lines in;
	struct eg_output out;
	struct eg_rejects rejects;
	struct eg_metrics metrics; /* metrics.out counts the records that were used */
	struct eg_metric extra[2];
	uint64_t written;
	struct eg_time_day day; /* of the record that was written last */
	size_t len; /* bytes of text that are not written yet */
	char text[OUT_SIZE];
};

static int
flush_lines(struct eg_filter *f, struct eg_error *e)
{
	size_t len = f->len;

	f->len = 0;
	return eg_output_write_all(&f->out, f->text, len, e);
}

/* Returns memory for a line of len bytes with its newline. NULL with *e. */
static char *
line_room(struct eg_filter *f, size_t len, struct eg_error *e)
{
	char *at;

	if (sizeof(f->text) - f->len < len && flush_lines(f, e) != 0)
		return NULL;
	at = f->text + f->len;
	f->len += len;
	f->written++;
	return at;
}

int
eg_filter_put(struct eg_filter *f, const char *sensor, size_t sensor_len, int64_t ns,
    const char *value, size_t value_len, struct eg_error *e)
{
	char time[EG_TIME_SIZE];
	size_t n = eg_time_format_near(&f->day, ns, time);
	char *o = line_room(f, sensor_len + n + value_len + 3, e);

	if (o == NULL)
		return -1;
	*eg_record_put(o, (struct eg_slice){ sensor, sensor_len }, (struct eg_slice){ time, n },
	    (struct eg_slice){ value, value_len }) = '\n';
	return 0;
}

int
eg_filter_pass(struct eg_filter *f, const struct eg_record *r, struct eg_error *e)
{
	char *o = line_room(f, r->len + 1u, e);

	if (o == NULL)
		return -1;
	memcpy(o, r->line, r->len);
	o[r->len] = '\n';
	return 0;
}

int
eg_filter_refuse_line(struct eg_filter *f, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_error *e)
{
	f->metrics.refused++;
	if (eg_rejects_add(&f->rejects, lineno, line, len, reason, e) != 0)
		return -1;
	return eg_rejects_room(&f->rejects) ? 0 : eg_rejects_wait(&f->rejects, e);
}

int
eg_filter_refuse(struct eg_filter *f, const struct eg_record *r, const char *reason,
    struct eg_error *e)
{
	return eg_filter_refuse_line(f, r->lineno, r->line, r->len, reason, e);
}

static int
filter_line(struct eg_filter *f, const struct eg_filter_work *w, const struct eg_line *line,
    struct eg_error *e)
{
	enum eg_fault fault = line->fault;
	struct eg_record r;

	if (fault == EG_FAULT_NONE && eg_line_skipped(line->text, line->len))
		return 0;
	f->metrics.in++;
	if (fault == EG_FAULT_NONE)
		fault = eg_record_parse(line->text, line->len, &r);
	if (fault != EG_FAULT_NONE)
		return eg_filter_refuse_line(f, line->lineno, line->text, line->len, eg_fault_text(fault),
		    e);
	r.lineno = line->lineno;
	return w->take(w->ctx, f, &r, e);
}

static int
take_records(struct eg_filter *f, const struct eg_filter_work *w, const struct eg_record *r,
    size_t n, struct eg_error *e)
{
	if (w->ahead != NULL && n > 1)
		w->ahead(w->ctx, r, n);
	for (size_t i = 0; i < n; i++) {
		f->metrics.in++;
		if (w->take(w->ctx, f, &r[i], e) != 0)
			return -1;
	}
	return 0;
}

/* Takes all lines that are read. */
static int
filter_lines(struct eg_filter *f, const struct eg_filter_work *w, struct eg_error *e)
{
	struct eg_record r[EG_FILTER_AHEAD];
	struct eg_line line;

	for (;;) {
		size_t n = eg_lines_next_records(&f->in, r, EG_FILTER_AHEAD);

		if (take_records(f, w, r, n, e) != 0)
			return -1;
		if (n > 0)
			continue;
		if (!eg_lines_next(&f->in, &line))
			return 0;
		if (filter_line(f, w, &line, e) != 0)
			return -1;
	}
}

/* Waits until there is input, or the reader of standard output has closed it. */
static int
wait_input(struct eg_filter *f, const struct eg_filter_work *w, struct eg_error *e)
{
	struct pollfd p[3] = { { .fd = f->in.fd, .events = POLLIN }, eg_stop_pollfd(),
		{ .fd = f->out.fd } };
	int64_t due = f->metrics.next, own = w->due != NULL ? w->due(w->ctx) : INT64_MAX;

	(void)eg_wait_fds(p, 3, own < due ? own : due);
	eg_stop_polled(&p[1]);
	f->metrics.out = f->metrics.in - f->metrics.refused;
	eg_metrics_tick(&f->metrics, eg_mono_ms());
	if (eg_output_hung_up(&f->out, p[2].revents))
		return eg_fail(e, EG_LOCAL_IO, "standard output is closed");
	if (w->tick != NULL && w->tick(w->ctx, f, e) != 0)
		return -1;
	return p[0].revents != 0 ? eg_lines_fill(&f->in, e) : 0;
}

static int
read_records(struct eg_filter *f, const struct eg_filter_work *w, struct eg_error *e)
{
	while (!f->in.eof) {
		if (flush_lines(f, e) != 0 || wait_input(f, w, e) != 0)
			return -1;
		if (eg_stop_asked() > 0)
			return eg_fail(e, EG_TEMPORARY, "ended by a signal; not all records were read");
		if (filter_lines(f, w, e) != 0)
			return -1;
		eg_lines_release(&f->in, NULL);
	}
	if (w->end != NULL && w->end(w->ctx, f, e) != 0)
		return -1;
	return flush_lines(f, e);
}

static int
end_run(struct eg_filter *f, int rc, struct eg_error *e)
{
	if (rc == 0)
		rc = eg_output_close(&f->out, e);
	if (eg_rejects_wait(&f->rejects, e) != 0 || eg_rejects_close(&f->rejects, e) != 0)
		rc = -1;
	f->metrics.out = f->metrics.in - f->metrics.refused;
	eg_metrics_close(&f->metrics, 0);
	eg_info("%llu records read, %llu written, %llu lines refused",
	    (unsigned long long)f->metrics.in,
	    (unsigned long long)f->written, (unsigned long long)f->metrics.refused);
	/* If the reader has closed standard output, no message is needed. */
	if (f->out.gone)
		*e = (struct eg_error){ .status = EG_LOCAL_IO };
	else if (rc == 0 && f->metrics.refused > 0)
		e->status = EG_REFUSED;
	return e->status == EG_OK ? 0 : -1;
}

int
eg_filter_run(const struct eg_filter_work *w, const struct eg_common *common, struct eg_error *e)
{
	struct eg_filter *f = calloc(1, sizeof(*f));
	int rc = -1;

	if (f == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	f->rejects = EG_REJECTS_INIT;
	f->extra[0] = (struct eg_metric){ "written", "records written", &f->written, false };
	f->metrics.extra = f->extra;
	if (eg_output_open(&f->out, STDOUT_FILENO, e) == 0 && eg_stop_install(e) == 0 &&
	    eg_rejects_open(&f->rejects, common->rejects, e) == 0 &&
	    eg_metrics_open(&f->metrics, common, e) == 0 &&
	    eg_lines_open(&f->in, STDIN_FILENO, RING, e) == 0) {
		rc = read_records(f, w, e);
		rc = end_run(f, rc, e);
		eg_lines_close(&f->in);
	}
	free(f);
	return rc;
}

int
eg_filter_status(int rc, const struct eg_error *e)
{
	if (rc == 0)
		return EG_OK;
	return *e->text == '\0' ? (int)e->status : eg_report(e);
}
