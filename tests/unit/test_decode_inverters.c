/* SPDX-License-Identifier: MIT */
/* Fronius, OpenDTU, SolarEdge, Enphase: units, nights, what the device reports of itself. */
#include "decode_run.h"

#define FRONIUS(arguments, data) \
	"{\"Head\":{\"RequestArguments\":{" arguments "},\"Status\":{\"Code\":0," \
	"\"Reason\":\"\"},\"Timestamp\":\"2024-07-18T12:00:05+02:00\"},\"Body\":{\"Data\":" data "}}"
#define AT ":2024-07-18T10:00:05:"

static void
fronius_power_flow_has_no_reading_of_the_night(void **state)
{
	struct eg_decode *d = open_format("fronius");

	(void)state;
	gives(d, "", FRONIUS("", "{\"Site\":{\"P_Grid\":-255.90000000000001,\"P_PV\":705.5,\"P_Akku\":null,"
	    "\"E_Total\":239464.4975,\"Mode\":\"bidirectional\",\"E_Day\":null},"
	    "\"Inverters\":{\"1\":{\"DT\":1,\"P\":705.5,\"E_Day\":null,\"SOC\":74.1}}}"),
	    "fronius/power_grid" AT "-255.90000000000001\nfronius/power_pv" AT "705.5\n"
	    "fronius/energy_total" AT "239464.4975\nfronius/1/power" AT "705.5\nfronius/1/soc" AT "74.1\n");
	gives(d, "roof", FRONIUS("", "{\"Site\":{\"P_PV\":null},\"Inverters\":{\"1\":{\"P\":null}}}"), "");
	eg_decode_free(d);
}

static void
fronius_inverters_say_their_units(void **state)
{
	struct eg_decode *d = open_format("fronius");
	struct eg_decoded out;

	(void)state;
	gives(d, "", FRONIUS("\"DeviceId\":\"2\"", "{\"PAC\":{\"Unit\":\"kW\",\"Value\":1.762},"
	    "\"TOTAL_ENERGY\":{\"Unit\":\"kWh\",\"Value\":35611.5},\"UDC\":{\"Unit\":\"V\",\"Value\":null},"
	    "\"DeviceStatus\":{\"StatusCode\":7}}"),
	    "fronius/2/power" AT "1762\nfronius/2/energy_total" AT "35611500\n");
	gives(d, "", FRONIUS("", "{\"DAY_ENERGY\":{\"Unit\":\"Wh\",\"Values\":{\"1\":6000,\"2\":null}}}"),
	    "fronius/1/energy_day" AT "6000\n");
	gives(d, "", FRONIUS("\"DeviceId\":0", "{\"PowerReal_P_Sum\":-1.5,\"EnergyReal_WAC_Sum_Consumed\":7}"),
	    "fronius/meter_0/power" AT "-1.5\nfronius/meter_0/import" AT "7\n");
	out = decode_at(d, ARRIVAL, "", FRONIUS("", "{\"T_AMBIENT\":{\"Unit\":\"C\",\"Value\":1},"
	    "\"PAC\":{\"Unit\":\"hp\",\"Value\":1}}"), strlen(FRONIUS("", "{\"T_AMBIENT\":{\"Unit\":\"C\","
	    "\"Value\":1},\"PAC\":{\"Unit\":\"hp\",\"Value\":1}}")));
	assert_string_equal(out.unknown, "T_AMBIENT, power in 'hp'");
	assert_int_equal(out.records, 0);
	refuses(d, "", "{\"Head\":{\"Status\":{\"Code\":8,\"Reason\":\"busy\"}},\"Body\":{}}", "reports: busy");
	refuses(d, "", "{}", "not of the Solar API");
	eg_decode_free(d);
}

#define DTU(reachable) \
	"{\"inverters\":[{\"serial\":\"114190641177\",\"data_age\":3,\"reachable\":" reachable "," \
	"\"AC\":{\"0\":{\"Power\":{\"v\":285.5,\"u\":\"W\",\"d\":1},\"YieldTotal\":{\"v\":1.5,\"u\":\"MWh\"}}}," \
	"\"DC\":{\"0\":{\"name\":{\"u\":\"east\"},\"YieldDay\":{\"v\":0.5,\"u\":\"kWh\"}}}," \
	"\"INV\":{\"0\":{\"Temperature\":{\"v\":21.5,\"u\":\"C\"}}}}]," \
	"\"total\":{\"Power\":{\"v\":285.5,\"u\":\"W\"}}}"
#define BEFORE ":2024-10-27T11:59:57.5:"

