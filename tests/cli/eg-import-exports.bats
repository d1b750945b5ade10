#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-import: the forms that real exports have, and a small file of each known one.
# shellcheck disable=SC2154,SC2164 # bats sets stderr; cd fails the test

bats_require_minimum_version 1.5.0
load exports

@test "known exports: ameren" {
	gives 'Name,A B,,\nMeter Number,1,,\n,,,\nStart Interval Date/Time,Meter Id,Usage,Units,Interval,Usage,Units,Interval\n03/30/2024 00:00,72,2.1,kwh,60min,0.56,kwh,15min\n03/30/2024 00:15,72,-,-,-,0.51,kwh,15min\n' \
		'ameren/72/import_kwh:2024-03-30T05:00:00:0.56\nameren/72/import_kwh:2024-03-30T05:15:00:0.51\n' ameren
}

@test "known exports: annotated" {
	gives '#datatype,string,long,dateTime:RFC3339,double,string\r\n#group,false,false,false,false,true\r\n#default,_result,,,,\r\n,result,table,_time,_value,sensor\r\n,,0,2024-01-01T10:00:00Z,55.21,s1\r\n\r\n#datatype,string,long,dateTime:RFC3339,string,double\r\n,result,table,_time,sensor,_value\r\n,,1,2024-01-01T10:00:10.5Z,s2,7\r\n' \
		's1:2024-01-01T10:00:00:55.21\ns2:2024-01-01T10:00:10.5:7\n' annotated
}

@test "known exports: ausnet" {
	gives '"NMI","METER SERIAL NUMBER","CON/GEN","DATE","ESTIMATED?","00:00 - 00:30","23:30 - 00:00"\n1111111111,020,Consumption,01/07/2014,No,0.331,0.063\n1111111111,020,Generation,01/07/2014,No,0,0.1\n' \
		'ausnet/1111111111/Consumption:2014-06-30T14:00:00:0.331\nausnet/1111111111/Consumption:2014-07-01T13:30:00:0.063\nausnet/1111111111/Generation:2014-06-30T14:00:00:0\nausnet/1111111111/Generation:2014-07-01T13:30:00:0.1\n' ausnet
}

@test "known exports: datadis" {
	gives 'cups;fecha;hora;consumo_kWh;metodoObtencion\nES0031;2024/01/05;01:00;0,123;Real\nES0031;2024/01/05;24:00;0,2;Real\n' \
		'ES0031/import_kwh:2024-01-04T23:00:00:0.123\nES0031/import_kwh:2024-01-05T22:00:00:0.2\n' datadis
}

@test "known exports: dsmr-reader" {
	gives 'Hour Start,Electricity 1 (x),Electricity 2 (x),Electricity 1 Returned (x),Electricity 2 Returned (x),Gas\n2024-01-01T00:00:00+01:00,0.196,0,0,1.5,0.032\n' \
		'dsmr/import_t1_kwh:2023-12-31T23:00:00:0.196\ndsmr/import_t2_kwh:2023-12-31T23:00:00:0\ndsmr/export_t1_kwh:2023-12-31T23:00:00:0\ndsmr/export_t2_kwh:2023-12-31T23:00:00:1.5\ndsmr/gas_m3:2023-12-31T23:00:00:0.032\n' dsmr-reader
}

@test "known exports: e-distribuzione" {
	gives 'Giorno;00:00-00:15;00:15-00:30;23:45-24:00\n01/10/2024;0,050;0,060;0,070\n' \
		'pod:2024-09-30T22:00:00:0.050\npod:2024-09-30T22:15:00:0.060\npod:2024-10-01T21:45:00:0.070\n' -S pod e-distribuzione
}

@test "known exports: emoncms" {
	gives '1700000000,123.4\n1700000010,null\n1700000020,NaN\n' 'feed:2023-11-14T22:13:20:123.4\n' -S feed emoncms
}

