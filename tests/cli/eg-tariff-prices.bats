#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The prices of eg-tariff: over time, from a file, or in the input. Needs no server.
# shellcheck disable=SC2154,SC2164,SC2016 # bats sets stderr; cd fails the test; bash -c expands

bats_require_minimum_version 1.5.0
load tariff

@test "slots in any order of days, and over midnight, keep their bands" {
	t='price d 1\nprice s 2\nprice n 3\nd mon-fri 6-18\ns sat,sun 6-18\nn *\n'
	tariff 'a_kwh:2024-06-07T12:00:00:1\na_kwh:2024-06-08T12:00:00:1\na_kwh:2024-06-07T12:00:00:1\n' "$t"
	is "$(cut -d: -f5 <<<"$output" | tr '\n' ' ')" "1 2 1 "
	# Twelve hours of night from 18:00 are refused where the last of them are another day's.
	tariff 'a_kwh:2024-06-07T12:00:00:1\nb_kwh:2024-06-06T00:00:00:1\na_kwh:2024-06-07T12:00:00:1\n' \
		'price d 1\nprice n 3\nd * 12-24\nn *\n' -e 12h
	is "$(cut -d: -f5 <<<"$output" | tr '\n' ' ')" "1 3 1 "
	tariff 'a_kwh:2024-06-07T00:01:30:1\n' 'price d 1\nprice n 3\nd * 0:02-12\nn *\n' -e 90s
	is "$status:$output" "65:"
	tariff 'a_kwh:2024-06-03T00:00:00:1\na_kwh:2024-06-07T12:00:00:1\n' 'price w 1\nprice e 3\nw mon-fri\ne *\n' -e 1w
	is "$status:$output" "65:"
}

@test "a time at which no slot begins is refused" {
	tariff 'a_kwh:2024-06-03T06:15:00:1\n' 'price all 0.3\n'
	is "$status:$output" "65:"
	[[ $stderr == *"line 1: no slot of --every begins then in the table's zone"* ]]
	tariff 'a_kwh:2024-06-03T06:15:00:1\n' 'zone Asia/Kathmandu\nprice all 0.3\n'
	is "$status:$output" "0:a_cost:2024-06-03T06:15:00:0.3"
}

@test "prices stand until the next, or as long as --stale" {
	p='p:2024-06-03T06:00:00:1\np:2024-06-03T08:00:00:2\n'
	in='a_kwh:2024-06-03T05:00:00:1\na_kwh:2024-06-03T07:00:00:1\na_kwh:2024-06-03T09:00:00:1\n'
	tariff "$p$in" 'price all dynamic * 1.21 + 0.1\n' --price p
	is "$status:$output" "65:a_cost:2024-06-03T07:00:00:1.31
a_cost:2024-06-03T09:00:00:2.52"
	[[ $stderr == *"line 3: the prices begin later"* ]]
	tariff "$p$in" 'price all dynamic * 1.21 + 0.1\n' --price p --stale 1h
	is "$status:$output" "65:"
	[[ $stderr == *"line 4: the last price before it is too old"* ]]
	# Also a price that is older than 292 years, which is more than 64 bits of nanoseconds hold.
	tariff 'p:1700-01-01T00:00:00:5\na_kwh:2100-01-01T00:00:00:1\n' 'price all dynamic\n' --price p --stale 1h
	is "$status:$output" "65:"
	[[ $stderr == *"line 2: the last price before it is too old"* ]]
}

@test "a file of prices: any order, the last of equal keys, later than the readings" {
	printf 'p:2024-06-03T08:00:00:2\np:2024-06-03T06:00:00:7\np:2024-06-03T06:00:00:1\n' >prices
	tariff 'a_kwh:2024-06-03T07:00:00:1\na_kwh:2024-06-03T08:00:00:1\n' 'price all dynamic\n' --price prices
	is "$status:$output" "0:a_cost:2024-06-03T07:00:00:1
a_cost:2024-06-03T08:00:00:2"
	tariff 'a_kwh:2024-06-02T07:00:00:1\n' 'price all dynamic\n' --price prices
	is "$status:$output" "65:"
	[[ $stderr == *"line 1: the prices begin later"* ]]
}

@test "a bad line in the file of prices ends it before anything is written" {
	printf 'p:2024-06-03T08:00:00:2\np:2024-06-03T09:00:00:x\n' >prices
	tariff 'a_kwh:2024-06-03T08:00:00:1\n' 'price all dynamic\n' --price prices
	is "$status:$output" "65:"
	is "$stderr" "eg-tariff: fatal: prices:2: the value is not a decimal number"
	printf 'p:2024-06-03T08:00:00:2\nq:2024-06-03T09:00:00:2\n' >prices
	tariff 'a_kwh:2024-06-03T08:00:00:1\n' 'price all dynamic\n' --price prices
	is "$status:$stderr" "65:eg-tariff: fatal: prices:2: a second sensor: a file of prices holds one"
	printf 'p:2024-06-03T08:00:00:1e10\n' >prices
	tariff '' 'price all dynamic\n' --price prices
	is "$status:$stderr" "65:eg-tariff: fatal: prices:1: the price is above 10^9"
}

@test "a file of prices that cannot be read is named" {
	tariff '' 'price all dynamic\n' --price /
	is "$status:$stderr" "74:eg-tariff: fatal: cannot read '/': Is a directory"
}

@test "prices in the input come before the slots that they price" {
	tariff 'a_kwh:2024-06-03T06:00:00:1\np:2024-06-03T06:00:00:1\n' 'price all dynamic\n' --price p
	is "$status:$output" "65:"
	[[ $stderr == *"line 1: no price has come before it"* ]]
	tariff 'p:2024-06-03T06:00:00:1\na_kwh:2024-06-03T06:00:00:1\np:2024-06-03T06:30:00:2\n' 'price all dynamic\n' --price p
	is "$status:$output" "65:a_cost:2024-06-03T06:00:00:1"
	[[ $stderr == *"line 3: the price comes late: a slot that it covers has its price already"* ]]
	tariff 'a_kwh:2024-06-03T06:00:00:1\n' 'price all dynamic\n' --price nosuch
	[[ $stderr == *"--price: 'nosuch' is no file, and no record of such a sensor came"* ]]
	# A file that is there but cannot be read is no sensor; a path below a file is none either.
	ln -s loop loop
	tariff 'a_kwh:2024-06-03T06:00:00:1\n' 'price all dynamic\n' --price loop
	[[ $status -eq 74 && -z $output && $stderr == *"cannot open 'loop'"* ]]
	tariff 't.conf/nl:2024-06-03T06:00:00:2\na_kwh:2024-06-03T06:00:00:1\n' 'price all dynamic\n' --price t.conf/nl
	is "$status:$output" "0:a_cost:2024-06-03T06:00:00:2"
}
