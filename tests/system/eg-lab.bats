#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-lab on real servers: it starts them, breaks them on request, leaves nothing.

bats_require_minimum_version 1.5.0
load ../wait

setup_file() {
	export EG_LAB="$BATS_TEST_DIRNAME/../../scripts/eg-lab"
	export LAB="$BATS_FILE_TMPDIR/lab"
	unset EG_LAB_DIR EG_LAB_PORTS
	"$EG_LAB" up --dir "$LAB" --tls
}

teardown_file() {
	"$EG_LAB" down --dir "$LAB"
}

setup() {
	OTHER="$BATS_TEST_TMPDIR/other"
}

teardown() {
	local dir
	for dir in "$OTHER" "$OTHER".*; do
		if [[ -d $dir ]]; then "$EG_LAB" down --dir "$dir"; fi
	done
}

lab() {
	run --separate-stderr "$EG_LAB" --dir "$LAB" "$@"
}

other() {
	run --separate-stderr "$EG_LAB" --dir "$OTHER" "$@"
}

load_env() {
	eval "$("$EG_LAB" --dir "${1:-$LAB}" env)"
}

# Processes whose command line or environment names a folder; grep gets the
# name through a pipe, so as not to find itself.
processes_of() {
	grep -lsF -f <(printf '%s/\n' "$1") /proc/[0-9]*/cmdline /proc/[0-9]*/environ || true
}

