/* SPDX-License-Identifier: MIT */
/* Turn slots of energy into money, or into the bands of a tariff. */
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/fixed.h"
#include "base/options.h"
#include "record/filter.h"
#include "tariff/tariff.h"

typedef struct eg_tariff_options options;
static const struct eg_option table[] = {
	{ 'b', "bands", NULL, "write NAME_BAND_kwh, the energy in its band", EG_FLAG(options, bands) },
	{ 'c', "credit", NULL, "write NAME_credit, what is paid for export", EG_FLAG(options, credit) },
	{ 0, "digits", "N", "digits behind the point at most",
		EG_INT(options, digits, 0, EG_FIXED_DIGITS), .preset = "18" },
	{ 'e', "every", "SLOT", "length of the slots that come in", EG_TEXT(options, every),
		.preset = "1h" },
	{ 'M', "meters", "FILE", "leave out what is made, stored or sold, by the roles in FILE",
		EG_TEXT(options, meters) },
	{ 'n', "name", "FORM", "name of what comes out, with % for NAME (%_cost)",
		EG_NAME(options, name, 1, EG_SENSOR_MAX) },
	{ 'p', "price", "PRICES", "a file of price records, or their sensor in the input",
		EG_NAME(options, price, 1, INT64_MAX) },
	{ 0, "stale", "DURATION", "how long a price is valid at most (until the next)",
		EG_DURATION(options, stale, 1000, INT64_MAX / EG_NS_PER_MS), .unit = EG_NS_PER_MS },
	{ 0 },
};

static void
check_options(const struct eg_tariff_options *p)
{
	const char *mark = p->name != NULL ? strchr(p->name, '%') : NULL;

	if (p->bands && (p->credit || p->price != NULL || p->name != NULL))
		eg_usage("--bands does not go with --credit, --price or --name");
	if (p->name != NULL && (mark == NULL || strchr(mark + 1, '%') != NULL))
		eg_usage("--name: '%s': want a name with one %%", p->name);
	if (p->name != NULL && eg_sensor_check(p->name, strlen(p->name)) != EG_FAULT_NONE)
		eg_usage("--name: '%s': no sensor can have that name", p->name);
}

int
main(int argc, char *argv[])
{
	static struct eg_tariff_options p;
	struct eg_options o = { .synopsis = "[options] TABLE [SENSOR ...]",
		.purpose = "Turn slots of energy into money, or into the bands of a tariff.",
		.table = table, .settings = &p, .rejects = true };
	struct eg_error e = { 0 };
	int at;

	eg_diag_init("eg-tariff");
	at = eg_options_parse(&o, argc, argv);
	if (at == argc)
		eg_usage("no table given");
	p.table = argv[at];
	p.pattern = (const char *const *)(argv + at + 1);
	p.patterns = (size_t)(argc - at - 1);
	check_options(&p);
	eg_options_own(&o, "the table", p.table, NULL);
	if (p.price != NULL)
		eg_options_own(&o, "--price", p.price, NULL);
	return eg_filter_status(eg_tariff_run(&p, &o.common, &e), &e);
}
