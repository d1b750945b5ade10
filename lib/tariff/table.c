/* SPDX-License-Identifier: MIT */
/* Reads the table of a tariff from its file. */
#include "tariff/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/fixed.h"
#include "tariff/table_parts.h"

enum { TERMS_MAX = 1000, PRICE_MAX = 1000000000, VAT_MAX = 1000 };

/* Appends terms that are valid from a day on, as a copy of the terms before. */
static int
add_terms(struct eg_table_reader *r, int64_t from, struct eg_error *e)
{
	struct eg_table *t = r->t;

	if (!eg_buf_grow(&t->terms, &t->room, t->n + 1, sizeof(*t->terms)))
		return eg_fail(e, EG_BUG, "out of memory");
	r->terms = &t->terms[t->n];
	if (t->n > 0) {
		*r->terms = t->terms[t->n - 1];
	} else {
		*r->terms = (struct eg_terms){ .vat = 10000 };
		memset(r->terms->band, EG_BAND_NONE, sizeof(r->terms->band));
	}
	r->terms->from = from;
	r->rules = r->taxed = false;
	memset(r->priced, 0, sizeof(r->priced));
	memset(r->fees, 0, sizeof(r->fees));
	t->n++;
	return 0;
}

static int
take_zone(struct eg_table_reader *r, char *rest, struct eg_error *e)
{
	const char *word = eg_table_word(&rest);

	if (word == NULL || strlen(word) >= sizeof(r->t->zone))
		return eg_config_wrong(&r->file, e, "zone: want a time zone, as Europe/Rome");
	if (*r->t->zone != '\0')
		return eg_config_wrong(&r->file, e, "a second zone");
	memcpy(r->t->zone, word, strlen(word) + 1);
	return eg_table_line_end(r, rest, e);
}

/* The first terms are valid from the beginning, unless a `from` comes before all their lines. */
static int
take_from(struct eg_table_reader *r, char *rest, struct eg_error *e)
{
	const char *word = eg_table_word(&rest);
	struct eg_table *t = r->t;
	char q[EG_QUOTE_MAX];
	int64_t day;

	if (word == NULL || !eg_table_date(word, &day))
		return eg_config_wrong(&r->file, e, "from %s: want a date, as 2025-01-01",
		    word != NULL ? eg_quote(word, strlen(word), q) : "");
	if (t->n > 0 && day <= r->terms->from)
		return eg_config_wrong(&r->file, e, "from %s: it is not later than the one before", word);
	if (t->n == TERMS_MAX)
		return eg_config_wrong(&r->file, e, "more than %d lines with from", TERMS_MAX);
	return add_terms(r, day, e) != 0 ? -1 : eg_table_line_end(r, rest, e);
}

/* Reads the text after `dynamic`: [* FACTOR] [+ AMOUNT] or [- AMOUNT]. */
static int
take_dynamic(struct eg_table_reader *r, struct eg_price *p, char *rest, struct eg_error *e)
{
	char q[EG_QUOTE_MAX], *word = eg_table_word(&rest);
	struct eg_wide factor;

	p->dynamic = r->t->dynamic = true;
	p->factor = 1000;
	if (word != NULL && strcmp(word, "*") == 0) {
		if (eg_table_number(r, eg_table_word(&rest), 3, true, 1000, "price: the factor", &factor,
		    e) != 0)
			return -1;
		p->factor = (int64_t)factor.lo / 1000000;
		word = eg_table_word(&rest);
	}
	if (word == NULL)
		return 0;
	if (strcmp(word, "+") != 0 && strcmp(word, "-") != 0)
		return eg_config_wrong(&r->file, e, "%s: want dynamic * FACTOR + AMOUNT",
		    eg_quote(word, strlen(word), q));
	if (eg_table_number(r, eg_table_word(&rest), 9, true, PRICE_MAX, "price", &p->amount, e) != 0)
		return -1;
	if (*word == '-')
		p->amount = eg_wide_negative(p->amount);
	return eg_table_line_end(r, rest, e);
}

static int
take_price(struct eg_table_reader *r, char *rest, struct eg_error *e)
{
	const char *name = eg_table_word(&rest), *word = eg_table_word(&rest);
	struct eg_price p = { .given = true };
	int band;

	if (word == NULL)
		return eg_config_wrong(&r->file, e, "price: want a band and an amount, as F1 0.30");
	if ((band = eg_table_band(r, name, e)) < 0)
		return -1;
	if (r->priced[band])
		return eg_config_wrong(&r->file, e, "a second price of %s: begin new prices with a line 'from DATE'",
		    name);
	r->priced[band] = true;
	if (strcmp(word, "dynamic") == 0) {
		if (take_dynamic(r, &p, rest, e) != 0)
			return -1;
	} else if (eg_table_number(r, word, 9, true, PRICE_MAX, "price", &p.amount, e) != 0 ||
	    eg_table_line_end(r, rest, e) != 0) {
		return -1;
	}
	r->terms->price[band] = p;
	r->named[band] = r->file.line;
	return 0;
}

static int
take_fee(struct eg_table_reader *r, char *rest, struct eg_error *e)
{
	static const char *const spans[EG_FEES] = { "day", "month", "year" };
	const char *word = eg_table_word(&rest);
	int i = 0;

	while (word != NULL && i < EG_FEES && strcmp(word, spans[i]) != 0)
		i++;
	if (word == NULL || i == EG_FEES)
		return eg_config_wrong(&r->file, e, "fee: want day, month or year, and an amount");
	if (r->fees[i])
		return eg_config_wrong(&r->file, e, "a second fee of a %s: begin new fees with a line 'from DATE'",
		    word);
	r->fees[i] = r->terms->charges[i] = true;
	if (eg_table_number(r, eg_table_word(&rest), 9, true, PRICE_MAX, "fee", &r->terms->fee[i],
	    e) != 0)
		return -1;
	return eg_table_line_end(r, rest, e);
}

