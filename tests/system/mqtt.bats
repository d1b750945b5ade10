#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Meters by MQTT: RabbitMQ's own plugin.
# shellcheck disable=SC2154 # bats sets status

bats_require_minimum_version 1.5.0

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
	eval "$(eg-lab env)"
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
