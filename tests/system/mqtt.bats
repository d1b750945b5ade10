#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Meters by MQTT: RabbitMQ's own plugin, a queue that is bound, decoded on the way to InfluxDB.
# shellcheck disable=SC2016,SC2154 # the children's shells expand; bats sets stderr

bats_require_minimum_version 1.5.0
load ../wait
load ../broker
load ../mqtt

setup_file() {
	export PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	export EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	unset EG_LAB_PORTS
	eg-lab --mqtt --no-victoria up >&2
}

teardown_file() {
	eg-lab down >&2
}

setup() {
	unset INFLUX_HOST INFLUX_TOKEN INFLUX_TOKEN_FILE TZ
	eval "$(eg-lab env)"
	cd "$BATS_TEST_TMPDIR" || return
	Q=m$BATS_TEST_NUMBER
	PID=
	BROKER=
}

# A queue that stays bound would take the next test's messages.
teardown() {
	if [[ -n $PID ]]; then kill -9 "$PID" 2>/dev/null || true; fi
	if [[ -n $BROKER ]]; then kill "$BROKER" 2>/dev/null || true; fi
	delete_queue "$Q" 2>/dev/null || true
}

consume() {
	run --separate-stderr timeout 60 eg-consume --queue "$Q" --decode shelly2 "$@"
}

into_influx() { # OPTIONS: drains the queue into the database
	consume --drain "$@" -- eg-influx --url "$EG_LAB_INFLUX" --db energy
}

bind_queue() { # makes it and binds it
	consume --bind "amq.topic:$Q.*.events.rpc" --drain
	[ "$status" -eq 0 ]
}

send() { # DEVICE BODY: with QoS 1, ends when the broker has confirmed it
	mosquitto_pub -q 1 -L "$EG_LAB_MQTT/$Q/$1/events/rpc" -m "$2"
}

note() { # SECOND POWER: a notification
	printf '{"src":"x","method":"NotifyStatus","params":{"ts":%d.25,"em:0":{"a_act_power":%s,"total_act_power":%s}}}' \
		$((1700000000 + $1)) "$2" "$2"
}

stored() { # DEVICE: nanoseconds, sensor and value
	curl -fsS "$EG_LAB_INFLUX/query" -d db=energy -d epoch=ns --data-urlencode \
		"q=SELECT sensor, value FROM energy WHERE sensor =~ /$1/" |
		jq -r '.results[0].series[]?.values[] | "\(.[0]) \(.[1]) \(.[2])"' | sort
}

pika() { # the program on standard input
	/usr/bin/python3 -c "
import sys, pika
channel = pika.BlockingConnection(pika.URLParameters('$AMQP_URL')).channel()
channel.confirm_delivery()
$(cat)
channel.connection.close()" "$@"
}

messages() { # QUEUE: durable, ready
	queue_has "$1" durable,messages_ready | tr '\t' ' '
}

messages_are() { # QUEUE WANTED
	[[ $(messages "$1") == "$2" ]]
}

dead() { # QUEUE: reason, key, type and body of the first dead letter
	pika "$1" <<'END'
m, p, body = channel.basic_get(sys.argv[1], auto_ack=True)
print(p.headers['x-eg-reason'], p.headers['x-eg-key'], p.headers['x-eg-refused'], body.decode(), sep='|')
END
}

