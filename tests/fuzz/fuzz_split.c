/* SPDX-License-Identifier: MIT */
/* Fuzzes what eg-split reads from its queues: what is taken is within its limits, and printed
 * again it is the same text.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/split */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amqp/partition.h"
#include "amqp/split_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
same(const char *text, size_t len, const char *printed)
{
	require(strlen(printed) == len && memcmp(printed, text, len) == 0);
}

static void
check_reply(const char *text, size_t len)
{
	struct eg_split_reply r;
	char printed[256];

	if (!eg_split_reply_parse(text, len, &r))
		return;
	require(r.queue < EG_PARTITIONS_MAX);
	snprintf(printed, sizeof(printed), "%08" PRIx32 "-%" PRIu32 "-%" PRIu32 " %s %" PRIu64, r.run,
	    r.round, r.queue, r.answer.session, r.answer.count);
	same(text, len, printed);
	require(strncmp(text, r.answer.id, strlen(r.answer.id)) == 0);
}

static void
check_state(const char *text, size_t len)
{
	struct eg_split_state s = { .before = 0 };
	char printed[64] = "switch";

	if (!eg_split_state_parse(text, len, &s)) {
		require(s.before == 0 && s.after == 0 && s.paused == 0 && !s.switching);
		return;
	}
	if (s.before > 0) {
		require(s.before <= EG_PARTITIONS_MAX && s.after > 0 && s.after <= EG_PARTITIONS_MAX);
		snprintf(printed, sizeof(printed), "change %" PRIu32 " %" PRIu32, s.before, s.after);
	} else if (s.paused > 0) {
		snprintf(printed, sizeof(printed), "pause %" PRId64, s.paused);
	}
	same(text, len, printed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_reply((const char *)data, size);
	check_state((const char *)data, size);
	return 0;
}
