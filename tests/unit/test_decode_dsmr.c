/* SPDX-License-Identifier: MIT */
/* Telegrams: checksums, winter and summer, tariffs, the gas meter's own time. */
#include "decode_run.h"

/* The telegram between its first line and '!', with a checksum of its own. */
static const char *
seal(const char *lines)
{
	static char text[4096];
	unsigned crc = 0;
	int n = snprintf(text, sizeof(text), "/ISK5\\2M550T-1012\r\n\r\n%s!", lines);

	for (int i = 0; i < n; i++) {
		crc ^= (unsigned char)text[i];
		for (int k = 0; k < 8; k++)
			crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xA001 : crc >> 1;
	}
	snprintf(text + n, sizeof(text) - (size_t)n, "%04X\r\n", crc);
	return text;
}

#define TIME(t) "0-0:1.0.0(" t ")\r\n"
#define IMPORT "1-0:1.8.1(001073.079*kWh)\r\n"

static void
a_telegram_gives_all_its_quantities(void **state)
{
	struct eg_decode *d = open_format("dsmr");

	(void)state;
	gives(d, "", seal("1-3:0.2.8(50)\r\n" TIME("101209113020W")
	    "0-0:96.1.1(4B384547303034303436333935353037)\r\n"
	    "1-0:1.8.1(123456.789*kWh)\r\n1-0:1.8.2(123456.789*kWh)\r\n"
	    "1-0:2.8.1(123456.789*kWh)\r\n1-0:2.8.2(123456.789*kWh)\r\n0-0:96.14.0(0002)\r\n"
	    "1-0:1.7.0(01.193*kW)\r\n1-0:2.7.0(00.000*kW)\r\n0-0:96.7.21(00004)\r\n"
	    "1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(101208151004W)(0000000301*s)\r\n"
	    "0-0:96.13.0(303132)\r\n1-0:32.7.0(220.1*V)\r\n1-0:31.7.0(001*A)\r\n"
	    "1-0:21.7.0(01.111*kW)\r\n1-0:22.7.0(04.444*kW)\r\n0-1:24.1.0(003)\r\n"
	    "0-1:96.1.0(3232323241)\r\n0-1:24.2.1(101209112500W)(12785.123*m3)\r\n"),
	    "meter/import_t1:2010-12-09T10:30:20:123456.789\n"
	    "meter/import_t2:2010-12-09T10:30:20:123456.789\n"
	    "meter/export_t1:2010-12-09T10:30:20:123456.789\n"
	    "meter/export_t2:2010-12-09T10:30:20:123456.789\n"
	    "meter/tariff:2010-12-09T10:30:20:0002\n"
	    "meter/power:2010-12-09T10:30:20:01.193\n"
	    "meter/power_export:2010-12-09T10:30:20:00.000\n"
	    "meter/voltage_l1:2010-12-09T10:30:20:220.1\n"
	    "meter/current_l1:2010-12-09T10:30:20:001\n"
	    "meter/power_l1:2010-12-09T10:30:20:01.111\n"
	    "meter/power_export_l1:2010-12-09T10:30:20:04.444\n"
	    "meter/gas_1:2010-12-09T10:25:00:12785.123\n");
	eg_decode_free(d);
}

/* The first one's checksum was computed elsewhere (CRC-16/ARC, "123456789" is BB3D). */
static void
the_checksum_is_verified(void **state)
{
	struct eg_decode *d = open_format("dsmr");
	char text[4096];

	(void)state;
	gives(d, "", "\r\n/ABC5x\n\n0-0:1.0.0(240701120000S)\n1-0:1.8.0(5*kWh)\n!26A7\n",
	    "meter/import:2024-07-01T10:00:00:5\n");
	snprintf(text, sizeof(text), "%s", seal(TIME("240701120000S") IMPORT));
	gives(d, "", text, "meter/import_t1:2024-07-01T10:00:00:001073.079\n");
	*strchr(text, '7') = '8';
	refuses(d, "", text, "as the telegram says");
	snprintf(text, sizeof(text), "%s", seal(TIME("240701120000S") IMPORT));
	*strrchr(text, '!') = '\0';
	refuses(d, "", text, "cut short");
	strcat(text, "!\r\n");
	refuses(d, "", text, "has no checksum");
	strcat(text, "12");
	refuses(d, "", text, "has no checksum");
	refuses(d, "", "/\r\n!12G4\r\n", "has no checksum");
	refuses(d, "", "x", "begin with '/'");
	refuses(d, "", "", "begin with '/'");
	eg_decode_free(d);
}

