/* SPDX-License-Identifier: MIT */
/* Add and compare slots of several sensors, and of longer times. */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/fixed.h"
#include "base/options.h"
#include "record/filter.h"
#include "sum/sum.h"

struct settings {
	struct eg_sum_options o;
	bool max, min, mean;
	const char *percent, *shift;
	enum { REFUSE, ZERO } missing;
};

static const struct eg_option table[] = {
	{ 0, "digits", "N", "digits behind the point at most",
		EG_INT(struct settings, o.digits, 0, EG_FIXED_DIGITS), .preset = "9" },
	{ 'e', "every", "SLOT", "add up over longer slots: 1h, 1d, 1w, 1mo, 1y, all",
		EG_TEXT(struct settings, o.slots.every) },
	{ 0, "max", NULL, "the largest slot in each of --every", EG_FLAG(struct settings, max) },
	{ 0, "mean", NULL, "the mean of the slots in each", EG_FLAG(struct settings, mean) },
	{ 0, "min", NULL, "the smallest slot in each", EG_FLAG(struct settings, min) },
	{ 'm', "missing", "RULE", "where a member of a slot is missing: skip, or take it as zero",
		EG_CHOICE(struct settings, missing, "skip zero"), .preset = "skip" },
	{ 'p', "p", "N", "the Nth percentile of the slots in each, nearest rank",
		EG_TEXT(struct settings, percent) },
	{ 0, "restart", "SLOT", "begin the running sum anew with each: 1d, 1w, 1mo, 1y",
		EG_TEXT(struct settings, o.restart) },
	{ 'r', "running", NULL, "the sum of all results up to each",
		EG_FLAG(struct settings, o.running) },
	{ 's', "shift", "SHIFT", "move results to a later day: 1d, 1w, 1mo, 1y",
		EG_TEXT(struct settings, shift) },
	{ 'w', "when", NULL, "with --max or --min: the time of that slot",
		EG_FLAG(struct settings, o.when) },
	EG_SLOTS_ROWS(struct settings, o.slots),
	{ 0 },
};

/* Sets the way to combine slots from --max, --min, --mean or --p. */
static void
choose_what(struct settings *p)
{
	struct eg_wide hundred = { 0 };

	if (p->max + p->min + p->mean + (p->percent != NULL) > 1)
		eg_usage("--max, --min, --mean and --p exclude each other");
	p->o.what = p->max ? EG_SUM_MAX : p->min ? EG_SUM_MIN : p->mean ? EG_SUM_MEAN : EG_SUM_TOTAL;
	if (p->percent == NULL)
		return;
	p->o.what = EG_SUM_RANK;
	(void)eg_wide_multiply(eg_wide_of(100), eg_wide_of(EG_FIXED_ONE), &hundred);
	if (eg_fixed_parse(p->percent, strlen(p->percent), &p->o.percent) != EG_NUMBER_OK ||
	    eg_wide_sign(p->o.percent) <= 0 || eg_wide_compare(p->o.percent, hundred) > 0)
		eg_usage("--p: '%s': want a number above 0, and 100 at most", p->percent);
}

/* Opens slots once, to check their options before anything is read. */
static void
check_slots(const struct eg_sum_options *o, const char *every, const char *name)
{
	struct eg_slots_options s = o->slots;
	struct eg_error e = { 0 };
	struct eg_slots *slots;

	s.every = every;
	slots = eg_slots_open(&s, &e);
	if (slots == NULL && e.status == EG_USAGE)
		eg_usage("--%s: %s", name, e.text);
	if (slots == NULL)
		exit(eg_report(&e));
	eg_slots_free(slots);
}

static void
check_options(struct settings *p)
{
	const char *every = p->o.slots.every;

	choose_what(p);
	p->o.zero = p->missing == ZERO;
	if (p->o.what != EG_SUM_TOTAL && every == NULL)
		eg_usage("--max, --min, --mean and --p need --every");
	if (p->o.what != EG_SUM_TOTAL && p->o.running)
		eg_usage("--running does not go with --max, --min, --mean or --p");
	if (p->o.when && !p->max && !p->min)
		eg_usage("--when needs --max or --min");
	if (p->o.restart != NULL && !p->o.running)
		eg_usage("--restart needs --running");
	if (p->shift != NULL && !eg_shift_parse(p->shift, &p->o.shift))
		eg_usage("--shift: '%s': want 1d, 1w, 1mo, 1y or more of them, or a duration", p->shift);
	check_slots(&p->o, every != NULL && strcmp(every, "all") != 0 ? every : "1d", "every");
	if (p->o.restart != NULL)
		check_slots(&p->o, p->o.restart, "restart");
}

/* Reads the expressions. */
static void
parse_exprs(struct settings *p, struct eg_expr *x, int n, char *argv[])
{
	struct eg_error e = { 0 };

	if (n == 0 || n > EG_SUM_EXPRS)
		eg_usage("want 1 to %d operands NAME=EXPR", EG_SUM_EXPRS);
	for (int i = 0; i < n; i++) {
		if (eg_expr_parse(&x[i], argv[i], &e) != 0)
			eg_usage("%s", e.text);
		if (x[i].quotient && p->o.what != EG_SUM_TOTAL)
			eg_usage("%s: a division does not go with --max, --min, --mean or --p", x[i].name);
		for (int k = 0; k < i; k++)
			if (strcmp(x[k].name, x[i].name) == 0)
				eg_usage("%s: this name is given twice", x[i].name);
	}
	p->o.expr = x;
	p->o.exprs = (size_t)n;
}

int
main(int argc, char *argv[])
{
	static struct settings p;
	static struct eg_expr x[EG_SUM_EXPRS];
	struct eg_options o = { .synopsis = "[options] NAME=EXPR ...",
		.purpose = "Add and compare slots of several sensors, and of longer times.", .table = table,
		.settings = &p, .rejects = true };
	struct eg_error e = { 0 };
	int at, status;

	eg_diag_init("eg-sum");
	at = eg_options_parse(&o, argc, argv);
	check_options(&p);
	parse_exprs(&p, x, argc - at, argv + at);
	status = eg_filter_status(eg_sum_run(&p.o, &o.common, &e), &e);
	for (size_t i = 0; i < p.o.exprs; i++)
		eg_expr_free(&x[i]);
	return status;
}
