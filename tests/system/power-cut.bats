#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Power cuts: what had its receipt is on the disk at that moment. The disk is an image with a
# file system that writes nothing by itself (commit=300); a cut is a copy of the image, taken
# while the writers stand still.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load ../wait

setup() {
	BIN=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd)
	PATH=$BIN:$PATH
	cd "$BATS_TEST_TMPDIR" || return 1
	WRITER='' LAB=''
	mkdir disk after
	truncate -s 256M image
	if ! mkfs.ext4 -q image 2>mount.err || ! mount -o loop,commit=300 image disk 2>>mount.err; then
		skip "NO POWER WAS CUT: no disk of our own can be mounted here: $(tail -n 1 mount.err)"
	fi
	cd disk || return 1
}

teardown() {
	local it
	[[ -z $WRITER ]] || { kill -KILL "$WRITER" && wait "$WRITER"; } 2>/dev/null || true
	cd "$BATS_TEST_TMPDIR" || true
	[[ -z $LAB ]] || "$BATS_TEST_DIRNAME/../../scripts/eg-lab" down --dir "$LAB"
	for it in disk after; do
		! mountpoint -q "$it" || await 10 umount "$it" || umount -l "$it"
	done
}

# Starts a writer on the disk: its input is 7, its output 8.
start() { # COMMAND...
	mkfifo "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
	anew "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
	"$@" <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	WRITER=$!
	exec 7>"$BATS_TEST_TMPDIR/in" 8<"$BATS_TEST_TMPDIR/out"
}
reads() { # LINE: the next receipt
	local line
	read -rt 60 -u 8 line
	[[ $line == "$1" ]] || { echo "came: $line; $(cat "$BATS_TEST_TMPDIR/err")"; return 1; }
}

