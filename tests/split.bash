# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For the tests of eg-split: publishers and consumers at work, and what they must have kept.
# shellcheck disable=SC2317 # what a test waits for is called by name
load ../broker

# A sink that appends each line to the one file `sink` of all consumers, and then gives its receipt.
# After each block of lines it rests for REST seconds, so that queues hold readings. With HELD, it
# keeps those of second 01 until the file `go` exists.
readonly SINK='import os, sys, time
out, rest = os.open("sink", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644), float(sys.argv[1])
kept = b""
while block := os.read(0, 20000):
    *lines, kept = (kept + block).split(b"\n")
    while os.environ.get("HELD") and b":01:" in block and not os.path.exists("go"):
        time.sleep(0.02)
    for line in lines:
        os.write(out, line + b"\n")
    os.write(1, b"".join(line + b"\n" for line in lines))
    time.sleep(rest)'

said() { grep -qF -- "$2" "$1"; } # FILE TEXT

consume() { # QUEUE [OPTION...]: in the background
	eg-consume -q "$1" "${@:2}" -- /usr/bin/python3 -c "$SINK" "${REST:-0.05}" 2>>"$1.err" 3>&- &
	RUNNING+=($!)
}

# Records of 300 sensors without an end, to eg-publish with these options.
publish() { # OPTION...
	mkfifo in
	eg-sim --sensors 300 --rounds 0 --rate "${RATE:-1000}" --precise >in 3>&- &
	SIM=$!
	anew receipts publish.err
	eg-publish "$@" <in >receipts 2>publish.err 3>&- &
	PUBLISHER=$!
	RUNNING+=("$SIM" "$PUBLISHER")
}

# Ends the publisher, waits for the sinks, and checks that each record came, with those of each
# sensor in order, whichever queue they took.
check_all() { # [MORE-RECEIPTS]
	kill -TERM "$SIM"
	wait "$PUBLISHER"
	check_sink "$@"
}

# Checks the same, when publishers have ended.
check_sink() { # [MORE-RECEIPTS]
	[[ -s receipts ]]
	cat receipts "$@" | sort >should
	all_there() { has_lines sink "$(wc -l <should)" && cmp -s should <(sort -u sink); }
	await $((3 * ${WAIT_S:-60})) all_there || {
		comm -23 should <(sort -u sink) | sed 's/^/missing: /' | head
		return 1
	}
	awk -F: '{ t = substr($0, length($1) + 2, 29) }
		t < last[$1] { print FNR, $0, last[$1]; bad = 1 }
		{ last[$1] = t } END { exit bad }' sink
}

# Starts `eg-split OPTIONS` in the background, its messages in the file `split.err`.
change() {
	anew split.out split.err
	eg-split "$@" >split.out 2>split.err 3>&- &
	SPLIT=$!
	RUNNING+=("$SPLIT")
}

queues() { list_queues name | sort; }

bindings() { # EXCHANGE
	eg-lab ctl -q list_bindings source_name destination_name | awk -v x="$1" '$1 == x { print $2 }' | sort
}

there() { [[ -n $(queue_has "$1" name) ]]; } # QUEUE

# Whether a queue has a consumer. eg-split does not ask at one that is empty and has none.
attended() { (($(queue_has "$1" consumers) > 0)); } # QUEUE

# Waits for the eg-split that `change` started.
changed() { # STATUS
	local status=0
	wait "$SPLIT" || status=$?
	[[ $status == "$1" ]] || { echo "status $status"; cat split.err; return 1; }
}

# The same, and it dies or stops at a call to the broker (preload/amqp_call.c).
change_at() { # "EVENT N" OPTION...
	local build=${EG_BIN:-$BATS_TEST_DIRNAME/../../build}
	# The sanitizers want to be first; these functions are none of theirs.
	EG_AMQP_AT=$1 LD_PRELOAD=$build/tests/amqp_call.so \
		ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 change "${@:2}"
}

# The broker may not have seen yet that the eg-split before it has died.
refused_for_another() { grep -q "another eg-split changes" split.err; }

killed_at() { # "EVENT N" OPTION...
	local limit=$((SECONDS + 60))
	change_at "$@"
	while ! wait "$SPLIT" && refused_for_another && ((SECONDS < limit)); do
		sleep 0.1
		change_at "$@"
	done
	changed 137
}
