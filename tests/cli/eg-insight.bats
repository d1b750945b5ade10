#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What eg-insight computes from a store: known sums, late readings, days of the local clock.
# Needs no server.
# shellcheck disable=SC2154,SC2164 # bats sets stderr; cd fails the test
bats_require_minimum_version 1.5.0
load is
load ../wait

setup() {
	PATH="$EG_BIN:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	cd "$BATS_TEST_TMPDIR"
	printf '%s\n' 'roof W pv' 'house W house' 'plug kWh device' >meters
	printf '%s\n' 'zone Europe/Rome' 'price all 0.25' >tariff
}

# power SENSOR W FROM TO: a reading each 10 minutes, TO included.
power() {
	/usr/bin/python3 -c 'import sys
from datetime import *
t, end = (datetime.fromisoformat(a) for a in sys.argv[3:])
while t <= end:
    print(f"{sys.argv[1]}:{t:%Y-%m-%dT%H:%M:%S}:{sys.argv[2]}")
    t += timedelta(minutes=10)' "$@"
}

@test "hours and days of the local clock have known sums, and what is made has no cost" {
	{ power house 1000 2026-03-27T00:00 2026-03-30T00:00
		power roof 500 2026-03-27T00:00 2026-03-30T00:00
		printf '%s\n' plug:2026-03-27T00:00:00:10 plug:2026-03-30T00:00:00:82; } |
			eg-store a.db >/dev/null
	run --separate-stderr eg-insight -M meters -t tariff -f 2026-03-28 -e 1d a.db
	# 29 March has 23 hours in Rome, and begins at 23:00 UTC; the readings end at 02:00 there.
	is "$(sort <<<"$output")" 'house_cost:2026-03-27T23:00:00:6
house_cost:2026-03-28T23:00:00:5.75
house_cost:2026-03-29T22:00:00:0.5
house_kwh:2026-03-27T23:00:00:24
house_kwh:2026-03-28T23:00:00:23
house_kwh:2026-03-29T22:00:00:2
plug_cost:2026-03-27T23:00:00:6
plug_cost:2026-03-28T23:00:00:5.75
plug_cost:2026-03-29T22:00:00:0.5
plug_kwh:2026-03-27T23:00:00:24
plug_kwh:2026-03-28T23:00:00:23
plug_kwh:2026-03-29T22:00:00:2
roof_kwh:2026-03-27T23:00:00:12
roof_kwh:2026-03-28T23:00:00:11.5
roof_kwh:2026-03-29T22:00:00:1'
	[[ $status -eq 0 && -z $stderr ]]
	run --separate-stderr eg-insight -M meters -t tariff -f 2026-03-28 a.db
	is "$(grep -c 'house_kwh:.*:1$' <<<"$output")" 49
	is "$(grep -c 'house_cost:.*:0.25$' <<<"$output")" 49
}

@test "what is late is counted by the next run, and a run again changes nothing" {
	power house 1000 2026-03-01T00:00 2026-03-02T10:00 | eg-store a.db >/dev/null
	power house 1000 2026-03-02T14:00 2026-03-03T00:00 | eg-store a.db >/dev/null
	insight() { eg-insight -f 2026-03-02 -e 1d a.db -- eg-store days.db; }
	insight
	# The last reading before the gap of four hours adds nothing.
	is "$(eg-store days.db dump)" house_kwh:2026-03-02T00:00:00:20
	power house 1000 2026-03-02T10:00 2026-03-02T14:00 | eg-store a.db >/dev/null
	insight
	insight
	is "$(eg-store days.db dump)" house_kwh:2026-03-02T00:00:00:24
}

@test "without --from it is today and the three days before" {
	local day
	for day in 0 1 2 3 4; do echo "a:$(date -u -d "$day days ago" +%F)T00:00:00:1"; done | eg-store a.db >/dev/null
	echo 'a inc-kWh device' >meters
	run --separate-stderr eg-insight -M meters -e 1d a.db
	is "$(wc -l <<<"$output")" 4
	is "${lines[0]}" "a_kwh:$(date -u -d '3 days ago' +%F)T00:00:00:1"
}

