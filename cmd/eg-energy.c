/* SPDX-License-Identifier: MIT */
/* Turn readings into the energy of each hour, day or month.
 *
 * A filter that computes, without receipts. The same input gives the same output, so a span of time
 * can be computed again. */
#include "base/diag.h"
#include "base/options.h"
#include "energy/energy.h"

#define O struct eg_energy_options
static const struct eg_option table[] = {
	{ 0, "covered", NULL, "write NAME_covered, too: the seconds of a slot that are known",
		EG_FLAG(O, covered) },
	EG_SLOTS_ROWS(O, slots),
	{ 0, "digits", "N", "digits behind the point of kWh, 0 to 18", EG_INT(O, digits, 0, 18),
		.preset = "6" },
	{ 'e', "every", "SLOT", "how long a slot is: 1s to 12h, 1d, 1w, 1mo, 1y",
		EG_TEXT(O, slots.every), .preset = "1d" },
	{ 0, "from", "KIND", "W, kW, Wh, kWh, inc-Wh, inc-kWh or pulse:N (W, without --meters)",
		EG_TEXT(O, from) },
	{ 'g', "gap", "DURATION", "the energy between readings further apart is unknown",
		EG_DURATION(O, gap_ms, 1, EG_ENERGY_GAP_MAX), .preset = "15m" },
	{ 0, "max-power", "POWER", "refuse the rise of a register that needs more power",
		EG_TEXT(O, max_power), .preset = "60kW" },
	{ 0, "meters", "FILE", "the kind of each sensor; see energyguard-meters(5)",
		EG_TEXT(O, meters) },
	{ 0, "modulus", "N", "a register begins again at 0 when it reaches N", EG_TEXT(O, modulus) },
	{ 0, "name", "PATTERN", "the name of results; % is the sensor", EG_TEXT(O, name),
		.preset = "%_kwh" },
	{ 0, "reset", "HOW", "what a register shows after a reset counts (zero), or never",
		EG_CHOICE(O, reset, EG_ENERGY_RESETS), .preset = "zero" },
	{ 0, "rule", "RULE", "power between two readings: left, or trapezoid",
		EG_CHOICE(O, rule, EG_ENERGY_RULES), .preset = "left" },
	{ 0, "sign", NULL, "what is below 0 goes to NAME_export_kwh", EG_FLAG(O, sign) },
	{ 0, "whole", NULL, "leave out the first and the last slot of each sensor", EG_FLAG(O, whole) },
	{ 0 },
};

int
main(int argc, char *argv[])
{
	struct eg_energy_options o = { .from = NULL };
	struct eg_options opts = { .synopsis = "[options]",
		.purpose = "Turn readings into the energy of each hour, day or month.", .table = table,
		.settings = &o, .rejects = true };
	struct eg_error e = { 0 };
	struct eg_energy *n;
	int status;

	eg_diag_init("eg-energy");
	if (eg_options_parse(&opts, argc, argv) < argc)
		eg_usage("unexpected argument '%s'", argv[opts.next]);
	if (o.from == NULL && o.meters == NULL)
		o.from = "W";
	o.all_events = opts.common.verbose > 0;
	if ((n = eg_energy_open(&o, &e)) == NULL)
		return eg_report(&e);
	status = eg_filter_status(eg_filter_run(&(struct eg_filter_work){ .ahead = eg_energy_ahead,
		.take = eg_energy_take, .end = eg_energy_end, .ctx = n }, &opts.common, &e), &e);
	eg_energy_free(n);
	return status;
}
