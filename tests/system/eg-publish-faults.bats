#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-publish and a broker that is away, silent, full or in alarm: what has a receipt is in the
# queue, whatever happens.
# shellcheck disable=SC2154,SC2314 # bats sets stderr; `!` stands only before the last command
# shellcheck disable=SC2030,SC2031,SC2016 # a test is a subshell; bash -c expands

bats_require_minimum_version 1.5.0
load ../wait
load ../publish

@test "of several addresses the first that answers is used, without a pause" {
	declare_queue "$QUEUE"
	AMQP_URL="amqp://127.0.0.1:1,$AMQP_URL" publish -q "$QUEUE" < <(records 3)
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[[ $stderr == *"127.0.0.1:1: cannot connect"*"$ADDRESS is back"* ]]
	publish -u amqp://127.0.0.1:1 -u "amqp://$ADDRESS" -q "$QUEUE" --timeout 20 < <(records 3)
	[ "$status" -eq 0 ]
}

@test "a broker that is away at first is waited for" {
	declare_for_good "$QUEUE"
	lab kill rabbitmq
	records 100 >in.txt
	publish_in_background -q "$QUEUE"
	cat in.txt >&7
	wait_until grep -q "waiting for it" err
	[ ! -s out ]
	lab start rabbitmq
	ended 0
	cmp in.txt out
	[ "$(grep -c "waiting for it" err)" -eq 1 ]
	[ "$(grep -c "is back after" err)" -eq 1 ]
	bodies "$QUEUE" | cmp in.txt -
}

@test "a broker killed in the middle: all is receipted, all is there, the last value is last" {
	declare_for_good "$QUEUE"
	records 30000 4000 >in.txt
	publish_in_background -q "$QUEUE" -v
	# What is read last is on its way when the broker ends, and the rest comes later.
	head -n 15000 in.txt >&7
	lab kill rabbitmq
	[ "$(wc -l <out)" -lt 30000 ]
	tail -n +15001 in.txt >&7 &
	OTHERS+=($!)
	wait_until grep -q "waiting for it" err
	lab start rabbitmq
	ended 0
	cmp in.txt out
	bodies "$QUEUE" >queued
	[ "$(sort -u queued | wc -l)" -eq 30000 ]
	last() { awk '{ i = match($0, /:[^:]*$/); v[substr($0, 1, i)] = $0 } END { for (k in v) print v[k] }' "$1" | sort; }
	cmp <(last in.txt) <(last queued)
	grep -q "reconnects [1-9]" err
}

@test "what had a receipt when broker and publisher were killed is in the queue" {
	declare_for_good "$QUEUE"
	records 300000 >in.txt
	anew out err
	"$EG_PUBLISH" -q "$QUEUE" --batch 10 <in.txt >out 2>err 3>&- &
	PUBLISHER=$!
	wait_until count_is_least out 3000
	lab kill rabbitmq
	kill -KILL "$PUBLISHER"
	wait "$PUBLISHER" || true
	PUBLISHER=''
	count_is_least out 3000
	lab start rabbitmq
	sort <(bodies "$QUEUE") >queued
	[ -z "$(comm -23 <(sort out) queued)" ]
}

# Prints how many milliseconds after the broker stopped COMMAND was true.
silent_for() {
	local start=${EPOCHREALTIME/./}
	wait_until "$@" || return 1
	printf '%d' $(((${EPOCHREALTIME/./} - start) / 1000))
}

goes_on_after_silence() { # NAME-OF-WARNING
	local ms
	lab pause rabbitmq
	ms=$(silent_for grep -q "waiting for it" err)
	# 4 s on an idle machine; with the default heartbeat it would be 20 s.
	echo "noticed after $ms ms"
	[ "$ms" -lt 15000 ]
	lab resume rabbitmq
}

# A fast publisher must not come to the end of its input before the broker is paused.
endless() {
	while cat in.txt; do :; done 2>/dev/null
}

