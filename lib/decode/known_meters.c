/* SPDX-License-Identifier: MIT */
/* The quantities of each format's sensors: the fields and units of man/eg-decode.1. Only
 * cumulative registers get a role, so that no energy is counted twice. */
#include "decode/known_meters.h"

#include <stddef.h>
#include <string.h>

#define PLUG \
	"# At the grid's connection: grid-import and grid-export in the place of device and none.\n"

#define PHASES \
	"*/voltage*            V            none\n" \
	"*/current*            A            none\n" \
	"*/power_factor        none         none\n" \
	"*/power*              kW           none\n" \
	"*/demand*             kW           none\n" \
	"*/apparent_power*     VA           none\n" \
	"*/reactive_power*     var          none\n" \
	"*/reactive_*          kvarh        none\n" \
	"*/frequency           Hz           none\n"

#define MBUS \
	"*/gas_*               m3           none\n" \
	"*/water_*             m3           none\n" \
	"*/hot_water_*         m3           none\n" \
	"*/heat_*              GJ           none\n" \
	"*/cooling_*           GJ           none\n" \
	"*/electricity_*       kWh          device\n" \
	"*/mbus_*              none         none\n"

/* For meters that send the total and each tariff. */
#define TOTALS \
	"*/import              kWh          grid-import\n" \
	"*/import_t?           kWh          none\n" \
	"*/export              kWh          grid-export\n" \
	"*/export_t?           kWh          none\n"

