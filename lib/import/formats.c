/* SPDX-License-Identifier: MIT */
/* Known exports, from the headers that public files and bug reports show. */
#include "import/formats.h"

#include <string.h>

const struct eg_import_format eg_import_formats[] = {
	{ "ameren", "Ameren (Illinois): quarters of an hour of a meter",
	    "missing=-\ntz=America/Chicago\ntime=Start Interval Date/Time\ntime-format=%m/%d/%Y %H:%M\n"
	    "sensor-column=Meter Id\nvalue=import_kwh=6\nprefix=ameren/",
	    "*import_kwh inc-kWh grid-import\n" },
	{ "annotated", "InfluxDB 2's annotated CSV, a sensor in the tag sensor",
	    "time=_time\nsensor-column=sensor\nvalue==_value", NULL },
	{ "ausnet", "AusNet, Jemena (Victoria): a day a row, a column for each half hour",
	    "wide\ntz=+10:00\ntime=DATE\ntime-format=%d/%m/%Y\ntime-format=%d/%b/%Y\ntime-format=iso\nsensor-column=NMI\n"
	    "sensor-column=CON/GEN\nprefix=ausnet/",
	    "*/Consumption inc-kWh grid-import\n*/Generation inc-kWh grid-export\n" },
	{ "datadis", "Datadis (Spain): hours, which end at the time given",
	    "delimiter=;\ndecimal-comma\ntz=Europe/Madrid\ntime=fecha\ntime=hora\n"
	    "time-format=%Y/%m/%d %H:%M\nshift=-1h\nsensor-column=cups\n"
	    "value=import_kwh=consumo_kWh",
	    "*import_kwh inc-kWh grid-import\n" },
	{ "dsmr-reader", "the export of hours or days of DSMR-reader",
	    "remarks\ntime=Hour Start|Day\ntz=Europe/Amsterdam\nprefix=dsmr/\nvalue=import_t1_kwh=Electricity 1\n"
	    "value=import_t2_kwh=Electricity 2\nvalue=export_t1_kwh=Electricity 1 Returned\n"
	    "value=export_t2_kwh=Electricity 2 Returned\nvalue=gas_m3=Gas",
	    "*import_t?_kwh inc-kWh grid-import\n*export_t?_kwh inc-kWh grid-export\n"
	    "*gas_m3 inc-m3 none\n" },
	{ "e-distribuzione", "E-Distribuzione (Italy): a column for each quarter of an hour",
	    "wide\ndelimiter=;\ndecimal-comma\ntz=Europe/Rome\ntime=Giorno\ntime-format=%d/%m/%Y\n"
	    "sensor=import_kwh",
	    "*import_kwh inc-kWh grid-import\n" },
	{ "emoncms", "emonCMS: epoch seconds and a value, without a header",
	    "no-header\ntime-format=epoch\ntime=1\nvalue=2\nsensor=emoncms\nmissing=NaN\nmissing=null",
	    NULL },
	{ "enedis", "Enedis (Linky): mean power of half hours or shorter, which end at the time given",
	    "delimiter=;\ntime=Horodate\nvalue=power_w=Valeur\nprefix=linky/",
	    "*power_w W grid-import\n" },
	{ "engie", "Engie (Netherlands): hours, by type and peak",
	    "time=Datum\nsensor-column=Type\nsensor-column=Piek\nvalue==Verbruik\nprefix=engie/",
	    NULL },
	{ "enphase", "Enphase: energy produced in a quarter of an hour",
	    "remarks\nthousands=,\ntime=Date/Time\ntime-format=%Y-%m-%d %H:%M:%S %z\n"
	    "time-format=%m/%d/%Y %H:%M\n"
	    "value=produced_wh=Energy Produced\nprefix=enphase/",
	    "*produced_wh inc-Wh pv\n" },
	{ "esb", "ESB Networks (Ireland): half hours, which end at the time given",
	    "tz=Europe/Dublin\nshift=-30m\ntime=Read Date and End Time\ntime-format=%d-%m-%Y %H:%M\n"
	    "sensor-column=Read Type\nvalue==Read Value\nprefix=esb/", NULL },
	{ "fluvius", "Fluvius (Flanders): quarters or days, by register and unit",
	    "delimiter=;\ndecimal-comma\ntz=Europe/Brussels\n"
	    "time=Van (datum)|Van datum|From (date)\ntime=Van (tijdstip)|Van tijdstip|From (time)\n"
	    "time-format=%d-%m-%Y %H:%M:%S\ntime-format=%d/%m/%Y %H:%M:%S\nsensor-column=Register\n"
	    "sensor-column=Eenheid|Unit\n"
	    "value==Volume",
	    "*Afname*/kWh inc-kWh grid-import\n*Injectie*/kWh inc-kWh grid-export\n"
	    "*/m3 inc-m3 none\n*/m\xc2\xb3 inc-m3 none\n" },
	{ "green-button", "Green Button's XML (ESPI), what utilities of North America give",
	    "green-button\nprefix=green-button/",
	    "*import_wh inc-Wh grid-import\n*export_wh inc-Wh grid-export\n"
	    "*net_wh inc-Wh grid\n*_wh inc-Wh none\n*_w W none\n*_va VA none\n*_var var none\n"
	    "*_v V none\n*_a A none\n*_hz Hz none\n*_m3 inc-m3 none\n*import_* none none\n"
	    "*export_* none none\n*net_* none none\n*other_* none none\n" },
	{ "home-assistant", "the history of Home Assistant: an entity a sensor",
	    "time=last_changed\nsensor-column=entity_id\nvalue==state\nmissing=unavailable\n"
	    "missing=unknown", NULL },
	{ "home-assistant-energy", "Home Assistant's energy.csv: an entity a row, a time a column",
	    "wide\nsensor-column=entity_id", NULL },
	{ "home-assistant-statistics", "Home Assistant's long-term statistics, by statistic_id",
	    "time=start|start_ts\ntime-format=iso\ntime-format=epoch\ntime-format=%d.%m.%Y %H:%M\n"
	    "sensor-column=statistic_id\nvalue=*\nvalue=unit|unit_of_measurement\nvalue=id\n"
	    "value=metadata_id\nvalue=created\nvalue=created_ts\nvalue=last_reset\n"
	    "value=last_reset_ts\nvalue=mean_weight", NULL },
	{ "homewizard", "HomeWizard: a register for each tariff",
	    "time=time\ntime-format=%Y-%m-%d %H:%M\ntz=Europe/Amsterdam\nprefix=p1/\n"
	    "value=import_t1_kwh=Import T1 kWh\nvalue=import_t2_kwh=Import T2 kWh\n"
	    "value=export_t1_kwh=Export T1 kWh\nvalue=export_t2_kwh=Export T2 kWh",
	    "*import_t?_kwh kWh grid-import\n*export_t?_kwh kWh grid-export\n" },
	{ "homewizard-kwh", "HomeWizard's kWh meters",
	    "time=time\ntime-format=%Y-%m-%d %H:%M\ntz=Europe/Amsterdam\nprefix=meter/\n"
	    "value=import_kwh=Import kWh\nvalue=export_kwh=Export kWh",
	    "*import_kwh kWh grid-import\n*export_kwh kWh grid-export\n" },
	{ "influx-cli", "what `influx -format csv` of InfluxDB 1 prints",
	    "time=time\ntime-format=epoch-ns\nsensor-column=sensor\nvalue==value", NULL },
	{ "isolarcloud", "iSolarCloud of Sungrow: energy of a day",
	    "remarks\ntime=Time\nprefix=isolarcloud/\nvalue=produced_kwh=PV\n"
	    "value=import_kwh=Purchased Energy\nvalue=export_kwh=Feed-in\nvalue=load_kwh=Load", NULL },
	{ "myenergi", "myenergi: what Zappi diverted, a column a phase",
	    "time=Timestamp\nsensor-column=Serial Number\nvalue=*\nprefix=myenergi/", NULL },
	{ "nem12", "NEM12 (Australia): intervals of any number of meters and streams",
	    "nem12\ntz=+10:00\nprefix=nem12/", NULL },
	{ "octopus", "Octopus Energy (Great Britain): half hours",
	    "remarks\ntime=Start\nvalue=import_kwh=Consumption\nprefix=octopus/",
	    "*import_kwh inc-kWh grid-import\n" },
	{ "p1-monitor", "P1 Monitor: hours",
	    "time=TIMESTAMP\ntime-format=%Y-%m-%d %H:%M:%S\ntz=Europe/Amsterdam\nprefix=p1/\n"
	    "value=import_t1_kwh=VERBR_KWH_181\nvalue=import_t2_kwh=VERBR_KWH_182\n"
	    "value=export_t1_kwh=GELVR_KWH_281\nvalue=export_t2_kwh=GELVR_KWH_282",
	    "*import_t?_kwh kWh grid-import\n*export_t?_kwh kWh grid-export\n" },
	{ "pge", "PG&E (California): quarters of an hour, Green Button's CSV",
	    "remarks\ntz=America/Los_Angeles\ntime=DATE\ntime=START TIME\ntime-format=%Y-%m-%d %H:%M\n"
	    "value=import_kwh=IMPORT\nvalue=export_kwh=EXPORT\nprefix=pge/",
	    "*import_kwh inc-kWh grid-import\n*export_kwh inc-kWh grid-export\n" },
	{ "sdge", "SDG&E (California): quarters of an hour on the 12-hour clock",
	    "tz=America/Los_Angeles\ntime=Date\ntime=Start Time\ntime-format=%m/%d/%Y %I:%M %p\n"
	    "sensor-column=Meter Number\nvalue=net_kwh=Net",
	    "*net_kwh inc-kWh grid\n" },
	{ "shelly-em3", "the download of a Shelly EM3, a file a phase",
	    "remarks\nphase\ntime=Date/time UTC\nprefix=shelly/\nvalue=import_wh=Active energy Wh\n"
	    "value=export_wh=Returned energy Wh",
	    "*import_wh inc-Wh grid-import\n*export_wh inc-Wh grid-export\n" },
	{ "sma", "SMA Sunny Portal: mean power of quarters of an hour",
	    "delimiter=;\ndecimal-comma\nmissing=-\ntime-format=%d.%m.%Y %H:%M\ntime=1\n"
	    "no-header\nvalue=power_kw=2\nsensor=sma",
	    "*power_kw kW pv\n" },
	{ "smard", "SMARD (Germany): the load of the grid",
	    "remarks\ndelimiter=;\ndecimal-comma\nthousands=.\nmissing=-\ntz=Europe/Berlin\n"
	    "time=Datum von\ntime-format=%d.%m.%Y %H:%M\nsensor=smard\nvalue=load_mwh=Netzlast [MWh]",
	    NULL },
	{ "solaredge", "SolarEdge's monitoring: energy of a quarter of an hour",
	    "remarks\ntime=Time\ntime-format=%m/%d/%Y %H:%M\nvalue=produced_wh=System Production\n"
	    "prefix=solaredge/",
	    "*produced_wh inc-Wh pv\n" },
	{ "uci", "UCI household power: minutes",
	    "delimiter=;\nmissing=?\ntime=Date\ntime=Time\ntime-format=%d/%m/%Y %H:%M:%S\n"
	    "tz=Europe/Paris\nprefix=uci/\nvalue=power_kw=Global_active_power\n"
	    "value=voltage=Voltage\nvalue=current=Global_intensity\nvalue=kitchen_wh=Sub_metering_1\n"
	    "value=laundry_wh=Sub_metering_2\nvalue=heating_wh=Sub_metering_3",
	    "*/power_kw kW house\n*/voltage V none\n*/current A none\n"
	    "*/kitchen_wh inc-Wh device\n*/laundry_wh inc-Wh device\n"
	    "*/heating_wh inc-Wh device\n" },
	{ "ukdale", "UK-DALE, REDD: epoch seconds and watts between blanks",
	    "no-header\ndelimiter=blank\ntime-format=epoch\ntime=1\nvalue=2\nsensor=power_w",
	    "power_w W house\n" },
	{ "united-power", "United Power (Colorado): hours or days, which begin at the first time",
	    "remarks\ntz=America/Denver\ntime=Energy consumption time period\n"
	    "time-format=%Y-%m-%d %H:%M to %*\nvalue=net_kwh=Usage\nprefix=united-power/", NULL },
	{ NULL, NULL, NULL, NULL },
};

const struct eg_import_format *
eg_import_format_find(const char *name)
{
	for (const struct eg_import_format *f = eg_import_formats; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}
