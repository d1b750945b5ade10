/* SPDX-License-Identifier: MIT */
/* Both generations of Shelly: channels become sensors, changes alone are enough. */
#include "decode_run.h"

static void
a_topic_of_the_first_generation_is_one_reading(void **state)
{
	struct eg_decode *d = open_format("shelly1");

	(void)state;
	gives(d, "shellies/shellyem-B9/emeter/0/power", "230.50",
	    "shellyem-B9/emeter/0/power:" AT_ARRIVAL ":230.50\n");
	gives(d, "shellies/shellyem-B9/emeter/1/total_returned", "12.0\r\n",
	    "shellyem-B9/emeter/1/energy_returned:" AT_ARRIVAL ":12.0\n");
	gives(d, "shellies/plug/relay/0/energy", "7", "plug/relay/0/energy_wmin:" AT_ARRIVAL ":7\n");
	gives(d, "home/plug/relay/0/power", "-0.1", "home/plug/relay/0/power:" AT_ARRIVAL ":-0.1\n");
	eg_decode_free(d);
}

static void
other_topics_of_the_first_generation_are_passed_over(void **state)
{
	static const char *const topics[] = { "shellies/plug/online", "shellies/plug/relay/0",
		"shellies/plug/temperature", "shellies/plug/relay/x/power", "power",
		"shellies/plug/relay/0/total", "shellies/plug/emeter/0/reset", "a/b/c/d/e" };
	struct eg_decode *d = open_format("shelly1");

	(void)state;
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		gives(d, topics[i], "1", "");
	eg_decode_free(d);
}

static void
a_word_where_a_number_should_be_is_refused(void **state)
{
	struct eg_decode *d = open_format("shelly1");

	(void)state;
	refuses(d, "shellies/plug/relay/0/power", "on", "'power': the value is not a decimal");
	refuses(d, "shellies/plug/relay/0/power", " ", "the value is not");
	gives(d, "shellies/plug/relay/0/power", "", "");
	refuses(d, "relay/0/power", "1", "nothing names the device");
	refuses(d, "", "1", "neither JSON, nor a topic");
	eg_decode_free(d);
}

static void
a_status_of_the_first_generation_leaves_out_invalid_meters(void **state)
{
	struct eg_decode *d = open_format("shelly1");

	(void)state;
	gives(d, "shellies/em3/info",
	    "{\"unixtime\":1663863464,\"emeters\":[{\"power\":10.66,\"pf\":1.00,\"is_valid\":true,"
	    "\"total\":5.3},{\"power\":0.00,\"is_valid\":false}],\"meters\":[{\"power\":4}]}",
	    "em3/emeter/0/power:2022-09-22T16:17:44:10.66\n"
	    "em3/emeter/0/power_factor:2022-09-22T16:17:44:1.00\n"
	    "em3/emeter/0/energy:2022-09-22T16:17:44:5.3\n"
	    "em3/meter/0/power:2022-09-22T16:17:44:4\n");
	gives(d, "shellies/em3/info", "{\"unixtime\":0,\"meters\":[{\"power\":4}]}",
	    "em3/meter/0/power:" AT_ARRIVAL ":4\n");
	eg_decode_free(d);
}

#define NOTE(params) "{\"src\":\"shellypro3em-ac\",\"dst\":\"x/events\"," \
	"\"method\":\"NotifyStatus\",\"params\":" params "}"

static void
a_notification_gives_what_has_changed(void **state)
{
	struct eg_decode *d = open_format("shelly2");

	(void)state;
	gives(d, "", NOTE("{\"ts\":1700000000.12,\"em:0\":{\"id\":0,\"a_act_power\":-12.50,"
	    "\"total_act_power\":230,\"n_current\":null,\"errors\":[\"x\"]}}"),
	    "shellypro3em-ac/em/0/a_power:2023-11-14T22:13:20.12:-12.50\n"
	    "shellypro3em-ac/em/0/total_power:2023-11-14T22:13:20.12:230\n");
	gives(d, "house/meter/events/rpc", NOTE("{\"ts\":1.70000000012e9,\"em1:2\":{\"freq\":50.0}}"),
	    "house/meter/em1/2/frequency:2023-11-14T22:13:20.12:50.0\n");
	gives(d, "", NOTE("{\"ts\":1700000000,\"switch:0\":{\"apower\":8.9,\"aenergy\":{\"total\":"
	    "6.532,\"by_minute\":[45.199,47.141]},\"ret_aenergy\":{\"total\":0.000}}}"),
	    "shellypro3em-ac/switch/0/power:2023-11-14T22:13:20:8.9\n"
	    "shellypro3em-ac/switch/0/energy:2023-11-14T22:13:20:6.532\n"
	    "shellypro3em-ac/switch/0/energy_returned:2023-11-14T22:13:20:0.000\n");
	gives(d, "", NOTE("{\"ts\":1700000000,\"emdata:0\":{\"total_act\":9.1},"
	    "\"em1data:1\":{\"total_act_ret_energy\":2},\"pm1:0\":{\"aprtpower\":3}}"),
	    "shellypro3em-ac/emdata/0/total_energy:2023-11-14T22:13:20:9.1\n"
	    "shellypro3em-ac/em1data/1/energy_returned:2023-11-14T22:13:20:2\n"
	    "shellypro3em-ac/pm1/0/apparent_power:2023-11-14T22:13:20:3\n");
	eg_decode_free(d);
}

