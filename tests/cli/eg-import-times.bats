#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The times that eg-import reads: zones, changes of the clock, forms. Needs no server.
# shellcheck disable=SC2154,SC2164,SC2016 # bats sets stderr; cd fails the test; bash -c expands

bats_require_minimum_version 1.5.0
load import

# The same for one column of local times in Rome and one of values.
rome() {
	import "$1" -t t -y v -z Europe/Rome -F '%d/%m/%Y %H:%M' -S s
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

@test "a day whose midnight was skipped: it begins, and the day before ends, at its first instant" {
	import 't,v\n2018-11-03 23:45,1\n2018-11-03 24:00,2\n2018-11-04 00:00,3\n2018-11-04 01:15,4\n' -t t -y v -z America/Sao_Paulo
	is "$output" "v:2018-11-04T02:45:00:1
v:2018-11-04T03:00:00:2
v:2018-11-04T03:15:00:4"
	is "${stderr_lines[0]}" "eg-import: warning: input.csv:4: no such local time: the clocks were put forward: '2018-11-04 00:00,3'"
	import 't,v\n03/11/2018 24:00,2\n04/11/2018 24:00,5\n' -F '%d/%m/%Y %R' -t t -y v -z America/Sao_Paulo
	is "$output" "v:2018-11-04T03:00:00:2
v:2018-11-05T02:00:00:5"
	import 'd,00:00,23:00,24:00\n2018-11-03,1,2,3\n' --wide -t d -S v -z America/Sao_Paulo
	is "$status:$output" "0:v:2018-11-03T03:00:00:1
v:2018-11-04T02:00:00:2
v:2018-11-04T03:00:00:3"
	import 't,v\n2018-11-03 23:45,1\n2018-11-04,2\n2018-11-04 23:45,3\n2018-11-05,4\n' -t t -y v -z America/Sao_Paulo \
		--from 2018-11-04 --to '2018-11-04 24:00'
	is "$status:$output" "0:v:2018-11-04T03:00:00:2
v:2018-11-05T01:45:00:3"
	import 't,v\n2018-11-04,2\n' -t t -y v -z America/Sao_Paulo --from '2018-11-04 00:30'
	is "$status" 64
	[[ $stderr == *'no such local time'* ]]
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