static void
marks_tell_winter_from_summer(void **state)
{
	const struct eg_decode_config helsinki = { .format = "dsmr", .zone = "Europe/Helsinki",
		.sensor = "m" };
	struct eg_decode *d = open_format("dsmr");

	(void)state;
	gives(d, "", seal(TIME("241027023000S") IMPORT),
	    "meter/import_t1:2024-10-27T00:30:00:001073.079\n");
	gives(d, "", seal(TIME("241027023000W") IMPORT),
	    "meter/import_t1:2024-10-27T01:30:00:001073.079\n");
	/* A meter that keeps winter time all the year. */
	gives(d, "", seal(TIME("240701120000W") IMPORT),
	    "meter/import_t1:2024-07-01T11:00:00:001073.079\n");
	gives(d, "", seal(TIME("240701120000") IMPORT),
	    "meter/import_t1:2024-07-01T10:00:00:001073.079\n");
	eg_decode_free(d);
	d = open_config(&helsinki);
	gives(d, "", seal(TIME("240701120000S") IMPORT),
	    "m/import_t1:2024-07-01T09:00:00:001073.079\n");
	eg_decode_free(d);
}

static void
meters_on_the_bus_have_names_by_type_and_channel(void **state)
{
	struct eg_decode *d = open_format("dsmr");

	(void)state;
	gives(d, "house", seal(TIME("240701120000S")
	    "0-1:24.2.1(240701115500S)(00001.5*m3)\r\n0-1:24.1.0(007)\r\n"
	    "0-2:24.1.0(003)\r\n0-2:24.2.3(240701110000S)(2*m3)\r\n"
	    "0-3:24.2.1(240701110000S)(3*GJ)\r\n"
	    "0-4:24.1.0(003)\r\n0-4:24.2.1(632525252525W)(00000.000)\r\n"
	    "1-0:1.4.0(02.351*kW)\r\n1-0:1.6.0(240609134558S)(02.589*kW)\r\n"
	    "0-1:1.8.1(5*kWh)\r\n"),
	    "house/water_1:2024-07-01T09:55:00:00001.5\n"
	    "house/gas_2:2024-07-01T09:00:00:2\n"
	    "house/mbus_3_gj:2024-07-01T09:00:00:3\n"
	    "house/demand:2024-07-01T10:00:00:02.351\n"
	    "house/demand_peak:2024-06-09T11:45:58:02.589\n");
	eg_decode_free(d);
}

static void
times_and_values_that_are_none_refuse_the_telegram(void **state)
{
	const struct eg_decode_config now = { .format = "dsmr", .now = true };
	struct eg_decode *d = open_format("dsmr");

	(void)state;
	refuses(d, "", seal(IMPORT), "has no time");
	refuses(d, "", seal(TIME("240230120000W") IMPORT), "not in the calendar");
	refuses(d, "", seal(TIME("240701256000S") IMPORT), "time of day");
	refuses(d, "", seal(TIME("24070112000xS") IMPORT), "not YYMMDDhhmmss");
	refuses(d, "", seal(TIME("") IMPORT), "not YYMMDDhhmmss");
	refuses(d, "", seal(TIME("240331023000") IMPORT), "put forward");
	refuses(d, "", seal(TIME("240701120000S") "1-0:1.7.0(-----)\r\n"), "not a decimal number");
	gives(d, "", seal(TIME("240701120000S") "1-0:1.7.0(1\r\n1.7.0\r\n()\r\n(\r\n:(\r\n"), "");
	eg_decode_free(d);
	d = open_config(&now);
	gives(d, "", seal(IMPORT), "meter/import_t1:" AT_ARRIVAL ":001073.079\n");
	eg_decode_free(d);
}

