/* SPDX-License-Identifier: MIT */
/* Tasmota and Zigbee2MQTT: local times, names of all kinds, numbers in strings. */
#include "decode_run.h"

#define ENERGY(time, value) "{\"Time\":\"" time "\",\"ENERGY\":{\"Total\":" value "}}"

static void
a_sensor_message_gives_all_its_quantities(void **state)
{
	struct eg_decode *d = open_format("tasmota");

	(void)state;
	gives(d, "tele/livingroom/SENSOR",
	    "{\"Time\":\"2022-01-11T21:57:38\",\"ENERGY\":{\"TotalStartTime\":\"2020-10-21T22:15:00\","
	    "\"Total\":3.705,\"Yesterday\":0.028,\"Today\":0.026,\"Period\":1,\"Power\":5,"
	    "\"ApparentPower\":5,\"ReactivePower\":0,\"Factor\":1.00,\"Voltage\":233,"
	    "\"Current\":0.021}}",
	    "livingroom/power:2022-01-11T20:57:38:5\n"
	    "livingroom/apparent_power:2022-01-11T20:57:38:5\n"
	    "livingroom/reactive_power:2022-01-11T20:57:38:0\n"
	    "livingroom/power_factor:2022-01-11T20:57:38:1.00\n"
	    "livingroom/voltage:2022-01-11T20:57:38:233\n"
	    "livingroom/current:2022-01-11T20:57:38:0.021\n"
	    "livingroom/total:2022-01-11T20:57:38:3.705\n"
	    "livingroom/today:2022-01-11T20:57:38:0.026\n"
	    "livingroom/yesterday:2022-01-11T20:57:38:0.028\n"
	    "livingroom/period:2022-01-11T20:57:38:1\n");
	gives(d, "tele/a/SENSOR",
	    "{\"Time\":\"2022-07-11T12:00:00\",\"ENERGY\":{\"Voltage\":[230,null,\"231.5\"]}}",
	    "a/voltage_1:2022-07-11T10:00:00:230\na/voltage_3:2022-07-11T10:00:00:231.5\n");
	eg_decode_free(d);
}

static void
an_offset_in_the_time_comes_before_the_zone(void **state)
{
	struct eg_decode *d = open_format("tasmota");

	(void)state;
	gives(d, "tele/a/SENSOR", ENERGY("2022-07-11T12:00:00+05:30", "1"),
	    "a/total:2022-07-11T06:30:00:1\n");
	gives(d, "tele/a/SENSOR", ENERGY("2022-07-11T12:00:00.25Z", "1"),
	    "a/total:2022-07-11T12:00:00.25:1\n");
	gives(d, "tele/a/SENSOR", ENERGY("2022-07-11T12:00:00.25", "1"),
	    "a/total:2022-07-11T10:00:00.25:1\n");
	eg_decode_free(d);
}

static void
the_hour_that_is_left_out_is_refused(void **state)
{
	struct eg_decode *d = open_format("tasmota");

	(void)state;
	gives(d, "tele/a/SENSOR", ENERGY("2024-03-31T01:59:59", "1"),
	    "a/total:2024-03-31T00:59:59:1\n");
	refuses(d, "tele/a/SENSOR", ENERGY("2024-03-31T02:00:00", "1"), "put forward");
	refuses(d, "tele/a/SENSOR", ENERGY("2024-03-31T02:59:59", "1"), "put forward");
	gives(d, "tele/a/SENSOR", ENERGY("2024-03-31T03:00:00", "1"),
	    "a/total:2024-03-31T01:00:00:1\n");
	eg_decode_free(d);
}

/* Arriving long after: a file. */
static void
the_repeated_hour_goes_by_the_order_of_each_device(void **state)
{
	struct eg_decode *d = open_format("tasmota");

	(void)state;
	gives(d, "tele/a/SENSOR", ENERGY("2024-10-27T02:10:00", "1"),
	    "a/total:2024-10-27T00:10:00:1\n");
	gives(d, "tele/b/SENSOR", ENERGY("2024-10-27T02:40:00", "1"),
	    "b/total:2024-10-27T00:40:00:1\n");
	gives(d, "tele/a/SENSOR", ENERGY("2024-10-27T02:50:00", "2"),
	    "a/total:2024-10-27T00:50:00:2\n");
	gives(d, "tele/a/SENSOR", ENERGY("2024-10-27T02:50:00", "2"),
	    "a/total:2024-10-27T00:50:00:2\n");
	gives(d, "tele/a/SENSOR", ENERGY("2024-10-27T02:10:00", "3"),
	    "a/total:2024-10-27T01:10:00:3\n");
	gives(d, "tele/b/SENSOR", ENERGY("2024-10-27T02:45:00", "2"),
	    "b/total:2024-10-27T00:45:00:2\n");
	gives(d, "tele/a/SENSOR", ENERGY("2024-10-27T02:50:00", "4"),
	    "a/total:2024-10-27T01:50:00:4\n");
	gives(d, "tele/a/SENSOR", ENERGY("2024-10-27T03:00:00", "5"),
	    "a/total:2024-10-27T02:00:00:5\n");
	/* A year later it begins anew. */
	gives(d, "tele/a/SENSOR", ENERGY("2025-10-26T02:10:00", "6"),
	    "a/total:2025-10-26T00:10:00:6\n");
	eg_decode_free(d);
}

