# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A broker for the tests of eg-consume, a queue for each test, and what they ask it.
# shellcheck disable=SC2030,SC2031 # each test has its own Q
# shellcheck disable=SC2034 # status and stderr of run are for the tests
load ../broker

setup_file() {
	export EG_LAB="$BATS_TEST_DIRNAME/../../scripts/eg-lab"
	export LAB="$BATS_FILE_TMPDIR/lab"
	export BIN="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}"
	unset EG_LAB_DIR EG_LAB_PORTS
	"$EG_LAB" up --dir "$LAB" --no-influxdb --no-victoria
}

teardown_file() {
	"$EG_LAB" down --dir "$LAB"
}

setup() {
	eval "$("$EG_LAB" --dir "$LAB" env)"
	Q="q$BATS_TEST_NUMBER"
	cd "$BATS_TEST_TMPDIR" || return
	PID=
}

teardown() {
	if [[ -n $PID ]]; then kill -9 "$PID" 2>/dev/null || true; fi
}

records() { # N [FIRST]
	awk -v n="$1" -v first="${2:-0}" 'BEGIN {
		for (i = first; i < first + n; i++)
			printf "sensor%d:2026-11-23T%02d:%02d:%02d:%d.50\n", i / 86400 + 1,
			    i / 3600 % 24, i / 60 % 60, i % 60, 40 + i % 30
	}'
}

publish() { # OPTIONS: records on standard input into $Q, declared before
	"$BIN/eg-publish" --queue "$Q" --declare
	"$BIN/eg-publish" --queue "$Q" --timeout 60s "$@" >/dev/null
}

consume() {
	run --separate-stderr timeout 60 "$BIN/eg-consume" --queue "$Q" "$@"
}

start() { # OPTIONS: in the background
	anew out err
	"$BIN/eg-consume" --queue "$Q" "$@" >out 2>err 3>&- &
	PID=$!
}

ended() { # STATUS: waits for the background one
	local status=0
	wait_until gone "$PID"
	wait "$PID" || status=$?
	PID=
	[[ $status == "$1" ]] || { echo "status $status"; cat err; return 1; }
}

said() { # TEXT: on the background one's standard error
	grep -qF -- "$1" err
}

pika() { # the program on standard input
	/usr/bin/python3 -c "
import sys, time, pika
channel = pika.BlockingConnection(pika.URLParameters('$AMQP_URL')).channel()
channel.confirm_delivery()
$(cat)
channel.connection.close()" "$@"
}

ready_is() { # QUEUE N
	[[ $(ready "$1") == "$2" ]]
}

settled() { # QUEUE: no message waits in it, and none is without an acknowledgement
	[[ $(queue_has "$1" messages) == 0 ]]
}

unacked_is() { # QUEUE N
	[[ $(queue_has "$1" messages_unacknowledged) == "$2" ]]
}

put() { # BODY [TYPE]: one message into $Q
	pika "$Q" "$1" "${2-application/json}" <<'END'
channel.queue_declare(sys.argv[1], durable=True)
channel.basic_publish('', sys.argv[1], sys.argv[2],
    pika.BasicProperties(content_type=sys.argv[3] or None, delivery_mode=2), mandatory=True)
END
}

dead() { # QUEUE: reason, queue of origin, body of the first dead letter
	pika "$1" <<'END'
m, p, body = channel.basic_get(sys.argv[1], auto_ack=True)
print(p.headers['x-eg-reason'], p.headers['x-eg-queue'], body.decode(), sep='|')
END
}
