#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A program with nothing to do sleeps: it is not scheduled once in 10 s. The kernel's counters are
# compared, so the speed of the machine does not matter.

bats_require_minimum_version 1.5.0
load ../wait
load ../mqtt

setup_file() {
	PATH="$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}"):$(realpath "$BATS_TEST_DIRNAME/../../scripts"):$PATH"
	export PATH EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	eg-lab up >&2
	eval "$(eg-lab env)"
	eg-publish --declare
}

teardown_file() {
	eg-lab down >&2
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	PID='' BROKER=''
	# Standard input of the stages: a pipe that stays open.
	mkfifo in
	exec 4<>in
}

teardown() {
	exec 4>&-
	[[ -z $PID ]] || kill -KILL "$PID" 2>/dev/null || true
	[[ -z $BROKER ]] || kill "$BROKER" 2>/dev/null || true
}

# switches PID: how often its threads, and those of its children, have left a processor.
switches() {
	local pid
	for pid in "$1" $(pgrep -P "$1"); do
		cat /proc/"$pid"/task/*/status
	done | awk '/ctxt_switches/ { n += $2 } END { print n }'
}

# Whether the process slept through the last N seconds.
slept() { # N
	local before
	before=$(switches "$PID")
	sleep "$1"
	[[ -n $before && $(switches "$PID") == "$before" ]]
}

# The last process started in the background sleeps for 10 s, once it has come to rest.
is_idle() {
	wait_until slept 1
	slept 10
	! gone "$PID"
}

# A stage that has taken one record, and waits for the next one.
stage_is_idle() { # COMMAND...
	anew out err
	"$@" <&4 >out 2>err 3>&- 4>&- &
	PID=$!
	echo 's:2026-01-01T00:00:00:1' >&4
	wait_until grep -q . out
	is_idle
}

@test "eg-store that waits for records sleeps" {
	stage_is_idle eg-store a.db
}

@test "eg-influx that waits for records sleeps" {
	curl -sS "$EG_LAB_INFLUX/query" --data-urlencode 'q=CREATE DATABASE idle' >/dev/null
	stage_is_idle eg-influx --url "$EG_LAB_INFLUX" --db idle
}

@test "eg-publish with rare heartbeats that waits for records sleeps" {
	stage_is_idle eg-publish --heartbeat 3600
}

@test "eg-consume with rare heartbeats, and its child, sleep" {
	eg-publish --queue idle --declare
	anew out err
	eg-consume --queue idle --heartbeat 3600 -- eg-store b.db >out 2>err 3>&- 4>&- &
	PID=$!
	echo 's:2026-01-01T00:00:00:1' | eg-publish --queue idle >/dev/null
	wait_until eg-store b.db get s:2026-01-01T00:00:00
	is_idle
}

@test "eg-serve, and its child, sleep" {
	anew out err
	EG_API_TOKEN=secret eg-serve --listen 127.0.0.1:0 -v -- eg-store c.db >out 2>err 3>&- 4>&- &
	PID=$!
	wait_until grep -q "listening at" err
	is_idle
}

@test "eg-mqtt with rare pings, and its child, sleep" {
	broker_up
	anew out err
	eg-mqtt -v --keepalive 3600 readings -- eg-store d.db >out 2>err 3>&- 4>&- &
	PID=$!
	wait_until grep -q ': subscribed at' err
	is_idle
}
