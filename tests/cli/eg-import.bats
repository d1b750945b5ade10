#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What eg-import makes of CSV files, good and bad. Needs no server.
# shellcheck disable=SC2154,SC2164,SC2016 # bats sets stderr; cd fails the test; bash -c expands
bats_require_minimum_version 1.5.0

setup() {
	PATH="$EG_BIN:$PATH"
	DATA="${EG_SHARED:-$BATS_TEST_DIRNAME/../../../shared}/data"
	cd "$BATS_TEST_TMPDIR"
}

# Runs `eg-import csv` with the arguments; standard input is $1.
import() {
	local input=$1
	shift
	printf '%b' "$input" >input.csv
	run --separate-stderr eg-import csv "$@" input.csv
}

# The same for one column of local times in Rome and one of values.
rome() {
	import "$1" -t t -y v -z Europe/Rome -F '%d/%m/%Y %H:%M' -S s
}

is() {
	if [ "$1" != "$2" ]; then
		printf 'wanted: %s\ngot:    %s\n' "$2" "$1"
		return 1
	fi
}

need_data() {
	if [ ! -e "$DATA/$1" ]; then
		echo "# WARNING: $1 is not there: real data NOT tested" >&3
		skip "no $DATA/$1 (set EG_SHARED)"
	fi
}

# Adds the values of the sensors matching $1 in hundredths or, with $2, other parts.
sum() {
	awk -F: -v sensor="$1" -v parts="${2:-100}" '$1 ~ sensor { split($NF, p, ".")
		f = substr(p[2] "000", 1, length(parts) - 1); s += p[1] * parts + (1 f) - parts; n++ }
		END { printf "%d %.0f\n", n, s }'
}

shelly() {
	need_data "shelly_em3_phase$1.csv"
	eg-import --sort --unique --to 2025-05-19 shelly-em3 "$DATA/shelly_em3_phase$1.csv" >out
	is "$(sum import_wh <out)" "50976 $2"
	is "$(sum export_wh <out)" "50976 0"
	is "$(head -n 1 out)" "shelly/$1/export_wh:2024-05-30T00:00:00:0.00"
	is "$(tail -n 1 out | cut -d: -f1-4)" "shelly/$1/import_wh:2025-05-18T23:50:00"
	is "$(cut -d: -f2-4 out | LC_ALL=C sort -c 2>&1)" ""
	is "$(cut -d: -f1-4 out | sort | uniq -d)" ""
}

@test "Shelly phase A: the 10-minute part is 50,976 rows and 1,761,885.40 Wh" {
	shelly A 176188540
}

@test "Shelly phase B: the 10-minute part is 50,976 rows and 1,501,303.10 Wh" {
	shelly B 150130310
}

@test "Shelly phase C: the 10-minute part is 50,976 rows and 2,098,914.20 Wh" {
	shelly C 209891420
}

@test "a Shelly file without options gives each row's two records in its order" {
	need_data shelly_em3_phaseA.csv
	eg-import shelly-em3 "$DATA/shelly_em3_phaseA.csv" >out
	is "$(wc -l <out)" 114316
	is "$(head -n 1 out)" "shelly/A/import_wh:2025-01-11T00:00:00:30.70"
}

@test "--unique without --sort drops what sort -u would drop and keeps the order" {
	need_data shelly_em3_phaseA.csv
	eg-import shelly-em3 "$DATA/shelly_em3_phaseA.csv" >all
	eg-import --unique shelly-em3 "$DATA/shelly_em3_phaseA.csv" >out
	is "$(wc -l <out)" 105676
	cmp <(awk '!seen[$0]++' all) out
}

@test "the DSMR file: 8,754 rows, 3,743.131 kWh" {
	need_data dsmrreader-hour-2024.csv
	eg-import dsmr-reader "$DATA/dsmrreader-hour-2024.csv" >out
	is "$(wc -l <out)" $((8754 * 5))
	is "$(sum 'import_t[12]_kwh' 1000 <out)" "17508 3743131"
	is "$(head -n 1 out)" "dsmr/import_t1_kwh:2023-12-31T23:00:00:0.196"
	is "$(cut -d: -f1-4 out | sort | uniq -d)" ""
}

@test "the DSMR file: both clock changes of 2024 keep each hour's instant" {
	need_data dsmrreader-hour-2024.csv
	eg-import dsmr-reader "$DATA/dsmrreader-hour-2024.csv" | grep import_t1_kwh >out
	is "$(grep -A 2 T00:00:00 out | grep 2024-03-31)" "dsmr/import_t1_kwh:2024-03-31T00:00:00:0.126
dsmr/import_t1_kwh:2024-03-31T01:00:00:0.123
dsmr/import_t1_kwh:2024-03-31T02:00:00:0.122"
	is "$(grep -A 3 2024-10-26T23:00:00 out)" "dsmr/import_t1_kwh:2024-10-26T23:00:00:0.21
dsmr/import_t1_kwh:2024-10-27T00:00:00:0.207
dsmr/import_t1_kwh:2024-10-27T01:00:00:0.515
dsmr/import_t1_kwh:2024-10-27T02:00:00:0.537"
}

