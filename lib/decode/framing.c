/* SPDX-License-Identifier: MIT */
/* Splits the bytes of a descriptor into messages of devices: JSON documents, telegrams, frames. */
#include "decode/framing.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/diag.h"
#include "decode/decode.h"
#include "decode/dlms_link.h"
#include "record/json_index.h"

/* NOISE_MAX is longer than any frame of a meter. */
enum { READ_MAX = 128 * 1024, NOISE_MAX = 4096, STX = 2, ETX = 3 };

/* Size of the buffer: a document, and the bytes read after it. */
#define SIZE (EG_DECODE_MAX + 2 * (size_t)READ_MAX)

static const char too_long[] = "longer than 1 MiB";
static const char cut_short[] = "the input ends within it";

int
eg_framing_open(struct eg_framing *d, struct eg_error *e)
{
	if (eg_descriptors_readable(d->fd, "standard input", e) != 0)
		return -1;
	d->buf = malloc(SIZE);
	d->lineno = 1;
	return d->buf != NULL ? 0 : eg_fail(e, EG_BUG, "out of memory");
}

void
eg_framing_close(struct eg_framing *d)
{
	free(d->buf);
	d->buf = NULL;
}

int
eg_framing_fill(struct eg_framing *d, struct eg_error *e)
{
	ssize_t n;

	if (d->start > 0) {
		memmove(d->buf, d->buf + d->start, d->end - d->start);
		d->end -= d->start;
		d->scan -= d->start;
		d->start = 0;
	}
	do {
		n = read(d->fd, d->buf + d->end, READ_MAX);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot read standard input: %s", strerror(errno));
	d->eof = n == 0;
	d->end += (size_t)n;
	return 0;
}

/* Releases everything before at. */
static void
go_on(struct eg_framing *d, size_t at)
{
	for (const char *p = d->buf + d->start, *end = d->buf + at;
	    (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		d->lineno++;
	d->start = d->scan = at;
	d->brackets = (struct eg_brackets){ .depth = 0 };
}

/* Returns the bytes up to end as a document, and continues at next. */
static bool
give(struct eg_framing *d, struct eg_frame *out, size_t end, size_t next, const char *reason)
{
	*out = (struct eg_frame){ .text = d->buf + d->start, .len = end - d->start,
		.body = d->buf + d->start, .body_len = end - d->start, .lineno = d->lineno,
		.reason = reason };
	while (out->len > 0 && (out->text[out->len - 1] == '\r' || out->text[out->len - 1] == '\n'))
		out->len--;
	go_on(d, next);
	return true;
}

/* Handles an incomplete document. Returns false while more bytes may complete it. */
static bool
give_part(struct eg_framing *d, struct eg_frame *out)
{
	if (d->end - d->start > EG_DECODE_MAX) {
		d->skipping = true;
		return give(d, out, d->start + EG_DECODE_MAX, d->start + EG_DECODE_MAX, too_long);
	}
	d->scan = d->end;
	return d->eof && d->end > d->start && give(d, out, d->end, d->end, cut_short);
}

/* Skips the rest of a line. Returns true when its end was found. */
static bool
skip_line(struct eg_framing *d)
{
	const char *nl = memchr(d->buf + d->start, '\n', d->end - d->start);

	go_on(d, nl != NULL ? (size_t)(nl - d->buf) + 1 : d->end);
	d->skipping = nl == NULL && !d->eof;
	return !d->skipping;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Takes the rest of the line as a JSON document, if it is one: then its last bracket is where its
 * brackets say. A line that is none is not tried again at each document in it. */
static bool
take_line(struct eg_framing *d, struct eg_frame *out)
{
	const char *from = d->buf + d->start, *end;

	if (d->json == NULL || d->scan > d->start || d->odd == d->lineno ||
	    (end = memchr(from, '\n', d->end - d->start)) == NULL || end - from > (ptrdiff_t)EG_DECODE_MAX)
		return false;
	while (is_blank(end[-1]))
		end--;
	if (!eg_json_index_scan(d->json, from, (size_t)(end - from))) {
		d->odd = d->lineno;
		return false;
	}
	(void)give(d, out, (size_t)(end - d->buf), (size_t)(end - d->buf), NULL);
	return out->read = true;
}

/* Searches for the end of the current JSON document, by its brackets. */
static bool
next_json(struct eg_framing *d, struct eg_frame *out)
{
	enum eg_brackets_end found;

	if (take_line(d, out))
		return true;
	found = eg_brackets_find(&d->brackets, d->buf, d->end, &d->scan);
	if (found == EG_BRACKETS_LINE)
		return give(d, out, d->scan, d->scan + 1,
		    "the JSON is cut short: it does not end on its line");
	if (found == EG_BRACKETS_LAST)
		return give(d, out, d->scan + 1, d->scan + 1, NULL);
	return give_part(d, out);
}

static bool
next_line(struct eg_framing *d, struct eg_frame *out)
{
	const char *nl = memchr(d->buf + d->scan, '\n', d->end - d->scan);
	size_t end = nl != NULL ? (size_t)(nl - d->buf) : d->end;

	/* A last line without a newline is complete only if it ends with a bracket. */
	bool closed = d->eof && d->kind == EG_FRAMING_JSON && end > d->start &&
	    (d->buf[end - 1] == '}' || d->buf[end - 1] == ']');

	if ((nl == NULL && !closed) || end - d->start > EG_DECODE_MAX)
		return give_part(d, out);
	give(d, out, end, nl != NULL ? end + 1 : end, NULL);
	out->body_len = out->len;
	return true;
}

/* Splits a line into topic and body. If a blank and JSON follow, the topic ends there, so it may
 * contain blanks. Otherwise the last word of the line is the body. A topic before other text is
 * one word. */
static bool
next_topic(struct eg_framing *d, struct eg_frame *out)
{
	const char *at, *end;

	if (!next_line(d, out))
		return false;
	if (out->reason != NULL)
		return true;
	end = out->text + out->len;
	for (at = out->text; at < end; at++)
		if (*at == ' ' && (d->kind != EG_FRAMING_JSON ||
		    (at + 1 < end && (at[1] == '{' || at[1] == '['))))
			break;
	if (at == end)
		at = memrchr(out->text, ' ', out->len);
	if (at == NULL || at == out->text) {
		out->reason = "not a topic, a blank and a message";
		return true;
	}
	out->topic = out->text;
	out->topic_len = (size_t)(at - out->text);
	out->body = at + 1;
	out->body_len = (size_t)(end - at - 1);
	return true;
}

/* The start of a telegram, `/XYZ5`, between at and end, perhaps inside a line; NULL: none. */
static const char *
find_ident(const char *at, const char *end)
{
	for (; end - at >= 5 && (at = memchr(at, '/', (size_t)(end - at) - 4)) != NULL; at++)
		if (isalpha((unsigned char)at[1]) && isalpha((unsigned char)at[2]) &&
		    isalpha((unsigned char)at[3]) && isdigit((unsigned char)at[4]))
			return at;
	return NULL;
}

/* Reads lines up to one with '!'. Text before the first '/' is the rest of an earlier telegram. */
static bool
next_telegram(struct eg_framing *d, struct eg_frame *out)
{
	bool begun = d->buf[d->start] == '/';
	const char *nl;

	while ((nl = memchr(d->buf + d->scan, '\n', d->end - d->scan)) != NULL) {
		size_t at = d->scan, next = (size_t)(nl - d->buf) + 1;
		const char *other = find_ident(d->buf + at + (at == d->start), nl);

		if (next - d->start > EG_DECODE_MAX)
			break;
		if (other != NULL)
			return give(d, out, (size_t)(other - d->buf), (size_t)(other - d->buf), begun
			    ? "the telegram is cut short: another one begins"
			    : "not within a telegram");
		d->scan = next;
		if (d->buf[at] == '!')
			return give(d, out, next, next, begun ? NULL : "not within a telegram");
	}
	/* At the end of the input the checksum shows whether the last telegram is complete. */
	if (d->eof && begun && d->scan < d->end && d->buf[d->scan] == '!')
		return give(d, out, d->end, d->end, NULL);
	if (d->end - d->start <= EG_DECODE_MAX && !d->eof)
		return false;
	return give_part(d, out);
}

/* Skips the bytes between documents. Returns false if more bytes are needed. */
static bool
find_start(struct eg_framing *d)
{
	while (d->start < d->end) {
		size_t at = d->start;

		while (at < d->end && is_blank(d->buf[at]))
			at++;
		if (at > d->start) {
			go_on(d, at);
		} else if (d->buf[at] == '#') {
			/* comments as in the file of --rejects */
			if (!skip_line(d))
				return false;
		} else if (d->kind == EG_FRAMING_TELEGRAM && d->buf[at] == ETX) {
			/* A readout ends with ETX and a check character, which may be any byte. */
			if (at + 1 == d->end && !d->eof)
				return false;
			go_on(d, at + 1 < d->end ? at + 2 : d->end);
		} else {
			return true;
		}
	}
	return false;
}

/* Moves to the next frame, at `at` (NULL: not found; its start may be in the last `keep` bytes).
 * The bytes before it may be the end of a frame that began before the input. If they are too
 * many, or no frame follows, they become a document with a reason, and *noise is true. */
static bool
go_to_frame(struct eg_framing *d, const char *at, size_t keep, struct eg_frame *out, bool *noise)
{
	size_t n = d->end - d->start;

	keep = at != NULL || d->eof ? 0 : n < keep ? n : keep;
	n = at != NULL ? (size_t)(at - d->buf) - d->start : n - keep;
	*noise = n > NOISE_MAX || (n > 0 && at == NULL && d->eof && !d->framed);
	if (*noise)
		(void)give(d, out, d->start + n, d->start + n, "no frame begins within it");
	else if (at != NULL || d->eof)
		go_on(d, d->start + n);
	return at != NULL && !*noise;
}

/* The same for frames that begin with a mark. */
static bool
find_mark(struct eg_framing *d, const char *mark, size_t len, struct eg_frame *out, bool *noise)
{
	const char *at = memmem(d->buf + d->start, d->end - d->start, mark, len);
	bool found = go_to_frame(d, at, len - 1, out, noise);

	d->framed = d->framed || at != NULL;
	return found;
}

/* Returns the frame of `whole` bytes at start; 0: it is incomplete. */
static bool
give_frame(struct eg_framing *d, struct eg_frame *out, size_t whole, size_t skip,
    const char *reason)
{
	size_t next = d->start + whole;

	if (whole == 0) {
		if (d->eof || d->end - d->start > EG_DECODE_MAX)
			return give(d, out, d->end, d->end, d->eof ? cut_short : too_long);
		return false;
	}
	(void)give(d, out, next, next, reason);
	out->body += skip;
	out->body_len -= skip;
	return true;
}

/* Linky's frames, from STX to ETX (Enedis-NOI-CPT_54E). */
static bool
next_tic(struct eg_framing *d, struct eg_frame *out)
{
	const char *etx, *other;
	size_t len;
	bool noise;

	if (!find_mark(d, "\2", 1, out, &noise))
		return noise;
	len = d->end - d->start;
	etx = memchr(d->buf + d->start, ETX, len);
	other = memchr(d->buf + d->start + 1, STX, len - 1);
	if (other != NULL && (etx == NULL || other < etx))
		return give_frame(d, out, (size_t)(other - d->buf) - d->start, 1,
		    "the frame is cut short: another one begins");
	return give_frame(d, out, etx != NULL ? (size_t)(etx - d->buf) + 1 - d->start : 0, 1, NULL);
}

/* SML's transport, version 1 (BSI TR-03109-1): four escape bytes before the beginning and the
 * end; four more stand for themselves. */
static bool
next_sml(struct eg_framing *d, struct eg_frame *out)
{
	static const char begin[] = "\x1b\x1b\x1b\x1b\1\1\1\1", escape[] = "\x1b\x1b\x1b\x1b";
	const char *p, *end;
	bool noise;

	if (!find_mark(d, begin, 8, out, &noise))
		return noise;
	end = d->buf + d->end;
	for (p = d->buf + d->start + 8; (p = memmem(p, (size_t)(end - p), escape, 4)) != NULL &&
	    end - p >= 8;
	    p += 8) {
		if (p[4] == 0x1a)
			return give_frame(d, out, (size_t)(p + 8 - d->buf) - d->start, 0, NULL);
		if (memcmp(p + 4, begin + 4, 4) == 0)
			return give_frame(d, out, (size_t)(p - d->buf) - d->start, 0,
			    "the frame is cut short: another one begins");
	}
	return give_frame(d, out, 0, 0, NULL);
}

/* Waits for the rest of a possible frame, after `before` bytes that are not part of one. */
static bool
give_part_of_dlms(struct eg_framing *d, struct eg_frame *out, size_t before)
{
	if (before > NOISE_MAX)
		return give(d, out, d->start + before, d->start + before, "no frame begins within it");
	return d->end - d->start > EG_DECODE_MAX && give(d, out, d->end, d->end, too_long);
}

/* Reads the frames of a DLMS message. The flag that ends an HDLC frame may begin the next one. */
static bool
next_dlms(struct eg_framing *d, struct eg_frame *out)
{
	const unsigned char *p = (const unsigned char *)d->buf + d->start,
	    *end = (const unsigned char *)d->buf + d->end, *at = eg_dlms_find(p, end);
	bool noise, broken = false;
	size_t n = at < end ? eg_dlms_extent(at, (size_t)(end - at), &broken) : 0;

	/* These bytes may become a frame, except a single flag at the end, which ends the frame
	 * before it. */
	if (n == 0 && at < end && !d->eof)
		return give_part_of_dlms(d, out, (size_t)(at - p));
	if (!go_to_frame(d, at < end && (n > 0 || end - at > 1 || *at != '~') ? (const char *)at : NULL,
	    0, out, &noise))
		return noise;
	d->framed = d->framed || n > 0;
	if (n == 0)
		return give_frame(d, out, 0, 0, NULL);
	if (broken)
		return give_frame(d, out, (size_t)(eg_dlms_find(at + 1, at + n) - at), 0,
		    "the frame is cut short, or its length is wrong");
	return give(d, out, d->start + n, d->start + n - (d->buf[d->start + n - 1] == '~'), NULL);
}

bool
eg_framing_next(struct eg_framing *d, struct eg_frame *out)
{
	if (d->kind == EG_FRAMING_DLMS)
		return next_dlms(d, out);
	if (d->kind == EG_FRAMING_TIC)
		return next_tic(d, out);
	if (d->kind == EG_FRAMING_SML)
		return next_sml(d, out);
	if (d->skipping && !skip_line(d))
		return false;
	/* The current bytes already begin with a document or a part of one. */
	if (d->scan == d->start && (d->kind == EG_FRAMING_ROWS ? d->start == d->end : !find_start(d)))
		return false;
	if (d->kind == EG_FRAMING_TELEGRAM)
		return next_telegram(d, out);
	if (d->topics)
		return next_topic(d, out);
	return d->kind == EG_FRAMING_JSON && (d->buf[d->start] == '{' || d->buf[d->start] == '[')
	    ? next_json(d, out)
	    : next_line(d, out);
}
