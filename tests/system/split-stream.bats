#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Sensors split over the partitions of a super stream.
# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0
load ../wait
load ../split

setup_file() {
	export PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	export EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	unset EG_LAB_PORTS
	eg-lab up --no-influxdb --no-victoria >&2
	eval "$(eg-lab env)"
}

teardown_file() {
	eg-lab down >&2
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	RUNNING=()
}

teardown() {
	kill -KILL "${RUNNING[@]}" 2>/dev/null || true
}

# The sensors in a stream, in the order of their readings.
sensors() { # STREAM
	eg-consume -q "$1" --offset first --drain -- tee -a "$1.lines"
	cut -d: -f1 "$1.lines"
}

@test "sensors are in the partitions in which other clients put them" {
	# As the stream client for Go 1.8.3 distributes these keys over three partitions.
	local i
	eg-split --stream -q clients 3
	printf '%s:2026-11-23T14:18:36:1\n' s se sen sensor sensor1 sensor15 sensor123 zähler-ü1 \
		house.kitchen.fridge 0123456789abcdef0123456789abcdef >in
	eg-publish -x clients --partitions 3 <in >out
	cmp in out
	for i in 0 1 2; do sensors clients-$i >is.$i; done
	printf '%s\n' s sensor sensor1 0123456789abcdef0123456789abcdef | diff - is.0
	printf '%s\n' sensor15 | diff - is.1
	printf '%s\n' se sen sensor123 zähler-ü1 house.kitchen.fridge | diff - is.2
}

@test "batches hold neighbours of one partition, and every reading comes in order" {
	local i
	eg-split --stream -q batches 2
	eg-sim --sensors 50 --rounds 40 --delay 0 --precise >in
	eg-publish -x batches --partitions 2 --batch 1000 <in >out
	cmp in out
	for i in 0 1; do sensors batches-$i | sort -u >is.$i; done
	[[ -s is.0 && -s is.1 && -z $(comm -12 is.0 is.1) ]]
	cmp <(sort in) <(sort batches-0.lines batches-1.lines)
	for i in 0 1; do grep -xFf batches-$i.lines in | cmp - batches-$i.lines; done
}

@test "it is made as clients of streams expect, and made again it stays" {
	eg-split --stream -q form 3
	eg-split --stream -q form 3
	run -0 eg-lab ctl -q list_exchanges name type arguments
	[[ $output == *'form'*'direct'*'{"x-super-stream",true}'* ]]
	run -0 eg-lab ctl -q list_bindings source_name destination_name routing_key arguments
	for i in 0 1 2; do
		grep -qxF $'form\tform-'"$i"$'\t'"$i"$'\t[{"x-stream-partition-order",'"$i}]" <<<"$output"
	done
}

@test "a publisher that takes the super stream for a larger or a smaller one is told" {
	local n
	eg-split --stream -q short 2
	for n in 1 3; do
		run --separate-stderr -78 eg-publish -x short --partitions $n <<<s:2026-11-23T14:18:36:1
		[[ -z $output && $stderr == *"'short' has 2 partitions, not $n"* ]]
	done
	run --separate-stderr -78 eg-publish -x amq.direct --super-stream <<<s:2026-11-23T14:18:36:1
	[[ -z $output && $stderr == *"'amq.direct' has no partition 'amq.direct-0'"* ]]
}

@test "it grows while readings flow, in batches: publishers follow, none is lost, none overtakes" {
	local i
	eg-split --stream -q g 2
	publish -x g --super-stream --batch 100
	for i in 0 1 2 3 4; do
		((i < 2)) || wait_until there g-$i
		[[ $i != 2 ]] || wait_until has_lines sink 3000
		REST=$((i < 2)) consume g-$i --offset-file offset.$i
		[[ $i != 1 ]] || change --stream -q g --grow 5
	done
	changed 0
	grep -q "'g' has 5 partitions now, 2 before" split.err
	wait_until has_lines sink $(($(wc -l <sink) + 5000))
	check_all
	# Each sensor is where other clients look for it: eg-publish says so for five from the start.
	eg-split --stream -q five 5
	sort -t: -u -k1,1 receipts | eg-publish -x five --partitions 5 >/dev/null
	for i in 0 1 2 3 4; do
		sensors five-$i | sort >should
		eg-consume -q g-$i --offset last --count 1 | cut -d: -f1 | sort -u >is
		[[ -s is && -z $(comm -23 is should) ]]
	done
}

@test "killed at any call and run again, a super stream grows" {
	local at i late n=2
	eg-split --stream -q k 2
	RATE=300 publish -x k --super-stream --batch 10
	consume k-0 --offset-file offset.0
	consume k-1 --offset-file offset.1
	wait_until has_lines sink 1000
	for at in 'change 1' 'pause 1' 'unbind 2' 'marker 1' 'switch 1' 'bind 2' 'delete 1'; do
		n=$((n + 1))
		killed_at "$at" --stream -q k --grow $n
		# A publisher that starts now waits, too, and takes the new number.
		for i in {1..9}; do echo "late$i:2026-11-23T14:18:$((10 + n)):$n"; done >late
		eg-publish -x k --super-stream <late >>late.receipts 2>>late.err 3>&- &
		late=$!
		wait_until eg-split --stream -q k --grow $n
		consume k-$((n - 1)) --offset-file offset.$((n - 1))
		wait "$late"
		run ! there k.change
		wait_until has_lines sink $(($(wc -l <sink) + 500))
	done
	[[ $(wc -l <late.receipts) -eq 63 ]]
	check_all late.receipts
}

@test "each reader of a partition has to answer" {
	eg-split --stream -q r 1
	publish -x r --super-stream
	consume r-0 --offset-file one
	wait_until has_lines sink 500
	run -75 eg-split --stream -q r --grow 2 --readers 2 --timeout 10s
	[[ $output == *"only 1 of 2 consumers of 'r-0' have given an answer"*"nothing was changed"* ]]
	eg-consume -q r-0 --offset-file two -- tee -a two.sink >/dev/null 2>&1 3>&- &
	RUNNING+=($!)
	wait_until has_lines two.sink 500
	eg-split --stream -q r --grow 2 --readers 2
	eg-split --stream -q r --grow 3 --readers 0
	run -64 eg-split --stream -q r --shrink 1
}

@test "wrong usage is told" {
	local args
	for args in '-D -x a --exchange-type super-stream -q a-0 -k 0' \
		'-D -x a --exchange-type super-stream -q a-0 -t stream' \
		'-D -x a --exchange-type super-stream -q a-0 -t stream -k 00' \
		'-D -x a --exchange-type super-stream -q a-0 -t stream -k 128' \
		'-D -x a --partitions 2' '--partitions 2' '-x a --partitions 0' '-x a --partitions 129' \
		'-x a --partitions 2 --by-sensor' '-x a --partitions 2 -k 1' --super-stream \
		'-x a --super-stream -k 1' '-x a --super-stream --partitions 2' '-x a --super-stream -D'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -64 eg-publish $args </dev/null
		[[ ${#stderr_lines[@]} -eq 1 && -z $output ]]
	done
}
