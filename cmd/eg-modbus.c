/* SPDX-License-Identifier: MIT */
/* Read the registers of Modbus devices. */
#include "base/diag.h"
#include "base/options.h"
#include "modbus/list.h"
#include "modbus/poll.h"
#include "modbus/scan.h"

struct settings {
	struct eg_modbus_options poll;
	struct eg_modbus_units units;
	const char *sensor, *devices;
	bool scan;
};

static void
take_units(void *to, char *arg)
{
	struct settings *s = to;

	if (!eg_modbus_units_parse(arg, &s->units))
		eg_usage("--unit: " EG_MODBUS_UNITS_WRONG);
}

static void
set_line(void *to, char *arg)
{
	struct settings *s = to;

	if (!eg_modbus_line_parse(arg, &s->poll.line))
		eg_usage("--line: want a rate from 1200 to 115200 baud, or that and the form: 9600,8E1");
}

#define INTO(type, m, ...) type(struct settings, m, __VA_ARGS__)
static const struct eg_option table[] = {
	{ 'a', "answer", "DURATION", "time limit of a connection, and of an answer",
		INTO(EG_DURATION, poll.answer_ms, 10, 60 * 1000), .preset = "1s" },
	{ 'd', "devices", "FILE",
		"read the devices of FILE: MAP HOST[:PORT]|DEVICE [UNIT,...|-] [NAME]",
		INTO(EG_NAME, devices, 1, INT64_MAX) },
	{ 'e', "every", "DURATION", "read at each multiple of this on the clock",
		INTO(EG_DURATION, poll.times.every_ms, 100, EG_DAY_MS), .preset = "10s" },
	{ 'l', "line", "BAUD[,8N1]", "settings of serial lines (9600,8N1)", EG_CALL(set_line) },
	{ '1', "once", NULL, "read once, at once, and exit",
		EG_FLAG(struct settings, poll.times.once) },
	{ 'S', "scan", NULL, "list the units that answer, and exit", EG_FLAG(struct settings, scan) },
	{ 's', "sensor", "NAME", "name of the device, before /NAME of the map (the map's)",
		INTO(EG_NAME, sensor, 1, EG_MODBUS_NAME_MAX) },
	{ 'u', "unit", "N,...", "unit identifiers to read (the map's)", EG_CALL(take_units) },
	{ 0 },
};

/* operands: number of operands. */
static void
check_options(const struct settings *s, const struct eg_options *o, int operands)
{
	if (s->scan && (operands != 1 || s->devices != NULL))
		eg_usage("--scan: want a host or a device, and nothing else");
	if (s->scan && (s->poll.times.once || s->sensor != NULL || eg_options_given(o, "every")))
		eg_usage("--scan excludes --every, --once and --sensor");
	if (s->poll.times.once && eg_options_given(o, "every"))
		eg_usage("--once and --every exclude each other");
	if (s->devices != NULL && (operands != 0 || s->sensor != NULL || s->units.n > 0))
		eg_usage("--devices: maps, hosts, units and sensors belong in the file");
	if (!s->scan && s->devices == NULL && operands < 2)
		eg_usage("want a map, and hosts or devices");
	if (s->sensor != NULL && !eg_modbus_is_name(s->sensor))
		eg_usage("--sensor: want letters, digits and _./-");
}

static int
list_devices(const struct settings *s, const struct eg_options *o, struct eg_modbus_list *list,
    int n, char *operand[], struct eg_error *e)
{
	if (s->devices != NULL)
		return eg_modbus_list_read(list, s->devices, e);
	eg_options_own(o, "the map", operand[0], NULL);
	for (int i = 1; i < n; i++) {
		struct eg_modbus_add add = { .map = operand[0], .target = operand[i], .name = s->sensor,
			.with_host = n > 2, .units = &s->units };

		if (eg_modbus_list_add(list, &add, e) != 0)
			return -1;
	}
	return 0;
}

/* Makes the checks for which the devices have to be known. */
static void
check_devices(const struct eg_options *o, const struct eg_modbus_list *list)
{
	for (size_t i = 0; i < list->maps; i++)
		eg_options_own(o, "the map", list->map[i]->file.path, NULL);
	for (size_t i = 0; i < list->n; i++)
		if (eg_modbus_is_line(list->device[i].target))
			return;
	if (eg_options_given(o, "line"))
		eg_usage("--line is for a serial line");
}

static void
poll_devices(const struct settings *s, const struct eg_options *o, int n, char *operand[],
    struct eg_error *e)
{
	struct eg_modbus_list list = { .n = 0 };

	if (list_devices(s, o, &list, n, operand, e) == 0) {
		check_devices(o, &list);
		(void)eg_modbus_poll(&s->poll, &list, &o->common, e);
	}
	eg_modbus_list_free(&list);
}

static void
run_scan(const struct settings *s, const struct eg_options *o, const char *target,
    struct eg_error *e)
{
	struct eg_modbus_scan scan = { .target = target, .line = s->poll.line, .units = s->units,
		.answer_ms = s->poll.answer_ms };

	if (eg_options_given(o, "line") && !eg_modbus_is_line(target))
		eg_usage("--line is for a serial line");
	(void)eg_modbus_scan(&scan, e);
}

int
main(int argc, char *argv[])
{
	static struct settings s = { .poll.line = EG_MODBUS_LINE_USUAL };
	struct eg_options o = { .synopsis = "[options] MAP HOST[:PORT]|DEVICE...",
		.purpose = "Read the registers of Modbus devices.", .table = table, .settings = &s,
		.peers = true, .listens = true };
	struct eg_error e = { 0 };
	int at;

	eg_diag_init("eg-modbus");
	at = eg_options_parse(&o, argc, argv);
	check_options(&s, &o, argc - at);
	if (s.scan)
		run_scan(&s, &o, argv[at], &e);
	else
		poll_devices(&s, &o, argc - at, argv + at, &e);
	return eg_report(&e);
}
