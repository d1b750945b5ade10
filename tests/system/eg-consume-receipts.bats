#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-consume acknowledges what has a receipt, and only that: faults of the child and of the broker,
# signals, and how much waits.
# shellcheck disable=SC2030,SC2031 # each test has its own Q
# shellcheck disable=SC2016 # the children's shells expand

bats_require_minimum_version 1.5.0
load ../wait
load ../consume

@test "a message is not acknowledged before its receipt, and comes back when we are killed" {
	records 20 | publish
	start -- sh -c 'exec cat >held'
	wait_until has_lines held 20
	wait_until unacked_is "$Q" 20
	kill -9 "$PID"
	wait_until ready_is "$Q" 20
}

@test "the counters have what waits in the queue, and what waits here" {
	counted() { curl -sS -m 20 -o body "$URL/metrics" && grep -q "^energyguard_$1" body; }
	address() { URL=$(sed -n 's/.* counters are at //p' err) && [[ -n $URL ]]; }
	records 20 | publish
	start -v --prefetch 5 --listen 0 -- sh -c 'cat >held; cat held'
	wait_until address
	wait_until counted 'queue_messages{program="eg-consume"} 15$'
	counted 'oldest_record_timestamp_seconds{program="eg-consume"} 1795392000.000$'
	counted 'batch_records_bucket{program="eg-consume",le="1"} 5$'
	counted 'receipt_seconds_count{program="eg-consume"} 0$'
	pika "$Q" <<<'channel.queue_purge(sys.argv[1])'
	wait_until counted 'queue_messages{program="eg-consume"} 0$'
	kill -9 "$PID"
}

@test "a child killed again and again in a flood loses nothing" {
	records 20000 >in
	publish --batch 5 <in
	# One that is killed may leave half a line: the next one begins on a line of its own. tee writes
	# to its standard output first. That is the file: it may be killed before the other.
	start --drain -- sh -c 'echo $$ >child; echo >>copy; exec tee /dev/fd/3 3>&1 >>copy'
	for i in 1 2 3 4 5; do
		wait_until has_lines copy $((i * 2000))
		kill -9 "$(<child)" || true
	done
	ended 0
	[ -z "$(comm -13 <(sort -u copy) <(sort in))" ]
	[ "$(ready "$Q")" -eq 0 ]
}

# eg-consume is killed with an old value under way; the next one writes a newer value. After the
# last receipt a pause of the old child's, were it there, would be over.
overtaken() { # COMMAND...
	local faulty=$BATS_TEST_DIRNAME/../tools/faulty-http key=house:2026-01-01T00:00:00 old database
	mkdir server
	"$faulty" server 3>&- &
	PID=$!
	wait_until test -s server/port
	INFLUX_HOST=http://127.0.0.1:$(<server/port)
	export INFLUX_HOST
	kill "$PID"
	wait "$PID" || true
	publish <<<"$key:1"
	start -- "$@"
	wait_until said 'does not answer'
	old=$(pgrep -g "$(pgrep -P "$PID")" eg-influx)
	kill -KILL "$PID"
	wait "$PID" || true
	wait_until gone "$old"
	publish <<<"$key:2"
	"$faulty" --port "${INFLUX_HOST##*:}" server 3>&- &
	database=$!
	consume --drain -- "$@"
	sleep 1
	kill "$database"
	[ "$status" -eq 0 ]
	[ "$(tail -n 1 server/stored)" = 'house 1767225600000000000 2' ]
}

@test "killed while the database is away: its child ends with it, and writes nothing old" {
	overtaken "$BIN/eg-influx"
}

@test "killed while the database is away: so does a stage in a pipeline of its child" {
	PATH=$BIN:$PATH overtaken sh -c 'eg-influx | tee copy'
}

@test "a child that is not found is 78, and the message stays" {
	records 1 | publish
	consume -- no-such-program-here
	[ "$status" -eq 78 ]
	[[ $stderr == *"no-such-program-here"* ]]
	wait_until ready_is "$Q" 1
}

@test "a child that ends with 78 ends eg-consume with 78, and the messages go back" {
	records 3 | publish
	consume -- sh -c 'read -r line; exit 78'
	[ "$status" -eq 78 ]
	wait_until ready_is "$Q" 3
}

