#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What compose runs in our image, run beside it: the same entry point, command and
# environment, with the servers of a lab in place of those of the stack.
# shellcheck disable=SC2154,SC2164 # bats sets stderr; service sets the arrays
bats_require_minimum_version 1.5.0

load ../wait
load ../broker

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export TREE=$BATS_FILE_TMPDIR/tree
	mkdir "$TREE"
	cp -r compose grafana scripts "$TREE"
	rm -rf "$TREE/compose/.env" "$TREE/compose/secrets"
	"$TREE/scripts/eg-secrets" 2>/dev/null
	export PATH="${EG_BIN:-$PWD/build}:$PWD/scripts:$PWD/tests/stack:$PWD/tests/tools:$PATH"
	export EG_LAB_DIR=$BATS_FILE_TMPDIR/lab
	eg-lab --no-influxdb --plugins rabbitmq_management,rabbitmq_prometheus up >&2
	export CONFIG=$BATS_FILE_TMPDIR/config CLUSTER=$BATS_FILE_TMPDIR/cluster
	cd "$TREE/compose"
	docker-compose config >"$CONFIG"
	docker-compose -f docker-compose.yml -f cluster.yml config >"$CLUSTER"
}

teardown_file() {
	eg-lab down >&2
}

setup() {
	eval "$(eg-lab env)"
	cd "$BATS_TEST_TMPDIR"
	mkdir influx
	printf 'guest' >password
	echo token-of-the-consumer >token
	echo stack token-of-the-door >tokens
	DOOR=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	INFLUX=$EG_LAB_VICTORIA
	pids=()
	if list_queues name | grep -q '^misurazioni'; then
		delete_queue misurazioni
		delete_queue misurazioni.dead
	fi >/dev/null 2>&1
}

# tini hands the signal on; killed itself, it would leave the others behind.
teardown() {
	local pid
	{
		for pid in "${pids[@]}"; do kill -TERM "$pid" || true; done
		for pid in "${pids[@]}"; do timeout 30 tail --pid="$pid" -f /dev/null; done
		[[ -z $(pgrep -f "$BATS_TEST_TMPDIR/password") ]]
	} 2>/dev/null
}

