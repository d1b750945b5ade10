#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-store: the order of values and deletions of a key, whatever clocks say.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0

KEY=s:2026-01-01T00:00:00

setup() {
	PATH=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd):$PATH
	PRELOAD=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd)/tests/bad_libc.so
	# bats keeps files of its own in the test's folder.
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work" || return 1
}

store() { run --separate-stderr timeout 60 eg-store "$@"; }
feed() { # TEXT ARG...: eg-store with the text, escapes and all, on its standard input
	run --separate-stderr timeout 60 bash -c 'printf "$1" | eg-store "${@:2}"' - "$@"
}
keep() { # TEXT: into a.db
	printf "$1" | timeout 60 eg-store a.db >/dev/null
}
off() { # SECONDS COMMAND...: with a clock that is off by so much
	[[ -z ${EG_SAN-} ]] || skip 'the sanitizers want to be loaded first'
	mkdir -p faults
	echo "$1" >faults/clock
	EG_FAULTS=$PWD/faults LD_PRELOAD=$PRELOAD "${@:2}"
}

@test "a record written after a deletion stays, though the deleter's clock is ahead" {
	local clock
	for clock in 120 -120; do
		rm -f ./*.db*
		echo $KEY:1 | eg-store a.db >/dev/null
		echo $KEY:1 | eg-store b.db >/dev/null
		off $clock eg-store a.db delete $KEY
		eg-store a.db dump --deletions >deletions
		[ "$(wc -l <deletions)" -eq 1 ]
		eg-store b.db delete --deletions - <deletions >out
		cmp deletions out
		[ -z "$(eg-store b.db dump)" ]
		echo $KEY:2 | eg-store b.db >/dev/null
		eg-store b.db delete --deletions - <deletions >out
		[ "$(eg-store b.db dump)" = $KEY:2 ] || { echo "clock $clock"; return 1; }
	done
}

@test "a deletion follows a record of a clock that was ahead" {
	keep "#eg-order $(($(date +%s%N) + 3600000000000))\n$KEY:1\n"
	store a.db delete $KEY
	[ "$(eg-store a.db dump)" = '' ]
	eg-store a.db dump --deletions >deletions
	# On a store that has a history of the key, the same deletion is later than the record.
	eg-store a.db merge - <<<"$KEY:1:$(($(date +%s%N) + 1800000000000))" >/dev/null
	[ "$(eg-store a.db dump)" = '' ]
	cmp deletions <(eg-store a.db dump --deletions)
}

@test "the time of a deletion has an end that others can follow" {
	local when
	keep "$KEY:1\n"
	for when in 9223372036854775807 9223372036854775806 4611686018427387904 99999999999999999999; do
		feed "$KEY:$when\n" a.db delete --deletions -
		[[ $status -eq 65 && -z $output && $stderr == *'or too late'* ]]
		feed "$KEY:1:$when\n" a.db merge -
		[[ $status -eq 65 && -z $output && $stderr == *'or too late'* ]]
	done
	[ "$(eg-store a.db dump)" = $KEY:1 ]
	feed "$KEY:4611686018427387903\n" a.db delete --deletions -
	[[ $status -eq 0 && $output == $KEY:4611686018427387903 ]]
	[ "$(eg-store a.db dump)" = '' ]
	keep "$KEY:2\n"
	store a.db get --written $KEY
	[ "$output" = $KEY:2:4611686018427388000 ]
	store a.db delete $KEY
	[ "$(eg-store a.db dump --deletions)" = $KEY:4611686018427388001 ]
	[ "$(eg-store a.db check)" = 'ok: 0 records' ]
}

@test "--written prints when each record was taken in; sqlite3 reads it too" {
	local before after when
	# Of a record without an order nothing is known, until it follows something.
	keep "$KEY:0\nb:2026-01-01T00:00:00Z:2\n"
	store a.db dump --written
	[ "$output" = $'b:2026-01-01T00:00:00Z:2:0\n'$KEY:0:0 ]
	before=$(date +%s%N)
	keep "#eg-order 1000\n$KEY:2\n"
	[ "$(eg-store a.db get -w $KEY)" = $KEY:2:1000 ]
	keep "$KEY:1\n"
	after=$(date +%s%N)
	store a.db dump --written
	when=${lines[1]##*:}
	((when >= before && when <= after + 1000))
	[ "$(eg-store a.db range -w s)" = "$KEY:1:$when" ]
	[ "$(eg-store a.db get --written $KEY)" = "$KEY:1:$when" ]
	feed 's:2026-01-01\n' a.db range --written -
	[ "$output" = "$KEY:1:$when" ]
	feed "$KEY\n" a.db get --written -
	[ "$output" = "$KEY:1:$when" ]
	[ "$(sqlite3 a.db "SELECT written FROM records WHERE value = '1'")" = "$when" ]
	store a.db dump --written --deletions
	[ "$status" -eq 64 ]
	store a.db sensors --written
	[ "$status" -eq 64 ]
}

@test "an order line dates the records and deletions behind it, and has no receipt" {
	feed "#eg-order 100000\n$KEY:1\n#eg-order 200000\nb:2026-01-01T00:00:00:2\n" a.db
	[ "$output" = "$KEY:1"$'\nb:2026-01-01T00:00:00:2' ]
	store a.db dump --written
	[ "$output" = $'b:2026-01-01T00:00:00:2:200000\n'"$KEY:1:100000" ]
	feed "#eg-order 1000000\n$KEY\n#eg-order 50\nb:2026-01-01T00:00:00\n" a.db delete -
	[ "$output" = "$KEY"$'\nb:2026-01-01T00:00:00' ]
	# --keep is over for deletions so old: the digest forgets them, dump does not.
	store a.db dump --deletions
	[ "$output" = $'b:2026-01-01T00:00:00:200001\n'"$KEY:1000000" ]
}

@test "merge - keeps the later of two values, in any order, and gives each line back" {
	local text="$KEY:1:100000\n$KEY:2:300000\n$KEY:3:200000\nx:2026-01-01T00:00:00:9:0\n"
	eg-store a.db </dev/null
	feed "$text" a.db merge -
	[[ $status -eq 0 && $output == "$(printf "$text")" ]]
	store a.db dump --written
	[ "$output" = "$KEY:2:300000"$'\nx:2026-01-01T00:00:00:9:0' ]
	feed "$KEY:4\n$KEY:4:\nx:5\n$KEY:4:400" a.db merge -
	[[ $status -eq 65 && -z $output && ${#stderr_lines[@]} -eq 4 ]]
	eg-store b.db </dev/null
	eg-store a.db dump --written | eg-store b.db merge - >/dev/null
	cmp <(eg-store a.db dump --written) <(eg-store b.db dump --written)
	[ "$(eg-store a.db digest)" = "$(eg-store b.db digest)" ]
}

# What version 1 made: the same without the column.
make_old() {
	sqlite3 "$1" 'ALTER TABLE records DROP COLUMN written;
		ALTER TABLE records DROP COLUMN lag; PRAGMA user_version = 1' >/dev/null
}

@test "a store of version 1 is read as it is, and made new by who writes to it" {
	keep "$KEY:1\nb:2026-01-01T00:00:00:2\n"
	eg-store a.db delete b:2026-01-01T00:00:00
	keep 'b:2026-01-01T00:00:00:3\n'
	make_old a.db
	cp a.db old.db
	for verb in dump stat check sensors 'range s' "get $KEY" 'dump --deletions'; do
		# shellcheck disable=SC2086
		cmp <(eg-store a.db $verb) <(eg-store old.db $verb) || { echo "$verb"; return 1; }
	done
	store old.db dump --written
	[ "$output" = "b:2026-01-01T00:00:00:3:0"$'\n'"$KEY:1:0" ]
	store old.db backup copy.db
	[ "$status" -eq 0 ]
	[ "$(sqlite3 old.db 'PRAGMA user_version')" = 1 ]
	digest=$(eg-store --keep 36500d a.db digest b)
	keep "$KEY:4\n"
	[ "$(sqlite3 a.db 'PRAGMA user_version')" = 2 ]
	[ "$(eg-store a.db digest b)" = "$digest" ]
	[ "$(eg-store a.db check)" = 'ok: 2 records' ]
	# What it knew: that b was written again behind its deletion.
	store a.db dump --written
	[[ ${lines[0]} == b:2026-01-01T00:00:00:3:[1-9]* && ${lines[1]} == $KEY:4:0 ]]
	store copy.db digest
	[ "$(sqlite3 copy.db 'PRAGMA user_version')" = 2 ]
	store copy.db check
	[ "$output" = 'ok: 2 records' ]
}
