/* SPDX-License-Identifier: MIT */
/* Messages taken apart: what goes on, what is refused, what the dead letter says. */
#include <zlib.h>

#include "payload_run.h"

#define A "a:2026-11-23T00:00:00:1\n"
#define B "b:2026-11-23T00:00:00:2.50\n"
#define C "c:2026-11-23T00:00:00:-3e2\n"

static void
json_becomes_a_line(void **state)
{
	struct eg_payload *p = open_text("application/json",
	    "{\"key\": \"sensor1:2026-11-23T14:18:36\", \"value\": 55.20}");

	(void)state;
	expect(p, 1, 0, "sensor1:2026-11-23T14:18:36:55.20\n", "");
	close_payload(p);
	p = open_text("", " {\"value\":1,\"key\":\"s:2026-11-23T14:18:36\"} ");
	expect(p, 1, 0, "s:2026-11-23T14:18:36:1\n", "");
	close_payload(p);
}

static void
json_that_is_refused_stays_as_it_came(void **state)
{
	static const char body[] = "{\"key\":\"s:2026-11-23T14:18:36\",\"value\":null,\"x\":1}";
	static const char good[] = "{\"key\":\"s:2026-11-23T14:18:36\",\"value\":1,\"x\":1}";
	struct eg_payload *p = open_text("application/json", body);

	(void)state;
	expect(p, 1, 1, "", body);
	assert_int_equal(p->form, EG_PAYLOAD_WHOLE);
	assert_string_equal(p->reason, "\"value\" is not a number");
	assert_string_equal(p->count, "1");
	close_payload(p);
	p = open_text("", good);
	assert_int_equal(eg_payload_refuse(p, 0, "s:2026-11-23T14:18:36:1", 23, "refused downstream",
	    &rejects, &error), 0);
	expect_dead(p, good, strlen(good));
	assert_string_equal(p->reason, "refused downstream");
	close_payload(p);
}

static void
good_lines_close_up_over_bad_ones(void **state)
{
	struct eg_payload *p = open_text("text/plain",
	    "bad\n" A "# comment\n\nworse:x\n" B "x:2026-02-30T00:00:00:1\n" C);

	(void)state;
	expect(p, 6, 3, A B C, "bad\nworse:x\nx:2026-02-30T00:00:00:1\n");
	assert_string_equal(p->count, "3");
	assert_int_equal(p->form, EG_PAYLOAD_LINES);
	close_payload(p);
}

static void
a_last_line_needs_no_newline(void **state)
{
	struct eg_payload *p = open_text("text/plain", A "b:2026-11-23T00:00:00:2.50");

	(void)state;
	expect(p, 2, 0, A B, "");
	close_payload(p);
	p = open_text("text/plain", "bad\n" A "b:2026-11-23T00:00:00:2.50");
	expect(p, 3, 1, A B, "bad\n");
	close_payload(p);
}

static void
a_message_without_a_record_is_a_dead_letter(void **state)
{
	static const char *const body[] = { "", "\n", "# a\n\n# b", "#" };

	(void)state;
	for (size_t i = 0; i < sizeof(body) / sizeof(body[0]); i++) {
		struct eg_payload *p = open_text("text/plain", body[i]);

		expect(p, 1, 1, "", body[i]);
		assert_string_equal(p->reason, "the message holds no record");
		close_payload(p);
	}
}

static void
crlf_and_nul_are_refused_with_their_bytes(void **state)
{
	static const char body[] = "a:2026-11-23T00:00:00:1\r\nb\0:2026-11-23T00:00:00:2\n" C;
	struct eg_payload *p = open_bytes("text/plain", body, sizeof(body) - 1);

	(void)state;
	assert_int_equal(p->refused, 2);
	assert_int_equal(p->unit.len, strlen(C));
	assert_memory_equal(p->unit.text, C, strlen(C));
	expect_dead(p, body, sizeof(body) - 1 - strlen(C));
	close_payload(p);
}

