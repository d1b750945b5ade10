#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-mqtt-publish against Debian's mosquitto: a record comes out when the broker has acknowledged
# it, and Home Assistant's discovery finds the sensors.
# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0
load ../wait
load ../mqtt

setup_file() {
	PATH="$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}"):$PATH"
	export PATH
}

setup() {
	unset MQTT_URL
	cd "$BATS_TEST_TMPDIR" || return
	PID=
	SUB=
	BROKER=
}

teardown() {
	[[ -z $PID ]] || kill -9 "$PID" 2>/dev/null || true
	[[ -z $SUB ]] || kill "$SUB" 2>/dev/null || true
	[[ -z $BROKER ]] || kill "$BROKER" 2>/dev/null || true
}

publish() { # OPTION...: standard input, to its end
	run --separate-stderr timeout 60 eg-mqtt-publish "$@"
}

# In the background; what is written to descriptor 7 is its input.
start() { # OPTION...
	[[ -p in ]] || mkfifo in
	anew out err
	eg-mqtt-publish -v "$@" <in >out 2>err 3>&- &
	PID=$!
	exec 7>in
	wait_until grep -q ': connected to' err
}

# Ends its input and waits for it.
finish() { # STATUS
	local status=0
	exec 7>&-
	await 60 gone "$PID"
	wait "$PID" || status=$?
	PID=
	[ "$status" -eq "$1" ]
}

record() { # N [SENSOR]
	echo "${2:-s}:2026-01-01T00:00:00.$(printf %06d "$1"):$1.50"
}

# All messages from here on, `TOPIC MESSAGE` in got.
watch() { # TOPIC
	mosquitto_sub -h 127.0.0.1 -p "$MQTT_PORT" -q 1 -v -t "$1" -t test/ready >got 2>/dev/null 3>&- 7>&- &
	SUB=$!
	wait_until seen_ready
}

seen_ready() {
	send test/ready x
	grep -q '^test/ready' got
}

messages() {
	grep -v '^test/ready' got || true
}

has_messages() { # N
	(($(messages | wc -l) >= $1))
}

config() { # SENSOR FILTER: of its retained announcement
	timeout 20 mosquitto_sub -h 127.0.0.1 -p "$MQTT_PORT" -C 1 -t "homeassistant/sensor/energyguard_$1/config" | jq -r "$2"
}

@test "records come out as they went in, and each is a message" {
	broker_up
	watch 'energyguard/#'
	publish <<-END
		$(record 1)
		a/b:2026-01-01T00:00:00+01:00:-3e5
		nonsense
		$(record 2)
	END
	[ "$status" -eq 65 ]
	diff <(echo "$output") - <<-END
		$(record 1)
		a/b:2026-01-01T00:00:00+01:00:-3e5
		$(record 2)
	END
	[[ $stderr == *"line 3: "* ]]
	wait_until has_messages 3
	diff <(messages) - <<-END
		energyguard/s {"key":"s:2026-01-01T00:00:00.000001","value":1.50}
		energyguard/a/b {"key":"a/b:2026-01-01T00:00:00+01:00","value":-3e5}
		energyguard/s {"key":"s:2026-01-01T00:00:00.000002","value":2.50}
	END
}

@test "no broker, no receipt: it waits, and gives up with --timeout" {
	publish --url mqtt://127.0.0.1:1 --timeout 500ms < <(record 1)
	[ "$status" -eq 75 ]
	[ -z "$output" ]
	[[ $stderr == *"broker 127.0.0.1:1: cannot connect: Connection refused; trying again"* ]]
}

@test "eg-mqtt takes back what was sent, byte for byte" {
	broker_up
	anew taken err
	eg-mqtt 'x/#' -v >taken 2>err 3>&- &
	PID=$!
	wait_until grep -q ': subscribed at' err
	eg-sim -n 7 -r 100 -d 0 -S 1 -P 'zähler+#$%/' >sent
	printf '%s\n' 'k:2026-01-01T00:00:00.123456789Z:-0.00' 'k:2026-01-01T00:00:01+02:00:1e-9' >>sent
	publish --topic 'x/%s/state' <sent
	[ "$status" -eq 0 ]
	diff sent <(echo "$output")
	wait_until has_lines taken 702
	diff sent taken
	kill -TERM "$PID"
	wait "$PID"
	PID=
}