static void
the_repeated_hour_goes_by_the_arrival_when_it_is_live(void **state)
{
	const int64_t first = INT64_C(1729987800) * 1000000000; /* 00:10 UTC, 02:10 summer time */
	const int64_t second = first + INT64_C(3600) * 1000000000;
	struct eg_decode *d = open_format("tasmota");

	(void)state;
	gives_at(d, second, "tele/a/SENSOR", ENERGY("2024-10-27T02:10:00", "1"),
	    "a/total:2024-10-27T01:10:00:1\n");
	gives_at(d, first + 5, "tele/a/SENSOR", ENERGY("2024-10-27T02:10:02", "1"),
	    "a/total:2024-10-27T00:10:02:1\n");
	eg_decode_free(d);
}

static void
what_is_not_a_sensor_message_is_passed_over_or_refused(void **state)
{
	struct eg_decode *d = open_format("tasmota");

	(void)state;
	gives(d, "tele/a/LWT", "Online", "");
	gives(d, "tele/a/STATE", "{\"Time\":\"x\"}", "");
	gives(d, "tele/a/SENSOR", "{\"Time\":\"2024-01-01T00:00:00\",\"AM2301\":{}}", "");
	refuses(d, "tele/a/SENSOR", "{}", "not Tasmota's");
	refuses(d, "tele/a/SENSOR", "{\"ENERGY\":{\"Total\":1}}", "has no time");
	refuses(d, "tele/a/SENSOR", "{\"Time\":5,\"ENERGY\":{\"Total\":1}}", "not a string");
	refuses(d, "tele/a/SENSOR", ENERGY("2024-02-30T00:00:00", "1"), "not in the calendar");
	refuses(d, "tele/a/SENSOR", ENERGY("1970-13-01", "1"), "ISO 8601");
	refuses(d, "tele/a/SENSOR", ENERGY("2024-01-01T00:00:00", "NaN"), "not a decimal number");
	refuses(d, "tele/a/SENSOR", ENERGY("2024-01-01T00:00:00", "\"\""), "empty");
	eg_decode_free(d);
}

static void
zigbee_states_give_quantities_and_no_settings(void **state)
{
	static const char clamp[] = "{\"power_a\":79.8,\"energy_flow_a\":\"producing\","
	    "\"power_b\":37.1,\"energy_flow_b\":\"consuming\",\"power_ab\":-42.7}";
	struct eg_decode *d = open_format("zigbee2mqtt");
	struct eg_decoded out;

	(void)state;
	gives(d, "zigbee2mqtt/kitchen/fridge",
	    "{\"state\":\"ON\",\"power\":12.5,\"energy\":1.234,\"voltage\":\"230.1\",\"current\":0.06,"
	    "\"power_on_behavior\":\"previous\",\"power_outage_count\":3,\"linkquality\":90,"
	    "\"power_phase_b\":7,\"current_heating_setpoint\":21}",
	    "kitchen/fridge/power:" AT_ARRIVAL ":12.5\n"
	    "kitchen/fridge/energy:" AT_ARRIVAL ":1.234\n"
	    "kitchen/fridge/voltage:" AT_ARRIVAL ":230.1\n"
	    "kitchen/fridge/current:" AT_ARRIVAL ":0.06\n"
	    "kitchen/fridge/power_phase_b:" AT_ARRIVAL ":7\n");
	/* A clamp of two channels: the sign of a's power is lost. */
	out = decode_at(d, ARRIVAL, "zigbee2mqtt/clamp", clamp, sizeof(clamp) - 1);
	assert_int_equal(out.records, 3);
	assert_string_equal(out.unknown, "energy_flow_a");
	gives(d, "zigbee2mqtt/bridge/state", "online", "");
	gives(d, "zigbee2mqtt/lamp/availability", "online", "");
	gives(d, "zigbee2mqtt/lamp/set", "ON", "");
	gives(d, "zigbee2mqtt/lamp", "{\"state\":\"ON\"}", "");
	eg_decode_free(d);
}

