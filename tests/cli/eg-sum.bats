#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What eg-sum makes of slots: sums, quotients, longer slots, and what it refuses. Needs no
# server.
# shellcheck disable=SC2154,SC2164,SC2016 # bats sets stderr; cd fails the test; bash -c expands
bats_require_minimum_version 1.5.0
load ../wait
load is

setup() {
	PATH="$EG_BIN:$PATH"
	DATA="${EG_SHARED:-$BATS_TEST_DIRNAME/../../../shared}/data"
	cd "$BATS_TEST_TMPDIR"
}

# sum INPUT ARGUMENT...: the text with \n.
sum() {
	printf '%b' "$1" >input
	shift
	run --separate-stderr eg-sum "$@" <input
}

need_data() {
	if [ ! -e "$DATA/$1" ]; then
		echo "# WARNING: $1 is not there: golden values NOT tested" >&3
		skip "no $DATA/$1 (set EG_SHARED)"
	fi
}

# The ten-minute energy of the three phases, in Wh.
shelly() {
	local phase
	need_data shelly_em3_phaseA.csv
	for phase in A B C; do
		eg-import -su --to 2025-05-19 shelly-em3 "$DATA/shelly_em3_phase$phase.csv" | grep import_wh
	done >shelly.rec
}

dsmr() {
	need_data dsmrreader-hour-2024.csv
	eg-import dsmr-reader "$DATA/dsmrreader-hour-2024.csv" >dsmr.rec
}

# Ten days of two sensors, 1 and 2 a day, from 1 January 2024.
days() {
	local d
	for d in {1..10}; do printf 'a:2024-01-%02dT00:00:00:1\n' "$d"; done
	for d in {1..10}; do printf 'b:2024-01-%02dT00:00:00:2\n' "$d"; done
}

@test "three phases: the highest hour of each month, and the highest ten minutes" {
	shelly
	eg-sum -e 1h 'h = *' <shelly.rec >h
	is "$(wc -l <h)" 8496
	is "$(eg-sum -z Europe/Amsterdam -e 1mo --max --when 'peak = 0.001 * h' <h)" "peak:2024-05-31T11:00:00:1.8142
peak:2024-06-17T21:00:00:5.8884
peak:2024-07-30T21:00:00:5.7886
peak:2024-08-08T21:00:00:5.8512
peak:2024-09-05T21:00:00:6.0255
peak:2024-10-02T21:00:00:4.4326
peak:2024-11-03T11:00:00:3.4434
peak:2024-12-11T13:00:00:2.6434
peak:2025-01-14T11:00:00:3.1032
peak:2025-02-04T08:00:00:2.9733
peak:2025-03-09T15:00:00:3.01
peak:2025-04-09T06:00:00:2.8336
peak:2025-05-16T00:00:00:5.5699"
	is "$(eg-sum -e all --max --when 'w = 6 * *_wh' <shelly.rec)" "w:2024-08-21T20:50:00:9000"
}

@test "base load: the 5 % quantile of 8496 hours is 242.00 W" {
	shelly
	is "$(eg-sum -e 1h 'h = *' <shelly.rec | eg-sum -e all -p 5 'base = h')" "base:2024-05-30T00:00:00:242"
}

@test "months of a phase in their zone" {
	shelly
	is "$(eg-sum -z Europe/Amsterdam -e 1mo 'a = 0.001 * *A/import_wh' <shelly.rec | sed -n '1p;6p;11p')" \
		"a:2024-04-30T22:00:00:5.0707
a:2024-09-30T22:00:00:146.8399
a:2025-02-28T23:00:00:123.9109"
}

@test "a budget of 900 is passed on 2024-12-25 with 901.97850" {
	dsmr
	printf 'price all 0.25\nzone Europe/Amsterdam\n' >flat
	eg-tariff flat 'dsmr/import_*' <dsmr.rec | eg-sum -z Europe/Amsterdam -e 1d -r 'spent = *_cost' >spent
	is "$(awk -F: '$5 > 900 { print; exit }' spent)" "spent:2024-12-24T23:00:00:901.9785"
}

