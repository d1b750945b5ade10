# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A broker for the tests of eg-publish, a queue for each test, and what they ask it.
# shellcheck disable=SC2034 # some are for the tests
load ../broker

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
	anew out err
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
for m, p, b in c.consume(a[0], inactivity_timeout=60) if left else []:
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
