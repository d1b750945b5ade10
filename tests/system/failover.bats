#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A broker that is alive and gives no answers, as a node of RabbitMQ 4.2 or later that is
# cut off from the majority of its cluster: the next address is used. tests/tools/faulty-amqp
# plays the node, in front of a real broker that is the next address too.
# shellcheck disable=SC2154,SC2314 # bats sets stderr; `!` stands only before the last command

bats_require_minimum_version 1.5.0
load ../wait
load ../broker

setup_file() {
	export PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$BATS_TEST_DIRNAME/../tools:$PATH"
	export EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	unset EG_LAB_PORTS
	eg-lab up --no-influxdb --no-victoria >&2
	eval "$(eg-lab env)"
	export AMQP_URL
}

teardown_file() {
	eg-lab down >&2
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	QUEUE=q$BATS_TEST_NUMBER
	PORT=${AMQP_URL##*:} PORT=${PORT%%/*}
	OTHERS=()
	eg-publish --declare -q "$QUEUE"
	mkdir node
	faulty-amqp "$PORT" node 3>&- 7>&- &
	OTHERS+=($!)
	wait_until test -s node/port
	NODE=amqp://guest:guest@127.0.0.1:$(<node/port)
	BOTH=$NODE,$AMQP_URL
}

teardown() {
	kill -KILL "${OTHERS[@]}" 2>/dev/null || true
	wait 2>/dev/null
	if [[ -e alarm ]]; then eg-lab ctl -q set_vm_memory_high_watermark 0.4; fi
	if [[ -z ${BATS_TEST_COMPLETED-} ]]; then tail -n 20 ./*err >&2; fi
}

mode() { echo "$1" >node/mode; }

records() { # FIRST LAST
	seq "$1" "$2" | sed 's/.*/sensor1:2026-11-23T14:18:36.&:&/'
}

# Reads the pipe on descriptor 7.
publish_in_background() { # ADDRESSES OPTION...
	mkfifo in
	anew out err
	AMQP_URL=$1 eg-publish -q "$QUEUE" "${@:2}" <in >out 2>err 3>&- &
	PUBLISHER=$!
	OTHERS+=($!)
	exec 7>in
}

ended() { # STATUS: the input ends
	local status=0
	exec 7>&-
	wait_until gone "$PUBLISHER"
	wait "$PUBLISHER" || status=$?
	((status == $1)) || { echo "status $status, not $1" >&2; return 1; }
}

lines_are() { [[ $(wc -l <"$1") -eq $2 ]]; }

# Whether it was warned of no answer for LIMIT seconds, or for some more on a busy machine: with the
# default of 8 s another broker is at work within 15 s all the same.
no_answer() { # LIMIT WHAT-FOLLOWS FILE
	local s
	s=$(sed -nE "s/.*: (connected, but )?no answer for ([0-9]+) s; $2\$/\2/p" "$3" | head -n 1)
	((${s:-0} >= $1 && s < $1 + 7))
}

messages() {
	queue_has "$QUEUE" messages
}

@test "confirms that stay out: eg-publish goes to the next address, and warns once" {
	publish_in_background "$BOTH"
	records 1 5 >&7
	wait_until lines_are out 5
	mode silent
	records 6 10 >&7
	wait_until lines_are out 10
	ended 0
	records 1 10 | cmp - out
	[ "$(wc -l <err)" -eq 2 ]
	no_answer 8 "trying the next address" err
	grep -q "127.0.0.1:$(<node/port): connected, but no answer" err
	grep -qE "127.0.0.1:$PORT is back after ([89]|1[0-4])\.[0-9] s" err
	lines_are node/connections 1
	[ "$(messages)" -eq 10 ]
}

@test "a start that meets such a node first goes to the next address within its --timeout" {
	mode silent
	run --separate-stderr timeout 60 env AMQP_URL="$BOTH" eg-publish -q "$QUEUE" --timeout 12s \
		< <(records 1 5)
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 5 ]
	no_answer 6 "trying the next address" <(echo "${stderr_lines[0]}")
	[[ ${stderr_lines[1]} == *"127.0.0.1:$PORT is back after "* ]]
	[ "${#stderr_lines[@]}" -eq 2 ]
}

@test "without another address the time without a confirm counts against --timeout" {
	publish_in_background "$NODE" --timeout 4s
	records 1 5 >&7
	wait_until lines_are out 5
	mode silent
	records 6 10 >&7
	ended 75
	no_answer 2 "waiting for it" err
	grep -q "gave up waiting for the peer with 5 records without a receipt" err
	records 1 5 | cmp - out
}

@test "without another address and --timeout it is waited for" {
	publish_in_background "$NODE"
	mode silent
	records 1 5 >&7
	wait_until no_answer 8 "waiting for it" err
	rm node/mode
	wait_until lines_are out 5
	ended 0
	[ "$(grep -c "no answer" err)" -eq 1 ]
}

@test "a node that refuses everything is left for the next address" {
	publish_in_background "$BOTH"
	records 1 5 >&7
	wait_until lines_are out 5
	mode refuse
	records 6 10 >&7
	wait_until lines_are out 10
	ended 0
	records 1 10 | cmp - out
	[ "$(grep -c "refuses messages" err)" -eq 1 ]
}

