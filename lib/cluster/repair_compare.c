/* SPDX-License-Identifier: MIT */
/* Compares the digests of the nodes, and runs verbs on them. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/stop.h"
#include "cluster/node_query.h"
#include "cluster/placement.h"
#include "cluster/repair.h"
#include "record/record.h"

enum { DAY_BYTES = sizeof("YYYY-MM-DD") - 1 };

static int
keep_record(struct eg_sorted_lines *lines, enum eg_repair_form form, const char *line, size_t len)
{
	size_t front = len, record;
	struct eg_record rec;
	struct eg_item *it;
	int64_t when = 0;

	if (form != EG_FORM_RECORDS && !eg_dated_parse(line, &front, &when))
		return 1;
	/* A deletion is a line whose value is the time of deletion. */
	record = form == EG_FORM_DATED ? front : len;
	if (eg_record_parse(line, record, &rec) != EG_FAULT_NONE)
		return 1;
	if (eg_sorted_lines_add(lines, line, len, rec.sensor_len, rec.ns) != 0)
		return -1;
	it = &lines->item[lines->n - 1];
	it->record_len = record;
	it->when = when;
	return 0;
}

/* Checks one line. Returns 0, 1 if it is not an expected line, -1 if memory runs out. */
static int
take_node_line(struct eg_sorted_lines *lines, enum eg_repair_form form, const char *line,
    size_t len, const char **in, const char *end)
{
	if (form != EG_FORM_ECHO)
		return keep_record(lines, form, line, len);
	if ((size_t)(end - *in) < len + 1 || memcmp(*in, line, len) != 0 || (*in)[len] != '\n')
		return 1;
	*in += len + 1;
	return 0;
}

