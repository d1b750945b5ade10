/* SPDX-License-Identifier: MIT */
#include "base/rejects.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/reject_kinds.h"
#include "base/stop.h"
#include "base/wait.h"

enum { SHOWN_MAX = 20, HEAD_MAX = 400, GROUP = 64 * 1024, RETRY_MS = 100, RETRY_MAX_MS = 1000 };

int
eg_rejects_open(struct eg_rejects *r, const char *path, struct eg_error *e)
{
	struct stat st;

	*r = (struct eg_rejects){ .path = path, .fd = -1,
		.trouble.retry = { .base_ms = RETRY_MS, .max_ms = RETRY_MAX_MS } };
	if (path == NULL)
		return 0;
	if (eg_file_is_database(path))
		return eg_fail(e, EG_USAGE, "--rejects: '%s' is a database", path);
	r->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (r->fd < 0 || fstat(r->fd, &st) != 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot open '%s': %s", path, strerror(errno));
	r->file = S_ISREG(st.st_mode);
	/* We opened the file, so no other process shares its flags. */
	if (!r->file)
		(void)fcntl(r->fd, F_SETFL, O_WRONLY | O_APPEND | O_NONBLOCK);
	return 0;
}

static const char *
kept_name(const struct eg_rejects *r)
{
	return r->unit != NULL ? r->unit : "lines";
}

/* Writes `line 12`, or with a source `file.csv:12`; empty if there is no number. */
static void
place_of(const struct eg_rejects *r, uint64_t lineno, char *out, size_t size)
{
	*out = '\0';
	if (lineno != 0)
		(void)snprintf(out, size, "%.200s%s%llu", r->source != NULL ? r->source : "line",
		    r->source != NULL ? ":" : " ", (unsigned long long)lineno);
}

static void
show(const char *place, const char *line, size_t len, const char *reason)
{
	char q[EG_QUOTE_MAX];

	eg_warn("%s%s%s: %s", place, *place != '\0' ? ": " : "", reason, eg_quote(line, len, q));
}

static int
count_kind(struct eg_rejects *r, const char *place, const char *line, size_t len,
    const char *reason, struct eg_error *e)
{
	r->count++;
	if (r->reasons != NULL)
		(void)eg_reject_kinds_add(r->reasons, "", reason);
	if (r->silent || (!r->by_kind && r->count > SHOWN_MAX))
		return 0;
	if (r->by_kind) {
		if (r->kinds == NULL && (r->kinds = calloc(1, sizeof(*r->kinds))) == NULL)
			return eg_fail(e, EG_BUG, "out of memory");
		if (eg_reject_kinds_add(r->kinds, place, reason)->count == 1)
			show(place, line, len, reason);
		return 0;
	}
	show(place, line, len, reason);
	if (r->count == SHOWN_MAX)
		eg_warn("from here on refused %s are counted, not shown", kept_name(r));
	return 0;
}

/* Reports the number of refusals: in total, and of each kind with more than one. */
static void
show_counts(const struct eg_rejects *r)
{
	for (size_t i = 0; r->kinds != NULL && i < r->kinds->n; i++) {
		const struct eg_reject_kind *k = &r->kinds->at[i];

		if (k->count > 1)
			eg_warn("%llu %s refused: %s (first: %s)", (unsigned long long)k->count, kept_name(r),
			    k->reason, k->place);
	}
	if (!r->by_kind && r->count > SHOWN_MAX)
		eg_warn("%llu %s refused in all", (unsigned long long)r->count, kept_name(r));
}

int
eg_rejects_add(struct eg_rejects *r, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_error *e)
{
	char *head, *text, place[240];
	int n;

	place_of(r, lineno, place, sizeof(place));
	if (count_kind(r, place, line, len, reason, e) != 0)
		return -1;
	if (r->fd < 0)
		return 0;
	if (!eg_buf_grow(&r->text, &r->room, r->len + HEAD_MAX + len + 2, 1))
		return eg_fail(e, EG_BUG, "out of memory");
	head = r->text + r->len;
	n = snprintf(head, HEAD_MAX, "# %s%s%s", place, *place != '\0' ? ": " : "", reason);
	n = n < HEAD_MAX ? n : HEAD_MAX - 1;
	r->len += eg_text_clean(head, (size_t)n, ' ');
	r->text[r->len++] = '\n';
	text = memcpy(r->text + r->len, line, len);
	for (char *end = text + len; !r->raw && (text = memchr(text, '\n', (size_t)(end - text))) != NULL;)
		*text = '\r';
	r->len += len;
	r->text[r->len++] = '\n';
	return r->len >= GROUP && eg_rejects_flush(r, e) < 0 ? -1 : 0;
}

bool
eg_rejects_room(const struct eg_rejects *r)
{
	return r->len < GROUP;
}

/* The number of bytes to write next. A FIFO gets only whole lines that fit in PIPE_BUF, since it
 * takes such a write completely or not at all. */
static size_t
piece(const struct eg_rejects *r, size_t at)
{
	size_t n = r->len - at;

	if (r->file || n <= PIPE_BUF)
		return n;
	for (n = PIPE_BUF; n > 0 && r->text[at + n - 1] != '\n';)
		n--;
	return n > 0 ? n : PIPE_BUF;
}

/* Whether the error ends when space is freed. */
static bool
is_no_room(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EAGAIN || error == EWOULDBLOCK;
}

static int
report_trouble(struct eg_rejects *r, int error)
{
	char text[320];

	(void)snprintf(text, sizeof(text), "cannot keep refused lines in '%s': %s", r->path,
	    error == EAGAIN ? "nobody reads it" : strerror(error));
	eg_backoff_log_failed(&r->trouble, error, eg_mono_ms(), 0, text);
	return 1;
}

static void
is_well(struct eg_rejects *r)
{
	char text[320];

	(void)snprintf(text, sizeof(text), "refused lines are kept in '%s' again", r->path);
	eg_backoff_log_over(&r->trouble, eg_mono_ms(), text);
}

/* Writes as much as the file accepts, and returns the number of bytes. Sets errno to 0 if
 * everything was written. */
static size_t
write_kept(struct eg_rejects *r)
{
	size_t at = 0;

	while (at < r->len) {
		ssize_t n = write(r->fd, r->text + at, piece(r, at));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n < 0 ? errno : ENOSPC;
			return at;
		}
		r->written = true;
		at += (size_t)n;
	}
	errno = 0;
	return at;
}

