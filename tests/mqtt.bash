# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A private mosquitto for the tests that load this file: on loopback, its session on disk.
# Load wait.bash as well.

# Writes NAME.conf and starts the broker; further lines of its configuration are the arguments.
# A port that another program has is left to it.
broker_up() { # [LINE...]
	local try
	for ((try = 0; try < 20; try++)); do
		MQTT_PORT=$((20000 + RANDOM % 10000))
		printf '%s\n' "listener $MQTT_PORT 127.0.0.1" 'persistence true' "persistence_location $PWD/" \
			'autosave_interval 1' 'autosave_on_changes true' 'max_queued_messages 0' \
			"user $(id -un)" 'allow_anonymous true' "$@" >mosquitto.conf
		broker_start && break
	done
	export MQTT_PORT MQTT_URL=mqtt://127.0.0.1:$MQTT_PORT
}

# Starts it with the same port and files. 1: it has ended at once.
broker_start() {
	mosquitto -c mosquitto.conf >>mosquitto.log 2>&1 3>&- &
	BROKER=$!
	until broker_answers; do
		! gone "$BROKER" || return 1
		sleep 0.05
	done
}

# Whether this broker listens, and not another program at its port.
broker_answers() {
	grep -q "$(printf '0100007F:%04X 00000000:0000 0A' "$MQTT_PORT")" /proc/net/tcp && ! gone "$BROKER" &&
		[[ -n $(find "/proc/$BROKER/fd" -lname "socket:\[$(broker_inode)\]") ]]
}

broker_inode() {
	awk -v at="$(printf '0100007F:%04X' "$MQTT_PORT")" '$2 == at && $4 == "0A" { print $10; exit }' /proc/net/tcp
}

broker_kill() {
	kill -9 "$BROKER"
	wait "$BROKER" 2>/dev/null || true
}

# Publishes with QoS 1: it ends when the broker has the message.
send() { # TOPIC MESSAGE [OPTION...]
	mosquitto_pub -h 127.0.0.1 -p "$MQTT_PORT" -q 1 -t "$1" -m "$2" "${@:3}"
}

# Starts a broker that breaks the protocol as CASE says, in place of the one before. Identifiers of
# acknowledgements are in the file acks, behind its port.
faulty_broker() { # CASE
	[[ -z $PID ]] || kill "$PID" 2>/dev/null || true
	rm -f acks
	faulty-mqtt "$1" >acks 2>broker.err 3>&- &
	PID=$!
	wait_until test -s acks
	MQTT_URL=mqtt://127.0.0.1:$(head -n 1 acks)
	export MQTT_URL
}