# Cuts the power; the folder `after` is the disk when it is back. With a command, runs it there.
cut_power() { # [COMMAND...]
	local top=$BATS_TEST_TMPDIR
	! mountpoint -q "$top/after" || await 10 umount "$top/after"
	[[ -z $WRITER ]] || kill -STOP "$WRITER"
	cp --sparse=always "$top/image" "$top/copy"
	[[ -z $WRITER ]] || kill -CONT "$WRITER"
	mount -o loop "$top/copy" "$top/after"
	(($# == 0)) || (cd "$top/after" && "$@")
}

end_of_input() { # STATUS
	local status=0
	exec 7>&-
	wait_until gone "$WRITER"
	wait "$WRITER" || status=$?
	WRITER=
	[[ $status -eq $1 ]] || { echo "status $status"; cat "$BATS_TEST_TMPDIR/err"; return 1; }
}

@test "the disk of these tests loses what nobody has synced" {
	echo words >words
	cut_power
	[ ! -s ../after/words ]
	sync
	cut_power
	[ "$(cat ../after/words)" = words ]
}

@test "a store holds each record that has its receipt, from the first one on" {
	local i
	start eg-store a.db
	for i in 1 2 3 4; do
		echo "a:2026-01-01T00:00:0$i:$i" >&7
		reads "a:2026-01-01T00:00:0$i:$i"
		cut_power
		[ "$(eg-store ../after/a.db check)" = "ok: $i records" ]
	done
	eg-store a.db delete a:2026-01-01T00:00:01
	[ "$(cut_power eg-store a.db check)" = 'ok: 3 records' ]
	end_of_input 0
	[ "$(cut_power eg-store a.db check)" = 'ok: 3 records' ]
}

@test "a store that was receipted in a flood is whole after each cut" {
	local i
	eg-sim -n 100 -r 0 --rate 20000 3>&- 2>/dev/null |
		eg-store a.db >receipts 2>../err 3>&- &
	WRITER=$!
	for i in 1 2 3 4 5; do
		wait_until eval "[[ \$(wc -l <receipts) -ge $((i * 5000)) ]]"
		kill -STOP "$WRITER"
		# Receipts are a file on the disk, too: what it holds now was safe before.
		cp receipts "../receipts.$i"
		cut_power
		kill -CONT "$WRITER"
		sed '$d; s/:[^:]*$//' "../receipts.$i" | eg-store ../after/a.db get - |
			cmp - <(sed '$d' "../receipts.$i")
		[[ $(eg-store ../after/a.db check) == ok:* ]]
	done
	kill "$WRITER"
	wait "$WRITER" || true
	WRITER=
}

@test "a backup that has ended is there, whole, in the place of what it replaced" {
	echo a:2026-01-01T00:00:00:1 | eg-store a.db >/dev/null
	eg-store a.db backup b.db
	[ "$(cut_power eg-store b.db check)" = 'ok: 1 records' ]
	echo a:2026-01-01T00:00:01:2 | eg-store a.db >/dev/null
	eg-store a.db backup b.db
	[ "$(cut_power eg-store b.db check)" = 'ok: 2 records' ]
}

@test "a refused line is kept when a later record has its receipt" {
	start eg-store --rejects refused a.db
	echo nonsense >&7
	echo a:2026-01-01T00:00:00:1 >&7
	reads a:2026-01-01T00:00:00:1
	cut_power
	grep -qx nonsense ../after/refused
	echo more nonsense >&7
	echo a:2026-01-01T00:00:01:2 >&7
	reads a:2026-01-01T00:00:01:2
	cut_power
	[ "$(grep -cv '^#' ../after/refused)" -eq 2 ]
	end_of_input 65
}

# A cluster whose node b is away while b.down is there.
cluster() {
	cat >node <<-'END'
		#!/bin/bash
		[[ ! -e $1.down ]] || exit 75
		exec eg-store "$1.db" "${@:2}"
	END
	chmod +x node
	printf '%s\n' 'strategy full' 'quorum 1' 'store a ./node a' 'store b ./node b' >c.conf
	sync
}

@test "hints are on disk when a record has its receipt" {
	local i
	cluster
	: >b.down
	start eg-replicate --lag 0 c.conf
	for i in 1 2 3; do
		echo "a:2026-01-01T00:00:0$i:$i" >&7
		reads "a:2026-01-01T00:00:0$i:$i"
		cut_power
		(cd ../after && rm -f b.down && timeout 60 eg-replicate c.conf </dev/null)
		[ "$(eg-store ../after/a.db check)" = "ok: $i records" ]
		[ "$(eg-store ../after/b.db check)" = "ok: $i records" ]
	done
	end_of_input 0
}

@test "a deletion kept as a hint, and a node taken out by hand, outlast a cut" {
	cluster
	echo a:2026-01-01T00:00:00:1 | eg-replicate c.conf >/dev/null
	: >b.down
	eg-replicate c.conf delete a:2026-01-01T00:00:00
	eg-replicate c.conf fail a
	cut_power
	(
		cd ../after
		rm -f b.down
		eg-replicate c.conf status --json | jq -e '.nodes[] | select(.name == "a").state == "failed"'
		timeout 60 eg-replicate c.conf </dev/null
		[ "$(eg-store b.db dump)" = '' ]
		[ "$(eg-store b.db check)" = 'ok: 0 records' ]
	)
}

@test "the offset of a stream is kept when eg-consume has ended" {
	LAB=$BATS_TEST_TMPDIR/lab
	"$BATS_TEST_DIRNAME/../../scripts/eg-lab" up --dir "$LAB" --no-influxdb --no-victoria
	eval "$("$BATS_TEST_DIRNAME/../../scripts/eg-lab" --dir "$LAB" env)"
	eg-publish -Q cut --queue-type stream --declare
	for i in 1 2 3 4; do echo "a:2026-01-01T00:00:0$i:$i"; done >../in
	eg-publish -Q cut <../in >/dev/null
	timeout 60 eg-consume -q cut --offset-file offset --count 3 >../out
	[ "$(wc -l <../out)" -eq 3 ]
	cut_power
	[ -s ../after/offset ]
	cmp offset ../after/offset
	[ "$(cd ../after && timeout 60 eg-consume -q cut --offset-file offset --drain)" = "$(sed -n 4p ../in)" ]
}
