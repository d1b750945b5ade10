#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Sensors split over queues: together, in order, and so while a queue is added.
# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0
load ../wait

setup_file() {
	export PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	export EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	unset EG_LAB_PORTS
	eg-lab up --plugins rabbitmq_consistent_hash_exchange --no-influxdb --no-victoria >&2
	eval "$(eg-lab env)"
}

teardown_file() {
	eg-lab down >&2
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	RUNNING=()
}

teardown() {
	kill -KILL "${RUNNING[@]}" 2>/dev/null || true
}

lines() { [[ -e $1 ]] && (($(wc -l <"$1") >= $2)); }

consume() { # QUEUE: in the background, into sink.QUEUE
	eg-consume -q "$1" --metrics "metrics.$1" -- tee -a "sink.$1" 2>>"$1.err" 3>&- &
	RUNNING+=($!)
}

# Messages of a queue that no consumer holds. rabbitmqctl's count of a quorum queue is up
# to five seconds old.
held() { # QUEUE
	/usr/bin/python3 -c 'import sys, pika
channel = pika.BlockingConnection(pika.URLParameters(sys.argv[1])).channel()
print(channel.queue_declare(sys.argv[2], passive=True).method.message_count)' "$AMQP_URL" "$1"
}

holds_least() { (($(held "$1") >= $2)); }

confirmed_after() { [[ $(tail -n 1 receipts | cut -d: -f2-4) > $1 ]]; }

acknowledged() { awk '/^energyguard_messages_total/ { print $2 }' "metrics.$1"; }

acknowledged_least() { (($(acknowledged "$1") >= $2)); }

sensors() { cut -d: -f1 "$1" | sort -u; }

@test "wrong usage of eg-split is told" {
	local args
	for args in '' 0 129 x '3 4' '-q'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr eg-split $args
		[[ $status -eq 64 && ${#stderr_lines[@]} -eq 1 && -z $output ]]
	done
}

@test "a broker without such an exchange type is 78" {
	run --separate-stderr eg-publish -D -q a -x a --exchange-type no-such-type --timeout 5s
	[[ $status -eq 78 && $stderr == *"no-such-type"* ]]
}

@test "a queue added while readings flow takes its share alone, and each sensor stays in order" {
	local i sim publisher sinks now
	eg-split -q m 3
	mkfifo in
	eg-sim --sensors 300 --rounds 0 --rate 3000 --precise >in 3>&- &
	sim=$!
	eg-publish -x m --by-sensor <in >receipts 2>publish.err 3>&- &
	publisher=$!
	RUNNING+=("$sim" "$publisher")
	for i in 1 2 3; do consume m.$i; done
	for i in 1 2 3; do wait_until lines sink.m.$i 600; done
	for i in 1 2 3; do sensors sink.m.$i >before.$i; done
	mapfile -t sinks < <(pgrep -x tee -P "$(IFS=,; echo "${RUNNING[*]:2}")")
	# The manual's three steps, with sinks that stand still, so that the queues hold much.
	kill -STOP "${sinks[@]}"
	eg-split -q m 4
	# What was made before has come into the old queues when a later reading is confirmed.
	now=$(date -u +%FT%T.%N)
	for i in 1 2 3; do wait_until holds_least m.$i 2000; done
	wait_until confirmed_after "$now"
	# A consumer holds 300, and its metrics may be older than their last second: 600 more.
	for i in 1 2 3; do echo $(($(acknowledged m.$i) + $(held m.$i) + 600)) >goal.$i; done
	kill -CONT "${sinks[@]}"
	for i in 1 2 3; do wait_until acknowledged_least m.$i "$(<goal.$i)"; done
	for i in 1 2 3; do wc -l <sink.m.$i >before.m4.$i; done
	consume m.4
	wait_until lines sink.m.4 600
	kill -TERM "$sim"
	wait "$publisher"
	all_there() { [[ -z $(comm -23 <(sort receipts) <(sort -u sink.m.[1234])) ]]; }
	wait_until all_there
	cmp <(sort receipts) <(sort sink.m.[1234])
	# Only to the new queue did sensors move, and about a quarter of them.
	for i in 1 2 3; do [[ -z $(comm -13 before.$i <(sensors sink.m.$i)) ]]; done
	(($(sensors sink.m.4 | wc -l) > 30 && $(sensors sink.m.4 | wc -l) < 150))
	# The new queue began when the old ones had given on all that was for it before, and
	# within each the times of a sensor never go back.
	for i in 1 2 3; do
		tail -n +$(($(<before.m4.$i) + 1)) sink.m.$i | cut -d: -f1
	done | sort -u >later
	[[ -s later && -z $(comm -12 later <(sensors sink.m.4)) ]]
	awk -F: 'FNR == 1 { delete last } { t = substr($0, length($1) + 2, 29) } 
		t < last[$1] { print FILENAME, FNR, $0, last[$1]; bad = 1 }
		{ last[$1] = t } END { exit bad }' sink.m.[1234]
}
