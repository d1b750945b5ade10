/* SPDX-License-Identifier: MIT */
/* For every decoder and every unit that its messages may have: the value that comes out, in the
 * unit that `--meters` gives, is the value that went in. Values are generated. */
#include "decode_run.h"

#include "base/wide.h"
#include "message_make.h"

enum { ROUNDS = 40 };

/* Units in thousandths of the base unit of their quantity, from the standard. */
static const struct {
	const char *name;
	int64_t thousandths;
	int number; /* in DLMS and SML; 0: none */
} units[] = {
	{ "mW", 1, 0 }, { "W", 1000, 27 }, { "kW", 1000000, 0 }, { "MW", 1000000000, 0 },
	{ "Wh", 3600000, 30 }, { "kWh", 3600000000, 0 }, { "MWh", 3600000000000, 0 },
	{ "J", 1000, 0 }, { "kJ", 1000000, 0 }, { "MJ", 1000000000, 0 }, { "GJ", 1000000000000, 0 },
	{ "varh", 1000, 32 }, { "kvarh", 1000000, 0 }, { "var", 1000, 29 }, { "kvar", 1000000, 0 },
	{ "VA", 1000, 28 }, { "kVA", 1000000, 0 }, { "mV", 1, 0 }, { "V", 1000, 35 }, { "kV", 1000000, 0 },
	{ "mA", 1, 0 }, { "A", 1000, 33 }, { "kA", 1000000, 0 }, { "Hz", 1000, 44 },
	{ "l", 1, 0 }, { "dm3", 1, 0 }, { "m3", 1000, 0 }, { "%", 1000, 0 }, { "", 1000, 0 },
};

/* A message with one value: @V is the value, @U its unit. In a binary format, text is an OBIS
 * code's C, D and E. The device of a sensor is `meter` in telegrams, otherwise `d`; if the message
 * does not contain "d", it is set with --sensor. units: those that the message may have; a format
 * without --meters has the sensor's unit after '='. */