@test "known exports: enedis" {
	gives 'Identifiant PRM;Type de donnees\n00000000000000;Courbe de charge\nHorodate;Valeur\n2024-10-27T02:30:00+02:00;264\n2024-10-27T02:00:00+01:00;280\n' \
		'linky/power_w:2024-10-27T00:30:00:264\nlinky/power_w:2024-10-27T01:00:00:280\n' enedis
	# Half an hour of 264 W that ends at 2:30 is in the hour that begins at 2:00.
	gives 'Horodate;Valeur\n2024-10-27T02:30:00+02:00;264\n2024-10-27T02:00:00+01:00;280\n' \
		'linky/power_w:2024-10-27T00:00:00:264\nlinky/power_w:2024-10-27T00:30:00:280\n' --shift -30m enedis
}

@test "known exports: engie" {
	gives '"Datum","EAN","Verbruik","Type","Piek"\n"2024-04-13T00:00:00+02:00","X","0.639","Elektriciteit","false"\n"2024-04-13T00:00:00+02:00","X","0.1","Gas","false"\n' \
		'engie/Elektriciteit/false:2024-04-12T22:00:00:0.639\nengie/Gas/false:2024-04-12T22:00:00:0.1\n' engie
}

@test "known exports: enphase" {
	gives 'Date/Time,Energy Produced (Wh)\n2024-06-01 12:00:00 -0700,"1,234"\n2024-06-01 12:15:00 -0700,99\nTotal,"1,333"\n' \
		'enphase/produced_wh:2024-06-01T19:00:00:1234\nenphase/produced_wh:2024-06-01T19:15:00:99\n' enphase
}

@test "known exports: esb" {
	gives 'MPRN,Meter Serial Number,Read Value,Read Type,Read Date and End Time\n1,2,0.0000,Active Export Interval (kWh),04-10-2024 01:00\n1,2,0.1610,Active Import Interval (kWh),04-10-2024 01:00\n1,2,0.2380,Active Import Interval (kWh),04-10-2024 00:30\n' \
		'esb/Active Export Interval (kWh):2024-10-03T23:30:00:0.0000\nesb/Active Import Interval (kWh):2024-10-03T23:30:00:0.1610\nesb/Active Import Interval (kWh):2024-10-03T23:00:00:0.2380\n' esb
}

@test "known exports: fluvius" {
	gives '\xef\xbb\xbfVan (datum);Van (tijdstip);Tot (datum);Tot (tijdstip);EAN;Register;Volume;Eenheid\r\n26-10-2024;00:00:00;26-10-2024;00:15:00;x;Afname Dag;0,123;kWh\r\n26-10-2024;00:15:00;26-10-2024;00:30:00;x;Afname Dag;;kWh\r\n' \
		'Afname Dag/kWh:2024-10-25T22:00:00:0.123\n' fluvius
}

# An entry of a feed with its links and content.
entry() { # SELF REL HREF CONTENT
	printf '<entry><link rel="self" href="%s"/><link rel="%s" href="%s"/><content>%s</content></entry>' "$@"
}

reading() { # START VALUE
	printf '<IntervalReading><timePeriod><duration>900</duration><start>%s</start></timePeriod><value>%s</value></IntervalReading>' "$@"
}

