#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-mqtt against Debian's mosquitto: a message is acknowledged when it is safe, and not before.
# shellcheck disable=SC2016,SC2154 # the children's shells expand; bats sets stderr

bats_require_minimum_version 1.5.0
load ../wait
load ../mqtt
load ../dlms

setup_file() {
	PATH="$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}"):$PATH"
	export PATH
}

setup() {
	unset MQTT_URL
	cd "$BATS_TEST_TMPDIR" || return
	PID=
	BROKER=
}

teardown() {
	[[ -z $PID ]] || kill -9 "$PID" 2>/dev/null || true
	[[ -z $BROKER ]] || kill "$BROKER" 2>/dev/null || true
}

listen() { # OPTION...: in the background, subscribed when it returns
	anew out err
	eg-mqtt -v "$@" >out 2>err 3>&- &
	PID=$!
	wait_until grep -q ': subscribed at' err
}

take() { # OPTION...: to its end
	run --separate-stderr timeout 60 eg-mqtt "$@"
}

finish() { # STATUS
	local status=0
	kill -TERM "$PID"
	wait "$PID" || status=$?
	PID=
	[ "$status" -eq "$1" ]
}

record() { # N
	echo "s:2026-01-01T00:00:00.$(printf %06d "$1"):$1"
}

# The session is there from here on: what is sent later waits for it.
session() { # TOPIC...
	listen "$@"
	finish 0
	rm out err
}

@test "records and JSON objects come out, and what is neither is refused" {
	broker_up
	listen 'house/#' --rejects bad
	send house/a "$(record 1)"
	send house/b '{"key":"x:2026-01-01T00:00:00","value":3.50}'
	send house/b "nonsense"
	send elsewhere "$(record 9)"
	send house/a "$(record 2)"$'\r\n'"$(record 3)"$'\n'
	send house/c ""
	send house/a "$(record 4)"
	wait_until has_lines out 4
	finish 65
	diff out - <<-END
		$(record 1)
		x:2026-01-01T00:00:00:3.50
		$(record 3)
		$(record 4)
	END
	grep -q "topic house/b: .*: 'nonsense'" err
	grep -q "in 6 = out 4 + refused 2 + pending 0, messages 6" err
	grep -qx "nonsense" bad
}

@test "messages of devices are decoded, the topic names the sensor" {
	broker_up
	listen 'shellies/+/emeter/#' --decode shelly1 --now
	send shellies/em-1/emeter/0/power 230.5
	send shellies/em-1/emeter/0/power unknown
	send "shellies/zähler.2/emeter/1/power" 7
	wait_until has_lines out 2
	finish 65
	[[ $(sed -n 1p out) == em-1/emeter/0/power:20*":230.5" ]]
	[[ $(sed -n 2p out) == zähler.2/emeter/1/power:20*":7" ]]
}

@test "dlms: a message that was recorded is refused after a restart" {
	command -v openssl xxd >/dev/null || skip "no openssl or xxd"
	local decode=(--decode dlms --meter-key key --counter-file counters)
	echo "$DLMS_KEY" >key
	frame 5 >recorded
	broker_up
	listen meter "${decode[@]}"
	mosquitto_pub -h 127.0.0.1 -p "$MQTT_PORT" -q 1 -t meter -f recorded
	wait_until has_lines out 1
	finish 0
	grep -qx "4547524430303031 5" counters
	listen meter "${decode[@]}"
	mosquitto_pub -h 127.0.0.1 -p "$MQTT_PORT" -q 1 -t meter -f recorded
	wait_until grep -q "the frame counter went back to 5" err
	finish 65
	[ ! -s out ]
}

@test "dlms: a message without a receipt is no replay when a broker that lost its state repeats it" {
	command -v openssl xxd >/dev/null || skip "no openssl or xxd"
	local decode=(--decode dlms --meter-key key --counter-file counters)
	local publish=(mosquitto_pub -h 127.0.0.1 -q 1 -t meter -f recorded)
	echo "$DLMS_KEY" >key
	frame 5 >recorded
	broker_up
	listen meter "${decode[@]}" -- sh -c 'exec tee -a got >/dev/null'
	"${publish[@]}" -p "$MQTT_PORT"
	wait_until has_lines got 1
	# Not within the process that waits for the receipt. A replay on the same connection is one.
	"${publish[@]}" -p "$MQTT_PORT"
	wait_until grep -q "the frame counter went back to 5" err
	broker_kill
	rm mosquitto.db
	broker_start
	wait_until eval '[[ $(grep -c ": subscribed at" err) == 2 ]]'
	"${publish[@]}" -p "$MQTT_PORT"
	send meter x
	wait_until grep -q "not encrypted" err
	[ "$(grep -c "went back" err)" -eq 1 ]
	# Nor in the next process.
	kill -9 "$PID"
	PID=
	[ "$(<counters)" = "# frame counters of meters" ]
	broker_kill
	rm mosquitto.db
	broker_start
	listen meter "${decode[@]}"
	"${publish[@]}" -p "$MQTT_PORT"
	wait_until has_lines out 1
	finish 0
	grep -qx "4547524430303031 5" counters
}