@test "Home Assistant is told of each sensor before its first reading" {
	broker_up
	printf '%s\n' 'dsmr/import kWh grid-import Grid' 'solar* W pv Roof' 'gas m3 none' 'boiler C none' >meters
	watch '#'
	publish --discovery --meters meters <<-END
		$(record 1 dsmr/import)
		$(record 1 solar1)
		$(record 1 gas)
		$(record 1 boiler)
		$(record 2 solar1)
		$(record 1 other)
	END
	[ "$status" -eq 0 ]
	wait_until has_messages 11
	diff <(messages | cut -d ' ' -f 1 | sed -E 's/_[0-9a-f]{16}//') - <<-END
		homeassistant/sensor/energyguard_dsmr_import/config
		energyguard/dsmr/import
		homeassistant/sensor/energyguard_solar1/config
		energyguard/solar1
		homeassistant/sensor/energyguard_gas/config
		energyguard/gas
		homeassistant/sensor/energyguard_boiler/config
		energyguard/boiler
		energyguard/solar1
		homeassistant/sensor/energyguard_other/config
		energyguard/other
	END
	diff <(configs) - <<-END
		Grid|energyguard/dsmr/import|energy|kWh|total_increasing|{{ value_json.value }}
		Roof solar1|energyguard/solar1|power|W|measurement|{{ value_json.value }}
		gas|energyguard/gas|volume|m³|total_increasing|{{ value_json.value }}
		boiler|energyguard/boiler|temperature|°C|measurement|{{ value_json.value }}
		other|energyguard/other|||measurement|{{ value_json.value }}
	END
	# It is retained: Home Assistant may start later.
	[ "$(config solar1 .unique_id)" = energyguard_solar1 ]
	[ "$(config solar1 '.device.name + " " + .origin.name')" = "EnergyGuard eg-mqtt-publish" ]
}

configs() {
	messages | sed -n 's|^homeassistant/[^ ]* ||p' |
		jq -r '[.name, .state_topic, .device_class, .unit_of_measurement, .state_class, .value_template] | join("|")'
}

@test "the sensors are announced again when Home Assistant starts, and after a loss" {
	broker_up
	start --discovery
	record 1 >&7
	record 1 b >&7
	wait_until has_lines out 2
	watch 'homeassistant/sensor/+/config'
	wait_until has_messages 2 # retained
	send homeassistant/status offline
	send homeassistant/status online
	wait_until has_messages 4
	kill "$SUB"
	# A broker that has forgotten everything.
	broker_kill
	rm -f mosquitto.db
	broker_start 7>&-
	wait_until connections 2
	wait_until eval '[ "$(config b .name)" = b ]'
	[ "$(config s .name)" = s ]
	finish 0
	grep -q "announcements 6" err
}

connections() { # N
	(($(grep -c ': connected to' err) >= $1))
}

@test "the last message of each sensor stays at the broker with --retain, and only then" {
	broker_up
	publish --retain < <(record 1; record 2)
	publish --topic 'other/%s' < <(record 3)
	timeout 60 eg-mqtt '#' --retained --count 1 >got
	diff got <(record 2)
}

@test "a sensor without a topic is refused, and the next record is sent" {
	broker_up
	publish --rejects bad < <(record 1 "$(printf '%0250d' 0)"; record 1 "$(printf '/%.0s' {1..220})"; record 2)
	[ "$status" -eq 65 ]
	[ "$output" = "$(record 2)" ]
	[[ $stderr == *"the topic has more than 255 bytes"*"the topic has more than 200 levels"* ]]
	[ "$(grep -vc '^#' bad)" -eq 2 ]
}

# Whether a client's messages wait for the stopped broker to read them: more than 255 bytes.
unread() {
	awk -v at="$(printf '0100007F:%04X' "$MQTT_PORT")" '$2 == at && $4 == "01" && $5 !~ /:000000..$/ { n++ }
		END { exit !n }' /proc/net/tcp
}

# The last records come on a connection to a broker that does not read, so some are under way as
# it dies, however slow this machine is.
@test "a broker that is killed under load: all is sent again, in order" {
	local i
	broker_up
	eg-sim -n 5 -r 2000 -s 2026-01-01T00:00:00 -t 1s >sent
	eg-sim -n 5 -r 20 -s 2026-01-02T00:00:00 -t 1s >last
	mkfifo in
	eg-mqtt-publish -v <in >out 2>err 3>&- &
	PID=$!
	exec 4>in
	cat sent >&4 3>&- &
	for ((i = 1; i <= 4; i++)); do
		wait_until has_lines out $((i * 1000))
		broker_kill
		broker_start
		wait_until connections $((i + 1))
	done
	wait_until has_lines out 10000
	kill -STOP "$BROKER"
	wait_until stopped "$BROKER"
	cat last >&4
	exec 4>&-
	wait_until unread
	broker_kill
	broker_start
	wait_until gone "$PID"
	wait "$PID"
	PID=
	diff <(cat sent last) out
	grep -q "broker 127.0.0.1:$MQTT_PORT: .*; trying again" err
	grep -qE 'repeats [1-9]' err
}

