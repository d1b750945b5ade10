#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A child, a broker or a database that is stopped (SIGSTOP), as by a debugger or a machine that is
# out of memory: it is said, --timeout holds, and what waited goes on when it runs again.
# shellcheck disable=SC2016,SC2154 # the inner shells expand; bats sets some

bats_require_minimum_version 1.5.0
load ../wait
load ../broker
load ../mqtt

setup_file() {
	local top=$BATS_TEST_DIRNAME/../..
	PATH="$(realpath "${EG_BIN:-$top/build}"):$(realpath "$top/scripts"):$PATH"
	export PATH EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	eg-lab --no-victoria up >&2
	eval "$(eg-lab env)"
	eg-publish -Q stopped --declare
}

teardown_file() {
	eg-lab down >&2
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkfifo in
	PID='' BROKER='' RESUME=()
}

teardown() {
	[[ ${#RESUME[@]} -eq 0 ]] || "${RESUME[@]}" || true
	[[ -z $PID ]] || kill -KILL "$PID" 2>/dev/null || true
	[[ -z $BROKER ]] || { kill -CONT "$BROKER" && kill "$BROKER"; } 2>/dev/null || true
}

record() { printf 's:2026-01-01T00:00:0%d:%d\n' "$1" "$1"; }

# Starts a stage; the first record goes through.
start() { # COMMAND...
	: >out
	anew out err
	"$@" <in >out 2>err 3>&- &
	PID=$!
	exec 7>in
	record 1 >&7
	wait_until grep -qx "$(record 1)" out
}

ended() { # STATUS
	local status=0
	wait_until gone "$PID"
	wait "$PID" || status=$?
	PID=
	((status == $1)) || { echo "status $status"; cat err; return 1; }
}

# Of a stage whose peer stops and runs again. With the command RESUME it runs again.
waits_for() { # TEXT STOP... -- COMMAND...
	local text=$1 stop=()
	shift
	while [[ $1 != -- ]]; do stop+=("$1"); shift; done
	shift
	start "$@"
	"${stop[@]}"
	record 2 >&7
	wait_until grep -q "$text" err || { cat err; return 1; }
	run ! grep -qx "$(record 2)" out
	"${RESUME[@]}"
	wait_until grep -qx "$(record 2)" out || { cat err; return 1; }
	exec 7>&-
	ended 0
	# The same with a time limit.
	start "$1" --timeout 3s "${@:2}"
	"${stop[@]}"
	record 2 >&7
	ended 75
	exec 7>&-
	"${RESUME[@]}"
	run ! grep -qx "$(record 2)" out
	grep -q 'gave up' err
}

start_consume() { # LIMIT
	local limit=()
	[[ $1 == 0 ]] || limit=(--timeout "$1")
	rm -f a.db*
	eg-consume -q child "${limit[@]}" -- eg-store a.db 2>err 3>&- &
	PID=$!
	wait_until eval '[[ $(eg-store a.db dump 2>/dev/null) == "$(record 1)" ]]'
	wait_until empty
}
# Whether the queue holds nothing, also no message without an acknowledgement.
empty() { [[ $(queue_has child messages) == 0 ]]; }

stop_child() { kill -STOP "$(pgrep -P "$PID" -x "$CHILD")"; }
resume_child() { pkill -CONT -P "${PID:-1}" -x "$CHILD" || true; }

@test "eg-influx waits for a database that is stopped" {
	RESUME=(eg-lab resume influxdb)
	waits_for 'does not answer' eg-lab pause influxdb -- \
		eg-influx --url "$EG_LAB_INFLUX" --db energy
}

@test "eg-publish waits for a broker that is stopped" {
	RESUME=(eg-lab resume rabbitmq)
	waits_for 'broker' eg-lab pause rabbitmq -- eg-publish -Q stopped
}

@test "eg-mqtt-publish waits for a broker that is stopped" {
	broker_up
	RESUME=(kill -CONT "$BROKER")
	waits_for 'broker' kill -STOP "$BROKER" -- eg-mqtt-publish --keepalive 5
}

@test "eg-replicate waits for stores that are stopped" {
	printf '%s\n' 'quorum 1' 'node a eg-store a.db' >c.conf
	CHILD=eg-store RESUME=(resume_child)
	waits_for 'quorum' stop_child -- eg-replicate --node-timeout 60s c.conf
}

@test "eg-consume says that its child is stopped, goes on with it, and gives up in time" {
	eg-publish -Q child --declare
	for limit in 0 3s; do
		record 1 | eg-publish -Q child >/dev/null
		start_consume $limit
		kill -STOP "$(pgrep -P "$PID" -x eg-store)"
		record 2 | eg-publish -Q child >/dev/null
		if [[ $limit == 0 ]]; then
			wait_until grep -q "'eg-store' has given no receipt for 10 s" err
			pkill -CONT -P "$PID" -x eg-store
			wait_until grep -q "'eg-store' gives receipts again" err
			wait_until empty
			kill -TERM "$PID"
			ended 0
		else
			ended 75
		fi
	done
	[[ $(queue_has child messages) == 1 ]]
	[[ $(timeout 60 eg-consume -q child --drain) == "$(record 2)" ]]
}

stored() { [[ $(eg-store a.db dump 2>/dev/null | wc -l) == "$1" ]]; } # N

# Starts eg-mqtt with a store.
start_mqtt() { # OPTION...
	: >err
	eg-mqtt readings -v --client-id stopped "$@" -- eg-store a.db 2>>err 3>&- &
	PID=$!
	wait_until grep -q 'subscribed at broker' err
}

# Stops its store when that has N records, and sends it another.
stop_with() { # N
	wait_until stored "$1"
	CHILD=$(pgrep -P "$PID" -x eg-store)
	kill -STOP "$CHILD"
	send readings "$(record $(($1 + 1)))"
	pends() { kill -USR1 "$PID" && grep -q 'pending 1' err; }
	wait_until pends
}

@test "eg-mqtt says that its child is stopped, goes on with it, and ends in time without it" {
	broker_up
	start_mqtt --grace 300ms
	send readings "$(record 1)"
	stop_with 1
	wait_until grep -q "'eg-store' has given no receipt for 10 s" err
	kill -CONT "$CHILD"
	wait_until grep -q "'eg-store' gives receipts again" err
	(($(grep -c "warning: 'eg-store' " err) == 2))
	wait_until stored 2
	# Its input was closed, so that it ended; the next message starts another one.
	send readings "$(record 3)"
	stop_with 3
	kill -TERM "$PID"
	ended 75
	wait_until gone "$CHILD"
	# A second signal ends it, too; what was not acknowledged comes again.
	start_mqtt --grace 1h
	stop_with 4
	wait_until gone_after_signal "$PID"
	ended 75
	wait_until gone "$CHILD"
	start_mqtt
	wait_until stored 5
	kill -TERM "$PID"
	ended 0
}

@test "eg-watch waits for a command that is stopped" {
	printf 'high s over 0\nlow s under 2 until 2\n' >rules
	CHILD=eg-store RESUME=(resume_child)
	waits_for "'eg-store' has given no receipt for 10 s" stop_child -- \
		eg-watch rules -- eg-store a.db
}