@test "a child that exits at once is started again, and its messages wait" {
	records 1 | publish
	start --timeout 3s -- sh -c 'exit 1'
	ended 75
	said "ended with status 1"
	wait_until ready_is "$Q" 1
}

@test "garbage, or more than it was given, is no receipt" {
	records 3 | publish
	start --timeout 3s -- sh -c 'echo nonsense; cat'
	ended 75
	said "printed 'nonsense', which it was not given"
	wait_until ready_is "$Q" 3
	# Each line's first echo counts, the second ends the child.
	start -- sed -u p
	wait_until said "which it was not given"
	wait_until ready_is "$Q" 0
	kill -TERM "$PID"
	ended 0
}

@test "a child that never reads and one that never writes give no receipt" {
	records 3 | publish
	start --timeout 1s -- sleep 30
	ended 75
	start --timeout 1s -- sh -c 'exec cat >/dev/null'
	ended 75
	wait_until ready_is "$Q" 3
}

@test "a pipeline can be the child" {
	records 100 | publish
	consume --drain -- sh -c 'cat | tee -a copy | cat'
	[ "$status" -eq 0 ]
	[ "$(wc -l <copy)" -eq 100 ]
}

@test "no more messages than --prefetch are ever without an acknowledgement" {
	records 100 | publish
	start --prefetch 7 -- sh -c 'exec cat >held'
	wait_until has_lines held 7
	wait_until unacked_is "$Q" 7
	[ "$(wc -l <held)" -eq 7 ]
	[ "$(ready "$Q")" -eq 93 ]
}

@test "a broker that is killed and started again in the middle loses nothing" {
	records 5000 >in
	publish <in
	# From the thousandth on its child waits until the broker is gone.
	start -v --drain -- sh -c 'n=0; while read -r l; do
		n=$((n + 1)); [ $n -lt 1000 ] || until [ -e go ]; do sleep 0.05; done
		echo "$l"; echo "$l" >&3; done 3>>copy'
	wait_until has_lines copy 500
	"$EG_LAB" --dir "$LAB" kill rabbitmq
	wait_until said "waiting for it"
	: >go
	"$EG_LAB" --dir "$LAB" start rabbitmq
	wait_until said "is back after"
	ended 0
	sort -u copy | cmp - <(sort in)
	[ "$(ready "$Q")" -eq 0 ]
}

@test "a broker that stands still is noticed within two heartbeats, and taken up again" {
	local from
	records 10 | publish
	start -v --heartbeat 2 -- tee -a copy
	wait_until has_lines copy 10
	"$EG_LAB" --dir "$LAB" pause rabbitmq
	from=$EPOCHREALTIME
	wait_until said "waiting for it"
	echo "noticed after $((${EPOCHREALTIME/./} - ${from/./})) us"
	# 4 s on an idle machine; with the default heartbeat it would be 20 s.
	((${EPOCHREALTIME/./} - ${from/./} < 15000000))
	"$EG_LAB" --dir "$LAB" resume rabbitmq
	wait_until said "is back after"
	records 10 10 | publish
	wait_until has_lines copy 20
	kill -TERM "$PID"
	ended 0
}

@test "a queue that is deleted under it is named, and ends it with 78" {
	records 1 | publish
	start -- tee -a copy
	wait_until has_lines copy 1
	pika "$Q" <<<'channel.queue_delete(sys.argv[1])'
	ended 78
	said "queue '$Q' was deleted"
}

@test "what has no receipt for long is given back and comes again" {
	records 10 | publish
	start -v --give-back 1s -- sh -c 'if [ -e second ]; then exec tee -a copy; fi; touch second; exec cat >/dev/null'
	wait_until has_lines copy 10
	said "handed back to the broker: no receipt for 1 s"
	# On a busy machine a second is too short for the second child, too.
	wait_until settled "$Q"
	kill -TERM "$PID"
	ended 0
}

# The broker looks for deliveries without an acknowledgement at each tick of a channel.
consumer_timeout() { # MS
	ask_broker "application:set_env(rabbit, consumer_timeout, $1),
		application:set_env(rabbit, channel_tick_interval, 500)"
}