@test "Fluvius and DSMR-reader: the headers of other languages and steps" {
	gives 'Van datum;Van tijdstip;EAN;Register;Volume;Eenheid\n12-10-2021;00:15:00;="123";Afname Nacht;0,173;kWh\n' \
		'Afname Nacht/kWh:2021-10-11T22:15:00:0.173\n' fluvius
	gives 'From (date);From (time);EAN code;Register;Volume;Unit\r\n22/10/2023;06:00:00;="123";Offtake;0,100;m³\r\n' \
		'Offtake/m³:2023-10-22T04:00:00:0.100\n' fluvius
	gives 'Day,Electricity 1 (x),Electricity 2 (x),Electricity 1 Returned (x),Electricity 2 Returned (x),Gas,Total cost\n2024-01-01,1,2,3,4,5,9.9\n' \
		"$(for n in import_t1_kwh:1 import_t2_kwh:2 export_t1_kwh:3 export_t2_kwh:4 gas_m3:5; do echo "dsmr/${n%:*}:2023-12-31T23:00:00:${n#*:}"; done)" dsmr-reader
}

@test "known exports: green-button" {
	{
		printf '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">'
		entry U/ReadingType/1 up U/ReadingType '<ReadingType><flowDirection>1</flowDirection><powerOfTenMultiplier>-3</powerOfTenMultiplier><uom>72</uom></ReadingType>'
		entry U/ReadingType/2 up U/ReadingType '<espi:ReadingType xmlns:espi="x"><espi:flowDirection>19</espi:flowDirection><espi:powerOfTenMultiplier>3</espi:powerOfTenMultiplier><espi:uom>72</espi:uom></espi:ReadingType>'
		entry U/MeterReading/1 related U/ReadingType/1 '<MeterReading/>'
		entry U/MeterReading/2 related U/ReadingType/2 '<MeterReading/>'
		entry U/MeterReading/2/IntervalBlock/1 up U/MeterReading/2/IntervalBlock "<IntervalBlock><interval><start>1704103200</start></interval>$(reading 1704103200 5)</IntervalBlock>"
		entry U/MeterReading/1/IntervalBlock/1 up U/MeterReading/1/IntervalBlock "<IntervalBlock>$(reading 1704103200 1790500)$(reading 1704104100 -250)</IntervalBlock>"
		printf '</feed>'
	} >feed.xml
	run --separate-stderr eg-import green-button feed.xml
	[ "$status:$output:$stderr" = "0:green-button/export_wh:2024-01-01T10:00:00:5000
green-button/import_wh:2024-01-01T10:00:00:1790.500
green-button/import_wh:2024-01-01T10:15:00:-0.250:" ]
	run --separate-stderr eg-import -S house -p '' --head 1 green-button feed.xml
	[ "$status:$output" = 0:house/export_wh:2024-01-01T10:00:00:5000 ]
	cp feed.xml input.csv
	is_guessed green-button
}

@test "Green Button: what has no known type, unit, time or value is refused, and so is broken XML" {
	type() { entry "R/ReadingType/$1" up R "<ReadingType><flowDirection>1</flowDirection>$2</ReadingType>"; }
	block() { entry B up "$1" "<IntervalBlock>$2</IntervalBlock>"; }
	wrong() { # REASON XML
		printf '<feed>%s</feed>' "$2" >feed.xml
		run --separate-stderr eg-import --rejects r green-button feed.xml
		[ "$status:$output" = 65: ] && [[ $stderr == *"$1"* ]] || { echo "$status:$output:$stderr"; return 1; }
	}
	wrong 'does not stand before it' "$(block X "$(reading 1 1)")$(type 1 '<uom>72</uom>')"
	wrong 'does not stand before it' "$(type 1 '<uom>72</uom>')$(type 2 '<uom>38</uom>')$(block X "$(reading 1 1)")"
	wrong 'the unit of its ReadingType' "$(type 1 '<uom>7</uom>')$(block X "$(reading 1 1)")"
	wrong 'the unit of its ReadingType' "$(type 1 '<uom>72</uom><powerOfTenMultiplier>x</powerOfTenMultiplier>')$(block X "$(reading 1 1)")"
	wrong 'not a number of seconds' "$(type 1 '<uom>72</uom>')$(block X "$(reading 1x 1)")"
	wrong 'not a decimal number' "$(type 1 '<uom>72</uom>')$(block X "$(reading 1 '')")"
	grep -qx '<start>1</start><value></value>' r
	printf '<feed><entry>' >feed.xml
	run --separate-stderr eg-import green-button feed.xml
	[ "$status:$output" = 65: ]
	[[ $stderr == *'feed.xml:1: not well-formed XML: '* ]]
}

@test "known exports: home-assistant" {
	gives 'entity_id,state,last_changed\nsensor.power,unavailable,2024-01-01T00:00:00.000Z\nsensor.power,12.5,2024-01-01T00:00:10.500Z\n' \
		'sensor.power:2024-01-01T00:00:10.5:12.5\n' home-assistant
}

@test "known exports: home-assistant-energy" {
	gives 'entity_id,type,unit,2024-01-01T00:00:00.000Z,2024-01-01T01:00:00.000Z\nsensor.grid,grid_consumption,kWh,0.5,\n' \
		'sensor.grid:2024-01-01T00:00:00:0.5\n' home-assistant-energy
}

@test "known exports: home-assistant-statistics" {
	gives 'statistic_id\tunit\tstart\tmin\tmax\tmean\nsensor.power\tW\t26.01.2024 12:00\t1\t3\t2.5\n' \
		'sensor.power/min:2024-01-26T11:00:00:1\nsensor.power/max:2024-01-26T11:00:00:3\nsensor.power/mean:2024-01-26T11:00:00:2.5\n' \
		-d tab -z Europe/Berlin home-assistant-statistics
	gives 'id,statistic_id,unit_of_measurement,start_ts,created_ts,mean_weight,state,sum\n7,sensor.grid,kWh,1704103200.0,1704106810.2,,105.5,5.5\n' \
		'sensor.grid/state:2024-01-01T10:00:00:105.5\nsensor.grid/sum:2024-01-01T10:00:00:5.5\n' home-assistant-statistics
}

@test "known exports: homewizard" {
	gives 'time,Import T1 kWh,Import T2 kWh,Export T1 kWh,Export T2 kWh\n2024-01-01 00:00,1.5,2.5,0,0\n' \
		'p1/import_t1_kwh:2023-12-31T23:00:00:1.5\np1/import_t2_kwh:2023-12-31T23:00:00:2.5\np1/export_t1_kwh:2023-12-31T23:00:00:0\np1/export_t2_kwh:2023-12-31T23:00:00:0\n' homewizard
}

@test "known exports: homewizard-kwh" {
	gives 'time,Import kWh,Export kWh,L1 max W\n2025-06-24 20:30,32.123,0.150,0\n' \
		'meter/import_kwh:2025-06-24T18:30:00:32.123\nmeter/export_kwh:2025-06-24T18:30:00:0.150\n' homewizard-kwh
}

@test "known exports: influx-cli" {
	gives 'name,time,sensor,value\nenergy,1704103200000000000,s1,55.21\n' 's1:2024-01-01T10:00:00:55.21\n' influx-cli
}

# So many times the text.
repeat() { # N TEXT
	local i
	for ((i = 0; i < $1; i++)); do printf %s "$2"; done
}

@test "known exports: isolarcloud" {
	gives '\xef\xbb\xbfTime,PV(kWh),Purchased Energy(kWh),Feed-in(kWh),Load(kWh)\n2024-09-01,56.2,7,44.7,18.5\n' \
		'isolarcloud/produced_kwh:2024-08-31T22:00:00:56.2\nisolarcloud/import_kwh:2024-08-31T22:00:00:7\nisolarcloud/export_kwh:2024-08-31T22:00:00:44.7\nisolarcloud/load_kwh:2024-08-31T22:00:00:18.5\n' -z Europe/Berlin isolarcloud
}

@test "known exports: myenergi" {
	gives 'Serial Number,Timestamp,Diverter Energy (L1) (Wh),Diverter Energy (L2) (Wh)\n17,2025-07-30T01:00:00.000Z,0.00,5.25\n' \
		'myenergi/17/Diverter Energy (L1) (Wh):2025-07-30T01:00:00:0.00\nmyenergi/17/Diverter Energy (L2) (Wh):2025-07-30T01:00:00:5.25\n' myenergi
}

@test "known exports: nem12" {
	gives "100,NEM12,200405011135,MDA1,Ret1\r\n200,NMI1,E1Q1,1,E1,N1,M1,KWH,30,20040601\r\n300,20040201,.5,$(repeat 46 1.1,)7,A,,,20040202120025,\r\n200,NMI2,E1Q1,,Q1,,M2,kVArh,60,\r\n300,20040201,$(repeat 24 2,)E52\r\n500,S,RETNSRVCEORD1,20031220154500,001123.5\r\n900\r\n" \
		"nem12/NMI1/E1_kwh:2004-01-31T14:00:00:.5\n$(
			for ((i = 1; i < 48; i++)); do
				printf 'nem12/NMI1/E1_kwh:%s:%s\n' "$(date -u -d "2004-01-31T14:00Z + $((30 * i)) minutes" +%FT%T)" "$( ((i == 47)) && echo 7 || echo 1.1)"
			done
			for ((i = 0; i < 24; i++)); do
				printf 'nem12/NMI2/Q1_kvarh:%s:2\n' "$(date -u -d "2004-01-31T14:00Z + $i hours" +%FT%T)"
			done)" nem12
	[[ $stderr == *'24 records are estimates or substitutes, not measured' ]]
}

@test "NEM12: qualities of parts of a day, and what is left out by them" {
	local stream='100,NEM12,200405011135,A,B\n200,N,E1,1,E1,,M,kWh,60,\n' day
	day="300,20040201,$(repeat 23 0,)5,V,,,,\n"
	gives "$stream${day}400,1,22,N,,\n400,23,23,F14,76,\n400,24,24,a,,\n900\n" \
		'nem12/N/E1_kwh:2004-02-01T12:00:00:0\nnem12/N/E1_kwh:2004-02-01T13:00:00:5\n' nem12
	[[ $stderr == *'1 records are estimates'*'22 empty values'* ]]
	gives "$stream${day}400,1,22,N,,\n400,23,23,F14,76,\n400,24,24,A,,\n900\n" \
		'house/N/E1_kwh:2004-02-01T13:00:00:5\n' --where quality=A -p house/ nem12
	run --separate-stderr eg-import --where x=A nem12 input.csv
	[ "$status" -eq 64 ]
	for wrong in "${day}400,1,22,N,,\n" "${day}400,1,25,A,,\n" "${day}400,1,24,V,,\n" "300,20040201,$(repeat 23 0,)A\n" \
		"300,20040201,$(repeat 24 0,)1,A\n" "300,20040231,$(repeat 24 0,)A\n" "300,20040201,$(repeat 24 x,)A\n" \
		"200,N,E1,1,E1,,M,parsec,60,\n300,20040201,$(repeat 24 0,)A\n" "200,N,E1,1,E1,,M,kWh,7,\n" "250,N\n" "x\n"; do
		refuses "$stream${wrong}300,20040202,$(repeat 23 ,)9,A\n900\n" \
			"$([[ $wrong == 200* ]] || echo 'nem12/N/E1_kwh:2004-02-02T13:00:00:9')" nem12 --rejects r || { echo "$wrong"; return 1; }
	done
	grep -qx '400,1,25,A,,' r
	gives "$stream$day$(printf '400,1,24,A,,')" "$(for ((i = 0; i < 24; i++)); do
		printf 'nem12/N/E1_kwh:%s:%s\n' "$(date -u -d "2004-01-31T14:00Z + $i hours" +%FT%T)" $((i == 23 ? 5 : 0)); done)" nem12
	[[ $stderr == *'no 900 record at the end'* ]]
}