static void
opendtu_reads_live_data_and_topics_alike(void **state)
{
	struct eg_decode *d = open_format("opendtu");

	(void)state;
	gives(d, "", DTU("true"), "114190641177/ac/power" BEFORE "285.5\n"
	    "114190641177/ac/energy_total" BEFORE "1500\n114190641177/dc1/energy_day" BEFORE "500\n"
	    "114190641177/ac/temperature" BEFORE "21.5\nopendtu/total/power:" AT_ARRIVAL ":285.5\n");
	gives(d, "", DTU("false"), "opendtu/total/power:" AT_ARRIVAL ":285.5\n");
	gives(d, "solar/114190641177/0/power", "285.5", "114190641177/ac/power:" AT_ARRIVAL ":285.5\n");
	gives(d, "solar/114190641177/1/yieldday", "216", "114190641177/dc1/energy_day:" AT_ARRIVAL ":216\n");
	gives(d, "solar/ac/yieldtotal", "13.338", "solar/ac/energy_total:" AT_ARRIVAL ":13.338\n");
	/* OpenDTU was started again: of one inverter, or of all, it does not know the yield. */
	gives(d, "solar/ac/yieldtotal", "0.000", "");
	gives(d, "", "{\"inverters\":[{\"serial\":\"1\",\"reachable\":true,\"AC\":{\"0\":{\"Power\":{\"v\":0,\"u\":\"W\"},"
	    "\"YieldTotal\":{\"v\":0,\"u\":\"kWh\"}}}}],\"total\":{\"YieldTotal\":{\"v\":0,\"u\":\"kWh\"}}}", "");
	gives(d, "", "{\"inverters\":[{\"serial\":\"1\",\"radio_stats\":{\"rssi\":-62}},{\"serial\":\"2\",\"radio_stats\":"
	    "{\"rssi\":-127}}],\"total\":{\"Power\":{\"v\":5,\"u\":\"W\"},\"YieldDay\":{\"v\":7,\"u\":\"Wh\"},"
	    "\"YieldTotal\":{\"v\":9,\"u\":\"kWh\"}}}", "opendtu/total/power:" AT_ARRIVAL ":5\n");
	gives(d, "", "{\"inverters\":[{\"serial\":\"1\",\"radio_stats\":{\"rssi\":-62}},"
	    "{\"serial\":\"2\",\"poll_enabled\":false,\"radio_stats\":{\"rssi\":-127}}],\"total\":"
	    "{\"YieldTotal\":{\"v\":9,\"u\":\"kWh\"}}}", "opendtu/total/energy_total:" AT_ARRIVAL ":9\n");
	gives(d, "solar/114190641177/name", "HM-800", "");
	gives(d, "solar/114190641177/status/limit_relative", "75.00", "");
	refuses(d, "solar/114190641177/0/power", "n/a", "not a decimal number");
	refuses(d, "", "{\"inverters\":[{}]}", "no \"serial\"");
	eg_decode_free(d);
	d = open_config(&(struct eg_decode_config){ .format = "opendtu", .sensor = "roof" });
	gives(d, "solar/x", DTU("true"), "roof/114190641177/ac/power" BEFORE "285.5\n"
	    "roof/114190641177/ac/energy_total" BEFORE "1500\nroof/114190641177/dc1/energy_day" BEFORE "500\n"
	    "roof/114190641177/ac/temperature" BEFORE "21.5\nroof/total/power:" AT_ARRIVAL ":285.5\n");
	eg_decode_free(d);
}

static void
solaredge_has_local_times_nulls_and_a_direction(void **state)
{
	struct eg_decode *d = open_config(&(struct eg_decode_config){ .format = "solaredge",
	    .zone = "Europe/Rome" });

	(void)state;
	gives(d, "", "{\"power\":{\"timeUnit\":\"QUARTER_OF_AN_HOUR\",\"unit\":\"kW\",\"values\":["
	    "{\"date\":\"2024-07-18 12:00:05\",\"value\":7.7223896},{\"date\":\"2024-07-18 12:15:00\",\"value\":null}]}}",
	    "solaredge/power" AT "7722.3896\n");
	gives(d, "", "{\"energyDetails\":{\"unit\":\"Wh\",\"meters\":[{\"type\":\"FeedIn\",\"values\":["
	    "{\"date\":\"2024-07-18 12:00:05\",\"value\":5},{\"date\":\"2024-07-18 12:15:00\"}]}]}}",
	    "solaredge/FeedIn/energy" AT "5\n");
	gives(d, "site", "{\"overview\":{\"lastUpdateTime\":\"2024-07-18 12:00:05\",\"lifeTimeData\":"
	    "{\"energy\":761985.75,\"revenue\":1},\"lastDayData\":{\"energy\":0.0},\"currentPower\":{\"power\":null}}}",
	    "site/energy_total" AT "761985.75\nsite/energy_day" AT "0.0\n");
	gives(d, "", "{\"siteCurrentPowerFlow\":{\"unit\":\"kW\",\"connections\":[{\"from\":\"LOAD\","
	    "\"to\":\"Grid\"},{\"from\":\"PV\",\"to\":\"Load\"}],\"GRID\":{\"currentPower\":2.22},"
	    "\"PV\":{\"currentPower\":3.23},\"STORAGE\":{\"currentPower\":0.0,\"chargeLevel\":56}}}",
	    "solaredge/power_pv:" AT_ARRIVAL ":3230\nsolaredge/power_grid:" AT_ARRIVAL ":-2220\n"
	    "solaredge/power_storage:" AT_ARRIVAL ":0\nsolaredge/soc:" AT_ARRIVAL ":56\n");
	refuses(d, "", "{\"power\":{\"values\":[]}}", "no unit");
	refuses(d, "", "{\"power\":{\"unit\":\"W\",\"values\":[{\"value\":1}]}}", "no \"date\"");
	refuses(d, "", "{\"details\":{}}", "not SolarEdge's");
	eg_decode_free(d);
}

