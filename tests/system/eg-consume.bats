#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-consume against a real broker: what messages become, dead letters, options, markers.
# shellcheck disable=SC2030,SC2031 # each test has its own Q
# shellcheck disable=SC2016,SC2154 # the children's shells expand; bats sets stderr

bats_require_minimum_version 1.5.0
load ../wait
load ../consume
load ../dlms

@test "what a producer of the classic system publishes comes out as a record" {
	Q=misurazioni
	pika <<'END'
channel.queue_declare(queue='misurazioni', durable=True)
channel.basic_publish(exchange='', routing_key='misurazioni',
    body='{"key": "sensor1:2026-11-23T14:18:36", "value": 55.20}')
END
	consume --count 1 -- cat
	[ "$status" -eq 0 ]
	ready_is misurazioni 0
	pika <<'END'
channel.basic_publish('', 'misurazioni', '{"key": "sensor1:2026-11-23T14:18:36", "value": 55.20}')
END
	consume --drain
	[ "$status" -eq 0 ]
	[ "$output" = "sensor1:2026-11-23T14:18:36:55.20" ]
}

@test "a consumer of the classic system reads what eg-publish wrote, its number unchanged" {
	publish <<<"sensor1:2026-11-23T14:18:36:55.20"
	run pika "$Q" <<<'print(channel.basic_get(sys.argv[1], auto_ack=True)[2].decode())'
	[ "$output" = '{"key":"sensor1:2026-11-23T14:18:36","value":55.20}' ]
}

@test "messages of lines and of JSON come out alike, byte for byte" {
	records 1000 >in
	head -n 500 in | publish --batch 100
	tail -n 500 in | publish
	consume --drain -- tee -a copy
	[ "$status" -eq 0 ]
	cmp in copy
	[ "$(ready "$Q")" -eq 0 ]
}

@test "what the child refuses in the middle is dead-lettered with its reason, then acknowledged" {
	records 3 | publish
	consume --drain -- sed -u 2d
	[ "$status" -eq 65 ]
	[ "$(ready "$Q")" -eq 0 ]
	run dead "$Q.dead"
	[ "$output" = "refused downstream|$Q|"'{"key":"sensor1:2026-11-23T00:00:01","value":41.50}' ]
}

@test "dead letters share segments, but none is held back while it waits" {
	records 100 | sed '0~9s/:.*//' >in
	put "$(cat in)" text/plain
	# The sanitizers want to be first; these functions are none of theirs.
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 \
		EG_CORK_LOG=$PWD/cork LD_PRELOAD=$(realpath "$BIN")/tests/cork.so \
		consume --drain --rejects rejects
	[ "$status" -eq 65 ]
	[ "$(grep -cx "sensor1" rejects)" -eq 11 ]
	grep -qx corks cork
	grep -qx waits cork
	[ "$(grep -cx 'waits corked' cork)" -eq 0 ]
}

@test "what the child refuses is not acknowledged before its dead letter is safe" {
	records 3 | publish
	"$EG_LAB" --dir "$LAB" ctl -q set_policy --apply-to queues full "^$Q\.dead\$" \
		'{"max-length": 0, "overflow": "reject-publish"}'
	start -- sed -u 2d
	wait_until said "refuses messages"
	kill -9 "$PID"
	wait_until gone "$PID"
	PID=
	# Acknowledgements keep the order: the message behind it waits too.
	wait_until ready_is "$Q" 2
	"$EG_LAB" --dir "$LAB" ctl -q clear_policy full
	consume --drain -- sed -u 1d
	[ "$status" -eq 65 ]
	run dead "$Q.dead"
	[ "$output" = "refused downstream|$Q|"'{"key":"sensor1:2026-11-23T00:00:01","value":41.50}' ]
}

