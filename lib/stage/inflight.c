/* SPDX-License-Identifier: MIT */
/* The chunks that were sent to a child and have unsettled lines, in order. Keeps how many of their
 * bytes are written, and how many have a receipt. */
#include "stage/inflight.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE_PARTS = 64 };

void
eg_inflight_push(struct eg_inflight *w, struct eg_chunk *u)
{
	u->next = NULL;
	u->matched = 0;
	if (w->last != NULL)
		w->last->next = u;
	else
		w->first = u;
	w->last = u;
	if (w->next == NULL) {
		w->next = u;
		w->head = w->offset = 0;
	}
}

static int
add_part(struct iovec *io, int k, const char *text, size_t len, size_t *whole)
{
	if (len == 0)
		return k;
	io[k].iov_base = (void *)(uintptr_t)text;
	io[k].iov_len = len;
	*whole += len;
	return k + 1;
}

/* Fills io with the parts to write next; returns their number. */
static int
gather_lines(const struct eg_inflight *w, const struct eg_chunk *stop, struct iovec *io,
    size_t *whole)
{
	size_t head = w->head, offset = w->offset;
	int k = 0;

	*whole = 0;
	for (const struct eg_chunk *u = w->next; u != NULL && k + 1 < WRITE_PARTS; u = u->next) {
		k = add_part(io, k, u->head + head, u->head_len - head, whole);
		k = add_part(io, k, u->text + offset, u->len - offset, whole);
		head = offset = 0;
		if (u == stop)
			break;
	}
	return k;
}

static size_t
min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void
wrote(struct eg_inflight *w, size_t bytes)
{
	while (w->next != NULL) {
		size_t head = min_size(bytes, w->next->head_len - w->head);
		size_t text = min_size(bytes - head, w->next->len - w->offset);

		w->head += head;
		w->offset += text;
		w->given += text;
		bytes -= head + text;
		if (w->offset < w->next->len)
			break;
		w->next = w->next->next;
		w->head = w->offset = 0;
	}
}

ssize_t
eg_inflight_write(struct eg_inflight *w, int fd, const struct eg_chunk *stop)
{
	const struct eg_chunk *end = stop != NULL ? stop->next : NULL;
	struct iovec io[WRITE_PARTS];
	ssize_t sum = 0;

	while (w->next != end && !w->full) {
		size_t whole;
		int k = gather_lines(w, stop, io, &whole);
		ssize_t n = writev(fd, io, k);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return -1;
		w->full = n < (ssize_t)whole;
		if (n > 0) {
			wrote(w, (size_t)n);
			sum += n;
		}
	}
	return sum;
}

/* Counts the next n bytes as settled (safe or refused). */
static void
settle_bytes(struct eg_inflight *w, size_t n)
{
	struct eg_chunk *u = w->first;

	u->matched += n;
	w->given -= n;
	if (u->matched < u->len)
		return;
	w->first = u->next;
	if (w->first == NULL)
		w->last = NULL;
	w->calls->settled(w->ctx, u);
}

static size_t
line_len(const char *text, size_t len)
{
	const char *nl = memchr(text, '\n', len);

	return nl != NULL ? (size_t)(nl - text) + 1 : len;
}

/* The bytes of whole lines of the first chunk that are written and not settled; at most max. */
static size_t
stretch(const struct eg_inflight *w, size_t max)
{
	const struct eg_chunk *u = w->first;
	size_t n = u != NULL ? u->len - u->matched : 0;

	if (n > w->given) {
		/* The write position is within this chunk, perhaps in the middle of a line. */
		const char *from = u->text + u->matched;
		const char *nl = memrchr(from, '\n', w->given);

		n = nl != NULL ? (size_t)(nl - from) + 1 : 0;
	}
	return n < max ? n : max;
}