@test "--until leaves out later readings, and the default of --from is three days before it" {
	power house 1000 2026-03-01T00:00 2026-03-10T00:00 | eg-store a.db >/dev/null
	eg-insight --until '2026-03-06 14:20' a.db >got
	is "$(head -n 1 got)" house_kwh:2026-03-03T00:00:00:1
	is "$(tail -n 1 got)" house_kwh:2026-03-06T14:00:00:0.333333
	is "$(eg-insight -z Europe/Rome -u '2026-03-06 14:20' -f 2026-03-06 a.db | tail -n 1)" \
		house_kwh:2026-03-06T13:00:00:0.333333
	run --separate-stderr eg-insight -u 2026-03-06 -f 2026-03-07 a.db
	[[ $status -eq 64 && -z $output && $stderr == *"--until: '2026-03-06' is before the first day"* ]]
}

@test "a register that was away for days keeps its energy when only its end is computed again" {
	# 1 kWh each hour; no reading from 3 March, 01:00, until 5 March, 20:00.
	echo 'k kWh device' >meters
	/usr/bin/python3 -c 'from datetime import *
for h in range(24 * 9):
    if not 49 <= h < 116:
        print(f"k:{datetime(2026, 3, 1) + timedelta(hours=h):%Y-%m-%dT%H:%M:%S}+00:00:{h}")
        print(f"new:{datetime(2026, 3, 6) + timedelta(hours=h):%Y-%m-%dT%H:%M:%S}:{h}")' | eg-store a.db >/dev/null
	for day in 01 02 03 04 05 06; do
		run --separate-stderr eg-insight -M meters -e 1d -f 2026-03-$day a.db
		[[ $status -eq 0 && $output == *"k_kwh:2026-03-06T00:00:00:24"* ]]
		is "${lines[0]}" "k_kwh:2026-03-${day}T00:00:00:24"
	done
	printf '%s\n' '* kWh device' >meters
	eg-insight -M meters -e 1d -f 2026-03-05 a.db -- eg-store days.db
	is "$(eg-store days.db get k_kwh:2026-03-05T00:00:00)" k_kwh:2026-03-05T00:00:00:24
	is "$(eg-store days.db range new_kwh | head -n 1)" new_kwh:2026-03-06T00:00:00:24
}

@test "prices by the quarter-hour are a series, and cost what is used in each" {
	printf '%s\n' 'zone Europe/Rome' 'price all dynamic * 2 + 0.1' 'fee day 2.40' 'vat 25' >dynamic
	power house 1000 2026-03-01T00:00 2026-03-01T02:00 | eg-store a.db >/dev/null
	printf 'nl:2026-03-01T%s\n' 00:00:00:0.1 00:15:00:0.2 00:30:00:0.3 00:45:00:-0.1 01:00:00:0.5 02:30:00:0.7 >prices
	# One of a day before does not count here, and 02:30 is later than all energy.
	echo nl:2026-02-27T00:00:00:9 >>prices
	run --separate-stderr eg-insight -M meters -t dynamic -p prices -f 2026-03-01 a.db
	# 0.25 kWh * (2 * price + 0.1) * 1.25 of each quarter.
	is "$(sort <<<"$output")" 'house_cost:2026-03-01T00:00:00:0.4375
house_cost:2026-03-01T01:00:00:1.375
house_fee_day:2026-02-28T23:00:00:3
house_kwh:2026-03-01T00:00:00:1
house_kwh:2026-03-01T01:00:00:1
price:2026-03-01T00:00:00:0.375
price:2026-03-01T00:15:00:0.625
price:2026-03-01T00:30:00:0.875
price:2026-03-01T00:45:00:-0.125
price:2026-03-01T01:00:00:1.375
price:2026-03-01T01:15:00:1.375
price:2026-03-01T01:30:00:1.375
price:2026-03-01T01:45:00:1.375
price:2026-03-01T02:00:00:1.375
price:2026-03-01T02:15:00:1.375
price:2026-03-01T02:30:00:1.875'
	[[ $status -eq 0 && -z $stderr ]]
	run --separate-stderr eg-insight -M meters -t dynamic -p prices -e 1d -f 2026-03-01 a.db
	is "$(sort <<<"$output")" 'house_cost:2026-02-28T23:00:00:1.8125
house_fee_day:2026-02-28T23:00:00:3
house_kwh:2026-02-28T23:00:00:2'
	# Bands have a price as well; a file that nothing uses is refused, as by eg-tariff.
	run --separate-stderr eg-insight -M meters -t tariff -p /dev/null -f 2026-03-01 a.db
	[[ $status -eq 0 && -z $stderr && $(grep -c '^price:2026-03-01T0[01]:..:00:0.25$' <<<"$output") -eq 8 ]]
	run --separate-stderr eg-insight -t tariff -p prices -f 2026-03-01 a.db
	[[ $status -eq 64 && $stderr == *"no dynamic price"* ]]
	# Without a price energy stays, and what it costs is refused.
	run --separate-stderr eg-insight -M meters -t dynamic -p /dev/null -f 2026-03-01 a.db
	[[ $status -eq 65 && $output == *house_kwh:2026-03-01T01:00:00:1* && $output != *price:* &&
		-n $stderr ]]
	run --separate-stderr eg-insight -t dynamic -p nowhere a.db
	[[ $status -eq 78 && $stderr == *"cannot read 'nowhere'"* ]]
	run --separate-stderr eg-insight -p prices a.db
	[[ $status -eq 64 && $stderr == *"--price needs the --tariff"* ]]
	echo nonsense >>prices
	run --separate-stderr eg-insight -t dynamic -p prices a.db
	echo "$status $stderr"
	[[ $status -ne 0 && -n $stderr ]]
}

