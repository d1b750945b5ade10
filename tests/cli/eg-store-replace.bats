#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-store: a file that is in use is not replaced, and a stage notices when it is; a name
# means to SQLite what it means to the kernel.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0

load ../wait

setup() {
	local second
	PATH=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd):$PATH
	PRELOAD=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd)/tests/bad_libc.so
	# bats keeps files of its own in the test's folder.
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work" || return 1
	for second in 1 2 3 4 5 6 7 8 9; do
		echo "a$second:2026-01-01T00:00:0$second:$second"
	done >records
	eg-store a.db <records >/dev/null
	CHILD='' BACKUP=''
}

teardown() {
	local pid
	for pid in $CHILD $BACKUP; do
		{ kill -KILL "$pid" && wait "$pid"; } 2>/dev/null || true
	done
	[[ -z ${ROOM-} ]] || rm -rf "$ROOM"
}

store() { run --separate-stderr timeout 60 eg-store "$@"; }

has_open() { grep -qF "/$1" "/proc/$CHILD/maps"; }

# Starts eg-store as a child that is written to at 7 and read from at 8, and waits until it
# has opened its store: the index of the log is in its memory.
child() { # FILE [VERB...]
	rm -f to from
	mkfifo to from
	anew from err
	eg-store "$@" <to >from 2>err 3>&- &
	CHILD=$!
	exec 7>to 8<from
	wait_until has_open "$1-shm"
}
reads() { # LINE: the next that comes, in half a minute
	local line
	read -rt 30 -u 8 line
	[[ $line == "$1" ]] || { echo "came: $line"; return 1; }
}
ended() { # waits for the child; its status in $status
	wait_until gone "$CHILD"
	status=0
	wait "$CHILD" || status=$?
	CHILD=''
}

# b.db as the child has it open is whole, and has its 3000 records and those given.
b_holds() { # LINE...
	[[ $(eg-store b.db check) == "ok: $((3000 + $#)) records" ]]
	[[ $(eg-store b.db range late) == "$(printf '%s\n' "$@")" ]]
}
make_b() {
	awk 'BEGIN { for (i = 0; i < 3000; i++) printf "b:2026-01-01T00:00:00.%06d:%d\n", i, i }' |
		eg-store b.db >/dev/null
}

@test "what a killed copy has left does not stop a later one of the same process number" {
	timeout 60 bash -c ': >b.db.$$.tmp; exec eg-store a.db backup b.db'
	cmp <(eg-store b.db dump) records
	[ "$(compgen -G 'b.db.*.tmp' | wc -l)" -eq 1 ]
}

@test "backup does not replace a store that a stage has open and has not written to" {
	make_b
	child b.db
	store a.db backup b.db
	[[ $status -eq 78 && $stderr == "eg-store: fatal: cannot replace 'b.db': it is in use" ]]
	echo late:2026-01-01T00:00:00:7 >&7
	reads late:2026-01-01T00:00:00:7
	exec 7>&-
	ended
	[ "$status" -eq 0 ]
	b_holds late:2026-01-01T00:00:00:7
	[ -z "$(compgen -G '*.tmp')" ]
	store a.db backup b.db
	[ "$status" -eq 0 ]
	cmp <(eg-store b.db dump) records
}

@test "backup does not replace a store that is being read" {
	make_b
	child b.db get -
	store a.db backup b.db
	[[ $status -eq 78 && $stderr == *'it is in use' ]]
	exec 7>&-
	ended
	b_holds
}

@test "backup replaces a store that a crash has left with its log" {
	make_b
	child b.db
	echo late:2026-01-01T00:00:00:7 >&7
	reads late:2026-01-01T00:00:00:7
	kill -KILL "$CHILD"
	ended
	[ -s b.db-wal ]
	store a.db backup b.db
	[ "$status" -eq 0 ]
	[ "$(echo b.db*)" = b.db ]
	[ "$(eg-store b.db check)" = 'ok: 9 records' ]
}

# Starts a backup of a.db to b.db that has copied all and waits before it syncs the copy.
held_backup() {
	[[ -z ${EG_SAN-} ]] || skip 'the sanitizers want to be loaded first'
	mkdir faults
	: >faults/held
	LD_PRELOAD=$PRELOAD EG_FAULTS=$PWD/faults EG_FAULTS_DISK=$PWD/b.db. \
		eg-store a.db backup b.db 2>backup.err 3>&- &
	BACKUP=$!
	wait_until compgen -G 'b.db.*.tmp' >/dev/null
}
backup_ends() { # STATUS
	rm faults/held
	wait_until gone "$BACKUP"
	status=0
	wait "$BACKUP" || status=$?
	BACKUP=''
	[[ $status -eq $1 && -z $(compgen -G 'b.db.*.tmp') ]]
}

@test "a stage that begins while a backup copies keeps what it has given receipts for" {
	make_b
	held_backup
	child b.db
	echo late:2026-01-01T00:00:00:7 >&7
	reads late:2026-01-01T00:00:00:7
	backup_ends 78
	grep -qF "cannot replace 'b.db': it is in use" backup.err
	exec 7>&-
	ended
	b_holds late:2026-01-01T00:00:00:7
}