/* Searches all written, unsettled lines for this one. Sets *where and *at to its place. */
static bool
find_line(const struct eg_inflight *w, const char *line, size_t len, const struct eg_chunk **where,
    size_t *at)
{
	size_t rest = w->given;

	for (const struct eg_chunk *u = w->first; u != NULL && rest > 0; u = u->next) {
		size_t end = u->len - u->matched < rest ? u->len : u->matched + rest;

		rest -= end - u->matched;
		for (size_t i = u->matched; i < end;) {
			size_t n = line_len(u->text + i, end - i);

			if (n == len && memcmp(u->text + i, line, len) == 0) {
				*where = u;
				*at = i;
				return true;
			}
			i += n;
		}
	}
	return false;
}

static void
refuse_one(struct eg_inflight *w)
{
	struct eg_chunk *u = w->first;
	const char *line = u->text + u->matched;
	size_t len = line_len(line, u->len - u->matched);

	w->calls->refused(w->ctx, u, line, line[len - 1] == '\n' ? len - 1 : len);
	settle_bytes(w, len);
}

/* Handles receipts that differ from the lines that were written, line by line. Lines before a
 * receipt that have none are refused. Stops after the first such receipt, or before one for a line
 * that was never written. */
static size_t
match_lines(struct eg_inflight *w, const char *echo, size_t len)
{
	const struct eg_chunk *u;
	size_t done = 0, at;

	while (done < len) {
		size_t n = line_len(echo + done, len - done);
		bool same = stretch(w, n) == n &&
		    memcmp(echo + done, w->first->text + w->first->matched, n) == 0;

		if (!same) {
			if (!find_line(w, echo + done, n, &u, &at))
				break;
			while (w->first != u || w->first->matched != at)
				refuse_one(w);
		}
		settle_bytes(w, n);
		done += n;
		if (!same)
			break;
	}
	return done;
}

/* Returns the bytes matched: fewer than len if the next line is not one that was written. */
static size_t
match_receipt(struct eg_inflight *w, const char *echo, size_t len)
{
	size_t done = 0;

	while (done < len) {
		size_t n = stretch(w, len - done);

		if (n > 0 && memcmp(echo + done, w->first->text + w->first->matched, n) == 0) {
			settle_bytes(w, n);
			done += n;
			continue;
		}
		n = match_lines(w, echo + done, len - done);
		if (n == 0)
			break;
		done += n;
	}
	return done;
}

enum eg_echo
eg_inflight_read(struct eg_inflight *w, int fd, size_t *bytes, const char **bad, size_t *len)
{
	ssize_t n = read(fd, w->echo + w->carried, sizeof(w->echo) - w->carried);
	size_t have = w->carried + (n > 0 ? (size_t)n : 0), whole, done;
	const char *nl;

	if (n < 0 && errno == EINTR)
		return EG_ECHO_MORE;
	if (n < 0 && errno == EAGAIN)
		return EG_ECHO_NOTHING;
	if (n <= 0)
		return EG_ECHO_END;
	nl = memrchr(w->echo, '\n', have);
	whole = nl != NULL ? (size_t)(nl - w->echo) + 1 : 0;
	done = match_receipt(w, w->echo, whole);
	*bytes += done;
	*bad = w->echo + done;
	w->carried = have - whole;
	if (done < whole || w->carried > EG_LINE_MAX) {
		*len = line_len(*bad, have - done);
		return EG_ECHO_WRONG;
	}
	memmove(w->echo, w->echo + whole, w->carried);
	return EG_ECHO_MORE;
}

void
eg_inflight_refuse(struct eg_inflight *w)
{
	while (stretch(w, SIZE_MAX) > 0)
		refuse_one(w);
}

void
eg_inflight_rewind(struct eg_inflight *w)
{
	w->next = w->first;
	w->head = 0;
	w->offset = w->first != NULL ? w->first->matched : 0;
	w->given = 0;
	w->full = false;
	w->carried = 0;
}

void
eg_inflight_drop(struct eg_inflight *w)
{
	struct eg_chunk *u = w->first;

	/* Empty before the first call, since the callback may send chunks again. */
	w->first = w->last = NULL;
	eg_inflight_rewind(w);
	while (u != NULL) {
		struct eg_chunk *following = u->next;

		w->calls->dropped(w->ctx, u);
		u = following;
	}
}