@test "the mean price paid is a quotient of sums: 0.226088788" {
	dsmr
	printf 'zone Europe/Amsterdam\nprice all dynamic\n' >t.conf
	/usr/bin/python3 -c 'from datetime import *; from zoneinfo import ZoneInfo
zone = ZoneInfo("Europe/Amsterdam")
t = datetime(2023, 12, 31, 23, tzinfo=timezone.utc)
while t.year < 2025:
    print(f"p:{t:%Y-%m-%dT%H:%M:%S}:0.{10 + t.astimezone(zone).hour}")
    t += timedelta(hours=1)' >prices
	eg-tariff -p prices t.conf 'dsmr/import_*' <dsmr.rec >cost
	cat cost dsmr.rec | eg-sum -z Europe/Amsterdam -e 1y 'paid = *_cost / dsmr/import_*_kwh' 'cost = *_cost' >out
	is "$(cat out)" "paid:2023-12-31T23:00:00:0.226088788
cost:2023-12-31T23:00:00:846.27995"
	eg-tariff -c -p prices <(sed 's/dynamic/dynamic * 0.5/' t.conf) 'dsmr/export_*' <dsmr.rec >credit
	is "$(cat cost credit | eg-sum -z Europe/Amsterdam -e 1y 'net = *_cost - *_credit')" "net:2023-12-31T23:00:00:597.37042"
}

@test "weeks have 167 and 169 hours" {
	dsmr
	is "$(eg-sum -z Europe/Amsterdam -e 1w 'week = dsmr/import_*' <dsmr.rec | grep -E '2024-(03-17|03-24|10-20|10-27)')" \
		"week:2024-03-17T23:00:00:73.025
week:2024-03-24T23:00:00:56.878
week:2024-10-20T22:00:00:80.992
week:2024-10-27T23:00:00:98.515"
}

@test "sums, differences, factors and globs" {
	in='a1:2024-01-01T00:00:00:1.5\na2:2024-01-01T00:00:00:2\nb:2024-01-01T00:00:00:0.25\n'
	sum "$in" 'x = a1 + a2 - b' 'y = a* - 2 * b' 'z = - b' 'w = a1 / b' 'v = b - b'
	is "$status$stderr" 0
	is "$output" "x:2024-01-01T00:00:00:3.25
y:2024-01-01T00:00:00:3
z:2024-01-01T00:00:00:-0.25
w:2024-01-01T00:00:00:6
v:2024-01-01T00:00:00:0"
}

@test "a quotient has nine digits, or as many as are asked for; by 0 it gives no record" {
	in='a:2024-01-01T00:00:00:2\nb:2024-01-01T00:00:00:3\na:2024-01-01T01:00:00:2\nb:2024-01-01T01:00:00:0\n'
	sum "$in" 'x = a / b'
	is "$status:$stderr:$output" "0::x:2024-01-01T00:00:00:0.666666667"
	sum "$in" --digits 18 -e 1d 'x = a / - b'
	is "$output" "x:2024-01-01T00:00:00:-1.333333333333333333"
	sum "$in" -v 'x = a / b'
	[[ $stderr == *"1 results left out: a division by 0"* ]]
}

@test "a slot comes when all members are there, or those that are missing are zero" {
	in='a:2024-01-01T00:00:00:1\na:2024-01-01T01:00:00:2\nb:2024-01-01T01:00:00:4\nb:2024-01-01T02:00:00:8\n'
	sum "$in" 'x = a + b'
	is "$output" "x:2024-01-01T01:00:00:6"
	sum "$in" 'x = ?'
	is "$output" "x:2024-01-01T01:00:00:6"
	sum "$in" --missing zero 'x = a + b'
	is "$output" "x:2024-01-01T00:00:00:1
x:2024-01-01T01:00:00:6
x:2024-01-01T02:00:00:8"
	sum "$in" 'x = a + c'
	is "$status:$output" "0:"
	is "$stderr" "eg-sum: warning: x: no record of 'c' came"
}

@test "the order of sensors changes nothing, and what came out may come in again" {
	days >input
	eg-sum -e 1w 'sum = a + b' 'all = *' <input >one
	tac input | sort -s -t: -k2,2 | eg-sum -e 1w 'sum = a + b' 'all = *' >two
	cmp one two
	cat input one | eg-sum -e 1w 'sum = a + b' 'all = *' >three
	cmp one three
	is "$(cat one)" "sum:2024-01-01T00:00:00:21
sum:2024-01-08T00:00:00:9
all:2024-01-01T00:00:00:21
all:2024-01-08T00:00:00:9"
}