static void
what_holds_no_reading_is_passed_over(void **state)
{
	struct eg_decode *d = open_format("shelly2");

	(void)state;
	gives(d, "", NOTE("{\"ts\":1700000000,\"wifi\":{\"rssi\":-60}}"), "");
	gives(d, "", NOTE("{\"ts\":1700000000,\"em:x\":{},\"em:\":{},\":0\":{},\"em:123456\":{}}"), "");
	gives(d, "", "{\"src\":\"s\",\"method\":\"NotifyEvent\",\"params\":{}}", "");
	eg_decode_free(d);
}

static void
a_status_has_the_time_of_its_system(void **state)
{
	struct eg_decode *d = open_format("shelly2");

	(void)state;
	gives(d, "", "{\"id\":1,\"src\":\"s\",\"result\":{\"sys\":{\"unixtime\":1700000000},"
	    "\"light:0\":{\"apower\":1}}}", "s/light/0/power:2023-11-14T22:13:20:1\n");
	/* Plus RGBW PM in its profile rgbw. */
	gives(d, "s/status/rgbw:0", "{\"id\":0,\"rgb\":[1,2,3],\"apower\":4.5,\"aenergy\":{\"total\":6.7}}",
	    "s/rgbw/0/power:" AT_ARRIVAL ":4.5\ns/rgbw/0/energy:" AT_ARRIVAL ":6.7\n");
	gives(d, "t/status/cover:1", "{\"id\":1,\"apower\":2}",
	    "t/cover/1/power:" AT_ARRIVAL ":2\n");
	gives(d, "t/status/wifi", "{\"sys\":{}}", "");
	/* The other topics of a device, as a subscription to t/# has them. */
	gives(d, "t/status/wifi", "{\"sta_ip\":\"10.0.0.1\",\"rssi\":-50}", "");
	gives(d, "t/status/input:0", "{\"id\":0,\"state\":false}", "");
	gives(d, "t/online", "true", "");
	gives(d, "t/debug/log", "a line", "");
	gives(d, "t/command", "status_update", "");
	gives(d, "t/command/switch:0", "on", "");
	gives(d, "a/command/t/events/rpc", NOTE("{\"ts\":1700000000,\"light:0\":{\"apower\":1}}"),
	    "a/command/t/light/0/power:2023-11-14T22:13:20:1\n");
	eg_decode_free(d);
}