@test "all addresses silent: --timeout counts through all of them" {
	mode silent
	run --separate-stderr timeout 60 env AMQP_URL="$NODE,$NODE" eg-publish -q "$QUEUE" --timeout 6s \
		< <(records 1 5)
	[ "$status" -eq 75 ]
	no_answer 3 "trying the next address" <(echo "${stderr_lines[0]}")
	[[ ${stderr_lines[1]} == *"gave up waiting for the peer with 5 records without a receipt" ]]
	[ "${#stderr_lines[@]}" -eq 2 ]
}

# Each confirm takes a second, all of them longer than the limit of 4 s.
@test "a slow broker is not left: each confirm begins its time anew" {
	mode slow
	run --separate-stderr timeout 100 env AMQP_URL="$BOTH" eg-publish -q "$QUEUE" --window 1 \
		--timeout 8s < <(records 1 10)
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 10 ]
	[ -z "$stderr" ]
	lines_are node/connections 1
	[ "$(<node/connections)" -eq 1 ]
}

@test "an alarm is no silence: it is waited for where it is" {
	publish_in_background "$BOTH"
	records 1 5 >&7
	wait_until lines_are out 5
	touch alarm
	eg-lab ctl -q set_vm_memory_high_watermark absolute 1
	records 6 10 >&7
	wait_until grep -q "blocks publishers (an alarm): waiting" err
	sleep 10 # longer than an answer may take
	lines_are out 5
	eg-lab ctl -q set_vm_memory_high_watermark 0.4
	wait_until lines_are out 10
	ended 0
	[ "$(<node/connections)" -eq 1 ]
	! grep -q "no answer" err
}

consume_in_background() { # ADDRESSES OPTION...
	anew taken consume.err
	AMQP_URL=$1 eg-consume -q "$QUEUE" "${@:2}" >taken 2>consume.err 3>&- 7>&- &
	CONSUMER=$!
	OTHERS+=($!)
}

@test "a node that delivers nothing is left by eg-consume, and a queue that is empty is not" {
	consume_in_background "$BOTH"
	records 1 5 | eg-publish -q "$QUEUE"
	wait_until lines_are taken 5
	sleep 10 # two questions, and their answers
	[ ! -s consume.err ]
	mode silent
	wait_until no_answer 8 "trying the next address" consume.err
	records 6 10 | eg-publish -q "$QUEUE"
	wait_until lines_are taken 10
	kill -TERM "$CONSUMER"
	wait_until gone "$CONSUMER"
	records 1 10 | cmp - <(sort -u -t: -k5n taken)
	[ "$(grep -c "no answer" consume.err)" -eq 1 ]
	[ "$(<node/connections)" -eq 1 ]
}

@test "a user who may only read from the queue consumes, and leaves a node that delivers nothing" {
	local url=${BOTH//guest:guest/reader:reader}
	eg-lab ctl -q add_user reader reader
	eg-lab ctl -q set_permissions reader '^$' '^$' "^$QUEUE\$"
	consume_in_background "$url"
	records 1 5 | eg-publish -q "$QUEUE"
	wait_until lines_are taken 5
	refused() { grep -q "refused for user 'reader'" "$EG_LAB_DIR/log/rabbitmq.log"; }
	wait_until refused
	records 6 10 | eg-publish -q "$QUEUE"
	wait_until lines_are taken 10
	sleep 10 # two more questions, and their answers
	[ ! -s consume.err ]
	[ "$(grep -c "operation queue.unbind caused" "$EG_LAB_DIR/log/rabbitmq.log")" -eq 1 ]
	mode silent
	wait_until no_answer 8 "trying the next address" consume.err
	records 11 15 | eg-publish -q "$QUEUE"
	wait_until lines_are taken 15
	none_left() { [[ $(messages) == 0 ]]; }
	wait_until none_left
}

# A node of a cluster in which another one stands still: RabbitMQ 4.3 took up to 14 s.
@test "subscriptions that all take longer than an answer may are waited for longer" {
	mode late
	records 1 5 | eg-publish -q "$QUEUE"
	consume_in_background "$NODE,$NODE"
	await 120 lines_are taken 5
	[ "$(<node/connections)" -eq 3 ]
	no_answer 8 "trying the next address" consume.err
	grep -q "is back after [23].\.[0-9] s" consume.err
	[ "$(wc -l <consume.err)" -eq 2 ]
}

@test "a signal is heard while the answer to the subscription is waited for" {
	mode silent
	consume_in_background "$NODE" -v
	wait_until grep -q "connected to broker" consume.err
	kill -TERM "$CONSUMER"
	wait_until gone "$CONSUMER"
	! grep "no answer\|timed out" consume.err
}

# A pause between two tries is 1.5 s at most (tests/unit/test_connection.c); what is more
# here is for a machine that has other things to do.
@test "a broker that was away for longer is found within two seconds of its return" {
	local port begin ms=5000 try node=${OTHERS[0]}
	port=$(<node/port)
	for ((try = 1; try <= 3 && ms >= 5000; try++)); do
		kill -KILL "$node"
		wait_until gone "$node"
		((try > 1)) || { publish_in_background "$NODE" && consume_in_background "$NODE"; }
		records $((try * 5 - 4)) $((try * 5)) >&7
		sleep 20
		rm node/port
		faulty-amqp "$PORT" node "$port" 3>&- 7>&- &
		node=$!
		OTHERS+=("$node")
		wait_until test -s node/port
		begin=${EPOCHREALTIME/[.,]/}
		wait_until has_lines taken $((try * 5))
		ms=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
		echo "# $ms ms after its return a reading came through" >&3
	done
	((ms < 5000))
	ended 0
}
