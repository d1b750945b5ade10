/* SPDX-License-Identifier: MIT */
/* Input split into documents, whatever the pieces are that it comes in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/diag.h"
#include "decode/framing.h"
#include "record/json_index.h"

struct input {
	struct eg_framing d;
	int fds[2];
};

static struct input
open_input(bool telegrams, bool topics)
{
	struct input in =
	    { .d = { .kind = telegrams ? EG_FRAMING_TELEGRAM : EG_FRAMING_JSON, .topics = topics } };
	struct eg_error e = { 0 };

	assert_int_equal(pipe(in.fds), 0);
	in.d.fd = in.fds[0];
	assert_int_equal(eg_framing_open(&in.d, &e), 0);
	return in;
}

static void
feed(struct input *in, const char *text, size_t len)
{
	struct eg_error e = { 0 };

	assert_int_equal(write(in->fds[1], text, len), len);
	assert_int_equal(eg_framing_fill(&in->d, &e), 0);
}

static void
end(struct input *in)
{
	struct eg_error e = { 0 };

	close(in->fds[1]);
	assert_int_equal(eg_framing_fill(&in->d, &e), 0);
	assert_true(in->d.eof);
}

static void
close_input(struct input *in)
{
	close(in->fds[0]);
	eg_framing_close(&in->d);
}

static void
next_is(struct input *in, uint64_t lineno, const char *topic, const char *body, const char *reason)
{
	struct eg_frame doc;
	char text[1024];

	assert_true(eg_framing_next(&in->d, &doc));
	assert_int_equal(doc.lineno, lineno);
	if (reason != NULL) {
		assert_non_null(doc.reason);
		assert_non_null(strstr(doc.reason, reason));
	} else if (doc.reason != NULL) {
		fail_msg("%s", doc.reason);
	}
	assert_int_equal(doc.topic_len, strlen(topic));
	assert_memory_equal(doc.topic_len > 0 ? doc.topic : "", topic, doc.topic_len);
	snprintf(text, sizeof(text), "%.*s", (int)doc.body_len, doc.body);
	assert_string_equal(text, body);
}

static void
nothing_more(struct input *in)
{
	struct eg_frame doc;

	assert_false(eg_framing_next(&in->d, &doc));
}

static void
json_is_whole_at_its_last_bracket(void **state)
{
	static const char text[] = "{\"a\":\"}\\\"\"}[1]\r\n\n 12.5\n# c\n{\"b\n{}\n[";
	struct input in = open_input(false, false);

	(void)state;
	for (const char *p = text; *p != '\0'; p++) {
		feed(&in, p, 1);
		if (p == strchr(text, '[') - 1)
			next_is(&in, 1, "", "{\"a\":\"}\\\"\"}", NULL);
		else if (p == strchr(text, ']'))
			next_is(&in, 1, "", "[1]", NULL);
		else if (p == strstr(text, "5\n") + 1)
			next_is(&in, 3, "", "12.5", NULL);
		else if (p == strstr(text, "b\n") + 1)
			next_is(&in, 5, "", "{\"b", "does not end on its line");
		else if (p == strstr(text, "{}") + 1)
			next_is(&in, 6, "", "{}", NULL);
		else
			nothing_more(&in);
	}
	end(&in);
	next_is(&in, 7, "", "[", "the input ends within it");
	nothing_more(&in);
	close_input(&in);
}

static void
a_line_is_a_document_to_a_reader_of_json(void **state)
{
	static const char text[] = "{\"a\":\"}\"}\n [1] \t\r\n{\"a\":1}{\"b\":2}\n"
	    "{\"c\":3}\n{\"d\":\"\\n\"}\n\n{\"e\":5}\n{}";
	/* Whether the reader has read it: one a line, strict, and no other one on its line. */
	static const struct {
		const char *body;
		uint64_t lineno;
		bool read;
	} want[] = { { "{\"a\":\"}\"}", 1, true }, { "[1]", 2, true }, { "{\"a\":1}", 3, false },
		{ "{\"b\":2}", 3, false }, { "{\"c\":3}", 4, true }, { "{\"d\":\"\\n\"}", 5, false },
		{ "{\"e\":5}", 7, true }, { "{}", 8, false } };
	struct input in = open_input(false, false);
	struct eg_json_index json = { .value = NULL };
	struct eg_frame doc;

	(void)state;
	in.d.json = &json;
	feed(&in, text, sizeof(text) - 1);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_true(eg_framing_next(&in.d, &doc));
		assert_null(doc.reason);
		assert_int_equal(doc.lineno, want[i].lineno);
		assert_int_equal(doc.body_len, strlen(want[i].body));
		assert_memory_equal(doc.body, want[i].body, doc.body_len);
		assert_int_equal(doc.read, want[i].read);
	}
	nothing_more(&in);
	end(&in);
	close_input(&in);
	eg_json_index_free(&json);
}

