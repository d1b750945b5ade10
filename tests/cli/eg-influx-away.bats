#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Answers to eg-influx that end it, and servers that are away: what is waited for, and how long.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load influx

@test "what trying again will not help ends at once with 78 and the server's words" {
	local action
	for action in 401 403 404 405 404text html redirect garbage; do
		serve "${action}x0"
		feed --rejects rejects
		[ "$status" -eq 78 ]
		[ ! -s out ]
		[ ! -s rejects ]
		[ "$(requests)" -eq 1 ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		case $action in
		404text) [[ $stderr == *'--api v1'* ]] ;;
		html) [[ $stderr == *'web page'* ]] ;;
		redirect) [[ $stderr == *"'https://***@elsewhere.example/api/v2/write'"*'not followed'* ]] ;;
		garbage) [[ $stderr == *HTTP* ]] ;;
		*) [[ $stderr == *"$action"*"scripted $action"* ]] ;;
		esac
		kill "$SERVER"
		wait "$SERVER" || true
		rm -r server
	done
}

@test "the same in the middle keeps the receipts that were earned" {
	serve 'ok 401x0'
	feed --batch 5 --connections 1
	[ "$status" -eq 78 ]
	diff out <(head -n 5 in)
	diff <(stored) <(receipts)
}

@test "what may pass is waited for: the same records again, one warning, back" {
	local action
	for action in 408 429 500 502 503 504 cut lost reset half halfbody; do
		serve "${action}x2"
		feed
		[ "$status" -eq 0 ]
		exact
		[ "$(requests)" -eq 3 ]
		[ "${#stderr_lines[@]}" -eq 2 ]
		[[ ${stderr_lines[1]} == *'is back after'* ]]
		kill "$SERVER"
		wait "$SERVER" || true
		rm -r server
	done
}

@test "Retry-After in seconds is obeyed" {
	serve 429:2
	local start=$EPOCHREALTIME
	feed
	[ "$status" -eq 0 ]
	exact
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { exit !(b - a >= 2) }'
}

@test "Retry-After as a date is obeyed" {
	serve 503:date+3
	local start=$EPOCHREALTIME
	feed
	[ "$status" -eq 0 ]
	exact
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { exit !(b - a >= 1.9) }'
}

@test "a Retry-After of twenty digits asks for the longest pause" {
	serve 503:99999999999999999999x0
	feed --timeout 4
	[ "$status" -eq 75 ]
	[ "$(requests)" -eq 1 ]
}

@test "an answer that never comes is waited for no longer than --request-timeout" {
	serve hang
	feed --request-timeout 0.5
	[ "$status" -eq 0 ]
	exact
	[[ $stderr == *'timed out'* ]]
}

@test "an answer without an end is not read for as long as --request-timeout" {
	serve endless
	feed --request-timeout 10m
	[ "$status" -eq 0 ]
	exact
	[[ $stderr == *'longer than 16 MiB; trying again'* ]]
}

@test "an answer that began and did not end as it should is reported as that" {
	local action
	for action in bigheader halfbody; do
		serve $action
		feed
		[ "$status" -eq 0 ]
		exact
		[[ $stderr == *'gives no whole answer: '* ]]
		[[ $action == halfbody || $stderr == *'a header of its answer is too long'* ]]
		kill "$SERVER"
		wait "$SERVER" || true
		rm -r server
	done
}

@test "--timeout gives up with 75 on a server that is not there, or never answers" {
	serve hangx0
	local start=$SECONDS
	feed --timeout 1
	[ "$status" -eq 75 ]
	((SECONDS - start < 28)) # --request-timeout is 30 s
	[ ! -s out ]
	kill "$SERVER"
	wait "$SERVER" || true
	feed --timeout 1
	[ "$status" -eq 75 ]
	[[ $stderr == *'does not answer'* ]]
}

@test "a name that does not exist is waited for, as names come and go" {
	URL=http://nowhere.invalid feed --timeout 1
	[ "$status" -eq 75 ]
	# "Could not resolve", or "Resolving timed out".
	[[ $stderr == *[Rr]esolv* ]]
}

@test "with two requests in flight, faults in the middle keep the receipts exact" {
	serve --bad '=s(77|5000|9999) ' --bad-status 422 \
		'ok 503 ok lost cut ok reset ok halfbody ok 500x2 ok half'
	make_records 10000 >in
	feed --batch 500 --connections 2
	[ "$status" -eq 65 ]
	exact '^s(77|5000|9999):'
}

@test "of two records with one key in two requests the later one wins" {
	# The first request is written when it is sent again: without care after the second.
	serve 'ok cut ok'
	printf 'a:2026-11-23T14:18:36:0\ns:2026-11-23T14:18:36:1\ns:2026-11-23T14:18:36:2\n' >in
	feed --batch 1 --connections 2
	[ "$status" -eq 0 ]
	diff in out
	[ "$(grep '^s ' server/stored | tail -n 1)" = 's 1795443516000000000 2' ]
	[ "$(grep -c '^s .* 1$' server/stored)" -eq 1 ]
}

@test "SIGTERM settles what is in flight and ends with 0" {
	serve 'ok 503:1'
	mkfifo feed
	eg-influx -u "$URL" --grace 1m <feed >out 2>err 3>&- &
	local pid=$! status=0
	exec 7>feed
	printf 's:2026-11-23T14:18:36:1\n' >&7
	wait_until test -s out
	printf 's:2026-11-23T14:18:37:2\n' >&7
	wait_until grep -q 503 server/requests
	kill -TERM "$pid"
	wait "$pid" || status=$?
	exec 7>&-
	[ "$status" -eq 0 ]
	[ "$(wc -l <out)" -eq 2 ]
}

@test "SIGTERM while the server is away gives up after --grace with 75" {
	URL=http://127.0.0.1:1
	mkfifo feed
	eg-influx -u "$URL" --grace 0.3 <feed >out 2>err 3>&- &
	local pid=$! status=0
	exec 7>feed
	printf 's:2026-11-23T14:18:36:1\n' >&7
	wait_until grep -q 'does not answer' err
	kill -TERM "$pid"
	wait "$pid" || status=$?
	exec 7>&-
	[ "$status" -eq 75 ]
	[ ! -s out ]
}