#define READOUT "/ABC5 x\r\n\002F.F(00)\r\n0.0.0(00123)\r\n0.9.1(14:18:36)\r\n0.9.2(23-11-23)\r\n" \
	"1.8.0(000123.4*kWh)\r\n1.8.0*01(000100.0)(2310010000)\r\n1.6.0(0.60*kW)(2311201430)\r\n" \
	"1-1:2.8.0*255(7.5*kWh)\r\n!\r\n\003\x11"

static void
a_readout_is_of_now_or_of_its_clock(void **state)
{
	const struct eg_decode_config rome = { .format = "iec62056-21", .zone = "Europe/Rome",
		.sensor = "m" };
	struct eg_decode *d = open_format("iec62056-21");

	(void)state;
	gives(d, "", READOUT, "meter/import:" AT_ARRIVAL ":000123.4\n"
	    "meter/demand_peak:" AT_ARRIVAL ":0.60\nmeter/export:" AT_ARRIVAL ":7.5\n");
	refuses(d, "", "/ABC5\r\n1.8.0(5)\r\n", "cut short");
	eg_decode_free(d);
	d = open_config(&rome);
	gives(d, "", READOUT, "m/import:2023-11-23T13:18:36:000123.4\n"
	    "m/demand_peak:2023-11-23T13:18:36:0.60\nm/export:2023-11-23T13:18:36:7.5\n");
	eg_decode_free(d);
}

/* Every unit that is known for a code: value in, the same value out in the manual's unit. */
static void
units_are_converted_exactly(void **state)
{
	static const struct {
		const char *code, *text, *field, *want;
	} rows[] = {
		{ "1-0:1.8.0", "002468013*Wh", "import", "2468.013" },
		{ "1-0:1.8.0", "2.5*MWh", "import", "2500" },
		{ "1-0:1.8.0", "7.20*kWh", "import", "7.20" },
		{ "1-0:1.8.0", "1*GWh", "import", "1000000" },
		{ "1-0:2.8.0", "00000120.5*Wh", "export", "0.1205" },
		{ "1-0:1.7.0", "00345*W", "power", "0.345" },
		{ "1-0:1.7.0", "-5*W", "power", "-0.005" },
		{ "1-0:1.7.0", "0.001*MW", "power", "1" },
		{ "1-0:21.7.0", "000123.45*W", "power_l1", "0.12345" },
		{ "1-0:1.7.0", "000123.45*w", "power", "0.12345" },
		{ "1-0:32.7.0", "230300*mV", "voltage_l1", "230.300" },
		{ "1-0:31.7.0", "1500*mA", "current_l1", "1.500" },
		{ "1-0:3.8.0", "1234*varh", "reactive_import", "1.234" },
	};
	struct eg_decode *d = open_format("dsmr");
	char line[128], want[128];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(line, sizeof(line), TIME("240701120000S") "%s(%s)\r\n", rows[i].code, rows[i].text);
		snprintf(want, sizeof(want), "meter/%s:2024-07-01T10:00:00:%s\n", rows[i].field, rows[i].want);
		gives(d, "", seal(line), want);
	}
	/* Heat is in GJ: a kilowatt-hour is 0.0036 of it. */
	gives(d, "", seal(TIME("240701120000S") "0-1:24.1.0(012)\r\n0-1:24.2.1(240701115500S)(1.5*MWh)\r\n"),
	    "meter/heat_1:2024-07-01T09:55:00:5.40\n");
	gives(d, "", seal(TIME("240701120000S") "0-1:24.1.0(003)\r\n0-1:24.2.1(240701115500S)(1500*l)\r\n"),
	    "meter/gas_1:2024-07-01T09:55:00:1.500\n");
	eg_decode_free(d);
}

