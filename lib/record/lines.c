/* SPDX-License-Identifier: MIT */
/* Reads lines into a ring buffer of fixed size. A line stays valid until it is released. */
#include "record/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/ring.h"
#include "record/scan.h"

enum { READ_MAX = 128 * 1024, ROOM_MIN = 4 * EG_LINE_MAX };

int
eg_lines_open(struct eg_lines *l, int fd, size_t size, struct eg_error *e)
{
	*l = (struct eg_lines){ .fd = fd, .size = size };
	l->base = eg_ring_map(size, e);
	return l->base != NULL ? 0 : -1;
}

void
eg_lines_close(struct eg_lines *l)
{
	eg_ring_unmap(l->base, l->size);
	l->base = NULL;
}

bool
eg_lines_room(const struct eg_lines *l)
{
	return !l->eof && l->size - (size_t)(l->tail - l->head) >= ROOM_MIN;
}

int
eg_lines_fill(struct eg_lines *l, struct eg_error *e)
{
	size_t room;
	ssize_t n;

	/* The ring is empty: start at its beginning, which is still in the processor's cache. */
	if (l->head == l->tail)
		l->head = l->parsed = l->tail = 0;
	room = l->size - (size_t)(l->tail - l->head);
	do {
		n = read(l->fd, l->base + l->tail % l->size, room < READ_MAX ? room : READ_MAX);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot read standard input: %s", strerror(errno));
	if (n == 0)
		l->eof = true;
	l->tail += (uint64_t)n;
	return 0;
}

static void
drop_parsed(struct eg_lines *l, size_t n)
{
	/* Skipped bytes were never returned, so release them now unless an older line is held. */
	if (l->head == l->parsed)
		l->head += n;
	l->parsed += n;
}

/* Skips the rest of a line that is too long. Returns whether its end was found. */
static bool
skip_rest(struct eg_lines *l)
{
	const char *at = l->base + l->parsed % l->size;
	size_t len = (size_t)(l->tail - l->parsed);
	const char *nl = memchr(at, '\n', len);

	drop_parsed(l, nl != NULL ? (size_t)(nl - at) + 1 : len);
	l->skipping = nl == NULL && !l->eof;
	return !l->skipping;
}

bool
eg_lines_next(struct eg_lines *l, struct eg_line *out)
{
	const char *nl;
	size_t len;

	if (l->skipping && !skip_rest(l))
		return false;
	len = (size_t)(l->tail - l->parsed);
	if (len == 0)
		return false;
	out->text = l->base + l->parsed % l->size;
	nl = memchr(out->text, '\n', len < EG_LINE_MAX + 1 ? len : EG_LINE_MAX + 1);
	if (nl == NULL && len <= EG_LINE_MAX && !l->eof)
		return false;
	out->lineno = ++l->lineno;
	out->fault = EG_FAULT_NONE;
	if (nl != NULL) {
		out->len = (size_t)(nl - out->text);
		l->parsed += out->len + 1;
		return true;
	}
	out->fault = len > EG_LINE_MAX ? EG_FAULT_TOO_LONG : EG_FAULT_UNTERMINATED;
	out->len = len > EG_LINE_MAX ? EG_LINE_MAX : len;
	l->parsed += out->len;
	l->skipping = out->fault == EG_FAULT_TOO_LONG;
	return true;
}

size_t
eg_lines_next_records(struct eg_lines *l, struct eg_record *r, size_t n)
{
	const char *text = l->base + l->parsed % l->size, *p = text, *stop = l->base + l->size;
	const char *end = text + (l->tail - l->parsed);
	uint64_t lineno = l->lineno;
	size_t i, len;

	if (l->skipping)
		return 0;
	/* A line begins in the first half of the mapping. */
	for (i = 0; i < n && p < stop && (len = scan_record(p, end, &l->day, &r[i])) > 0; i++) {
		r[i].lineno = ++lineno;
		p += len;
	}
	l->parsed += (uint64_t)(p - text);
	l->lineno = lineno;
	return i;
}

void
eg_lines_release(struct eg_lines *l, const char *text)
{
	if (text == NULL)
		l->head = l->parsed;
	else
		l->head += ((uint64_t)(text - l->base) - l->head) & (l->size - 1);
}