static void
last_seen_is_read_in_all_its_forms(void **state)
{
	struct eg_decode *d = open_format("zigbee2mqtt");

	(void)state;
	gives(d, "a", "{\"last_seen\":1700000000123,\"power\":1}",
	    "a/power:2023-11-14T22:13:20.123:1\n");
	gives(d, "a", "{\"last_seen\":\"2023-11-14T22:13:20.123Z\",\"power\":1}",
	    "a/power:2023-11-14T22:13:20.123:1\n");
	gives(d, "a", "{\"last_seen\":\"2023-11-14T23:13:20+01:00\",\"power\":1}",
	    "a/power:2023-11-14T22:13:20:1\n");
	gives(d, "a", "{\"last_seen\":\"2023-11-14T23:13:20+0100\",\"power\":1}",
	    "a/power:2023-11-14T22:13:20:1\n");
	gives(d, "a", "{\"last_seen\":\"2023-11-14T23:13:20-01\",\"power\":1}",
	    "a/power:2023-11-15T00:13:20:1\n");
	gives(d, "a", "{\"last_seen\":null,\"power\":1}", "a/power:" AT_ARRIVAL ":1\n");
	refuses(d, "a", "{\"last_seen\":true,\"power\":1}", "not a number");
	eg_decode_free(d);
}

static void
names_stay_apart_and_safe(void **state)
{
	struct eg_decode *d = open_format("zigbee2mqtt");
	char topic[300];

	(void)state;
	gives(d, "a:b", "{\"power\":1}", "a%3Ab/power:" AT_ARRIVAL ":1\n");
	gives(d, "a%3Ab", "{\"power\":1}", "a%253Ab/power:" AT_ARRIVAL ":1\n");
	gives(d, "#a#\x01", "{\"power\":1}", "%23a#%01/power:" AT_ARRIVAL ":1\n");
	gives(d, "caff\xc3\xa8", "{\"power\":1}", "caff\xc3\xa8/power:" AT_ARRIVAL ":1\n");
	gives(d, "caff\xe8", "{\"power\":1}", "caff%E8/power:" AT_ARRIVAL ":1\n");
	gives(d, "a\xc2\x85", "{\"power\":1}", "a%C2%85/power:" AT_ARRIVAL ":1\n");
	gives(d, "\xef\xbb\xbf" "a", "{\"power\":1}", "%EF%BB%BFa/power:" AT_ARRIVAL ":1\n");
	memset(topic, 'x', sizeof(topic) - 1);
	topic[sizeof(topic) - 1] = '\0';
	refuses(d, topic, "{\"power\":1}", "too long");
	topic[252] = '\0';
	refuses(d, topic, "{\"power\":1}", "longer than 255 bytes");
	refuses(d, "", "{\"power\":1}", "names the device");
	eg_decode_free(d);
}

static void
numbers_of_energy_that_are_not_known_are_named(void **state)
{
	struct eg_decode *d = open_config(&(struct eg_decode_config){ .format = "tasmota", .zone = "Europe/Rome",
	    .sensor = "p" });
	const char *text = "{\"Time\":\"2024-07-18T12:00:05\",\"ENERGY\":{\"TotalStartTime\":\"2020-01-01T00:00:00\","
	    "\"Total\":1.5,\"ExportTotal\":7,\"New\":[1,2]}}";
	struct eg_decoded out = decode_at(d, ARRIVAL, "", text, strlen(text));

	(void)state;
	assert_int_equal(out.records, 1);
	assert_string_equal(out.unknown, "ENERGY.ExportTotal, ENERGY.New");
	/* The user of a script for a meter names its objects. */
	text = "{\"Time\":\"2024-07-18T12:00:05\",\"Haus\":{\"E_in\":1.5,\"power_curr\":-7,\"id\":5},"
	    "\"SML\":{\"x\":1},\"AM2301\":{\"Temperature\":21.5,\"Humidity\":50.1}}";
	out = decode_at(d, ARRIVAL, "", text, strlen(text));
	assert_string_equal(out.unknown, "Haus.E_in, Haus.power_curr, SML.x");
	eg_decode_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_energy_that_are_not_known_are_named),
		cmocka_unit_test(a_sensor_message_gives_all_its_quantities),
		cmocka_unit_test(an_offset_in_the_time_comes_before_the_zone),
		cmocka_unit_test(the_hour_that_is_left_out_is_refused),
		cmocka_unit_test(the_repeated_hour_goes_by_the_order_of_each_device),
		cmocka_unit_test(the_repeated_hour_goes_by_the_arrival_when_it_is_live),
		cmocka_unit_test(what_is_not_a_sensor_message_is_passed_over_or_refused),
		cmocka_unit_test(zigbee_states_give_quantities_and_no_settings),
		cmocka_unit_test(last_seen_is_read_in_all_its_forms),
		cmocka_unit_test(names_stay_apart_and_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
