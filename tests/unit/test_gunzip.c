/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/gunzip.h"

enum { ROOM = 1 << 20 };

static char packed[ROOM];

/* Packs len bytes at s behind at bytes; returns the end. */
static size_t
pack(size_t at, const char *s, size_t len)
{
	z_stream z = { .next_in = (z_const Bytef *)(uintptr_t)s, .avail_in = (uInt)len,
		.next_out = (Bytef *)packed + at, .avail_out = (uInt)(ROOM - at) };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	at += z.total_out;
	deflateEnd(&z);
	return at;
}

static void
what_was_packed_comes_out(void **state)
{
	char *text = malloc(100000), *out;
	size_t n, len;

	(void)state;
	for (size_t i = 0; i < 100000; i++)
		text[i] = (char)('a' + i * i % 26);
	n = pack(0, text, 100000);
	assert_int_equal(eg_gunzip(packed, n, 100000, &out, &len), EG_GUNZIP_OK);
	assert_int_equal(len, 100000);
	assert_memory_equal(out, text, len);
	free(out);
	n = pack(n, "tail", 4);
	assert_int_equal(eg_gunzip(packed, n, 200000, &out, &len), EG_GUNZIP_OK);
	assert_int_equal(len, 100004);
	free(out);
	free(text);
	n = pack(0, "", 0);
	assert_int_equal(eg_gunzip(packed, n, 10, &out, &len), EG_GUNZIP_OK);
	assert_int_equal(len, 0);
	free(out);
}

static void
a_bomb_stops_at_the_bound(void **state)
{
	char *zeroes = calloc(1, 16 << 20), *out;
	size_t n, len;

	(void)state;
	n = pack(0, zeroes, 16 << 20);
	assert_int_equal(eg_gunzip(packed, n, (16 << 20) - 1, &out, &len), EG_GUNZIP_LARGE);
	assert_null(out);
	assert_int_equal(eg_gunzip(packed, n, 16 << 20, &out, &len), EG_GUNZIP_OK);
	free(out);
	free(zeroes);
}

static void
what_is_cut_off_or_damaged_is_bad(void **state)
{
	size_t n = pack(0, "some text that is long enough", 29), len;
	char *out;

	(void)state;
	for (size_t i = 0; i < n; i++)
		assert_int_equal(eg_gunzip(packed, i, 1000, &out, &len), EG_GUNZIP_BAD);
	packed[n - 5] ^= 1;
	assert_int_equal(eg_gunzip(packed, n, 1000, &out, &len), EG_GUNZIP_BAD);
	packed[n - 5] ^= 1;
	packed[n] = 'x';
	assert_int_equal(eg_gunzip(packed, n + 1, 1000, &out, &len), EG_GUNZIP_BAD);
	assert_int_equal(eg_gunzip("no gzip", 7, 1000, &out, &len), EG_GUNZIP_BAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_out),
		cmocka_unit_test(a_bomb_stops_at_the_bound),
		cmocka_unit_test(what_is_cut_off_or_damaged_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
