/* SPDX-License-Identifier: MIT */
/* Prices that change by the hour. */
#include "tariff/prices.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/fixed.h"
#include "record/lines.h"

enum { RING = 1 << 18 };

static const char too_large[] = "the price is above 10^9";

/* Reads the price of a record to *out; returns NULL, or the reason for a refusal. */
static const char *
read_price(const struct eg_record *r, struct eg_price_at *out)
{
	struct eg_wide price;

	if (eg_fixed_parse(r->line + r->value_at, r->len - r->value_at, &price) != EG_NUMBER_OK ||
	    !eg_wide_is_small(price) || (int64_t)price.lo / EG_FIXED_ONE > EG_FIXED_ONE ||
	    (int64_t)price.lo / EG_FIXED_ONE < -EG_FIXED_ONE)
		return too_large;
	*out = (struct eg_price_at){ r->ns, (int64_t)price.lo, r->lineno };
	return NULL;
}

static int
append(struct eg_prices *p, struct eg_price_at at, struct eg_error *e)
{
	if (!eg_buf_grow(&p->at, &p->room, p->n + 1, sizeof(*p->at)))
		return eg_fail(e, EG_BUG, "out of memory");
	p->at[p->n++] = at;
	return 0;
}

const char *
eg_prices_add(struct eg_prices *p, const struct eg_record *r, struct eg_error *e)
{
	struct eg_price_at at = { 0 };
	const char *why = read_price(r, &at);

	if (why != NULL)
		return why;
	if (p->n > 0 && at.ns < p->at[p->n - 1].ns)
		return "the price is older than the one before it";
	if (at.ns < p->used)
		return "the price comes late: a slot that it covers has its price already";
	if (p->n > 0 && at.ns == p->at[p->n - 1].ns)
		p->at[p->n - 1] = at;
	else if (append(p, at, e) != 0)
		return e->text;
	return NULL;
}

/* The sensor of the file's first record. */
struct first {
	char name[EG_SENSOR_MAX];
	size_t len;
};

/* Returns why the line is not a price of the file's sensor, or NULL. */
static const char *
parse_line(const struct eg_line *line, struct first *first, struct eg_price_at *at)
{
	enum eg_fault fault = line->fault;
	struct eg_record r;

	if (fault == EG_FAULT_NONE)
		fault = eg_record_parse(line->text, line->len, &r);
	if (fault != EG_FAULT_NONE)
		return eg_fault_text(fault);
	r.lineno = line->lineno;
	if (first->len == 0)
		memcpy(first->name, r.line, first->len = r.sensor_len);
	if (r.sensor_len != first->len || memcmp(r.line, first->name, first->len) != 0)
		return "a second sensor: a file of prices holds one";
	return read_price(&r, at);
}

static int
take_line(struct eg_prices *p, const char *path, const struct eg_line *line, struct first *first,
    struct eg_error *e)
{
	struct eg_price_at at = { 0 };
	const char *why;

	if (line->fault == EG_FAULT_NONE && eg_line_skipped(line->text, line->len))
		return 0;
	if ((why = parse_line(line, first, &at)) != NULL)
		return eg_fail(e, EG_REFUSED, "%s:%llu: %s", path, (unsigned long long)line->lineno, why);
	return append(p, at, e);
}

static int
by_time(const void *a, const void *b)
{
	const struct eg_price_at *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* Sorts the prices by time, and keeps the last one of each instant. */
static void
sort(struct eg_prices *p)
{
	size_t n = 0;

	if (p->n > 1)
		qsort(p->at, p->n, sizeof(*p->at), by_time);
	for (size_t i = 0; i < p->n; i++)
		if (i + 1 == p->n || p->at[i + 1].ns != p->at[i].ns)
			p->at[n++] = p->at[i];
	p->n = n;
}

int
eg_prices_read(struct eg_prices *p, const char *path, struct eg_error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	struct eg_error trouble = { 0 }; /* for standard input, whose text is in memory */
	struct first first = { .len = 0 };
	struct eg_line line;
	struct eg_lines l;

	if (fd < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot open '%s': %s", path, strerror(errno));
	if (eg_lines_open(&l, fd, RING, e) != 0) {
		close(fd);
		return -1;
	}
	while (rc == 0 && !l.eof) {
		if (eg_lines_fill(&l, &trouble) != 0)
			rc = eg_fail(e, EG_LOCAL_IO, "cannot read '%s': %s", path, strerror(errno));
		while (rc == 0 && eg_lines_next(&l, &line))
			rc = take_line(p, path, &line, &first, e);
		eg_lines_release(&l, NULL);
	}
	eg_lines_close(&l);
	close(fd);
	sort(p);
	return rc;
}

const char *
eg_prices_find(struct eg_prices *p, struct eg_span span, int64_t stale, int64_t *price)
{
	size_t low = 0, high = p->n;
	int64_t age;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (p->at[middle].ns <= span.from)
			low = middle + 1;
		else
			high = middle;
	}
	if (p->n == 0)
		return "no price has come before it";
	if (low == 0)
		return "the prices begin later";
	if (low < p->n && p->at[low].ns < span.to)
		return "the price changes within the slot: use shorter slots";
	if (stale > 0 && (__builtin_sub_overflow(span.to, p->at[low - 1].ns, &age) || age > stale))
		return "the last price before it is too old";
	*price = p->at[low - 1].price;
	if (p->used < span.to)
		p->used = span.to;
	return NULL;
}

void
eg_prices_free(struct eg_prices *p)
{
	free(p->at);
	*p = EG_PRICES_INIT;
}