/* The answers of the documentation's examples, which have no time of their own. */
static void
a_component_that_does_not_say_its_name_is_known_by_its_members(void **state)
{
	static const struct {
		const char *status, *lines;
	} answer[] = {
		{ "{\"id\":0,\"a_act_power\":951.2,\"total_act_power\":2484.782,\"user_calibrated_phase\":[]}",
		    "s/em/0/a_power:" AT_ARRIVAL ":951.2\ns/em/0/total_power:" AT_ARRIVAL ":2484.782\n" },
		{ "{\"id\":0,\"total_act\":5415.41,\"total_act_ret\":0}",
		    "s/emdata/0/total_energy:" AT_ARRIVAL ":5415.41\n"
		    "s/emdata/0/total_energy_returned:" AT_ARRIVAL ":0\n" },
		{ "{\"id\":1,\"voltage\":230,\"act_power\":-12.5,\"calibration\":\"factory\"}",
		    "s/em1/1/power:" AT_ARRIVAL ":-12.5\ns/em1/1/voltage:" AT_ARRIVAL ":230\n" },
		{ "{\"id\":1,\"total_act_energy\":7}", "s/em1data/1/energy:" AT_ARRIVAL ":7\n" },
		{ "{\"id\":0,\"source\":\"timer\",\"output\":true,\"apower\":8.9,\"aenergy\":{\"total\":6.532}}",
		    "s/switch/0/power:" AT_ARRIVAL ":8.9\ns/switch/0/energy:" AT_ARRIVAL ":6.532\n" },
		{ "{\"id\":0,\"output\":true,\"brightness\":50,\"apower\":3}",
		    "s/light/0/power:" AT_ARRIVAL ":3\n" },
		{ "{\"id\":0,\"output\":true,\"brightness\":50,\"ct\":3000,\"apower\":3}",
		    "s/cct/0/power:" AT_ARRIVAL ":3\n" },
		{ "{\"id\":0,\"output\":true,\"brightness\":50,\"rgb\":[1,2,3],\"apower\":3}",
		    "s/rgb/0/power:" AT_ARRIVAL ":3\n" },
		{ "{\"id\":0,\"output\":true,\"brightness\":50,\"rgb\":[1,2,3],\"white\":0,\"apower\":3}",
		    "s/rgbw/0/power:" AT_ARRIVAL ":3\n" },
		{ "{\"id\":0,\"state\":\"stopped\",\"apower\":0,\"current_pos\":50}",
		    "s/cover/0/power:" AT_ARRIVAL ":0\n" },
		{ "{\"id\":12,\"voltage\":230,\"apower\":1}",
		    "s/pm1/12/power:" AT_ARRIVAL ":1\ns/pm1/12/voltage:" AT_ARRIVAL ":230\n" },
		{ "{\"id\":0,\"state\":false}", "" }, /* an input */
		{ "{\"id\":100,\"tC\":21.5}", NULL },
		{ "{\"id\":123456,\"apower\":1}", NULL },
		{ "{\"id\":-1,\"apower\":1}", NULL },
		{ "{\"id\":\"0\",\"apower\":1}", NULL },
		{ "{\"apower\":1}", NULL },
	};
	const struct eg_decode_config config = { .format = "shelly2", .sensor = "s", .now = true };
	struct eg_decode *d = open_config(&config);
	char body[256];

	(void)state;
	for (size_t i = 0; i < sizeof(answer) / sizeof(answer[0]); i++) {
		if (answer[i].lines != NULL)
			gives(d, "", answer[i].status, answer[i].lines);
		else
			refuses(d, "", answer[i].status, "neither a notification nor a status");
		snprintf(body, sizeof(body), "{\"id\":1,\"src\":\"x\",\"result\":%s}", answer[i].status);
		gives(d, "", body, answer[i].lines != NULL ? answer[i].lines : "");
	}
	/* What has changed of a component is not known by its members. */
	gives(d, "", NOTE("{\"ts\":1700000000,\"id\":0,\"apower\":1}"), "");
	gives(d, "t/status/new:0", "{\"id\":0,\"output\":true,\"apower\":1}", "");
	eg_decode_free(d);
}

static void
what_is_no_message_of_the_second_generation_is_refused(void **state)
{
	struct eg_decode *d = open_format("shelly2");

	(void)state;
	refuses(d, "", "{\"a\":1}", "neither a notification nor a status");
	refuses(d, "", "[]", "not an object");
	refuses(d, "", NOTE("[]"), "not an object");
	refuses(d, "", NOTE("{\"ts\":null,\"em:0\":{\"a_act_power\":1}}"), "has no time");
	refuses(d, "", NOTE("{\"ts\":\"x\",\"em:0\":{}}"), "the time is not a number");
	refuses(d, "", NOTE("{\"ts\":1e300,\"em:0\":{}}"), "out of range");
	refuses(d, "", "{\"method\":\"NotifyStatus\",\"params\":{\"em:0\":{}}}", "names the device");
	refuses(d, "", NOTE("{\"ts\":1730000000,\"em:0\":{\"a_act_power\":1,\"b_act_power\":true}}"),
	    "'b_power' is not a number");
	eg_decode_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_topic_of_the_first_generation_is_one_reading),
		cmocka_unit_test(other_topics_of_the_first_generation_are_passed_over),
		cmocka_unit_test(a_word_where_a_number_should_be_is_refused),
		cmocka_unit_test(a_status_of_the_first_generation_leaves_out_invalid_meters),
		cmocka_unit_test(a_notification_gives_what_has_changed),
		cmocka_unit_test(what_holds_no_reading_is_passed_over),
		cmocka_unit_test(a_status_has_the_time_of_its_system),
		cmocka_unit_test(a_component_that_does_not_say_its_name_is_known_by_its_members),
		cmocka_unit_test(what_is_no_message_of_the_second_generation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
