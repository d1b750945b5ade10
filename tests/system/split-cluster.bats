#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-split on a cluster of three brokers: killed in its pause, and run again through another node.
# shellcheck disable=SC2030,SC2031 # each test has its own RUNNING

bats_require_minimum_version 1.5.0
load ../wait
load ../split
# shellcheck disable=SC2034 # wait_until reads it
WAIT_S=${WAIT_S:-90}

setup_file() {
	export PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	export EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	unset EG_LAB_PORTS
	eg-lab up --brokers 3 --plugins rabbitmq_consistent_hash_exchange --no-influxdb \
		--no-victoria >&2
	eval "$(eg-lab env)"
	export EG_LAB_AMQP_URLS
}

teardown_file() {
	eg-lab down >&2
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	IFS=, read -ra NODES <<<"$EG_LAB_AMQP_URLS"
	RUNNING=()
}

teardown() {
	kill -KILL "${RUNNING[@]}" 2>/dev/null || true
}

# Runs a command with the URL of one node.
at_node() { # NUMBER COMMAND...
	AMQP_URL=${NODES[$1 % 3]} "${@:2}"
}

@test "killed in the pause and run again through another node, it comes to its end" {
	local call n
	eg-split -q c 2
	RATE=300 at_node 0 publish -x c --by-sensor
	for n in 1 2; do at_node $n consume c.$n; done
	wait_until has_lines sink 500
	for call in 'unbind 1' 'marker 1' 'marker 4' 'switch 1' 'bind 2' 'delete 1'; do
		n=$((n + 1))
		at_node $n killed_at "$call" -q c --grow $n
		wait_until at_node $((n + 1)) eg-split -q c --grow $n
		at_node $n consume c.$n
		[[ $(bindings c.hash | wc -l) -eq $n ]]
		run ! there c.change
		wait_until has_lines sink $(($(wc -l <sink) + 300))
	done
	check_all
}

@test "so does a super stream" {
	local call n
	eg-split --stream -q s 2
	RATE=300 at_node 0 publish -x s --super-stream --batch 10
	for n in 0 1; do at_node $n consume s-$n --offset-file offset.$n; done
	wait_until has_lines sink 500
	n=2
	for call in 'unbind 1' 'marker 2' 'switch 1' 'bind 2' 'delete 1'; do
		n=$((n + 1))
		at_node $n killed_at "$call" --stream -q s --grow $n
		wait_until at_node $((n + 1)) eg-split --stream -q s --grow $n
		at_node $n consume s-$((n - 1)) --offset-file offset.$((n - 1))
		[[ $(bindings s | wc -l) -eq $n ]]
		run ! there s.change
		wait_until has_lines sink $(($(wc -l <sink) + 300))
	done
	check_all
}

@test "killed in the pause together with its node, it comes to its end through another one" {
	local call n
	eg-split -q lost 2
	RATE=300 at_node 0 publish -x lost --by-sensor
	for n in 1 2; do at_node 1 consume lost.$n; done
	wait_until has_lines sink 500
	for call in 'marker 1' 'switch 1' 'bind 2'; do
		n=$((n + 1))
		at_node 2 killed_at "$call" -q lost --grow $n
		eg-lab kill rabbitmq3
		wait_until at_node 0 eg-split -q lost --grow $n
		at_node 1 consume lost.$n
		[[ $(bindings lost.hash | wc -l) -eq $n ]]
		run ! there lost.change
		wait_until has_lines sink $(($(wc -l <sink) + 300))
		eg-lab start rabbitmq3 >&2
	done
	check_all
}
