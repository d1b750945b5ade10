/* SPDX-License-Identifier: MIT */
/* HomeWizard, wmbusmeters, Home Assistant: units in names and attributes, slots never read. */
#include "decode_run.h"

#define AT ":2024-07-18T10:00:05:"

static void
homewizard_has_both_versions_of_its_interface(void **state)
{
	struct eg_decode *d = open_format("homewizard");

	(void)state;
	gives(d, "", "{\"wifi_ssid\":\"x\",\"wifi_strength\":86,\"smr_version\":50,\"unique_id\":\"00\",\"active_tariff\":2,"
	    "\"total_power_import_t1_kwh\":739.591,\"active_power_w\":-543,\"active_voltage_l1_v\":null,"
	    "\"active_current_a\":18.24,\"voltage_sag_l1_count\":1,\"montly_power_peak_w\":3560,"
	    "\"montly_power_peak_timestamp\":240718120005,\"total_gas_m3\":809.162,\"gas_timestamp\":240718120005,"
	    "\"external\":[{\"unique_id\":\"47\",\"type\":\"gas_meter\",\"timestamp\":240718120005,\"value\":809.162,"
	    "\"unit\":\"m3\"},{\"unique_id\":\"48\",\"type\":\"heat_meter\",\"timestamp\":240718120005,\"value\":1.5,"
	    "\"unit\":\"MWh\"},{\"unique_id\":\"49\",\"type\":\"gas_meter\",\"timestamp\":700101010000,\"value\":0,"
	    "\"unit\":\"m3\"}]}",
	    "homewizard/tariff:" AT_ARRIVAL ":2\nhomewizard/import_t1:" AT_ARRIVAL ":739.591\n"
	    "homewizard/power:" AT_ARRIVAL ":-543\nhomewizard/current:" AT_ARRIVAL ":18.24\n"
	    "homewizard/gas" AT "809.162\nhomewizard/demand_peak" AT "3560\n"
	    "homewizard/gas_meter/47" AT "809.162\nhomewizard/heat_meter/48" AT "5.40\n");
	gives(d, "p1", "{\"type\":\"measurement\",\"data\":{\"timestamp\":\"2024-07-18T12:00:05\",\"energy_import_kwh\":"
	    "13779.338,\"power_l1_w\":-676,\"frequency_hz\":50,\"average_power_15m_w\":123.0,"
	    "\"state_of_charge_pct\":50,\"cycles\":3,\"power_factor\":0.9,"
	    "\"external\":[{\"unique_id\":\"50\",\"type\":\"water_meter\",\"timestamp\":\"2024-07-18T12:00:05\","
	    "\"value\":257.5,\"unit\":\"l\"}]}}",
	    "p1/import" AT "13779.338\np1/power_l1" AT "-676\np1/frequency" AT "50\np1/demand" AT "123.0\n"
	    "p1/state_of_charge" AT "50\np1/power_factor" AT "0.9\np1/water_meter/50" AT "0.2575\n");
	gives(d, "w", "{\"total_liter_m3\":1234.567,\"active_liter_lpm\":12.5,\"total_liter_offset_m3\":7}",
	    "w/water:" AT_ARRIVAL ":1234.567\nw/flow:" AT_ARRIVAL ":12.5\n");
	refuses(d, "", "{\"external\":[{}]}", "no type");
	eg_decode_free(d);
}

static void
wmbusmeters_names_end_in_the_unit(void **state)
{
	struct eg_decode *d = open_format("wmbusmeters");
	struct eg_decoded out;
	static const char two[] = "{\"_\":\"telegram\",\"meter\":\"kamheat\",\"name\":\"heat\",\"id\":\"2\","
	    "\"total_energy_consumption_kwh\":1.5,\"t1_temperature_c\":127,\"battery_y\":9,\"timestamp\":\"2024-07-18T10:00:05Z\"}";

	(void)state;
	gives(d, "", "{\"media\":\"cold water\",\"meter\":\"multical21\",\"name\":\"tap\",\"id\":\"76348799\","
	    "\"total_m3\":6.408,\"flow_temperature_c\":127,\"external_temperature_c\":19,\"target_m3\":null,"
	    "\"current_status\":\"DRY\",\"timestamp\":\"2024-07-18T10:00:05Z\",\"rssi_dbm\":-59}",
	    "tap/total_m3" AT "6.408\ntap/external_temperature_c" AT "19\n");
	out = decode_at(d, ARRIVAL, "", two, strlen(two));
	assert_string_equal(out.unknown, "battery_y");
	assert_memory_equal(out.lines, "heat/total_energy_consumption_kwh" AT "1.5\nheat/t1_temperature_c" AT "127\n", out.len);
	refuses(d, "", "{\"id\":\"1\",\"total_m3\":1}", "not of wmbusmeters");
	refuses(d, "", "{\"meter\":\"a\",\"id\":\"1\",\"total_m3\":1}", "no time");
	refuses(d, "", "{\"meter\":\"a\",\"total_m3\":1}", "nothing names");
	eg_decode_free(d);
}

