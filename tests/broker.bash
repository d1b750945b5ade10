# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Asks a broker of the lab whose variables `eg-lab env` has set. rabbitmqctl starts a virtual
# machine of its own at each call: a second of the processor, and a test that waits looks often.

# Evaluates Erlang expressions at a node, and prints the last one's value: a text without its
# quotes, anything else as Erlang writes it.
ask_broker() { # EXPRESSIONS [NODE]
	local nodes answer='' try
	IFS=, read -ra nodes <<<"$EG_LAB_RABBITMQ_NODES"
	# A node on a busy machine may not take the connection at once.
	for try in 1 2 3; do
		answer=$(erl_call -name "${nodes[${2:-1} - 1]}" -c "$RABBITMQ_ERLANG_COOKIE" \
			-timeout 60 -e <<<"$1.") && break
		sleep "0.$try"
	done
	case $answer in
	'{ok, "'*'"}') printf '%b' "${answer:6:-2}" ;;
	'{ok, '*'}') printf '%s\n' "${answer:5:-1}" ;;
	*) printf '%s\n' "$answer" >&2 && return 1 ;;
	esac
}

# A line for each list of properties, with tabs between their values.
broker_lists() { # EXPRESSION [NODE]
	ask_broker "T = fun({resource,_,_,N}) -> binary_to_list(N);
		(B) when is_binary(B) -> binary_to_list(B);
		('') -> \"\"; (V) -> io_lib:format(\"~w\", [V]) end,
		lists:flatten([lists:join(\"\\t\", [T(V) || {_, V} <- L]) ++ \"\\n\" || L <- $1])" "${2-1}"
}

# The queues with what rabbitmqctl's list_queues calls by these names.
list_queues() { # COLUMN,... [NODE]
	broker_lists "rabbit_amqqueue:info_all(<<\"/\">>, [$1])" "${2-1}"
}

# The value of one queue; nothing if it does not exist.
queue_has() { # QUEUE COLUMN
	list_queues "name,$2" | sed -n "s/^${1//./\\.}\t//p"
}

# Each consumer: its queue and its prefetch.
list_consumers() {
	broker_lists "[[lists:keyfind(K, 1, C) || K <- [queue_name, prefetch_count]] ||
		C <- rabbit_amqqueue:consumers_all(<<\"/\">>)]"
}

# Messages that nobody holds, as a passive declaration tells them.
ready() { # QUEUE
	ask_broker "{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"$1\">>)),
		{ok, Ready, _} = rabbit_amqqueue:stat(Q), Ready"
}

# If there is one of this name.
delete_queue() { # QUEUE
	ask_broker "case rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"$1\">>)) of
		{ok, Q} -> rabbit_amqqueue:delete(Q, false, false, <<\"a test\">>); _ -> none end" >/dev/null
}
