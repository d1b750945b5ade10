# SPDX-License-Identifier: MIT
# The broker and InfluxDB of a part: those of tests/bench/run, which start once and serve all its
# parts, or the part's own.

# Starts what is missing, and sets the variables of `eg-lab env`.
lab_up() { # DIR EG-LAB-OPTION...
	local messages
	lab_dir=${EG_BENCH_LAB:-$1}
	export EG_LAB_DIR=$lab_dir
	messages=$(eg-lab "${@:2}" up 2>&1) || {
		printf '%s\n' "$messages" >&2
		return 75
	}
	eval "$(eg-lab env)"
}

lab_down() {
	[[ -n ${EG_BENCH_LAB-} || -z ${lab_dir-} ]] || eg-lab --dir "$lab_dir" down >/dev/null
}

# Queues that are empty, whatever an earlier part left in them. Each of the declarations waits until
# its queue is on disk: together they wait once.
declare_queues() { # QUEUE:TYPE...
	local queue pid pids=()
	for queue; do
		eg-publish --declare -q "${queue%:*}" -t "${queue#*:}" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	/usr/bin/python3 -c 'import pika, sys
channel = pika.BlockingConnection(pika.URLParameters(sys.argv[1])).channel()
for queue in sys.argv[2:]:
    channel.queue_purge(queue)' "$AMQP_URL" "${@%:*}"
}

# Asks the queue itself: rabbitmqctl takes a second, and for a quorum queue its numbers are old.
queue_count() { # message|consumer QUEUE
	/usr/bin/python3 -c 'import pika, sys
channel = pika.BlockingConnection(pika.URLParameters(sys.argv[1])).channel()
print(getattr(channel.queue_declare(sys.argv[3], passive=True).method, sys.argv[2] + "_count"))' \
		"$AMQP_URL" "$1" "$2"
}

# An empty database.
fresh_influx() { # DATABASE
	local verb
	for verb in DROP CREATE; do
		curl -fsS "$EG_LAB_INFLUX/query" --data-urlencode "q=$verb DATABASE $1" >/dev/null
	done
}