# A folder of programs for PATH, without the ones named.
path_without() {
	mkdir "$BATS_TEST_TMPDIR/bin"
	ln -s -t "$BATS_TEST_TMPDIR/bin" /usr/bin/*
	(cd "$BATS_TEST_TMPDIR/bin" && rm -f "$@")
}

publish() { # QUEUE BODY
	/usr/bin/python3 - "$AMQP_URL" "$@" <<'END'
import sys, pika
url, queue, body = sys.argv[1:]
channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
channel.confirm_delivery()
channel.queue_declare(queue, durable=True)
channel.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=2), mandatory=True)
END
}

fetch() { # QUEUE
	/usr/bin/python3 - "$AMQP_URL" "$@" <<'END'
import sys, pika
channel = pika.BlockingConnection(pika.URLParameters(sys.argv[1])).channel()
print(channel.basic_get(sys.argv[2], auto_ack=True)[2].decode())
END
}

influx_write() { curl -fsS --max-time 30 --data-binary "$1" "$EG_LAB_INFLUX/write?db=energy"; }
influx_query() { curl -fsSG --max-time 30 --data-urlencode "q=$1" "$EG_LAB_INFLUX/query?db=energy"; }

@test "help and version go to standard output" {
	run --separate-stderr "$EG_LAB" --help
	[ "$status" -eq 0 ]
	[[ $output == *"usage: eg-lab"* ]]
	[ -z "$stderr" ]
	run --separate-stderr "$EG_LAB" --version
	[ "$status" -eq 0 ]
	[[ $output =~ ^eg-lab\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "wrong usage is one line on standard error and status 64" {
	local words
	for words in "" "--wrong up" "sideways" "up down" "up --brokers 0" "up --brokers 8" \
		"up --brokers two" "up --timeout 1e9" "up -p a;b" "up -b 2 -R" "up -R -I -M"; do
		# shellcheck disable=SC2086  # the words are to be split
		other $words
		echo "$words: $status $stderr"
		[ "$status" -eq 64 ]
		[ -z "$output" ]
		[ "$(wc -l <<<"$stderr")" -eq 1 ]
		[[ $stderr == eg-lab:* ]]
		[ ! -e "$OTHER" ]
	done
}

@test "the commands that need a lab say so where there is none" {
	local words
	for words in status env "start rabbitmq" "kill influxdb" "ctl list_queues"; do
		# shellcheck disable=SC2086
		other $words
		[ "$status" -eq 75 ]
		[ "$stderr" = "eg-lab: fatal: no lab in '$OTHER'" ]
	done
	[ ! -e "$OTHER" ]
}

@test "a folder that is not a lab is left alone" {
	mkdir "$OTHER"
	echo precious >"$OTHER/file"
	other up
	[ "$status" -eq 78 ]
	[[ $stderr == *"not empty and not a lab"* ]]
	other down
	[ "$status" -eq 0 ]
	[ "$(ls -A "$OTHER")" = file ]
	rm -r "$OTHER"
}

@test "a server program that is missing is named with its package, status 78" {
	path_without influxd
	PATH="$BATS_TEST_TMPDIR/bin" other up
	[ "$status" -eq 78 ]
	[ "$stderr" = "eg-lab: fatal: cannot find influxd: install the Debian package influxdb" ]
	EG_LAB_RABBITMQ_BIN=/nonexistent other up
	[ "$status" -eq 78 ]
	[[ $stderr == *"install the Debian package rabbitmq-server" ]]
	[ ! -e "$OTHER" ]
}

@test "an up that fails shows the log, takes down what it started, status 75" {
	path_without influxd
	printf '#!/bin/sh\necho the disk is made of cheese >&2\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/influxd"
	chmod +x "$BATS_TEST_TMPDIR/bin/influxd"
	PATH="$BATS_TEST_TMPDIR/bin" other up --no-rabbitmq
	[ "$status" -eq 75 ]
	[[ $stderr == *"influxdb ended while it was starting"*"made of cheese"* ]]
	[ ! -e "$OTHER" ]
	[ -z "$(processes_of "$OTHER")" ]
}

@test "an up that is interrupted takes down what it started" {
	"$EG_LAB" up --dir "$OTHER" 3>&- &
	local up=$! ended=0
	wait_until test -s "$OTHER/run/victoria.pid"
	[ -n "$(processes_of "$OTHER")" ]
	kill -TERM "$up"
	wait "$up" || ended=$?
	[ "$ended" -eq 75 ]
	[ ! -e "$OTHER" ]
	[ -z "$(processes_of "$OTHER")" ]
}

@test "status tells that every server runs, as a table and as JSON" {
	lab status
	[ "$status" -eq 0 ]
	[[ $output == *rabbitmq*running*influxdb*running*victoria*running* ]]
	lab status --json
	[ "$status" -eq 0 ]
	[ "$(jq -r '[.services[] | select(.state == "running") | .name] | join(" ")' <<<"$output")" = \
		"rabbitmq influxdb victoria" ]
}

@test "the addresses from env work with clients of each server" {
	load_env
	publish hello "sensor1:2026-11-23T14:18:36:55.20"
	[ "$(fetch hello)" = "sensor1:2026-11-23T14:18:36:55.20" ]
	influx_write 'energy,sensor=s1 value=55.20 1000000000'
	influx_query 'select value from energy' | grep -F 55.2
	curl -fsS --data-binary 'energy,sensor=old value=7 1000000000000000000' "$EG_LAB_VICTORIA/write"
	curl -fsS "$EG_LAB_VICTORIA/internal/force_flush"
	curl -fsS "$EG_LAB_VICTORIA/api/v1/export?match=energy_value" | grep -F '"sensor":"old"'
}

@test "the pids from env are the servers themselves" {
	load_env
	[ "$(<"/proc/$EG_LAB_RABBITMQ_PIDS/comm")" = beam.smp ]
	[ "$(<"/proc/$EG_LAB_INFLUX_PID/comm")" = influxd ]
	[[ $(<"/proc/$EG_LAB_VICTORIA_PID/comm") == victoria-metric* ]]
}

@test "every port of the lab is on loopback" {
	load_env
	local address port count=0
	while read -r address; do
		port=$((16#${address##*:}))
		((port >= ERL_EPMD_PORT && port < ERL_EPMD_PORT + 64)) || continue
		echo "listens: $address"
		[[ $address == 0100007F:* || $address == 00000000000000000000000001000000:* ]]
		count=$((count + 1))
	done < <(awk '$4 == "0A" { print $2 }' /proc/net/tcp /proc/net/tcp6)
	# epmd, amqp, amqps, distribution, InfluxDB's two, VictoriaMetrics
	((count >= 7))
}

@test "ctl and tool reach the node, with options of their own" {
	lab ctl -q eval 'node().'
	[ "$status" -eq 0 ]
	[[ $output == *"eg-"*"@localhost"* ]]
	lab tool 1 rabbitmq-diagnostics -q check_running
	[ "$status" -eq 0 ]
	lab ctl 2 list_queues
	[ "$status" -eq 64 ]
	lab tool 1 ../rabbitmqctl status
	[ "$status" -eq 78 ]
}

@test "a second up says that the lab runs and changes nothing" {
	local before
	before=$("$EG_LAB" --dir "$LAB" env)
	lab up
	[ "$status" -eq 0 ]
	[[ $stderr == *"is running already"* ]]
	[ "$("$EG_LAB" --dir "$LAB" env)" = "$before" ]
	lab up --tls-optional-client
	[ "$status" -eq 64 ]
}

@test "a broker that was killed starts again on its port with its messages" {
	load_env
	local url=$AMQP_URL pid=$EG_LAB_RABBITMQ_PIDS
	# RabbitMQ 3.10 can lose a queue declared less than 2 s before a crash: this waits.
	"${EG_BIN:-$BATS_TEST_DIRNAME/../../build}/eg-publish" --declare -q kept
	publish kept "still here"
	lab kill rabbitmq
	[ "$status" -eq 0 ]
	run grep -s beam "/proc/$pid/cmdline"
	[ "$status" -ne 0 ]
	lab status
	[ "$status" -eq 75 ]
	[[ $output == *rabbitmq*stopped* ]]
	lab start rabbitmq
	[ "$status" -eq 0 ]
	load_env
	[ "$AMQP_URL" = "$url" ]
	[ "$EG_LAB_RABBITMQ_PIDS" != "$pid" ]
	[ "$(fetch kept)" = "still here" ]
}

@test "a database that was killed or stopped starts again with its data" {
	load_env
	influx_write 'energy,sensor=kept value=1 2000000000'
	lab kill influxdb
	run influx_query 'select * from energy'
	[ "$status" -ne 0 ]
	lab start influxdb
	[ "$status" -eq 0 ]
	influx_query "select value from energy where sensor='kept'" | grep -F 1970-01-01T00:00:02Z
	lab stop influxdb victoria
	[ "$status" -eq 0 ]
	lab up
	[ "$status" -eq 0 ]
	influx_query "select value from energy where sensor='kept'" | grep -F 1970-01-01T00:00:02Z
}

@test "a server that is paused is silent until it is resumed" {
	load_env
	lab pause influxdb
	[ "$status" -eq 0 ]
	run curl -sS --max-time 0.5 "$EG_LAB_INFLUX/ping"
	[ "$status" -eq 28 ]
	lab status
	[ "$status" -eq 75 ]
	[[ $output == *influxdb*paused* ]]
	lab resume influxdb
	[ "$status" -eq 0 ]
	curl -fsS --max-time 30 "$EG_LAB_INFLUX/ping"
}

@test "a service that the lab does not have is refused" {
	lab pause rabbitmq7
	[ "$status" -eq 64 ]
	[[ $stderr == *"no service 'rabbitmq7'"*"rabbitmq influxdb victoria"* ]]
	lab stop
	[ "$status" -eq 64 ]
}

tls_connect() { # [CERTIFICATE KEY]
	/usr/bin/python3 - "$EG_LAB_AMQPS_URL" "$EG_LAB_CA" "$@" <<'END'
import ssl, sys, pika
context = ssl.create_default_context(cafile=sys.argv[2])
if len(sys.argv) > 3:
    context.load_cert_chain(*sys.argv[3:])
parameters = pika.URLParameters(sys.argv[1])
parameters.ssl_options = pika.SSLOptions(context, "localhost")
connection = pika.BlockingConnection(parameters)
connection.channel()
print("connected")
END
}

@test "TLS takes the lab's client certificate and nobody without one" {
	load_env
	run --separate-stderr tls_connect "$EG_LAB_CERT" "$EG_LAB_KEY"
	[ "$status" -eq 0 ]
	[ "$output" = connected ]
	run --separate-stderr tls_connect
	[ "$status" -ne 0 ]
	[ "$output" != connected ]
}

@test "labs that start at the same time get ports of their own" {
	local i pids=()
	for i in 1 2 3; do
		EG_LAB_PORTS=16384-16575 "$EG_LAB" up --dir "$OTHER.$i" --no-rabbitmq 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	for i in 1 2 3; do
		load_env "$OTHER.$i"
		curl -fsS "$EG_LAB_INFLUX/ping"
		echo "$EG_LAB_INFLUX" >>"$BATS_TEST_TMPDIR/addresses"
	done
	[ "$(sort -u "$BATS_TEST_TMPDIR/addresses" | wc -l)" -eq 3 ]
	EG_LAB_PORTS=16384-16575 other up --no-rabbitmq
	[ "$status" -eq 75 ]
	[[ $stderr == *"no block of 64 free ports"* ]]
	[ ! -e "$OTHER" ]
	lab status
	[ "$status" -eq 0 ]
}

@test "the servers hold no descriptor of the caller open" {
	local held="$BATS_TEST_TMPDIR/held"
	exec 7>"$held"
	other up --no-rabbitmq
	exec 7>&-
	[ "$status" -eq 0 ]
	load_env "$OTHER"
	run find "/proc/$EG_LAB_INFLUX_PID/fd" "/proc/$EG_LAB_VICTORIA_PID/fd" -lname "$held"
	[ -z "$output" ]
}

@test "several brokers are one cluster, and each can be lost and come back" {
	other up --brokers 2 --no-influxdb --no-victoria
	[ "$status" -eq 0 ]
	other ctl 2 -q eval 'length(rabbit_nodes:all_running()).'
	[ "$output" = 2 ]
	other kill rabbitmq2
	[ "$status" -eq 0 ]
	other start rabbitmq2
	[ "$status" -eq 0 ]
	other ctl 1 -q eval 'length(rabbit_nodes:all_running()).'
	[ "$output" = 2 ]
	load_env "$OTHER"
	[[ $EG_LAB_AMQP_URLS == "$AMQP_URL",amqp://* ]]
}

@test "down --keep keeps the data for the next up, with a space in the folder's name" {
	OTHER="$OTHER.a b"
	other up --no-rabbitmq --no-victoria
	[ "$status" -eq 0 ]
	load_env "$OTHER"
	influx_write 'energy,sensor=old value=1 3000000000'
	local address=$EG_LAB_INFLUX
	other down --keep
	[ "$status" -eq 0 ]
	[ -z "$(processes_of "$OTHER")" ]
	other up --no-rabbitmq --no-victoria
	[ "$status" -eq 0 ]
	load_env "$OTHER"
	[ "$EG_LAB_INFLUX" = "$address" ]
	influx_query 'select value from energy' | grep -F 1970-01-01T00:00:03Z
}

@test "down ends servers whose folder is gone" {
	other up --no-rabbitmq
	[ "$status" -eq 0 ]
	rm -rf "$OTHER"
	other down
	[ "$status" -eq 0 ]
	wait_until eval '[ -z "$(processes_of "$OTHER")" ]'
}

@test "down leaves no process, no folder and no claim on ports, also of a paused server" {
	load_env
	lab pause victoria
	lab down
	[ "$status" -eq 0 ]
	[ ! -e "$LAB" ]
	[ -z "$(processes_of "$LAB")" ]
	[ ! -L "/tmp/energyguard-ports-$UID/$ERL_EPMD_PORT" ]
	lab down
	[ "$status" -eq 0 ]
}
