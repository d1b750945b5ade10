/* SPDX-License-Identifier: MIT */
/* Expressions of eg-sum. */
#include "sum/expr.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/fixed.h"
#include "record/pattern.h"

#define FACTOR_MAX INT64_C(1000000000000000) /* 10^6 */

static const char blanks[] = " \t";

/* A word of an expression; quoted: it can only be a sensor. */
struct word {
	char *s; /* NULL: there is none */
	bool quoted;
};

static int
wrong(const struct eg_expr *x, const char *why, const char *word, struct eg_error *e)
{
	char q[EG_QUOTE_MAX];

	return eg_fail(e, EG_USAGE, "%s: %s%s%s", x->name, why, word != NULL ? ": " : "",
	    word != NULL ? eg_quote(word, strlen(word), q) : "");
}

/* Takes the next word from *rest. False: a quote is not closed. */
static bool
next_word(char **rest, struct word *w)
{
	char *s = *rest + strspn(*rest, blanks), *end;

	*w = (struct word){ .s = *s != '\0' ? s : NULL };
	if (w->s != NULL && *s == '"') {
		*w = (struct word){ .s = s + 1, .quoted = true };
		if ((end = strchr(s + 1, '"')) == NULL ||
		    (end[1] != '\0' && strchr(blanks, end[1]) == NULL))
			return false;
	} else {
		end = s + strcspn(s, blanks);
	}
	*rest = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return true;
}

static bool
is_sign(const struct word *w, const char *sign)
{
	return w->s != NULL && !w->quoted && strcmp(w->s, sign) == 0;
}

/* Why no sensor can match the word, or NULL. */
static const char *
fault_of(const struct word *w)
{
	if (w->s == NULL)
		return "a sensor is missing";
	if (strlen(w->s) == 0 || strlen(w->s) > EG_SENSOR_MAX)
		return "a sensor has 1 to 255 bytes";
	if (w->quoted)
		return NULL;
	if (strcmp(w->s, "+") == 0 || strcmp(w->s, "-") == 0 || strcmp(w->s, "/") == 0)
		return "a sensor is missing in front of this";
	if (*w->s == '(' || w->s[strlen(w->s) - 1] == ')')
		return "there are no parentheses: the / divides all before it by all behind it";
	return eg_pattern_fault(w->s);
}

/* Reads the word if it is a number, which a '*' has to follow. Returns whether it is. */
static bool
read_factor(const struct word *w, struct eg_wide *factor)
{
	return w->s != NULL && !w->quoted &&
	    eg_fixed_parse(w->s, strlen(w->s), factor) == EG_NUMBER_OK;
}

/* Reads [NUMBER *] SENSOR into the next term. */
static int
read_term(struct eg_expr *x, char **rest, struct word w, bool minus, bool below, struct eg_error *e)
{
	struct eg_wide factor = eg_wide_of(EG_FIXED_ONE), second;
	const char *fault;

	if (read_factor(&w, &factor)) {
		struct word star;

		if (!next_word(rest, &star) || !is_sign(&star, "*"))
			return wrong(x, "a number needs * and a sensor behind it", w.s, e);
		if (!eg_wide_is_small(factor) || (int64_t)factor.lo > FACTOR_MAX ||
		    (int64_t)factor.lo < -FACTOR_MAX)
			return wrong(x, "a factor is above 10^6", w.s, e);
		if (!next_word(rest, &w))
			return wrong(x, "a quote is not closed", NULL, e);
		if (read_factor(&w, &second))
			return wrong(x, "a sensor with the name of a number stands in quotes", w.s, e);
	}
	if ((fault = fault_of(&w)) != NULL)
		return wrong(x, fault, w.s, e);
	if (!eg_buf_grow(&x->term, &x->room, x->n + 1, sizeof(*x->term)))
		return eg_fail(e, EG_BUG, "out of memory");
	x->term[x->n++] = (struct eg_term){ w.s, minus ? eg_wide_negative(factor) : factor, below };
	return 0;
}

/* Reads the terms and the signs between them. */
static int
read_terms(struct eg_expr *x, char *rest, struct eg_error *e)
{
	static const char quote[] = "a quote is not closed";
	bool minus = false, below = false;
	struct word w;

	if (!next_word(&rest, &w))
		return wrong(x, quote, NULL, e);
	for (;;) {
		if (is_sign(&w, "-") || is_sign(&w, "+")) {
			minus = *w.s == '-';
			if (!next_word(&rest, &w))
				return wrong(x, quote, NULL, e);
		}
		if (read_term(x, &rest, w, minus, below, e) != 0)
			return -1;
		if (!next_word(&rest, &w))
			return wrong(x, quote, NULL, e);
		if (w.s == NULL)
			return 0;
		minus = false;
		if (is_sign(&w, "/")) {
			if (below)
				return wrong(x, "there is one / at most", NULL, e);
			x->quotient = below = true;
			if (!next_word(&rest, &w))
				return wrong(x, quote, NULL, e);
		} else if (!is_sign(&w, "+") && !is_sign(&w, "-")) {
			return wrong(x, "want + or - or / between sensors, with blanks around it", w.s, e);
		}
	}
}

/* Cuts NAME off text. Returns the text after the '=', or NULL: no sensor can have that name. */
static char *
take_name(struct eg_expr *x)
{
	char *equal = strchr(x->text, '='), *name = x->text + strspn(x->text, blanks), *end = equal;

	if (equal == NULL)
		return NULL;
	while (end > name && strchr(blanks, end[-1]) != NULL)
		end--;
	*end = '\0';
	x->name = name;
	x->name_len = (size_t)(end - name);
	return eg_sensor_check(name, x->name_len) == EG_FAULT_NONE ? equal + 1 : NULL;
}

int
eg_expr_parse(struct eg_expr *x, const char *text, struct eg_error *e)
{
	char q[EG_QUOTE_MAX], *rest;

	*x = (struct eg_expr){ .text = strdup(text) };
	if (x->text == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	rest = take_name(x);
	if (rest == NULL)
		eg_fail(e, EG_USAGE, "%s: want NAME=EXPR, with the name of a sensor",
		    eg_quote(text, strlen(text), q));
	else if (read_terms(x, rest, e) == 0)
		return 0;
	eg_expr_free(x);
	return -1;
}

void
eg_expr_free(struct eg_expr *x)
{
	free(x->text);
	free(x->term);
	*x = (struct eg_expr){ 0 };
}

size_t
eg_expr_match(const struct eg_expr *x, const char *sensor, size_t len, struct eg_wide *above,
    struct eg_wide *below, bool *fits)
{
	char name[EG_SENSOR_MAX + 1];
	size_t n = 0;

	memcpy(name, sensor, len);
	name[len] = '\0';
	*above = *below = (struct eg_wide){ 0 };
	*fits = true;
	for (size_t i = 0; i < x->n; i++) {
		const struct eg_term *t = &x->term[i];

		if (strcmp(t->pattern, name) != 0 && fnmatch(t->pattern, name, 0) != 0)
			continue;
		n++;
		*fits = *fits && eg_wide_add(t->below ? below : above, t->factor);
	}
	return n;
}
