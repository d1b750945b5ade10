/* SPDX-License-Identifier: MIT */
/* What is refused for good: told on standard error, kept in the file of --rejects. */
#include "base/rejects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/diag.h"

enum { TOLD_MAX = 20 };

int
eg_rejects_open(struct eg_rejects *r, const char *path, struct eg_error *e)
{
	*r = (struct eg_rejects){ .path = path, .fd = -1 };
	if (path == NULL)
		return 0;
	r->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (r->fd < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot open '%s': %s", path, strerror(errno));
	return 0;
}

static const char *
unit_of(const struct eg_rejects *r)
{
	return r->unit != NULL ? r->unit : "lines";
}

/* `line 12`, or with a source `file.csv:12`; empty when there is no number. */
static void
place_of(const struct eg_rejects *r, uint64_t lineno, char *out, size_t size)
{
	*out = '\0';
	if (lineno != 0)
		snprintf(out, size, "%.200s%s%llu", r->source != NULL ? r->source : "line",
		    r->source != NULL ? ":" : " ", (unsigned long long)lineno);
}

static void
tell(const struct eg_rejects *r, uint64_t lineno, const char *line, size_t len,
    const char *reason)
{
	char q[EG_QUOTE_MAX], place[240];

	if (r->count > TOLD_MAX || r->silent)
		return;
	place_of(r, lineno, place, sizeof(place));
	eg_warn("%s%s%s: %s", place, *place != '\0' ? ": " : "", reason, eg_quote(line, len, q));
	if (r->count == TOLD_MAX)
		eg_warn("from here on refused %s are counted, not shown", unit_of(r));
}

int
eg_rejects_add(struct eg_rejects *r, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_error *e)
{
	char head[400], place[240];
	struct iovec io[3];
	size_t whole;
	ssize_t n;
	int k;

	r->count++;
	tell(r, lineno, line, len, reason);
	if (r->fd < 0)
		return 0;
	place_of(r, lineno, place, sizeof(place));
	k = snprintf(head, sizeof(head) - 1, "# %s: %s", *place != '\0' ? place : "line 0", reason);
	if (k > (int)sizeof(head) - 2)
		k = (int)sizeof(head) - 2;
	for (int i = 0; i < k; i++)
		if (head[i] == '\n' || head[i] == '\r')
			head[i] = ' ';
	head[k++] = '\n';
	io[0] = (struct iovec){ head, (size_t)k };
	io[1] = (struct iovec){ (void *)(uintptr_t)line, len };
	io[2] = (struct iovec){ (void *)(uintptr_t)"\n", 1 };
	whole = io[0].iov_len + io[1].iov_len + io[2].iov_len;
	n = writev(r->fd, io, 3);
	if (n != (ssize_t)whole)
		return eg_fail(e, EG_LOCAL_IO, "cannot keep a refused line in '%s': %s", r->path,
		    n < 0 ? strerror(errno) : "no room");
	return 0;
}

int
eg_rejects_close(struct eg_rejects *r, struct eg_error *e)
{
	int rc = 0;

	if (r->count > TOLD_MAX)
		eg_warn("%llu %s refused in all", (unsigned long long)r->count, unit_of(r));
	if (r->fd < 0)
		return 0;
	/* A pipe or /dev/stderr cannot be synced: that is no fault. */
	if (r->count > 0 && fsync(r->fd) != 0 && errno != EINVAL && errno != EROFS)
		rc = eg_fail(e, EG_LOCAL_IO, "cannot sync '%s': %s", r->path, strerror(errno));
	if (close(r->fd) != 0)
		rc = eg_fail(e, EG_LOCAL_IO, "cannot close '%s': %s", r->path, strerror(errno));
	r->fd = -1;
	return rc;
}