static void
what_is_not_understood_is_counted_and_named_once(void **state)
{
	const char *text = seal(TIME("240701120000S") "1-0:1.8.0(5*furlong)\r\n1-0:81.7.0(0.99*x)\r\n"
	    "1-0:1.8.1(1*kWh)\r\n");
	struct eg_decode *d = open_format("dsmr");
	struct eg_decoded out = decode_at(d, ARRIVAL, "", text, strlen(text));

	(void)state;
	assert_int_equal(out.records, 1);
	assert_int_equal(out.passed_over, 2);
	assert_string_equal(out.unknown, "import in 'furlong', 81.7.0");
	out = decode_at(d, ARRIVAL, "", text, strlen(text));
	assert_int_equal(out.passed_over, 2);
	assert_null(out.unknown);
	eg_decode_free(d);
}

/* Nothing says whether it is in kWh or Wh. A factor of power has no unit. */
static void
a_quantity_without_a_unit_is_named_and_passed_over(void **state)
{
	const char *text = seal(TIME("240701120000S") "1-0:2.7.0(5)\r\n1-0:32.7.0(230)\r\n"
	    "0-1:24.2.1(240701115500S)(7)\r\n0-2:24.2.1(240701115500S)(7*kg)\r\n1-0:13.7.0(0.98)\r\n");
	struct eg_decode *d = open_format("dsmr");
	struct eg_decoded out = decode_at(d, ARRIVAL, "", text, strlen(text));

	(void)state;
	assert_int_equal(out.passed_over, 4);
	assert_string_equal(out.unknown, "power_export without a unit, voltage_l1 without a unit, "
	    "mbus_1 of an unknown type, mbus_2 of an unknown type");
	gives(d, "", text, "meter/power_factor:2024-07-01T10:00:00:0.98\n");
	eg_decode_free(d);
	d = open_format("iec62056-21");
	gives(d, "", "/ABC5\r\n1.8.0(123.4)\r\n13.7.0(1)\r\n!\r\n", "meter/power_factor:" AT_ARRIVAL ":1\n");
	eg_decode_free(d);
}

static void
slots_that_were_never_read_are_no_readings(void **state)
{
	struct eg_decode *d = open_format("dsmr");

	(void)state;
	gives(d, "", seal(TIME("240701120000S") "0-1:24.1.0(003)\r\n0-1:24.2.1(700101010000W)(00000000)\r\n"
	    "0-2:24.1.0(003)\r\n0-2:24.2.1(000101010000W)(00000000)\r\n" IMPORT),
	    "meter/import_t1:2024-07-01T10:00:00:001073.079\n");
	refuses(d, "", seal(TIME("990101120000S") IMPORT), "not set: it says 2099-01-01T10:00:00");
	eg_decode_free(d);
}

static void
gas_of_older_meters_and_peaks_of_months_have_times_of_their_own(void **state)
{
	const struct eg_decode_config config = { .format = "iec62056-21", .zone = "Europe/Amsterdam" };
	struct eg_decode *d = open_config(&config);

	(void)state;
	gives(d, "", "/ISk5\\2MT382-0000\r\n\r\n0-2:24.1.0(3)\r\n"
	    "0-2:24.3.0(211123200000)(00)(60)(1)(0-2:24.2.1)(m3)\r\n(13376.292)\r\n0-2:24.4.0(1)\r\n!\r\n",
	    "meter/gas_2:2021-11-23T19:00:00:13376.292\n");
	/* A head without a reading below it, and a reading without a head. */
	gives(d, "", "/ISk5\\2MT382-0000\r\n\r\n(1)\r\n0-2:24.3.0(211123200000)(00)(60)(1)(0-2:24.2.1)(m3)\r\n!\r\n", "");
	eg_decode_free(d);
	d = open_format("dsmr");
	gives(d, "", seal(TIME("251026023000S") "0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(250901000000S)(250823221345S)"
	    "(02.695*kW)(251001000000S)(250917000000S)(4318*W)(cut)\r\n"),
	    "meter/demand_peak:2025-08-23T20:13:45:02.695\nmeter/demand_peak:2025-09-16T22:00:00:4.318\n");
	eg_decode_free(d);
}