@test "--give-back below the broker's consumer timeout keeps the channel open" {
	records 3 | publish
	consumer_timeout 8000
	start -v --give-back 1s -- sh -c 'echo >>starts; exec cat >/dev/null'
	wait_until has_lines starts 12
	consumer_timeout 1800000
	kill -TERM "$PID"
	wait_until gone "$PID"
	run ! said "waiting for it"
	wait_until ready_is "$Q" 3
}

@test "SIGTERM settles what the child still has and gives the rest back" {
	records 50 | publish
	start --prefetch 5 -- sh -c 'while read -r l; do sleep 0.1; echo "$l" | tee -a copy; done'
	wait_until has_lines copy 7
	kill -TERM "$PID"
	ended 0
	wait_until ready_is "$Q" $((50 - $(wc -l <copy)))
}

@test "SIGTERM with a child that gives no receipts: --grace bounds it, and nothing is lost" {
	records 5 | publish
	start --grace 2s -- sh -c 'exec cat >held'
	wait_until has_lines held 5
	kill -TERM "$PID"
	ended 75
	wait_until ready_is "$Q" 5
}

@test "a second signal ends it at once with 75" {
	records 5 | publish
	start -- sh -c 'exec cat >held'
	wait_until has_lines held 5
	wait_until gone_after_signal "$PID" INT
	ended 75
	wait_until ready_is "$Q" 5
}