static const struct {
	const char *format, *text, *sensor, *units;
} rows[] = {
	{ "dsmr", "1-0:1.8.1(@V*@U)\r\n", "meter/import_t1", "Wh kWh MWh" },
	{ "dsmr", "1-0:1.7.0(@V*@U)\r\n", "meter/power", "W kW MW" },
	{ "dsmr", "1-0:32.7.0(@V*@U)\r\n", "meter/voltage_l1", "mV V kV" },
	{ "dsmr", "1-0:31.7.0(@V*@U)\r\n", "meter/current_l1", "mA A kA" },
	{ "dsmr", "1-0:14.7.0(@V*@U)\r\n", "meter/frequency", "Hz" },
	{ "dsmr", "1-0:3.7.0(@V*@U)\r\n", "meter/reactive_power", "var kvar" },
	{ "dsmr", "1-0:9.7.0(@V*@U)\r\n", "meter/apparent_power", "VA kVA" },
	{ "dsmr", "0-1:24.1.0(003)\r\n0-1:24.2.1(240718120005S)(@V*@U)\r\n", "meter/gas_1", "l dm3 m3" },
	{ "dsmr", "0-2:24.1.0(012)\r\n0-2:24.2.1(240718120005S)(@V*@U)\r\n", "meter/heat_2",
		"J kJ MJ GJ Wh kWh MWh" },
	{ "iec62056-21", "1.8.0(@V*@U)\r\n", "meter/import", "Wh kWh MWh" },
	{ "iec62056-21", "3.8.0(@V*@U)\r\n", "meter/reactive_import", "varh kvarh" },
	{ "iec62056-21", "16.7(@V*@U)\r\n", "meter/power_balance", "W kW MW" },
	{ "iec62056-21", "15.7(@V*@U)\r\n", "meter/power_absolute", "W kW MW" },
	{ "sml", "\1\10\0", "meter/import", "Wh" }, { "sml", "\20\7\0", "meter/power_balance", "W" },
	{ "sml", "\40\7\0", "meter/voltage_l1", "V" }, { "sml", "\37\7\0", "meter/current_l1", "A" },
	{ "sml", "\16\7\0", "meter/frequency", "Hz" }, { "sml", "\3\10\0", "meter/reactive_import", "varh" },
	{ "dlms", "\1\10\0", "meter/import", "Wh" }, { "dlms", "\1\7\0", "meter/power", "W" },
	{ "dlms", "\40\7\0", "meter/voltage_l1", "V" }, { "dlms", "\37\7\0", "meter/current_l1", "A" },
	{ "dlms", "\16\7\0", "meter/frequency", "Hz" }, { "dlms", "\3\10\0", "meter/reactive_import", "varh" },
	{ "dlms", "\3\7\0", "meter/reactive_power", "var" }, { "dlms", "\11\7\0", "meter/apparent_power", "VA" },
	{ "shelly1", "{\"emeters\":[{\"power\":@V,\"is_valid\":true}],\"unixtime\":1721296805}", "d/emeter/0/power", "W" },
	{ "shelly1", "{\"emeters\":[{\"total\":@V,\"is_valid\":true}],\"unixtime\":1721296805}", "d/emeter/0/energy", "Wh" },
	{ "shelly2", "{\"src\":\"d\",\"sys\":{\"unixtime\":1721296805},\"em1:0\":{\"act_power\":@V}}", "d/em1/0/power", "W" },
	{ "tasmota", "{\"Time\":\"2024-07-18T12:00:05\",\"ENERGY\":{\"Total\":@V}}", "d/total", "kWh" },
	{ "tasmota", "{\"Time\":\"2024-07-18T12:00:05\",\"ENERGY\":{\"Power\":@V}}", "d/power", "W" },
	{ "zigbee2mqtt", "{\"last_seen\":1721296805000,\"energy\":@V}", "d/energy", "kWh" },
	{ "zigbee2mqtt", "{\"last_seen\":1721296805000,\"power\":@V}", "d/power", "W" },
	{ "homewizard", "{\"total_power_import_kwh\":@V}", "d/import", "kWh" },
	{ "homewizard", "{\"power_l1_w\":@V}", "d/power_l1", "W" },
	{ "homewizard", "{\"external\":[{\"type\":\"gas_meter\",\"unique_id\":\"1\",\"value\":@V,\"unit\":\"@U\"}]}",
		"d/gas_meter/1", "l dm3 m3" },
	{ "homewizard", "{\"external\":[{\"type\":\"heat_meter\",\"unique_id\":\"1\",\"value\":@V,\"unit\":\"@U\"}]}",
		"d/heat_meter/1", "J kJ MJ GJ Wh kWh MWh" },
	{ "fronius", "{\"Head\":{\"Status\":{\"Code\":0}},\"Body\":{\"Data\":{\"PAC\":{\"Unit\":\"@U\",\"Value\":@V}}}}",
		"d/power", "mW W kW MW" },
	{ "fronius", "{\"Head\":{\"Status\":{\"Code\":0}},\"Body\":{\"Data\":{\"TOTAL_ENERGY\":{\"Unit\":\"@U\",\"Values\":"
	    "{\"1\":@V}}}}}", "d/1/energy_total", "Wh kWh MWh" },
	{ "opendtu", "{\"inverters\":[{\"serial\":\"d\",\"reachable\":true,\"AC\":{\"0\":{\"YieldTotal\":{\"v\":@V,\"u\":\"@U\"}}}}]}",
		"d/ac/energy_total", "Wh kWh MWh" },
	{ "opendtu", "{\"inverters\":[{\"serial\":\"d\",\"reachable\":true,\"AC\":{\"0\":{\"YieldDay\":{\"v\":@V,\"u\":\"@U\"}}}}]}",
		"d/ac/energy_day", "Wh kWh MWh" },
	{ "opendtu", "{\"inverters\":[{\"serial\":\"d\",\"reachable\":true,\"AC\":{\"0\":{\"Power\":{\"v\":@V,\"u\":\"@U\"}}}}]}",
		"d/ac/power", "mW W kW MW" },
	{ "solaredge", "{\"power\":{\"unit\":\"@U\",\"values\":[{\"date\":\"2024-07-18 12:00:05\",\"value\":@V}]}}",
		"d/power", "W kW MW" },
	{ "solaredge", "{\"energy\":{\"unit\":\"@U\",\"values\":[{\"date\":\"2024-07-18 12:00:05\",\"value\":@V}]}}",
		"d/energy", "Wh kWh MWh" },
	{ "solaredge", "{\"siteCurrentPowerFlow\":{\"unit\":\"@U\",\"PV\":{\"currentPower\":@V}}}", "d/power_pv", "W kW MW" },
	{ "enphase", "{\"meters\":{\"pv\":{\"agg_p_mw\":@V}}}", "d/pv/power", "mW" },
	{ "enphase", "[{\"eid\":1,\"activePower\":@V}]", "d/1/power", "W" },
	{ "wmbusmeters", "{\"meter\":\"x\",\"id\":\"d\",\"total_m3\":@V,\"timestamp\":\"2024-07-18T10:00:05Z\"}",
		"d/total_m3", "m3" },
	{ "wmbusmeters", "{\"meter\":\"x\",\"id\":\"d\",\"total_kwh\":@V,\"timestamp\":\"2024-07-18T10:00:05Z\"}",
		"d/total_kwh", "kWh" },
	{ "home-assistant", "{\"entity_id\":\"d\",\"state\":\"@V\",\"attributes\":{\"device_class\":\"energy\","
	    "\"unit_of_measurement\":\"@U\"},\"last_updated\":\"2024-07-18T10:00:05Z\"}", "d", "Wh kWh MWh=kWh" },
	{ "home-assistant", "{\"entity_id\":\"d\",\"state\":\"@V\",\"attributes\":{\"device_class\":\"power\","
	    "\"unit_of_measurement\":\"@U\"},\"last_updated\":\"2024-07-18T10:00:05Z\"}", "d", "mW W kW MW=W" },
	{ "home-assistant", "{\"entity_id\":\"d\",\"state\":\"@V\",\"attributes\":{\"device_class\":\"water\","
	    "\"unit_of_measurement\":\"@U\"},\"last_updated\":\"2024-07-18T10:00:05Z\"}", "d", "l m3=m3" },
	{ "influx", "d v=@V 1721296805000000000\n", "d/v", "=" },
	{ "influx-csv", "_time,_value,sensor\n2024-07-18T10:00:05Z,@V,d\n", "d", "=" },
	{ "senml", "[{\"n\":\"d\",\"t\":1721296805,\"v\":@V}]", "d", "=" },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]), UNITS = sizeof(units) / sizeof(units[0]) };