#define STATE(entity, value, class, unit) \
	"{\"entity_id\":\"" entity "\",\"state\":\"" value "\",\"attributes\":" \
	"{\"unit_of_measurement\":\"" unit "\",\"device_class\":\"" class "\"},\"last_changed\":" \
	"\"2024-07-18T10:00:00+00:00\",\"last_updated\":\"2024-07-18T10:00:05.000000+00:00\"}"

static void
home_assistant_states_have_their_units(void **state)
{
	struct eg_decode *d = open_format("home-assistant");
	struct eg_decoded out;

	(void)state;
	gives(d, "", "{\"id\":18,\"type\":\"event\",\"event\":{\"event_type\":\"state_changed\",\"data\":"
	    "{\"entity_id\":\"sensor.a\",\"old_state\":null,\"new_state\":" STATE("sensor.a", "1.5", "power", "kW") "}}}",
	    "sensor.a" AT "1500\n");
	gives(d, "", "[" STATE("sensor.a", "7", "energy", "Wh") "," STATE("sensor.b", "unavailable", "energy", "kWh") ","
	    STATE("light.c", "on", "", "") "," STATE("sensor.t", "21.5", "temperature", "C") "]",
	    "sensor.a" AT "0.007\nsensor.t" AT "21.5\n");
	gives(d, "", "[[" STATE("sensor.a", "1", "power", "W") ",{\"state\":\"unknown\",\"last_changed\":"
	    "\"2024-07-18T10:00:05Z\"},{\"state\":\"2\",\"last_changed\":\"2024-07-18T10:00:05Z\"}]]",
	    "sensor.a" AT "1\nsensor.a" AT "2\n");
	out = decode_at(d, ARRIVAL, "", STATE("sensor.g", "1", "gas", "CCF"),
	    strlen(STATE("sensor.g", "1", "gas", "CCF")));
	assert_int_equal(out.records, 0);
	assert_int_equal(out.passed_over, 1);
	gives(d, "", "{\"event\":{\"data\":{\"new_state\":null}}}", "");
	gives(d, "", "{\"type\":\"auth_ok\"}", "");
	refuses(d, "", "{\"entity_id\":\"sensor.a\",\"state\":\"1\"}", "neither last_updated");
	refuses(d, "", "{}", "not of Home Assistant");
	eg_decode_free(d);
}

static void
home_assistant_statistics_are_those_at_the_end_of_the_hour(void **state)
{
	struct eg_decode *d = open_format("home-assistant");

	(void)state;
	gives(d, "", "{\"id\":1,\"type\":\"result\",\"success\":true,\"result\":{\"sensor.e\":[{\"start\":1721293205000,"
	    "\"end\":1721296805000,\"state\":100.5,\"sum\":7,\"mean\":null,\"change\":0.5}]}}",
	    "sensor.e" AT "100.5\nsensor.e/sum" AT "7\nsensor.e/change:2024-07-18T09:00:05:0.5\n");
	gives(d, "", "{\"type\":\"result\",\"result\":{\"sensor.p\":[{\"s\":\"1.5\",\"a\":{\"unit_of_measurement\":\"kW\","
	    "\"device_class\":\"power\"},\"lu\":1721296805.0},{\"s\":\"2\",\"lu\":1721296805.5}]}}",
	    "sensor.p" AT "1500\nsensor.p:2024-07-18T10:00:05.5:2000\n");
	eg_decode_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(homewizard_has_both_versions_of_its_interface),
		cmocka_unit_test(wmbusmeters_names_end_in_the_unit),
		cmocka_unit_test(home_assistant_states_have_their_units),
		cmocka_unit_test(home_assistant_statistics_are_those_at_the_end_of_the_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