@test "a store that a stage makes while a backup copies is not replaced" {
	held_backup
	child b.db
	echo late:2026-01-01T00:00:00:7 >&7
	reads late:2026-01-01T00:00:00:7
	backup_ends 78
	exec 7>&-
	ended
	[ "$(eg-store b.db dump)" = late:2026-01-01T00:00:00:7 ]
}

@test "a file that appears at DEST while a backup copies is not replaced" {
	held_backup
	echo words >b.db
	backup_ends 78
	[ "$(cat b.db)" = words ]
}

@test "backup makes no store beside the log of one that is gone" {
	make_b
	child b.db
	echo late:2026-01-01T00:00:00:7 >&7
	reads late:2026-01-01T00:00:00:7
	kill -KILL "$CHILD"
	ended
	rm b.db
	store a.db backup b.db
	[[ $status -eq 78 && $stderr == *"'b.db-wal' of another store is beside it" ]]
	[ ! -e b.db ]
	rm b.db-*
	store a.db backup b.db
	[ "$(eg-store b.db check)" = 'ok: 9 records' ]
}

@test "a stage whose idle store is replaced writes nothing to the new one's log" {
	make_b
	child b.db
	cp a.db x
	mv x b.db
	echo late:2026-01-01T00:00:00:7 >&7
	ended
	[ "$status" -eq 74 ]
	[ "$(cat err)" = "eg-store: fatal: 'b.db' has been removed or replaced" ]
	run cat <&8
	[ -z "$output" ]
	[ "$(eg-store b.db check)" = 'ok: 9 records' ]
	cmp <(eg-store b.db dump) records
}

@test "a stage notices that its log, or the log's index, was removed and made anew by another" {
	local what
	for what in b.db-wal b.db-shm; do
		rm -f b.db*
		child b.db
		echo late:2026-01-01T00:00:00:7 >&7
		reads late:2026-01-01T00:00:00:7
		cp "$what" x
		mv x "$what"
		echo late:2026-01-01T00:00:01:8 >&7
		ended
		[ "$status" -eq 74 ]
		grep -qF "'b.db' has been removed or replaced" err
		run cat <&8
		[ -z "$output" ]
	done
}

@test "a link to a store that is given another aim is noticed" {
	make_b
	ln -s b.db link.db
	rm -f to from
	mkfifo to from
	eg-store link.db <to >from 2>err 3>&- &
	CHILD=$!
	exec 7>to 8<from
	wait_until has_open b.db-shm
	ln -sfn a.db link.db
	echo late:2026-01-01T00:00:00:7 >&7
	ended
	[ "$status" -eq 74 ]
	[ "$(eg-store a.db check)" = 'ok: 9 records' ]
}