@test "SIGINT to the foreground group lets the child settle" {
	records 5 | publish
	# setsid gives a group of its own; a job in the background would ignore SIGINT.
	/usr/bin/python3 -c "
import os, signal, subprocess, sys, time
p = subprocess.Popen(sys.argv[1:], start_new_session=True,
    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
while not os.path.exists('held'): time.sleep(0.02)
os.killpg(p.pid, signal.SIGINT)
sys.exit(p.wait(60))" "$BIN/eg-consume" -q "$Q" -- sh -c 'read -r a; : >held; sleep 1; echo "$a"; exec cat' 3>&-
	wait_until ready_is "$Q" 0
}

@test "standard output that cannot be written is 74, and the messages stay" {
	records 5 | publish
	run --separate-stderr bash -c '"$0" -q "$1" >&-' "$BIN/eg-consume" "$Q"
	[ "$status" -eq 74 ]
	run --separate-stderr bash -c '"$0" -q "$1" >/dev/full' "$BIN/eg-consume" "$Q"
	[ "$status" -eq 74 ]
	[[ $stderr == *"No space left"* ]]
	mkfifo pipe # that has no reader any more
	run --separate-stderr bash -c 'exec 8<>pipe 9>pipe 8>&-; exec "$0" -q "$1" >&9' "$BIN/eg-consume" "$Q"
	[ "$status" -eq 74 ]
	[ -z "$stderr" ]
	wait_until ready_is "$Q" 5
}

peak() { # KiB of memory so far
	awk '/^VmHWM/ { print $2 }' "/proc/$PID/status"
}

acknowledged() { # N
	grep -qx "energyguard_messages_total{program=\"eg-consume\"} $1" metrics
}

prefetch() { # of each consumer, a line each
	list_consumers | awk -v q="$Q" '$1 == q { print $2 }'
}

prefetch_is() { # N
	[[ $(prefetch) == "$1" ]]
}

# Of both subscriptions: there are two for a moment when the prefetch is raised, and two stay
# when the first message of the second one came late.
prefetch_is_least() { # N
	(($(prefetch | awk '{ n += $1 } END { print n + 0 }') >= $1))
}

ready_at_least() { # QUEUE N
	(($(ready "$1") >= $2))
}

consumers_are() { # N
	[[ $(prefetch | wc -l) == "$1" ]]
}

@test "large messages that wait for receipts do not fill the memory" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers need memory of their own"
	pika "$Q" <<'END'
channel.queue_declare(sys.argv[1], durable=True, arguments={'x-queue-type': 'quorum'})
line = 'a:2026-11-23T00:00:00:%d' + '0' * 40 + '\n'
for i in range(16):
    body = (line % (i % 10)) * (6 * 1024 * 1024 // len(line % 0))
    channel.basic_publish('', sys.argv[1], body, pika.BasicProperties(content_type='text/plain', delivery_mode=2))
END
	start --metrics metrics -- sh -c 'until [ -e go ]; do sleep 0.1; done; exec cat'
	# It stops reading, then hands back what the prefetch has let come.
	wait_until said "handed back to the broker: 36 MiB have no receipt for 10 s"
	echo "peak: $(peak) KiB"
	(($(peak) < 64 * 1024))
	# Some were delivered twice. The rest comes with a smaller prefetch, and is taken.
	touch go
	wait_until acknowledged 16
	echo "peak: $(peak) KiB"
	(($(peak) < 64 * 1024))
	wait_until prefetch_is 6
	# When messages are small again, more are taken at a time.
	records 3000 | "$BIN/eg-publish" --queue "$Q" >/dev/null
	wait_until acknowledged 3016
	raised() {
		prefetch_is_least 300 || { records 1000 | "$BIN/eg-publish" --queue "$Q" >/dev/null && false; }
	}
	wait_until raised
	wait_until settled "$Q"
	run ! said "waiting for it"
	kill -TERM "$PID"
	ended 0
	ready_is "$Q" 0
}

@test "small messages that are settled fast come in larger numbers, in order" {
	local type i much
	for type in classic quorum; do
		Q=fast-$type
		"$BIN/eg-publish" --queue "$Q" --declare --queue-type $type
		records 20000 >in
		"$BIN/eg-publish" --queue "$Q" <in >/dev/null
		# On a busy machine messages may come so late that the prefetch is raised no further, or
		# that two subscriptions stay: the next one tries again.
		for ((i = 1, much = 0; !much && i <= 30; i++)); do
			rm -f copy metrics
			start --metrics metrics -- tee -a copy
			wait_until acknowledged 20000
			if prefetch_is 4000; then much=1; fi
			cmp in copy
			[ "$(ready "$Q")" -eq 0 ]
			kill -TERM "$PID"
			ended 0
			"$BIN/eg-publish" --queue "$Q" <in >/dev/null
		done
		((much))
		# What the user says is never exceeded.
		rm metrics
		start --metrics metrics --prefetch 200 -- cat
		wait_until acknowledged 20000
		prefetch_is 200
		kill -TERM "$PID"
		ended 0
		# Exactly so many as it shall take, in order.
		"$BIN/eg-publish" --queue "$Q" <in >/dev/null
		consume --count 19000
		[ "$status" -eq 0 ]
		head -n 19000 in | cmp - <(printf '%s\n' "$output")
		# A quorum queue can lose acknowledgements that come right before the channel closes.
		wait_until ready_at_least "$Q" 1000
	done
}

@test "at the end all is acknowledged and counted, also while the prefetch is being raised" {
	records 500 | publish
	consume --drain --metrics metrics
	[ "$status" -eq 0 ]
	acknowledged 500
	records 500 | publish
	start --metrics metrics
	wait_until has_lines out 500
	kill -TERM "$PID"
	ended 0
	acknowledged 500
	[ "$(ready "$Q")" -eq 0 ]
}

@test "a slow receiver does not keep more messages from other consumers" {
	records 900 | publish
	start --metrics metrics -- sh -c 'while read -r l; do sleep 0.004; echo "$l"; done'
	wait_until acknowledged 900
	prefetch_is 300
	kill -TERM "$PID"
	ended 0
}

@test "of a single active consumer, the one that stands by gets nothing before its turn" {
	local type second
	for type in classic quorum; do
		Q=single-$type
		rm -f copy other metrics
		"$BIN/eg-publish" --queue "$Q" --declare --queue-type $type --single-active
		start --metrics metrics -- tee -a copy
		wait_until prefetch_is 300
		"$BIN/eg-consume" --queue "$Q" -- tee -a other >/dev/null 2>err2 3>&- &
		second=$!
		wait_until consumers_are 2
		records 20000 >in
		"$BIN/eg-publish" --queue "$Q" <in >/dev/null
		wait_until acknowledged 20000
		cmp in copy
		[ ! -s other ]
		kill -TERM "$PID"
		ended 0
		records 10 | "$BIN/eg-publish" --queue "$Q" >/dev/null
		wait_until has_lines other 10
		kill -TERM "$second"
		wait "$second"
	done
}
