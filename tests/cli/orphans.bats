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
	anew out err
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
	anew err out
	eg-replicate cluster <feed 2>err >out 3>&- &
	PARENT=$!
	PIDS+=("$PARENT")
	exec 9>feed
	printf '%s:%s\n' "$KEY" "$value" >&9
}

# The processes below one, however deep.
below() { # PID
	local child
	for child in $(pgrep -P "$1"); do
		echo "$child"
		below "$child"
	done
}

all_gone() {
	local pid
	for pid in "${KIN[@]}"; do
		gone "$pid" || { ps -o pid,args -p "$pid"; return 1; }
	done
}

# Whether each thread of a process has stopped.
stopped() { # PID
	! grep -h '^State:' /proc/"$1"/task/*/status | grep -qv 'T (stopped)'
}

below_are() { # N
	(($(below "$PARENT" | wc -l) >= $1))
}

kill_parent() { # ERE: once the child has said this
	wait_until grep -qE "$1" err
	mapfile -t KIN < <(below "$PARENT")
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

@test "eg-serve is killed: so does a stage whose receipts go through another program" {
	away
	serve 1 sh -c 'eg-influx | tee copy'
	kill_parent 'does not answer'
	overtaken serve sh -c 'eg-influx | tee copy'
}

@test "eg-serve is killed: so does a stage deep below, in a group and a session of its own" {
	away
	serve 1 sh -c 'sh -c "(cat | timeout 600 setsid -w eg-influx 9>&-) | cat" | tee copy'
	kill_parent 'does not answer'
	overtaken serve eg-influx
}

@test "eg-serve is killed: a stage that was stopped writes nothing when it goes on" {
	away
	# In a session of its own: what is stopped in another's would be continued by the kernel.
	serve 1 sh -c 'setsid -w eg-influx | tee copy'
	wait_until grep -q 'does not answer' err
	mapfile -t KIN < <(below "$PARENT")
	PIDS+=("${KIN[@]}")
	local stage
	stage=$(pgrep -P "${KIN[0]}" eg-influx)
	kill -STOP "$stage"
	wait_until stopped "$stage"
	kill -KILL "$PARENT"
	overtaken serve eg-influx
	kill -CONT "$stage"
	wait_until all_gone
	[ "$(<server/stored)" = 'house 1767225600000000000 2' ]
}

@test "eg-serve is killed: a stage that is only started then reads nothing" {
	away
	back
	export INFLUX_HOST=http://127.0.0.1:$PORT
	# shellcheck disable=SC2016  # the child's shell expands
	serve 1 sh -c '(exec 7<&0; until [ -e go ]; do sleep 0.05; done; eg-influx <&7; echo $? >status) | cat'
	wait_until below_are 3
	mapfile -t KIN < <(below "$PARENT")
	PIDS+=("${KIN[@]}")
	kill -KILL "$PARENT"
	wait_until gone "$PARENT"
	touch go
	wait_until test -s status
	wait_until all_gone
	[ "$(<status)" -eq 75 ]
	grep -qx "eg-influx: fatal: process $PARENT, above this one (EG_PARENT), has ended" err
	[ ! -s server/stored ]
}

@test "eg-serve is killed while the broker is away: its eg-publish ends with it" {
	away
	serve 1 eg-publish
	kill_parent 'waiting for it'
	serve 1 sh -c 'cat | eg-publish'
	kill_parent 'waiting for it'
	serve 1 sh -c 'eg-publish | tee copy'
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
	serve 1 sh -c 'eg-store a.db | tee copy'
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
	exec 9>&-
	rm -rf cluster.state feed
	replicate 1 sh -c 'eg-influx | tee copy'
	kill_parent 'does not answer'
	exec 9>&-
	rm -rf cluster.state feed
	overtaken replicate sh -c 'eg-influx | tee copy'
}

@test "eg-serve is killed: so are the nodes of an eg-replicate in its pipeline" {
	away
	printf '#!/bin/sh\neg-influx | tee copy\n' >node
	chmod +x node
	printf '%s\n' 'strategy full' 'quorum 1' 'node a ./node' >cluster
	serve 1 sh -c 'eg-replicate cluster | cat'
	kill_parent 'does not answer'
	rm -rf cluster.state
	overtaken serve sh -c 'eg-replicate cluster | cat'
}

@test "EG_PARENT counts only with the descriptor that it names" {
	mkfifo fifo
	exec 7<>fifo
	local here
	here=$(stat -L -c %d:%i /proc/self/fd/7)
	for EG_PARENT in '' x 1 1: 1:7 "1:7:$here:" "1:7:${here%:*}:1" "1:8:$here" "1:0:$here" "9:-1:1:1" \
		'99999999999999999999:7:1:1'; do
		export EG_PARENT
		[ "$(eg-store a.db <<<"$KEY:1" 8>&- 9>&-)" = "$KEY:1" ]
	done
	# That pipe has a writer, this one has none.
	EG_PARENT=1:7:$here eg-store a.db <<<"$KEY:1" >out
	exec 8<fifo 7>&-
	run --separate-stderr env "EG_PARENT=1:8:$here" eg-store a.db <<<"$KEY:2"
	[ "$status" -eq 75 ]
	[ "$(eg-store a.db dump)" = "$KEY:1" ]
}

@test "a stage has one thread under a shell, and as the direct child of a parent" {
	threads() { ls "/proc/$1/task" | wc -l; }
	mkfifo feed
	eg-store a.db <feed >out 3>&- &
	PIDS+=($!)
	exec 9>feed
	wait_until test -e a.db
	[ "$(threads "${PIDS[-1]}")" -eq 1 ]
	exec 9>&-
	serve 1 eg-store a.db
	wait_until grep -q success answer
	[ "$(threads "$(pgrep -P "$PARENT")")" -eq 1 ]
}

@test "a stage with nobody before or behind it ends at once, whatever is on its way" {
	away
	mkfifo before behind
	anew behind err
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
	anew behind err
	eg-influx --grace 0.5 <before >behind 2>err 3>&- &
	PIDS+=($!)
	exec 7>before 8<behind
	printf '%s:1\n' "$KEY" >&7
	wait_until grep -q 'does not answer' err
	exec 8<&-
	wait_until gone "${PIDS[-1]}"
	exec 7>&-
}