@test "backup replaces the store that a link leads to, not the link, and only while it is unused" {
	make_b
	ln -s b.db link.db
	child b.db
	store a.db backup link.db
	[[ $status -eq 78 && $stderr == *'it is in use' ]]
	exec 7>&-
	ended
	store a.db backup link.db
	[ "$status" -eq 0 ]
	[ -L link.db ]
	cmp <(eg-store b.db dump) records
	ln -s none dangling.db
	store a.db backup dangling.db
	[[ $status -eq 78 && ${#stderr_lines[@]} -eq 1 && -L dangling.db && ! -e none ]]
}

# --- names ----------------------------------------------------------------------

@test "a name that SQLite reads in its own way is a file's name" {
	local name
	for name in file:w.db 'file:w.db?mode=memory' :memory: 'a%20b?.db' -x.db; do
		run --separate-stderr bash -c 'eg-store -- "$1" <records' - "$name"
		[[ $status -eq 0 && ${#lines[@]} -eq 9 ]] || { echo "$name: $status $stderr"; return 1; }
		[ -s "./$name" ]
		store -- "$name" check
		[ "$output" = 'ok: 9 records' ]
		store a.db backup "$name"
		[ "$status" -eq 0 ]
		store -- "$name" stat --json
		[[ $output == '{"records":9,'* ]]
	done
	[[ -s file:w.db && ! -e w.db ]]
}

@test "a name that leads to no file makes none elsewhere" {
	local name
	for name in dir/ none/../x dir/.; do
		run --separate-stderr bash -c 'eg-store "$1" <records' - "$name"
		[[ $status -eq 78 && -z $output && ${#stderr_lines[@]} -eq 1 ]] ||
			{ echo "$name: $status $output $stderr"; return 1; }
		store a.db backup "$name"
		[[ $status -ne 0 && ${#stderr_lines[@]} -eq 1 ]]
	done
	[[ ! -e dir && ! -e x && -z $(compgen -G '*.tmp') ]]
}

# --- a folder that may not be written to ---------------------------------------------

# Goes to a folder that nobody but root may write to; AS runs a command as somebody else.
read_only_room() {
	((EUID == 0)) || skip 'NOT TRIED: only root can be somebody else'
	ROOM=$(mktemp -d "${TMPDIR:-/tmp}/eg-store.XXXXXX")
	cp "$(command -v eg-store)" "$ROOM/reader"
	AS=(setpriv --reuid=65534 --regid=65534 --clear-groups "$ROOM/reader")
	cd "$ROOM" || return 1
	mkdir made
	chmod 755 . made
}

@test "a reader that may not write to the folder sees what others write" {
	read_only_room
	echo a:2026-11-23T10:00:00:1 | eg-store made/a.db >/dev/null
	mkfifo to from
	"${AS[@]}" made/a.db range - <to >from 2>err 3>&- &
	CHILD=$!
	exec 7>to 8<from
	echo a:2026-11-23 >&7
	reads a:2026-11-23T10:00:00:1
	# One that has gone again, and one that has the store open.
	echo a:2026-11-23T10:00:01:2 | eg-store made/a.db >/dev/null
	echo a:2026-11-23 >&7
	reads a:2026-11-23T10:00:00:1
	reads a:2026-11-23T10:00:01:2
	mkfifo late receipts
	eg-store made/a.db <late >receipts 3>&- 7>&- 8<&- &
	BACKUP=$!
	exec 5>late 6<receipts
	echo a:2026-11-23T10:00:02:3 >&5
	read -rt 30 -u 6 line
	echo a:2026-11-23 >&7
	reads a:2026-11-23T10:00:00:1
	reads a:2026-11-23T10:00:01:2
	reads a:2026-11-23T10:00:02:3
	exec 5>&- 7>&-
	ended
	[ "$status" -eq 0 ]
	[ ! -s err ]
}

@test "a reader that could not lock the store ends with 75 when it was written to meanwhile" {
	read_only_room
	eg-sim -r 20000 --start 2026-01-01T00:00:00 --step 1m | eg-store made/a.db >/dev/null
	mkfifo from
	"${AS[@]}" made/a.db dump >from 2>err 3>&- &
	CHILD=$!
	exec 8<from
	read -rt 30 -u 8 line
	# It waits for room in the pipe, with most of the store not read.
	eg-store made/a.db expire now
	cat <&8 >rest
	ended
	[ "$status" -eq 75 ]
	grep -q "^eg-store: fatal: 'made/a.db' was written to while it was read; in a folder" err
	[ "$(wc -l <err)" -eq 1 ]
}

@test "a reader that is asked again notices that the store was replaced or removed" {
	child a.db get -
	printf 'a1:2026-01-01T00:00:01\n' >&7
	reads a1:2026-01-01T00:00:01:1
	echo a1:2026-01-01T00:00:01:9 | eg-store c.db >/dev/null
	mv c.db a.db
	rm a.db-*
	printf 'a1:2026-01-01T00:00:01\n' >&7
	reads a1:2026-01-01T00:00:01:9
	rm a.db*
	printf 'a1:2026-01-01T00:00:01\n' >&7
	ended
	[ "$status" -eq 78 ]
	grep -qF "cannot open 'a.db': No such file or directory" err
}

@test "a file moved over a store in use is not opened with the log of the former one" {
	local pid
	seq 3000 | awk '{ printf "b:2026-01-01T00:00:00.%06d:%d\n", $1, $1 }' | eg-store b.db >/dev/null
	child b.db
	echo x:2026-01-01T00:00:00:1 >&7
	reads x:2026-01-01T00:00:00:1
	mv b.db old.db
	cp a.db copy.db
	mv copy.db b.db
	store b.db <records
	[[ $status -eq 78 && -z $output && $stderr == *"'b.db' has taken the place of a file that a program still has open, whose log is 'b.db-wal'"* ]]
	store b.db dump
	[[ $status -eq 78 && -z $output ]]
	# The one that has it open notices, saves what it has given receipts for, and ends.
	echo y:2026-01-01T00:00:00:1 >&7
	ended
	[[ $status -eq 74 && $(<err) == *"'b.db' has been removed or replaced"* ]]
	[[ $(eg-store old.db check) == 'ok: 3001 records' && $(eg-store old.db get x:2026-01-01T00:00:00) == *:1 ]]
	[[ $(eg-store b.db check) == 'ok: 9 records' ]]
	# The same, when it ends without writing.
	child b.db
	echo x:2026-01-01T00:00:00:1 >&7
	reads x:2026-01-01T00:00:00:1
	cp a.db copy.db
	mv copy.db b.db
	exec 7>&-
	ended
	[[ $(eg-store b.db check) == 'ok: 9 records' ]]
}

@test "programs that open and close a store at the same time are not taken for others' logs" {
	local i status=0 pids=()
	for i in 1 2 3 4; do
		(for j in $(seq 25); do echo "a$i:2026-01-01T00:00:00:$j" | eg-store a.db || exit 1; done) >/dev/null 2>>err &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || status=1; done
	[[ $status -eq 0 ]] || { cat err; return 1; }
}