/* Hungary's E.ON has the registers of the end of the month under the code of Belgium's peaks. */
static void
one_line_without_a_reading_does_not_cost_the_others(void **state)
{
	struct eg_decode *d = open_format("dsmr");

	(void)state;
	gives(d, "", seal(TIME("240701120000S") "0-0:96.14.0()\r\n1-0:32.7.0()\r\n0-1:24.1.0(003)\r\n"
	    "0-1:24.2.1(240701115500S)()\r\n0-0:98.1.0(240601000000S)(000040.777*kWh)(000008.950*kWh)"
	    "(000031.827*kWh)(000142.250*kWh)\r\n" IMPORT),
	    "meter/import_t1:2024-07-01T10:00:00:001073.079\n");
	gives(d, "", seal(TIME("240701120000S") "0-0:98.1.0(0)(1-0:1.6.0)(1-0:1.6.0)()()()\r\n" IMPORT),
	    "meter/import_t1:2024-07-01T10:00:00:001073.079\n");
	eg_decode_free(d);
}

/* DSMR 4.0 has codes with a last group; a Landis+Gyr E350 marks its gas with a small s. */
static void
codes_and_marks_have_several_spellings(void **state)
{
	struct eg_decode *d = open_format("dsmr");

	(void)state;
	gives(d, "", seal(TIME("240701120000s") "1-0:31.7.0.255(001*A)\r\n1-0:21.7.0.255(01.111*kW)\r\n"
	    "1-0:1.8.0*255(2*kWh)\r\n0-1:24.1.0(003)\r\n0-1:24.2.1(240701110000s)(845.206*m3)\r\n"),
	    "meter/current_l1:2024-07-01T10:00:00:001\nmeter/power_l1:2024-07-01T10:00:00:01.111\n"
	    "meter/import:2024-07-01T10:00:00:2\nmeter/gas_1:2024-07-01T09:00:00:845.206\n");
	eg_decode_free(d);
	d = open_format("iec62056-21");
	gives(d, "", "/ESY5Q3D\r\n1-0:21.7.255*255(00007.65*W)\r\n1-0:1.7.255*255(00048.02*W)\r\n!\r\n",
	    "meter/power_l1:" AT_ARRIVAL ":0.00765\nmeter/power:" AT_ARRIVAL ":0.04802\n");
	eg_decode_free(d);
}

/* Without --tz, the zone of the meter's times is unknown. */
static void
gas_of_older_meters_is_of_now_without_a_zone(void **state)
{
	struct eg_decode *d = open_format("iec62056-21");

	(void)state;
	gives(d, "", "/ISk5\\2MT382-0000\r\n\r\n0-2:24.1.0(3)\r\n"
	    "0-2:24.3.0(211123200000)(00)(60)(1)(0-2:24.2.1)(m3)\r\n(13376.292)\r\n!\r\n",
	    "meter/gas_2:" AT_ARRIVAL ":13376.292\n");
	eg_decode_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_telegram_gives_all_its_quantities),
		cmocka_unit_test(the_checksum_is_verified),
		cmocka_unit_test(marks_tell_winter_from_summer),
		cmocka_unit_test(meters_on_the_bus_have_names_by_type_and_channel),
		cmocka_unit_test(times_and_values_that_are_none_refuse_the_telegram),
		cmocka_unit_test(a_readout_is_of_now_or_of_its_clock),
		cmocka_unit_test(units_are_converted_exactly),
		cmocka_unit_test(what_is_not_understood_is_counted_and_named_once),
		cmocka_unit_test(a_quantity_without_a_unit_is_named_and_passed_over),
		cmocka_unit_test(slots_that_were_never_read_are_no_readings),
		cmocka_unit_test(gas_of_older_meters_and_peaks_of_months_have_times_of_their_own),
		cmocka_unit_test(one_line_without_a_reading_does_not_cost_the_others),
		cmocka_unit_test(codes_and_marks_have_several_spellings),
		cmocka_unit_test(gas_of_older_meters_is_of_now_without_a_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