int
eg_rejects_flush(struct eg_rejects *r, struct eg_error *e)
{
	size_t done;
	int why;

	if (r->len == 0)
		return 0;
	if (r->trouble.retry.failures > 0 && eg_mono_ms() < r->trouble.retry.due)
		return 1;
	done = write_kept(r);
	why = errno;
	r->len -= done;
	memmove(r->text, r->text + done, r->len);
	if (why == 0) {
		is_well(r);
		return 0;
	}
	if (is_no_room(why))
		return report_trouble(r, why);
	return eg_fail(e, EG_LOCAL_IO, "cannot keep a refused line in '%s': %s", r->path,
	    strerror(why));
}

int
eg_rejects_sync(struct eg_rejects *r, struct eg_error *e)
{
	int rc = eg_rejects_flush(r, e);

	if (rc != 0 || !r->written || !r->file)
		return rc;
	if (eg_file_sync(r->fd) != 0 && errno != EINVAL && errno != EROFS)
		return eg_fail(e, EG_LOCAL_IO, "cannot sync '%s': %s", r->path, strerror(errno));
	if (!r->folder && eg_folder_sync(r->path, e) != 0)
		return -1;
	r->folder = true;
	r->written = false;
	return 0;
}

int
eg_rejects_wait(struct eg_rejects *r, struct eg_error *e)
{
	int rc;

	while ((rc = eg_rejects_sync(r, e)) == 1) {
		if (eg_stop_asked() > 0)
			return eg_fail(e, EG_LOCAL_IO, "ended by a signal; refused %s were not kept in '%s'",
			    kept_name(r), r->path);
		eg_wait_ms(r->trouble.retry.due - eg_mono_ms());
	}
	return rc;
}

int64_t
eg_rejects_away(const struct eg_rejects *r)
{
	return r->trouble.retry.since;
}

int
eg_rejects_close(struct eg_rejects *r, struct eg_error *e)
{
	int rc;

	show_counts(r);
	free(r->kinds);
	r->kinds = NULL;
	if (r->fd < 0)
		return 0;
	r->trouble.retry.due = 0;
	rc = eg_rejects_sync(r, e);
	if (rc == 1)
		rc = eg_fail(e, EG_LOCAL_IO, "refused %s were not kept in '%s'", kept_name(r),
		    r->path);
	if (close(r->fd) != 0)
		rc = eg_fail(e, EG_LOCAL_IO, "cannot close '%s': %s", r->path, strerror(errno));
	free(r->text);
	*r = (struct eg_rejects){ .path = r->path, .fd = -1, .count = r->count };
	return rc;
}