@test "the same key twice: the later one counts; an older one is refused" {
	sum 'a:2024-01-01T00:00:00:1\na:2024-01-01T00:00:00:5\nb:2024-01-01T00:00:00:2\n' 'x = a + b'
	is "$status:$output" "0:x:2024-01-01T00:00:00:7"
	sum 'a:2024-01-01T01:00:00:1\na:2024-01-01T00:00:00:5\n' 'x = a'
	is "$status:$output" "65:x:2024-01-01T01:00:00:1"
	[[ $stderr == *"line 2: it is older than the one before it of the same sensor"* ]]
}

@test "longer slots: sum, max, min, mean, percentile, and when" {
	in='a:2024-01-01T00:00:00:1\na:2024-01-01T01:00:00:4\na:2024-01-01T02:00:00:4\na:2024-01-02T00:00:00:-3\n'
	sum "$in" -e 1d 'x = a'
	is "$output" "x:2024-01-01T00:00:00:9
x:2024-01-02T00:00:00:-3"
	sum "$in" -e 1d --max 'x = a'
	is "$(head -n 1 <<<"$output")" "x:2024-01-01T00:00:00:4"
	sum "$in" -e 1d --max -w 'x = a'
	is "$(head -n 1 <<<"$output")" "x:2024-01-01T01:00:00:4"
	sum "$in" -e all --min --when 'x = a'
	is "$output" "x:2024-01-02T00:00:00:-3"
	sum "$in" -e 1mo --mean 'x = a'
	is "$output" "x:2024-01-01T00:00:00:1.5"
	sum "$in" -e all -p 25 'x = a'
	is "$output" "x:2024-01-01T00:00:00:-3"
	sum "$in" -e all --p 25.1 'x = a'
	is "$output" "x:2024-01-01T00:00:00:1"
	sum "$in" -e all --p 100 'x = a'
	is "$output" "x:2024-01-01T00:00:00:4"
}

@test "days and months begin where they are told to" {
	in='a:2024-10-27T03:59:59:1\na:2024-10-27T04:00:00:2\na:2024-10-27T05:00:00:4\n'
	sum "$in" -z Europe/Rome --day-start 06:00 -e 1d 'x = a'
	is "$output" "x:2024-10-26T04:00:00:3
x:2024-10-27T05:00:00:4"
	sum "$in" --month-start 27 -e 1mo 'x = a'
	is "$output" "x:2024-10-27T00:00:00:7"
}

@test "a running sum, that begins anew with a week" {
	days >input
	run --separate-stderr eg-sum -r 'x = b' <input
	is "$(cut -d: -f5 <<<"$output" | tr '\n' ' ')" "2 4 6 8 10 12 14 16 18 20 "
	run --separate-stderr eg-sum -r --restart 1w 'x = b' <input
	is "$(cut -d: -f5 <<<"$output" | tr '\n' ' ')" "2 4 6 8 10 12 14 2 4 6 "
	run --separate-stderr eg-sum -r 'x = a / b' <input
	is "$(cut -d: -f5 <<<"$output" | uniq)" "0.5"
}

@test "last week and last year beside today" {
	in='a:2024-02-28T23:00:00:1\na:2024-02-29T23:00:00:2\n'
	sum "$in" -z Europe/Rome -s 1w 'x = a'
	is "$output" "x:2024-03-06T23:00:00:1
x:2024-03-07T23:00:00:2"
	sum "$in" -z Europe/Rome -s 1y 'x = a'
	is "$output" "x:2025-02-28T23:00:00:2"
	[[ $stderr == *"warning: 1 results left out: --shift leads to no such day or time"* ]]
	# The second hour from 02:00 to 03:00 has no counterpart on the day after.
	sum 'a:2024-10-27T00:15:00:1\na:2024-10-27T01:15:00:2\na:2024-10-27T02:15:00:3\n' -z Europe/Rome \
		-s 1d 'x = a'
	[[ $status -eq 0 && $stderr == *"warning: 1 results left out: --shift "* ]]
	is "$output" "x:2024-10-28T01:15:00:1
x:2024-10-28T02:15:00:3"
	sum 'a:2024-03-24T10:00:00:1\n' -z Europe/Rome -s 1w 'x = a'
	is "$output" "x:2024-03-31T09:00:00:1"
}

