#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Three brokers that lose nodes under load: what has a receipt is in the sink, the flow
# goes on, and neither producer nor consumer is started again.
# bats file_tags=apart
# shellcheck disable=SC2154 # bats sets what it sets
# shellcheck disable=SC2016 # the children's shells expand

bats_require_minimum_version 1.5.0
load ../wait
load ../broker
# shellcheck disable=SC2034 # wait_until reads it
WAIT_S=${WAIT_S:-90}

setup_file() {
	export PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	export EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	export EG_APART=${EG_APART-}
	unset EG_LAB_PORTS
	eg-lab up --brokers 3 --no-influxdb --no-victoria >&2
	eval "$(eg-lab env)"
	export AMQP_URL=$EG_LAB_AMQP_URLS EG_LAB_RABBITMQ_NODES
	eg-lab ctl -q set_policy --apply-to queues limit '^limited' '{"delivery-limit": 3}' >&2
}

teardown_file() {
	eg-lab down >&2
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	SIMS=() PUBLISHERS=() CONSUMERS=()
}

# Whatever a test did to the brokers is undone, so that the next one finds them well.
teardown() {
	kill -KILL "${SIMS[@]}" "${PUBLISHERS[@]}" "${CONSUMERS[@]}" 2>/dev/null || true
	if [[ -e cut.node ]]; then heal "$(<cut.node)"; fi
	if [[ -n $EG_APART ]]; then nft flush ruleset; fi
	for node in rabbitmq rabbitmq2 rabbitmq3; do
		[[ $(eg-lab status | awk -v n=$node '$1 == n { print $2 }') != paused ]] || eg-lab kill $node
	done
	eg-lab start rabbitmq rabbitmq2 rabbitmq3 >&2
	if [[ -z ${BATS_TEST_COMPLETED-} ]]; then tail -n 4 ./*.err >&2; fi
}

ended_well() { # PID
	wait_until gone "$1" && wait "$1"
}

# A producer and a consumer of a quorum queue, and of a stream; with all addresses.
start_flow() {
	local kind
	for kind in quorum stream; do
		eg-publish --declare -q "$kind$BATS_TEST_NUMBER" -t $kind &
	done
	wait
	for kind in quorum stream; do
		mkfifo in.$kind
		eg-sim --rounds 0 --rate 300 --precise >in.$kind 3>&- &
		SIMS+=($!)
		eg-publish -q "$kind$BATS_TEST_NUMBER" --heartbeat 2 --batch 10 \
			<in.$kind >receipts.$kind 2>publish.$kind.err 3>&- &
		PUBLISHERS+=($!)
	done
	consume quorum
	consume stream -O offset
	flows
}

consume() { # KIND OPTION...
	eg-consume -q "$1$BATS_TEST_NUMBER" --heartbeat 2 "${@:2}" -- tee -a sink."$1" 2>consume."$1".err 3>&- &
	CONSUMERS+=($!)
}

made_after() { # TIME FILE: what came last into the sink
	local time
	time=$(tail -n 1 "$2" | cut -d: -f2-4)
	[[ $time > $1 ]]
}

# A reading that is made from now on comes through, of both kinds; prints when. QUORUM_S is
# the limit in seconds for a quorum queue, where the broker keeps one (RabbitMQ 4.3).
flows() {
	local begin=${EPOCHREALTIME/[.,]/} now kind limit text=''
	now=$(date -u +%FT%T.%N)
	for kind in quorum stream; do
		limit=$WAIT_S
		[[ $kind != quorum ]] || limit=${QUORUM_S:-$WAIT_S}
		await "$limit" made_after "$now" sink.$kind
		text+="$kind $((((${EPOCHREALTIME/[.,]/} - begin) + 99999) / 100000))00 ms "
	done
	echo "# $text: ${1-started}" >&3
}

all_arrived() { # KIND
	[[ -z $(comm -23 <(sort -u "receipts.$1") <(sort -u "sink.$1")) ]]
}

# The set with a receipt is the set in the sink, and is all that was made; nobody ended
# before being told to. Doubles do no harm.
conserved() {
	local kind pid
	kill -TERM "${SIMS[@]}"
	for pid in "${PUBLISHERS[@]}"; do ended_well "$pid"; done
	for kind in quorum stream; do
		wait_until all_arrived $kind
		(($(wc -l <receipts.$kind) > 300))
	done
	kill -TERM "${CONSUMERS[@]}"
	for pid in "${CONSUMERS[@]}"; do ended_well "$pid"; done
	for kind in quorum stream; do
		cmp <(sort -u receipts.$kind) <(sort -u sink.$kind)
		[[ $(sort receipts.$kind | uniq -d | wc -l) -eq 0 ]]
	done
}

# The service that leads a queue.
leader() { # KIND
	local node
	node=$(list_queues name,leader "${2-1}" | awk -v q="$1$BATS_TEST_NUMBER" '$1 == q { print $2 }')
	node=${node%@*}
	node=${node##*-}
	[[ -n $node ]] && echo "rabbitmq${node/#1/}"
}

number() { local n=${1#rabbitmq}; echo "${n:-1}"; }

peers() { # NUMBER: the other nodes, as Erlang's atoms
	tr , '\n' <<<"$EG_LAB_RABBITMQ_NODES" | grep -v -- "-$1@" | sed "s/.*/'&'/" | paste -sd,
}

# Whether the other nodes know of each other alone.
others_see() { # NUMBER
	[[ $(ask_broker 'length(rabbit_nodes:all_running())' $(($1 % 3 + 1))) == 2 ]]
}

# A node that holds another cookie for its peers has no way to them, nor they to it;
# clients still reach it.
cut_off() { # NUMBER
	echo "$1" >cut.node
	ask_broker "[begin erlang:set_cookie(N, cut), erlang:disconnect_node(N) end || N <- [$(peers "$1")]]" "$1" >&2
}

