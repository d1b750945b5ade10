/* SPDX-License-Identifier: MIT */
/* Fuzzes the judging of a database's answers: only 204 is success, and the words for the
 * rest are whole whatever the server says.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/write_reply */
#include <stdlib.h>
#include <string.h>

#include "influx/write_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

/* Takes the front of the input into a text, up to a newline. */
static void
take(const uint8_t **data, size_t *size, char *out, size_t room)
{
	size_t n = 0;

	while (*size > 0 && **data != '\n') {
		if (n + 1 < room && **data != '\0')
			out[n++] = (char)**data;
		++*data;
		--*size;
	}
	if (*size > 0) {
		++*data;
		--*size;
	}
	out[n] = '\0';
}

/* The input: a line with the status, one each with type, location, error and flags,
 * then the body. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eg_write_reply a = { 0 };
	char text[16], reason[EG_WRITE_REPLY_REASON];
	enum eg_verdict verdict;

	take(&data, &size, text, sizeof(text));
	a.status = strtol(text, NULL, 10) % 1000;
	take(&data, &size, a.type, sizeof(a.type));
	take(&data, &size, a.location, sizeof(a.location));
	take(&data, &size, a.error, sizeof(a.error));
	take(&data, &size, text, sizeof(text));
	a.hopeless = strchr(text, 'h') != NULL;
	a.victoria = strchr(text, 'v') != NULL;
	a.len = size < sizeof(a.body) ? size : sizeof(a.body);
	if (a.len > 0)
		memcpy(a.body, data, a.len);
	memset(reason, 0x55, sizeof(reason));
	verdict = eg_write_reply_judge(&a, strchr(text, '1') != NULL, reason);
	require((verdict == EG_VERDICT_WRITTEN) == (a.status == 204));
	require(memchr(reason, '\0', sizeof(reason)) != NULL);
	require((*reason == '\0') == (verdict == EG_VERDICT_WRITTEN));
	return 0;
}