static void
topics_end_where_json_begins(void **state)
{
	static const char text[] = "tele/a/SENSOR {\"a\":1}\nz/living room {\"b c\":2}\r\n"
	    "shellies/x/relay/0/power 12.5\nalone\n\na/b  on\nx [1]";
	struct input in = open_input(false, true);

	(void)state;
	feed(&in, text, sizeof(text) - 1);
	next_is(&in, 1, "tele/a/SENSOR", "{\"a\":1}", NULL);
	next_is(&in, 2, "z/living room", "{\"b c\":2}", NULL);
	next_is(&in, 3, "shellies/x/relay/0/power", "12.5", NULL);
	next_is(&in, 4, "", "alone", "not a topic");
	next_is(&in, 6, "a/b ", "on", NULL);
	nothing_more(&in);
	end(&in);
	next_is(&in, 7, "x", "[1]", NULL);
	nothing_more(&in);
	close_input(&in);
}

static void
a_last_number_without_its_line_end_may_be_cut_short(void **state)
{
	struct input in = open_input(false, true);

	(void)state;
	feed(&in, "a/b 12", 6);
	nothing_more(&in);
	end(&in);
	next_is(&in, 1, "", "a/b 12", "ends within it");
	close_input(&in);
}

static void
telegrams_run_to_their_mark_and_what_is_lost_stays_alone(void **state)
{
	static const char text[] = "9(1)\n!AAAA\n/ABC5\n1(2)\n!BBBB\r\n\003//ABC5\n1(3)/XYZ6\n4\n!\n"
	    "/ABC5\n!CC";
	struct input in = open_input(true, false);

	(void)state;
	feed(&in, text, sizeof(text) - 1);
	next_is(&in, 1, "", "9(1)\n!AAAA\n", "not within a telegram");
	next_is(&in, 3, "", "/ABC5\n1(2)\n!BBBB\r\n", NULL);
	next_is(&in, 6, "", "/ABC5\n1(3)", "another one begins");
	next_is(&in, 7, "", "/XYZ6\n4\n!\n", NULL);
	nothing_more(&in);
	end(&in);
	next_is(&in, 10, "", "/ABC5\n!CC", NULL);
	nothing_more(&in);
	close_input(&in);
}

static void
what_is_longer_than_a_mebibyte_is_refused_and_gone_over(void **state)
{
	for (int mode = 0; mode < 3; mode++) {
		struct input in = open_input(mode == 1, mode == 2);
		size_t size = 32768, given = 0;
		char *block = malloc(size);
		struct eg_frame doc;

		assert_non_null(block);
		memset(block, 'x', size);
		feed(&in, mode == 0 ? "{" : mode == 1 ? "/" : "t", 1);
		for (int i = 0; i < 100; i++) {
			feed(&in, block, size);
			while (eg_framing_next(&in.d, &doc)) {
				assert_string_equal(doc.reason, "longer than 1 MiB");
				given++;
			}
		}
		assert_int_equal(given, 1);
		feed(&in, "\n", 1);
		nothing_more(&in);
		feed(&in, mode == 1 ? "/ABC5\n!\n" : "a {}\n", mode == 1 ? 8 : 5);
		next_is(&in, 2, mode == 2 ? "a" : "", mode == 0 ? "a {}" : mode == 1 ? "/ABC5\n!\n" : "{}",
		    NULL);
		end(&in);
		nothing_more(&in);
		close_input(&in);
		free(block);
	}
	(void)state;
}