@test "the DSMR format converts its energy columns on request and leaves gas alone" {
	head='Hour Start,Electricity 1 (x),Electricity 2 (x),Electricity 1 Returned (x),Electricity 2 Returned (x),Gas'
	printf '%s\n2024-01-01T00:00:00+01:00,0.196,0,0,1.5,0.032\n' "$head" >d.csv
	run --separate-stderr eg-import -U kWh:Wh -p house/ dsmr-reader d.csv
	is "$status$stderr" 0
	is "$output" "house/import_t1_wh:2023-12-31T23:00:00:196
house/import_t2_wh:2023-12-31T23:00:00:0
house/export_t1_wh:2023-12-31T23:00:00:0
house/export_t2_wh:2023-12-31T23:00:00:1500
house/gas_m3:2023-12-31T23:00:00:0.032"
}

@test "a file of another format is refused as a whole, with one message" {
	printf 'a,b\n1,2\n3,4\n' >x.csv
	run --separate-stderr eg-import shelly-em3 --rejects r x.csv
	is "$status:$output" 65:
	is "$stderr" "eg-import: warning: x.csv:1: no column is named 'Date/time UTC'; its rows are refused"
	is "$(grep -vc '^#' r)" 2
}

@test "the text of a value stays as it is" {
	import 't,v\n2024-01-01 00:00,30.70\n2024-01-01 00:01,-0.0\n2024-01-01 00:02,+1e3\n' -t t -y v
	is "$status$stderr" 0
	is "$output" "v:2024-01-01T00:00:00:30.70
v:2024-01-01T00:01:00:-0.0
v:2024-01-01T00:02:00:+1e3"
}

@test "units are converted by moving the decimal point, to the last digit" {
	convert() {
		import "t,v\n2024-01-01 00:00,$1\n" -t t -y v "${@:3}"
		is "$status$stderr" 0
		is "${output#v:2024-01-01T00:00:00:}" "$2"
	}
	convert 0.196 196 -U kWh:Wh
	convert 0.2 200 -U kWh:Wh
	convert 1.23456 1234.56 -U kWh:Wh
	convert 12345678901234567.1 12345678901234567100 -U kWh:Wh
	convert -0.5 -500 -U kw:w
	convert .5 500000 -U mwh:wh
	convert 5. 5000 -U mw:kw
	convert 30.70 0.03070 -U Wh:kWh
	convert 0 0 -U kWh:Wh
	convert 0.000 0 -U kWh:Wh
	convert 1.5e3 1.5e6 -U kWh:Wh
	convert 1.5E-3 1.5E0 -U kWh:Wh
	convert 7 0.007 -x 0.001
	convert 7 700 -x 100
	convert 7 7 -x 1
}

@test "a unit behind a value must be that of its column, and of the values before it" {
	import 't,p,Energy (kWh)\n2024-01-01 00:00,230 V,1.2 kWh\n2024-01-01 00:01,231V,1.3\n2024-01-01 00:02,232 V,500 Wh\n2024-01-01 00:03,0.2 kV,1\n2024-01-01 00:04,233,1\n' -t t -y p -y 'e=Energy (kWh)'
	is "$status:$output" "65:p:2024-01-01T00:00:00:230
e:2024-01-01T00:00:00:1.2
p:2024-01-01T00:01:00:231
e:2024-01-01T00:01:00:1.3"
	[[ ${stderr_lines[0]} == *":4: the value has another unit than its column"* ]]
	[[ ${stderr_lines[1]} == *":5: the value has another unit than the values before it"* ]]
	import 't;s;v\n2024-01-01;a;1,5 kWh\n2024-01-01;b;230 V\n2024-01-02;a;-0,5kWh\n2024-01-02;b;1 kWh\n2024-01-03;b;1\n' -d ';' -D -t t -c s -y v
	is "$status:$output" "65:a:2024-01-01T00:00:00:1.5
b:2024-01-01T00:00:00:230
a:2024-01-02T00:00:00:-0.5"
	import 't,v\n2024-01-01,1 kWh\n2024-01-02,1 Wh\n2024-01-03,1 MW\n2024-01-04,1 mWh\n2024-01-05,2 KWH\n' -t t -y v -U kWh:Wh
	is "$status:$output" "65:v:2024-01-01T00:00:00:1000
v:2024-01-05T00:00:00:2000"
	import 't,v\n2024-01-01,1.2 kW\n2024-01-02,5 m3\n' -t t -y power_w=v
	is "$status:$output" 65:
	import 't,v\n2024-01-01,20.5 \xc2\xb0C\n2024-01-02,21 C\n2024-01-03,5 %%\n2024-01-03,5 x\n2024-01-03,kWh\n' -t t -y v
	is "$status:$output" "65:v:2024-01-01T00:00:00:20.5
v:2024-01-02T00:00:00:21"
}

@test "one unit in a sensor's values holds for all files" {
	printf 't,v\n2024-01-01,1 kWh\n' >a
	printf 't,v\n2024-01-02,1 Wh\n' >b
	run --separate-stderr eg-import csv -t t -y v a b
	is "$status:$output" "65:v:2024-01-01T00:00:00:1"
}