@test "a broker that falls silent is noticed within two heartbeats while publishing" {
	declare_queue "$QUEUE"
	records 200000 >in.txt
	for options in "--batch 1" "--batch 1000"; do
		anew out err
		# shellcheck disable=SC2086 # two words
		timeout 120 "$EG_PUBLISH" -q "$QUEUE" --heartbeat 2 --grace 60s $options \
			< <(endless) >out 2>err 3>&- &
		PUBLISHER=$!
		wait_until count_is_least out 2000
		goes_on_after_silence
		wait_until grep -q "is back after" err
		pkill -TERM -P "$PUBLISHER"
		ended 0
		head -n "$(wc -l <out)" < <(endless) | cmp - out
		amqp 'c.queue_purge(a[0])' "$QUEUE"
	done
}

queue_is_there() { list_queues name | grep -qx "$1"; }

# Whether so many connections to PORT have a lot that their peer has not taken.
clogged() { # PORT CONNECTIONS
	[[ $(ss -Htn state established dst "127.0.0.1:$1" | awk '$2 > 50000' | wc -l) -eq $2 ]]
}

# Publishes by a bare loop, which ends when it is cut off for its silence, as on a busy machine.
publish_bare() {
	"${EG_PUBLISH%/*}/tests/bench_amqp" "$QUEUE.bare" 10000000 10000000 1 2 3>&- 8>&- 2>bare.err &
	bare=$!
	OTHERS+=("$bare")
}

all_clogged() { # PORT
	if gone "$bare"; then publish_bare; fi
	clogged "$1" 3
}

@test "a peer that vanishes behind a full send buffer hangs rabbitmq-c's own loop, and not this" {
	local bare with without network port
	mkdir net
	mkfifo commands
	"$BATS_TEST_DIRNAME/../tools/bad-network" --buffer 65536 net "amqp=$ADDRESS" <commands 3>&- &
	network=$!
	OTHERS=("$network")
	exec 8>commands
	wait_until test -s net/amqp
	port=$(<net/amqp)
	for name in with without; do
		declare_queue "$QUEUE.$name"
		records 100000 >"$name.in"
	done
	# What waits, waits on the way, and not at the broker.
	echo 'amqp throttle 300000' >&8
	AMQP_URL=${AMQP_URL/"$ADDRESS"/127.0.0.1:$port}
	publish_bare
	"$EG_PUBLISH" -q "$QUEUE.with" -w 100000 --heartbeat 2 --timeout 20s <with.in >with.out 2>with.err 3>&- 8>&- &
	with=$!
	"$EG_PUBLISH" -q "$QUEUE.without" -w 100000 --heartbeat 2 <without.in >without.out 2>without.err 3>&- 8>&- &
	without=$!
	OTHERS+=("$with" "$without")
	wait_until count_is_least with.out 500
	wait_until count_is_least without.out 500
	wait_until queue_is_there "$QUEUE.bare"
	await 300 all_clogged "$port"
	echo 'amqp hole' >&8
	local status=0
	wait_until gone "$with"
	wait "$with" || status=$?
	[ "$status" -eq 75 ]
	grep -q 'gave up waiting' with.err
	head -n "$(wc -l <with.out)" with.in | cmp - with.out
	grep -q 'waiting for it' without.err
	# The library alone is still where it was, in spite of its heartbeats.
	if gone "$bare"; then false; fi
	clogged "$port" 1
	[ ! -s bare.err ]
	kill -KILL "$bare"
	echo 'amqp pass' >&8
	wait_until gone "$without"
	wait "$without"
	cmp without.in without.out
	for name in with without; do
		"${EG_PUBLISH%/*}/eg-consume" -q "$QUEUE.$name" --drain >queued
		# Those with a receipt are there, and without the timeout all.
		[ -z "$(comm -23 <(sort "$name.out") <(sort -u queued))" ]
	done
	exec 8>&-
	wait_until gone "$network"
}

@test "a broker that falls silent is noticed within two heartbeats while idle" {
	declare_queue "$QUEUE"
	publish_in_background -q "$QUEUE" --heartbeat 2
	records 1 >&7
	wait_until count_is_least out 1
	goes_on_after_silence
	records 2 | tail -n 1 >&7
	wait_until count_is_least out 2
	ended 0
	cmp out <(records 2)
}

@test "an idle connection is kept alive by heartbeats" {
	declare_queue "$QUEUE"
	publish_in_background -q "$QUEUE" --heartbeat 2 -v
	records 1 >&7
	wait_until count_is_least out 1
	sleep 8 # four heartbeats: the broker gives up after two
	records 2 | tail -n 1 >&7
	wait_until count_is_least out 2
	ended 0
	! grep -q "waiting for it" err
}