/* A frame of HDLC with two bytes of information, of M-Bus with one, and of neither. */
#define HDLC "\x7e\xa0\x0c\x41\x08\x83\x13\0\0ab\0\0\x7e"
#define MBUS "\x68\x06\x06\x68\x53\xff\x10\1\x67" "c\0\x16"
#define GLO "\xdb\x08" "EGRD0001" "\x05\x20\0\0\0\1"

static void
frames_of_dlms_are_found_in_any_pieces(void **state)
{
	static const char text[] = "noise\x7e\x68\x03" HDLC HDLC "\xff" MBUS GLO
	    "\x7e\xa0\x0c" "broken" HDLC GLO "\x7e\xa0\x0c" "cut";
	static const struct {
		size_t len;
		bool broken;
	} want[] = { { 14, false }, { 14, false }, { 12, false }, { 16, false }, { 9, true },
	    { 14, false },
		{ 16, false }, { 6, true } };

	(void)state;
	for (size_t piece = 1; piece < sizeof(text); piece++) {
		struct input in = open_input(false, false);
		struct eg_frame out;
		size_t n = 0;

		in.d.kind = EG_FRAMING_DLMS;
		for (size_t at = 0; at < sizeof(text) - 1; at += piece) {
			feed(&in, text + at, sizeof(text) - 1 - at < piece ? sizeof(text) - 1 - at : piece);
			for (; eg_framing_next(&in.d, &out); n++) {
				assert_true(n < sizeof(want) / sizeof(want[0]));
				assert_int_equal(out.body_len, want[n].len);
				assert_int_equal(out.reason != NULL, want[n].broken);
			}
		}
		end(&in);
		for (; eg_framing_next(&in.d, &out); n++)
			assert_int_equal(out.body_len, want[n].len);
		assert_int_equal(n, sizeof(want) / sizeof(want[0]));
		close_input(&in);
	}
}

/* Segments, and frames that share a flag. */
static void
a_message_of_dlms_may_have_several_frames(void **state)
{
	static const char text[] = "\x7e\xa8\x0c\x41\x08\x83\x13\0\0ab\0\0" HDLC
	    "\xa0\x0c\x41\x08\x83\x13\0\0ab\0\0\x7e" "\x68\x06\x06\x68\x53\xff\0\1\x67" "c\0\x16" MBUS;
	static const size_t want[] = { 27, 14, 24 };

	(void)state;
	for (size_t piece = 1; piece < sizeof(text); piece++) {
		struct input in = open_input(false, false);
		struct eg_frame out;
		size_t n = 0;

		in.d.kind = EG_FRAMING_DLMS;
		for (size_t at = 0; at < sizeof(text) - 1; at += piece) {
			feed(&in, text + at, sizeof(text) - 1 - at < piece ? sizeof(text) - 1 - at : piece);
			for (; eg_framing_next(&in.d, &out); n++) {
				assert_true(n < 3 && out.reason == NULL);
				assert_int_equal(out.body_len, want[n]);
			}
		}
		assert_int_equal(n, 3);
		end(&in);
		assert_false(eg_framing_next(&in.d, &out));
		close_input(&in);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_whole_at_its_last_bracket),
		cmocka_unit_test(a_line_is_a_document_to_a_reader_of_json),
		cmocka_unit_test(topics_end_where_json_begins),
		cmocka_unit_test(a_last_number_without_its_line_end_may_be_cut_short),
		cmocka_unit_test(telegrams_run_to_their_mark_and_what_is_lost_stays_alone),
		cmocka_unit_test(what_is_longer_than_a_mebibyte_is_refused_and_gone_over),
		cmocka_unit_test(frames_of_dlms_are_found_in_any_pieces),
		cmocka_unit_test(a_message_of_dlms_may_have_several_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