@test "known exports: octopus" {
	gives 'Consumption (kWh),Estimated Cost Inc. Tax (p), Start, End\n0.123,3.1, 2024-01-01T00:00:00+00:00, 2024-01-01T00:30:00+00:00\n' \
		'octopus/import_kwh:2024-01-01T00:00:00:0.123\n' octopus
}

@test "known exports: p1-monitor" {
	gives 'TIMESTAMP,VERBR_KWH_181,VERBR_KWH_182,GELVR_KWH_281,GELVR_KWH_282\n2024-07-01 00:00:00,10.1,20.2,0,0.5\n' \
		'p1/import_t1_kwh:2024-06-30T22:00:00:10.1\np1/import_t2_kwh:2024-06-30T22:00:00:20.2\np1/export_t1_kwh:2024-06-30T22:00:00:0\np1/export_t2_kwh:2024-06-30T22:00:00:0.5\n' p1-monitor
}

@test "known exports: pge" {
	gives 'Name,A B\nAddress,"1, Road"\nAccount Number,1\nService,x\n\nTYPE,DATE,START TIME,END TIME,IMPORT (kWh),EXPORT (kWh),COST,NOTES\nElectric usage,2024-01-05,00:15,00:29,0.25,0.00,$0.09,\n' \
		'pge/import_kwh:2024-01-05T08:15:00:0.25\npge/export_kwh:2024-01-05T08:15:00:0.00\n' pge
}

