#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A stage whose parent was killed: it ends, and writes nothing after the receipts of the
# run that follows. eg-consume as the parent is in system/eg-consume-receipts.bats.
# shellcheck disable=SC2030,SC2031,SC2154  # each test has its own PIDS; bats sets some

bats_require_minimum_version 1.5.0
load ../wait

setup() {
	BIN=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd)
	FAULTY=$BATS_TEST_DIRNAME/../tools/faulty-http
	PATH=$BIN:$PATH
	unset INFLUX_HOST INFLUX_TOKEN INFLUX_TOKEN_FILE EG_API_TOKEN AMQP_URL http_proxy all_proxy \
		ALL_PROXY
	cd "$BATS_TEST_TMPDIR" || return 1
	PIDS=()
	KEY=house:2026-01-01T00:00:00
}

teardown() {
	local pid
	for pid in ${PIDS[@]+"${PIDS[@]}"}; do kill -KILL "$pid" 2>/dev/null || true; done
}

# A database that is away: its port is free, and `back` starts it there.
away() {
	database
	PORT=$(<server/port)
	kill "${PIDS[-1]}"
	wait "${PIDS[-1]}" || true
	export INFLUX_HOST=http://127.0.0.1:$PORT AMQP_URL=amqp://127.0.0.1:$PORT
}

database() { # OPTION...
	mkdir -p server
	rm -f server/port
	"$FAULTY" "$@" server 3>&- 2>server/log &
	PIDS+=($!)
	wait_until test -s server/port
}

back() { database --port "$PORT"; }

# eg-serve and eg-replicate with a child, given the value of one reading.
serve() { # VALUE COMMAND...
	local value=$1
	shift
	: >err
	eg-serve -v --listen 127.0.0.1:0 -- "$@" >out 2>err 3>&- &
	PARENT=$!
	PIDS+=("$PARENT")
	wait_until grep -q 'listening at' err
	curl -sS -m 60 -o answer -H 'Content-Type: text/plain' --data-binary "$KEY:$value" \
		"$(sed -n 's/^eg-serve: info: listening at //p' err)/ingest_bulk" 2>/dev/null 3>&- &
	PIDS+=($!)
}

replicate() { # VALUE COMMAND...
	local value=$1
	shift
	: >err
	printf '#!/bin/sh\nexec %s\n' "$(printf '%q ' "$@")" >node
	chmod +x node
	printf '%s\n' 'strategy full' 'quorum 1' 'node a ./node' >cluster
	mkfifo feed
	eg-replicate cluster <feed 2>err >out 3>&- &
	PARENT=$!
	PIDS+=("$PARENT")
	exec 9>feed
	printf '%s:%s\n' "$KEY" "$value" >&9
}

# The processes below the parent: each child has a group of its own.
below() { pgrep -g "$(pgrep -d, -P "$PARENT")"; }

all_gone() {
	local pid
	for pid in "${KIN[@]}"; do
		gone "$pid" || { ps -o pid,args -p "$pid"; return 1; }
	done
}

kill_parent() { # ERE: once the child has said this
	wait_until grep -qE "$1" err
	mapfile -t KIN < <(below)
	PIDS+=("${KIN[@]}")
	[ "${#KIN[@]}" -gt 0 ]
	kill -KILL "$PARENT"
	wait_until all_gone
}

# The old run's value is never written over that of the new run, which has its receipt.
overtaken() { # serve|replicate COMMAND...
	back
	"$1" 2 "${@:2}"
	if [[ $1 == serve ]]; then wait_until grep -q success answer; else wait_until test -s out; fi
	# A pause of the old run's, were it there, would be over by now.
	sleep 1
	[ "$(tail -n 1 server/stored)" = 'house 1767225600000000000 2' ]
	[ "$(grep -c . server/stored)" -eq 1 ]
}

@test "eg-serve is killed while the database is away: its eg-influx ends with it" {
	away
	serve 1 eg-influx
	kill_parent 'does not answer'
	overtaken serve eg-influx
}

@test "eg-serve is killed while the database is away: so do a shell and its pipeline" {
	away
	serve 1 sh -c 'eg-store a.db | eg-influx'
	kill_parent 'does not answer'
	overtaken serve sh -c 'eg-store a.db | eg-influx'
}

@test "eg-serve is killed while the broker is away: its eg-publish ends with it" {
	away
	serve 1 eg-publish
	kill_parent 'waiting for it'
	serve 1 sh -c 'cat | eg-publish'
	kill_parent 'waiting for it'
}

@test "eg-serve is killed while the store is locked: its eg-store ends with it" {
	away
	eg-store a.db </dev/null
	mkfifo lock
	sqlite3 a.db <lock >begun 3>&- &
	PIDS+=($!)
	exec 7>lock
	printf 'BEGIN IMMEDIATE;\nSELECT 1;\n' >&7
	wait_until test -s begun
	serve 1 eg-store a.db
	kill_parent 'holding it'
	exec 7>&-
	[ -z "$(eg-store a.db dump)" ]
}

@test "eg-replicate is killed while the database is away: its nodes end with it" {
	away
	replicate 1 eg-influx
	kill_parent 'does not answer'
	exec 9>&-
	rm -rf cluster.state feed
	replicate 1 sh -c 'cat | eg-influx'
	kill_parent 'does not answer'
}

@test "a stage with nobody before or behind it ends at once, whatever is on its way" {
	away
	mkfifo before behind
	eg-influx <before >behind 2>err 3>&- &
	PIDS+=($!)
	exec 7>before 8<behind
	printf '%s:1\n' "$KEY" >&7
	wait_until grep -q 'does not answer' err
	exec 7>&- 8<&-
	wait_until gone "${PIDS[-1]}"
	local status=0
	wait "${PIDS[-1]}" || status=$?
	[ "$status" -eq 75 ]
	[[ $(<err) == *'1 records without a receipt'* ]]
}

@test "a stage whose reader is gone waits no longer than --grace for what is on its way" {
	away
	mkfifo before behind
	eg-influx --grace 0.5 <before >behind 2>err 3>&- &
	PIDS+=($!)
	exec 7>before 8<behind
	printf '%s:1\n' "$KEY" >&7
	wait_until grep -q 'does not answer' err
	exec 8<&-
	wait_until gone "${PIDS[-1]}"
	exec 7>&-
}