/* The same numbers in each run. */
static uint32_t
next_random(void)
{
	static uint32_t state = 12345;

	state = state * 1664525 + 1013904223;
	return state >> 8;
}

static size_t
find_unit(const char *name, size_t len)
{
	for (size_t i = 0; i < UNITS; i++)
		if (strlen(units[i].name) == len && memcmp(units[i].name, name, len) == 0)
			return i;
	fail_msg("no unit %.*s in the test", (int)len, name);
	return 0;
}

static struct eg_wide
times(struct eg_wide n, int64_t by)
{
	assert_true(eg_wide_multiply(n, eg_wide_of(by), &n));
	return n;
}

/* The number as a whole number of 10^-12. */
static struct eg_wide
exact(const char *s, size_t len)
{
	struct eg_wide n = eg_wide_of(0);
	int digits = -1;

	for (size_t i = *s == '-'; i < len; i++) {
		if (s[i] == '.') {
			digits = 0;
		} else {
			assert_true(s[i] >= '0' && s[i] <= '9');
			n = times(n, 10);
			assert_true(eg_wide_add(&n, eg_wide_of(s[i] - '0')));
			digits += digits >= 0;
		}
	}
	for (int i = digits < 0 ? 0 : digits; i < 12; i++)
		n = times(n, 10);
	return *s == '-' ? eg_wide_negative(n) : n;
}

