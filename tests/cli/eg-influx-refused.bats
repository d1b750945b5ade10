#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Answers to eg-influx by which a server refuses records: the bad ones are found, the others
# written; and requests that are too large.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load influx

@test "400 with nothing written: the bad records are found, the others written" {
	serve --bad '=s(3|7|20) ' ''
	printf 'ok:2026-11-23T14:18:36:0\n' | cat - in >with && mv with in
	feed --rejects rejects
	[ "$status" -eq 65 ]
	exact '^s(3|7|20):'
	[ "$(grep -c '^s' rejects)" -eq 3 ]
	[[ $stderr == *"line 4: the database answers 400: unable to parse: bad number: 's3:"* ]]
}

@test "422 with the good ones written: receipts for those, the bad ones refused" {
	serve --bad '=s(1|2|11) ' --bad-status 422 ''
	feed
	[ "$status" -eq 65 ]
	exact '^s(1|2|11):'
	[[ $stderr == *'answers 422'* ]]
}

@test "400 as InfluxDB 1.x answers, whatever it says of dropped" {
	serve --bad '=s(9|10) ' --bad-status 1 ''
	feed --api v1
	[ "$status" -eq 65 ]
	exact '^s(9|10):'
}

@test "many bad ones in every batch are found" {
	serve --bad 'value=[0-9]*5\.50' ''
	make_records 2000 >in
	feed --batch 200
	[ "$status" -eq 65 ]
	exact ':[0-9]*5\.50$'
}

@test "all of the first batch refused is data when an empty request is taken" {
	serve --bad . ''
	feed --rejects rejects
	[ "$status" -eq 65 ]
	[ ! -s out ]
	[ "$(grep -c '^s' rejects)" -eq 20 ]
	# The first request, the empty one, and the first again: it named all lines.
	[ "$(requests)" -eq 3 ]
	[ "$(sed -n 2p server/requests)" = 'ok 0 0 -' ]
}

@test "what is refused even when it is empty is a wrong setting: 78, and no record is refused" {
	local action
	for action in 400 422; do
		serve "${action}x0"
		feed --rejects rejects
		[ "$status" -eq 78 ]
		[ ! -s out ]
		[ ! -s rejects ]
		[ "$(requests)" -eq 2 ]
		[[ $stderr == *"answers $action: scripted $action; an empty request is refused as well"* ]]
		kill "$SERVER"
		wait "$SERVER" || true
		rm -r server
	done
}

@test "the settings are asked for once a run, and waited for when the server is away" {
	serve --bad '=s[45] ' '422 503 cut'
	feed --batch 5 --connections 1
	[ "$status" -eq 65 ]
	exact '^s[45]:'
	[ "$(grep -c ' 0 0 -$' server/requests)" -eq 3 ]
}

@test "a run of readings that the database no longer keeps is refused, and does not stop it" {
	local status_of
	for status_of in 422 500; do
		serve --bad '=s([1-9]|1[0-5]) ' --bad-status $status_of --count-bad \
			--bad-words 'points beyond retention policy' ''
		awk -F: -v OFS=: '{ sub(/:.*/, "", $1); print $1, sprintf("2026-11-23T14:%02d:36", NR), $NF }' \
			<(make_records 20) >in
		feed --batch 10 --connections 1 --rejects rejects
		[ "$status" -eq 65 ]
		exact '^s([1-9]|1[0-5]):'
		[ "$(grep -c '^s' rejects)" -eq 15 ]
		[[ $stderr == *'points beyond retention policy'* ]]
		# The first batch, the empty one, the first again; the second, and what is new in it.
		[ "$(requests)" -eq 5 ]
		kill "$SERVER"
		wait "$SERVER" || true
		rm -r server rejects
	done
}

@test "a reason is kept whole, also what is behind 136 characters" {
	serve --bad '=s3 ' --bad-status 422 --bad-words 'field type conflict: input field "value" on measurement "energy" is type float, already exists as type integer' ''
	feed --rejects rejects
	[ "$status" -eq 65 ]
	[[ $stderr == *'already exists as type integer dropped=1'* ]]
	grep -F 'already exists as type integer' rejects
}

@test "InfluxDB 3 names the refused lines: two requests a batch, whatever their number" {
	serve --bad 'value=[0-9]*[02468]\.' --bad-status 3 ''
	make_records 5000 >in
	feed --api v3 --rejects rejects
	[ "$status" -eq 65 ]
	exact ':[0-9]*[02468]\.50$'
	[ "$(requests)" -le 12 ]
	grep -Fx '# line 2: the database answers 400: bad number' rejects
	grep -Fx '# line 5000: the database answers 400: bad number' rejects
}

@test "InfluxDB 3 through another API, naming only some lines, is understood as well" {
	serve --bad '=s(3|7|20|11) ' --bad-status 3 --name-most 2 ''
	feed
	[ "$status" -eq 65 ]
	exact '^s(3|7|20|11):'
}

@test "half of the records refused without a word on which costs one request a record" {
	serve --bad 'value=[0-9]*[02468]\.' --mute ''
	make_records 1000 >in
	feed
	[ "$status" -eq 65 ]
	exact ':[0-9]*[02468]\.50$'
	(($(requests) < 1050))
}

@test "few records refused without a word on which cost few requests" {
	serve --bad '=s(1|500|777|1000) ' --mute ''
	make_records 1000 >in
	feed
	[ "$status" -eq 65 ]
	exact '^s(1|500|777|1000):'
	(($(requests) < 100))
}

@test "a later batch may be refused as a whole" {
	serve --bad '=s(1[1-9]|20) ' ''
	feed --batch 10
	[ "$status" -eq 65 ]
	exact '^s(1[1-9]|20):'
}

@test "single refused records before the first good one are refused" {
	serve --bad '=s[123] ' ''
	feed --batch 1
	[ "$status" -eq 65 ]
	exact '^s[123]:'
}

@test "413: requests become smaller, and larger ones are tried at times" {
	serve --max-bytes 2000 ''
	make_records 2000 >in
	feed
	[ "$status" -eq 0 ]
	exact
	(($(requests) < 100))
	[ "$(awk '$3 > 2000' server/requests | wc -l)" -lt 16 ]
}

@test "a spell of 413 is waited out: no record is refused, and requests grow again" {
	serve '413x12'
	make_records 20000 >in
	feed --connections 1
	[ "$status" -eq 0 ]
	exact
	(($(requests) < 250))
	awk '$1 == 413 { most = 0 } $1 == "ok" && $2 > most { most = $2 } END { exit most <= 500 }' \
		server/requests
	[[ $stderr == *'answers 413'*'trying again'* ]]
}

@test "413 to a single record is waited for, as for a server that is away" {
	serve '413x0'
	head -n 1 in >one && mv one in
	feed --timeout 4 --rejects rejects
	[ "$status" -eq 75 ]
	[ ! -s rejects ]
	[[ $stderr == *413* ]]
}

@test "a 204 that comes before the request was sent is no success" {
	serve early
	make_records 20000 >in
	# Long lines, so that the request is larger than what the network holds.
	feed --batch 20000 --connections 1 --tag "site=$(printf 'x%.0s' {1..900})"
	[ "$status" -eq 0 ]
	exact
	[[ $stderr == *'answers 204 before it has the request'* ]]
}