static int
take_vat(struct eg_table_reader *r, char *rest, struct eg_error *e)
{
	struct eg_wide vat;

	if (r->taxed)
		return eg_config_wrong(&r->file, e, "a second vat: begin a new one with a line 'from DATE'");
	r->taxed = true;
	if (eg_table_number(r, eg_table_word(&rest), 2, false, VAT_MAX, "vat", &vat, e) != 0)
		return -1;
	r->terms->vat = 10000 + (int64_t)vat.lo / 10000000;
	return eg_table_line_end(r, rest, e);
}

static int
take_round(struct eg_table_reader *r, char *rest, struct eg_error *e)
{
	static const char *const spans[][2] = { { "slot", "slot" }, { "day", "1d" }, { "week", "1w" },
		{ "month", "1mo" }, { "year", "1y" } };
	const char *word = eg_table_word(&rest);

	if (r->t->round != NULL)
		return eg_config_wrong(&r->file, e, "a second round");
	for (size_t i = 0; word != NULL && i < sizeof(spans) / sizeof(spans[0]); i++)
		if (strcmp(word, spans[i][0]) == 0)
			r->t->round = spans[i][1];
	if (r->t->round == NULL)
		return eg_config_wrong(&r->file, e,
		    "round: want slot, day, week, month or year, and a step");
	if (eg_table_number(r, eg_table_word(&rest), 9, false, PRICE_MAX, "round", &r->t->step, e) != 0)
		return -1;
	if (eg_wide_sign(r->t->step) == 0)
		return eg_config_wrong(&r->file, e, "round: the step is 0");
	return eg_table_line_end(r, rest, e);
}

static int
take_line(struct eg_table_reader *r, char *line, struct eg_error *e)
{
	static const struct {
		const char *word;
		int (*take)(struct eg_table_reader *r, char *rest, struct eg_error *e);
		bool once; /* a setting of the whole table, not of terms */
	} words[] = { { "zone", take_zone, true }, { "from", take_from, true },
		{ "holiday", eg_table_holidays, true }, { "round", take_round, true },
		{ "price", take_price, false }, { "fee", take_fee, false }, { "vat", take_vat, false } };
	char *word = eg_config_word(&line);
	size_t i = 0;
	int band;

	while (i < sizeof(words) / sizeof(words[0]) && strcmp(word, words[i].word) != 0)
		i++;
	if (i < sizeof(words) / sizeof(words[0]) && words[i].once)
		return words[i].take(r, line, e);
	if (r->t->n == 0 && add_terms(r, INT64_MIN, e) != 0)
		return -1;
	if (i < sizeof(words) / sizeof(words[0]))
		return words[i].take(r, line, e);
	band = eg_table_band(r, word, e);
	return band < 0 ? -1 : eg_table_rule(r, band, line, e);
}

/* Without rules there is one band for all times, and it needs a name. */
static int
check_bands(struct eg_table_reader *r, struct eg_error *e)
{
	struct eg_table *t = r->t;

	if (t->n == 0)
		return eg_fail(e, EG_CONFIG, "'%s' holds no price and no band", r->file.path);
	if (!r->any_rules && t->bands > 1)
		return eg_fail(e, EG_CONFIG,
		    "'%s' has prices of %zu bands and no rules, as F1 mon-fri 8-19",
		    r->file.path, t->bands);
	if (!r->any_rules && t->bands == 0 && eg_table_band(r, "all", e) < 0)
		return -1;
	for (size_t i = 0; !r->any_rules && i < t->n; i++)
		memset(t->terms[i].band, 0, sizeof(t->terms[i].band));
	for (size_t i = 0; r->any_rules && i < t->bands; i++) {
		r->file.line = r->named[i];
		if (!r->ruled[i])
			return eg_config_wrong(&r->file, e, "no rule names the band %s", t->band[i]);
	}
	return 0;
}

static struct eg_table *
take_lines(struct eg_table_reader *r, struct eg_error *e)
{
	char *line;
	int rc = 0;

	while (rc == 0 && (line = eg_config_next(&r->file, e)) != NULL)
		rc = take_line(r, line, e);
	if (e->status == EG_OK)
		check_bands(r, e);
	eg_config_close(&r->file);
	if (e->status == EG_OK)
		return r->t;
	eg_table_free(r->t);
	return NULL;
}

struct eg_table *
eg_table_read(const char *path, struct eg_error *e)
{
	struct eg_table_reader r = { .t = calloc(1, sizeof(*r.t)) };

	if (r.t == NULL)
		eg_fail(e, EG_BUG, "out of memory");
	else if (eg_config_open(&r.file, path, e) == 0)
		return take_lines(&r, e);
	eg_table_free(r.t);
	return NULL;
}

struct eg_table *
eg_table_parse(const char *path, const char *text, size_t len, struct eg_error *e)
{
	struct eg_table_reader r = { .t = calloc(1, sizeof(*r.t)) };

	if (r.t == NULL)
		eg_fail(e, EG_BUG, "out of memory");
	else if (eg_config_copy(&r.file, path, text, len, e) == 0)
		return take_lines(&r, e);
	eg_table_free(r.t);
	return NULL;
}

void
eg_table_free(struct eg_table *t)
{
	if (t != NULL) {
		free(t->terms);
		free(t->holiday);
	}
	free(t);
}

const struct eg_terms *
eg_table_terms(const struct eg_table *t, int64_t day)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (t->terms[middle].from <= day)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? &t->terms[low - 1] : NULL;
}