@test "a table may end its lines in CRLF, prices may have comments and offsets, and files may be pipes" {
	printf 'zone Europe/Rome\r\nprice all dynamic\r\n' >crlf
	power house 1000 2026-03-01T00:00 2026-03-01T01:00 | eg-store a.db >/dev/null
	printf '%s\n' '# fetched at 2026-02-28 12:00:00 from the exchange' nl:2026-03-01T00:30:00Z:0.3 \
		nl:2026-03-01T01:00:00+01:00:0.1 nl:2026-02-28T19:15:00-05:00:0.2 \
		nl:2026-03-01T00:45:00:0.4 >prices
	run --separate-stderr eg-insight -M meters -t crlf -p prices -f 2026-03-01 a.db
	[[ $status -eq 0 && -z $stderr ]]
	is "$output" 'house_kwh:2026-03-01T00:00:00:1
house_cost:2026-03-01T00:00:00:0.25
price:2026-03-01T00:00:00:0.1
price:2026-03-01T00:15:00:0.2
price:2026-03-01T00:30:00:0.3
price:2026-03-01T00:45:00:0.4'
	local whole=$output
	run --separate-stderr eg-insight -M <(cat meters) -t <(cat crlf) -p <(cat prices) \
		-f 2026-03-01 a.db
	[[ $status -eq 0 && -z $stderr ]]
	is "$output" "$whole"
}

@test "a day that has no midnight begins at its first instant" {
	printf '%s\n' a:2024-10-05T12:00:00:1 a:2024-10-06T03:00:00:2 a:2024-10-06T04:00:00:4 |
		eg-store a.db >/dev/null
	echo 'a inc-kWh device' >meters
	run --separate-stderr eg-insight -M meters -e 1d -z America/Asuncion -f 2024-10-06 a.db
	is "$output" a_kwh:2024-10-06T04:00:00:4
}

@test "export is apart with --sign" {
	{ power grid 600 2026-03-02T00:00 2026-03-02T01:00
		power grid -300 2026-03-02T01:00 2026-03-02T02:00; } |
		eg-store a.db >/dev/null
	run --separate-stderr eg-insight -s -e 1d -f 2026-03-02 a.db
	is "$output" $'grid_kwh:2026-03-02T00:00:00:0.6\ngrid_export_kwh:2026-03-02T00:00:00:0.3'
}