@test "a message is acknowledged when all its records have receipts, not before" {
	broker_up
	listen a -- sh -c 'read -r a; echo "$a"; echo >got; exec sleep 60'
	send a "$(record 1)"$'\n'"$(record 2)"
	wait_until test -e got
	# One of its two records is back. Nothing shows that this was read, but the PUBACK would.
	sleep 0.3
	kill -9 "$PID"
	PID=
	take a --count 1
	[ "$status" -eq 0 ]
	diff <(echo "$output") <(record 1; record 2)
	# Now it is acknowledged.
	send a "$(record 3)"
	take a --count 1
	[ "$output" = "$(record 3)" ]
}

@test "what is sent while it is away waits for it" {
	broker_up
	session 'a/+'
	for n in 1 2 3; do send a/b "$(record $n)"; done
	take 'a/+' --count 3 -- cat
	[ "$status" -eq 0 ]
	take 'a/+' --client-id other --timeout 1s --count 1
	[ -z "$output" ]
}

@test "a record that is refused downstream is kept, and its message acknowledged" {
	broker_up
	listen a --rejects bad -- sh -c 'grep --line-buffered -v 000002; exit 65'
	for n in 1 2 3; do send a "$(record $n)"; done
	wait_until grep -q "refused downstream" bad
	finish 65
	diff <(grep -v '^#' bad) <(record 2)
	grep -q "in 3 = out 2 + refused 1 + pending 0" err
	send a "$(record 4)"
	take a --count 1
	[ "$output" = "$(record 4)" ]
}

@test "messages that are gzip are unpacked, also those of devices" {
	broker_up
	listen a --rejects bad --max-message 2000
	{ record 1; record 2; } | gzip >packed
	mosquitto_pub -h 127.0.0.1 -p "$MQTT_PORT" -q 1 -t a -f packed
	head -c 30 packed >damaged
	mosquitto_pub -h 127.0.0.1 -p "$MQTT_PORT" -q 1 -t a -f damaged
	eg-sim -n 1 -r 100 -d 0 | gzip >large
	mosquitto_pub -h 127.0.0.1 -p "$MQTT_PORT" -q 1 -t a -f large
	: | gzip >empty
	mosquitto_pub -h 127.0.0.1 -p "$MQTT_PORT" -q 1 -t a -f empty
	send a "$(record 3)"
	wait_until has_lines out 3
	finish 65
	diff out <(record 1; record 2; record 3)
	grep -q 'topic a: the message is gzip, and damaged or cut off' err
	grep -q 'topic a: the message is larger than --max-message when unpacked' err
	grep -q 'messages 5' err
	session 'shellies/#' --decode shelly1 --now --client-id device
	echo -n 12.5 | gzip >packed
	mosquitto_pub -h 127.0.0.1 -p "$MQTT_PORT" -q 1 -t shellies/s/emeter/0/power -f packed
	take 'shellies/#' --decode shelly1 --now --client-id device --count 1
	[[ $output == *:12.5 ]]
}

@test "two programs share the messages of a group" {
	local i
	broker_up
	eg-mqtt '$share/group/a' -v --client-id one >first 2>one.err 3>&- &
	PID=$!
	wait_until grep -q ': subscribed at' one.err
	eg-mqtt '$share/group/a' -v --client-id two >second 2>two.err 3>&- &
	local other=$!
	wait_until grep -q ': subscribed at' two.err
	for ((i = 1; i <= 20; i++)); do send a "$(record "$i")"; done
	shared() { (($(cat first second | wc -l) >= 20)); }
	wait_until shared
	kill -TERM "$PID" "$other"
	wait "$PID" "$other"
	PID=
	[[ -s first && -s second ]]
	diff <(sort first second) <(for ((i = 1; i <= 20; i++)); do record "$i"; done)
}

@test "retained messages are old: they are passed over, or taken with --retained" {
	broker_up
	send a "$(record 1)" --retain
	listen a
	send a "$(record 2)"
	wait_until has_lines out 1
	finish 0
	diff out <(record 2)
	grep -q "messages_retained 1" err
	take a --retained --count 1 --client-id other
	[ "$output" = "$(record 1)" ]
}

@test "a larger message than --max-message is refused, and the next one is taken" {
	broker_up
	listen a --max-message 1000 --rejects bad
	head -c 300000 /dev/zero | tr '\0' x | mosquitto_pub -h 127.0.0.1 -p "$MQTT_PORT" -q 1 -t a -s
	send a "$(record 1)"
	wait_until has_lines out 1
	finish 65
	diff out <(record 1)
	grep -q "the message has 300000 bytes, more than --max-message" err
}

@test "a broker that is away is waited for, and a message that comes again goes out once" {
	broker_up
	session a
	listen a -- sh -c 'while read -r a; do while [ ! -e go ]; do sleep 0.05; done; echo "$a"; done'
	for n in 1 2 3; do send a "$(record $n)"; done
	# A stop writes the session to disk.
	kill -TERM "$BROKER"
	wait "$BROKER"
	wait_until grep -q "trying again" err
	broker_start
	wait_until subscribed_again
	send a "$(record 4)"
	touch go
	wait_until usr1_shows "in 4 = out 4"
	finish 0
	grep -q "messages_again 3" err
}