static void
a_line_of_a_megabyte_is_refused_whole(void **state)
{
	size_t len = 1 << 20;
	char *body = malloc(len + sizeof(A));
	struct eg_payload *p;

	(void)state;
	assert_non_null(body);
	memset(body, 'x', len);
	body[len - 1] = '\n';
	memcpy(body + len, A, sizeof(A) - 1);
	p = open_bytes("text/plain", body, len + sizeof(A) - 1);
	assert_int_equal(p->refused, 1);
	expect_dead(p, body, len);
	assert_int_equal(p->unit.len, strlen(A));
	close_payload(p);
	free(body);
}

static void
two_hundred_thousand_lines_are_one_payload(void **state)
{
	enum { N = 200000 };
	size_t one = strlen(A "x\n");
	char *body = malloc(N / 2 * one);
	struct eg_payload *p;

	(void)state;
	assert_non_null(body);
	for (size_t i = 0; i < N / 2; i++)
		memcpy(body + i * one, A "x\n", one);
	p = open_bytes("text/plain", body, N / 2 * one);
	assert_int_equal(p->records, N);
	assert_int_equal(p->refused, N / 2);
	assert_int_equal(p->unit.len, N / 2 * strlen(A));
	assert_memory_equal(p->unit.text + p->unit.len - strlen(A), A, strlen(A));
	assert_int_equal(p->dead_len, N);
	close_payload(p);
	free(body);
}

#define O(sensor, value) "{\"key\":\"" sensor ":2026-11-23T00:00:00\",\"value\":" value "}"

static void
objects_that_follow_each_other_are_records(void **state)
{
	struct eg_payload *p = open_text("application/json", O("a", "1") "\n" O("b", "2.50") "\r\n\n");

	(void)state;
	expect(p, 2, 0, A B, "");
	close_payload(p);
	p = open_text("", O("a", "1") O("b", "2.50"));
	expect(p, 2, 0, A B, "");
	close_payload(p);
	p = open_text("application/x-ndjson", O("a", "1"));
	expect(p, 1, 0, A, "");
	close_payload(p);
}

static void
refused_objects_are_lines_of_the_dead_letter(void **state)
{
	static const char bad[] = "{\"key\":\"a\",\n\"value\":1}", broken[] = "{\"key\":";
	struct eg_payload *p;
	char body[500];

	(void)state;
	snprintf(body, sizeof(body), "%s\n%s\n%s\n%s\n%s", O("a", "1"), bad, O("b", "2.50"), broken,
	    O("c", "-3e2"));
	p = open_text("application/json", body);
	assert_int_equal(eg_payload_refuse(p, 0, B, strlen(B) - 1, "refused downstream", &rejects,
	    &error), 0);
	snprintf(body, sizeof(body), "%s\n%s\n%s\n", bad, broken, O("b", "2.50"));
	expect(p, 5, 3, A B C, body);
	assert_int_equal(p->form, EG_PAYLOAD_OBJECTS);
	close_payload(p);
}

static void
a_byte_order_mark_is_passed_over(void **state)
{
	struct eg_payload *p = open_text("application/json", "\xef\xbb\xbf" O("a", "1"));

	(void)state;
	expect(p, 1, 0, A, "");
	close_payload(p);
	p = open_text("text/plain", "\xef\xbb\xbf" A "bad\n" B);
	expect(p, 3, 1, A B, "bad\n");
	close_payload(p);
	p = open_text("application/json", "\xef\xbb\xbf{");
	expect(p, 1, 1, "", "\xef\xbb\xbf{");
	close_payload(p);
}

static void
json_that_calls_itself_text_is_json(void **state)
{
	struct eg_payload *p = open_text("text/plain", O("a", "1"));

	(void)state;
	expect(p, 1, 0, A, "");
	close_payload(p);
	p = open_text("text/plain", "{\"value\":1}");
	expect(p, 1, 1, "", "{\"value\":1}");
	assert_string_equal(p->reason, "the object has no \"key\"");
	close_payload(p);
	p = open_text("text/plain", "{" A);
	expect(p, 1, 0, "{" A, "");
	close_payload(p);
}