heal() { # NUMBER
	ask_broker "[erlang:set_cookie(N, erlang:get_cookie()) || N <- [$(peers "$1")]]" "$1" >&2
	rm cut.node
}

# What a node and its peers say to each other vanishes; eg-lab tells whose it is by the
# addresses that nodes call from.
swallow() { # NUMBER
	local port
	port=$(ask_broker 'list_to_integer(os:getenv("RABBITMQ_DIST_PORT"))' "$1")
	nft -f - <<-END
		table ip cut {
			chain input {
				type filter hook input priority 0
				ip saddr 127.0.1.$1 drop
				ip daddr 127.0.1.$1 drop
				ip saddr 127.0.1.0/24 tcp dport $port drop
				ip daddr 127.0.1.0/24 tcp sport $port drop
			}
		}
	END
}

whole() { # NUMBER: this node and the others see each other
	[[ $(ask_broker 'length(rabbit_nodes:all_running())' "$1" 2>/dev/null) == 3 ]]
}

@test "a node that is stopped and started again costs no reading" {
	start_flow
	eg-lab stop rabbitmq2
	flows "stopped"
	eg-lab start rabbitmq2
	flows "started"
	conserved
}

@test "a node killed under its clients costs no reading" {
	start_flow
	eg-lab kill rabbitmq
	flows "killed"
	grep -q "trying the next address" publish.quorum.err
	eg-lab start rabbitmq
	conserved
}

@test "a leader that is killed costs no reading" {
	local kind service
	start_flow
	for kind in quorum stream; do
		service=$(leader $kind)
		eg-lab kill "$service"
		flows "leader of the $kind killed"
		eg-lab start "$service"
		wait_until whole 1
	done
	conserved
}

# A node that was silent for longer than net_ticktime and comes back has a world of its
# own (RabbitMQ 3.10, with pause_minority too), and has to be started anew.
@test "a leader that falls silent for longer than heartbeats costs no reading" {
	local service
	start_flow
	service=$(leader quorum)
	eg-lab pause "$service"
	flows "silent"
	eg-lab status | grep -q "^$service.*paused"
	eg-lab kill "$service"
	eg-lab start "$service"
	wait_until whole 1
	flows "started anew"
	conserved
}

@test "a leader cut off from the other nodes, with clients on it, costs no reading" {
	local node
	start_flow
	node=$(number "$(leader quorum)")
	cut_off "$node"
	wait_until others_see "$node"
	flows "cut off"
	heal "$node"
	wait_until whole "$node"
	flows "healed"
	conserved
}

@test "a leader whose packets to the other nodes vanish, with clients on it, costs no reading" {
	local node
	[[ -n $EG_APART ]] || skip "there is no network of our own here, or no nft in it"
	start_flow
	node=$(number "$(leader quorum)")
	swallow "$node"
	flows "vanishing"
	wait_until others_see "$node"
	flows "given up by the others"
	nft flush ruleset
	wait_until whole "$node"
	flows "healed"
	conserved
}

@test "all nodes stopped and started together cost no reading" {
	start_flow
	eg-lab stop rabbitmq rabbitmq2 rabbitmq3
	eg-lab start rabbitmq rabbitmq2 rabbitmq3
	flows "all started"
	conserved
}

@test "a rolling restart costs no reading" {
	local service
	start_flow
	for service in rabbitmq rabbitmq2 rabbitmq3; do
		eg-lab stop $service
		eg-lab start $service
		wait_until whole 1
		flows "$service restarted"
	done
	conserved
}

# Twenty returns would be enough to lose a message where the limit is RabbitMQ 4's own;
# here three are.
@test "a sink that is away for longer than a delivery limit allows loses nothing" {
	eg-publish --declare -q limited -t quorum
	eg-sim --rounds 10 --delay 0 --seed 1 --precise | eg-publish -q limited >receipts
	eg-consume -q limited --heartbeat 2 --give-back 500ms -- sh -c \
		'echo >>starts; while [ ! -e open ]; do sleep 0.1; done; exec tee -a sink' 2>limited.err 3>&- &
	CONSUMERS=($!)
	many() { (($(wc -l <starts) >= $1)); }
	wait_until many 8
	touch open
	all_there() { [[ -e sink ]] && [[ -z $(comm -23 <(sort receipts) <(sort -u sink)) ]]; }
	wait_until all_there
	kill -TERM "${CONSUMERS[0]}"
	ended_well "${CONSUMERS[0]}"
	cmp <(sort receipts) <(sort -u sink)
	eg-consume -q limited.dead --drain >dead
	[[ ! -s dead ]]
}

@test "connections lost again and again while the sink is away lose nothing either" {
	eg-publish --declare -q limited2 -t quorum
	eg-sim --rounds 1 --delay 0 --seed 2 --precise | eg-publish -q limited2 >receipts
	eg-consume -v -q limited2 -- sh -c \
		'while [ ! -e open ]; do sleep 0.1; done; exec tee -a sink' 2>limited.err 3>&- &
	CONSUMERS=($!)
	taken() { grep -q "connected to\|is back" limited.err; }
	wait_until taken
	for _ in 1 2 3 4 5; do
		eg-lab ctl -q close_all_connections --vhost / again
		sleep 1 # a consumer that took the queue again would have its messages now
	done
	touch open
	all_there() { [[ -e sink ]] && [[ -z $(comm -23 <(sort receipts) <(sort -u sink)) ]]; }
	wait_until all_there
	kill -TERM "${CONSUMERS[0]}"
	ended_well "${CONSUMERS[0]}"
	eg-consume -q limited2.dead --drain >dead
	[[ ! -s dead ]]
}
