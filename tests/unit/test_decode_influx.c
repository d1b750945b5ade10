/* SPDX-License-Identifier: MIT */
/* InfluxDB's line protocol and annotated CSV: names, times, what is passed over. */
#include "decode_run.h"

static void
points_name_their_sensors_as_in_eg_serve(void **state)
{
	struct eg_decode *d = open_format("influx");

	(void)state;
	gives(d, "q", "energy,sensor=s1 value=55.21 1704103200000000000\n"
	    "energy,sensor=s1,phase=l1 power=56i,state=\"on\" 1704103201500000000\n"
	    "cpu,host=a\\ b usage_idle=9.5\n",
	    "s1:2024-01-01T10:00:00:55.21\ns1/power:2024-01-01T10:00:01.5:56\n"
	    "cpu,host=a\\ b/usage_idle:" AT_ARRIVAL ":9.5\n");
	/* A URL among the tags, and a '#' in front. */
	gives(d, "q", "http,url=http://h:1/ t=1 1704103200000000000\nm,sensor=#1 value=2 1704103200000000000",
	    "http,url=http%3A//h%3A1//t:2024-01-01T10:00:00:1\n%231:2024-01-01T10:00:00:2\n");
	eg_decode_free(d);
}

static void
text_is_passed_over_and_named_once(void **state)
{
	struct eg_decode *d = open_format("influx");
	struct eg_decoded out;

	(void)state;
	out = decode_at(d, ARRIVAL, "q", "m state=\"on\",ok=true,v=1", 24);
	assert_int_equal(out.records, 1);
	assert_int_equal(out.passed_over, 2);
	assert_string_equal(out.unknown, "state, ok");
	out = decode_at(d, ARRIVAL, "q", "m state=\"on\",v=1", 16);
	assert_int_equal(out.passed_over, 1);
	assert_null(out.unknown);
	eg_decode_free(d);
}

static void
units_of_times_are_told_not_guessed(void **state)
{
	struct eg_decode *d = open_config(&(struct eg_decode_config){ .format = "influx",
	    .time_unit = "ms", .sensor_tag = "id", .prefix = "p/" });

	(void)state;
	gives(d, "q", "m,id=x value=1 1704103200123", "p/x:2024-01-01T10:00:00.123:1\n");
	refuses(d, "q", "m,id=x value=1 1704103200", "clock is not set: it says 1970-01-20");
	eg_decode_free(d);
	d = open_format("influx");
	refuses(d, "q", "m,id=x value=1 1704103200", "clock is not set: it says 1970-01-01");
	eg_decode_free(d);
}

static void
a_message_of_points_is_taken_whole_or_not_at_all(void **state)
{
	struct eg_decode *d = open_format("influx");

	(void)state;
	refuses(d, "q", "m v=1 1704103200000000000\nm v= 1704103200000000000\n", "line 2: ");
	refuses(d, "q", "m v=1e999 1704103200000000000", "line 1: ");
	refuses(d, "q", "\x1b v=1 1704103200000000000", "control");
	gives(d, "q", "# a comment\n\n", "");
	eg_decode_free(d);
}

#define HEAD "#group,false,false,true,true,false,false,true,true,true\r\n" \
	"#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double,string,string,string\r\n" \
	"#default,_result,,,,,,,,\r\n" \
	",result,table,_start,_stop,_time,_value,_field,_measurement,"
#define ROW ",,0,2024-01-01T00:00:00Z,2024-01-02T00:00:00Z,2024-01-01T10:00:00.5Z,"

static void
annotated_csv_has_the_names_of_line_protocol(void **state)
{
	struct eg_decode *d = open_format("influx-csv");

	(void)state;
	gives(d, "", HEAD "sensor\r\n" ROW "55.21,value,energy,s1\r\n" ROW "7,power,energy,s1\r\n"
	    ROW ",power,energy,s1\r\n" ROW "NaN,power,energy,s1\r\n\r\n",
	    "s1:2024-01-01T10:00:00.5:55.21\ns1/power:2024-01-01T10:00:00.5:7\n");
	gives(d, "", HEAD "host\r\n" ROW "55.21,value,\"en,ergy\",\"a \"\"b\"\"\"\r\n",
	    "en\\,ergy,host=a\\ \"b\":2024-01-01T10:00:00.5:55.21\n");
	eg_decode_free(d);
}