@test "known exports: sdge" {
	gives 'Name,x\nMeter Number,Date,Start Time,Duration,Consumption,Generation,Net\n0123,1/5/2024,1:00 PM,15,0.5,0,0.5\n' \
		'0123/net_kwh:2024-01-05T21:00:00:0.5\n' sdge
}

@test "known exports: shelly-em3" {
	gives 'Date/time UTC,Active energy Wh (B),Returned energy Wh (B)\n2024-12-26 00:00,12.20,0.00\n' \
		'shelly/B/import_wh:2024-12-26T00:00:00:12.20\nshelly/B/export_wh:2024-12-26T00:00:00:0.00\n' shelly-em3
}

@test "known exports: sma" {
	gives '01.06.2024 12:00;1,234\n01.06.2024 12:15;-\n' 'roof/power_kw:2024-06-01T10:00:00:1.234\n' -z Europe/Berlin -S roof sma
}

@test "known exports: smard" {
	gives 'Datum von;Datum bis;Netzlast [MWh]\n01.01.2024 00:00;01.01.2024 01:00;38.729,25\n01.01.2024 01:00;01.01.2024 02:00;-\n' \
		'smard/load_mwh:2023-12-31T23:00:00:38729.25\n' smard
}

@test "known exports: solaredge" {
	gives 'Time,System Production (Wh)\n06/01/2024 12:15,250.5\n06/01/2024 12:30,\n' \
		'solaredge/produced_wh:2024-06-01T10:15:00:250.5\n' -z Europe/Rome solaredge
}

