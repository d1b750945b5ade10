#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-consume without a server: its options, and the wait for a broker that is not there.
# shellcheck disable=SC2016,SC2154 # the inner shell expands; run sets stderr_lines

bats_require_minimum_version 1.5.0
load ../wait

setup() {
	CONSUME="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}/eg-consume"
	unset AMQP_URL
	# Nobody listens on the discard port of loopback.
	NOBODY=amqp://127.0.0.1:9
	cd "$BATS_TEST_TMPDIR" || return
}

consume() {
	run --separate-stderr timeout 20 "$CONSUME" "$@"
}

is_usage() { # TEXT: one line on standard error that holds it, and 64
	[ "$status" -eq 64 ]
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "eg-consume: fatal: "*"$1"* ]]
}

@test "--help and --version go to standard output" {
	consume --help
	[ "$status" -eq 0 ]
	[[ $output == "usage: eg-consume "* ]]
	[ -z "$stderr" ]
	consume --version
	[ "$status" -eq 0 ]
	[[ $output =~ ^eg-consume\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "an unknown option is wrong usage" {
	consume --no-such-option
	is_usage ""
}

@test "numbers and durations out of range are wrong usage" {
	local o
	for o in --count=0 --count=x --prefetch=0 --prefetch=65536 --prefetch=1.5 --give-back=0 \
	    --give-back=soon --heartbeat=0 --timeout=x; do
		consume "$o"
		is_usage "${o%%=*}"
	done
}

@test "an offset that is neither name, number nor time is wrong usage" {
	local o
	for o in "" newest -1 2026-02-30T00:00:00; do
		consume --offset "$o"
		is_usage --offset
	done
}

@test "names of no or too many bytes are wrong usage" {
	consume --queue ""
	is_usage --queue
	consume --queue "$(printf '%0251d' 0)"
	is_usage --queue
	consume --dead-letter ""
	is_usage --dead-letter
}

@test "a name that a broker does not take is wrong usage" {
	local name why="want UTF-8 without control characters"
	for name in $'a\xff' $'\xed\xa0\x80' $'a\nb' $'a\xc2\x85'; do
		consume --url "$NOBODY" --queue "$name"
		is_usage "--queue: $why"
		consume --url "$NOBODY" --from "$name"
		is_usage "--from: $why"
		consume --url "$NOBODY" --dead-letter "$name"
		is_usage "--dead-letter: $why"
		consume --url "$NOBODY" --bind "$name:a"
		is_usage "--bind: want EXCHANGE:PATTERN in UTF-8"
		consume --url "$NOBODY" --bind "a:$name"
		is_usage "--bind: want EXCHANGE:PATTERN in UTF-8"
		consume --url "$NOBODY/$name"
		is_usage "--url: not an address"
	done
}

@test "the queue itself is no place for its dead letters" {
	consume --queue a --dead-letter a
	is_usage "another queue than --queue"
}

@test "an offset file that holds no offset is 78" {
	echo nonsense >offset
	consume --url "$NOBODY" --offset-file offset
	[ "$status" -eq 78 ]
	[[ $stderr == *"'offset' does not hold a stream offset"* ]]
}

@test "a password in an argument is refused and not shown" {
	consume --url amqp://user:sesame@127.0.0.1
	is_usage "--url"
	[[ $stderr != *sesame* ]]
}

@test "with nobody there --timeout ends the wait with 75, with a child too" {
	consume --url "$NOBODY" --timeout 300ms
	[ "$status" -eq 75 ]
	[[ $stderr == *"waiting for it"*"gave up waiting for the broker"* ]]
	consume --url "$NOBODY" --timeout 300ms -- cat
	[ "$status" -eq 75 ]
}

@test "SIGTERM ends the wait for a broker with 0" {
	local status=0
	"$CONSUME" --url "$NOBODY" >out 2>err 3>&- &
	wait_until grep -q "waiting for it" err
	kill -TERM $!
	wait $! || status=$?
	[ "$status" -eq 0 ]
}

@test "standard output that is closed is 74 before anything is read" {
	run --separate-stderr bash -c '"$0" --url "$1" >&-' "$CONSUME" "$NOBODY"
	[ "$status" -eq 74 ]
	[[ $stderr == *"standard output is not open"* ]]
}

@test "a file for --rejects or --metrics that cannot be written is 74" {
	consume --url "$NOBODY" --rejects no/such/folder
	[ "$status" -eq 74 ]
	consume --url "$NOBODY" --metrics no/such/folder
	[ "$status" -eq 74 ]
}

@test "a command that cannot be run is 78 before anything is asked" {
	consume --url "$NOBODY" -- no-such-command
	[ "$status" -eq 78 ]
	[[ $stderr == *"cannot run 'no-such-command': No such file or directory" ]]
}

@test "what devices send needs a format that there is, and its options need it" {
	local o
	for o in --now --prefix=a --sensor=a --sensor-path=.a --sensor-tag=a --meter-key=a \
		--meter-auth-key=a --counter-file=a --time-path=.a --time-unit=s --tz=UTC --value=.a; do
		consume "$o"
		is_usage "need --decode"
	done
	consume --decode xml
	is_usage "unknown format 'xml'"
	consume --decode tasmota
	is_usage "--tz is needed"
	consume --decode json
	is_usage "needs --value"
	consume --decode dlms --meter-key a --counter-file b --offset first
	is_usage "--counter-file does not go with a stream"
	consume --decode tasmota --tz Europe/Atlantis
	[ "$status" -eq 78 ]
	[[ $stderr == *"no such time zone: 'Europe/Atlantis'" ]]
}

@test "a binding without exchange or colon is wrong usage, and so is one of a stream" {
	local o
	for o in amq.topic :a ""; do
		consume --bind "$o"
		is_usage --bind
	done
	consume --bind a:b --offset first
	is_usage --bind
}