@test "a memory alarm is told once and waited for, and nothing is lost" {
	declare_queue "$QUEUE"
	publish_in_background -q "$QUEUE" --heartbeat 2
	records 1 >&7
	wait_until count_is_least out 1
	touch alarm
	ctl set_vm_memory_high_watermark 0.0001
	records 3000 | tail -n +2 >&7
	wait_until grep -q "blocks publishers" err
	sleep 8 # four heartbeats: neither side may take the other for dead
	ctl set_vm_memory_high_watermark 0.4
	rm alarm
	wait_until count_is_least out 3000
	ended 0
	records 3000 | cmp - out
	bodies "$QUEUE" | cmp - out
	[ "$(grep -c "blocks publishers" err)" -eq 1 ]
	[ "$(grep -c "accepts messages again" err)" -eq 1 ]
	[ "$(wc -l <err)" -eq 2 ]
}

@test "--timeout ends the wait for an alarm too, with status 75" {
	declare_queue "$QUEUE"
	touch alarm
	ctl set_vm_memory_high_watermark 0.0001
	publish -q "$QUEUE" --timeout 4 < <(records 3)
	[ "$status" -eq 75 ]
	[ -z "$output" ]
	[[ $stderr == *"blocks publishers"*"gave up waiting"*"3 records without a receipt"* ]]
}

@test "a full queue that refuses messages is waited for, and nothing is lost" {
	declare_queue "$QUEUE" '{"x-max-length": 50, "x-overflow": "reject-publish"}'
	records 500 >in.txt
	publish_in_background -q "$QUEUE"
	cat in.txt >&7
	wait_until grep -q "refuses messages" err
	take() {
		bodies "$QUEUE" >>queued
		cmp -s in.txt out
	}
	wait_until take
	ended 0
	bodies "$QUEUE" >>queued
	cmp in.txt out
	# Later ones may have been taken before and come again, but behind their turn.
	awk '!seen[$0]++' queued | sort | cmp <(sort in.txt) -
	awk '{ n[$0] = NR } END { for (k in n) print n[k], k }' queued | sort -n | cut -d ' ' -f 2- |
		cmp in.txt -
	grep -q "accepts messages again" err
	! grep -q "waiting for it" err
}