static const struct {
	const char *format, *text;
} known[] = {
	{ "shelly1", PLUG
		"*/reactive_power      var          none\n"
		"*/power               W            none\n"
		"*/power_factor        none         none\n"
		"*/voltage             V            none\n"
		"*/current             A            none\n"
		"*/energy              Wh           device\n"
		"*/energy_returned     Wh           none\n"
		"# Watt-minutes, 60000 of which are 1 kWh.\n"
		"*/emeter/*_wmin       pulse:60000  none\n"
		"*/energy_wmin         pulse:60000  device\n" },
	{ "shelly2", PLUG
		"*apparent_power       VA           none\n"
		"*power_factor         none         none\n"
		"*power                W            none\n"
		"*voltage              V            none\n"
		"*current              A            none\n"
		"*frequency            Hz           none\n"
		"*energy_returned      Wh           none\n"
		"*/?_energy            Wh           none\n"
		"*/total_energy        Wh           device\n"
		"*/energy              Wh           device\n" },
	{ "tasmota", PLUG
		"*/power               W            none\n"
		"*/power_[0-9]*        W            none\n"
		"*/apparent_power*     VA           none\n"
		"*/reactive_power*     var          none\n"
		"*/power_factor*       none         none\n"
		"*/voltage*            V            none\n"
		"*/current*            A            none\n"
		"*/frequency*          Hz           none\n"
		"*/total               kWh          device\n"
		"*/total_*             kWh          none\n"
		"*/today*              kWh          none\n"
		"# The day before: neither a register nor a step of one.\n"
		"*/yesterday*          none         none\n"
		"*/period*             inc-Wh       none\n"
		"*/import_reactive*    kvarh        none\n"
		"*/export_reactive*    kvarh        none\n"
		"*/import*             kWh          none\n"
		"*/export*             kWh          none\n" },
	{ "zigbee2mqtt", PLUG
		"*/power_apparent*     VA           none\n"
		"*/power_reactive*     var          none\n"
		"*/power_factor*       none         none\n"
		"*/power*              W            none\n"
		"*/energy              kWh          device\n"
		"*/energy_*            kWh          none\n"
		"*/produced_energy*    kWh          none\n"
		"*/voltage*            V            none\n"
		"*/current*            A            none\n"
		"*/ac_frequency*       Hz           none\n" },
	{ "dsmr",
		"# Of a meter that sends both, only the total or only the tariffs may have the role.\n"
		"*/import              kWh          grid-import\n"
		"*/import_t?           kWh          grid-import\n"
		"*/export              kWh          grid-export\n"
		"*/export_t?           kWh          grid-export\n"
		"*/tariff              none         none\n"
		PHASES MBUS },
	{ "iec62056-21", TOTALS PHASES MBUS },
	{ "sml", TOTALS PHASES },
	{ "dlms", TOTALS PHASES MBUS
		"*/tariff              none         none\n" },
	{ "tic",
		"*/import_wh           Wh           grid-import\n"
		"*/export_wh           Wh           grid-export\n"
		"*/import_[td][0-9]*   Wh           none\n"
		"# The tariffs of the historic mode, which has no total beside them.\n"
		"*/import_*_wh         Wh           grid-import\n"
		"*/reactive_*          varh         none\n"
		"*/apparent_power*     VA           none\n"
		"*/power_*             W            none\n"
		"*/voltage_*           V            none\n"
		"*/current_*           A            none\n" },
	{ "homewizard",
		"# Where the total is missing, the tariffs may have its role.\n" TOTALS
		"*/tariff              none         none\n"
		"*/power_factor*       none         none\n"
		"*/apparent_power*     VA           none\n"
		"*/reactive_power*     var          none\n"
		"*/power*              W            none\n"
		"*/demand*             W            none\n"
		"*/voltage*            V            none\n"
		"*/*current*           A            none\n"
		"*/frequency           Hz           none\n"
		"*/gas                 m3           none\n"
		"*/water               m3           none\n"
		"*/*heat_meter/*       GJ           none\n"
		"*/*_meter/*           m3           none\n"
		"*/state_of_charge     %            none\n"
		"*/flow                none         none\n" },
	{ "fronius",
		"*/power_grid          W            grid\n"
		"# Positive out of the battery: the role battery has the other sign.\n"
		"*/power*              W            none\n"
		"*/*apparent_power     VA           none\n"
		"*/*reactive_power     var          none\n"
		"*/*energy_total       Wh           none\n"
		"# The registers of a day and of a year begin anew.\n"
		"*/*energy_day         Wh           none\n"
		"*/*energy_year        Wh           none\n"
		"*/meter*/import       Wh           none\n"
		"*/meter*/export       Wh           none\n"
		"*/voltage*            V            none\n"
		"*/current*            A            none\n"
		"*/frequency           Hz           none\n"
		"*/soc                 %            none\n"
		"*/autonomy            %            none\n"
		"*/self_consumption    %            none\n" },
	{ "opendtu",
		"*/total/energy_total  kWh          none\n"
		"*/ac/energy_total     kWh          pv\n"
		"*/energy_total        kWh          none\n"
		"*/energy_day          Wh           none\n"
		"*/power_factor        none         none\n"
		"*/reactive_power      var          none\n"
		"*/power*              W            none\n"
		"*/voltage             V            none\n"
		"*/current             A            none\n"
		"*/frequency           Hz           none\n"
		"*/temperature         C            none\n"
		"*/efficiency          %            none\n"
		"*/irradiation         %            none\n" },
	{ "solaredge",
		"*/power_grid          W            grid\n"
		"# Positive out of the battery: the role battery has the other sign.\n"
		"*/power*              W            none\n"
		"*/energy_total        Wh           pv\n"
		"*/energy_*            Wh           none\n"
		"*/energy              inc-Wh       none\n"
		"*/soc                 %            none\n" },
	{ "enphase",
		"*/production/energy_total Wh       pv\n"
		"*/energy_total        Wh           none\n"
		"*/energy_*            Wh           none\n"
		"*/power_factor        none         none\n"
		"*/apparent_power      VA           none\n"
		"*/reactive_power      var          none\n"
		"*/power*              W            none\n"
		"*/voltage             V            none\n"
		"*/current             A            none\n"
		"*/frequency           Hz           none\n"
		"*/soc                 %            none\n" },
	{ "wmbusmeters",
		"*_kwh                 kWh          none\n"
		"*_m3                  m3           none\n"
		"*_gj                  GJ           none\n"
		"*_kw                  kW           none\n"
		"*_w                   W            none\n"
		"*_v                   V            none\n"
		"*_a                   A            none\n"
		"*_hz                  Hz           none\n"
		"*_c                   C            none\n"
		"*_kvarh               kvarh        none\n"
		"*/*                   none         none\n" },
};

const char *
eg_known_meters(const char *format)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].format, format) == 0)
			return known[i].text;
	return NULL;
}