int
eg_repair_run(const struct eg_repair *r, size_t node, const char *const args[],
    const char *in, size_t len, enum eg_repair_form form, struct eg_sorted_lines *lines,
    int *status, struct eg_error *e)
{
	struct eg_node_query *a = calloc(1, sizeof(*a));
	const char *line, *expected = in;
	char q[EG_QUOTE_MAX];
	size_t n;

	if (a == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	(void)eg_node_query_start(a, &r->c->node[node], args, in, len, r->timeout_ms, e);
	while (e->status == EG_OK && eg_node_query_line(a, &line, &n, status, e) == 1) {
		int rc = take_node_line(lines, form, line, n, &expected, in + len);

		if (rc > 0)
			eg_fail(e, EG_TEMPORARY, "node '%s': printed %s, which was not expected",
			    r->c->node[node].name, eg_quote(line, n, q));
		if (rc < 0)
			eg_fail(e, EG_BUG, "out of memory");
	}
	eg_node_query_end(a);
	free(a);
	if (e->status == EG_OK && form == EG_FORM_ECHO && expected != in + len)
		eg_fail(e, EG_TEMPORARY, "node '%s': refused some of what it was given",
		    r->c->node[node].name);
	return e->status == EG_OK ? 0 : -1;
}

/* Parses `KEY:records:deletions:digest`. With days, the key is a sensor and a day; else a
 * sensor. */
static int
keep_digest(struct eg_sorted_lines *lines, const char *line, size_t len, bool days)
{
	const char *end = line + len;

	for (int i = 0; i < 3; i++)
		if ((end = memrchr(line, ':', (size_t)(end - line))) == NULL)
			return 1;
	if (days ? end - line < DAY_BYTES + 2 || end[-DAY_BYTES - 1] != ':'
	         : end == line || memchr(line, ':', (size_t)(end - line)) != NULL)
		return 1;
	if (strncmp(end, ":0:0:", 5) == 0)
		return 0;
	return eg_sorted_lines_add(lines, line, len, (size_t)(end - line), 0);
}

/* Gets the digests of all sensors, or of the days of the sensors listed in `in`. */
static int
digest_of(struct eg_repair *r, size_t node, const struct eg_sorted_lines *in, struct eg_error *e)
{
	static const char *const all[] = { "digest", NULL }, *const some[] = { "digest", "-", NULL };
	struct eg_node_query *a = calloc(1, sizeof(*a));
	const char *line;
	char q[EG_QUOTE_MAX];
	size_t n;

	if (a == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	(void)eg_node_query_start(a, &r->c->node[node], in != NULL ? some : all,
	    in != NULL ? in->text : NULL, in != NULL ? in->len : 0, r->timeout_ms, e);
	while (e->status == EG_OK && eg_node_query_line(a, &line, &n, NULL, e) == 1) {
		int rc = keep_digest(&r->digest[node], line, n, in != NULL);

		if (rc < 0)
			eg_fail(e, EG_BUG, "out of memory");
		if (rc > 0)
			eg_fail(e, EG_TEMPORARY, "node '%s': printed %s, which is no digest",
			    r->c->node[node].name, eg_quote(line, n, q));
	}
	eg_node_query_end(a);
	free(a);
	return e->status == EG_OK ? 0 : -1;
}

static int
digests(struct eg_repair *r, const struct eg_sorted_lines *in, struct eg_error *e)
{
	for (size_t i = 0; i < r->c->n; i++) {
		struct eg_error why = { 0 };

		eg_sorted_lines_clear(&r->digest[i]);
		if ((r->nodes >> i & 1) == 0)
			continue;
		if (digest_of(r, i, in, &why) == 0) {
			eg_sorted_lines_sort(&r->digest[i]);
			continue;
		}
		if (why.status != EG_TEMPORARY || eg_stop_asked() > 0)
			return eg_fail(e, why.status, "%s", why.text);
		eg_warn("%s; it takes no part", why.text);
		r->nodes &= ~(UINT64_C(1) << i);
	}
	return 0;
}

/* Whether two digests of one key are the same. */
static bool
equal(const struct eg_item *a, const struct eg_item *b)
{
	return a->len == b->len && memcmp(a->line, b->line, a->len) == 0;
}

/* The smallest of the nodes' current keys. */
static const struct eg_item *
least_key(const struct eg_repair *r, const size_t at[])
{
	const struct eg_item *first = NULL;

	for (uint64_t left = r->nodes; left != 0; left &= left - 1) {
		size_t i = (size_t)__builtin_ctzll(left);

		if (at[i] < r->digest[i].n &&
		    (first == NULL || eg_item_compare(&r->digest[i].item[at[i]], first) < 0))
			first = &r->digest[i].item[at[i]];
	}
	return first;
}

/* The nodes that have the key. Sets *wrong if they differ or are not exactly its holders. */
static uint64_t
compare_key(const struct eg_repair *r, const size_t at[], const struct eg_item *key,
    size_t sensor_len, bool *wrong)
{
	uint64_t holders = eg_place(r->c, key->line, sensor_len) & r->nodes;
	const struct eg_item *one = NULL;
	uint64_t have = 0;

	*wrong = false;
	for (uint64_t left = r->nodes; left != 0; left &= left - 1) {
		size_t i = (size_t)__builtin_ctzll(left);
		const struct eg_item *it = &r->digest[i].item[at[i]];

		if (at[i] == r->digest[i].n || eg_item_compare(it, key) != 0)
			continue;
		have |= UINT64_C(1) << i;
		*wrong = *wrong || (one != NULL && !equal(one, it));
		one = it;
	}
	*wrong = *wrong || have != holders;
	return have;
}

/* Lists the keys that are wrong, and for each the nodes that have it. */
static int
compare_nodes(struct eg_repair *r, size_t tail, struct eg_sorted_lines *keys, uint64_t **nodes)
{
	size_t at[EG_NODES_MAX] = { 0 }, room = 0;
	const struct eg_item *key;

	eg_sorted_lines_clear(keys);
	while ((key = least_key(r, at)) != NULL) {
		bool wrong;
		uint64_t have = compare_key(r, at, key, key->key_len - tail, &wrong);

		if (wrong && nodes != NULL &&
		    !eg_buf_grow(nodes, &room, keys->n + 1, sizeof(**nodes)))
			return -1;
		if (wrong && nodes != NULL)
			(*nodes)[keys->n] = have;
		if (wrong && eg_sorted_lines_add(keys, key->line, key->key_len, key->key_len, 0) != 0)
			return -1;
		for (uint64_t left = have; left != 0; left &= left - 1)
			at[__builtin_ctzll(left)]++;
	}
	/* They are already in order; this makes the lines valid. */
	eg_sorted_lines_sort(keys);
	return 0;
}

int
eg_repair_sensors(struct eg_repair *r, struct eg_error *e)
{
	if (digests(r, NULL, e) != 0)
		return -1;
	return compare_nodes(r, 0, &r->sensors, NULL) == 0 ? 0 : eg_fail(e, EG_BUG, "out of memory");
}

int
eg_repair_days(struct eg_repair *r, size_t from, size_t to, struct eg_error *e)
{
	struct eg_sorted_lines names = { 0 };
	int rc = 0;

	for (size_t k = from; k < to && rc == 0; k++)
		rc = eg_sorted_lines_add(&names, r->sensors.item[k].line, r->sensors.item[k].len, 0, 0);
	if (rc == 0 && digests(r, &names, e) == 0)
		rc = compare_nodes(r, DAY_BYTES + 1, &r->spans, &r->span_nodes);
	eg_sorted_lines_clear(&names);
	if (rc != 0)
		eg_fail(e, EG_BUG, "out of memory");
	return e->status == EG_OK ? 0 : -1;
}

void
eg_repair_clear(struct eg_repair *r)
{
	for (size_t i = 0; i < r->c->n; i++)
		eg_sorted_lines_clear(&r->digest[i]);
	eg_sorted_lines_clear(&r->sensors);
	eg_sorted_lines_clear(&r->spans);
	eg_sorted_lines_clear(&r->undecided);
	free(r->span_nodes);
	r->span_nodes = NULL;
}