@test "a slot without a price is refused with 65, and its energy stays" {
	power house 1000 2026-03-02T00:00 2026-03-02T01:00 | eg-store a.db >/dev/null
	printf 'from 2027-01-01\nprice all 1\n' >tariff
	run --separate-stderr eg-insight -t tariff -f 2026-03-02 a.db
	[[ $status -eq 65 && $output == house_kwh:2026-03-02T00:00:00:1 && -n $stderr ]]
}

@test "the status of a command, of a full output and of a store that is not there" {
	power house 1000 2026-03-02T00:00 2026-03-02T01:00 | eg-store a.db >/dev/null
	run eg-insight -f 2026-03-02 a.db -- sh -c 'cat >/dev/null; exit 75'
	[[ $status -eq 75 ]]
	run bash -c 'eg-insight -f 2026-03-02 a.db >/dev/full'
	[[ $status -eq 74 && $output == 'eg-insight: fatal: cannot write to standard output: No space left on device' ]]
	run --separate-stderr eg-insight -f 2026-03-02 a.db -- nosuchcmd --option
	[[ $status -eq 78 && -z $output ]]
	is "$stderr" "eg-insight: fatal: cannot run 'nosuchcmd': not found, or not executable"
	TMPDIR=/nonexistent run --separate-stderr eg-insight a.db
	[[ $status -eq 74 && $stderr == "eg-insight: fatal: cannot make a folder in '/nonexistent'" ]]
	run --separate-stderr eg-insight none.db -- touch called
	[[ $status -eq 78 && $stderr == *none.db* && ! -e called ]]
	run --separate-stderr eg-insight -z Nowhere/X a.db -- touch called
	[[ $status -eq 78 && $stderr == *Nowhere/X* && ! -e called ]]
}

@test "a signal ends the command, too, and then eg-insight, with 75" {
	power house 1000 2026-03-02T00:00 2026-03-02T01:00 | eg-store a.db >/dev/null
	# shellcheck disable=SC2016 # the inner shell expands
	eg-insight -f 2026-03-02 a.db -- sh -c 'cat >/dev/null; echo $$ >new; mv new started; exec sleep 600' &
	local pid=$! rc=0
	wait_until test -e started
	kill "$pid"
	wait_until gone "$(<started)"
	wait "$pid" || rc=$?
	is "$rc" 75
}

@test "a tool that fails ends it with 74" {
	power house 1000 2026-03-02T00:00 2026-03-02T01:00 | eg-store a.db >/dev/null
	mkdir tools
	printf '#!/bin/sh\nexit 2\n' >tools/awk
	chmod +x tools/awk
	PATH=$PWD/tools:$PATH run eg-insight -f 2026-03-02 a.db -- touch called
	[[ $status -eq 74 && ! -e called && $output == *'eg-insight: fatal: a tool has failed' ]]
	PATH=$PWD/tools:$PATH run --separate-stderr eg-summary -a 2026-03-03 a.db
	[[ $status -eq 74 && -z $output && $stderr == *'fatal: a tool has failed' ]]
}

@test "wrong usage is one line and 64; a table that does not fit is 78" {
	local args
	power house 1000 2026-03-02T00:00 2026-03-02T01:00 | eg-store a.db >/dev/null
	while IFS= read -r args; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr eg-insight $args
		[[ $status -eq 64 && -z $output && ${#stderr_lines[@]} -eq 1 ]] || { echo "$args: $status $stderr"; return 1; }
	done <<-'END'

		--nonsense a.db
		a.db b.db
		-e 2h a.db
		-f
		-f nonsense a.db
		a.db --
	END
	printf 'round month 0.01\nprice all 1\n' >tariff
	run --separate-stderr eg-insight -t tariff a.db
	[[ $status -eq 78 && $stderr == *tariff*rounds* ]]
	printf 'zone Europe/Rome\nprice all 1\n' >tariff
	run --separate-stderr eg-insight -t tariff -z UTC a.db
	[[ $status -eq 78 && $stderr == *Europe/Rome* ]]
	run --separate-stderr eg-insight -t none a.db
	[[ $status -eq 78 && $stderr == *none* ]]
}