static void
enphase_leaves_out_what_was_never_read(void **state)
{
	struct eg_decode *d = open_format("enphase");
	struct eg_decoded out;
	const char *text;

	(void)state;
	gives(d, "", "{\"production\":[{\"type\":\"inverters\",\"activeCount\":20,\"readingTime\":1721296805,"
	    "\"wNow\":1500,\"whLifetime\":7},{\"type\":\"eim\",\"measurementType\":\"production\",\"activeCount\":1,"
	    "\"readingTime\":1721296805,\"wNow\":1501.25,\"rmsVoltage\":230.1,\"lines\":[{\"wNow\":500.5}]}],"
	    "\"consumption\":[{\"type\":\"eim\",\"measurementType\":\"net-consumption\",\"activeCount\":1,"
	    "\"readingTime\":1721296805,\"wNow\":-7}],\"storage\":[{\"type\":\"acb\",\"activeCount\":0,"
	    "\"readingTime\":0,\"wNow\":0}]}",
	    "enphase/inverters/power" AT "1500\nenphase/inverters/energy_total" AT "7\n"
	    "enphase/production/power" AT "1501.25\nenphase/production/voltage" AT "230.1\n"
	    "enphase/production/l1/power" AT "500.5\nenphase/net-consumption/power" AT "-7\n");
	/* Values without their time are named; --now gives them that of arrival. */
	text = "{\"production\":[{\"type\":\"eim\",\"activeCount\":1,\"readingTime\":0,\"wNow\":5}]}";
	out = decode_at(d, ARRIVAL, "", text, strlen(text));
	assert_int_equal(out.records, 0);
	assert_string_equal(out.unknown, "eim without a readingTime");
	gives(d, "", "[{\"eid\":704643328,\"timestamp\":1721296805,\"activePower\":-3.5,\"actEnergyDlvd\":8.25,"
	    "\"channels\":[{\"eid\":1,\"activePower\":-3.5}]},{\"eid\":704645120,\"timestamp\":0,\"activePower\":0.0,"
	    "\"channels\":[]}]",
	    "enphase/704643328/power" AT "-3.5\nenphase/704643328/energy_delivered" AT "8.25\n"
	    "enphase/704643328/l1/power" AT "-3.5\n");
	gives(d, "", "{\"meters\":{\"last_update\":1721296805,\"soc\":55,\"pv\":{\"agg_p_mw\":1500250},"
	    "\"grid\":{\"agg_p_mw\":-500}}}",
	    "enphase/pv/power" AT "1500.250\nenphase/grid/power" AT "-0.500\nenphase/soc" AT "55\n");
	gives(d, "", "{\"wattHoursToday\":1,\"wattHoursLifetime\":3,\"wattsNow\":4}",
	    "enphase/production/power:" AT_ARRIVAL ":4\nenphase/production/energy_total:" AT_ARRIVAL ":3\n"
	    "enphase/production/energy_day:" AT_ARRIVAL ":1\n");
	gives(d, "", "[{\"serialNumber\":\"1\",\"lastReportDate\":0,\"lastReportWatts\":0},"
	    "{\"serialNumber\":\"2\",\"lastReportDate\":1721296805,\"lastReportWatts\":7}]",
	    "enphase/2/power" AT "7\n");
	refuses(d, "", "{\"a\":1}", "not Enphase's");
	refuses(d, "", "[{\"a\":1}]", "no eid");
	eg_decode_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fronius_power_flow_has_no_reading_of_the_night),
		cmocka_unit_test(fronius_inverters_say_their_units),
		cmocka_unit_test(opendtu_reads_live_data_and_topics_alike),
		cmocka_unit_test(solaredge_has_local_times_nulls_and_a_direction),
		cmocka_unit_test(enphase_leaves_out_what_was_never_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