@test "known exports: uci" {
	gives 'Date;Time;Global_active_power;Global_reactive_power;Voltage;Global_intensity;Sub_metering_1;Sub_metering_2;Sub_metering_3\n16/12/2006;17:24:00;4.216;0.418;234.840;18.400;0.000;1.000;17.000\n16/12/2006;17:25:00;?;?;?;?;?;?;\n' \
		'uci/power_kw:2006-12-16T16:24:00:4.216\nuci/voltage:2006-12-16T16:24:00:234.840\nuci/current:2006-12-16T16:24:00:18.400\nuci/kitchen_wh:2006-12-16T16:24:00:0.000\nuci/laundry_wh:2006-12-16T16:24:00:1.000\nuci/heating_wh:2006-12-16T16:24:00:17.000\n' uci
}

@test "known exports: ukdale" {
	gives '1352500095 599\n1352500101  582\n' 'ch1:2012-11-09T22:28:15:599\nch1:2012-11-09T22:28:21:582\n' -S ch1 ukdale
}

@test "known exports: united-power" {
	gives ' ===\n Usage Information\n Energy consumption time period,Usage(Real energy in kilowatt-hours),Events occurred\n 2025-10-19 00:00 to 2025-10-19 01:00,-0.010,,\n \n' \
		'united-power/net_kwh:2025-10-19T06:00:00:-0.010\n' united-power
}

