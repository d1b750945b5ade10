#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-publish against a real broker: what has a receipt is in the queue, whatever happens.
# shellcheck disable=SC2154,SC2314 # bats sets stderr; `!` stands only before the last command
# shellcheck disable=SC2030,SC2031,SC2016 # a test is a subshell; bash -c expands

bats_require_minimum_version 1.5.0
load ../wait

setup_file() {
	export EG_LAB="$BATS_TEST_DIRNAME/../../scripts/eg-lab"
	export LAB="$BATS_FILE_TMPDIR/lab"
	"$EG_LAB" up --dir "$LAB" --tls --no-influxdb --no-victoria
}

teardown_file() {
	"$EG_LAB" down --dir "$LAB"
}

setup() {
	EG_PUBLISH="$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}")/eg-publish"
	QUEUE="q$BATS_TEST_NUMBER"
	PUBLISHER='' CLUSTER='' OTHERS=()
	cd "$BATS_TEST_TMPDIR" || return 1
	load_env
	ADDRESS=${AMQP_URL#*@}
	ADDRESS=${ADDRESS%%/*}
}

# Whatever a test did to the broker is undone, so that the next one finds it well.
teardown() {
	if [[ -n $PUBLISHER ]]; then
		pkill -KILL -P "$PUBLISHER" || true
		kill -KILL "$PUBLISHER" || true
	fi 2>/dev/null
	((${#OTHERS[@]} == 0)) || kill -KILL "${OTHERS[@]}" 2>/dev/null || true
	if [[ -n $CLUSTER ]]; then "$EG_LAB" --dir "$CLUSTER" down; fi
	if [[ -e alarm ]]; then ctl set_vm_memory_high_watermark 0.4; fi
	"$EG_LAB" --dir "$LAB" resume rabbitmq 2>/dev/null || true
	"$EG_LAB" --dir "$LAB" start rabbitmq
}

load_env() { eval "$("$EG_LAB" --dir "$LAB" env)"; }
lab() { "$EG_LAB" --dir "$LAB" "$@"; }
ctl() { "$EG_LAB" --dir "$LAB" ctl -q "$@"; }

count_is_least() { (($(wc -l <"$1") >= $2)); }

# N different records; with MODULO their keys come again after so many.
records() { # N [MODULO]
	seq "$1" | awk -v m="${2:-100000000}" '{
		printf "sensor%d:2026-11-23T14:18:36.%09d:%d.50\n", $1 % m % 15, $1 % m, $1 }'
}

publish() { run --separate-stderr timeout 60 "$EG_PUBLISH" "$@"; }

# Standard input is the pipe on descriptor 7.
# Signals go to the child of timeout(1): the latter sends on twice what it gets.
publish_in_background() {
	mkfifo in
	timeout 120 "$EG_PUBLISH" "$@" <in >out 2>err 3>&- &
	PUBLISHER=$!
	exec 7>in
}

ended() { # STATUS: ends the input and waits
	local status=0
	exec 7>&-
	wait "$PUBLISHER" || status=$?
	PUBLISHER=''
	if [ "$status" -ne "$1" ]; then
		echo "status $status, not $1; standard error was:"
		cat err
		return 1
	fi
}

# A queue that is new may be lost in a crash: eg-publish waits until it can't be.
declare_for_good() { "$EG_PUBLISH" --declare -q "$1"; }

# A line of Python with the channel `c` of a connection of its own.
amqp() { # CODE ARG...
	/usr/bin/python3 -c "import sys, pika
connection = pika.BlockingConnection(pika.URLParameters('$AMQP_URL'))
c = connection.channel()
a = sys.argv[1:]
$1
connection.close()" "${@:2}"
}

# Takes all messages of a queue and prints their bodies, JSON as records.
bodies() { # QUEUE
	amqp 'left = c.queue_declare(a[0], passive=True).method.message_count
for m, p, b in c.consume(a[0], inactivity_timeout=10) if left else []:
    text = b.decode()
    if p.content_type == "application/json":
        assert text.startswith("{\"key\":\"") and text.endswith("}"), text
        text = text[8:-1].replace("\",\"value\":", ":") + "\n"
    sys.stdout.write(text)
    left -= 1
    if left == 0:
        c.basic_ack(m.delivery_tag, multiple=True)
        break
c.cancel()' "$1"
}

message_count() { amqp 'print(c.queue_declare(a[0], passive=True).method.message_count)' "$1"; }

declare_queue() { # QUEUE [ARGUMENTS]
	amqp 'c.queue_declare(a[0], durable=True, arguments=eval(a[1]))' "$1" "${2:-{\}}"
}

bind() { amqp 'c.queue_bind(*a)' "$@"; }

@test "a record is a persistent JSON message, byte for byte, to the queue misurazioni" {
	declare_queue misurazioni
	publish <<<'sensor1:2026-11-23T14:18:36:55.20'
	[ "$status" -eq 0 ]
	[ "$output" = 'sensor1:2026-11-23T14:18:36:55.20' ]
	[ -z "$stderr" ]
	run amqp 'm, p, b = c.basic_get("misurazioni", auto_ack=True)
print(m.exchange == "", m.routing_key, p.delivery_mode, p.content_type, b.decode())'
	[ "$output" = 'True misurazioni 2 application/json {"key":"sensor1:2026-11-23T14:18:36","value":55.20}' ]
}

@test "a Python program reads the message as it always did" {
	declare_queue "$QUEUE"
	publish -q "$QUEUE" <<<$'caff\u00e8 "a\\b":2026-11-23T14:18:36:+.5'
	[ "$status" -eq 0 ]
	run amqp 'import json
d = json.loads(c.basic_get(a[0], auto_ack=True)[2])
print(d["key"], d["value"], len(d))' "$QUEUE"
	[ "$output" = $'caff\u00e8 "a\\b":2026-11-23T14:18:36 0.5 2' ]
}

@test "one record a message: receipts and messages are the input, in its order" {
	declare_queue "$QUEUE"
	records 5000 >in.txt
	for window in 1000 7; do
		publish -q "$QUEUE" -w $window <in.txt
		[ "$status" -eq 0 ]
		cmp in.txt <<<"$output"
		[ "$(message_count "$QUEUE")" -eq 5000 ]
		bodies "$QUEUE" | cmp in.txt -
	done
}

@test "a window of one message works" {
	declare_queue "$QUEUE"
	records 50 >in.txt
	publish -q "$QUEUE" -w 1 <in.txt
	[ "$status" -eq 0 ]
	cmp in.txt <<<"$output"
	bodies "$QUEUE" | cmp in.txt -
}

@test "--batch packs what has arrived into messages of native lines" {
	declare_queue "$QUEUE"
	records 10000 >in.txt
	publish -q "$QUEUE" --batch 1000 <in.txt
	[ "$status" -eq 0 ]
	cmp in.txt <<<"$output"
	[ "$(message_count "$QUEUE")" -lt 100 ]
	run amqp 'm, p, b = c.basic_get(a[0])
print(p.delivery_mode, p.content_type, b.count(b"\n") <= 1000, b.endswith(b"\n"))' "$QUEUE"
	[ "$output" = "2 text/plain True True" ]
	bodies "$QUEUE" | cmp in.txt -
}

@test "records that are refused leave no trace in the batches around them" {
	declare_queue "$QUEUE"
	records 3000 >good.txt
	awk '{ print } NR % 7 == 0 { print "broken" NR } NR % 100 == 0 { print "\n# note" }' \
		good.txt >in.txt
	for batch in 1 10 1000; do
		publish -q "$QUEUE" --batch $batch --rejects rejects.$batch <in.txt
		[ "$status" -eq 65 ]
		cmp good.txt <<<"$output"
		bodies "$QUEUE" | cmp good.txt -
		[ "$(grep -c broken rejects.$batch)" -ge 428 ]
	done
}

@test "records come out one by one while the line is quiet, with --batch too" {
	declare_queue "$QUEUE"
	publish_in_background -q "$QUEUE" --batch 1000
	for i in 1 2 3; do
		records 3 | sed -n ${i}p >&7
		wait_until count_is_least out $i
	done
	ended 0
	[ "$(message_count "$QUEUE")" -eq 3 ]
}

@test "--declare makes the queue and one for dead letters, and may be repeated" {
	local type
	for type in classic quorum stream; do
		publish --declare -q "$QUEUE-$type" --queue-type $type </dev/null
		echo "$type: $stderr"
		[ "$status" -eq 0 ]
		publish -D -q "$QUEUE-$type" -t $type </dev/null
		[ "$status" -eq 0 ]
	done
	ctl list_queues --no-table-headers name type durable >queues
	grep -E "^$QUEUE-classic\s+classic\s+true" queues
	grep -E "^$QUEUE-quorum\s+quorum\s+true" queues
	grep -E "^$QUEUE-stream\s+stream\s+true" queues
	[ "$(grep -c "^$QUEUE.*\.dead" queues)" -eq 3 ]
	for type in classic quorum stream; do
		records 100 >in.txt
		publish -q "$QUEUE-$type" <in.txt
		[ "$status" -eq 0 ]
		cmp in.txt <<<"$output"
	done
}

@test "--declare of a queue that exists with another type is status 78 and says why" {
	declare_queue "$QUEUE"
	publish -D -q "$QUEUE" -t quorum </dev/null
	[ "$status" -eq 78 ]
	[[ $stderr == *PRECONDITION_FAILED*"$QUEUE"* ]]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
}

@test "--declare binds the queue to the exchange" {
	amqp 'c.exchange_declare(a[0], "direct", durable=True)' "$QUEUE-x"
	publish -D -q "$QUEUE" -x "$QUEUE-x" -k power </dev/null
	[ "$status" -eq 0 ]
	publish -x "$QUEUE-x" -k power < <(records 2)
	[ "$status" -eq 0 ]
	bodies "$QUEUE" | cmp <(records 2) -
}

refused() { # EXPECTED TEXT: status 78, no receipt, one line
	publish "${@:2}" <<<'sensor1:2026-11-23T14:18:36:55.20'
	echo "$status: $stderr"
	[ "$status" -eq 78 ]
	[ -z "$output" ]
	[[ $stderr == *"$1"* ]]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
}

@test "a wrong password is status 78, and is not printed" {
	AMQP_URL="amqp://guest:hunter2@$ADDRESS" refused ACCESS_REFUSED
	[[ $stderr != *hunter2* ]]
	echo hunter2 >password
	refused ACCESS_REFUSED --password-file password -u "amqp://guest@$ADDRESS"
	[[ $stderr != *hunter2* ]]
	echo guest >password
	declare_queue "$QUEUE"
	AMQP_URL="amqp://guest:hunter2@$ADDRESS" \
		publish --password-file password -q "$QUEUE" < <(records 1)
	[ "$status" -eq 0 ]
}

@test "a wrong virtual host is status 78, with a hint for the one without a name" {
	AMQP_URL="amqp://$ADDRESS/nowhere" refused "vhost nowhere not found"
	AMQP_URL="amqp://$ADDRESS/" refused "a vhost without a name: leave it away, or write /%2f"
}

@test "a queue or exchange that is not there is status 78" {
	refused "no queue '$QUEUE'" -q "$QUEUE"
	refused "no queue 'leader timeout limit'" -q "leader timeout limit"
	refused "no exchange '$QUEUE'" -x "$QUEUE"
}

@test "a message that no queue takes is status 78, though the broker confirms it" {
	refused "no queue takes messages for 'power' of exchange 'amq.direct'" -x amq.direct -k power
}

@test "an exchange is published to with the routing key" {
	declare_queue "$QUEUE"
	bind "$QUEUE" amq.direct "$QUEUE-key"
	publish --exchange amq.direct --routing-key "$QUEUE-key" --batch 10 < <(records 100)
	[ "$status" -eq 0 ]
	bodies "$QUEUE" | cmp <(records 100) -
}

@test "--by-sensor gives each sensor's records, and no others, its routing key" {
	local batch i
	for i in {0..14}; do
		declare_queue "$QUEUE-$i"
		bind "$QUEUE-$i" amq.direct "sensor$i"
	done
	records 300 | sort >in.txt
	for batch in 1 10; do
		publish -x amq.direct --by-sensor --batch $batch <in.txt
		[ "$status" -eq 0 ]
		cmp in.txt <<<"$output"
		for i in 0 7 14; do
			bodies "$QUEUE-$i" | cmp <(grep "^sensor$i:" in.txt) -
		done
	done
}

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
	grep -q "reconnects 1" err
}

@test "what had a receipt when broker and publisher were killed is in the queue" {
	declare_for_good "$QUEUE"
	records 300000 >in.txt
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

@test "a broker that falls silent is noticed within two heartbeats while publishing" {
	declare_queue "$QUEUE"
	records 200000 >in.txt
	for options in "--batch 1" "--batch 1000"; do
		# shellcheck disable=SC2086 # two words
		timeout 120 "$EG_PUBLISH" -q "$QUEUE" --heartbeat 2 --grace 60s $options \
			< <(cat in.txt in.txt in.txt in.txt in.txt) >out 2>err 3>&- &
		PUBLISHER=$!
		wait_until count_is_least out 2000
		goes_on_after_silence
		wait_until grep -q "is back after" err
		pkill -TERM -P "$PUBLISHER"
		ended 0
		head -n "$(wc -l <out)" < <(cat in.txt in.txt in.txt in.txt in.txt) | cmp - out
		amqp 'c.queue_purge(a[0])' "$QUEUE"
	done
}

queue_is_there() { ctl list_queues name | grep -qx "$1"; }

# Whether so many connections to PORT have a lot that their peer has not taken.
clogged() { # PORT CONNECTIONS
	[[ $(ss -Htn state established dst "127.0.0.1:$1" | awk '$2 > 50000' | wc -l) -eq $2 ]]
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
	"${EG_PUBLISH%/*}/tests/bench_amqp" "$QUEUE.bare" 10000000 10000000 1 2 3>&- 8>&- 2>bare.err &
	bare=$!
	"$EG_PUBLISH" -q "$QUEUE.with" -w 100000 --heartbeat 2 --timeout 5s <with.in >with.out 2>with.err 3>&- 8>&- &
	with=$!
	"$EG_PUBLISH" -q "$QUEUE.without" -w 100000 --heartbeat 2 <without.in >without.out 2>without.err 3>&- 8>&- &
	without=$!
	OTHERS+=("$bare" "$with" "$without")
	wait_until count_is_least with.out 500
	wait_until count_is_least without.out 500
	wait_until queue_is_there "$QUEUE.bare"
	wait_until clogged "$port" 3
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
	goes_by() { ctl list_queues name policy | grep -qx "${QUEUE}[[:space:]]$1"; }
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

@test "TLS works with the authority, by name and by address, with a client certificate" {
	declare_queue "$QUEUE"
	local url options=(--cacert "$EG_LAB_CA" --cert "$EG_LAB_CERT" --key "$EG_LAB_KEY")
	records 20000 >in.txt
	for url in "$EG_LAB_AMQPS_URL" "${EG_LAB_AMQPS_URL/localhost/127.0.0.1}"; do
		AMQP_URL=$url publish "${options[@]}" -q "$QUEUE" --batch 100 <in.txt
		echo "$stderr"
		[ "$status" -eq 0 ]
		cmp in.txt <<<"$output"
		bodies "$QUEUE" | cmp in.txt -
	done
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

@test "a certificate that is not trusted, or for another name, is status 78" {
	local client=(--cert "$EG_LAB_CERT" --key "$EG_LAB_KEY") other
	AMQP_URL=$EG_LAB_AMQPS_URL refused "self-signed certificate" "${client[@]}"
	AMQP_URL=$EG_LAB_AMQPS_URL refused "self-signed certificate" "${client[@]}" --cacert "$EG_LAB_CERT"
	other=$(getent ahostsv4 "$(hostname)" | awk '{ print $1; exit }')
	if [[ $other != 127.0.0.1 ]]; then
		echo "# WARNING: this machine's name is not at 127.0.0.1: another name NOT tested" >&3
		skip "no second name for 127.0.0.1"
	fi
	AMQP_URL=${EG_LAB_AMQPS_URL/localhost/$(hostname)} \
		refused "hostname mismatch" "${client[@]}" --cacert "$EG_LAB_CA"
}

@test "TLS without the client certificate that is asked for is status 78" {
	AMQP_URL=$EG_LAB_AMQPS_URL publish --cacert "$EG_LAB_CA" --timeout 20 < <(records 1)
	[ "$status" -eq 78 ]
	[[ $stderr == *"wants a client certificate"* ]]
}

@test "TLS at a port without it is status 78" {
	AMQP_URL="amqps://$ADDRESS" refused "no TLS is spoken at this port" --cacert "$EG_LAB_CA"
}

@test "SIGTERM in the middle: receipts are exactly what is in the queue" {
	declare_queue "$QUEUE"
	records 300000 >in.txt
	for signal in TERM INT; do
		# The input has no end: that the signal comes late on a busy machine does no harm.
		env --default-signal=INT timeout 60 "$EG_PUBLISH" -q "$QUEUE" --batch 3 \
			< <(exec 3>&-; cat in.txt; exec sleep 30) >out 2>err 3>&- &
		PUBLISHER=$!
		wait_until count_is_least out 2000
		pkill -$signal -P "$PUBLISHER"
		ended 0
		head -n "$(wc -l <out)" in.txt | cmp - out
		bodies "$QUEUE" | cmp - out
	done
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

@test "a reader that leaves ends it quietly, with all that was sent settled" {
	declare_queue "$QUEUE"
	records 300000 >in.txt
	run --separate-stderr bash -c \
		'set -o pipefail; timeout 60 "$0" -q "$1" <in.txt | head -n 1000 >out' "$EG_PUBLISH" "$QUEUE"
	[ "$status" -eq 74 ]
	[ -z "$stderr" ]
	cmp out <(head -n 1000 in.txt)
	local n
	n=$(message_count "$QUEUE")
	((n >= 1000 && n < 300000))
}

@test "a full disk behind standard output is status 74" {
	declare_queue "$QUEUE"
	run --separate-stderr bash -c '"$0" -q "$1" >/dev/full < <(echo a:2026-11-23T14:18:36:1)' \
		"$EG_PUBLISH" "$QUEUE"
	[ "$status" -eq 74 ]
	[[ $stderr == *"No space left on device"* ]]
}

@test "no password is in the list of processes or in a message" {
	declare_queue "$QUEUE"
	ctl delete_user meter || true
	ctl add_user meter hunter2hunter2
	ctl set_permissions meter '.*' '.*' '.*'
	echo hunter2hunter2 >password
	AMQP_URL="amqp://meter:hunter2hunter2@$ADDRESS" publish_in_background -q "$QUEUE" -v -v
	records 1 >&7
	wait_until count_is_least out 1
	ps -ww -o args= -p "$PUBLISHER" --ppid "$PUBLISHER" >ps.txt
	ended 0
	rm in
	mv out out.environment
	mv err err.environment
	publish_in_background -q "$QUEUE" -u "amqp://meter@$ADDRESS" --password-file password -v -v
	records 1 >&7
	wait_until count_is_least out 1
	ps -ww -o args= -p "$PUBLISHER" --ppid "$PUBLISHER" >>ps.txt
	ended 0
	[ "$(grep -c eg-publish ps.txt)" -ge 2 ]
	! grep -r hunter2 ps.txt err* out*
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
	[[ $(ctl list_queues name messages | sed -n "s/^$QUEUE\t//p") == 0 ]]
	printf 'amqp pass\nsync pass\n' >&8
	publish -u "amqp://127.0.0.1:$(<net/amqp)" -q "$QUEUE" --batch 1000 --timeout 30s <records
	[ "$status" -eq 0 ]
	exec 8>&-
	wait
}
