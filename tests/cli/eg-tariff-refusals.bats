#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What eg-tariff refuses, and how it ends. Needs no server.
# shellcheck disable=SC2154,SC2164,SC2016 # bats sets stderr; cd fails the test; bash -c expands

bats_require_minimum_version 1.5.0
load tariff

@test "amounts that do not fit are refused" {
	tariff 'a_kwh:2024-06-03T06:00:00:1e13\n' 'price all 1\n'
	is "$status:$output" "65:"
	[[ $stderr == *"line 1: the value is above 10^12"* ]]
	tariff 'a_kwh:2024-06-03T06:00:00:1e12\n' 'price all 1000000000\n'
	is "$status:$output" "65:"
	[[ $stderr == *"line 1: the cost is too large"* ]]
	tariff "$(printf 'a%.0s' {1..252}):2024-06-03T06:00:00:1\n" 'price all 1\n' --name '%_cost'
	is "$status" 0
	printf '%s:2024-06-03T06:00:00:1\n' "$(printf 'a%.0s' {1..252})" >input
	run --separate-stderr eg-tariff t.conf 'a*' <input
	is "$status:$output" "65:"
	[[ $stderr == *"the name of what comes out is longer than 255 bytes"* ]]
}

@test "100,000 sensors are priced within 64 MB" {
	eg-sim --seed 1 --sensors 100000 --rounds 2 --start 2024-01-01T00:00:00 --step 3600 >many
	printf 'price all 0.25\nfee month 10\nround month 0.01\n' >t.conf
	run --separate-stderr /usr/bin/python3 -c 'import resource, subprocess
print(subprocess.run(["eg-tariff", "t.conf", "*"], stdin=open("many"), capture_output=True, check=True).stdout.count(b"\n"),
    resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)'
	is "$status:${output% *}" 0:200000
	[ -n "$EG_SAN" ] || ((${output#* } < 65536)) || { echo "$output KB"; return 1; }
}

@test "what is no record is refused with its number" {
	tariff '\n# comment\nnonsense\na_kwh:2024-06-03T06:00:00:1\r\na_kwh:2024-06-03T07:00:00:1\na_kwh:2024-06-03T08:00:00:1' 'price all 1\n'
	is "$status:$output" "65:a_cost:2024-06-03T07:00:00:1"
	[[ $stderr == *"line 3: a colon is missing"*"line 4: the line ends in a carriage return"*"line 6: the last line has no newline"* ]]
}

@test "a bad table is refused with its line, and nothing is read" {
	tariff 'a_kwh:2024-06-03T06:00:00:1\n' 'price all 1\nF1 monday\n'
	is "$status:$output" "78:"
	is "$stderr" "eg-tariff: fatal: t.conf:2: 'monday': want days, as mon-fri, sat,sun, holiday or *"
	tariff '' 'zone Europe/Atlantis\nprice all 1\n'
	is "$status:$stderr" "78:eg-tariff: fatal: no such time zone: 'Europe/Atlantis'"
	run --separate-stderr eg-tariff missing.conf </dev/null
	is "$status:$stderr" "78:eg-tariff: fatal: cannot read 'missing.conf': No such file or directory"
}

@test "wrong usage is one line and 64" {
	printf 'price all dynamic\n' >d.conf
	printf 'price all 1\n' >f.conf
	refused
	refused --nosuch f.conf
	refused d.conf
	refused --price p f.conf
	refused --bands --credit f.conf
	refused --name cost f.conf
	refused --name '%:%' f.conf
	refused --name 'a:%' f.conf
	refused --digits 19 f.conf
	refused --every 7h f.conf
	refused --stale 0 --price p d.conf
}

@test "a full standard output is an error; a reader that goes away ends it quietly" {
	printf 'price all 1\n' >t.conf
	printf 'a_kwh:2024-06-03T06:00:00:1\n' >input
	run --separate-stderr bash -c 'eg-tariff t.conf <input >/dev/full'
	is "$status" 74
	[[ $stderr == *"No space left on device"* ]]
	for _ in {1..3000}; do cat input; done >many
	for _ in {1..30}; do cat many; done >input
	run --separate-stderr bash -c 'eg-tariff t.conf <input | head -n 1; exit "${PIPESTATUS[0]}"'
	is "$status:$output:$stderr" "74:a_cost:2024-06-03T06:00:00:1:"
}

@test "records come out at once when the input pauses" {
	printf 'price all 1\n' >t.conf
	mkfifo in
	eg-tariff t.conf <in >out &
	exec 5>in
	printf 'a_kwh:2024-06-03T06:00:00:1\n' >&5
	wait_until test -s out
	is "$(cat out)" "a_cost:2024-06-03T06:00:00:1"
	exec 5>&-
	wait $!
}