static void
a_column_for_each_field_is_read_too(void **state)
{
	struct eg_decode *d = open_format("influx-csv");
	struct eg_decoded out;
	static const char text[] = "#group,false,false,false,true,true,false,false,false\n"
	    "#datatype,string,long,dateTime:RFC3339,string,string,double,long,string\n"
	    "#default,_result,,,,,,,\n,result,table,_time,_measurement,room,power,value,state\n"
	    ",,0,2024-01-01T10:00:00Z,m,k,1.5,2,on\n";

	(void)state;
	out = decode_at(d, ARRIVAL, "", text, strlen(text));
	assert_int_equal(out.records, 2);
	assert_memory_equal(out.lines, "m,room=k/power:2024-01-01T10:00:00:1.5\n"
	    "m,room=k:2024-01-01T10:00:00:2\n", out.len);
	assert_string_equal(out.unknown, "state");
	eg_decode_free(d);
}

/* The lines of a stream, one after the other. */
static void
a_stream_of_rows_remembers_its_table_and_no_other_does(void **state)
{
	struct eg_decode *d = open_format("influx-csv");
	static const char *const lines[] = { "_time,_value,sensor", "2024-01-01T10:00:00Z,1,a", "",
		"sensor,_time,_value", "b,2024-01-01T10:00:00Z,2" };
	struct eg_error e = { 0 };
	struct eg_decoded out;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct eg_decode_message m = { .topic = "", .body = lines[i],
			.len = strlen(lines[i]), .arrived = ARRIVAL, .follows = true };

		assert_int_equal(eg_decode_message(d, &m, &out, &e), 0);
		assert_null(out.reason);
		assert_int_equal(out.records, i == 1 || i == 4);
	}
	assert_memory_equal(out.lines, "b:2024-01-01T10:00:00:2\n", out.len);
	refuses(d, "", "b,2024-01-01T10:00:00Z,2", "no column _time");
	eg_decode_free(d);
}

static void
broken_tables_are_refused(void **state)
{
	struct eg_decode *d = open_format("influx-csv");

	(void)state;
	refuses(d, "", "_time,_value,sensor\n2024-01-01T10:00:00Z,1", "2 columns, not 3");
	refuses(d, "", "_time,_value,sensor\n2024-01-01T10:00:00Z,1,\"a", "a quote is not closed");
	refuses(d, "", "_time,_value,sensor\n2024-01-01T10:00:00Z,1,\"a\"b", "text follows");
	refuses(d, "", "_time,_value\n2024-01-01T10:00:00Z,1", "nothing names the sensor");
	refuses(d, "", "_time,a\n2024-01-01T10:00:00Z,1", "neither a column _value nor annotations");
	refuses(d, "", "_time,_value,sensor\nyesterday,1,a", "ISO 8601");
	refuses(d, "", "error,reference\nfailed to parse query,897", "InfluxDB reports: failed to parse");
	refuses(d, "", "_time,_value,sensor\n1970-01-01T00:00:00Z,1,a", "clock is not set");
	eg_decode_free(d);
}

/* Cut at the NUL, the names of two sensors could be the same. */
static void
a_name_with_a_nul_is_refused(void **state)
{
	static const char text[] = "_time,_value,sensor\n2024-01-01T10:00:00Z,1,a\0b";
	struct eg_decode *d = open_format("influx-csv");

	(void)state;
	refuses_bytes(d, "", text, sizeof(text) - 1, "NUL");
	eg_decode_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_name_their_sensors_as_in_eg_serve),
		cmocka_unit_test(text_is_passed_over_and_named_once),
		cmocka_unit_test(units_of_times_are_told_not_guessed),
		cmocka_unit_test(a_message_of_points_is_taken_whole_or_not_at_all),
		cmocka_unit_test(annotated_csv_has_the_names_of_line_protocol),
		cmocka_unit_test(a_column_for_each_field_is_read_too),
		cmocka_unit_test(a_stream_of_rows_remembers_its_table_and_no_other_does),
		cmocka_unit_test(broken_tables_are_refused),
		cmocka_unit_test(a_name_with_a_nul_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
