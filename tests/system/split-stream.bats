#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Sensors split over the partitions of a super stream.
# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0

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
}

# The sensors in a stream, in the order of their readings.
sensors() { # STREAM
	eg-consume -q "$1" --offset first --drain -- tee "$1.lines"
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

@test "a publisher that takes the super stream for a larger one loses nothing, and says so" {
	eg-split --stream -q short 1
	# Of the last one the partition is 1.
	printf '%s:2026-11-23T14:18:36:1\n' s se sensor sensor1 >in
	run --separate-stderr -78 eg-publish -x short --partitions 2 -w 1 <in
	[[ $stderr == *"no queue takes messages for '1' of exchange 'short'"* ]]
	sensors short-0 >is
	printf '%s\n' s se sensor | diff - is
	# Each receipt stands for a reading in the stream.
	[[ -z $(comm -13 <(sort short-0.lines) <(sort <<<"$output")) ]]
}

@test "wrong usage is told" {
	local args
	for args in '-D -x a --exchange-type super-stream -q a-0 -k 0' \
		'-D -x a --exchange-type super-stream -q a-0 -t stream' \
		'-D -x a --exchange-type super-stream -q a-0 -t stream -k 00' \
		'-D -x a --exchange-type super-stream -q a-0 -t stream -k 128' \
		'-D -x a --partitions 2' '--partitions 2' '-x a --partitions 0' '-x a --partitions 129' \
		'-x a --partitions 2 --by-sensor' '-x a --partitions 2 -k 1'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -64 eg-publish $args </dev/null
		[[ ${#stderr_lines[@]} -eq 1 && -z $output ]]
	done
}
