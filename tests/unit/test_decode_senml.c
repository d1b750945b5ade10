/* SPDX-License-Identifier: MIT */
/* SenML: bases resolved, sums exact, times relative and absolute. */
#include "decode_run.h"

static void
bases_are_resolved(void **state)
{
	struct eg_decode *d = open_format("senml");

	(void)state;
	gives(d, "", "[{\"bn\":\"dev1/\",\"bt\":1.700000000001e+09,\"bu\":\"A\",\"n\":\"voltage\","
	    "\"u\":\"V\",\"v\":120.10},{\"n\":\"current\",\"t\":-5,\"v\":1.2},"
	    "{\"n\":\"current\",\"t\":60.5,\"v\":13e-1}]",
	    "dev1/voltage:2023-11-14T22:13:20.001:120.10\n"
	    "dev1/current:2023-11-14T22:13:15.001:1.2\n"
	    "dev1/current:2023-11-14T22:14:20.501:13e-1\n");
	gives(d, "", "[{\"bn\":\"urn:dev:\",\"bt\":1700000000},{\"n\":\"x\",\"v\":1}]",
	    "urn%3Adev%3Ax:2023-11-14T22:13:20:1\n");
	eg_decode_free(d);
}

static void
base_values_are_added_exactly(void **state)
{
	static const struct {
		const char *base, *value, *sum;
	} cases[] = {
		{ "0.1", "0.2", "0.3" }, { "20.5", "-20.5", "0.0" }, { "1e3", "1", "1001" },
		{ "-1", "0.25", "-0.75" }, { "1e2", "1e2", "2e2" }, { "5", "1e-3", "5.001" },
		{ "123456789012345678", "0.123456789", "123456789012345678.123456789" },
		{ "0", "-0.05", "-0.05" }, { "1e-40", "1e-40", "2e-40" },
	};
	struct eg_decode *d = open_format("senml");
	char body[256], lines[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(body, sizeof(body), "[{\"bn\":\"a\",\"bt\":1700000000,\"bv\":%s,\"v\":%s}]",
		    cases[i].base, cases[i].value);
		snprintf(lines, sizeof(lines), "a:2023-11-14T22:13:20:%s\n", cases[i].sum);
		gives(d, "", body, lines);
	}
	refuses(d, "", "[{\"n\":\"a\",\"bv\":1e30,\"v\":1e-30}]", "too far apart");
	refuses(d, "", "[{\"n\":\"a\",\"bv\":1e300,\"v\":1}]", "too far apart");
	refuses(d, "", "[{\"n\":\"a\",\"bv\":NaN,\"v\":1}]", "not a decimal number");
	gives(d, "", "[{\"bn\":\"a\",\"bt\":1700000000,\"bv\":5},{\"n\":\"b\"},{\"n\":\"c\",\"vs\":\"x\"}]",
	    "ab:2023-11-14T22:13:20:5\n");
	gives(d, "", "[{\"n\":\"a\",\"t\":1700000000,\"bs\":1,\"s\":2.5,\"v\":3}]",
	    "a:2023-11-14T22:13:20:3\na/sum:2023-11-14T22:13:20:3.5\n");
	eg_decode_free(d);
}

static void
small_times_count_from_the_arrival(void **state)
{
	struct eg_decode *d = open_format("senml");

	(void)state;
	gives(d, "", "[{\"n\":\"a\",\"v\":1},{\"n\":\"a\",\"t\":-10.25,\"v\":2},"
	    "{\"n\":\"a\",\"t\":1730000000,\"v\":3}]",
	    "a:" AT_ARRIVAL ":1\na:2024-10-27T11:59:50.25:2\na:2024-10-27T03:33:20:3\n");
	/* From 2**28 on a time is absolute, here one of a clock that is not set. */
	refuses(d, "", "[{\"n\":\"a\",\"t\":268435456,\"v\":3}]", "not set: it says 1978-07-04T21:24:16");
	eg_decode_free(d);
}

static void
what_must_not_be_guessed_is_refused(void **state)
{
	struct eg_decode *d = open_format("senml");

	(void)state;
	refuses(d, "", "{\"n\":\"a\",\"v\":1}", "not an array");
	refuses(d, "", "[1]", "not an object");
	refuses(d, "", "[{\"v\":1}]", "names the device");
	refuses(d, "", "[{\"n\":\"a\",\"v\":1},{\"n\":\"a\",\"v\":1,\"x_\":1}]", "'x_' is not understood");
	refuses(d, "", "[{\"n\":\"a\",\"bver\":11,\"v\":1}]", "newer");
	refuses(d, "", "[{\"n\":1,\"v\":1}]", "'n' is not a string");
	refuses(d, "", "[{\"n\":\"a\",\"t\":9e9,\"bt\":9e9,\"v\":1}]", "out of range");
	gives(d, "", "[]", "");
	eg_decode_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bases_are_resolved),
		cmocka_unit_test(base_values_are_added_exactly),
		cmocka_unit_test(small_times_count_from_the_arrival),
		cmocka_unit_test(what_must_not_be_guessed_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