@test "each known export has a test, and a line in the manual" {
	local name
	for name in $(sed -n 's/^\t{ "\([a-z0-9-]*\)", ".*/\1/p' "$BATS_TEST_DIRNAME/../../lib/import/formats.c"); do
		grep -q "^@test \"known exports: $name\"" "$BATS_TEST_FILENAME"
		grep -q "^\.It Cm $name$" "$BATS_TEST_DIRNAME/../../man/eg-import.1"
	done
}

@test "--meters prints a file of meters that eg-influx takes, for all formats that are known" {
	local format known=0
	for format in $(sed -n 's/^\t{ "\([a-z0-9-]*\)".*/\1/p' "$BATS_TEST_DIRNAME/../../lib/import/formats.c"); do
		eg-import --meters "$format" >meters 2>/dev/null || continue
		known=$((known + 1))
		run --separate-stderr timeout 30 eg-influx --meters meters </dev/null
		[ "$status:$stderr" = 0: ]
	done
	((known >= 17))
	run --separate-stderr eg-import --meters csv
	[ "$status" -eq 64 ]
	[[ $stderr == *"--meters: nothing is known of the sensors of 'csv'"* ]]
	run --separate-stderr eg-import --meters
	[ "$status" -eq 64 ]
	run --separate-stderr bash -c 'eg-import --meters uci >/dev/full'
	[ "$status" -eq 74 ]
}

@test "a known export with another unit in its header: the same quantity is converted" {
	gives 'Time,System Production (kWh)\n06/01/2024 12:00,4.25\n' \
		'solaredge/produced_wh:2024-06-01T12:00:00:4250\n' solaredge
	is_guessed solaredge
	run --separate-stderr eg-import -U Wh:kWh solaredge input.csv
	[ "$status:$output" = 0:solaredge/produced_kwh:2024-06-01T12:00:00:4.25 ]
	gives 'Date/Time,Energy Produced (kWh)\n2024-06-01 12:00:00 -0700,"1,234.5 kWh"\n' \
		'enphase/produced_wh:2024-06-01T19:00:00:1234500\n' enphase
	gives 'DATE,START TIME,IMPORT (Wh),EXPORT (kWh)\n2024-06-01,12:00,250,0.5\n' \
		'pge/import_kwh:2024-06-01T19:00:00:0.250\npge/export_kwh:2024-06-01T19:00:00:0.5\n' pge
	gives 'Time,PV(Wh),Purchased Energy(kWh),Feed-in(MWh),Load(x)\n2024-06-01,1,2,3,4\n' \
		"$(for r in produced:0.001 import:2 export:3000 load:4; do echo "isolarcloud/${r%:*}_kwh:2024-06-01T00:00:00:${r#*:}"; done)" isolarcloud
	refuses 'Date/Time,Energy Produced (kWh)\n2024-06-01 12:00:00 -0700,5 Wh\n' '' enphase
}

@test "a known export with another quantity in its header is refused, and guess does not propose it" {
	other() { # FORMAT HEADER ROW WHY
		refuses "$2\\n$3\\n" '' "$1"
		[[ $stderr == *"$4"* ]] || { echo "$stderr"; return 1; }
		! is_guessed "$1" >why || { echo "guess proposes $1"; return 1; }
	}
	other solaredge 'Time,System Production (W)' '06/01/2024 12:00,4000' \
		"input.csv:1: the column 'System Production (W)' is in W, not in Wh; its rows are refused"
	other octopus 'Consumption (m³), Start, End' '0.5, 2024-01-01T00:00:00+00:00, x' 'in m3, not in kWh'
	other enphase 'Date/Time,Energy Produced (kW)' '2024-06-01 12:00:00 -0700,4' 'in kW, not in Wh'
	other dsmr-reader 'Day,Electricity 1 (kWh),Electricity 2 (W),Electricity 1 Returned,Electricity 2 Returned,Gas (m3)' \
		2024-01-01,1,2,3,4,5 'in W, not in kWh'
	other united-power 'Energy consumption time period,Usage (kW)' '2024-03-10 00:00 to 2024-03-10 01:00,1' 'in kW, not in kWh'
}
