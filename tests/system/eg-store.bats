#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-store where it is hard: killed, without room, with many at once.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0

setup() {
	PATH=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd):$PATH
	cd "$BATS_TEST_TMPDIR" || return 1
	pids=() ROOM=
}

teardown() {
	[[ ${#pids[@]} -eq 0 ]] || { kill -KILL "${pids[@]}" && wait "${pids[@]}"; } 2>/dev/null || true
	[[ -z $ROOM ]] || umount "$ROOM" || true
}

await() { # SECONDS COMMAND...
	local limit=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS <= limit)) || return 1
		sleep 0.01
	done
}
says() { grep -qF -- "$1" err; }
gone() { ! kill -0 "$1" 2>/dev/null; }

# A kill cuts a line short at most at the end of the file.
whole_lines() { sed -n '$!p' "$1" && tail -c 1 "$1" | grep -q '^$' && tail -n 1 "$1" || true; }

# Every line of the file is a record of the store.
holds() { # STORE FILE
	sed 's/:[^:]*$//' "$2" | eg-store "$1" get - | cmp - "$2"
}

@test "killed 200 times in a flood it keeps every receipted record, and check is clean" {
	# Not i, which bats itself uses.
	local round store pause total=0 some=0 n flood
	[[ -z ${EG_SAN-} ]] || skip 'the sanitizers make 200 starts too slow'
	RANDOM=$((EG_SEED = ${EG_SEED:-SRANDOM % 32768}))
	echo "EG_SEED=$EG_SEED"
	mkfifo flood
	for ((round = 0; round < 200; round++)); do
		store=$((round / 5)).db
		((round % 5 > 0)) || : >receipted
		: >out
		eg-sim -n 100 -r 0 --prefix "s$round-" --start 2026-01-01T00:00:00 --step 1s >flood 2>err.sim 3>&- &
		flood=$!
		eg-store "$store" <flood >out 2>err 3>&- &
		pids=("$flood" "$!")
		# Now before it has opened its file, now within the first or a later transaction.
		((round % 4 == 0)) || await 60 test -s out
		printf -v pause '0.%03d' $((RANDOM % 30))
		sleep "$pause"
		kill -KILL "${pids[1]}"
		wait "${pids[1]}" 2>/dev/null || true
		kill "$flood" 2>/dev/null || true
		wait "$flood" 2>/dev/null || true
		pids=()
		[ ! -s err ] || { cat err; return 1; }
		whole_lines out >new
		n=$(wc -l <new)
		total=$((total + n)) some=$((some + (n > 0)))
		cat new >>receipted
		# One that has not come to make its file is an empty file, or none; one that was killed as
		# it made it is empty when the half of it is taken back.
		[[ -s $store ]] || { [[ ! -s receipted ]] && continue; }
		run --separate-stderr eg-store "$store" check
		[[ -s receipted || $stderr != *"'$store' is empty: not a store" ]] || continue
		[[ $status -eq 0 && $output == ok:* ]] || { echo "kill $round: $output $stderr"; return 1; }
		holds "$store" receipted || { echo "kill $round lost something: $(diff <(sed "s/:[^:]*$//" receipted | eg-store "$store" get -) receipted | head -n 5)"; return 1; }
	done
	echo "# $total receipts, in $some of 200 rounds" >&3
	((some >= 150 && total > 100000))
}

# Waits until the store has no room for all of `all`; when COMMAND has made some, all goes
# on, and comes out in `out`.
goes_on() { # STORE REASON COMMAND...
	await 60 says "cannot write '$1': $2" || { cat err; return 1; }
	whole_lines out >before
	[ "$(wc -l <before)" -lt "$(wc -l <all)" ]
	holds "$1" before
	"${@:3}"
	await 60 gone "${pids[0]}"
	wait "${pids[0]}"
	pids=()
	await 60 cmp -s all out
	cmp <(eg-store "$1" dump) <(LC_ALL=C sort -t: -k1,1 -k2 all)
	[ "$(eg-store "$1" check)" = "ok: $(wc -l <all) records" ]
	[ "$(wc -l <err)" -eq 2 ] || { cat err; return 1; }
}

@test "on a disk that is full it waits, loses nothing, and goes on when there is room" {
	mkdir room
	mount -t tmpfs -o size=2m none room 2>/dev/null ||
		skip 'NO FULL DISK WAS TRIED: nothing can be mounted here'
	ROOM=$PWD/room
	eg-sim -n 100 -r 1000 --start 2026-01-01T00:00:00 --step 1s --seed 1 >all
	eg-store room/a.db <all >out 2>err 3>&- &
	pids=("$!")
	goes_on room/a.db 'the disk is full' mount -o remount,size=64m none room
}

@test "a limit on the size of its files is waited for likewise" {
	eg-sim -n 100 -r 1000 --start 2026-01-01T00:00:00 --step 1s --seed 1 >all
	# Receipts go through a pipe: the limit is not meant for them.
	(ulimit -S -f 4000 && exec eg-store a.db) <all > >(cat >out) 2>err 3>&- &
	pids=("$!")
	goes_on a.db 'the disk takes no more' prlimit --pid "${pids[0]}" --fsize=unlimited
}

@test "a stage that may not wait any longer for room ends with 75 and no false receipt" {
	eg-sim -n 100 -r 1000 --start 2026-01-01T00:00:00 --step 1s --seed 1 >all
	run --separate-stderr bash -c \
		'(ulimit -S -f 4000 && exec timeout 60 eg-store --timeout 0.5 a.db) <all | cat >out; exit "${PIPESTATUS[0]}"'
	[ "$status" -eq 75 ]
	holds a.db out
	[ "$(wc -l <out)" -lt 100000 ]
	[[ $(eg-store a.db check) == ok:* ]]
}

# --- many at once -----------------------------------------------------------------------

@test "four writers and two readers share a new store, and none fails" {
	local i
	for i in 1 2 3 4; do
		eg-sim -n 50 -r 1000 --prefix "w$i-" --start 2026-01-01T00:00:00 --step 1s >"in$i"
	done
	for i in 1 2 3 4; do
		eg-store a.db <"in$i" >"out$i" 2>"err$i" 3>&- &
		pids+=("$!")
	done
	await 60 test -s a.db
	for i in 5 6; do
		(
			until [ -e end ]; do
				eg-store a.db dump >"dump$i" || exit 1
				LC_ALL=C sort -c -t: -k1,1 -k2 "dump$i" || exit 1
				eg-store a.db digest >digest || exit 1
				eg-store a.db stat >stat || exit 1
			done
		) >"out$i" 2>"err$i" 3>&- &
		pids+=("$!")
	done
	for i in 1 2 3 4; do
		await 120 gone "${pids[i - 1]}"
		wait "${pids[i - 1]}"
		cmp "in$i" "out$i"
	done
	touch end
	wait "${pids[4]}"
	wait "${pids[5]}"
	pids=()
	# On a machine with other work a writer may wait for long, and then goes on.
	run grep -vE 'another program has been holding it for long; trying again|gives receipts again' \
		-- err?
	[ -z "$output" ]
	[ "$(eg-store a.db check)" = 'ok: 200000 records' ]
	cat in? >all
	holds a.db all
}

@test "a copy taken while a writer writes is whole, and holds what had its receipt" {
	local i
	eg-sim -n 100 -r 0 --rate 100000 3>&- |
		eg-store a.db 2>err 3>&- >out &
	pids=("$!")
	await 60 test -s out
	for i in 1 2 3; do
		whole_lines out >before
		eg-store a.db backup copy.db
		[[ $(eg-store copy.db check) == ok:* ]]
		holds copy.db before
		[ "$(echo copy.db*)" = copy.db ]
	done
	[ "$(eg-store a.db stat --json | jq .records)" -gt "$(eg-store copy.db stat --json | jq .records)" ]
	kill "${pids[0]}"
	wait "${pids[0]}" || true
	pids=()
	[ ! -s err ]
	whole_lines out >before
	holds a.db before
	[[ $(eg-store a.db check) == ok:* ]]
}

# The most memory that the process has taken so far, in KiB; nothing when it is gone.
peak() { awk '/^VmHWM/ { print $2 }' "/proc/$1/status" 2>/dev/null || true; }

@test "two million records leave log and memory bounded, under two writers and a reader" {
	local log=0 size memory=0 pid
	eg-sim -n 50 -r 20000 --prefix a- --start 2026-01-01T00:00:00 --step 1s 3>&- |
		eg-store a.db >/dev/null 2>>err 3>&- &
	pids+=("$!")
	eg-sim -n 5000 -r 200 --prefix b- --start 2026-01-01T00:00:00 --step 1h 3>&- |
		eg-store a.db >/dev/null 2>>err 3>&- &
	pids+=("$!")
	await 60 test -s a.db-wal
	until gone "${pids[0]}" && gone "${pids[1]}"; do
		eg-store a.db range a-1 2026-01-01 2026-01-02 >/dev/null
		size=$(stat -c %s a.db-wal 2>/dev/null || echo 0)
		((size <= log)) || log=$size
		for pid in "${pids[@]}"; do
			size=$(peak "$pid")
			((${size:-0} <= memory)) || memory=$size
		done
	done
	pids=()
	echo "# at most $((log / 1024 / 1024)) MiB of log, $memory KiB of memory" >&3
	((log < 256 * 1024 * 1024))
	[[ -n ${EG_SAN-} ]] || ((memory > 0 && memory < 32 * 1024))
	# On a loaded machine one may hold the other up for longer than a word is worth.
	run grep -vE "another program has been holding it for long|gives receipts again" err
	[ -z "$output" ]
	[ "$(eg-store a.db stat --json | jq .records)" -eq 2000000 ]
}