@test "what the child refuses at the very end is dead-lettered, whatever the prefetch" {
	local p
	for p in 1 300; do
		records 3 | publish
		consume --drain --prefetch "$p" -- awk '/:02:/ { bad = 65; next } { print; fflush() } END { exit bad }'
		[ "$status" -eq 65 ]
		[ "$(ready "$Q")" -eq 0 ]
		run dead "$Q.dead"
		[ "$output" = "refused downstream|$Q|"'{"key":"sensor1:2026-11-23T00:00:02","value":42.50}' ]
	done
}

# Messages of an encrypted meter: the file of counters is ahead of no receipt.
send_frames() { # QUEUE COUNTER...
	local queue=$1 n
	for n in "${@:2}"; do
		frame "$n" | xxd -p -c 0 | pika "$queue" <(cat) <<<"
channel.queue_declare(sys.argv[1], durable=True)
channel.basic_publish('', sys.argv[1], bytes.fromhex(open(sys.argv[2]).read()),
    pika.BasicProperties(delivery_mode=2), mandatory=True)"
	done
}

@test "dlms: what the child refused is no replay, neither among the dead letters nor moved back" {
	command -v openssl xxd >/dev/null || skip "no openssl or xxd"
	local decode=(--decode dlms --meter-key key --counter-file counters)
	echo "$DLMS_KEY" >key
	send_frames "$Q" 20
	consume --drain "${decode[@]}" -- sh -c 'cat >/dev/null; exit 65'
	[ "$status" -eq 65 ]
	ready_is "$Q.dead" 1
	[ "$(<counters)" = "# frame counters of meters" ]
	Q=$Q.dead consume --dead-letter again --drain "${decode[@]}" -- sh -c 'cat >/dev/null; exit 65'
	[ "$status" -eq 65 ]
	ready_is again 1
	Q=again consume --drain "${decode[@]}"
	[ "$status" -eq 0 ]
	[ "$output" = meter/power:2024-07-18T10:00:05:0.601 ]
	grep -qx "4547524430303031 20" counters
	# Within one process, too.
	send_frames "$Q" 21
	start "${decode[@]}" -- sh -c 'cat >/dev/null; exit 65'
	wait_until ready_is "$Q.dead" 1
	send_frames "$Q" 21
	wait_until ready_is "$Q.dead" 2
	kill "$PID"
	ended 65
	run grep "went back" err
	[ "$status" -eq 1 ]
}

@test "each kind of bad body goes to the dead letters as it came, with the reason" {
	local n bodies reasons # run has its own use for i
	bodies=('{nonsense' '[1]' '{"value":1}' '{"key":"a:2026-11-23T00:00:00","value":"1"}'
		'{"key":"a:2026-11-23T00:00:00","value":null}' '' '{"key":"a:2026-02-30T00:00:00","value":1}')
	reasons=("the message is not JSON" "the message is JSON, but not an object"
		'the object has no "key"' '"value" is not a number' '"value" is not a number' '' '')
	for n in "${!bodies[@]}"; do
		put "${bodies[n]}"
		consume --drain -- cat
		[ "$status" -eq 65 ]
		[ "$(ready "$Q")" -eq 0 ]
		run dead "$Q.dead"
		[[ $output == "${reasons[n]}"*"|$Q|${bodies[n]}" ]]
	done
}

@test "bad lines of a message are dead-lettered, good ones come out" {
	put $'a:2026-11-23T00:00:00:1\nbad\nb:2026-11-23T00:00:00:nan\n#\nc:2026-11-23T00:00:00:3' text/plain
	consume --drain --rejects rejects
	[ "$status" -eq 65 ]
	[ "$output" = $'a:2026-11-23T00:00:00:1\nc:2026-11-23T00:00:00:3' ]
	[[ $stderr == *"line 2"* ]]
	grep -qx bad rejects
	run dead "$Q.dead"
	[[ $output == *"|$Q|bad"$'\n'"b:2026-11-23T00:00:00:nan" ]]
}

@test "a message of 200,000 lines comes out whole" {
	records 200000 >in
	pika "$Q" <<'END'
channel.queue_declare(sys.argv[1], durable=True)
channel.basic_publish('', sys.argv[1], open('in').read(), pika.BasicProperties(content_type='text/plain'))
END
	consume --drain -- tee -a copy
	[ "$status" -eq 0 ]
	cmp in copy
}

