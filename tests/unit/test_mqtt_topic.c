/* SPDX-License-Identifier: MIT */
/* Topics of sensors, and what is announced of them to Home Assistant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "meters/meters.h"
#include "mqtt/discovery.h"
#include "mqtt/topic.h"

static struct eg_slice
slice(const char *text)
{
	return (struct eg_slice){ text, strlen(text) };
}

static void
test_a_sensor_has_a_topic_of_its_own(void **state)
{
	static const struct { const char *template, *sensor, *topic; } row[] = {
		{ "energyguard/%s", "a", "energyguard/a" },
		{ "x/%s/state", "a/b", "x/a/b/state" },
		{ "%s", "$SYS/a", "%24SYS/a" },
		{ "%s", "a+b#c%2B", "a%2Bb%23c%252B" },
		{ "%s", "z\xc3\xa4hler", "z\xc3\xa4hler" },
		/* U+FDD0, U+FFFE and U+1FFFF are no characters; U+FFFD and U+FDF0 are. */
		{ "%s", "\xef\xb7\x90", "%EF%B7%90" },
		{ "%s", "\xef\xbf\xbe", "%EF%BF%BE" },
		{ "%s", "\xf0\x9f\xbf\xbf", "%F0%9F%BF%BF" },
		{ "%s", "\xef\xbf\xbd\xef\xb7\xb0", "\xef\xbf\xbd\xef\xb7\xb0" },
	};
	char out[EG_MQTT_TOPIC_MAX + 1];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_null(eg_mqtt_topic(row[i].template, slice(row[i].sensor), out, &len));
		assert_string_equal(out, row[i].topic);
		assert_int_equal(len, strlen(out));
	}
}

static void
test_topics_that_brokers_refuse_are_not_made(void **state)
{
	char out[EG_MQTT_TOPIC_MAX + 1], sensor[256];
	size_t len;

	(void)state;
	memset(sensor, 'a', 255);
	sensor[255] = '\0';
	assert_null(eg_mqtt_topic("%s", slice(sensor), out, &len));
	assert_int_equal(len, 255);
	assert_string_equal(eg_mqtt_topic("x%s", slice(sensor), out, &len),
	    "the topic has more than 255 bytes");
	memset(sensor, '+', 86);
	sensor[86] = '\0';
	assert_non_null(eg_mqtt_topic("%s", slice(sensor), out, &len));
	memset(sensor, '/', 200);
	sensor[200] = '\0';
	assert_string_equal(eg_mqtt_topic("%s", slice(sensor), out, &len),
	    "the topic has more than 200 levels");
	assert_null(eg_mqtt_topic("%s", slice(sensor + 1), out, &len));
}

static void
test_templates(void **state)
{
	static const char *const good[] = { "%s", "a/%s/b", "\xc3\xa4/%s" };
	static const char *const bad[] = { "", "a", "%d", "%s/%s", "%%s", "a%", "+/%s", "#%s", "$SYS/%s",
		"\xff%s", "\n%s" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_null(eg_mqtt_template_fault(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_non_null(eg_mqtt_template_fault(bad[i]));
	assert_null(eg_mqtt_prefix_fault("homeassistant"));
	assert_non_null(eg_mqtt_prefix_fault(""));
	assert_non_null(eg_mqtt_prefix_fault("a/#"));
	assert_non_null(eg_mqtt_prefix_fault("$a"));
}

/* Whether the announcement of the sensor holds each of the texts. */
static void
announced(struct eg_meters *meters, const char *sensor, const char *topic, const char *const text[])
{
	const struct eg_mqtt_discovery_config c = { .prefix = "ha", .template = "eg/%s",
		.meters = meters };
	struct eg_mqtt_announcement a;
	struct eg_error e = { 0 };

	assert_int_equal(eg_mqtt_announce(&c, slice(sensor), &a, &e), 0);
	assert_string_equal(a.topic, topic);
	assert_int_equal(a.len, strlen(a.body));
	for (; *text != NULL; text++)
		if (strstr(a.body, *text) == NULL)
			fail_msg("%s is not in %s", *text, a.body);
	free(a.body);
}

static void
test_the_file_of_meters_gives_units_and_names(void **state)
{
	static const char file[] = "a kWh grid-import Grid \"1\"\nb* W device Car\nc m3 none\nd C none\n"
	    "e inc-kWh none\n";
	struct eg_error e = { 0 };
	struct eg_meters *m = eg_meters_parse("file", file, sizeof(file) - 1, &e);

	(void)state;
	assert_non_null(m);
	announced(m, "a", "ha/sensor/energyguard_a/config", (const char *const[]){
	    "{\"name\":\"Grid \\\"1\\\"\",\"unique_id\":\"energyguard_a\",\"state_topic\":\"eg/a\",",
	    "\"device_class\":\"energy\",\"unit_of_measurement\":\"kWh\",\"state_class\":\"total_increasing\"",
	    NULL });
	announced(m, "bb", "ha/sensor/energyguard_bb/config", (const char *const[]){
	    "\"name\":\"Car bb\"", "\"device_class\":\"power\",\"unit_of_measurement\":\"W\",\"state_class\":\"measurement\"",
	    NULL });
	announced(m, "c", "ha/sensor/energyguard_c/config",
	    (const char *const[]){ "\"unit_of_measurement\":\"m³\"", NULL });
	announced(m, "d", "ha/sensor/energyguard_d/config",
	    (const char *const[]){ "\"unit_of_measurement\":\"°C\"", NULL });
	announced(m, "e", "ha/sensor/energyguard_e/config",
	    (const char *const[]){ "\"unit_of_measurement\":\"kWh\",\"qos\"", NULL });
	announced(NULL, "a", "ha/sensor/energyguard_a/config",
	    (const char *const[]){ "\"name\":\"a\"", "\"state_class\":\"measurement\"", NULL });
	eg_meters_free(m);
}

static void
test_identifiers_differ_where_names_do(void **state)
{
	const struct eg_mqtt_discovery_config c = { .prefix = "ha", .template = "%s" };
	static const char *const names[] = { "a/b", "a_b", "a b", "a.b" };
	struct eg_mqtt_announcement a[4];
	struct eg_error e = { 0 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(eg_mqtt_announce(&c, slice(names[i]), &a[i], &e), 0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(a[i].topic, a[k].topic);
		assert_int_equal(strspn(a[i].topic + strlen("ha/sensor/"),
		    "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(a[i].topic) - strlen("ha/sensor//config"));
	}
	for (size_t i = 0; i < 4; i++)
		free(a[i].body);
}

static void
test_a_sensor_is_seen_once(void **state)
{
	struct eg_mqtt_seen s = { 0 };
	struct eg_error e = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(eg_mqtt_seen_add(&s, slice("b"), &e), 0);
		assert_int_equal(eg_mqtt_seen_add(&s, slice("a"), &e), 0);
	}
	assert_int_equal(s.n, 2);
	assert_string_equal(s.sensor[0], "b");
	assert_string_equal(s.sensor[1], "a");
	eg_mqtt_seen_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_sensor_has_a_topic_of_its_own),
		cmocka_unit_test(test_topics_that_brokers_refuse_are_not_made),
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_the_file_of_meters_gives_units_and_names),
		cmocka_unit_test(test_identifiers_differ_where_names_do),
		cmocka_unit_test(test_a_sensor_is_seen_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
