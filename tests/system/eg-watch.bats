#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-watch behind eg-consume on a RabbitMQ stream: started again, it gives no edge twice.
# shellcheck disable=SC2016 # the children's shells expand

bats_require_minimum_version 1.5.0
load ../wait
load ../consume

# Whether the offset file has come to message N.
kept() { # N
	[[ -s offset ]] && (($(grep -oE '^[0-9]+' offset | head -n 1) >= $1))
}

@test "a stream with an offset file: killed and started again, no edge is lost, and none comes twice" {
	local n
	pika "$Q" <<'END'
channel.queue_delete(sys.argv[1])
channel.queue_declare(sys.argv[1], durable=True, arguments={'x-queue-type': 'stream'})
END
	"$BATS_TEST_DIRNAME/../tools/watch-readings" 11 4 500 60 | head -n 2000 >in
	printf 'a * over 2000 for 2m until 1800\nb * stuck 5m\nc * step 1500\n' >rules
	"$BIN/eg-watch" rules <in >want
	for n in 1 2 3 4; do
		sed -n "$(((n - 1) * 500 + 1)),$((n * 500))p" in |
			"$BIN/eg-publish" --queue "$Q" --timeout 20s >/dev/null
		start --offset-file offset -- "$BIN/eg-watch" --state state rules -- \
			sh -c 'while IFS= read -r l; do printf "%s\n" "$l" >>got; printf "%s\n" "$l"; done'
		wait_until kept "$((n * 500 - 1))"
		kill -9 "$PID"
		wait "$PID" || true
	done
	diff want got
	# The whole stream once more: all is known.
	rm offset
	start --offset-file offset -- "$BIN/eg-watch" --state state rules -- tee -a got
	wait_until kept 1999
	diff want got
}

@test "all are killed at any moment, the broker too: each rule and sensor has its edges in order" {
	local n end='watch/end/e:2027-01-01T00:00:00:1'
	pika "$Q" <<'END'
channel.queue_declare(sys.argv[1], durable=True, arguments={'x-queue-type': 'stream'})
END
	"$BATS_TEST_DIRNAME/../tools/watch-readings" 12 4 3000 60 >in
	echo 'e:2027-01-01T00:00:00:1' >>in
	printf 'a s* over 2000 for 2m until 1800\nb s* stuck 5m\nc s* step 1500\nend e over 0\n' >rules
	"$BIN/eg-watch" rules <in >want
	"$BIN/eg-publish" --queue "$Q" --timeout 20s <in >/dev/null
	for n in {1..20}; do
		: >pids
		start --prefetch 50 --offset-file offset -- "$BIN/eg-watch" --state state rules -- sh -c \
			'echo $$ $PPID >>pids
			while IFS= read -r l; do printf "%s\n" "$l" >>got; sleep 0.02; printf "%s\n" "$l"; done'
		wait_until test -s pids
		sleep "0.$((RANDOM % 10))"
		if ((n % 10 == 5)); then "$EG_LAB" --dir "$LAB" kill rabbitmq; fi
		# shellcheck disable=SC2046 # numbers
		kill -9 "$PID" $(cat pids) 2>/dev/null || true
		wait "$PID" || true
		while read -r child watch; do wait_until gone "$child"; wait_until gone "$watch"; done <pids
		if ((n % 10 == 5)); then "$EG_LAB" --dir "$LAB" start rabbitmq; fi
	done
	start --offset-file offset -- "$BIN/eg-watch" --state state rules -- tee -a got
	wait_until grep -qx "$end" got
	wait_until kept 12000
	"$BATS_TEST_DIRNAME/../tools/watch-sequence" want got 20
}