@test "amounts that do not fit are refused, and never wrong" {
	sum 'a:2024-01-01T00:00:00:1e13\na:2024-01-01T01:00:00:1\n' 'x = a'
	is "$status:$output" "65:x:2024-01-01T01:00:00:1"
	[[ $stderr == *"line 1: the value is above 10^12"* ]]
	{
		for i in {100..399}; do printf 'a%d:2024-01-01T00:00:00:1e12\n' "$i"; done
		printf 'b:2024-01-01T00:00:00:1\n'
	} >input
	run --separate-stderr eg-sum 'x = 1000000 * a*' 'y = b' <input
	is "$status" 65
	[[ $stderr == *"the sum is too large: 'a27"* ]]
	is "$(tail -n 1 <<<"$output")" "y:2024-01-01T00:00:00:1"
	run --separate-stderr eg-sum 'x = a*' <input
	is "$status:$output" "0:x:2024-01-01T00:00:00:300000000000000"
}

@test "what is no record is refused with its number, and kept" {
	sum 'nonsense\na:2024-01-01T00:00:00:1\na:2024-01-01T01:00:00:1' --rejects rejects 'x = a'
	is "$status:$output" "65:x:2024-01-01T00:00:00:1"
	[[ $stderr == *"line 1: a colon is missing"*"line 3: the last line has no newline"* ]]
	is "$(grep -v '^#' rejects)" "nonsense
a:2024-01-01T01:00:00:1"
}

refused() {
	run --separate-stderr eg-sum "$@" </dev/null
	is "$status:$output:${#stderr_lines[@]}" 64::1
}

@test "wrong usage is one line and 64" {
	refused
	refused x
	refused 'x = a b'
	refused 'x = (a + b) / c'
	refused 'x = a' 'x = b'
	refused --max 'x = a'
	refused --max --min -e 1d 'x = a'
	refused --max -e 1d 'x = a / b'
	refused --when -e 1d 'x = a'
	refused --running --max -e 1d 'x = a'
	refused --restart 1d 'x = a'
	refused --running --restart 7h 'x = a'
	refused -e 7h 'x = a'
	refused -p 0 -e 1d 'x = a'
	refused -p 101 -e 1d 'x = a'
	refused -s 0d 'x = a'
	refused --missing one 'x = a'
	refused --month-start 29 'x = a'
	run --separate-stderr eg-sum -z Europe/Atlantis 'x = a' </dev/null
	is "$status:$output:$stderr" "78::eg-sum: fatal: no such time zone: 'Europe/Atlantis'"
	# The C library would take it for UTC.
	head -c 100 /usr/share/zoneinfo/Europe/Rome >Cut
	TZDIR=$PWD run --separate-stderr eg-sum -z Cut 'x = a' </dev/null
	is "$status:$output:$stderr" "78::eg-sum: fatal: no such time zone: 'Cut'"
}

@test "a full standard output is an error; a reader that goes away ends it quietly" {
	days >input
	run --separate-stderr bash -c 'eg-sum "x = a" <input >/dev/full'
	is "$status" 74
	[[ $stderr == *"No space left on device"* ]]
	eg-sim --seed 1 --sensors 1 --rounds 20000 --start 2024-01-01T00:00:00 --step 60 >many
	run --separate-stderr bash -c 'eg-sum "x = *" <many | head -n 1; exit "${PIPESTATUS[0]}"'
	is "$status:${#lines[@]}:$stderr" "74:1:"
}

@test "a signal ends it with 75 and without results" {
	mkfifo in
	eg-sum 'x = a' <in >out 2>err &
	pid=$!
	exec 5>in
	days >&5
	wait_until asleep $pid eg-sum
	kill "$pid"
	wait "$pid" && status=0 || status=$?
	exec 5>&-
	is "$status:$(cat out)" "75:"
}

@test "100,000 sensors are summed up within 64 MB" {
	eg-sim --seed 1 --sensors 100000 --rounds 2 --start 2024-01-01T00:00:00 --step 3600 >many
	run --separate-stderr /usr/bin/python3 -c 'import resource, subprocess
print(subprocess.run(["eg-sum", "x = *"], stdin=open("many"), capture_output=True, check=True).stdout.count(b"\n"),
    resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)'
	is "$status:${output% *}" 0:2
	[ -n "$EG_SAN" ] || ((${output#* } < 65536)) || { echo "$output KB"; return 1; }
}
