#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A clock that is set while programs run, by an hour and by years, forward and back: they go on,
# lose nothing, and do not spin.
# shellcheck disable=SC2016,SC2154 # the inner shells expand; bats sets some

bats_require_minimum_version 1.5.0
load ../wait
load ../broker
load ../mqtt

setup_file() {
	[[ -z ${EG_SAN-} ]] || return 0
	local top=$BATS_TEST_DIRNAME/../..
	PATH="$(realpath "${EG_BIN:-$top/build}"):$(realpath "$top/scripts"):$PATH"
	export PATH EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	eg-lab --no-victoria up >&2
	eval "$(eg-lab env)"
	eg-publish --declare
}

teardown_file() {
	[[ -n ${EG_SAN-} ]] || eg-lab down >&2
}

setup() {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers do not work with a preload"
	BIN=$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}")
	TOOLS=$BATS_TEST_DIRNAME/../tools
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir faults
	PIDS=() BROKER="" WAIT_S=${WAIT_S:-60}
}

teardown() {
	local pid
	for pid in ${PIDS[@]+"${PIDS[@]}"} $BROKER; do kill -KILL "$pid" 2>/dev/null || true; done
}

# Starts a program with the clock of the file faults/clock; its output is out, its number PID.
start() { # INPUT COMMAND...
	anew out err
	EG_FAULTS=$PWD/faults LD_PRELOAD=$BIN/tests/bad_libc.so "${@:2}" <"$1" >out 2>err 3>&- &
	PID=$!
	PIDS+=("$PID")
}

# Processor time of a process and its children, in ticks of 10 ms.
ticks() {
	local pid
	for pid in "$1" $(pgrep -P "$1"); do
		sed 's/.*) //' "/proc/$pid/stat"
	done | awk '{ n += $12 + $13 } END { print n }'
}

does_not_spin() {
	local before after
	before=$(ticks "$PID")
	sleep 1
	after=$(ticks "$PID")
	((after < before + 15)) || { echo "spins: $before to $after ticks"; return 1; }
}

# Sets the clock by each step, and runs the command with the number of the step: it must succeed.
set_clock() { # COMMAND...
	local n=0 step
	for step in 0 3600 -3600 31536000 -31536000 0; do
		echo "$step" >faults/clock
		n=$((n + 1))
		"$@" $n || { echo "step $n, $step s"; tail -n 5 err; return 1; }
		does_not_spin || return 1
	done
	[[ -e faults/clock.hit ]]
}

# One signal, if its input has not ended it: a second one, half a second later, would end it without
# its child.
ends() { # STATUS
	local status=0
	kill -TERM "$PID" 2>/dev/null || true
	wait_until gone "$PID"
	wait "$PID" || status=$?
	((status == $1)) || { echo "status $status"; cat err; return 1; }
}

record() { printf 's%s:2026-01-01T00:00:0%d:%d\n' "${2-}" "$1" "$1"; }

receipted() { # N
	record "$1" >&7
	wait_until grep -qx "$(record "$1")" out
}

stage() { # COMMAND...
	[[ -p in ]] || mkfifo in
	start in "$@"
	exec 7>in
	set_clock receipted
	exec 7>&-
	ends 0
	[[ $(wc -l <out) -eq 6 ]]
}

@test "eg-store, eg-influx and eg-publish give receipts, whatever the clock does" {
	stage eg-store a.db
	[[ $(eg-store a.db dump) == "$(<out)" ]]
	stage eg-influx --url "$EG_LAB_INFLUX" --db energy
	eg-publish -Q clock.stage --declare
	stage eg-publish -Q clock.stage
}

@test "eg-replicate gives receipts, whatever the clock does, and all nodes have all" {
	printf '%s\n' 'quorum 2' 'node a eg-store a.db' 'node b eg-store b.db' >c.conf
	stage eg-replicate c.conf
	[[ $(eg-store a.db dump) == "$(<out)" && $(eg-store b.db dump) == "$(<out)" ]]
}

published() { # N
	record "$1" | eg-publish -Q clock.queue >/dev/null
	wait_until grep -qx "$(record "$1")" out
}

@test "eg-consume with a child consumes, whatever the clock does" {
	eg-publish -Q clock.queue --declare
	printf '%s\n' '#!/bin/bash' 'eg-influx --url "$EG_LAB_INFLUX" --db energy | tee -a out' >sink
	chmod +x sink
	start /dev/null eg-consume -q clock.queue -- ./sink
	set_clock published
	ends 0
	[[ $(queue_has clock.queue messages) == 0 ]]
}

post() { # TYPE BODY PATH
	curl -sSf --max-time 30 -o /dev/null -H "Content-Type: $1" -d "$2" "http://$AT/$3"
}

posted() { # N
	post text/plain "$(record "$1")" ingest_bulk || return 1
	post application/json "{\"sensor_id\":\"n\",\"value\":$1}" ingest
}

@test "eg-serve answers, whatever the clock does, also readings without a time" {
	start /dev/null eg-serve -v --listen 127.0.0.1:0 --store a.db -- eg-store a.db
	wait_until grep -q "listening at" err
	AT=$(sed -n "s|.*listening at http://||p" err)
	set_clock posted
	ends 0
	[[ $(eg-store a.db range s | wc -l) -eq 6 && $(eg-store a.db range n | wc -l) -eq 6 ]]
}

sent() { # N
	send meters "{\"v\":$1}"
	wait_until grep -q ":$1$" out
}

@test "eg-mqtt and eg-mqtt-publish go on, whatever the clock does" {
	broker_up
	start /dev/null eg-mqtt -v --decode json --sensor s --value .v --now meters
	wait_until grep -q ": subscribed at" err
	set_clock sent
	ends 0
	stage eg-mqtt-publish
}

more_lines() { # N
	local before
	before=$(wc -l <out)
	# The first may be of the time before.
	wait_until eval "[[ \$(wc -l <out) -ge $((before + 2)) ]]"
}

@test "eg-modbus, eg-fetch and eg-sim print on, whatever the clock does" {
	mkdir device
	printf '1 input 12 3f80 0000\n' >device/registers
	"$BIN/tests/modbus_device" device 3>&- &
	PIDS+=($!)
	wait_until test -s device/port
	printf '%s\n' 'name m' 'power input:12 f32 kW' >map
	start /dev/null eg-modbus --every 1s map "127.0.0.1:$(<device/port)"
	set_clock more_lines
	ends 0
	mkdir web
	python3 "$TOOLS/device-http" web 3>&- 2>web/err &
	PIDS+=($!)
	wait_until test -s web/port
	AT=http://127.0.0.1:$(<web/port)
	start /dev/null eg-fetch --every 1s --value .power --now json "$AT/power"
	set_clock more_lines
	ends 0
	start /dev/null eg-sim -n 1 -r 0 -d 1s
	set_clock more_lines
	ends 0
}
