#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-mqtt and brokers that do not keep to MQTT: it says what is wrong, and neither hangs nor grows.
# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0
load ../wait
load ../mqtt

setup() {
	PATH="$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}"):$BATS_TEST_DIRNAME/../tools:$PATH"
	unset MQTT_URL
	cd "$BATS_TEST_TMPDIR" || return
	PID=
}

teardown() {
	[[ -z $PID ]] || kill "$PID" 2>/dev/null || true
}

take() { # OPTION...
	run --separate-stderr timeout 60 eg-mqtt a "$@"
}

acks() { # N: the identifiers, when there are so many
	wait_until eval "((\$(wc -l <acks) > $1))"
	tail -n +2 acks | paste -sd ' '
}

lost() { # CASE TEXT: it is warned of, and the broker tried again
	faulty_broker "$1"
	anew out err
	eg-mqtt a >out 2>err 3>&- &
	wait_until grep -q "broker 127.0.0.1:.*: $2; trying again" err
	wait_until gone_after_signal $!
	[ ! -s out ]
	[ -z "$(tail -n +2 acks)" ]
}

@test "a user or a password that MQTT cannot carry is wrong usage" {
	local user program why
	for program in 'eg-mqtt a' eg-mqtt-publish; do
		for user in %ff a%0ab %c2%85 $'\xed\xa0\x80'; do
			why='holds a control character'
			[[ $user != %ff && $user != $'\xed\xa0\x80' ]] || why='is no valid UTF-8'
			MQTT_URL=mqtt://$user:secret@127.0.0.1:1 \
				run --separate-stderr -64 timeout 20 $program --timeout 300ms </dev/null
			[[ $stderr == *"fatal: MQTT_URL: the user $why; see"* ]]
		done
		MQTT_URL=mqtt://a:$(printf '%065536d' 0)@127.0.0.1:1 \
			run --separate-stderr -64 timeout 20 $program --timeout 300ms </dev/null
		[[ $stderr == *"fatal: MQTT_URL: the password has more than 65535 bytes; see"* ]]
		# A password may be any bytes.
		MQTT_URL=mqtt://%c3%a8:%ff@127.0.0.1:1 \
			run --separate-stderr timeout 20 $program --timeout 300ms <<<a:2026-11-23T14:18:36:1
		((status == 75))
	done
}

@test "a message whose topic is none is refused, and the session goes on" {
	faulty_broker topics
	take --count 6
	[ "$status" -eq 65 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ $stderr == *"the topic holds a wildcard"*"the topic is no valid UTF-8"*"the topic is empty"*"the topic holds a control character"* ]]
	[ "$(acks 6)" = "1 2 3 4 5 6" ]
}

@test "a message of 256 MB takes no memory, and the next one is taken" {
	[[ -z ${EG_SAN-} ]] || skip 'the sanitizers need more addresses than the limit allows'
	faulty_broker length
	run --separate-stderr bash -c 'ulimit -v 150000; exec timeout 60 eg-mqtt a --count 2'
	[ "$status" -eq 65 ]
	[ "$output" = "s:2026-01-01T00:00:00:1" ]
	[[ $stderr == *"the message has 268435450 bytes, more than --max-message"* ]]
	[ "$(acks 2)" = "1 2" ]
}

# RabbitMQ 4 did not read the acknowledgement when its answer to SUBSCRIBE found the connection
# closed.
@test "a message that comes before the answer to SUBSCRIBE is acknowledged, and the connection ends" {
	faulty_broker resumed
	run -0 --separate-stderr timeout 60 eg-mqtt --count 1 '#'
	[ "$output" = s:2026-01-01T00:00:00:1 ]
	[ "$(acks 2)" = "1 disconnect" ]
}

@test "what nobody asked for ends the connection, not the program" {
	lost qos2 "it sends a message of QoS 2, which was not asked for"
	kill "$PID"
	lost identifier "it sends a message with the identifier 0"
	kill "$PID"
	lost unasked "it sends a packet of type 6, which was not asked for"
	kill "$PID"
	lost garbage "its first packet is no CONNACK: this may be no MQTT broker"
	kill "$PID"
	lost early "its first packet is no CONNACK: .*"
	kill "$PID"
	lost suback "it sends a SUBACK that is not valid"
}

@test "a broker that refuses the topic or the user ends it with 78" {
	faulty_broker refused
	take
	[ "$status" -eq 78 ]
	[[ $stderr == "eg-mqtt: fatal: the broker refuses the topic 'a'" ]]
	kill "$PID"
	faulty_broker user
	take
	[ "$status" -eq 78 ]
	[[ $stderr == *": the user or the password is wrong" ]]
}

@test "a broker without a word is given up with --timeout, and SIGINT ends the wait" {
	faulty_broker silent
	take --timeout 12s
	[ "$status" -eq 75 ]
	[[ $stderr == *"no answer within 8 s"* ]]
	anew out err
	eg-mqtt a >out 2>err 3>&- &
	local eg=$!
	wait_until gone_after_signal "$eg" INT
}

@test "the wait for an answer to the login is part of the outage" {
	faulty_broker late
	anew out err
	eg-mqtt a >out 2>err 3>&- &
	local eg=$!
	wait_until grep -q 'the broker is back after' err
	wait_until gone_after_signal "$eg"
	# 8 s without an answer, and 5 s in which the connection holds.
	(($(sed -n 's/.*the broker is back after \([0-9]*\)\..*/\1/p' err) >= 12))
}

@test "standard output that is full or closed ends it, without an acknowledgement" {
	faulty_broker topics
	run --separate-stderr bash -c 'timeout 30 eg-mqtt a >/dev/full'
	[ "$status" -eq 74 ]
	run --separate-stderr bash -c 'timeout 30 eg-mqtt a >&-'
	[ "$status" -eq 74 ]
	[ -z "$(tail -n +2 acks | grep -x '[56]')" ]
}