@test "a lab speaks MQTT on a port of its own, on loopback" {
	[[ $EG_LAB_MQTT == mqtt://guest:guest@127.0.0.1:* ]]
	local port=${EG_LAB_MQTT##*:} amqp=${AMQP_URL##*:}
	amqp=${amqp%%/*}
	[ "$port" -eq $((amqp + 6)) ]
	grep -qi "0100007F:$(printf %04X "$port") 00000000:0000 0A" /proc/net/tcp
	run grep -i " 00000000000000000000000000000000:$(printf %04X "$port") " /proc/net/tcp6
	[ "$status" -eq 1 ]
}

@test "what is published by MQTT comes to amq.topic, with points for slashes" {
	/usr/bin/python3 - "$AMQP_URL" "$EG_LAB_MQTT" <<'END'
import subprocess, sys, pika
channel = pika.BlockingConnection(pika.URLParameters(sys.argv[1])).channel()
channel.queue_declare("m", durable=True)
channel.queue_bind("m", "amq.topic", "tele.*.SENSOR")
subprocess.check_call(["mosquitto_pub", "-q", "1", "-L", sys.argv[2] + "/tele/plug/SENSOR", "-m", "{}"])
method, properties, body = channel.basic_get("m", auto_ack=True)
assert method.routing_key == "tele.plug.SENSOR" and properties.delivery_mode == 2 and body == b"{}"
channel.queue_delete("m")
END
}

@test "what a meter sends by MQTT is in the database, and what is broken among the dead letters" {
	local broken
	bind_queue
	messages_are "$Q" "true 0"
	broken=$(note 1 2 | head -c 90)
	send meter1 "$(note 0 -230.50)"
	send meter1 "$broken"
	send meter2 "$(note 2 '"7.25"')"
	send meter2 '{"src":"x","method":"NotifyStatus","params":{"ts":1700000000,"wifi":{"rssi":-60}}}'
	messages_are "$Q" "true 4"
	into_influx --verbose
	[ "$status" -eq 65 ]
	[[ $stderr == *"the JSON is cut short: "* ]]
	[[ $stderr == *"in 5 = out 4 + refused 1 + pending 0, messages 4, dead_letters 1, "*"messages_without_reading 1"* ]]
	diff <(stored "^$Q.meter") - <<-END
		1700000000250000000 $Q/meter1/em/0/a_power -230.5
		1700000000250000000 $Q/meter1/em/0/total_power -230.5
		1700000002250000000 $Q/meter2/em/0/a_power 7.25
		1700000002250000000 $Q/meter2/em/0/total_power 7.25
	END
	messages_are "$Q" "true 0"
	[ "$(dead "$Q.dead")" = "the JSON is cut short|$Q.meter1.events.rpc|1|$broken" ]
}

@test "a message is acknowledged when all its records have receipts, not before" {
	bind_queue
	send meter "$(note 0 1)"
	eg-consume -q "$Q" --decode shelly2 -- sh -c 'read -r a; echo "$a"; echo >got; sleep 60' 2>err 3>&- &
	PID=$!
	wait_until test -e got
	# One of its two records is back. Nothing shows that this was read, but the ack would.
	sleep 0.3
	kill -9 "$PID"
	wait_until messages_are "$Q" "true 1"
	PID=
	into_influx
	[ "$status" -eq 0 ]
	[ "$(stored "^$Q.meter" | wc -l)" -eq 2 ]
}

@test "a record that is refused downstream makes a dead letter of its message, which can be tried again" {
	bind_queue
	send meter "$(note 0 1)"
	consume --drain -- sh -c 'grep --line-buffered -v a_power; exit 65'
	[ "$status" -eq 65 ]
	messages_are "$Q.dead" "true 1"
	run --separate-stderr timeout 60 eg-consume -q "$Q.dead" -D "$Q.dead2" --drain --decode shelly2
	[ "$status" -eq 0 ]
	diff <(echo "$output") - <<-END
		$Q/meter/em/0/a_power:2023-11-14T22:13:20.25:1
		$Q/meter/em/0/total_power:2023-11-14T22:13:20.25:1
	END
	messages_are "$Q.dead" "true 0"
}

@test "what has no time of its own has the one that its publisher or broker gave it" {
	pika "$Q" <<'END'
channel.queue_declare(sys.argv[1], durable=True)
channel.queue_bind(sys.argv[1], 'amq.topic', sys.argv[1] + '.#')
body = b'{"act_power":1}'
for p in (pika.BasicProperties(timestamp=1700000000),
          pika.BasicProperties(timestamp=1700000000, headers={'timestamp_in_ms': 1700000000123})):
    channel.basic_publish('amq.topic', sys.argv[1] + '.m.status.em1:0', body, p, mandatory=True)
END
	consume --drain
	[ "$status" -eq 0 ]
	diff <(echo "$output") - <<-END
		$Q/m/em1/0/power:2023-11-14T22:13:20:1
		$Q/m/em1/0/power:2023-11-14T22:13:20.123:1
	END
}

@test "a dead letter without a time of its own keeps the one of its message" {
	consume --bind "amq.topic:$Q.m.status.*" --drain
	mosquitto_pub -q 1 -L "$EG_LAB_MQTT/$Q/m/status/em1:0" -m '{"act_power":1}'
	consume --drain --rejects bad -- sh -c 'cat >/dev/null; exit 65'
	[ "$status" -eq 65 ]
	run --separate-stderr timeout 60 eg-consume -q "$Q.dead" -D "$Q.dead2" --drain --decode shelly2
	[ "$status" -eq 0 ]
	[ "$output" = "$(grep -v '^#' bad)" ]
	[[ $output == "$Q/m/em1/0/power:20"*":1" ]]
}

@test "an exchange that does not exist ends it with 78" {
	consume --bind nowhere:x --drain
	[ "$status" -eq 78 ]
	[[ $stderr == *"nowhere"* ]]
}

@test "a queue that exists is bound as it is, whatever its type" {
	eg-publish --queue "$Q" --queue-type quorum --declare
	bind_queue
	send meter "$(note 0 1)"
	consume --drain
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "a queue that is deleted under it comes back with its bindings" {
	eg-consume -q "$Q" --bind "amq.topic:$Q.*.events.rpc" --bind "amq.topic:$Q.other" \
		--decode shelly2 >out 2>err 3>&- &
	PID=$!
	wait_until messages_are "$Q" "true 0"
	delete_queue "$Q"
	wait_until grep -q "was deleted" err
	wait_until messages_are "$Q" "true 0"
	wait_until bound 3
	send meter "$(note 0 1)"
	wait_until has_lines out 2
	kill -TERM "$PID"
	wait "$PID"
	PID=
}

bound() { # N: bindings of $Q, the one by its name among them
	[[ $(ask_broker "length([B || B <- rabbit_binding:list(<<\"/\">>), element(4, element(4, B)) == <<\"$Q\">>])") == "$1" ]]
}

@test "consumers and children that are killed lose none of a thousand messages" {
	bind_queue
	for ((i = 0; i < 1000; i++)); do note "$i" "$i" && echo; done |
		mosquitto_pub -q 1 -l -L "$EG_LAB_MQTT/$Q/meter/events/rpc"
	wait_until messages_are "$Q" "true 1000"
	for ((i = 0; i < 3; i++)); do
		timeout -s KILL 0.3 eg-consume -q "$Q" -p 50 --decode shelly2 -- \
			sh -c 'exec 3<&0; eg-influx --url "$EG_LAB_INFLUX" --db energy <&3 & sleep 0.2; kill -9 $!' \
			2>/dev/null || true
	done
	wait_until idle "$Q" messages_unacknowledged
	into_influx
	[ "$status" -eq 0 ]
	stored "^$Q.meter.em.0.a_power" | awk '{ print ($1 - 1700000000250000000) / 1000000000, $3 }' |
		sort -n | awk '$1 != NR - 1 || $2 != NR - 1 { exit 1 } END { exit NR != 1000 }'
}

# Whether a queue has no consumer, and no message in that column.
idle() { # QUEUE COLUMN
	[[ $(queue_has "$1" "$2,consumers") == 0$'\t'0 ]]
}

# eg-mqtt's session is a queue of RabbitMQ's.
@test "eg-mqtt takes from RabbitMQ's plugin, and acknowledges on receipt" {
	MQTT_URL=$EG_LAB_MQTT eg-mqtt "$Q/#" --client-id "$Q" -v \
		-- sh -c 'read -r a; echo "$a"; echo >got; exec sleep 60' 2>err 3>&- &
	PID=$!
	wait_until grep -q ': subscribed at' err
	mosquitto_pub -q 1 -L "$EG_LAB_MQTT/$Q/a" -m $'s:2026-01-01T00:00:00:1\ns:2026-01-01T00:00:01:2'
	wait_until test -e got
	sleep 0.3
	kill -9 "$PID"
	PID=
	mosquitto_pub -q 1 -L "$EG_LAB_MQTT/$Q/b" -m s:2026-01-01T00:00:02:3
	# Both records of the first message come again.
	MQTT_URL=$EG_LAB_MQTT timeout 60 eg-mqtt "$Q/#" --client-id "$Q" --count 2 >taken
	sort taken | diff - <(printf '%s\n' s:2026-01-01T00:00:0{0:1,1:2,2:3})
	# Nothing is left, when RabbitMQ has read the acknowledgements.
	wait_until idle "mqtt-subscription-${Q}qos1" messages
	anew rest err
	MQTT_URL=$EG_LAB_MQTT eg-mqtt "$Q/#" --client-id "$Q" -v >rest 2>err 3>&- &
	PID=$!
	wait_until grep -q ': subscribed at' err
	mosquitto_pub -q 1 -L "$EG_LAB_MQTT/$Q/b" -m s:2026-01-01T00:00:03:4
	wait_until has_lines rest 1
	kill -TERM "$PID"
	wait "$PID"
	PID=
	diff rest <(echo s:2026-01-01T00:00:03:4)
}

# RabbitMQ confirms what is on disk, so that it is killed without a stop before.
@test "eg-mqtt, its children and RabbitMQ are killed: no message of the plugin is lost" {
	local i k rounds=${EG_KILL_ROUNDS:-10}
	export MQTT_URL=$EG_LAB_MQTT
	anew rest err
	eg-mqtt "$Q/#" --client-id "$Q" -v >rest 2>err 3>&- &
	PID=$!
	wait_until grep -q ': subscribed at' err
	kill -TERM "$PID"
	wait "$PID"
	for ((i = 0; i < rounds; i++)); do
		for ((k = i * 50; k < (i + 1) * 50; k++)); do
			printf 's:2026-01-01T00:00:00.%06d:%d\n' $k $k
		done | mosquitto_pub -q 1 -L "$EG_LAB_MQTT/$Q/load" -l
		((i % 50 != 5)) || { eg-lab kill rabbitmq && eg-lab start rabbitmq; } >&2
		timeout -s KILL 0.3 eg-mqtt "$Q/#" --client-id "$Q" -- \
			sh -c 'exec 3<&0; eg-store a.db <&3 & sleep 0.1; kill -9 $!' 2>>killed || true
	done
	anew rest err
	eg-mqtt "$Q/#" --client-id "$Q" -- eg-store a.db >rest 2>err 3>&- &
	PID=$!
	wait_until holds $((rounds * 50))
	kill -TERM "$PID"
	wait "$PID"
	PID=
}

holds() { # N
	(($(eg-store a.db dump | wc -l) == $1))
}

@test "eg-mqtt-publish sends to RabbitMQ's plugin, and eg-consume takes it from a queue" {
	consume_plain --bind "amq.topic:$Q.#" --drain
	eg-sim -n 3 -r 300 -s 2026-01-01T00:00:00 -t 1s >sent
	MQTT_URL=$EG_LAB_MQTT run --separate-stderr timeout 60 eg-mqtt-publish --topic "$Q/%s" <sent
	[ "$status" -eq 0 ]
	diff sent <(echo "$output")
	consume_plain --drain
	[ "$status" -eq 0 ]
	diff sent <(echo "$output")
}

@test "a topic of 255 bytes goes through RabbitMQ's plugin, a longer one is refused here" {
	local name
	name=$(printf "%0$((254 - ${#Q}))d" 0)
	MQTT_URL=$EG_LAB_MQTT run --separate-stderr timeout 60 eg-mqtt-publish --topic "$Q/%s" <<-END
		$name:2026-01-01T00:00:00:1
		0$name:2026-01-01T00:00:00:1
		s:2026-01-01T00:00:00:1
	END
	[ "$status" -eq 65 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ $stderr == *"the topic has more than 255 bytes"* && $stderr != *"trying again"* ]]
}

@test "RabbitMQ that is killed under load: eg-mqtt-publish sends the rest again" {
	consume_plain --bind "amq.topic:$Q.#" --drain
	eg-sim -n 3 -r 2000 -s 2026-01-01T00:00:00 -t 1s >sent
	{
		head -n 3000 sent
		wait_until has_lines out 1000 >&2
		eg-lab kill rabbitmq >&2
		eg-lab start rabbitmq >&2
		wait_until routes >&2
		tail -n +3001 sent
	} | MQTT_URL=$EG_LAB_MQTT timeout 600 eg-mqtt-publish -v --topic "$Q/%s" >out 2>err
	diff sent out
	consume_plain --drain
	((status == 0)) || { echo "status $status"; echo "$stderr"; return 1; }
	# At least once: a later copy of a record changes nothing.
	diff <(sort sent) <(grep -v ^probe: <<<"$output" | sort -u)
}

# Whether a message gets through the binding. RabbitMQ gives its PUBACK also where no queue is
# bound, and now and then versions before 4 have lost the ways of a topic exchange at a start
# (rabbitmq-server, issues 2079 and 4236); AMQP has the message returned.
routes() {
	/usr/bin/python3 -c 'import pika, sys
channel = pika.BlockingConnection(pika.URLParameters(sys.argv[1])).channel()
channel.confirm_delivery()
channel.basic_publish("amq.topic", sys.argv[2] + ".probe", b"probe:2026-01-01T00:00:00:1",
    pika.BasicProperties(content_type="text/plain"), mandatory=True)' "$AMQP_URL" "$Q"
}

consume_plain() {
	run --separate-stderr timeout 60 eg-consume --queue "$Q" "$@"
}

# The recipe of eg-mqtt(1), Bridges.
@test "mosquitto as a bridge brings its messages to RabbitMQ, with QoS 1" {
	local at=${EG_LAB_MQTT##*@}
	bind_queue
	broker_up 'connection rabbitmq' "address $at" 'remote_username guest' 'remote_password guest' \
		'remote_clientid bridge' 'bridge_protocol_version mqttv311' 'try_private false' \
		'notifications false' 'cleansession false' "topic $Q/# out 1"
	send_to_bridge meter1 "$(note 0 1)"
	wait_until messages_are "$Q" "true 1"
	consume --drain
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "$Q/meter1/em/0/a_power:2023-11-14T22:13:20.25:1" ]
}

send_to_bridge() { # DEVICE BODY
	mosquitto_pub -h 127.0.0.1 -p "$MQTT_PORT" -q 1 -t "$Q/$1/events/rpc" -m "$2"
}
