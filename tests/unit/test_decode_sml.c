/* SPDX-License-Identifier: MIT */
/* SML: transport, checksum, scalers, units, several meters, and frames that are broken. */
#include "decode_run.h"

/* A frame that is put together; text is taken as bytes, so NULs are counted by hand. */
static unsigned char frame[2048];
static size_t len;

static void
add(const char *bytes, size_t n)
{
	memcpy(frame + len, bytes, n);
	len += n;
}

#define ADD(text) add(text, sizeof(text) - 1)

static unsigned
crc(const unsigned char *s, size_t n)
{
	unsigned c = 0xffff;

	for (size_t i = 0; i < n; i++) {
		c ^= s[i];
		for (int k = 0; k < 8; k++)
			c = (c & 1) != 0 ? (c >> 1) ^ 0x8408 : c >> 1;
	}
	return c ^ 0xffff;
}

static void
begin(void)
{
	len = 0;
	ADD("\x1b\x1b\x1b\x1b\x01\x01\x01\x01");
}

/* A GetList response of n entries, which follow, of the server with an ID of this length. */
static void
list_of(const char *server, size_t server_len, int n)
{
	char head[2] = { (char)(0x70 | n), 0 }, length = (char)(server_len + 1);

	ADD("\x76\x02\x01\x62\x00\x62\x00\x72\x63\x07\x01\x77\x01");
	add(&length, 1);
	add(server, server_len);
	ADD("\x01\x72\x62\x01\x65\x00\x01\x02\x03"); /* seconds of operation: no time */
	add(head, 1);
}

static void
list(const char *server, int n)
{
	list_of(server, 1, n);
}

static void
end_list(void)
{
	ADD("\x01\x01\x63\x00\x00\x00");
}

/* An entry: C.D, unit, scaler, and the value's item. */
static void
entry(const char *cd, char unit, signed char scaler, const char *value, size_t n)
{
	char tail[4] = { 0x62, unit, 0x52, (char)scaler };

	ADD("\x77\x07\x01\x00");
	add(cd, 2);
	ADD("\x00\xff\x01\x01");
	add(tail, 4);
	add(value, n);
	ADD("\x01");
}

/* Closes the frame; returns the decoder's answer in words. */
static void
finish(void)
{
	char fill = 0, sum[2];
	unsigned c;

	while (len % 4 != 0) {
		ADD("\x00");
		fill++;
	}
	ADD("\x1b\x1b\x1b\x1b\x1a");
	add(&fill, 1);
	c = crc(frame, len);
	sum[0] = (char)(c & 0xff);
	sum[1] = (char)(c >> 8);
	add(sum, 2);
}

static void
gives_bytes(struct eg_decode *d, const char *lines)
{
	struct eg_decoded out = decode_at(d, ARRIVAL, "", (const char *)frame, len);
	char text[4096];

	if (out.reason != NULL)
		fail_msg("refused: %s", out.reason);
	snprintf(text, sizeof(text), "%.*s", (int)out.len, out.len > 0 ? out.lines : "");
	assert_string_equal(text, lines);
}

/* The check value of CRC-16/X.25 is that of its catalogue. */
static void
scalers_and_units_give_the_manuals_units(void **state)
{
	struct eg_decode *d = open_format("sml");

	(void)state;
	assert_int_equal(crc((const unsigned char *)"123456789", 9), 0x906e);
	begin();
	list("a", 6);
	entry("\x01\x08", 30, -1, "\x69\x00\x00\x00\x00\x01\x78\xab\xcd", 9); /* uint64, 0.1 Wh */
	entry("\x02\x08", 30, 0, "\x65\x00\x00\x00\x07", 5);
	entry("\x10\x07", 27, 0, "\x53\xff\x9c", 3);                         /* int16: -100 W */
	entry("\x0f\x07", 27, -1, "\x55\x00\x00\x05\x5b", 5);             /* 137.1 W, EMH's ED300L */
	entry("\x20\x07", 35, -1, "\x63\x08\xfd", 3);                         /* 230.1 V */
	entry("\x0e\x07", 44, -2, "\x63\x13\x88", 3);                         /* 50.00 Hz */
	end_list();
	finish();
	gives_bytes(d, "meter/import:" AT_ARRIVAL ":2468.5517\nmeter/export:" AT_ARRIVAL ":0.007\n"
	    "meter/power_balance:" AT_ARRIVAL ":-0.100\nmeter/power_absolute:" AT_ARRIVAL
	    ":0.1371\nmeter/voltage_l1:" AT_ARRIVAL ":230.1\n"
	    "meter/frequency:" AT_ARRIVAL ":50.00\n");
	eg_decode_free(d);
}

