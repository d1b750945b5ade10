#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The rules of eg-energy on small inputs. Needs no server.
# shellcheck disable=SC2154,SC2164 # bats sets stderr; cd fails the test
bats_require_minimum_version 1.5.0

load ../wait.bash
load is

setup() {
	PATH="$EG_BIN:$PATH"
	cd "$BATS_TEST_TMPDIR"
}

# Runs eg-energy with the arguments; standard input is $1, times without their 2026-01-01T.
energy() {
	printf '%b' "$1" | sed -E 's/^([^:#]+):([0-9]{2}:[0-9]{2}:)/\1:2026-01-01T\2/' >in
	shift
	run --separate-stderr eg-energy "$@" <in
	output=${output//2026-01-01T/}
}

# The output is these lines, and the status 0.
gives() {
	is "$output" "$(printf '%s\n' "$@")"
	is "$status" 0
}

@test "power stands until the next reading, and is split at the border of a slot" {
	energy 'a:00:50:00:1200\na:01:10:00:600\na:01:20:00:0\n' -e 1h -g 20m
	gives a_kwh:00:00:00:0.2 a_kwh:01:00:00:0.3
	energy 'a:00:50:00:1.2\na:01:10:00:0.6\na:01:20:00:0\n' -e 1h -g 20m --from kW
	gives a_kwh:00:00:00:0.2 a_kwh:01:00:00:0.3
}

@test "the trapezoid follows the line between two readings" {
	energy 'a:00:50:00:1200\na:01:10:00:600\na:01:20:00:0\n' -e 1h -g 20m --rule trapezoid
	gives a_kwh:00:00:00:0.175 a_kwh:01:00:00:0.175
}

@test "readings further apart than the gap: nothing is known between them" {
	energy 'a:00:00:00:1000\na:00:15:00:1000\na:00:30:01:1000\na:00:40:00:0\n' -e 1h --covered
	gives a_kwh:00:00:00:0.416389 a_covered:00:00:00:1499
	energy 'a:00:00:00:1000\na:00:20:00:1000\n' -e 1h --covered
	gives
	energy 'a:00:00:00:1000\n' -e 1h --covered
	gives
	energy '' -e 1h
	gives
}

@test "the covered time has fractions of a second" {
	energy 'a:00:00:00.25:1000\na:00:00:01:0\n' -e 1h --covered --digits 9
	gives a_kwh:00:00:00:0.000208333 a_covered:00:00:00:0.75
}

@test "registers: the steps, spread evenly; parts add up to the last digit" {
	energy 'a:00:00:00:5\na:03:00:00:6\na:03:10:00:6.5\n' --from kWh -e 1h --covered
	gives a_kwh:00:00:00:0.333333 a_covered:00:00:00:0 a_kwh:01:00:00:0.333333 \
		a_covered:01:00:00:0 \
		a_kwh:02:00:00:0.333334 a_covered:02:00:00:0 a_kwh:03:00:00:0.5 a_covered:03:00:00:600
	energy 'a:00:00:00:5\na:03:00:00:6\n' --from kWh -e 1h --digits 2
	gives a_kwh:00:00:00:0.33 a_kwh:01:00:00:0.33 a_kwh:02:00:00:0.34
	energy 'a:00:00:00:5000\na:00:30:00:6234.5\n' --from Wh
	gives a_kwh:00:00:00:1.2345
	energy 'a:00:00:00:10\na:01:00:00:12\na:02:00:00:13\n' --from pulse:75 -e 1h
	gives a_kwh:00:00:00:0.026667 a_kwh:01:00:00:0.013333
}

@test "increments count in the slot of their time, and only there" {
	energy 'a:00:50:00:200\na:01:00:00:300.5\na:01:50:00:-1\n' --from inc-Wh -e 1h --covered
	gives a_kwh:00:00:00:0.2 a_covered:00:00:00:600 a_kwh:01:00:00:0.2995 a_covered:01:00:00:0
	energy 'a:00:00:00:1\na:02:00:00:2\n' --from inc-kWh -e 1h -g 3h --covered
	gives a_kwh:00:00:00:1 a_covered:00:00:00:3600 a_kwh:02:00:00:2 a_covered:02:00:00:0
}

@test "the same key again replaces; what is older is refused" {
	energy 'a:00:00:00:1\na:00:00:00:600\na:00:05:00:0\na:00:04:59:9999\na:00:10:00:0\n' --rejects rejects
	is "$output" a_kwh:00:00:00:0.05
	[[ $status -eq 65 && $stderr == *"line 4: older than the reading before it"* ]]
	is "$(cat rejects)" "# line 4: older than the reading before it of the same sensor
a:2026-01-01T00:04:59:9999"
	energy 'a:00:00:00:1\na:01:00:00:900\na:01:00:00:2\na:02:00:00:3\n' --from kWh
	gives a_kwh:00:00:00:2
	[[ -z $stderr ]]
}

@test "--sign parts what is below 0 from what is above" {
	energy 'a:00:00:00:1200\na:00:10:00:-600\na:00:20:00:0\n' --sign
	gives a_kwh:00:00:00:0.2 a_export_kwh:00:00:00:0.1
	energy 'a:00:00:00:1200\na:00:15:00:-600\n' --sign --rule trapezoid
	gives a_kwh:00:00:00:0.1 a_export_kwh:00:00:00:0.025
	energy 'a:00:00:00:1200\na:00:15:00:-600\n' --rule trapezoid
	gives a_kwh:00:00:00:0.075
	energy 'a:00:00:00:3\na:00:15:00:-1\n' --sign --from inc-kWh
	gives a_kwh:00:00:00:3 a_export_kwh:00:00:00:1
	energy 'a:00:00:00:1200\na:00:10:00:-600\na:00:20:00:0\n'
	gives a_kwh:00:00:00:0.1
}

@test "--sign with trapezoid is exact where the power is 0 between two nanoseconds" {
	# 0 after 300 s / 700: 100 * 100 * 3000 / 700 / 2 Ws up to there.
	energy 'a:00:00:00:100000000\na:00:00:01:-600000000\n' --sign --rule trapezoid --digits 18
	gives a_kwh:00:00:00:1.984126984126984127 a_export_kwh:00:00:00:71.428571428571428571
	# Over a border, in both directions; both together are the step as it is without --sign.
	energy 'a:00:59:59:-0.000001\na:01:00:02:0.000002\n' -e 1h --sign --rule trapezoid --digits 18
	gives a_kwh:00:00:00:0 a_export_kwh:00:00:00:0.000000000000138889 \
		a_kwh:01:00:00:0.000000000000555556 a_export_kwh:01:00:00:0
}

@test "--sign does nothing to registers" {
	energy 'a:00:00:00:1\na:00:10:00:3\n' --sign --from kWh
	gives a_kwh:00:00:00:2
}

@test "two sensors whose results would have one name: the second is refused" {
	local two='x:00:00:00:-6\nx_export:00:00:00:6\nx:00:10:00:-6\nx_export:00:10:00:6\n'
	energy "$two" --sign
	is "$output" "$(printf 'x_kwh:00:00:00:0\nx_export_kwh:00:00:00:0.001')"
	[[ $status -eq 65 && $stderr == *"line 2: its results would have the name of another sensor's; see --name: 'x_export:"* ]]
	energy "x_export:00:00:00:6\n$two" --sign
	is "$output" "$(printf 'x_export_kwh:00:00:00:0.001\nx_export_export_kwh:00:00:00:0')"
	[[ $status -eq 65 && $stderr == *"'x:2"* ]]
	energy "${two//export/covered}" --covered --name %
	[[ $status -eq 65 && $stderr == *"'x_covered:"* ]]
	# Of other kinds, or without the option, there is no such result.
	energy "$two"
	[[ $status -eq 0 ]]
	energy 'x:00:00:00:1\nx_export:00:00:00:6\n' --from kWh --sign
	[[ $status -eq 0 ]]
	energy '' --covered --name %_covered
	[[ $status -eq 64 && $stderr == *"--covered has the same name"* ]]
}

@test "--whole leaves out the slots of the first and of the last reading" {
	local in=
	for h in 00 01 02 03; do
		in+="a:$h:30:00:1000\nb:$h:00:00:1000\n"
	done
	energy "$in" -e 1h -g 1h --whole
	gives a_kwh:01:00:00:1 a_kwh:02:00:00:1 b_kwh:01:00:00:1 b_kwh:02:00:00:1
	energy 'a:00:10:00:1\na:00:50:00:1\n' -e 1h -g 1h --whole
	gives
}

@test "--meters: the first line that matches gives the kind, other kinds are passed over" {
	printf '%s\n' 'dsmr/power W grid' 'dsmr/gas* m3 none' 'dsmr/* kWh grid-import' 'imp pulse:100 device' >meters
	energy 'dsmr/power:00:00:00:1200\ndsmr/t1:00:00:00:5\ndsmr/gas:00:00:00:7\nimp:00:00:00:1
dsmr/power:00:10:00:0\ndsmr/t1:00:10:00:5.5\ndsmr/gas:00:10:00:8\nimp:00:10:00:2\nx:00:10:00:2\n' \
	--meters meters
	gives dsmr/power_kwh:00:00:00:0.2 dsmr/t1_kwh:00:00:00:0.5 imp_kwh:00:00:00:0.01
	is "$stderr" "eg-energy: warning: 1 sensors match no line of 'meters' and were passed over; --from gives them a kind"
	energy 'imp:00:00:00:1\nx:00:00:00:2000\nimp:00:10:00:2\nx:00:10:00:0\n' --meters meters --from W
	gives imp_kwh:00:00:00:0.01 x_kwh:00:00:00:0.333333
	[[ -z $stderr ]]
	energy '' --meters nowhere
	[[ $status -eq 78 && $stderr == *nowhere* ]]
}

@test "--name names the results, which are names of sensors" {
	energy 'a:00:00:00:1\n' --from inc-kWh --name 'energy/%/day'
	gives energy/a/day:00:00:00:1
	energy "$(printf 'a%.0s' {1..252}):00:00:00:1\nb:00:00:00:1\n" --from inc-kWh
	is "$output" b_kwh:00:00:00:1
	[[ $status -eq 65 && $stderr == *"line 1: the name of the result has more than 255 bytes"* ]]
	energy "$(printf 'a%.0s' {1..248}):00:00:00:1\n" --from inc-kWh --name % --covered
	is "$status" 65
	energy "$(printf 'a%.0s' {1..247}):00:00:00:1\n" --from inc-kWh --name % --covered
	is "$status" 0
	for bad in x '' '%%' 'a:%' '#%' $'\001%' "$(printf 'a%.0s' {1..256})%"; do
		energy '' --name "$bad"
		[[ $status -eq 64 && $stderr == *--name* ]]
	done
}

@test "a register's events are named: 20 of them, all with -v" {
	local i in=
	for i in {10..34}; do
		in+="a:00:$i:00:100\na:00:$i:30:0\n"
	done
	energy "$in" --from kWh
	gives a_kwh:00:00:00:0
	is "${#stderr_lines[@]}" 22
	is "${stderr_lines[0]}" "eg-energy: warning: 'a' at 2026-01-01T00:10:30: glitch: 0 is left out"
	is "${stderr_lines[21]}" \
		"eg-energy: warning: in all 24 glitches, 0 resets, 0 exchanged meters, 1 undecided; -v names each"
	energy "$in" --from kWh -v
	is "$(grep -c 'glitch: 0' <<<"$stderr")" 24
	[[ $stderr == *"'a' at 2026-01-01T00:34:30: undecided: 0 is not plausible, and no reading follows"* ]]
}

@test "--max-power, --modulus and --reset decide about registers" {
	energy 'a:00:00:00:10\na:01:00:00:12\na:02:00:00:13.4\n' --from kWh --max-power 1500W
	gives a_kwh:00:00:00:1.4
	[[ $stderr == *"exchanged meter: 12 is counted on from"* ]]
	energy 'a:00:00:00:99.5\na:01:00:00:0.25\na:02:00:00:0.5\n' --from kWh --modulus 100
	gives a_kwh:00:00:00:1
	[[ -z $stderr ]]
	energy 'a:00:00:00:99.5\na:00:30:00:5000\na:01:00:00:0.25\na:02:00:00:0.5\n' --from kWh --modulus 100 -v
	gives a_kwh:00:00:00:1
	[[ $stderr == *"glitch: 5000 is left out"*"rollover: 0.25 is behind the modulus"* ]]
	energy 'a:00:00:00:99.5\na:01:00:00:0.25\na:02:00:00:0.5\n' --from kWh
	gives a_kwh:00:00:00:0.5
	energy 'a:00:00:00:99.5\na:01:00:00:0.25\na:02:00:00:0.5\n' --from kWh --reset never
	gives a_kwh:00:00:00:0.25
	energy 'a:00:00:00:-2\na:01:00:00:-0.5\na:02:00:00:0.5\n' --from kWh
	gives a_kwh:00:00:00:2.5
}

@test "values and sums that do not fit are refused, and none wraps" {
	energy 'a:00:00:00:1000000000000\na:00:10:00:-1000000000000\na:00:11:00:1000000000000.1\n' --sign
	[[ $status -eq 65 && $stderr == *"line 3: the value is above 1000000000000"* ]]
	is "$output" "a_kwh:00:00:00:166666666.666667
a_export_kwh:00:00:00:0"
	energy 'a:0001-01-01T00:00:00:1\na:1677-09-21T00:12:44:1\na:2262-04-11T00:00:00:1\n' --from kWh -e 1y
	[[ $status -eq 65 && $stderr == *"line 3: 292 years after the reading before it"* ]]
	# A year of the largest power is far below 2^127.
	energy 'a:2024-01-01T00:00:00:1e12\na:2025-01-01T00:00:00:1e12\n' -e 1y -g 366d --rule trapezoid
	gives a_kwh:2024-01-01T00:00:00:8784000000000
}

@test "days begin at --day-start, months on --month-start" {
	energy 'a:05:59:59:1\na:06:00:00:2\n' --from inc-kWh --day-start 06:00
	gives a_kwh:2025-12-31T06:00:00:1 a_kwh:06:00:00:2
	energy 'a:2026-01-14T23:59:59:1\na:2026-01-15T00:00:00:2\n' --from inc-kWh -e 1mo --month-start 15
	gives a_kwh:2025-12-15T00:00:00:1 a_kwh:2026-01-15T00:00:00:2
}

# Hourly power of 1 kW from two days before to three days after $1.
kilowatt() {
	local i s
	s=$(date -u -d "$1" +%s)
	for ((i = -192; i <= 288; i++)); do
		date -u -d "@$((s + i * 900))" +a:%FT%T:1000
	done
}

@test "days that are not 24 hours long, in eleven zones" {
	local zone day begin hours
	while read -r zone day begin hours; do
		kilowatt "$day" >in
		run -0 eg-energy --covered -z "$zone" <in
		[[ $output == *"a_kwh:$begin:$hours
a_covered:$begin:$(awk "BEGIN { print $hours * 3600 }")"* ]] || { echo "$zone $begin $hours: $output"; return 1; }
	done <<-END
		Africa/Cairo 2024-04-26 2024-04-25T22:00:00 23
		America/Sao_Paulo 2018-11-04 2018-11-04T03:00:00 23
		America/Santiago 2024-09-08 2024-09-08T04:00:00 23
		Asia/Beirut 2024-03-31 2024-03-30T22:00:00 23
		Australia/Lord_Howe 2024-10-06 2024-10-05T13:30:00 23.5
		Australia/Lord_Howe 2024-04-07 2024-04-06T13:00:00 24.5
		Antarctica/Troll 2024-03-31 2024-03-31T00:00:00 22
		Asia/Kathmandu 2024-03-31 2024-03-30T18:15:00 24
		Pacific/Apia 2011-12-29 2011-12-29T10:00:00 24
		Atlantic/Azores 2024-10-27 2024-10-27T00:00:00 25
		America/Havana 2024-11-03 2024-11-03T04:00:00 25
	END
	kilowatt 2011-12-30 >in
	run -0 eg-energy -z Pacific/Apia <in
	[[ $output == *a_kwh:2011-12-29T10:00:00:24*a_kwh:2011-12-30T10:00:00:24* ]]
}

@test "lines that are no records are refused with their number, the others counted" {
	energy 'a:00:00:00:1200\n\nb\n# a comment\na:00:05:00:x\na:00:05:00:1\r\na:00:05:00:1\0\na:00:10:00:0\na:00:10:01:9'
	is "$output" a_kwh:00:00:00:0.2
	is "$status" 65
	[[ $stderr == *"line 3: "*"line 5: "*"line 6: "*"line 7: "*"line 9: "* ]]
}

@test "wrong options are refused before anything is read" {
	while read -r -a args; do
		run --separate-stderr eg-energy "${args[@]}" <<<'x'
		[[ $status -eq 64 && -z $output && $stderr != *"line 1"* ]] || { echo "${args[*]}: $status $stderr"; return 1; }
	done <<-END
		--from m3
		--from pulse:0
		--from kw
		--max-power 60
		--max-power -1kW
		--modulus 0
		--modulus x
		--digits 19
		-g 0
		-g 400d
		-e 7h
		--rule right
		--reset maybe
		--day-start 25:00
		--month-start 29
		file
	END
	run eg-energy -z Nowhere/Land <<<'x'
	is "$status" 78
}

@test "a full disk, a reader that has gone, and a signal" {
	seq -f 'a:2026-01-01T00:00:%02.0f:1' 0 59 >in
	run --separate-stderr bash -c 'eg-energy -e 1s <in >/dev/full'
	[[ $status -eq 74 && $stderr == *"No space left"* ]]
	run --separate-stderr bash -c 'set -o pipefail; yes a:2026-01-01T00:00:00:1 | eg-energy --from inc-kWh | true'
	[[ -z $stderr ]]
	mkfifo fifo
	eg-energy <fifo >out 2>err & pid=$!
	exec 9>fifo
	await 60 asleep "$pid" eg-energy
	kill -TERM "$pid"
	await 60 gone "$pid" || kill -KILL "$pid"
	status=0
	wait "$pid" || status=$?
	exec 9>&-
	[[ $status -eq 75 && ! -s out && $(<err) == *"not all records were read"* ]]
}
