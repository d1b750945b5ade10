/* SPDX-License-Identifier: MIT */
/* Tests of lib/modbus: the map of a device, and registers to values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "modbus/map.h"
#include "modbus/value.h"

static void
a_map_names_registers_types_and_units(void **state)
{
	static const char text[] = "# a meter\r\nname meter\nunit 7\nlimit 80\ngap 4\norder cdab\n"
	                           "power input:0x0c f32 kW # now\n"
	                           "energy holding:65534 u32 Wh scale=-2.50 order=abcd nan=0x7fffffff sf=9\n";
	struct eg_error e = { 0 };
	struct eg_modbus_map m;

	(void)state;
	assert_int_equal(eg_modbus_map_parse(&m, "m", text, sizeof(text) - 1, &e), 0);
	assert_string_equal(m.name, "meter");
	assert_int_equal(m.unit, 7);
	assert_int_equal(m.limit, 80);
	assert_int_equal(m.gap, 4);
	assert_int_equal(m.n, 2);
	assert_string_equal(m.entry[0].name, "power");
	assert_int_equal(m.entry[0].table, EG_MODBUS_INPUT);
	assert_int_equal(m.entry[0].address, 12);
	assert_true(m.entry[0].swap_words && !m.entry[0].swap_bytes);
	assert_int_equal(m.entry[0].sf, EG_MODBUS_SF_NONE);
	assert_int_equal(m.entry[1].table, EG_MODBUS_HOLDING);
	assert_int_equal(m.entry[1].line, 8);
	assert_false(m.entry[1].swap_words);
	assert_int_equal(m.entry[1].factor, 25);
	assert_int_equal(m.entry[1].power, -1);
	assert_true(m.entry[1].negative);
	assert_int_equal(m.entry[1].nan, 0x7fffffff);
	assert_int_equal(m.entry[1].sf, 9);
	eg_modbus_map_free(&m);
}

/* Each is refused, with the line's number and these words. */
static void
what_is_wrong_in_a_map_is_named(void **state)
{
	static const char *const rows[][2] = {
		{ "", "names no register" }, { "unit 1\n", "names no register" },
		{ "unit 256\n", "m:1: unit: want" }, { "unit 1 2\n", "want one word" }, { "unit\n", "want one word" },
		{ "limit 0\n", "1 to 125" }, { "limit 126\n", "1 to 125" }, { "gap 125\n", "0 to 124" },
		{ "name a:b\n", "m:1: name:" }, { "order acbd\n", "m:1: order:" },
		{ "a input:1 f32\n", "a name, a register, a type and a unit" },
		{ "a:b input:1 f32 W\n", "the name of a sensor" }, { "a coil:1 u16 W\n", "want holding:ADDRESS" },
		{ "a input u16 W\n", "want holding:ADDRESS" }, { "a input:65536 u16 W\n", "0 to 65535" },
		{ "a input:-1 u16 W\n", "0 to 65535" }, { "a input:0x u16 W\n", "0 to 65535" },
		{ "a input:65535 u32 W\n", "ends behind" }, { "a input:1 i16 W\n", "a type is one of" },
		{ "a input:1 u16 watt\n", "no unit" }, { "a input:1 u16 W scale=0\n", "scale:" },
		{ "a input:1 u16 W scale=1234\n", "scale:" }, { "a input:1 u16 W scale=1e3\n", "scale:" },
		{ "a input:1 u16 W scale=\n", "scale:" }, { "a input:1 u16 W scale=99999999999999999999\n", "scale:" },
		{ "a sunspec:1 u16 W\n", "sunspec: want" }, { "a sunspec:1,2,3,4,5:1 u16 W\n", "sunspec: want" },
		{ "a sunspec:,1:1 u16 W\n", "sunspec: want" }, { "a sunspec:1:x u16 W\n", "sunspec: want" },
		{ "a sunspec:65535:1 u16 W\n", "sunspec: want" },
		{ "a input:1 u16 W nan=0x10000\n", "nan:" }, { "a input:1 u16 W sf=65536\n", "sf:" },
		{ "a input:1 u16 W order=x\n", "order:" }, { "a input:1 u16 W b=2\n", "is none of" },
		{ "a input:1 u16 W\n\na input:2 u16 W\n", "m:3: 'a' is in line 1 already" },
		{ "limit 1\na input:1 u32 W\n", "m:2: the value has more registers than the limit of 1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct eg_error e = { 0 };
		struct eg_modbus_map m;

		assert_int_equal(eg_modbus_map_parse(&m, "m", rows[i][0], strlen(rows[i][0]), &e), -1);
		assert_int_equal(e.status, EG_CONFIG);
		if (strstr(e.text, rows[i][1]) == NULL)
			fail_msg("%s: %s", rows[i][0], e.text);
	}
}

/* A line of a map without its name and register, the registers, the scale factor, and the value;
 * NULL: nothing was measured, "": out of range. */
static const struct {
	const char *line;
	uint16_t reg[4], sf;
	const char *want;
} values[] = {
	{ "u16 W", { 65534 }, 0, "65534" }, { "u16 W", { 65535 }, 0, NULL },
	{ "u16 W nan=none", { 65535 }, 0, "65535" }, { "u16 W nan=7", { 7 }, 0, NULL },
	{ "u16 W nan=7", { 65535 }, 0, NULL }, { "s16 W", { 65535 }, 0, "-1" },
	{ "s16 W", { 0x8000 }, 0, NULL }, { "s16 W nan=none", { 0x8000 }, 0, "-32768" },
	{ "s16 W scale=-1", { 0 }, 0, "0" }, { "s16 W scale=-1", { 5 }, 0, "-5" },
	{ "s16 W scale=-0.1", { 65531 }, 0, "0.5" },
	{ "u32 Wh scale=10", { 1, 2 }, 0, "655.380" }, { "u32 Wh order=cdab", { 2, 1 }, 0, "65.538" },
	{ "u32 - order=badc", { 0x0100, 0x0200 }, 0, "65538" }, { "u32 - order=dcba", { 0x0200, 0x0100 }, 0, "65538" },
	{ "u32 W", { 0xffff, 0xffff }, 0, NULL }, { "s32 W", { 0x8000, 0 }, 0, NULL },
	{ "s32 kW", { 0xffff, 0xfffe }, 0, "-2000" }, { "u64 Wh", { 0, 0, 1, 0 }, 0, "65.536" },
	{ "u64 -", { 0xffff, 0xffff, 0xffff, 0xfffe }, 0, "18446744073709551614" },
	{ "s64 -", { 0xffff, 0xffff, 0xffff, 0xfffe }, 0, "-2" }, { "s64 -", { 0x8000, 0, 0, 0 }, 0, NULL },
	{ "f32 V", { 0x4366, 0x3333 }, 0, "230.2" }, { "f32 V order=cdab", { 0x3333, 0x4366 }, 0, "230.2" },
	{ "f32 W", { 0x7fc0, 0 }, 0, NULL }, { "f32 W", { 0xff80, 0 }, 0, NULL }, { "f32 W", { 0x8000, 0 }, 0, "0" },
	{ "f32 W", { 0x3f80, 0 }, 0, "1" }, { "f32 kWh", { 0x4b80, 0 }, 0, "16777216" },
	{ "f32 W scale=-1", { 0x4366, 0x3333 }, 0, "-230.2" }, { "f32 MWh", { 0x3dcc, 0xcccd }, 0, "100" },
	{ "f32 W", { 0x7f7f, 0xffff }, 0, "340282350000000000000000000000000000000" },
	{ "f64 W", { 0x406c, 0xc666, 0x6666, 0x6666 }, 0, "230.2" }, { "f64 W", { 0x7fe0, 0, 0, 0 }, 0, "" },
	{ "s16 W", { 1234 }, 0xfffe, "12.34" }, { "s16 W", { 12 }, 2, "1200" }, { "s16 W", { 12 }, 0x8000, NULL },
	{ "s16 W", { 12 }, 11, "" }, { "s16 W", { 12 }, 0xfff5, "" }, { "u16 l", { 1500 }, 0, "1.500" },
	{ "u16 % scale=0.1", { 505 }, 0, "50.5" }, { "u16 mA", { 1500 }, 0, "1.500" },
};

static void
registers_become_exact_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char text[128] = "a input:1 ", out[EG_VALUE_MAX];
		struct eg_error e = { 0 };
		struct eg_modbus_map m;
		enum eg_modbus_result got;
		size_t len = 0;

		strcat(text, values[i].line);
		assert_int_equal(eg_modbus_map_parse(&m, "m", text, strlen(text), &e), 0);
		got = eg_modbus_value(m.entry, values[i].reg, values[i].sf, out, &len);
		if (values[i].want == NULL)
			assert_int_equal(got, EG_MODBUS_NOTHING);
		else if (*values[i].want == '\0')
			assert_int_equal(got, EG_MODBUS_RANGE);
		else if (got != EG_MODBUS_OK || len != strlen(values[i].want) ||
		    memcmp(out, values[i].want, len) != 0)
			fail_msg("%s: %d, '%.*s', not '%s'", values[i].line, got, (int)len, out, values[i].want);
		eg_modbus_map_free(&m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_names_registers_types_and_units),
		cmocka_unit_test(what_is_wrong_in_a_map_is_named),
		cmocka_unit_test(registers_become_exact_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
