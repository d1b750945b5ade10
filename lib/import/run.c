/* SPDX-License-Identifier: MIT */
/* The work of eg-import: converts files, and writes records to standard output. */
#include "import/run.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/metrics.h"
#include "base/options.h"
#include "base/output.h"
#include "base/rejects.h"
#include "base/stop.h"
#include "base/wait.h"
#include "import/sorter.h"

/* Checks that all files can be read, before anything is written. */
static int
check_files(const struct eg_import_job *p, struct eg_error *e)
{
	struct stat st;

	for (size_t i = 0; i < p->files; i++) {
		const char *name = p->file[i];

		if (strcmp(name, "-") == 0)
			continue;
		if (access(name, R_OK) != 0)
			return eg_fail(e, EG_LOCAL_IO, "cannot open '%s': %s", name, strerror(errno));
		if (stat(name, &st) == 0 && S_ISDIR(st.st_mode))
			return eg_fail(e, EG_LOCAL_IO, "cannot read '%s': %s", name, strerror(EISDIR));
	}
	return 0;
}

struct run {
	struct eg_output out;
	struct eg_sorter *order; /* NULL: records keep the order of the rows */
	uint64_t written;        /* lines that write_out counted */
	bool ended;              /* the sorter has given back all lines, without repetitions */
	struct eg_rejects rejects;
	struct eg_metrics metrics;
};

static uint64_t
count_lines(const char *lines, size_t len)
{
	const char *end = lines + len;
	uint64_t n = 0;

	for (; (lines = memchr(lines, '\n', (size_t)(end - lines))) != NULL; lines++)
		n++;
	return n;
}

/* Lines are counted if the importer does not know how many were written: those of the sorter, and
 * a part of what it gave. */
static int
write_out(struct run *r, const char *lines, size_t len, struct eg_error *e)
{
	size_t left = len;
	int rc = eg_output_write_left(&r->out, lines, &left, e);

	if (rc != 0 || r->order != NULL)
		r->written += count_lines(lines, len - left);
	return rc;
}

static int
write_sorted(void *ctx, const char *lines, size_t len, struct eg_error *e)
{
	struct run *r = ctx;

	if (write_out(r, lines, len, e) != 0)
		return -1;
	r->metrics.out = r->written;
	eg_metrics_tick(&r->metrics, eg_mono_ms());
	return 0;
}

static int
take_records(void *ctx, const char *lines, size_t len, struct eg_error *e)
{
	struct run *r = ctx;

	return r->order != NULL ? eg_sorter_put(r->order, lines, len, e) : write_out(r, lines, len, e);
}

static bool
report_counts(void *ctx, const struct eg_import_counts *n)
{
	struct run *r = ctx;

	r->metrics.in = n->records + n->refused;
	/* What only sort(1) has is pending. Repetitions that it removed count as written. */
	r->metrics.out = r->ended ? n->records : r->written + (r->order == NULL ? n->written : 0);
	r->metrics.refused = n->refused;
	eg_metrics_tick(&r->metrics, eg_mono_ms());
	return eg_stop_asked() > 0;
}

/* Waits for input, for standard output to be closed, and for the time of the next line of
 * --progress. */
static int
wait_input(void *ctx, int fd, const struct eg_import_counts *n, struct eg_error *e)
{
	struct run *r = ctx;
	struct pollfd p[3] = { { .fd = fd, .events = POLLIN }, eg_stop_pollfd(), { .fd = r->out.fd } };

	(void)report_counts(r, n);
	(void)eg_wait_fds(p, 3, r->metrics.next);
	eg_stop_polled(&p[1]);
	if (eg_output_hung_up(&r->out, p[2].revents))
		return eg_fail(e, EG_LOCAL_IO, "standard output is closed");
	(void)report_counts(r, n);
	return 0;
}

static int
read_file(struct eg_import *m, const char *name, struct eg_error *e)
{
	int fd = strcmp(name, "-") == 0 ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot open '%s': %s", name, strerror(errno));
	rc = eg_import_file(m, fd, name, e);
	if (fd != STDIN_FILENO)
		close(fd);
	return rc;
}

static int
read_files(struct run *r, const struct eg_import_job *p, struct eg_import *m, struct eg_error *e)
{
	int rc = p->files == 0 ? read_file(m, "-", e) : 0;

	for (size_t i = 0; i < p->files && rc == 0 && eg_stop_asked() == 0; i++)
		rc = read_file(m, p->file[i], e);
	if (rc != 0 || eg_import_end(m, e) != 0)
		return -1;
	if (eg_stop_asked() > 0)
		return eg_fail(e, EG_TEMPORARY, "ended by a signal; not all rows were read");
	if (r->order != NULL && eg_sorter_end(r->order, write_sorted, r, e) != 0)
		return -1;
	r->ended = true;
	return eg_output_close(&r->out, e);
}

int
eg_import_run(const struct eg_import_job *p, const struct eg_common *common,
    struct eg_import_counts *n, struct eg_error *e)
{
	struct run r = { .rejects = EG_REJECTS_INIT };
	struct eg_import_out out = { .ctx = &r, .write = take_records, .stop = report_counts,
	    .wait = wait_input };
	struct eg_import *m = NULL;
	int rc = -1;

	if (eg_output_open(&r.out, STDOUT_FILENO, e) == 0 && eg_stop_install(e) == 0 &&
	    check_files(p, e) == 0 && eg_rejects_open(&r.rejects, common->rejects, e) == 0 &&
	    eg_metrics_open(&r.metrics, common, e) == 0 &&
	    (!(p->sort || p->unique) || (r.order = eg_sorter_open(p->sort, p->unique, e)) != NULL)) {
		r.rejects.unit = "rows";
		r.rejects.by_kind = r.rejects.raw = true;
		m = eg_import_new(p->options, &r.rejects, &out, e);
		rc = m != NULL ? read_files(&r, p, m, e) : -1;
		if (m != NULL)
			*n = *eg_import_counts(m);
		report_counts(&r, n);
		eg_rejects_close(&r.rejects, e);
		eg_info("%llu rows: %llu records, %llu rows outside --from and --to, %llu refused",
		    (unsigned long long)n->rows, (unsigned long long)n->records,
		    (unsigned long long)n->outside, (unsigned long long)n->refused);
		eg_metrics_close(&r.metrics, 0);
	}
	eg_import_free(m);
	eg_sorter_free(r.order);
	/* If the reader has gone away, print no message. */
	if (rc != 0 && r.out.gone)
		*e = (struct eg_error){ .status = EG_LOCAL_IO };
	return rc;
}
