#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-mqtt-publish and brokers that do not keep to MQTT: it says what is wrong, gives no receipt,
# and neither hangs nor grows.
# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0
load ../wait
load ../mqtt

RECORD=s:2026-01-01T00:00:00:1

setup() {
	PATH="$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}"):$BATS_TEST_DIRNAME/../tools:$PATH"
	unset MQTT_URL
	cd "$BATS_TEST_TMPDIR" || return
	mkfifo in
	PID=
}

teardown() {
	[[ -z $PID ]] || kill "$PID" 2>/dev/null || true
}

publish() { # OPTION...
	run --separate-stderr timeout 60 eg-mqtt-publish "$@" <<<"$RECORD"
}

warned() { # CASE TEXT [OPTION...]: it is warned of, waits on, and no receipt is given
	faulty_broker "$1"
	anew out err
	eg-mqtt-publish --grace 0 "${@:3}" <in >out 2>err 3>&- &
	local eg=$! status=0
	exec 7>in
	echo "$RECORD" >&7
	wait_until grep -q "$2" err
	wait_until gone_after_signal "$eg"
	exec 7>&-
	wait "$eg" || status=$?
	[ "$status" -ne 78 ]
	[ ! -s out ]
}

lost() { # CASE TEXT [OPTION...]: the same, and the broker is tried again
	warned "$1" "broker 127.0.0.1:.*: $2; trying again" "${@:3}"
}

@test "an acknowledgement of what was not sent ends the connection, and is no receipt" {
	lost puback "it acknowledges a message that was not sent"
	lost puback-zero "it acknowledges a message that was not sent"
	lost puback-long "it acknowledges a message that was not sent"
}

@test "what nobody asked for ends the connection, not the program" {
	lost unasked "it sends a packet of type .*, which was not asked for"
	lost qos2 "it sends a message of QoS 2, which was not asked for" --discovery
	lost identifier "it sends a message with the identifier 0" --discovery
	lost garbage "its first packet is no CONNACK: this may be no MQTT broker"
	lost early "its first packet is no CONNACK: .*"
	# Without --discovery it has subscribed to nothing.
	lost message "it sends a packet of type 3, which was not asked for"
	lost announced "it sends a packet of type 3, which was not asked for"
	lost refused "it sends a packet of type 9, which was not asked for"
}

@test "a message of 256 MB takes no memory, and the next one is taken" {
	[[ -z ${EG_SAN-} ]] || skip 'the sanitizers need more addresses than the limit allows'
	faulty_broker length
	timeout 120 bash -c 'ulimit -v 150000; exec eg-mqtt-publish --discovery' <in >out 2>err 3>&- &
	local eg=$!
	exec 7>in
	wait_until eval "((\$(wc -l <acks) > 2))"
	exec 7>&-
	wait "$eg"
	[ "$(tail -n +2 acks | paste -sd ' ')" = "1 2" ]
	[ ! -s err ]
}

@test "a broker that refuses the user ends it with 78; one that refuses the topic is warned of" {
	faulty_broker user
	publish
	[ "$status" -eq 78 ]
	[ -z "$output" ]
	[[ $stderr == *": the user or the password is wrong" ]]
	warned refused "the broker refuses the topic 'homeassistant/status'" --discovery
}

@test "a broker without a word is given up with --timeout, and SIGINT ends the wait" {
	faulty_broker silent
	publish --timeout 9s
	[ "$status" -eq 75 ]
	[ -z "$output" ]
	[[ $stderr == *"no answer within 8 s"* ]]
	faulty_broker silent
	publish --timeout 1s
	[ "$status" -eq 75 ]
	[[ $stderr != *"no answer within"* && $stderr == *"gave up waiting for the peer with 1 record"* ]]
	eg-mqtt-publish <in >out 2>err 3>&- &
	local eg=$!
	exec 7>in
	wait_until gone_after_signal "$eg" INT
	exec 7>&-
}

@test "a broker that acknowledges nothing is left when it gives no sign of life" {
	lost mute "no sign of life for 1 s" --keepalive 1
}

@test "a broker that lives and acknowledges nothing counts as away for --timeout" {
	faulty_broker pings
	publish --keepalive 10 --timeout 12s
	[ "$status" -eq 75 ]
	[ -z "$output" ]
	[[ $stderr == *"gave up waiting for the peer with 1 record"* && $stderr != *"no sign of life"* ]]
}

@test "a program that was stopped for longer than the keep-alive asks for a sign of life first" {
	faulty_broker pings
	eg-mqtt-publish -v --keepalive 4 <in >out 2>err 3>&- &
	local eg=$!
	exec 7>in
	wait_until grep -q connected err
	kill -STOP "$eg"
	sleep 5
	kill -CONT "$eg"
	sleep 4 # it goes on with the wait in which it was stopped
	exec 7>&-
	wait "$eg"
	run ! grep -q 'no sign of life' err
}