/* A number of up to 6 digits and 3 decimals; scaled by 10^scaler in binary formats. */
static void
make_value(int32_t *mantissa, int *scaler, char text[32])
{
	int32_t n = (int32_t)(next_random() % 1000000);
	int decimals = (int)(next_random() % 4), unit = 1;

	*mantissa = n;
	*scaler = -decimals;
	for (int i = 0; i < decimals; i++)
		unit *= 10;
	if (decimals == 0)
		snprintf(text, 32, "%d", n);
	else
		snprintf(text, 32, "%d.%0*d", n / unit, decimals, n % unit);
}

static bool
is_telegram(size_t row)
{
	return strcmp(rows[row].format, "dsmr") == 0 || strcmp(rows[row].format, "iec62056-21") == 0;
}

static struct bytes
message(size_t row, int32_t n, int scaler, const char *value, size_t unit)
{
	const char *format = rows[row].format;
	struct bytes b;

	if (strcmp(format, "sml") == 0 || strcmp(format, "dlms") == 0)
		return binary(*format == 's', rows[row].text, n, scaler, units[unit].number);
	b = fill(rows[row].text, value, units[unit].name);
	return is_telegram(row) ? telegram(&b, *format == 'd') : b;
}

static struct eg_decode *
open_row(size_t row)
{
	bool named = *rows[row].sensor != 'd' || strstr(rows[row].text, "\"d\"") != NULL ||
	    strchr(rows[row].units, '=') != NULL;
	struct eg_decode_config config = { .format = rows[row].format, .sensor = named ? NULL : "d" };
	struct eg_error e = { 0 };
	struct eg_decode *d = eg_decode_new(&config, true, &e);

	if (d == NULL)
		config.zone = "Europe/Rome"; /* for times without an offset */
	eg_decode_free(d);
	return open_config(&config);
}

/* The unit of the sensor, as the format's file of meters has it. */
static size_t
documented(const char *format, const char *sensor)
{
	const char *text = eg_known_meters(format), *name;
	struct eg_error e = { 0 };
	struct eg_meters *m;
	const struct eg_meter *meter;
	size_t unit;

	if (text == NULL)
		fail_msg("%s is missing in lib/decode/known_meters.c", format);
	m = eg_meters_parse(format, text, strlen(text), &e);
	if (m == NULL)
		fail_msg("%s", e.text);
	meter = eg_meters_find(m, sensor, strlen(sensor));
	if (meter == NULL)
		fail_msg("lib/decode/known_meters.c: %s has no line for %s", format, sensor);
	name = eg_kind_unit(meter->kind);
	unit = find_unit(name, strlen(name));
	eg_meters_free(m);
	return unit;
}

