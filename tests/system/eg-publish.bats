#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-publish against a real broker: what has a receipt is in the queue.
# shellcheck disable=SC2154,SC2314 # bats sets stderr; `!` stands only before the last command
# shellcheck disable=SC2030,SC2031,SC2016 # a test is a subshell; bash -c expands

bats_require_minimum_version 1.5.0
load ../wait
load ../publish

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

@test "messages share segments, but none is held back while it waits" {
	local options url tls=() log=$PWD/cork
	declare_queue "$QUEUE"
	records 300 | sed '0~50s/^/bad line\n/' >in.txt
	for url in "$AMQP_URL" "$EG_LAB_AMQPS_URL"; do
		for options in '--batch 1' '--batch 10' '-w 1'; do
			rm -f "$log" rejects
			# The sanitizers want to be first; these functions are none of theirs.
			# shellcheck disable=SC2086 # words
			ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 \
				AMQP_URL=$url EG_CORK_LOG=$log LD_PRELOAD=${EG_PUBLISH%/*}/tests/cork.so \
				publish -q "$QUEUE" "${tls[@]}" --rejects rejects $options <in.txt
			echo "$url $options: $stderr"
			[ "$status" -eq 65 ]
			[ "$(wc -l <<<"$output")" -eq 300 ]
			grep -qx corks "$log"
			grep -qx waits "$log"
			[ "$(grep -cx 'waits corked' "$log")" -eq 0 ]
		done
		tls=(--cacert "$EG_LAB_CA" --cert "$EG_LAB_CERT" --key "$EG_LAB_KEY")
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
	AMQP_URL="amqp://$ADDRESS/" refused "a vhost without a name: leave it out, or write /%2f"
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
		anew out err
		# The input has no end: that the signal comes late on a busy machine does no harm.
		env --default-signal=INT timeout 600 "$EG_PUBLISH" -q "$QUEUE" --batch 3 --grace 5m \
			< <(exec 3>&-; cat in.txt; exec sleep 30) >out 2>err 3>&- &
		PUBLISHER=$!
		wait_until count_is_least out 2000
		pkill -$signal -P "$PUBLISHER"
		await 300 gone "$PUBLISHER"
		ended 0
		head -n "$(wc -l <out)" in.txt | cmp - out
		bodies "$QUEUE" | cmp - out
	done
}

@test "a reader that leaves ends it quietly, with all that was sent settled" {
	declare_queue "$QUEUE"
	records 300000 >in.txt
	run --separate-stderr bash -c \
		'set -o pipefail; timeout 600 "$0" -q "$1" --grace 5m <in.txt | head -n 1000 >out' "$EG_PUBLISH" \
		"$QUEUE"
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

@test "a user and a password beyond ASCII log in, percent-encoded or as they are" {
	declare_queue "$QUEUE"
	ctl delete_user mètre || true
	ctl add_user mètre 'pä/ss'
	ctl set_permissions mètre '.*' '.*' '.*'
	for user in m%C3%A8tre:p%c3%a4%2Fss mètre:pä%2Fss; do
		AMQP_URL="amqp://$user@$ADDRESS" run -0 --separate-stderr timeout 60 \
			"$EG_PUBLISH" -q "$QUEUE" <<<a:2026-11-23T14:18:36:1
		[ "$output" = a:2026-11-23T14:18:36:1 ]
	done
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