@test "a decimal comma is read on request and otherwise refused" {
	import 't;v\n2024-01-01;12,5\n' -d ';' -t t -y v -D
	is "$status:$output" "0:v:2024-01-01T00:00:00:12.5"
	import 't;v\n2024-01-01;12,5\n' -d ';' -t t -y v
	is "$status:$output" 65:
	[[ $stderr == *"input.csv:2: not a decimal number: '2024-01-01;12,5'" ]]
	import 't;v\n2024-01-01;1.234\n' -d ';' -t t -y v -D
	is "$status:$output" 65:
}

@test "what is not a finite decimal number is refused" {
	import 't,v\n1764166716,nan\n1764166716,inf\n1764166716,1e999\n1764166716,0x10\n1764166716,.\n1764166716,1 2\n1764166716,"12,5"\n1764166716,1e\n1764166716,--1\n' -F epoch -t t -y v
	is "$status:$output" 65:
	is "${stderr_lines[2]}" "eg-import: warning: 8 rows refused: not a decimal number (first: input.csv:2)"
	is "${#stderr_lines[@]}" 3
}

@test "in the repeated hour the first pass is summer time" {
	rome 't,v\n27/10/2024 01:30,1\n27/10/2024 02:00,2\n27/10/2024 02:30,3\n27/10/2024 02:00,4\n27/10/2024 02:30,5\n27/10/2024 03:00,6\n'
	is "$status$stderr" 0
	is "$output" "s:2024-10-26T23:30:00:1
s:2024-10-27T00:00:00:2
s:2024-10-27T00:30:00:3
s:2024-10-27T01:00:00:4
s:2024-10-27T01:30:00:5
s:2024-10-27T02:00:00:6"
}

@test "rows that come newest first go through the repeated hour backwards" {
	rome 't,v\n27/10/2024 03:00,6\n27/10/2024 02:30,5\n27/10/2024 02:00,4\n27/10/2024 02:30,3\n27/10/2024 02:00,2\n27/10/2024 01:30,1\n'
	is "$status$stderr" 0
	is "$(sort -t: -k2 <<<"$output" | cut -d: -f2-)" "2024-10-26T23:30:00:1
2024-10-27T00:00:00:2
2024-10-27T00:30:00:3
2024-10-27T01:00:00:4
2024-10-27T01:30:00:5
2024-10-27T02:00:00:6"
}