/* value in = value out, exactly. */
static void
check_value(size_t row, size_t from, size_t to, struct eg_decode *d)
{
	char value[32], want[128];
	const char *out, *colon;
	int32_t n;
	int scaler;
	struct eg_decoded decoded;
	struct eg_wide sent, came;
	struct bytes b;

	make_value(&n, &scaler, value);
	b = message(row, n, scaler, value, from);
	decoded = decode_at(d, ARRIVAL, "", (const char *)b.b, b.n);
	snprintf(want, sizeof(want), "%s:", rows[row].sensor);
	if (decoded.reason != NULL || decoded.records != 1 ||
	    strncmp(decoded.lines, want, strlen(want)) != 0)
		fail_msg("%s, %s %s: no record of %s alone: %.*s%s", rows[row].format, value, units[from].name,
		    rows[row].sensor, decoded.reason == NULL ? (int)decoded.len : 0, decoded.lines,
		    decoded.reason != NULL ? decoded.reason : "");
	colon = memrchr(decoded.lines, ':', decoded.len);
	out = colon + 1;
	sent = times(exact(value, strlen(value)), units[from].thousandths);
	came = times(exact(out, decoded.len - (size_t)(out - decoded.lines) - 1),
	    units[to].thousandths);
	if (eg_wide_compare(sent, came) != 0)
		fail_msg("%s: %s %s became %.*s %s", rows[row].sensor, value, units[from].name,
		    (int)(decoded.lines + decoded.len - 1 - out), out, units[to].name);
}

static void
what_comes_out_is_what_went_in_for_every_unit(void **state)
{
	(void)state;
	for (size_t row = 0; row < ROWS; row++) {
		const char *u = rows[row].units, *doc = strchr(u, '=');
		size_t to = doc != NULL ? find_unit(doc + 1, strlen(doc + 1))
		                        : documented(rows[row].format, rows[row].sensor);
		struct eg_decode *d = open_row(row);

		do {
			size_t len = strcspn(u, " =");

			for (int i = 0; i < ROUNDS; i++)
				check_value(row, find_unit(u, len), to, d);
			u += len + strspn(u + len, " ");
		} while (*u != '\0' && *u != '=');
		eg_decode_free(d);
	}
}

/* Units of another quantity, or none that is known, give no record, and are named once. */
static void
a_unit_that_is_not_known_is_counted_and_named_once(void **state)
{
	(void)state;
	for (size_t row = 0; row < ROWS; row++) {
		struct eg_decode *d;

		if (strstr(rows[row].text, "@U") == NULL)
			continue;
		d = open_row(row);
		for (int i = 0; i < 3; i++) {
			struct bytes b = fill(rows[row].text, "1.5", "furlong");
			struct eg_decoded out;

			if (is_telegram(row))
				b = telegram(&b, *rows[row].format == 'd');
			out = decode_at(d, ARRIVAL, "", (const char *)b.b, b.n);
			assert_null(out.reason);
			assert_int_equal(out.records, 0);
			assert_int_equal(out.passed_over, 1);
			assert_int_equal(out.unknown != NULL, i == 0);
			assert_true(i > 0 || strstr(out.unknown, "'furlong'") != NULL);
		}
		eg_decode_free(d);
	}
}

/* Two telegrams on one line: what is not one telegram from its beginning to its end is refused. */
static void
telegrams_of_two_meters_never_mix(void **state)
{
	struct bytes one = fill("1-0:1.8.0(@V*@U)\r\n", "000001.000", "kWh"),
	    two = fill("1-0:1.8.0(@V*@U)\r\n", "000002.000", "kWh"), a = telegram(&one, true),
	    b = telegram(&two, true);
	struct eg_decode *d = open_format("dsmr");

	(void)state;
	for (size_t i = 1; i < a.n; i++)
		for (size_t k = 0; k < b.n; k += 3) {
			struct bytes mixed = { 0 };
			struct eg_decoded out;

			push(&mixed, a.b, i);
			push(&mixed, b.b + k, b.n - k);
			out = decode_at(d, ARRIVAL, "", (const char *)mixed.b, mixed.n);
			/* Where the rest of the one is that of the other, it is the other. */
			if (out.reason == NULL)
				assert_true((i == k && memcmp(a.b, b.b, i) == 0) ||
				    memcmp(mixed.b, a.b, a.n - 2) == 0);
		}
	eg_decode_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_out_is_what_went_in_for_every_unit),
		cmocka_unit_test(a_unit_that_is_not_known_is_counted_and_named_once),
		cmocka_unit_test(telegrams_of_two_meters_never_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