subscribed_again() {
	(($(grep -c ': subscribed at' err) >= 2))
}

usr1_shows() { # TEXT
	kill -USR1 "$PID"
	grep -q "$1" err
}

@test "several addresses are tried in turn" {
	broker_up
	MQTT_URL=mqtt://127.0.0.1:1,mqtt://127.0.0.1:$MQTT_PORT listen a
	send a "$(record 1)"
	wait_until has_lines out 1
	finish 0
}

@test "a broker that refuses the user ends it with 78, one that is not there with 75" {
	mosquitto_passwd -b -c users meter right
	broker_up 'allow_anonymous false' 'password_file users'
	take a --url "mqtt://meter@127.0.0.1:$MQTT_PORT"
	[ "$status" -eq 78 ]
	[[ $stderr == "eg-mqtt: fatal: broker 127.0.0.1:$MQTT_PORT: "* ]]
	MQTT_URL=mqtt://meter:wrong@127.0.0.1:$MQTT_PORT take a
	[ "$status" -eq 78 ]
	[[ $stderr != *wrong* ]]
	echo right >password
	listen a --url "mqtt://meter@127.0.0.1:$MQTT_PORT" --password-file password
	finish 0
	MQTT_URL=mqtt://meter:%72ight@127.0.0.1:$MQTT_PORT listen a
	finish 0
	take a --url mqtt://127.0.0.1:1 --timeout 500ms
	[ "$status" -eq 75 ]
	[[ $stderr == *"broker 127.0.0.1:1: cannot connect: Connection refused"* ]]
}

@test "wrong usage ends it with 64" {
	for args in '' 'a/#/b' 'a+' '+a/b' 'a#' '--url http://x a' '--url mqtt://u:p@x a' '--url mqtt://x:0 a' \
		'--url mqtt://x/path a' '--url mqtt://[::1 a' '--count 0 a' '--now a' '--cert x a' '--url mqtt:// a'; do
		# shellcheck disable=SC2086 # words
		take $args
		echo "$args: $status $stderr"
		[ "$status" -eq 64 ]
		[ "${#stderr_lines[@]}" -eq 1 ]
	done
	take ''
	[ "$status" -eq 64 ]
	take $'a\xff'
	[ "$status" -eq 64 ]
}

# Each round adds messages, so that there is load in the last one, too.
@test "brokers, programs and children that are killed lose no message" {
	local i k rounds=${EG_KILL_ROUNDS:-20}
	broker_up
	session load
	for ((i = 0; i < rounds; i++)); do
		for ((k = 0; k < 50; k++)); do record $((i * 50 + k)); done |
			mosquitto_pub -h 127.0.0.1 -p "$MQTT_PORT" -q 1 -t load -l
		# A stop writes what the publisher knows to be there: mosquitto saves a little after it
		# confirms.
		kill "$BROKER"
		wait "$BROKER"
		broker_start
		timeout -s KILL 0.3 eg-mqtt load -- sh -c 'exec 3<&0; eg-store a.db <&3 & sleep 0.1; kill -9 $!' \
			2>>killed || true
		broker_kill
		broker_start
	done
	listen load -- eg-store a.db
	wait_until nothing_missing $((rounds * 50))
	finish 0
}

nothing_missing() { # N
	(($(eg-store a.db dump | wc -l) == $1))
}

@test "TLS: a certificate for the host is needed, and the right authority" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=localhost" \
		-addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem 2>/dev/null
	broker_up "certfile $PWD/cert.pem" "keyfile $PWD/key.pem"
	take a --url "mqtts://localhost:$MQTT_PORT"
	[ "$status" -eq 78 ]
	[[ $stderr == *"the server's certificate is not good: self-signed certificate" ]]
	take a --url "mqtts://127.0.0.1:$MQTT_PORT" --cacert cert.pem
	[ "$status" -eq 78 ]
	[[ $stderr == *"IP address mismatch" ]]
	take a --url "mqtts://localhost:$MQTT_PORT" --cacert nothing
	[ "$status" -eq 78 ]
	listen a --url "mqtts://localhost:$MQTT_PORT" --cacert cert.pem
	mosquitto_pub -h localhost -p "$MQTT_PORT" --cafile cert.pem -q 1 -t a -m "$(record 1)"
	wait_until has_lines out 1
	finish 0
	diff out <(record 1)
}

@test "a broker that goes away after SIGTERM does not cut the grace period short" {
	broker_up
	listen a --timeout 6s -- sh -c 'read -r l; echo >begun; sleep 1; echo "$l"'
	sleep 7 # it is older than its time limit
	send a "s:2026-01-01T00:00:00:1"
	wait_until test -s begun
	kill -TERM "$PID"
	broker_kill
	local status=0
	wait "$PID" || status=$?
	PID=
	[ "$status" -eq 0 ] || { echo "$status"; cat err; return 1; }
	grep -q 'in 1 = out 1 + refused 0 + pending 0' err
}