@test "each sensor and each file goes through the repeated hour by itself" {
	printf 'n,t,v\na,2024-10-27 02:00,1\nb,2024-10-27 02:00,2\na,2024-10-27 02:00,3\nb,2024-10-27 02:00,4\n' >x.csv
	run --separate-stderr eg-import csv -c n -t t -y v -z Europe/Rome x.csv x.csv
	is "$status$stderr" 0
	once="a/v:2024-10-27T00:00:00:1
b/v:2024-10-27T00:00:00:2
a/v:2024-10-27T01:00:00:3
b/v:2024-10-27T01:00:00:4"
	is "${output//\/v/}" "${once//\/v/}
${once//\/v/}"
}

@test "a third pass through the repeated hour is refused" {
	rome 't,v\n27/10/2024 02:00,1\n27/10/2024 02:00,2\n27/10/2024 02:00,3\n'
	is "$status:${#lines[@]}" 65:2
	[[ $stderr == *"input.csv:4: a local time that the clocks show twice comes a third time: "* ]]
}

@test "a local time that does not exist is refused, and its neighbours are not" {
	rome 't,v\n31/03/2024 01:59,1\n31/03/2024 02:00,2\n31/03/2024 02:59,3\n31/03/2024 03:00,4\n'
	is "$status" 65
	is "$output" "s:2024-03-31T00:59:00:1
s:2024-03-31T01:00:00:4"
	is "${#stderr_lines[@]}" 2
	[[ ${stderr_lines[0]} == *"input.csv:3: no such local time"* ]]
}

@test "zones on both sides of the world: half-hour changes, a day that was left out" {
	import 't,v\n2024-04-07 01:45,1\n2024-04-07 01:45,2\n2024-10-06 02:15,3\n' -t t -y v -z Australia/Lord_Howe
	is "$output" "v:2024-04-06T14:45:00:1
v:2024-04-06T15:15:00:2"
	import 't,v\n2011-12-29 23:59,1\n2011-12-30 12:00,2\n2011-12-31 00:00,3\n' -t t -y v -z Pacific/Apia
	is "$output" "v:2011-12-30T09:59:00:1
v:2011-12-30T10:00:00:3"
}

@test "a time with an offset keeps its instant, whatever the zone" {
	import 't,v\n2024-10-27T02:00:00+02:00,1\n2024-10-27T02:00:00+0100,2\n2024-10-27t02:00z,3\n2024-01-01T00:30:00+01,4\n2024-02-29T23:30:00-05:30,5\n' \
		-t t -y v -z Europe/Rome
	is "$status$stderr" 0
	is "$output" "v:2024-10-27T00:00:00:1
v:2024-10-27T01:00:00:2
v:2024-10-27T02:00:00:3
v:2023-12-31T23:30:00:4
v:2024-03-01T05:00:00:5"
}

@test "epoch seconds, milliseconds and fractions are exact" {
	import 't,v\n1764166716,1\n1764166716.25,2\n4102444800,3\n978307200,4\n' -F epoch -t t -y v
	is "$output" "v:2025-11-26T14:18:36:1
v:2025-11-26T14:18:36.25:2
v:2100-01-01T00:00:00:3
v:2001-01-01T00:00:00:4"
	import 't,v\n1764166716007,1\n1764166716100,2\n01764166716007,3\n1764166716000,4\n' -F epoch-ms -t t -y v
	is "$output" "v:2025-11-26T14:18:36.007:1
v:2025-11-26T14:18:36.1:2
v:2025-11-26T14:18:36.007:3
v:2025-11-26T14:18:36:4"
	import 't,v\n2024-01-01T00:00:00.123456789Z,1\n2024-01-01 00:00:00.500,2\n' -t t -y v
	is "$output" "v:2024-01-01T00:00:00.123456789:1
v:2024-01-01T00:00:00.5:2"
}

@test "times of one day, of the next, of the day before, and with fractions in between" {
	import 't,v\n1969-12-31T23:59:59,1\n1969-12-31T00:00:00,2\n1970-01-01,3\n1969-12-31T12:34:56.5,4\n1969-12-31T09:08:07,5\n2261-12-31T23:59:59,6\n1678-01-01,7\n1678-01-01T23:59:59,8\n' -t t -y v
	is "$status$stderr" 0
	is "$output" "v:1969-12-31T23:59:59:1
v:1969-12-31T00:00:00:2
v:1970-01-01T00:00:00:3
v:1969-12-31T12:34:56.5:4
v:1969-12-31T09:08:07:5
v:2261-12-31T23:59:59:6
v:1678-01-01T00:00:00:7
v:1678-01-01T23:59:59:8"
}

@test "a count of seconds before 2001 is refused: a clock that is not set, or a date" {
	for t in 0 7 20190101 978307199; do
		import "t,v\n$t,1\n1764166716,2\n" -F epoch -t t -y v
		is "$status:$output" "65:v:2025-11-26T14:18:36:2"
		[[ $stderr == *"input.csv:2: before 2001: a clock that is not set, or another form of time: '$t,1'"* ]]
	done
	import 't,v\n978307199999,1\n' -F epoch-ms -t t -y v
	is "$status:$output" 65:
}

@test "serial numbers of a spreadsheet are local times" {
	import 't,v\n45292,1\n45292.5,2\n45292.0104166667,3\n45292.01041667,4\n45292.01042,5\n45383.5000057870,6\n45382.0833333333,7\n' -F excel -t t -y v -z Europe/Rome
	is "$status" 65 # 2024-03-31 02:00 is no time in Rome
	is "$output" "v:2023-12-31T23:00:00:1
v:2024-01-01T11:00:00:2
v:2023-12-31T23:15:00:3
v:2023-12-31T23:15:00:4
v:2023-12-31T23:15:00:5
v:2024-04-01T10:00:00.5:6"
	[[ $stderr == *"input.csv:8: no such local time"* ]]
	import 't;v\n45292,25;1,5\n45292,01;1\n1,5;1\n452920;1\n45292.;1\n' -d ';' -D -F excel -t t -y v
	is "$status:$output" "65:v:2024-01-01T06:00:00:1.5"
	[[ ${stderr_lines[0]} == *":3: too few digits for a time of day"* && ${stderr_lines[1]} == *":4: not a serial number of a day since 1970"* ]]
}

@test "ISO 8601 in its basic form, and with one digit for the hour" {
	import 't,v\n20240131T235958Z,1\n20240131T2359,2\n20240131,3\n2024-01-31 9:05,4\n2024-01-31T9:05:07.25+01:00,5\n20240131 235958.5 +0100,6\n' -t t -y v
	is "$status$stderr" 0
	is "$output" "v:2024-01-31T23:59:58:1
v:2024-01-31T23:59:00:2
v:2024-01-31T00:00:00:3
v:2024-01-31T09:05:00:4
v:2024-01-31T08:05:07.25:5
v:2024-01-31T22:59:58.5:6"
	import 't,v\n2024-0131,1\n202401,1\n2024-01-31 905,1\n2024-01-31 9,1\n20241331,1\n20240131T,1\n20240131T23,1\n20240131T23:5,1\n2024-01-31T0905,1\n' -t t -y v --rejects r
	is "$status:$output:$(grep -c '^#' r)" 65::9
}

@test "months by their English names, whole or short, and no others" {
	import 't;v\n5 March 2024;1\n5 sept. 2024;2\n05 MAY 2024;3\n5 December 2024;4\n5 Marraskuu 2024;5\n5 Marc 2024;6\n' -d ';' -F '%d %b %Y' -t t -y v
	is "$status:$output" "65:v:2024-03-05T00:00:00:1
v:2024-09-05T00:00:00:2
v:2024-05-05T00:00:00:3
v:2024-12-05T00:00:00:4"
}

@test "--time-format reads other forms" {
	form() {
		import "t;v\n$2;1\n" -d ';' -t t -y v -F "$1"
		is "$status$stderr" 0
		is "$output" "v:$3:1"
	}
	form '%d/%m/%Y %H:%M' '1/2/2024 9:05' 2024-02-01T09:05:00
	form '%d-%m-%Y' 29-02-2024 2024-02-29T00:00:00
	form '%m/%d/%y %I:%M %p' '12/31/99 12:05 am' 1999-12-31T00:05:00
	form '%d %b %Y %T' '05 Mar 2024 23:59:59' 2024-03-05T23:59:59
	form '%Y%m%d%H%M%S' 20240131235958 2024-01-31T23:59:58
	form '%F %R%z' '2024-01-01 00:30+01:00' 2023-12-31T23:30:00
	form '%F %T.%f' '2024-01-01 00:30:00.250' 2024-01-01T00:30:00.25
	form '@%s' @1764166716 2025-11-26T14:18:36
	for bad in %Q %d/%m '%H:%M' '%d/%m/%Y %'; do
		import 't,v\n' -t t -y v -F "$bad"
		is "$status" 64
	done
}

@test "times that are none are refused with the reason" {
	import 't,v\n2023-02-29 00:00,1\n2024-01-01 25:00,1\n2024-01-01 24:01,1\n2024-01-01 23:59:60,1\n0000-01-01 00:00,1\n01/02/2024,1\n2024-01-01T00:00+25:00,1\n,1\n2024-01-01T00:00:00.1234567891,1\n' -t t -y v --rejects r
	is "$status:$output" 65:
	is "$(grep -c '^#' r)" 9
	[[ ${stderr_lines[0]} == "eg-import: warning: input.csv:2: no such day: '2023-02-29 00:00,1'" ]]
	[[ ${stderr_lines[1]} == *"no such time of day"* ]]
	[[ $stderr == *"input.csv:8: not a zone offset"* ]]
}

@test "a quote that is not closed in a line of 300 KB costs that line alone" {
	printf -v nines '%0300000d' 9
	import "t,v\n2026-01-01,\"$nines\n2026-01-02,3\n" -t t -y v -S s
	[ "$status" -eq 65 ]
	is "$output" "s:2026-01-02T00:00:00:3"
	[[ $stderr == *"input.csv:2: a quote is not closed"* ]]
}

@test "a line longer than 2 MiB is refused alone" {
	{ printf 't,v\n2026-01-01,'; head -c 3000000 /dev/zero | tr '\0' 9; printf '\n2026-01-02,3\n'; } >input.csv
	run --separate-stderr eg-import csv -t t -y v -S s --rejects bad input.csv
	[ "$status" -eq 65 ]
	is "$output" "s:2026-01-02T00:00:00:3"
	[[ $stderr == *"input.csv:2: the line is longer than 2 MiB"* ]]
	grep -q 'longer than 2 MiB' bad
}

@test "quoted fields hold delimiters and doubled quotes" {
	import '"t","a ""b"", c",n\n"2024-01-01 00:00","1.5","x, ""y"""\n' -t t -y 'a "b", c' -c n
	is "$status$stderr" 0
	is "$output" 'x, "y":2024-01-01T00:00:00:1.5'
	import 't,v\n"2024-01-01 00:00,1\n2024-01-01 00:00,"1"2\n' -t t -y v
	is "$status:$output" 65:
	[[ ${stderr_lines[0]} == *"a quote is not closed"* && ${stderr_lines[1]} == *"text behind a closing quote"* ]]
}

@test "a byte order mark, CRLF ends and a last line without an end are read" {
	import '\xef\xbb\xbft,v\r\n2024-01-01 00:00,1\r\n\r\n2024-01-01 00:01,2' -t t -y v
	is "$status$stderr" 0
	is "$output" "v:2024-01-01T00:00:00:1
v:2024-01-01T00:01:00:2"
}

@test "rows with an empty value are skipped and counted" {
	import 't,v,w\n2024-01-01 00:00,,1\n2024-01-01 00:01,,\n,,\n2024-01-01 00:02,2,""\n' -t t -y v -y w
	is "$status" 0
	is "$output" "w:2024-01-01T00:00:00:1
v:2024-01-01T00:02:00:2"
	is "$stderr" "eg-import: warning: 6 empty values skipped"
}

@test "a row with a wrong number of columns is refused; a delimiter at the end is none" {
	import 't,v\n2024-01-01 00:00\n2024-01-01 00:00,1,2\n2024-01-01 00:00,3,\n' -t t -y v
	is "$status:$output" "65:v:2024-01-01T00:00:00:3"
	[[ ${stderr_lines[0]} == *":2: 1 columns where 2 are wanted: '2024-01-01 00:00'" ]]
	[[ ${stderr_lines[1]} == *" 2 rows refused: 1 columns where 2 are wanted (first: input.csv:2)" ]]
}

@test "a row that ends before its last values lacks them; without a value, or at the end of the file, it is refused" {
	import 't,v,w\n2024-01-01 00:00,1\n2024-01-01 00:01\n2024-01-01 00:02,2,3\n2024-01-01 00:03,4' -t t -y v -y w
	is "$status:$output" "65:v:2024-01-01T00:00:00:1
v:2024-01-01T00:02:00:2
w:2024-01-01T00:02:00:3"
	[[ ${stderr_lines[0]} == *":3: 1 columns where 3 are wanted: '2024-01-01 00:01'" ]]
	[[ $stderr == *" 1 empty values skipped"* && $stderr == *" 2 rows refused: "* ]]
	import 'Jan 5 2024,1\nt,v,w,n\nJan 6 2024,1,2\nJan 7 2024,1,2,x\n' -F '%b %d %Y' -t t -y v -c n
	is "$status:$output" "65:x:2024-01-07T00:00:00:1"
	import 't,v,w\nJan 6 2024,1\n' -F '%b %d %Y' -t t -y v -y w
	is "$status:$output" "0:v:2024-01-06T00:00:00:1"
}

@test "one bad value refuses the whole row" {
	import 't,v,w\n2024-01-01 00:00,1,x\n2024-01-01 00:01,2,3\n' -t t -y v -y w
	is "$status:${#lines[@]}" 65:2
	[[ $output != *T00:00:00* ]]
}

@test "10,000 refused rows: the first of each reason, a count of each, and all of them kept" {
	{
		printf 't,v\nx,1\n2024-01-01,1\n2024-01-02,y\n1,2,3\n'
		for _ in {1..3333}; do printf 'x,1\n2024-01-02,y\n1,2,3,4\n'; done
	} >input.csv
	run --separate-stderr eg-import csv -t t -y v --rejects r input.csv
	is "$status:$output" "65:v:2024-01-01T00:00:00:1"
	is "$stderr" "eg-import: warning: input.csv:2: not an ISO 8601 date and time: 'x,1'
eg-import: warning: input.csv:4: not a decimal number: '2024-01-02,y'
eg-import: warning: input.csv:5: 3 columns where 2 are wanted: '1,2,3'
eg-import: warning: 3334 rows refused: not an ISO 8601 date and time (first: input.csv:2)
eg-import: warning: 3334 rows refused: not a decimal number (first: input.csv:4)
eg-import: warning: 3334 rows refused: 3 columns where 2 are wanted (first: input.csv:5)"
	is "$(grep -vc '^#' r):$(grep -c '^# input.csv:' r)" 10002:10002
}

@test "--rejects keeps each refused row as it was, behind its reason" {
	import 't,v\nx,1\r\n2024-01-01 00:00,2\n "\x07,3\n' -t t -y v --rejects r
	is "$status" 65
	printf '# input.csv:2: not an ISO 8601 date and time\nx,1\r\n# input.csv:4: not an ISO 8601 date and time\n "\x07,3\n' >want
	cmp r want
	[[ $stderr != *$'\x07'* ]]
	import 't,v\nx,1\n' -t t -y v --rejects r
	is "$(wc -l <r)" 6
	run --separate-stderr eg-import csv -t t -y v --rejects /nowhere/r input.csv
	is "$status" 74
}

@test "long rows are shortened in messages, between characters" {
	import "t,v\n$(printf 'è%.0s' {1..40}),1\n" -t t -y v
	is "$stderr" "eg-import: warning: input.csv:2: not an ISO 8601 date and time: '$(printf 'è%.0s' {1..24})'..."
}

@test "names are made safe, and two names never become one" {
	import 'n,t,v\na:b\x07c,2024-01-01,1\n#d,2024-01-01,2\n\xe9\xc2\x85è,2024-01-01,3\n' -c n -t t -y v
	is "$status$stderr" 0
	is "$output" "a_b_c:2024-01-01T00:00:00:1
_d:2024-01-01T00:00:00:2
__è:2024-01-01T00:00:00:3"
	import 'n,t,v\na:b,2024-01-01,1\na_b,2024-01-01,2\na:b,2024-01-02,3\n' -c n -t t -y v
	is "$status:${#lines[@]}" 65:2
	[[ $stderr == *"input.csv:3: two sensors would both be named 'a_b'"* ]]
	import "n,t,v\n$(printf 'x%.0s' {1..256}),2024-01-01,1\n,2024-01-01,1\n$(printf 'x%.0s' {1..255}),2024-01-01,1\n" -c n -t t -y v
	is "$status:${#lines[@]}" 65:1
	[[ $stderr == *"longer than 255 bytes"*"the sensor has no name"* ]]
}

@test "sensor, column and value names are put together" {
	rows='n,t,A,B\nm1,2024-01-01,1,2\n'
	names() {
		import "$rows" -t t "$@"
		is "$status$stderr" 0
		NAMES=$(cut -d: -f1 <<<"$output" | tr '\n' ' ')
	}
	names -y A -y B
	is "$NAMES" "A B "
	names -y A -S house
	is "$NAMES" "house "
	names -y A -y b=B -S house -p eu/
	is "$NAMES" "eu/house/A eu/house/b "
	names -y a=A -c n
	is "$NAMES" "m1/a "
	names -y 3 -y x=4
	is "$NAMES" "A x "
	import '2024-01-01,1,2\n' -n -t 1 -y 2 -y three=3
	is "$output" "column2:2024-01-01T00:00:00:1
three:2024-01-01T00:00:00:2"
}

@test "a missing or doubled column is told once and refuses the file" {
	import 't,v\n2024-01-01,1\n' -t t -y w
	is "$status:$output" 65:
	is "$stderr" "eg-import: warning: input.csv:1: no column is named 'w'; its rows are refused"
	import 't,v,v\n2024-01-01,1,1\n' -t t -y v
	[[ $status == 65 && $stderr == *"two columns are named 'v'"* ]]
	import 't,v\n2024-01-01,1\n' -t t -y 3
	[[ $status == 65 && $stderr == *"no column 3;"* ]]
}

@test "--from and --to keep what is from the one up to the other" {
	import 't,v\n2024-01-01 00:00,0\n2024-01-01 00:59,1\n2024-01-01 01:00,2\n2024-01-01 01:30,3\n2024-01-01 02:00,4\n' \
		-t t -y v -z Europe/Rome -f '2024-01-01 01:00' -T 2024-01-01T01:00:00Z
	is "$status$stderr" 0
	is "$output" "v:2024-01-01T00:00:00:2
v:2024-01-01T00:30:00:3"
	import 't,v\n' -t t -y v --from yesterday
	is "$status" 64
	[[ $stderr == "eg-import: fatal: --from: 'yesterday': "* ]]
}

@test "--sort orders by instant, then sensor, also fractions and 10 after 9" {
	import 't,b,a\n2024-01-01 10:00:00.5,1,2\n2024-01-01 10:00,3,4\n2024-01-01 09:00,5,6\n' -t t -y b -y a -s
	is "$output" "a:2024-01-01T09:00:00:6
b:2024-01-01T09:00:00:5
a:2024-01-01T10:00:00:4
b:2024-01-01T10:00:00:3
a:2024-01-01T10:00:00.5:2
b:2024-01-01T10:00:00.5:1"
}

@test "of several values for a key the last one stays last, also with --unique" {
	import 't,v\n2024-01-02,9\n2024-01-01,1\n2024-01-01,1\n2024-01-01,2\n2024-01-01,1\n' -t t -y v -s -u
	is "$(cut -d: -f5 <<<"$output" | tr '\n' ' ')" "1 2 1 9 "
	import 't,v\n2024-01-02,9\n2024-01-01,1\n2024-01-01,1\n2024-01-01,2\n2024-01-01,1\n' -t t -y v -u
	is "$(cut -d: -f5 <<<"$output" | tr '\n' ' ')" "9 1 2 1 "
}

@test "several files and standard input are read in turn" {
	printf 't,v\n2024-01-01,1\n' >'a=b c.csv'
	run --separate-stderr eg-import csv -t t -y v 'a=b c.csv' - <<<$'v,t\n2,2024-01-02'
	is "$status$stderr" 0
	is "$output" "v:2024-01-01T00:00:00:1
v:2024-01-02T00:00:00:2"
	run --separate-stderr eg-import csv -t t -y v <<<$'t,v\n2024-01-01,3'
	is "$output" "v:2024-01-01T00:00:00:3"
}

@test "an empty file and a file with a header alone give nothing and succeed" {
	for text in '' 't,v\n'; do
		import "$text" -t t -y v
		is "$status$stderr$output" 0
	done
}

@test "micro- and nanoseconds are exact, and a number too large for its unit names the right one" {
	import 't,v\n1764166716000001,1\n' -F epoch-us -t t -y v
	is "$status:$output" "0:v:2025-11-26T14:18:36.000001:1"
	import 't,v\n1764166716000000001,1\n978307200000000005,2\n9214646399999999999,3\n' -F epoch-ns -t t -y v
	is "$status:$output" "0:v:2025-11-26T14:18:36.000000001:1
v:2001-01-01T00:00:00.000000005:2
v:2261-12-31T23:59:59.999999999:3"
	import 't,v\n1764166716000,1\n1764166716000000,1\n1764166716000000000,1\n9999999999,1\n' -F epoch -t t -y v
	is "$status" 65
	[[ ${stderr_lines[0]} == *"too large for seconds; for milliseconds: --time-format epoch-ms"* ]]
	[[ ${stderr_lines[1]} == *"for microseconds: --time-format epoch-us"* ]]
	[[ ${stderr_lines[2]} == *"for nanoseconds: --time-format epoch-ns"* ]]
	[[ ${stderr_lines[3]} == *"out of the range 1678..2261"* ]]
	import 't,v\n1764166716000000000,1\n' -F epoch-ms -t t -y v
	[[ $status -eq 65 && $stderr == *"too large for milliseconds; for nanoseconds: --time-format epoch-ns"* ]]
	import 't,v\n176416671600000000000000,1\n' -F epoch-ns -t t -y v
	[[ $status -eq 65 && $stderr == *"too large for a number of nanoseconds since 1970"* ]]
}

@test "a header in Latin-1 is called one, and the message says how to convert it" {
	import 't,pot\xeancia\n2024-01-01,1\n' -t t -y potência
	is "$status:$output" 65:
	[[ $stderr == *"input.csv:1: the header is not UTF-8; convert the file first, as with iconv -f latin1 -t utf8"* ]]
	iconv -f latin1 -t utf8 input.csv >right.csv
	run --separate-stderr eg-import csv -t t -y potência right.csv
	is "$status:$output" "0:potência:2024-01-01T00:00:00:1"
	# Another column's name does not matter where the wanted ones are there.
	import 't,pot\xeancia,v\n2024-01-01,1,2\n' -t t -y v
	is "$status:$output" "0:v:2024-01-01T00:00:00:2"
	import 't,potência\n2024-01-01,1\n' -t t -y v
	[[ $status -eq 65 && $stderr == *"no column is named 'v'"* ]]
}

@test "what a terminal would obey is in no message" {
	printf 't,v\n\x9b31m\xc2\x9b31m\x1b[31mcaf\xc3\xa9,1\n' >$'evil\x9b\xc2\x9b.csv'
	run --separate-stderr eg-import csv -t t -y v evil*.csv
	is "$status" 65
	is "$stderr" "eg-import: warning: evil  .csv:2: not an ISO 8601 date and time: '?31m?31m?[31mcafé,1'"
}

@test "NUL bytes, UTF-16 and a line of 1 MB are refused without harm" {
	printf 't,v\n2024-01-01,1\0\n2024-\00001-02,2\n' >nul.csv
	run --separate-stderr eg-import csv -t t -y v nul.csv
	is "$status:$output" 65:
	printf '\xff\xfet\0,\0v\0\n\0' >wide.csv
	run --separate-stderr eg-import csv -t t -y v wide.csv
	is "$status:$output" 65:
	[[ $stderr == *"wide.csv:1: this is UTF-16"* ]]
	{ echo t,v; head -c 1000000 /dev/zero | tr '\0' ,; echo; echo 2024-01-01,1; } >long.csv
	run --separate-stderr eg-import csv -t t -y v long.csv
	is "$status:$output" "65:v:2024-01-01T00:00:00:1"
	[[ $stderr == *"long.csv:2: 1000001 columns where 2 are wanted: ',,,"* ]]
}

@test "-v prints the counters" {
	import 't,v\n2024-01-01,1\nx,1\n2025-01-01,1\n' -t t -y v -v -T 2025-01-01
	is "${stderr_lines[1]}" "eg-import: info: 3 rows: 1 records, 1 rows outside --from and --to, 1 refused"
}

@test "a full standard output is an error, not a silent loss" {
	printf 't,v\n2024-01-01,1\n' >x.csv
	for options in '' -s -u -su; do
		run --separate-stderr bash -c 'eg-import csv -t t -y v $0 x.csv >/dev/full' "$options"
		is "$status" 74
		is "$stderr" "eg-import: fatal: cannot write to standard output: No space left on device"
	done
	run --separate-stderr bash -c 'eg-import --help >/dev/full'
	is "$status" 74
}

@test "a reader that goes away ends it quietly" {
	{ echo t,v; yes 2024-01-01,1 | head -n 200000; } >x.csv
	run --separate-stderr bash -c 'eg-import csv -t t -y v x.csv | head -n 1; exit "${PIPESTATUS[0]}"'
	is "$status:$output:$stderr" "74:v:2024-01-01T00:00:00:1:"
}

@test "a file that cannot be read is told before anything is written" {
	printf 't,v\n2024-01-01,1\n' >x.csv
	run --separate-stderr eg-import csv -t t -y v x.csv missing.csv
	is "$status:$output" 74:
	is "$stderr" "eg-import: fatal: cannot open 'missing.csv': No such file or directory"
	run --separate-stderr eg-import csv -t t -y v .
	is "$status:$stderr" "74:eg-import: fatal: cannot read '.': Is a directory"
}

@test "a time zone that does not exist is a wrong configuration" {
	for zone in Europe/Roma ../../etc/passwd CET-1CEST Europe ''; do
		import 't,v\n2024-01-01,1\n' -t t -y v -z "$zone"
		is "$status:$output" 78:
		is "$stderr" "eg-import: fatal: no such time zone: '$zone'"
	done
}

@test "wrong usage is one line and 64" {
	refused() {
		run --separate-stderr eg-import "$@"
		is "$status:$output" 64:
		is "${#stderr_lines[@]}" 1
		[[ $stderr == "eg-import: fatal: "*"; see eg-import --help" ]]
	}
	refused
	refused xml
	refused --nonsense csv
	refused csv -t
	refused csv -y v
	refused csv -t t
	refused csv -t t -y v -S a -c b
	refused csv -t t -y v -U kWh
	refused csv -t t -y v -U kWh:W
	refused csv -t t -y v -x 6
	refused csv -t t -y v -d x
	refused shelly-em3 -t t
	refused shelly-em3 -U kWh:Wh
}

@test "--help and --version answer on standard output" {
	run --separate-stderr eg-import --help
	is "$status:${lines[0]}:$stderr" "0:usage: eg-import [options] shelly-em3 [FILE ...]:"
	run --separate-stderr eg-import -V
	[[ $status:$output:$stderr =~ ^0:eg-import\ [0-9.]+:$ ]]
}

@test "numbers with a sign behind, in parentheses or in groups of two, and dates of weeks are refused" {
	import 't,v\n1700000000,5-\n1700000001,(5)\n1700000002,"1,23,456"\n1700000003,"123,456"\n' \
		--thousands , -F epoch -t t -y v -S s
	[ "$status" -eq 65 ]
	[ "$output" = "s:2023-11-14T22:13:23:123456" ]
	[[ $stderr == *"3 rows refused: not a decimal number"* ]]
	import 't,v\n2024-W03-1,5\n' --tz UTC -t t -y v -S s
	[ "$status" -eq 65 ]
	[ -z "$output" ]
	import 't,v\n2024-W03-1,5\n' --tz UTC -F %G-W%V-%u -t t -y v -S s
	[ "$status" -eq 64 ]
}
