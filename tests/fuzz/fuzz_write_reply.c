/* SPDX-License-Identifier: MIT */
/* Fuzzes the judging of a database's answers: only 204 is success, the words for the rest
 * are whole, and no line is refused that was not in the request.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/write_reply */
#include <stdlib.h>
#include <string.h>

#include "influx/refused_lines.h"
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

enum { LINES = 3 };

static void
check_line(void *ctx, size_t line, const char *reason)
{
	size_t *calls = ctx;

	++*calls;
	require(line < LINES);
	require(memchr(reason, '\0', EG_WRITE_REPLY_REASON) != NULL);
}

static void
check_lines(const struct eg_write_reply *a)
{
	static const char request[] = "energy,sensor=a value=1 1\nenergy,sensor=b value=2 2\n"
				      "energy,sensor=c value=3 3\n";
	size_t calls = 0, dropped;
	bool oldest = false;

	require(eg_refused_lines_named(a, request, sizeof(request) - 1, LINES, check_line,
		    &calls) == calls);
	dropped = eg_refused_lines_dropped(a, LINES, &oldest);
	require(dropped <= LINES && (oldest || dropped == 0 || dropped == LINES));
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
	a.unsent = strchr(text, 'u') != NULL;
	a.cut = strchr(text, 'c') != NULL;
	a.body = (const char *)data;
	a.len = size;
	check_lines(&a);
	memset(reason, 0x55, sizeof(reason));
	verdict = eg_write_reply_judge(&a, strchr(text, '1') != NULL ? EG_API_V1 :
	    strchr(text, '3') != NULL ? EG_API_V3 : EG_API_V2, reason);
	require((verdict == EG_VERDICT_WRITTEN) == (a.status == 204 && a.unsent == 0));
	require(memchr(reason, '\0', sizeof(reason)) != NULL);
	require((*reason == '\0') == (verdict == EG_VERDICT_WRITTEN));
	return 0;
}
