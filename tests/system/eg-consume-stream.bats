#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-consume on a stream: it goes on at the right place, or reports what it could not read.
# shellcheck disable=SC2030,SC2031 # each test has its own Q
# shellcheck disable=SC2016 # the children's shells expand
# shellcheck disable=SC2154 # run sets stderr

bats_require_minimum_version 1.5.0
load ../wait
load ../consume

stream() { # [ARGUMENTS]: deletes $Q, declares it as a stream
	pika "$Q" "${1-}" <<'END'
channel.queue_delete(sys.argv[1])
more = eval('dict(%s)' % sys.argv[2])
channel.queue_declare(sys.argv[1], durable=True, arguments={'x-queue-type': 'stream', **more})
END
}

write() { # records on standard input into $Q
	"$BIN/eg-publish" --queue "$Q" --timeout 20s >/dev/null
}

@test "a stream declared anew that is shorter than the offset file is read from its first message" {
	stream
	records 100 | write
	consume --offset-file offset --drain
	[ "$status" -eq 0 ]
	stream
	records 50 5000 | write
	consume --offset-file offset --drain -v
	[ "$status" -eq 0 ]
	[ "$output" = "$(records 50 5000)" ]
	[[ $stderr == *"no message at offset 99: it is read from its first message"* ]]
	consume --offset-file offset --drain
	[ -z "$output" ]
}

@test "the first message is read again when it was not settled, whatever came after it" {
	stream
	records 5 | write
	start --offset-file offset -- sh -c 'tee copy >/dev/null'
	wait_until has_lines copy 5
	kill -KILL "$PID"
	wait "$PID" || true
	PID=
	[[ ! -e offset || $(<offset) == 0 ]] || { cat offset; return 1; }
	consume --offset-file offset --drain
	[ "$status" -eq 0 ]
	[ "$output" = "$(records 5)" ]
}

@test "an offset written by hand is that of the first message to read" {
	stream
	records 6 | write
	for at in 0 3 5; do
		echo "$at" >offset
		consume --offset-file offset --drain
		[ "$status" -eq 0 ]
		[ "$output" = "$(records $((6 - at)) "$at")" ]
		[ -z "$stderr" ]
		[[ $(<offset) == "5 "* ]]
	done
	consume --offset-file offset --drain
	[ -z "$output" ]
	echo 99 >offset
	consume --offset-file offset --drain
	[ "$output" = "$(records 6)" ]
	[[ $stderr == *"no message at offset 99: it is read from its first message"* ]]
}

@test "a start that is not settled is in the offset file, and is read again" {
	stream
	records 5 | write
	start --offset 3 --offset-file offset -- sh -c 'tee copy >/dev/null'
	wait_until has_lines copy 2
	wait_until test -s offset
	[ "$(<offset)" = 3 ]
	kill -KILL "$PID"
	wait "$PID" || true
	PID=
	consume --offset-file offset --drain
	[ "$output" = "$(records 2 3)" ]
}

@test "after a lost connection the first message of a stream is read, not what comes next" {
	stream
	start --offset next -- sh -c 'until [ -e go ]; do sleep 0.1; done; exec tee -a copy'
	subscribed() {
		[[ $(queue_has "$Q" consumers) == 1 ]]
	}
	wait_until subscribed
	records 1 | write
	delivered() { kill -USR1 "$PID" && said "in 1 = out 0 + refused 0 + pending 1"; }
	wait_until delivered
	kill -STOP "$PID"
	"$EG_LAB" --dir "$LAB" ctl -q close_all_connections again
	records 1 1 | write
	kill -CONT "$PID"
	touch go
	last_came() { grep -qxF "$(records 1 1)" copy; }
	wait_until last_came
	[ "$(sort -u copy)" = "$(records 2)" ]
	kill -TERM "$PID"
	ended 0
}

@test "a stream declared anew that is longer than the offset file is read from its first message" {
	stream
	records 10 | write
	consume --offset-file offset --drain
	stream
	records 50 5000 | write
	consume --offset-file offset --drain
	[ "$status" -eq 0 ]
	[ "$output" = "$(records 50 5000)" ]
	[[ $stderr == *"another message at offset 9: it is read from its first message"* ]]
}

@test "a stream that is empty again is read from its first message" {
	stream
	records 10 | write
	consume --offset-file offset --drain
	stream
	start --offset-file offset -- tee -a copy
	wait_until said "no message at offset 9"
	records 5 5000 | write
	wait_until has_lines copy 5
	kill -TERM "$PID"
	ended 0
	[ "$(cat copy)" = "$(records 5 5000)" ]
}

@test "a stream that is deleted and declared anew under it loses nothing" {
	stream
	records 20 | write
	start --offset first -- tee -a copy
	wait_until has_lines copy 20
	kill -STOP "$PID"
	stream
	records 10 5000 | write
	kill -CONT "$PID"
	wait_until said "is read from its first message"
	wait_until has_lines copy 30
	records 10 5010 | write
	wait_until has_lines copy 40
	kill -TERM "$PID"
	ended 0
	[ "$(tail -n 20 copy)" = "$(records 20 5000)" ]
}

