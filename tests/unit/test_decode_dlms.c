/* SPDX-License-Identifier: MIT */
/* DLMS push: frames, encryption, replays, and the lists of meters. */
#include "decode_run.h"

#include <unistd.h>

#include "decode/dlms_counters.h"
#include "dlms_make.h"

#define AT ":2024-07-18T10:00:05:"
#define DATE "07e8 07 12 04 0c 00 05 00 ff88 80" /* 12:00:05, two hours ahead of UTC */

static const unsigned char key[16] = { 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19,
	0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f };
static const unsigned char auth[16] = { 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99,
	0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
static char key_file[] = "/tmp/eg-test-key-XXXXXX", auth_file[] = "/tmp/eg-test-auth-XXXXXX";

/* Austria's list: codes, values, scalers and units, in a row. */
#define AUSTRIA "0f 0029b2dc 0c" DATE "02 0c" \
	"09 06 0000010000ff 09 0c" DATE \
	"02 02 09 06 0000600100ff 09 04 31323334" \
	"02 03 09 06 0100200700ff 12 0904 02 02 0f ff 16 23" \
	"02 03 09 06 01001f0700ff 12 00a5 02 02 0f fe 16 21" \
	"02 03 09 06 0100010700ff 06 000002ca 02 02 0f 00 16 1b" \
	"02 03 09 06 0100010800ff 06 00002394 02 02 0f 00 16 1e" \
	"02 03 09 06 0100030800ff 06 00000060 02 02 0f 01 16 20" \
	"02 03 09 06 01000d0700ff 10 035f 02 02 0f fd 16 ff" \
	"02 03 09 06 0100630700ff 10 0001 02 02 0f 00 16 1b" \
	"02 03 09 06 0001180201ff 06 00000001 02 02 0f fd 16 0d" \
	"00"
#define AUSTRIA_LINES \
	"meter/voltage_l1" AT "230.8\nmeter/current_l1" AT "1.65\nmeter/power" AT "0.714\n" \
	"meter/import" AT "9.108\nmeter/reactive_import" AT "0.960\nmeter/power_factor" AT "0.863\n"

static void
write_key(char *file, const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static struct eg_decode *
open_keys(bool with_auth)
{
	write_key(key_file, "101112131415161718191A1B1C1D1E1F\n");
	write_key(auth_file, "00112233 44556677 8899aabb ccddeeff");
	return open_config(&(struct eg_decode_config){ .format = "dlms", .key = key_file,
	    .auth_key = with_auth ? auth_file : NULL });
}

static void
gives_bytes(struct eg_decode *d, const struct bytes *b, const char *lines)
{
	struct eg_decoded out = decode_at(d, ARRIVAL, "", (const char *)b->b, b->n);
	char text[8192];

	if (out.reason != NULL)
		fail_msg("refused: %s", out.reason);
	snprintf(text, sizeof(text), "%.*s", (int)out.len, out.len > 0 ? out.lines : "");
	assert_string_equal(text, lines);
}

static void
refuses_these(struct eg_decode *d, const struct bytes *b, const char *reason)
{
	refuses_bytes(d, "", (const char *)b->b, b->n, reason);
}

/* The example that the operators of Austria's grids publish for their customers' port. */
static void
a_published_example_is_read(void **state)
{
	struct bytes b = hex("68FAFA6853FF000167DB084B464D10100000238201092100295B9AEFC1546E64"
	    "4A2C9E32EDD42CBD0F1B945B194D086885C4D8DF86DD52CB5B448854A6D548D5"
	    "D270739B2A169D05B013F9015070089D3C5FA45CA05E92309A645CC83D7DA40F"
	    "BC8F4CF9C225AFA69A25FF0B2AC9C2744550ABA53CE9143FD10B0AD85FD30BD6"
	    "B6DFFEE65F8204DC9C5067CA73B62E299A39D50AA730B2B9AE3836BC2F3490FB"
	    "41BE5B6F930D84952976369DD7DABBB5A4354AECA1D2486CFF2EB0C6206380BA"
	    "501D122AF75D716D3092C3960506A15E06FAB0EE5B7DFA3C2CDF0CAFD051B88E"
	    "44B8B9FB8865F20CB89D1143CDC7EFEB07FB4C4898E764E9E3A32DDC3D1F0F16"
	    "6826266853FF110167B46961CE962B2C78050C96598C7E4D26658043F9CBCA78189BD01B139F8AE0F7391116");
	struct eg_decode *d = open_keys(false);

	(void)state;
#define THEN ":2021-07-19T13:46:35:"
	gives_bytes(d, &b, "meter/voltage_l1" THEN "230.8\nmeter/current_l1" THEN "0.00\nmeter/power" THEN "0.000\n"
	    "meter/power_export" THEN "0.000\nmeter/import" THEN "9.108\nmeter/export" THEN "0.000\n"
	    "meter/reactive_import" THEN "0.096\nmeter/reactive_export" THEN "0.009\n");
	eg_decode_free(d);
}

static void
frames_of_both_kinds_and_none_hold_a_message(void **state)
{
	struct eg_decode *d = open_format("dlms");
	struct bytes apdu = hex(AUSTRIA), b;
	struct eg_decoded out;

	(void)state;
	out = decode_at(d, ARRIVAL, "", (const char *)apdu.b, apdu.n);
	assert_null(out.reason);
	assert_int_equal(out.passed_over, 2);
	assert_string_equal(out.unknown, "99.7.0, 24.2.1");
	b = mbus(&apdu, 200);
	gives_bytes(d, &b, AUSTRIA_LINES);
	b = mbus(&apdu, 30);
	gives_bytes(d, &b, AUSTRIA_LINES);
	b = hdlc(&apdu, 2000, false);
	gives_bytes(d, &b, AUSTRIA_LINES);
	b = hdlc(&apdu, 40, true);
	gives_bytes(d, &b, AUSTRIA_LINES);
	eg_decode_free(d);
}

static void
broken_frames_are_refused(void **state)
{
	struct eg_decode *d = open_format("dlms");
	struct bytes apdu = hex(AUSTRIA), b = mbus(&apdu, 100), h = hdlc(&apdu, 100, false), rest = b;

	(void)state;
	b.b[50] ^= 1;
	refuses_these(d, &b, "checksum of the M-Bus frame");
	rest.n -= 111;
	memcpy(rest.b, mbus(&apdu, 100).b + 111, rest.n);
	refuses_these(d, &rest, "a segment of the message is missing");
	h.b[60] ^= 1;
	refuses_these(d, &h, "checksum of the HDLC frame");
	h = hdlc(&apdu, 100, false);
	h.n -= 20;
	refuses_these(d, &h, "cut short");
	apdu.n -= 2;
	refuses_these(d, &apdu, "the data of the message");
	b = hex("01 02 03");
	refuses_these(d, &b, "neither a data notification");
	eg_decode_free(d);
}

static void
encrypted_and_authenticated_messages_are_opened(void **state)
{
	struct bytes plain = hex(AUSTRIA), b = encrypted(&plain, key, auth, 7), c;
	struct eg_decode *d = open_keys(true);

	(void)state;
	gives_bytes(d, &b, AUSTRIA_LINES);
	b = encrypted(&plain, key, auth, 8);
	c = hdlc(&b, 120, false);
	gives_bytes(d, &c, AUSTRIA_LINES);
	b = encrypted(&plain, key, auth, 9);
	for (size_t i = 13; i < b.n; i += 17) {
		c = b;
		c.b[i] ^= 4;
		refuses_these(d, &c, i == 13 ? "security control" : "the tag is wrong");
	}
	b = encrypted(&plain, auth, auth, 9);
	refuses_these(d, &b, "the tag is wrong");
	eg_decode_free(d);
	d = open_format("dlms");
	refuses_these(d, &b, "--meter-key is needed");
	eg_decode_free(d);
	d = open_keys(false);
	b = encrypted(&plain, auth, NULL, 9);
	refuses_these(d, &b, "--meter-key may not be this meter's");
	b = encrypted(&plain, key, auth, 9);
	refuses_these(d, &b, "--meter-auth-key is needed");
	eg_decode_free(d);
}

static void
with_keys_less_protection_is_refused(void **state)
{
	struct bytes plain = hex(AUSTRIA), b = encrypted(&plain, key, NULL, 7), sealed, c;
	struct bytes telegram = { 0 };
	struct eg_decode *d = open_keys(true);

	(void)state;
	push(&telegram, "/Lux5\\253\r\n\r\n!\r\n", 16);
	refuses_these(d, &b, "has no tag, but --meter-auth-key is given");
	/* The tag is cut off, and the security control says that there was none. */
	sealed = encrypted(&plain, key, auth, 8);
	sealed.n -= 12;
	sealed.b[12] = (unsigned char)(sealed.b[12] - 12);
	sealed.b[13] = 0x20;
	refuses_these(d, &sealed, "has no tag, but --meter-auth-key is given");
	for (int with_auth = 0; with_auth < 2; with_auth++) {
		eg_decode_free(d);
		d = open_keys(with_auth == 1);
		refuses_these(d, &plain, "is not encrypted, but --meter-key is given");
		c = hdlc(&plain, 120, false);
		refuses_these(d, &c, "is not encrypted, but --meter-key is given");
		refuses_these(d, &telegram, "is not encrypted, but --meter-key is given");
	}
	eg_decode_free(d);
	/* Without an authentication key a message needs no tag. */
	d = open_keys(false);
	gives_bytes(d, &b, AUSTRIA_LINES);
	eg_decode_free(d);
}

static void
a_replay_is_refused_but_not_a_redelivery(void **state)
{
	struct bytes plain = hex(AUSTRIA), b = encrypted(&plain, key, auth, 7);
	struct eg_decode *d = open_keys(true);
	struct eg_decode_message m = { .topic = "", .body = (const char *)b.b, .len = b.n,
		.arrived = ARRIVAL, .again = true };
	struct eg_error e = { 0 };
	struct eg_decoded out;

	(void)state;
	gives_bytes(d, &b, AUSTRIA_LINES);
	refuses_these(d, &b, "the frame counter went back to 7");
	assert_int_equal(eg_decode_message(d, &m, &out, &e), 0);
	assert_null(out.reason);
	b = encrypted(&plain, key, auth, 6);
	refuses_these(d, &b, "went back to 6");
	/* Another meter has a counter of its own, and what is forged moves none. */
	b = encrypted(&plain, key, auth, 0xffffffff);
	b.b[b.n - 1] ^= 1;
	refuses_these(d, &b, "the tag is wrong");
	b = encrypted(&plain, key, auth, 8);
	gives_bytes(d, &b, AUSTRIA_LINES);
	eg_decode_free(d);
}

static struct eg_decoded
decode_bytes(struct eg_decode *d, const struct bytes *b)
{
	return decode_at(d, ARRIVAL, "", (const char *)b->b, b->n);
}

/* Compares the counters in the file with the text, which follows the file's first line. */
static void
file_holds(struct eg_decode *d, const char *path, const char *counters)
{
	struct eg_error e = { 0 };
	char text[200] = "";
	const char *second;
	FILE *f;

	assert_int_equal(eg_decode_save(d, &e), 0);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
	fclose(f);
	second = strchr(text, '\n');
	assert_non_null(second);
	assert_string_equal(second + 1, counters);
}

static void
only_what_is_settled_is_in_the_file_and_stays_a_replay(void **state)
{
	char path[] = "/tmp/eg-test-counters-XXXXXX";
	struct eg_decode_config config = { .format = "dlms", .key = key_file, .counters = path };
	struct bytes plain = hex(AUSTRIA), seven = encrypted(&plain, key, NULL, 7);
	struct bytes eight = encrypted(&plain, key, NULL, 8);
	struct eg_decode_counter first, second;
	struct eg_decode *d;

	(void)state;
	close(mkstemp(path));
	eg_decode_free(open_keys(false)); /* writes the key */
	d = open_config(&config);
	first = decode_bytes(d, &seven).counter;
	file_holds(d, path, "");
	refuses_these(d, &seven, "went back to 7");
	eg_decode_unsettle(d, NULL);
	gives_bytes(d, &seven, AUSTRIA_LINES);
	second = decode_bytes(d, &eight).counter;
	assert_true(first.given && first.n == 7 && second.n == 8);
	eg_decode_settle(d, &first);
	file_holds(d, path, "4547524430303031 7\n");
	eg_decode_unsettle(d, &second);
	refuses_these(d, &seven, "went back to 7");
	gives_bytes(d, &eight, AUSTRIA_LINES);
	eg_decode_settle(d, &second);
	eg_decode_settle(d, &first);
	file_holds(d, path, "4547524430303031 8\n");
	eg_decode_unsettle(d, NULL);
	refuses_these(d, &eight, "went back to 8");
	eg_decode_free(d);
	unlink(path);
}

static struct eg_decode_counter
counter_of(unsigned meter, uint32_t n)
{
	struct eg_decode_counter c = { .given = true, .n = n };

	memcpy(c.title, &meter, sizeof(meter));
	return c;
}

static void
of_too_many_meters_the_one_silent_for_longest_is_forgotten(void **state)
{
	struct eg_dlms_counters *k = calloc(1, sizeof(*k));
	struct eg_decode_counter c;

	(void)state;
	assert_non_null(k);
	for (unsigned i = 0; i < EG_DLMS_METERS; i++) {
		c = counter_of(i, 5);
		eg_dlms_note(k, &c);
	}
	c = counter_of(0, 6);
	eg_dlms_note(k, &c);
	c = counter_of(EG_DLMS_METERS, 5);
	eg_dlms_note(k, &c);
	for (unsigned i = 0; i <= EG_DLMS_METERS; i++) {
		c = counter_of(i, 5);
		assert_int_equal(eg_dlms_is_replay(k, &c), i != 1);
	}
	free(k);
}

static void
a_telegram_of_p1_may_be_encrypted(void **state)
{
	static const char text[] = "/Lux5\\253\r\n\r\n0-0:1.0.0(240718120005S)\r\n1-0:1.8.0(000001.500*kWh)\r\n!";
	char whole[256];
	struct eg_decode *d = open_keys(true);
	struct bytes plain = { 0 }, b;
	int n = snprintf(whole, sizeof(whole), "%s%04X\r\n", text, eg_crc16(0xA001, 0, text, strlen(text)));

	(void)state;
	push(&plain, whole, (size_t)n);
	b = encrypted(&plain, key, auth, 1);
	gives_bytes(d, &b, "meter/import" AT "000001.500\n");
	plain.b[40] ^= 1;
	b = encrypted(&plain, key, auth, 2);
	refuses_these(d, &b, "checksum");
	eg_decode_free(d);
}

static void
lists_of_norway_have_their_scalers(void **state)
{
	struct eg_decode *d = open_format("dlms");
	struct bytes b;
	struct eg_decoded out;

	(void)state;
	/* Aidon: in structures, with scalers and units; no date in the head. */
	b = hex("0f 40000000 00 01 03 02 02 09 06 0101000281ff 0a 0b 4149444f4e5f5630303031"
	    "02 03 09 06 0100010700ff 06 000009c5 02 02 0f 00 16 1b"
	    "02 03 09 06 01001f0700ff 10 ffcd 02 02 0f ff 16 21");
	gives_bytes(d, &b, "meter/power:" AT_ARRIVAL ":2.501\nmeter/current_l1:" AT_ARRIVAL ":-5.1\n");
	/* Kamstrup: codes and values, current in 0.01 A, energy in 10 Wh. */
	b = hex("0f 00000000 0c" DATE "02 0b 0a 0e 4b616d73747275705f5630303031"
	    "09 06 0101000005ff 0a 02 3537 09 06 0101010700ff 06 000005bc 09 06 01011f0700ff 06 00000234"
	    "09 06 0101200700ff 12 00e7 09 06 0101010800ff 06 0002bf69");
	gives_bytes(d, &b, "meter/power" AT "1.468\nmeter/current_l1" AT "5.64\nmeter/voltage_l1" AT "231\n"
	    "meter/import" AT "1800.730\n");
	/* Kaifa: places; the type of the date stands in front of it. */
	b = hex("0f 40000000 09 0c" DATE "02 12 09 07 4b464d5f303031 09 01 31 09 01 32 06 00000d62 06 00000000"
	    "06 00000000 06 00000033 06 00002925 06 00002fed 06 00001210 06 00000915 06 00000000 06 00000929"
	    "09 0c" DATE "06 04f00bd4 06 00000000 06 022388eb 06 0020b37d");
	gives_bytes(d, &b, "meter/power" AT "3.426\nmeter/power_export" AT "0.000\nmeter/reactive_power" AT "0\n"
	    "meter/reactive_power_export" AT "51\nmeter/current_l1" AT "10.533\nmeter/current_l2" AT "12.269\n"
	    "meter/current_l3" AT "4.624\nmeter/voltage_l1" AT "232.5\nmeter/voltage_l2" AT "0.0\n"
	    "meter/voltage_l3" AT "234.5\nmeter/import" AT "82840.532\nmeter/export" AT "0.000\n"
	    "meter/reactive_import" AT "35883.243\nmeter/reactive_export" AT "2143.101\n");
	b = hex("0f 40000000 09 0c" DATE "02 01 06 00000259");
	gives_bytes(d, &b, "meter/power" AT "0.601\n");
	/* Kaifa in Sweden: codes and values, current in mA, voltage in 0.1 V, energy in Wh. */
	b = hex("0f 40000000 00 02 0c 09 06 0100000281ff 09 07 4b464d5f303031 09 06 0100010700ff 06 00000b00"
	    "09 06 01001f0700ff 06 00001a7d 09 06 0100200700ff 06 00000912"
	    "09 06 0100010800ff 06 00490b23 09 06 0000010000ff 09 0c" DATE);
	gives_bytes(d, &b, "meter/power" AT "2.816\nmeter/current_l1" AT "6.781\nmeter/voltage_l1" AT "232.2\n"
	    "meter/import" AT "4786.979\n");
	/* A list that is not known, without units: nothing is guessed. */
	b = hex("0f 00000000 0c" DATE "02 03 0a 02 5858 09 06 0101010700ff 06 000005bc");
	out = decode_at(d, ARRIVAL, "", (const char *)b.b, b.n);
	assert_int_equal(out.records, 0);
	assert_string_equal(out.unknown, "1.7.0");
	eg_decode_free(d);
}

/* Lists of numbers alone, of which the grids' documents tell the order. */
static void
lists_of_vienna_and_carinthia_have_their_order(void **state)
{
#define VALUES "06 004484bc 06 0000053e 06 0001004b 06 001c20f1 06 00000176 06 00000000 "
	static const char lines[] = "meter/import" AT "4490.428\nmeter/export" AT "1.342\nmeter/reactive_import" AT
	    "65.611\nmeter/reactive_export" AT "1843.441\nmeter/power" AT "0.374\nmeter/power_export" AT "0.000\n";
	struct eg_decode *d = open_format("dlms");
	struct bytes b = hex("0f 0059a374 0c" DATE "02 09 09 0c" DATE VALUES "06 00000000 06 000000f4");
	struct eg_decoded out;
	char more[512];

	(void)state;
	snprintf(more, sizeof(more), "%smeter/reactive_power" AT "0\nmeter/reactive_power_export" AT "244\n", lines);
	gives_bytes(d, &b, more);
	b = hex("0f 0059a374 0c" DATE "02 0a 09 03 534d53 09 0c" DATE VALUES "06 00000000 06 000000f4");
	gives_bytes(d, &b, more);
	b = hex("0f 0059a374 0c" DATE "02 0c 09 06 0006190900ff 09 02 3131 09 04 0c053200 09 05 07e8071204" VALUES
	    "09 00 09 00");
	gives_bytes(d, &b, lines);
	/* One number less: another list. */
	b = hex("0f 0059a374 0c" DATE "02 08 09 0c" DATE VALUES "06 00000000");
	out = decode_at(d, ARRIVAL, "", (const char *)b.b, b.n);
	assert_int_equal(out.records, 0);
	assert_string_equal(out.unknown, "a list without codes");
	eg_decode_free(d);
}

static void
a_list_of_objects_names_the_values_behind_it(void **state)
{
	struct eg_decode *d = open_format("dlms");
	struct bytes b = hex("0f 00bec110 0c" DATE "02 06 01 06"
	    "02 04 12 0028 09 06 0008190900ff 0f 02 12 0000 02 04 12 0028 09 06 0008190900ff 0f 01 12 0000"
	    "02 04 12 0008 09 06 0000010000ff 0f 02 12 0000 02 04 12 0003 09 06 0100010700ff 0f 02 12 0000"
	    "02 04 12 0003 09 06 0100010800ff 0f 02 12 0000 02 04 12 0003 09 06 01001f0700ff 0f 02 12 0000"
	    "09 06 0008190900ff 09 0c" DATE "06 00000005 06 0000c2a5 12 0004");

	(void)state;
	gives_bytes(d, &b, "meter/power" AT "0.005\nmeter/import" AT "49.829\nmeter/current_l1" AT "0.04\n");
	b.n -= 3;
	b.b[19] = 5;
	refuses_these(d, &b, "do not fit the list");
	eg_decode_free(d);
}

static void
times_without_an_offset_are_local(void **state)
{
	struct eg_decode *d = open_config(&(struct eg_decode_config){ .format = "dlms",
	    .zone = "Europe/Helsinki" });
	struct bytes b = hex("0f 40000000 0c 07e8 07 12 04 0c 00 05 ff 8000 ff 02 01 06 00000259");

	(void)state;
	gives_bytes(d, &b, "meter/power:2024-07-18T09:00:05:0.601\n");
	/* A clock that is not set. */
	b = hex("0f 40000000 0c 07b2 01 01 04 0c 00 05 ff 8000 ff 02 01 06 00000259");
	refuses_these(d, &b, "clock is not set");
	/* All bytes unspecified: the time of arrival. */
	b = hex("0f 40000000 0c ffff ff ff ff ff ff ff ff ffff ff 02 01 06 00000259");
	gives_bytes(d, &b, "meter/power:" AT_ARRIVAL ":0.601\n");
	eg_decode_free(d);
}

static void
a_key_of_another_length_is_wrong_usage(void **state)
{
	static const struct {
		const char *text, *reason;
		int status;
	} cases[] = {
		{ "101112", "has 6 hexadecimal digits, not 32", EG_USAGE },
		{ "101112131415161718191A1B1C1D1E1F00", "has 34", EG_USAGE },
		{ "x01112131415161718191A1B1C1D1E1F", "no hexadecimal digit", EG_USAGE },
		{ "", "empty", EG_CONFIG },
	};
	struct eg_decode_config config = { .format = "dlms", .key = key_file };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct eg_error e = { 0 };

		write_key(key_file, cases[i].text);
		assert_null(eg_decode_new(&config, true, &e));
		assert_int_equal(e.status, cases[i].status);
		assert_non_null(strstr(e.text, cases[i].reason));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_published_example_is_read),
		cmocka_unit_test(frames_of_both_kinds_and_none_hold_a_message),
		cmocka_unit_test(broken_frames_are_refused),
		cmocka_unit_test(encrypted_and_authenticated_messages_are_opened),
		cmocka_unit_test(with_keys_less_protection_is_refused),
		cmocka_unit_test(a_replay_is_refused_but_not_a_redelivery),
		cmocka_unit_test(only_what_is_settled_is_in_the_file_and_stays_a_replay),
		cmocka_unit_test(of_too_many_meters_the_one_silent_for_longest_is_forgotten),
		cmocka_unit_test(a_telegram_of_p1_may_be_encrypted),
		cmocka_unit_test(lists_of_norway_have_their_scalers),
		cmocka_unit_test(lists_of_vienna_and_carinthia_have_their_order),
		cmocka_unit_test(a_list_of_objects_names_the_values_behind_it),
		cmocka_unit_test(times_without_an_offset_are_local),
		cmocka_unit_test(a_key_of_another_length_is_wrong_usage),
	};
	int rc;

	close(mkstemp(key_file));
	close(mkstemp(auth_file));
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(key_file);
	unlink(auth_file);
	return rc;
}
