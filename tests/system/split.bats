#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Sensors split over queues: together, in order, and so while a queue is added.
# shellcheck disable=SC2030,SC2031 # each test has its own RUNNING
# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0
load ../wait
load ../split

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

@test "wrong usage of eg-split is told" {
	local args
	for args in '' 0 129 x '3 4' '-q' '-g' '-g --shrink 2' '-s --shrink 2' '-r 2 3' '-r 2 -g 3' '-t 0 2'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr eg-split $args
		[[ $status -eq 64 && ${#stderr_lines[@]} -eq 1 && -z $output ]]
	done
}

@test "a broker without such an exchange type is 78" {
	run --separate-stderr eg-publish -D -q a -x a --exchange-type no-such-type --timeout 5s
	[[ $status -eq 78 && $stderr == *"no-such-type"* ]]
}

@test "made again it stays, and a larger number is for --grow" {
	eg-split -q again 2
	eg-split -q again 2
	eg-split -q again 1
	run -78 eg-split -q again 3
	[[ $output == *"eg-split --grow 3"* ]]
	run -0 eg-split -q again --grow 2
	[[ $output == *"has 2 queues already"* ]]
	run -78 eg-split -q again --grow 1
	[[ $output == *"use --shrink"* ]]
	run -78 eg-split -q again --shrink 3
	[[ $output == *"use --grow"* ]]
	run -78 eg-split -q nothing --grow 3
	[[ $output == *"there is no split 'nothing'"* ]]
	[[ $(bindings again.hash | xargs) == "again.1 again.2" ]]
}

@test "it grows while readings flow: none is lost, none overtakes, only the new queue gets sensors" {
	local i
	eg-split -q m 3
	publish -x m --by-sensor
	for i in 1 2 3; do consume m.$i --metrics metrics.$i; done
	wait_until has_lines sink 3000
	change -q m --grow 4
	wait_until said split.err 'publishing pauses'
	changed 0
	grep -q "'m' has 4 queues now, 3 before" split.err
	grep -qE 'publishing goes on, after [0-9]+\.[0-9] s' split.err
	[[ $(bindings m.hash | xargs) == "m.1 m.2 m.3 m.4" ]]
	[[ $(queues) != *m.change* ]]
	consume m.4
	wait_until has_lines sink $(($(wc -l <sink) + 5000))
	check_all
	grep -q 'eg-split changes the queues' publish.err
}

@test "only to the new queue do sensors move, and about their share" {
	local i
	eg-split -q share 3
	eg-sim --sensors 300 --rounds 1 --delay 0 | eg-publish -x share --by-sensor >/dev/null
	for i in 1 2 3; do eg-consume -q share.$i --drain | cut -d: -f1 | sort >before.$i; done
	[[ $(cat before.[123] | wc -l) -eq 300 ]]
	# Without consumers and messages, nobody needs to answer.
	eg-split -q share --grow 4
	eg-sim --sensors 300 --rounds 1 --delay 0 | eg-publish -x share --by-sensor >/dev/null
	for i in 1 2 3 4; do eg-consume -q share.$i --drain | cut -d: -f1 | sort >after.$i; done
	[[ $(cat after.[1234] | wc -l) -eq 300 ]]
	for i in 1 2 3; do [[ -z $(comm -13 before.$i after.$i) ]]; done
	(($(wc -l <after.4) > 30 && $(wc -l <after.4) < 150))
}

@test "killed at any call and run again, it comes to its end, larger and smaller" {
	# Of two queues there are three, and then two. A round has a marker for each queue.
	local i grow=('declare 2' 'change 1' 'declare 3' 'declare 4' 'pause 1' 'unbind 1' 'marker 1'
		'marker 4' 'switch 1' 'bind 1' 'bind 4' 'delete 1')
	local shrink=('declare 2' 'change 1' 'pause 1' 'unbind 1' 'marker 2' 'marker 6' 'switch 1' 'bind 1'
		'unbind 2' 'delete 1' 'delete 2' 'delete 3')
	eg-split -q c 2
	RATE=300 publish -x c --by-sensor
	for i in 1 2; do consume c.$i; done
	wait_until has_lines sink 1000
	for i in "${!grow[@]}"; do
		killed_at "${grow[i]}" -q c --grow 3
		# The second run is killed, too.
		[[ ${grow[i]} != marker* ]] || killed_at 'switch 1' -q c --grow 3
		wait_until eg-split -q c --grow 3
		consume c.3
		[[ $(bindings c.hash | xargs) == "c.1 c.2 c.3" ]]
		run ! there c.change
		wait_until has_lines sink $(($(wc -l <sink) + 300))
		killed_at "${shrink[i]}" -q c --shrink 2
		wait_until eg-split -q c --shrink 2
		run ! there c.change
		run ! there c.3
		wait_until gone "${RUNNING[-1]}" # its queue is gone
		wait_until has_lines sink $(($(wc -l <sink) + 300))
	done
	check_all
}

@test "a consumer that does not go on: refused before anything is paused" {
	eg-split -q stuck 2
	printf 's%d:2026-11-23T14:18:36:1\n' {1..50} | eg-publish -x stuck --by-sensor >/dev/null
	eg-consume -q stuck.1 -- tee -a sink 2>/dev/null 3>&- &
	RUNNING+=($!)
	eg-consume -q stuck.2 -- sh -c 'cat >/dev/null; sleep 60' 2>/dev/null 3>&- &
	RUNNING+=($!)
	wait_until attended stuck.1
	wait_until attended stuck.2
	run -75 eg-split -q stuck --grow 3 --timeout 10s
	[[ $output == *"the consumer of 'stuck.2' has given no answer within 10 s"*"nothing was changed"* ]]
	[[ $output != *pauses* && $(queues) != *stuck.3* && $(queues) != *stuck.change* ]]
	[[ $(bindings stuck.hash | xargs) == "stuck.1 stuck.2" ]]
}

@test "a flood of messages that are no answers does not outlast --timeout" {
	eg-split -q flooded 2
	printf 's%d:2026-11-23T14:18:36:1\n' {1..50} | eg-publish -x flooded --by-sensor >/dev/null
	/usr/bin/python3 -c '
import pika, sys
channel = pika.BlockingConnection(pika.URLParameters(sys.argv[1])).channel()
while True:
    for i in range(1000): channel.basic_publish("", "flooded.split", b"no answer")
    channel.connection.process_data_events()' "$AMQP_URL" 3>&- &
	RUNNING+=($!)
	run -75 timeout -k 5 120 eg-split -q flooded --grow 3 --timeout 10s
	[[ $output == *"has given no answer within 10 s"* ]]
}

@test "a consumer that stops in the pause, or Ctrl-C: everything is put back" {
	local consumer how
	eg-split -q back 2
	publish -x back --by-sensor
	consume back.1
	# On a busy machine it stands still for longer than two heartbeats of 10 s: the broker would
	# give what it has to come again, behind later readings.
	consume back.2 --heartbeat 60
	consumer=${RUNNING[-1]}
	wait_until has_lines sink 1000
	for how in timeout INT; do
		# So the consumer stops when step 1 is over.
		change_at 'pause 1 stop' -q back --grow 4 --timeout 15s
		wait_until stopped "$SPLIT"
		kill -STOP "$consumer"
		kill -CONT "$SPLIT"
		wait_until said split.err 'publishing pauses'
		[[ $how == timeout ]] || kill -INT "$SPLIT"
		changed 75
		grep -q 'everything is as before' split.err
		grep -qE 'publishing goes on, after' split.err
		kill -CONT "$consumer"
		[[ $(bindings back.hash | xargs) == "back.1 back.2" ]]
		[[ $(queues) != *back.3* && $(queues) != *back.change* ]]
		wait_until has_lines sink $(($(wc -l <sink) + 1000))
	done
	eg-split -q back --grow 3
	consume back.3
	wait_until has_lines sink $(($(wc -l <sink) + 1000))
	check_all
}

@test "what is no super stream is not made one, and no partition is made" {
	eg-split -q plain 2
	run -78 eg-split --stream -q plain 3
	[[ $output == *"the exchange 'plain' is there, and is no super stream"* ]]
	[[ $(queues) != *plain-* ]]
	eg-split --stream -q mine 2
	run -78 eg-split -q mine 3
	[[ $output == *"the exchange 'mine' is of another type"* && $(queues) != *mine.* ]]
}

@test "it shrinks the same way, and the queues that are left over are deleted" {
	local i
	eg-split -q less 4
	publish -x less --by-sensor
	for i in 1 2 3 4; do consume less.$i; done
	wait_until has_lines sink 2000
	eg-split -q less --shrink 2
	[[ $(bindings less.hash | xargs) == "less.1 less.2" ]]
	[[ $(queues) != *less.3* && $(queues) != *less.4* ]]
	wait_until has_lines sink $(($(wc -l <sink) + 1000))
	check_all
}

@test "it does not switch before each receipt of an old queue is there" {
	# The consumer of hold.1 keeps the readings of second 01 until the file `go` exists.
	# Step 1 waits for hold.2, which has no consumer yet, so they come after that step.
	eg-split -q hold 2
	echo x:2026-11-23T14:18:00:1 | eg-publish -q hold.2 >/dev/null
	HELD=1 consume hold.1 -v
	wait_until attended hold.1
	change -q hold --grow 3
	wait_until said hold.1.err 'answered eg-split'
	printf 's%d:2026-11-23T14:18:01:1\n' {1..300} | eg-publish -x hold --by-sensor >receipts
	consume hold.2
	wait_until there hold.3
	consume hold.3
	# It has sent the marker of its second round again: it waits for the answer of hold.1.
	asked_again() { gone "$SPLIT" || (($(grep -c 'asks, marker .*-2-0' hold.1.err) > 1)); }
	wait_until asked_again
	run ! gone "$SPLIT"
	printf 's%d:2026-11-23T14:18:02:1\n' {1..300} >second
	eg-publish -x hold --by-sensor <second >>receipts 2>publish.err 3>&- &
	PUBLISHER=$!
	RUNNING+=("$PUBLISHER")
	wait_until said publish.err 'eg-split changes the queues'
	[[ $(bindings hold.hash | xargs) == "hold.1 hold.2" ]]
	run ! gone "$SPLIT"
	run ! grep -q T14:18:02 sink
	touch go
	changed 0
	wait "$PUBLISHER"
	[[ $(wc -l <receipts) -eq 600 ]]
	echo x:2026-11-23T14:18:00:1 >direct
	check_sink direct
}

@test "in the pause it sends markers until a round finds nothing new" {
	# A reading that was on its way inside the broker comes into an old queue behind the marker of a
	# round; here it is published to the queue itself. A sink takes a reading when there is a file
	# named go.VALUE. One of rounds.2 stands before the marker of each round, so the round lasts
	# until go.2ROUND is there.
	local i round
	put() { # QUEUE ROUND
		echo "s:2026-11-23T14:18:0$2:$1$2" | eg-publish -q "rounds.$1" >/dev/null
	}
	answered() { grep -q "answered eg-split, marker .*-$2-" "rounds.$1.err"; } # QUEUE ROUND
	asked() { grep -q "eg-split asks, marker .*-$2-" "rounds.$1.err"; }
	asked_or_ended() { asked "$@" || gone "$SPLIT"; }
	eg-split -q rounds 2
	put 2 1
	for i in 1 2; do
		eg-consume -v -q rounds.$i -- /usr/bin/python3 -c 'import os, sys, time
for line in sys.stdin:
    while not os.path.exists("go." + line.rsplit(":", 1)[1].strip()):
        time.sleep(0.02)
    print(line, end="", flush=True)' 2>rounds.$i.err 3>&- &
		RUNNING+=($!)
		wait_until attended rounds.$i
	done
	change -q rounds --grow 3 --timeout 10m
	# Round 1 is before the pause.
	for round in 1 2 3; do
		wait_until answered 1 $round
		wait_until asked 2 $round
		put 2 $((round + 1))
		((round == 1)) || put 1 $round
		touch go.2$round
		wait_until asked_or_ended 1 $((round + 1))
		run ! gone "$SPLIT"
		[[ $(bindings rounds.hash | xargs) == "rounds.1 rounds.2" ]]
		touch go.1$round
	done
	touch go.24
	changed 0
	[[ $(bindings rounds.hash | xargs) == "rounds.1 rounds.2 rounds.3" ]]
}

@test "a split made by an earlier eg-split is refused, unchanged, and can be moved" {
	local i args
	for i in 1 2; do
		eg-publish -D -q former.$i -t quorum --single-active -x former \
			--exchange-type x-consistent-hash -k 1
	done
	for args in '--grow 3' '--shrink 1' 2 3; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -78 eg-split -q former $args
		[[ ${#stderr_lines[@]} -eq 1 && $stderr == *"'former' is of another type, such as an earlier eg-split"* ]]
		[[ $stderr == *"move to a new split, see eg-split(1)"* ]]
	done
	[[ $(queues) != *former.3* && $(queues) != *former.change* ]]
	[[ $(eg-lab ctl -q list_exchanges name) != *former.hash* ]]
	[[ $(bindings former | xargs) == "former.1 former.2" ]]
	printf 's%d:2026-11-23T14:18:01:1\n' {1..300} | eg-publish -x former --by-sensor >receipts
	# The steps of the manual: the publisher has ended, there is the new split, the old is drained.
	eg-split -q new 3
	for i in 1 2 3; do consume new.$i; done
	for i in 1 2; do eg-consume -q former.$i --drain -- /usr/bin/python3 -c "$SINK" 0; done
	[[ $(wc -l <sink) -eq 300 ]]
	printf 's%d:2026-11-23T14:18:02:1\n' {1..300} | eg-publish -x new --by-sensor >>receipts
	check_sink
}

@test "a queue NAME.change that is not of eg-split stays, and the split as it is" {
	eg-split -q other 1
	eg-publish -D -q other.change
	echo s:2026-11-23T14:18:36:1 | eg-publish -q other.change >/dev/null
	run -78 eg-split -q other --grow 2
	[[ $output == *"queue 'other.change' holds a message that is not of this eg-split"* ]]
	[[ $(eg-consume -q other.change --drain) == s:2026-11-23T14:18:36:1 && $(queues) != *other.2* ]]
}

@test "a second eg-split, and another number than that begun, are refused" {
	eg-split -q two 2
	printf 's%d:2026-11-23T14:18:36:1\n' {1..50} | eg-publish -x two --by-sensor >/dev/null
	change_at 'marker 1' -q two --grow 3
	wait_until said split.err 'has no consumer'
	run -75 eg-split -q two --grow 3
	[[ $output == *"another eg-split changes 'two' now"* ]]
	consume two.1
	consume two.2
	changed 137
	# However often the state is read: RabbitMQ 4 drops what was returned 20 times, by default.
	run -0 eg-lab ctl -q list_queues name arguments
	[[ $output == *$'two.change\t'*'{"x-delivery-limit",1000000000}'* ]]
	run -78 eg-split -q two --grow 4
	[[ $output == *"a change of 'two' from 2 to 3 queues did not come to its end"* ]]
	run -78 eg-split -q two 2
	[[ $output == *"did not come to its end"* ]]
	eg-split -q two --grow 3
}

@test "a publisher whose messages no queue takes, without a change, ends with 78" {
	eg-split -q none 1
	/usr/bin/python3 -c 'import sys, pika
pika.BlockingConnection(pika.URLParameters(sys.argv[1])).channel().exchange_unbind("none.hash", "none")' "$AMQP_URL"
	run -78 --separate-stderr eg-publish -x none --by-sensor <<<s:2026-11-23T14:18:36:1
	[[ -z $output && $stderr == *"no queue takes messages for 's' of exchange 'none'"* ]]
}