@test "a dead-letter queue that exists as quorum is taken as it is, also by another name" {
	pika "$Q.other" <<<"channel.queue_declare(sys.argv[1], durable=True, arguments={'x-queue-type': 'quorum'})"
	put nonsense
	consume --drain --dead-letter "$Q.other"
	[ "$status" -eq 65 ]
	run dead "$Q.other"
	[[ $output == *"|$Q|nonsense" ]]
	[ "$(ready "$Q")" -eq 0 ]
}

@test "--count takes exactly so many messages and leaves the others" {
	records 100 | publish
	consume --count 30
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 30 ]
	wait_until ready_is "$Q" 70
	consume --count 30 -- sh -c 'sleep 0.3; cat'
	[ "$status" -eq 0 ]
	wait_until ready_is "$Q" 40
}

@test "--drain ends on an empty queue, and waits for a slow child" {
	records 5 | publish
	consume --drain -- sh -c 'while read -r l; do sleep 0.3; echo "$l" | tee -a copy; done'
	[ "$status" -eq 0 ]
	[ "$(wc -l <copy)" -eq 5 ]
	[ "$(ready "$Q")" -eq 0 ]
	consume --drain
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "several consumers share a queue" {
	local i pids=()
	records 5000 >in
	publish <in
	for i in 1 2 3; do
		"$BIN/eg-consume" -q "$Q" --drain --prefetch 10 -- \
			sh -c 'until [ -e go ]; do sleep 0.05; done; exec tee -a "$0"' "out$i" >/dev/null 3>&- &
		pids+=($!)
	done
	wait_until unacked_is "$Q" 30
	touch go
	for i in "${pids[@]}"; do wait "$i"; done
	sort out1 out2 out3 | cmp - <(sort in)
}

@test "a wrong queue and a wrong password are 78" {
	consume
	[ "$status" -eq 78 ]
	[[ $stderr == *"no queue '$Q'"* ]]
	AMQP_URL=${AMQP_URL/guest:guest/guest:wrong}
	consume
	[ "$status" -eq 78 ]
	[[ $stderr != *wrong* ]]
}

@test "a stream is read from the first, an offset, a time, or what comes next" {
	"$BIN/eg-publish" --queue "$Q" --declare --queue-type stream
	records 10 | "$BIN/eg-publish" --queue "$Q" >/dev/null
	consume --offset first --drain
	[ "$status" -eq 0 ]
	[ "$output" = "$(records 10)" ]
	consume --offset 7 --drain
	[ "$output" = "$(records 3 7)" ]
	consume --offset 2026-01-01T00:00:00 --drain
	[ "$output" = "$(records 10)" ]
	start -v --offset next --count 1
	wait_until said "connected to"
	subscribed() { [[ $(queue_has "$Q" consumers) == 1 ]]; }
	wait_until subscribed
	records 1 50 | "$BIN/eg-publish" --queue "$Q" >/dev/null
	ended 0
	[ "$(cat out)" = "$(records 1 50)" ]
}

@test "an offset file goes on right behind the last receipt, also after kill -9" {
	"$BIN/eg-publish" --queue "$Q" --declare --queue-type stream
	records 30 >in
	"$BIN/eg-publish" --queue "$Q" <in >/dev/null
	consume --offset-file offset --count 10
	[ "$status" -eq 0 ]
	[ "$output" = "$(head -n 10 in)" ]
	[ "$(cut -d " " -f 1 offset)" -eq 9 ]
	start --offset-file offset --prefetch 5 -- sh -c 'n=0; while read -r l; do n=$((n + 1))
		echo "$l" >>copy; if [ $n -le 10 ]; then echo "$l"; fi; done'
	wait_until grep -q "^19 " offset
	kill -9 "$PID"
	consume --offset-file offset --drain -- tee -a copy
	[ "$status" -eq 0 ]
	[ "$(cut -d " " -f 1 offset)" -eq 29 ]
	sort -u copy | cmp - <(tail -n 20 in)
}

@test "SIGUSR1 and --metrics tell the counters" {
	records 5 | publish
	start --metrics metrics -- tee -a copy
	wait_until grep -q 'records_out_total{program="eg-consume"} 5' metrics
	grep -q 'messages_total{program="eg-consume"} 5' metrics
	kill -USR1 "$PID"
	wait_until said "in 5 = out 5 + refused 0 + pending 0"
	kill -TERM "$PID"
	ended 0
}

@test "the command finds the broker's address without the password, and its own secrets" {
	records 1 | publish
	AMQP_URL="$AMQP_URL,amqp://a:sesame@127.0.0.1:1" INFLUX_TOKEN=its-own \
		consume --drain -- sh -c 'env >env; exec cat'
	[ "$status" -eq 0 ]
	grep -qx "AMQP_URL=${AMQP_URL/:guest@/@},amqp://a@127.0.0.1:1" env
	grep -qx INFLUX_TOKEN=its-own env
	run ! grep -q sesame env
}

@test "a dead letter keeps the properties and headers of its message" {
	pika "$Q" <<'END'
channel.queue_declare(sys.argv[1], durable=True)
channel.basic_publish('', sys.argv[1], b'{"value":1}', pika.BasicProperties(content_type='application/json',
    message_id='id 7', correlation_id='c 8', type='reading', app_id='meter', priority=3, timestamp=1700000000,
    reply_to='answers', expiration='60000', user_id='guest', delivery_mode=1,
    headers={'plant': 'north', 'n': 5, 'x-eg-reason': 'older', 'table': {'a': [1, 'b']}}))
END
	consume --drain
	[ "$status" -eq 65 ]
	run pika "$Q.dead" <<'END'
m, p, body = channel.basic_get(sys.argv[1], auto_ack=True)
print(body.decode(), p.content_type, p.message_id, p.correlation_id, p.type, p.app_id, p.priority, p.timestamp,
    p.reply_to, p.expiration, p.user_id, p.delivery_mode, sep='|')
h = p.headers
print(h['plant'], h['n'], h['table'], h['x-eg-reason'], h['x-eg-expiration'], h['x-eg-user-id'], sep='|')
END
	[ "${lines[0]}" = '{"value":1}|application/json|id 7|c 8|reading|meter|3|1700000000|answers|None|None|2' ]
	[ "${lines[1]}" = "north|5|{'a': [1, 'b']}|the object has no \"key\"|60000|guest" ]
}

@test "a dead letter goes to its queue only, also when the message named others" {
	pika "$Q" <<'END'
channel.queue_declare(sys.argv[1], durable=True)
channel.basic_publish('', sys.argv[1], b'nonsense', pika.BasicProperties(headers={'CC': [sys.argv[1] + '.cc']}))
channel.queue_declare(sys.argv[1] + '.cc', durable=True)
END
	consume --drain
	[ "$status" -eq 65 ]
	ready_is "$Q.cc" 0
	run pika "$Q.dead" <<'END'
m, p, body = channel.basic_get(sys.argv[1], auto_ack=True)
print(p.headers['x-eg-CC'], 'CC' in p.headers)
END
	[ "$output" = "['$Q.cc'] False" ]
}

@test "a message packed by gzip is read, and other encodings are a reason" {
	pika "$Q" <<'END'
import gzip
channel.queue_declare(sys.argv[1], durable=True)
body = gzip.compress(b'{"key":"a:2026-11-23T00:00:00","value":1}')
channel.basic_publish('', sys.argv[1], body, pika.BasicProperties(content_encoding='gzip'))
channel.basic_publish('', sys.argv[1], body, pika.BasicProperties(content_encoding='br'))
END
	consume --drain
	[ "$status" -eq 65 ]
	[ "$output" = "a:2026-11-23T00:00:00:1" ]
	run pika "$Q.dead" <<'END'
m, p, body = channel.basic_get(sys.argv[1], auto_ack=True)
print(p.headers['x-eg-reason'], p.content_encoding, body[:2].hex(), sep='|')
END
	[ "$output" = "the content encoding 'br' is not supported, but gzip is|br|1f8b" ]
}

@test "JSON objects on lines of their own are records, the refused ones are dead letters" {
	put $'\xef\xbb\xbf{"key":"a:2026-11-23T00:00:00","value":1}\n{"key":"b:2026-11-23T00:00:00","value":null}\n{"key":"c:2026-11-23T00:00:00","value":3}\n'
	consume --drain
	[ "$status" -eq 65 ]
	[ "$output" = $'a:2026-11-23T00:00:00:1\nc:2026-11-23T00:00:00:3' ]
	run dead "$Q.dead"
	[ "$output" = "\"value\" is not a number|$Q|"'{"key":"b:2026-11-23T00:00:00","value":null}' ]
}

@test "a message above --max-message is a dead letter, whole" {
	put "$(printf 'x%.0s' {1..101})" text/plain
	records 1 | publish
	consume --drain --max-message 100
	[ "$status" -eq 65 ]
	[ "${#lines[@]}" -eq 1 ]
	run dead "$Q.dead"
	[ "$output" = "the message has 101 bytes, more than --max-message|$Q|$(printf 'x%.0s' {1..101})" ]
}

marker() { # ID: a marker of eg-split at the end of $Q, to be answered to $Q.answers
	pika "$Q" "$1" <<'END'
channel.queue_declare(sys.argv[1] + '.answers')
channel.basic_publish('', sys.argv[1], '# eg-split\n', pika.BasicProperties(content_type='text/plain',
    type='energyguard.marker', reply_to=sys.argv[1] + '.answers', correlation_id=sys.argv[2]))
END
}

answers() { # the answers so far
	pika "$Q" <<'END'
while (got := channel.basic_get(sys.argv[1] + '.answers', auto_ack=True))[0]:
    print(got[2].decode())
END
}

@test "a marker is answered when all before it is safe, with the number of messages" {
	records 5 | publish
	marker one
	records 3 5 | publish
	# The sink gives receipts for four, then for all.
	mkfifo go
	start -- sh -c 'sed -u 4q; read -r x <go; exec cat' sh
	wait_until ready_is "$Q" 0
	[[ -z $(answers) ]]
	echo >go
	answered() { answers >>got && [[ -s got ]]; }
	wait_until answered
	[[ $(cat got) =~ ^one\ [0-9a-f]{16}-[0-9]+\ 8$ ]]
	# Nobody waits for this answer: it is dropped, and the consumer goes on.
	pika "$Q" <<<'channel.queue_delete(sys.argv[1] + ".answers")'
	pika "$Q" <<'END'
channel.basic_publish('', sys.argv[1], '# eg-split\n', pika.BasicProperties(content_type='text/plain',
    type='energyguard.marker', reply_to='nobody', correlation_id='two'))
channel.basic_publish('', sys.argv[1], '# eg-split\n', pika.BasicProperties(content_type='text/plain',
    type='energyguard.marker'))
END
	records 1 8 | publish
	wait_until ready_is "$Q" 0
	kill -TERM "$PID"
	ended 0
	[[ $(ready "$Q") == 0 ]]
	# On a busy machine the sink may be given no line for long.
	run ! grep 'warning' <(grep -vE "has given no receipt for|gives receipts again" err)
}

@test "a user who may not answer markers consumes all the same" {
	"$EG_LAB" --dir "$LAB" ctl -q add_user reader reader
	"$EG_LAB" --dir "$LAB" ctl -q set_permissions reader '' '' '.*'
	"$BIN/eg-publish" --queue "$Q" --declare
	marker one
	records 5 | publish
	AMQP_URL=${AMQP_URL/guest:guest/reader:reader} start -- cat
	wait_until said 'the broker does not accept answers to eg-split'
	wait_until ready_is "$Q" 0
	kill -TERM "$PID"
	ended 0
	[[ -z $(answers) ]]
	[[ $(ready "$Q") == 0 ]]
}
