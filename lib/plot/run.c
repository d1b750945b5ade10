/* SPDX-License-Identifier: MIT */
#include "plot/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/metrics.h"
#include "base/options.h"
#include "base/rejects.h"
#include "base/stop.h"
#include "base/utf8.h"
#include "base/wait.h"
#include "plot/build.h"
#include "plot/gnuplot.h"
#include "plot/read.h"
#include "plot/text.h"

/* Writes all of data to fd; name is used in messages. Lines of text may be longer than PIPE_BUF,
 * and a PNG has no lines. Blocks, but ends after a signal: a pipe that poll(2) reports as
 * writable accepts PIPE_BUF bytes at once. */
static int
write_all(int fd, const char *name, const char *text, size_t len, struct eg_error *e)
{
	while (len > 0) {
		struct pollfd p[2] = { { .fd = fd, .events = POLLOUT }, eg_stop_pollfd() };
		ssize_t n;

		(void)eg_wait_fds(p, 2, INT64_MAX);
		eg_stop_polled(&p[1]);
		if (eg_stop_asked() > 0 && p[0].revents == 0)
			return eg_fail(e, EG_TEMPORARY,
			    "ended by a signal; not all of the picture was written");
		if (p[0].revents == 0)
			continue;
		n = write(fd, text, len < PIPE_BUF ? len : PIPE_BUF);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0 && errno == EPIPE) { /* if the reader is gone, no message is needed */
			*e = (struct eg_error){ .status = EG_LOCAL_IO };
			return -1;
		}
		if (n < 0)
			return eg_fail(e, EG_LOCAL_IO, "cannot write to %s: %s", name, strerror(errno));
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Checks that the picture can be written, before records are read. */
static int
check_output(const char *path, struct eg_error *e)
{
	if (!eg_file_is_stream(path))
		return eg_file_check(path, e);
	return access(path, W_OK) == 0
	    ? 0 : eg_fail(e, EG_LOCAL_IO, "cannot write '%s': %s", path, strerror(errno));
}

/* Replaces a regular file as a whole; writes to a FIFO or a device. */
static int
put_file(const char *path, const char *text, size_t len, struct eg_error *e)
{
	int fd, rc;

	if (!eg_file_is_stream(path))
		return eg_file_replace_unsynced(path, text, len, e);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot write '%s': %s", path, strerror(errno));
	rc = write_all(fd, path, text, len, e);
	close(fd);
	return rc;
}

static int
put_picture(const struct eg_plot_options *o, const char *script, size_t len, struct eg_error *e)
{
	size_t suffix = strlen(o->output), size;
	char *picture;
	int rc;

	if (suffix > 3 && strcmp(o->output + suffix - 3, ".gp") == 0)
		return put_file(o->output, script, len, e);
	if (eg_gnuplot_run(script, len, &picture, &size, e) != 0)
		return -1;
	rc = put_file(o->output, picture, size, e);
	free(picture);
	return rc;
}

static int
write_text(const char *text, size_t len, struct eg_error *e)
{
	if (eg_descriptors_writable(STDOUT_FILENO, "standard output", e) != 0 ||
	    write_all(STDOUT_FILENO, "standard output", text, len, e) != 0)
		return -1;
	if (close(STDOUT_FILENO) != 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot write to standard output: %s", strerror(errno));
	return 0;
}

/* Replaces by '?' what a terminal would not show as it is, in names, titles and units; lines stay.
 * Returns the new length. */
static size_t
clean(char *text, size_t len)
{
	const char *in = text, *end = text + len;
	char *out = text;

	while (in < end) {
		size_t n = eg_utf8_len(in, end), step = n > 0 ? n : 1;

		if (*in == '\n' || eg_utf8_is_printable(in, step)) {
			memmove(out, in, step);
			out += step;
		} else {
			*out++ = '?';
		}
		in += step;
	}
	return (size_t)(out - text);
}

/* Makes the complete text or script before any of it is written. */
static int
draw(const struct eg_plot_options *o, const struct eg_figure *f, struct eg_error *e)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int rc = 0;

	if (out == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	if (o->output != NULL)
		eg_gnuplot_script(out, f, o);
	else
		rc = eg_text_draw(out, f, o->width, o->height, e);
	if (fclose(out) != 0 && rc == 0)
		rc = eg_fail(e, EG_BUG, "out of memory");
	if (rc == 0)
		len = clean(text, len);
	if (rc == 0)
		rc = o->output != NULL ? put_picture(o, text, len, e) : write_text(text, len, e);
	free(text);
	return rc;
}

int
eg_plot_run(const struct eg_plot_options *o, const char *const file[], size_t files,
    const struct eg_common *common, uint64_t *refused, struct eg_error *e)
{
	struct eg_rejects r = { .fd = -1 };
	struct eg_metrics m = { 0 };
	struct eg_figure f = { 0 };
	struct eg_collection c;
	int rc = -1;

	if (eg_collection_open(&c, o, e) == 0 && eg_stop_install(e) == 0 &&
	    (o->output == NULL || check_output(o->output, e) == 0) &&
	    eg_rejects_open(&r, common->rejects, e) == 0 && eg_metrics_open(&m, common, e) == 0) {
		rc = eg_plot_read(file, files, &r, &m, eg_collect, &c, e);
		eg_collection_end(&c);
		if (eg_rejects_close(&r, e) != 0)
			rc = -1;
		eg_metrics_close(&m, common->verbose);
	}
	*refused = r.count;
	if (rc == 0)
		rc = eg_figure_build(&c, &f, e) == 0 && draw(o, &f, e) == 0 ? 0 : -1;
	eg_figure_free(&f);
	eg_collection_free(&c);
	return rc;
}
