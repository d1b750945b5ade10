/* SPDX-License-Identifier: MIT */
/* Read the registers of a Modbus device. */
#include <string.h>

#include "base/diag.h"
#include "base/number.h"
#include "base/options.h"
#include "modbus/map.h"
#include "modbus/poll.h"

typedef struct eg_modbus_options options;

/* A list of unit identifiers: `1,2,3`. */
static void
take_units(void *to, char *arg)
{
	struct eg_modbus_options *o = to;
	char *word, *rest = arg;
	int64_t unit;

	for (o->units = 0; (word = strsep(&rest, ",")) != NULL; o->unit[o->units++] = (uint8_t)unit) {
		if (o->units == EG_MODBUS_UNITS_MAX || eg_int_parse(word, 0, 255, &unit) != EG_NUMBER_OK)
			eg_usage("--unit: want numbers from 0 to 255, separated by commas");
		if (memchr(o->unit, (int)unit, o->units) != NULL)
			eg_usage("--unit: %d is there twice", (int)unit);
	}
}

static void
take_line(void *to, char *arg)
{
	struct eg_modbus_options *o = to;

	if (!eg_modbus_line_parse(arg, &o->line))
		eg_usage("--line: want a rate from 1200 to 115200 baud, alone or with the form, as 9600,8E1");
}

static const struct eg_option table[] = {
	{ 'a', "answer", "DURATION", "time limit of a connection, and of an answer",
		EG_DURATION(options, answer_ms, 10, 60 * 1000), .preset = "1s" },
	{ 'e', "every", "DURATION", "read at each multiple of this on the clock",
		EG_DURATION(options, every_ms, 100, EG_DAY_MS), .preset = "10s" },
	{ 'l', "line", "BAUD[,8N1]", "settings of a serial line (9600,8N1)", EG_CALL(take_line) },
	{ '1', "once", NULL, "read once, at once, and exit", EG_FLAG(options, once) },
	{ 's', "sensor", "NAME", "name of the device, before /NAME of the map (the map's)",
		EG_NAME(options, sensor, 1, EG_MODBUS_NAME_MAX) },
	{ 'u', "unit", "N,...", "unit identifiers to read (the map's)", EG_CALL(take_units) },
	{ 0 },
};

int
main(int argc, char *argv[])
{
	static struct eg_modbus_options p = { .line = { .baud = 9600, .data = 8, .parity = 'N', .stop = 1 } };
	struct eg_options o = { .synopsis = "[options] MAP HOST[:PORT]|DEVICE",
		.purpose = "Read the registers of a Modbus device.", .table = table, .settings = &p,
		.peers = true };
	struct eg_error e = { 0 };
	int at;

	eg_diag_init("eg-modbus");
	at = eg_options_parse(&o, argc, argv);
	if (argc - at != 2)
		eg_usage("want a map, and a host or a device");
	if (p.once && eg_options_given(&o, "every"))
		eg_usage("--once and --every exclude each other");
	if (eg_options_given(&o, "line") && !eg_modbus_is_line(argv[at + 1]))
		eg_usage("--line is for a serial line");
	if (p.sensor != NULL && !eg_modbus_is_name(p.sensor))
		eg_usage("--sensor: want letters, digits and _./-");
	p.map = argv[at];
	p.target = argv[at + 1];
	eg_options_own(&o, "the map", p.map, NULL);
	(void)eg_modbus_poll(&p, &o.common, &e);
	return eg_report(&e);
}