@test "kill -9: what came out is at the broker" {
	local i
	broker_up
	eg-mqtt 'energyguard/#' -v -- eg-store a.db >/dev/null 2>sub 3>&- &
	SUB=$!
	wait_until grep -q ': subscribed at' sub
	: >out
	# More rounds, and longer ones, where nothing came out so soon.
	for ((i = 0; i < ${EG_KILL_ROUNDS:-10} || (i < 100 && $(wc -l <out) == 0); i++)); do
		eg-sim -n 1 -P "r$i-" -r 20000 -s 2026-01-01T00:00:00 -t 1s |
			timeout -s KILL "$((i / 20 % 5)).$((1 + RANDOM % 4))" eg-mqtt-publish >>out 2>>err || true
		# A line that the kill has cut is no receipt.
		[ -z "$(tail -c 1 out)" ] || sed -i '$d' out
	done
	echo "records: $(wc -l <out)"
	[ -s out ]
	wait_until nothing_missing
}

nothing_missing() {
	[ -z "$(comm -23 <(sort out) <(eg-store a.db dump | sort))" ]
}

@test "SIGTERM settles what is in flight" {
	broker_up
	start
	for n in 1 2 3; do record $n >&7; done
	wait_until has_lines out 3
	kill -TERM "$PID"
	wait_until gone "$PID"
	wait "$PID"
	PID=
	grep -q "in 3 = out 3 + refused 0 + pending 0" err
	exec 7>&-
}

@test "standard output that is full or closed ends it" {
	broker_up
	run --separate-stderr timeout 30 bash -c 'echo s:2026-01-01T00:00:00:1 | eg-mqtt-publish >/dev/full'
	[ "$status" -eq 74 ]
	run --separate-stderr timeout 30 bash -c 'echo s:2026-01-01T00:00:00:1 | eg-mqtt-publish >&-'
	[ "$status" -eq 74 ]
	run --separate-stderr timeout 30 bash -c 'set -o pipefail; eg-sim -r 0 -d 0 | eg-mqtt-publish | head -n 1'
	[ "$(wc -l <<<"$output")" -eq 1 ]
}

@test "several addresses are tried in turn, and a wrong password ends it with 78" {
	mosquitto_passwd -b -c users meter right
	broker_up 'allow_anonymous false' 'password_file users'
	publish --url "mqtt://meter@127.0.0.1:$MQTT_PORT" < <(record 1)
	[ "$status" -eq 78 ]
	[ -z "$output" ]
	MQTT_URL=mqtt://127.0.0.1:1,mqtt://meter:right@127.0.0.1:$MQTT_PORT publish < <(record 1)
	[ "$status" -eq 0 ]
	[ "$output" = "$(record 1)" ]
}

@test "a broker that lives and acknowledges nothing is left for the next address" {
	broker_up
	local good=$MQTT_URL
	PATH=$BATS_TEST_DIRNAME/../tools:$PATH faulty_broker pings
	publish --keepalive 2 --url "$MQTT_URL" --url "$good" < <(record 1 && sleep 9)
	[ "$status" -eq 0 ]
	[ "$output" = "$(record 1)" ]
	[[ $stderr == *"it has acknowledged nothing for 8 s; trying again"* ]]
}

@test "TLS: a certificate for the host is needed, and the right authority" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=localhost" \
		-addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem 2>/dev/null
	broker_up "certfile $PWD/cert.pem" "keyfile $PWD/key.pem"
	publish --url "mqtts://localhost:$MQTT_PORT" < <(record 1)
	[ "$status" -eq 78 ]
	eg-sim -n 5 -r 400 -d 0 >sent
	publish --url "mqtts://localhost:$MQTT_PORT" --cacert cert.pem <sent
	[ "$status" -eq 0 ]
	diff sent <(echo "$output")
}

@test "wrong usage ends it with 64" {
	for args in 'x' '--topic x' '--topic %s/+' '--topic %s%s' '--topic $SYS/%s' '--window 0' '--window 32768' \
		'--meters x' '--discovery-prefix x' '--discovery --discovery-prefix a/#' '--url http://x' '--cert x'; do
		# shellcheck disable=SC2086 # words
		publish $args </dev/null
		echo "$args: $status $stderr"
		[ "$status" -eq 64 ]
		[ "${#stderr_lines[@]}" -eq 1 ]
	done
	publish --discovery --meters nowhere </dev/null
	[ "$status" -eq 78 ]
}