/* Packs text; returns the bytes of packed. */
static size_t
pack(const char *text, size_t len, char *packed, size_t size)
{
	z_stream z = { .next_in = (z_const Bytef *)(uintptr_t)text, .avail_in = (uInt)len,
		.next_out = (Bytef *)packed, .avail_out = (uInt)size };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(deflateEnd(&z), Z_OK);
	return size - z.avail_out;
}

static void
gzip_is_unpacked_whether_announced_or_not(void **state)
{
	static const char *const names[] = { "gzip", "", "X-GZIP", "identity" };
	char packed[500];
	struct eg_payload *p;
	size_t n = pack(O("a", "1"), strlen(O("a", "1")), packed, sizeof(packed));

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		encoding = names[i];
		p = open_bytes("application/json", packed, n);
		expect(p, 1, 0, A, "");
		/* The dead letter of a message of one object is the message as it came. */
		assert_int_equal(eg_payload_refuse(p, 0, A, strlen(A) - 1, "refused", &rejects, &error), 0);
		expect_dead(p, packed, n);
		close_payload(p);
	}
	n = pack(A "bad\n" B, strlen(A "bad\n" B), packed, sizeof(packed));
	p = open_bytes("text/plain", packed, n);
	expect(p, 3, 1, A B, "bad\n");
	close_payload(p);
	encoding = "";
}

static void
refused_whole(const char *body, size_t len, const char *reason)
{
	struct eg_payload *p = open_bytes("text/plain", body, len);

	assert_int_equal(p->records, 1);
	assert_int_equal(p->refused, 1);
	assert_int_equal(p->unit.len, 0);
	assert_string_equal(p->reason, reason);
	expect_dead(p, body, len);
	close_payload(p);
}

static void
what_cannot_be_unpacked_is_refused_with_the_reason(void **state)
{
	char packed[500], zeros[1000] = "";
	size_t n = pack(A, strlen(A), packed, sizeof(packed));

	(void)state;
	encoding = "gzip";
	refused_whole(packed, n - 1, "the message is gzip, and damaged or cut off");
	refused_whole(A, strlen(A), "the content encoding is gzip, but the message is not");
	encoding = "br";
	refused_whole(packed, n, "the content encoding 'br' is not supported, but gzip is");
	encoding = "z\xff\x1b";
	refused_whole(packed, n, "the content encoding 'z?\?' is not supported, but gzip is");
	encoding = "";
	max = sizeof(zeros) - 1;
	refused_whole(zeros, sizeof(zeros), "the message has 1000 bytes, more than --max-message");
	n = pack(zeros, sizeof(zeros), packed, sizeof(packed));
	refused_whole(packed, n, "the message is larger than --max-message when unpacked");
	max = 16 << 20;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_becomes_a_line),
		cmocka_unit_test(json_that_is_refused_stays_as_it_came),
		cmocka_unit_test(good_lines_close_up_over_bad_ones),
		cmocka_unit_test(a_last_line_needs_no_newline),
		cmocka_unit_test(a_message_without_a_record_is_a_dead_letter),
		cmocka_unit_test(crlf_and_nul_are_refused_with_their_bytes),
		cmocka_unit_test(a_line_of_a_megabyte_is_refused_whole),
		cmocka_unit_test(two_hundred_thousand_lines_are_one_payload),
		cmocka_unit_test(objects_that_follow_each_other_are_records),
		cmocka_unit_test(refused_objects_are_lines_of_the_dead_letter),
		cmocka_unit_test(a_byte_order_mark_is_passed_over),
		cmocka_unit_test(json_that_calls_itself_text_is_json),
		cmocka_unit_test(gzip_is_unpacked_whether_announced_or_not),
		cmocka_unit_test(what_cannot_be_unpacked_is_refused_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