static void
escapes_stand_for_themselves_and_meters_are_told_apart(void **state)
{
	struct eg_decode *d = open_format("sml");

	(void)state;
	begin();
	list("a", 1);
	/* 0x1b1b1b1b as a value is doubled in the transport. */
	entry("\x01\x08", 30, 0, "\x65\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b", 9);
	end_list();
	list("b", 1);
	entry("\x01\x08", 30, 3, "\x62\x05", 2);
	end_list();
	finish();
	gives_bytes(d, "meter/import:" AT_ARRIVAL ":454761.243\nmeter/62/import:" AT_ARRIVAL ":5.000\n");
	eg_decode_free(d);
}

static void
what_is_not_known_is_named_and_the_rest_is_read(void **state)
{
	struct eg_decode *d = open_format("sml");
	struct eg_decoded out;

	(void)state;
	begin();
	list("a", 5);
	entry("\x33\x07", 33, 0, "\x62\x05", 2); /* 51.7: current of phase 2 */
	entry("\x51\x07", 30, 0, "\x62\x05", 2); /* 81.7 in Wh is nothing */
	entry("\x01\x07", 30, 0, "\x62\x05", 2); /* power in Wh */
	entry("\x01\x08", (char)255, 0, "\x62\x05", 2); /* of no unit */
	entry("\x02\x08", 99, 0, "\x62\x05", 2);        /* of a unit that is not known */
	end_list();
	finish();
	out = decode_at(d, ARRIVAL, "", (const char *)frame, len);
	assert_null(out.reason);
	assert_int_equal(out.records, 1);
	assert_int_equal(out.passed_over, 4);
	assert_string_equal(out.unknown, "81.7.0, power in 'Wh', import without a unit, 2.8.0");
	eg_decode_free(d);
}

/* Of DZG's DVS74, 42082910 is in a range with the fault and 60694612 is not. */
static void
a_short_power_of_a_meter_with_a_fault_has_no_sign(void **state)
{
	struct eg_decode *d = open_format("sml");

	(void)state;
	begin();
	list_of("\x0a\x01" "DZG\x00\x02\x82\x22\x5e", 10, 3);
	entry("\x10\x07", 27, -2, "\x53\x8b\x28", 3);
	entry("\x10\x07", 27, -2, "\x55\xff\xfe\x13\x93", 5);
	entry("\x24\x07", 27, -2, "\x53\xff\x9c", 3);
	end_list();
	finish();
	gives_bytes(d, "meter/power_balance:" AT_ARRIVAL ":0.35624\nmeter/power_balance:" AT_ARRIVAL
	    ":-1.26061\nmeter/power_balance_l1:" AT_ARRIVAL ":-0.00100\n");
	begin();
	list_of("\x0a\x01" "DZG\x00\x03\x9e\x20\x54", 10, 1);
	entry("\x10\x07", 27, -2, "\x53\xd6\xca", 3);
	end_list();
	finish();
	gives_bytes(d, "meter/power_balance:" AT_ARRIVAL ":-0.10550\n");
	eg_decode_free(d);
}

/* Each cut and each changed byte is refused: by the checksum, or before. */
static void
broken_frames_are_refused(void **state)
{
	struct eg_decode *d = open_format("sml");

	(void)state;
	begin();
	list("a", 1);
	entry("\x01\x08", 30, 0, "\x65\x00\x00\x00\x07", 5);
	end_list();
	finish();
	for (size_t n = 0; n < len; n++)
		refuses_bytes(d, "", (const char *)frame, n, "");
	for (size_t i = 0; i < len; i++) {
		frame[i] ^= 0x40;
		refuses_bytes(d, "", (const char *)frame, len, "");
		frame[i] ^= 0x40;
	}
	/* A right checksum around wrong items. */
	begin();
	ADD("\x76\x02\x01\x62");
	finish();
	refuses_bytes(d, "", (const char *)frame, len, "the SML is broken at byte");
	begin();
	for (int i = 0; i < 20; i++)
		ADD("\x71");
	finish();
	refuses_bytes(d, "", (const char *)frame, len, "the SML is broken at byte");
	eg_decode_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scalers_and_units_give_the_manuals_units),
		cmocka_unit_test(escapes_stand_for_themselves_and_meters_are_told_apart),
		cmocka_unit_test(what_is_not_known_is_named_and_the_rest_is_read),
		cmocka_unit_test(a_short_power_of_a_meter_with_a_fault_has_no_sign),
		cmocka_unit_test(broken_frames_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