# The command of a service, with the lab's addresses and files; the array `run`.
service_of() { # NAME [CONFIG]
	local broker=${AMQP_URL#*@}
	broker=${broker%%/*}
	eval "$(service "$1" <"${2:-$CONFIG}")"
	run=(env "${environment[@]}" "${command[@]}")
	run=("${run[@]//energyguard@rabbitmq:5672/guest@$broker}")
	run=("${run[@]//energyguard@rabbitmq[23]:5672/guest@$broker}")
	run=("${run[@]//http:\/\/influxdb:8086/$INFLUX}")
	run=("${run[@]//\/run\/secrets\/rabbitmq-password/$PWD/password}")
	run=("${run[@]//\/tokens\/consumer/$PWD/token}")
	run=("${run[@]//\/run\/secrets\/serve-tokens/$PWD/tokens}")
	run=("${run[@]/#:8080/127.0.0.1:$DOOR}")
	run=("${run[@]/#:9464/0}")
	health=("${health[@]//\/tokens\/consumer/$PWD/token}")
	health=("${health[@]//\/8080/\/$DOOR}")
}

start() { # LOG: the command of service_of, behind
	"${run[@]}" >"$1" 2>&1 &
	pids+=($!)
}

play_influx() { # faulty-http's arguments
	rm -f influx/port
	faulty-http --token 'token-of-the-consumer' influx "$@" &
	pids+=($!)
	wait_until test -s influx/port
	INFLUX=http://127.0.0.1:$(<influx/port)
}

stored() { sort -u influx/stored | wc -l; }
has_stored() { (($(stored) >= $1)); }
messages() { queue_has "$1" messages; }
consumers_are() { [[ $(queue_has misurazioni consumers) == "$1" ]]; }
is_empty() { [[ $(messages misurazioni) == 0 ]]; }

@test "queue declares the queues, at each start, classic alone and quorum in the cluster" {
	service_of queue
	run "${run[@]}"
	[[ $status -eq 0 ]]
	service_of queue
	run "${run[@]}"
	[[ $status -eq 0 && $(messages misurazioni) == 0 && $(messages misurazioni.dead) == 0 ]]
	# A queue of another type is told of, not silently used.
	service_of queue "$CLUSTER"
	run "${run[@]}"
	[[ $status -eq 78 && $output == *misurazioni* ]]
	delete_queue misurazioni
	delete_queue misurazioni.dead
	service_of queue "$CLUSTER"
	run "${run[@]}"
	echo "$output"
	[[ $status -eq 0 ]]
	[[ $(eg-lab ctl -q list_queues name type) == *$'misurazioni\tquorum'* ]]
}

@test "sim and consumer bring a house and its solar plant into the database, and end when told" {
	play_influx
	service_of queue && "${run[@]}"
	service_of consumer && start consumer.log
	consumer=$!
	service_of sim && start sim.log
	sim=$!
	wait_until has_stored 10
	[[ $(cut -d ' ' -f 1 influx/stored | sort -u | tr '\n' ' ') == "house1 house2 house3 house4 solar1 " ]]
	grep -q '/api/v2/write?org=myorg&bucket=energy.*Token token-of-the-consumer' influx/paths
	kill -TERM "$sim"
	wait_until bash -c "! kill -0 $sim"
	# Both ends of the pipe have gone with the shell.
	wait_until is_empty
	kill -TERM "$consumer"
	wait "$consumer"
}

@test "serve takes a reading from who shows its token, and has it in the queue when it says so" {
	local door=http://127.0.0.1:$DOOR
	service_of queue && "${run[@]}"
	service_of serve && start serve.log
	wait_until "${health[@]}"
	run curl -sS -o answer -w '%{http_code}' -d '{"sensor_id":"a","value":55.20}' "$door/ingest"
	[[ $output == 401 ]]
	run curl -sS -H 'Authorization: Bearer token-of-the-door' -H 'Content-Type: application/json' \
		-d '{"sensor_id":"a","timestamp":"2026-11-23T14:18:36","value":55.20}' "$door/ingest"
	[[ $status -eq 0 && $output == *'"success"'* ]]
	[[ $(messages misurazioni) == 1 ]]
	run --separate-stderr timeout 30 eg-consume --count 1
	echo "$stderr"
	[[ ${lines[0]} == a:2026-11-23T14:18:36:55.20 ]]
	kill -TERM "${pids[0]}"
	wait "${pids[0]}"
	run "${health[@]}"
	[[ $status -ne 0 ]]
}

@test "the consumer's health is that of the database behind it" {
	play_influx
	service_of consumer
	run env "${environment[@]}" INFLUX_HOST="$INFLUX" "${health[@]}"
	[[ $status -eq 0 ]]
	echo other >token
	run env "${environment[@]}" INFLUX_HOST="$INFLUX" "${health[@]}"
	[[ $status -eq 78 && $output == *401* ]]
}

@test "a token that no longer fits the volume stops the consumer with a reason, and loses nothing" {
	play_influx
	service_of queue && "${run[@]}"
	eg-drill --delay 0
	echo other >token
	service_of consumer
	run timeout -k 5 60 "${run[@]}"
	[[ $status -eq 78 && $output == *401* && $(messages misurazioni) == 45 ]]
}

@test "a database that is not ready when the consumer starts is waited for" {
	service_of queue && "${run[@]}"
	eg-lab stop victoria
	service_of consumer && start consumer.log
	eg-drill --delay 0
	wait_until grep -q 'warning' consumer.log
	[[ $(messages misurazioni) == 45 ]]
	eg-lab start victoria
	wait_until is_empty
	kill -0 "${pids[-1]}"
}

@test "a bucket that is deleted while readings flow stops the consumer; made again, all get in" {
	play_influx ok 404x0
	service_of queue && "${run[@]}"
	eg-sim --sensors 1 --rounds 1 --delay 0 | eg-publish >/dev/null
	service_of consumer && start consumer.log
	wait_until has_stored 1
	eg-drill --delay 0
	# Compose starts it again, with pauses that grow; the readings stay in the queue.
	status=0
	wait "${pids[-1]}" || status=$?
	[[ $status -eq 78 ]]
	grep -q '404' consumer.log
	[[ $(messages misurazioni) == 45 ]]
	kill "${pids[0]}"
	play_influx
	service_of consumer && start consumer.log
	wait_until is_empty
	wait_until has_stored 46
	[[ $(messages misurazioni.dead) == 0 ]]
}

@test "four consumers share the queue, and each reading gets in" {
	play_influx
	service_of queue && "${run[@]}"
	for n in 1 2 3 4; do service_of consumer && start consumer$n.log; done
	wait_until consumers_are 4
	eg-drill --sensors 100 --rounds 20 --delay 0
	wait_until is_empty
	wait_until has_stored 2000
	[[ $(stored) -eq 2000 ]]
}

# Every metric that tasks, dashboards and alerts name is one that the broker has.
@test "RabbitMQ has the metrics that the dashboards look at" {
	local management=${EG_LAB_MANAGEMENT##*:} name metrics
	service_of queue && "${run[@]}"
	# Counters come with the first message of a kind.
	eg-drill --delay 0
	eg-consume --drain >/dev/null
	metrics=http://127.0.0.1:$((management + 1))
	path=$(sed -n 's/.*node + "\(.*detailed[^"]*\)".*/\1/p' "$TREE/compose/influxdb/pipeline.flux")
	{ curl -fsS "$metrics/metrics"; curl -fsS "$metrics$path"; } | sed -n 's/^\(rabbitmq_[a-z_]*\).*/\1/p' | sort -u >names
	pattern=$(sed -n 's|.*_field =~ /\(.*\)/)|\1|p' "$TREE/compose/influxdb/pipeline.flux")
	while read -r name; do
		grep -qx "$name" names || { echo "RabbitMQ has no $name"; return 1; }
		grep -qE "$pattern" <<<"$name" || { echo "the task does not keep $name"; return 1; }
	done < <(cat "$TREE"/grafana/dashboards/pipeline.json "$TREE/grafana/alerting/rules.yaml" |
		grep -oE 'rabbitmq_[a-z_]+[a-z]\b' | grep -v '_alarms$' | sort -u)
	[[ $(grep -c . names) -gt 20 ]]
	grep -q '^rabbitmq_alarms_' names
}