@test "--timeout ends the wait for a full queue, with the receipts of what it took" {
	declare_queue "$QUEUE" '{"x-max-length": 5, "x-overflow": "reject-publish"}'
	publish -q "$QUEUE" --timeout 4 < <(records 20)
	[ "$status" -eq 75 ]
	[ "$(grep -c "refuses messages" <<<"$stderr")" -eq 1 ]
	((${#lines[@]} >= 5))
	bodies "$QUEUE" >queued
	head -n "${#lines[@]}" queued | cmp - <(cat <<<"$output")
}

@test "a limit set by policy behind reject-publish throws away nothing of what a queue holds" {
	policy() { # NAME PRIORITY DEFINITION: and waits until the queue goes by it
		ctl set_policy --apply-to queues --priority "$2" "$1" "^$QUEUE\$" "$3"
		wait_until goes_by "$1"
	}
	goes_by() { [[ $(queue_has "$QUEUE" policy) == "$1" ]]; }
	declare_queue "$QUEUE"
	publish -q "$QUEUE" < <(records 20)
	policy refuse 1 '{"overflow": "reject-publish"}'
	policy limit 2 '{"overflow": "reject-publish", "max-length": 5}'
	publish -q "$QUEUE" --timeout 1 < <(records 21 | tail -n 1)
	[ "$status" -eq 75 ]
	bodies "$QUEUE" | cmp - <(records 20)
	ctl clear_policy refuse
	ctl clear_policy limit
}

@test "a queue that is deleted is status 78, with receipts for what it took" {
	declare_queue "$QUEUE"
	publish_in_background -q "$QUEUE"
	records 100 >&7
	wait_until count_is_least out 100
	amqp 'c.queue_delete(a[0])' "$QUEUE"
	records 200 | tail -n 100 >&7
	ended 78
	records 100 | cmp - out
	grep -q "fatal: .*no queue '$QUEUE'" err
}

@test "a silent broker is noticed with TLS too" {
	declare_queue "$QUEUE"
	AMQP_URL=$EG_LAB_AMQPS_URL publish_in_background --cacert "$EG_LAB_CA" --cert "$EG_LAB_CERT" \
		--key "$EG_LAB_KEY" -q "$QUEUE" --heartbeat 2
	records 2000 >&7
	wait_until count_is_least out 2000
	goes_on_after_silence
	records 3000 | tail -n 1000 >&7
	wait_until count_is_least out 3000
	ended 0
}

@test "SIGTERM while the broker is away is status 75 after the grace period" {
	declare_for_good "$QUEUE"
	publish_in_background -q "$QUEUE" --grace 500ms --metrics counters
	records 5 >&7
	wait_until count_is_least out 5
	lab kill rabbitmq
	records 10 | tail -n 5 >&7
	wait_until grep -q "waiting for it" err
	wait_until grep -q "^energyguard_records_in_total.* 10$" counters
	pkill -TERM -P "$PUBLISHER"
	ended 75
	records 5 | cmp - out
	grep -q "ended by a signal with 5 records without a receipt" err
}

@test "in a cluster a queue whose node is down is waited for, and the broker that lives is used" {
	local first second
	CLUSTER="$BATS_TEST_TMPDIR/cluster"
	"$EG_LAB" --dir "$CLUSTER" up --brokers 2 --no-influxdb --no-victoria
	eval "$("$EG_LAB" --dir "$CLUSTER" env)"
	first=${EG_LAB_AMQP_URLS%,*} second=${EG_LAB_AMQP_URLS#*,}
	AMQP_URL=$second declare_for_good "$QUEUE"
	AMQP_URL=$first publish_in_background -q "$QUEUE"
	records 5 >&7
	wait_until count_is_least out 5
	"$EG_LAB" --dir "$CLUSTER" kill rabbitmq2
	records 10 | tail -n 5 >&7
	wait_until grep -q "waiting for it" err
	"$EG_LAB" --dir "$CLUSTER" start rabbitmq2
	ended 0
	records 10 | cmp - out
	records 40000 >in.txt
	AMQP_URL=$EG_LAB_AMQP_URLS timeout 60 "$EG_PUBLISH" -q "$QUEUE" <in.txt >out 2>err 3>&- &
	PUBLISHER=$!
	wait_until count_is_least out 2000
	"$EG_LAB" --dir "$CLUSTER" kill rabbitmq
	ended 0
	cmp in.txt out
	AMQP_URL=$second bodies "$QUEUE" | sort -u | cmp <(sort in.txt) -
}

reset_at_once() { # PORT
	(
		exec {fd}<>"/dev/tcp/127.0.0.1/$1" && read -r -t 0.2 -u "$fd" _
		(($? <= 128))
	) 2>/dev/null
}

@test "a broker that takes every login and drops it at the first message is away: pauses grow, --timeout ends" {
	mkdir net
	mkfifo commands
	"$BATS_TEST_DIRNAME/../tools/bad-network" net "amqp=$ADDRESS" "sync=$ADDRESS" <commands 3>&- &
	exec 8>commands
	wait_until test -s net/sync
	# Commands are taken in turn: when the second works, so does the first.
	printf 'amqp cut 8000\nsync refuse\n' >&8
	wait_until reset_at_once "$(<net/sync)"
	declare_queue "$QUEUE"
	records 1000 >records
	publish -u "amqp://127.0.0.1:$(<net/amqp)" -q "$QUEUE" --batch 1000 --timeout 6s <records
	echo "$stderr"
	[ "$status" -eq 75 ]
	[ -z "$output" ]
	[[ $stderr == *"gave up waiting for the peer"* ]]
	(($(grep -c "is back" <<<"$stderr") <= 12))
	[[ $(queue_has "$QUEUE" messages) == 0 ]]
	printf 'amqp pass\nsync pass\n' >&8
	publish -u "amqp://127.0.0.1:$(<net/amqp)" -q "$QUEUE" --batch 1000 --timeout 30s <records
	[ "$status" -eq 0 ]
	exec 8>&-
	wait
}
