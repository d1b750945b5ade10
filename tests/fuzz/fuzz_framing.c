/* SPDX-License-Identifier: MIT */
/* Fuzzes the splitting of input into documents: it comes to an end, each byte is given
 * out once at most, and neither the pieces that it is read in nor a reader of JSON make a
 * difference.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/framing */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "decode/framing.h"
#include "record/json_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZE_MOST = 4096, KINDS = EG_FRAMING_SML + 1 };

struct seen {
	size_t documents, bytes, broken;
	uint64_t sum;
};

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
note(struct seen *s, const struct eg_frame *d)
{
	s->documents++;
	s->bytes += d->len;
	s->broken += d->reason != NULL;
	require(d->topic_len + d->body_len <= SIZE_MOST && d->lineno > 0);
	for (size_t i = 0; i < d->len; i++)
		s->sum = s->sum * 31 + (unsigned char)d->text[i];
	for (size_t i = 0; i < d->body_len; i++)
		s->sum = s->sum * 31 + (unsigned char)d->body[i];
}

/* Reads the input through a pipe, so many bytes at a time. */
static struct seen
split(const uint8_t *data, size_t size, size_t piece, uint8_t mode, struct eg_json_index *json)
{
	static char *buffer;
	struct eg_framing in = { .kind = mode / 3 % KINDS, .topics = mode % 3 == 2,
		.json = json, .buf = buffer, .lineno = 1 };
	struct eg_error e = { 0 };
	struct eg_frame d;
	struct seen s = { 0 };
	int fds[2];

	/* Kept: a new one each time would take all of the time. */
	require(pipe(fds) == 0 && (buffer != NULL || eg_framing_open(&in, &e) == 0));
	buffer = in.buf;
	in.fd = fds[0];
	for (size_t at = 0; !in.eof;) {
		size_t n = size - at < piece ? size - at : piece;

		require(write(fds[1], data + at, n) == (ssize_t)n);
		at += n;
		if (at == size && fds[1] >= 0) {
			close(fds[1]);
			fds[1] = -1;
		}
		do {
			require(eg_framing_fill(&in, &e) == 0);
			while (eg_framing_next(&in, &d))
				note(&s, &d);
		} while (fds[1] < 0 && !in.eof);
	}
	require(!eg_framing_next(&in, &d));
	close(fds[0]);
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct eg_json_index json;
	struct seen whole, pieces, read;

	if (size < 3 || size > SIZE_MOST)
		return 0;
	whole = split(data + 2, size - 2, size, data[0], NULL);
	pieces = split(data + 2, size - 2, 1 + data[1] % 64, data[0], NULL);
	read = split(data + 2, size - 2, size, data[0], &json);
	/* Frames of HDLC may share a flag. */
	require(whole.bytes <= size + whole.documents);
	require(whole.documents == pieces.documents && whole.broken == pieces.broken);
	require(whole.sum == pieces.sum && whole.sum == read.sum);
	require(whole.documents == read.documents && whole.broken == read.broken);
	return 0;
}