# For a while the stream may hold no message at all, but an entry of the broker's own.
first_is_behind() { # OFFSET: of the stream's first message
	(($(pika "$Q" <<'END'
channel.basic_qos(prefetch_count=1)
for m, p, body in channel.consume(sys.argv[1], arguments={'x-stream-offset': 'first'}, inactivity_timeout=3):
    print(int(p.headers['x-stream-offset']) if p else -1)
    break
import os
sys.stdout.flush()
os._exit(0)
END
	) > $1))
}

@test "messages that retention has removed before they were read are counted" {
	local n
	stream "{'x-max-length-bytes': 20000, 'x-stream-max-segment-size-bytes': 10000}"
	records 10 | write
	consume --offset-file offset --drain
	[ "$(cut -d ' ' -f 1 offset)" -eq 9 ]
	more() { # is written until the first segments are gone
		n=$((n + 500))
		records 500 "$n" | write
		first_is_behind 100
	}
	n=0
	cp offset before
	# Retention may remove all of them after the look at the first: then there is nothing to count.
	counted() {
		wait_until more
		cp before offset
		consume --offset-file offset --drain --metrics metrics
		echo "$stderr"
		[ "$status" -eq 0 ] || return 1
		[[ $stderr != *"has no message at offset 9:"* ]]
	}
	wait_until counted
	[[ $stderr =~ "up to "([0-9]+)" messages from offset 10 on are gone" ]]
	grep -qx "energyguard_messages_passed_over_total{program=\"eg-consume\"} ${BASH_REMATCH[1]}" metrics
	# All that is left was read. The broker has offsets for its own entries too.
	n=$((n - ${#lines[@]}))
	((BASH_REMATCH[1] > 90 && BASH_REMATCH[1] >= n))
	[ "$output" = "$(records ${#lines[@]} $((500 + n)))" ]
}

@test "messages that retention removes ahead of a running reader are counted" {
	local n=0
	stream "{'x-max-length-bytes': 20000, 'x-stream-max-segment-size-bytes': 10000}"
	start --offset first --prefetch 10 --metrics metrics -- \
		sh -c 'echo >begun; while [ ! -e open ]; do sleep 0.1; done; exec tee -a copy'
	records 10 | write
	wait_until has_lines begun 1
	more() {
		n=$((n + 500))
		records 500 "$n" | write
		first_is_behind 1000
	}
	wait_until more
	touch open
	# If retention has removed all of them meanwhile, the next message shows it.
	told() {
		said "messages from offset" || {
			n=$((n + 1))
			records 1 $((n + 499)) | write
			false
		}
	}
	wait_until told
	last_came() { [[ $(tail -n 1 copy) == "$(records 1 $((n + 499)))" ]]; }
	wait_until last_came
	kill -TERM "$PID"
	ended 0
	cat err
	[[ $(<err) =~ "up to "([0-9]+)" messages from offset "[0-9]+" on are gone" ]]
	[ "$(grep -c "are gone" err)" -eq 1 ]
	grep -qx "energyguard_messages_passed_over_total{program=\"eg-consume\"} ${BASH_REMATCH[1]}" metrics
	n=$((n + 10 - $(wc -l <copy)))
	((n > 500 && BASH_REMATCH[1] >= n && BASH_REMATCH[1] < n + 100))
}

@test "offsets that the broker has used for itself are no messages that were passed over" {
	stream "{'x-stream-max-segment-size-bytes': 10000}"
	start --offset first --offset-file offset --metrics metrics -- tee -a copy
	for i in 1 2 3 4 5 6; do records 500 $((i * 500)) | write; done
	wait_until has_lines copy 3000
	kill -TERM "$PID"
	ended 0
	[ "$(cut -d ' ' -f 1 offset)" -gt 2999 ]
	[ ! -s err ] || { cat err; return 1; }
	grep -qx 'energyguard_messages_passed_over_total{program="eg-consume"} 0' metrics
	[ "$(cat copy)" = "$(records 3000 500)" ]
}

@test "the offset file is on disk before it has its name, and its folder behind that" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers do not work under strace"
	stream
	records 3 | write
	strace -f -y -o calls -e trace=fsync,fdatasync,rename timeout 60 "$BIN/eg-consume" --queue "$Q" \
		--offset-file offset --drain >out 2>err
	[ "$(cut -d ' ' -f 1 offset)" -eq 2 ]
	awk '/f(data)?sync\(.*offset.*tmp>/ { synced = 1 } /rename\(.*"[^"]*offset"/ {
			renamed = synced; folder = 0 }
		/fsync\(/ && !/tmp>/ { folder = renamed } END { exit !renamed || !folder }' calls ||
		{ cat calls; return 1; }
}

@test "a marker is answered when the position is in the file, and is no message of another stream" {
	stream
	records 5 | write
	pika "$Q" <<'END'
channel.queue_declare(sys.argv[1] + '.answers')
channel.basic_publish('', sys.argv[1], '# eg-split\n', pika.BasicProperties(content_type='text/plain',
    type='energyguard.marker', reply_to=sys.argv[1] + '.answers', correlation_id='one'))
END
	start --offset-file offset -- tee -a copy
	answered() { [[ $(ready "$Q.answers") == 1 ]]; }
	wait_until answered
	[[ $(<offset) == "5 "* ]]
	kill -KILL "$PID"
	wait "$PID" || true
	[[ $(wc -l <copy) -eq 5 ]]
	records 3 5 | write
	consume --offset-file offset --drain -v
	[[ $status -eq 0 && $output == "$(records 3 5)" && $stderr != *warning* ]]
}
