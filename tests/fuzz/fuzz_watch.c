/* SPDX-License-Identifier: MIT */
/* Fuzzes the rules of eg-watch, its engine and its state. The input holds rules, a line with
 * `--`, and records; what follows another `--` is a state. Each edge is a record.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/watch */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "record/record.h"
#include "watch/watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

static int
on_edge(void *ctx, const char *line, size_t len, struct eg_error *e)
{
	struct eg_record r;

	(void)ctx;
	(void)e;
	require(line[len - 1] == '\n');
	require(eg_record_parse(line, len - 1, &r) == EG_FAULT_NONE);
	require(memcmp(line, "watch/", 6) == 0 && (line[len - 2] == '0' || line[len - 2] == '1'));
	return 0;
}

/* The part up to a line `--`; *rest is what follows. */
static size_t
cut(char *text, size_t len, char **rest, size_t *rest_len)
{
	char *mark = memmem(text, len, "\n--\n", 4);
	size_t n = mark != NULL ? (size_t)(mark - text) + 1 : len;

	*rest = mark != NULL ? mark + 4 : text + len;
	*rest_len = (size_t)(text + len - *rest);
	return n;
}

static void
take_all(struct eg_watch *w, const char *text, size_t len)
{
	struct eg_error e = { 0 };
	struct eg_record r;
	const char *nl;

	for (; (nl = memchr(text, '\n', len)) != NULL; len -= (size_t)(nl + 1 - text), text = nl + 1)
		if (eg_record_parse(text, (size_t)(nl - text), &r) == EG_FAULT_NONE)
			require(eg_watch_take(w, &r, &e) == 0);
	require(eg_watch_end(w, &e) == 0);
}

static void
watch(const struct eg_watch_rules *rules, bool live, const char *records, size_t len, char *state)
{
	struct eg_error e = { 0 };
	struct eg_watch *w = eg_watch_new(rules, live, on_edge, NULL, &e);

	require(w != NULL);
	(void)eg_watch_restore(w, "state", state, &e);
	e = (struct eg_error){ 0 };
	take_all(w, records, len);
	if (live) {
		require(eg_watch_tick(w, 0, 0, &e) == 0);
		take_all(w, records, len);
		require(eg_watch_tick(w, INT64_MAX / 2, 0, &e) == 0); /* the clock is set */
		require(eg_watch_tick(w, -1, 0, &e) == 0);
		require(eg_watch_tick(w, INT64_MAX, 0, &e) == 0);
	}
	eg_watch_free(w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1), *records, *state, *copy;
	size_t n, len, records_len, state_len;
	struct eg_watch_rules rules;
	struct eg_error e = { 0 };

	memcpy(text, data, size);
	n = cut(text, size, &records, &len);
	records_len = cut(records, len, &state, &state_len);
	copy = calloc(1, state_len + 1);
	memcpy(copy, state, state_len);
	if (eg_watch_rules_parse(&rules, "rules", text, n, &e) == 0) {
		watch(&rules, false, records, records_len, state);
		watch(&rules, true, records, records_len, copy);
		eg_watch_rules_free(&rules);
	} else {
		require(e.status == EG_CONFIG);
	}
	free(copy);
	free(text);
	return 0;
}
