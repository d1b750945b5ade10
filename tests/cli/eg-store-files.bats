#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-store and files that are not as they should be: damaged, foreign, gone, held by others.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load store

@test "a folder, a text, another program's database and a newer store are refused with 78" {
	mkdir folder
	refuses folder 78 'it is a directory'
	echo 'some words, more than a header would hold, and more, and more, and more, and more' >text
	refuses text 78 'is not a SQLite database'
	sqlite3 other.db 'CREATE TABLE t(x); INSERT INTO t VALUES(1)'
	refuses other.db 78 'is a database of another program'
	sqlite3 numbered.db 'PRAGMA application_id = 5; CREATE TABLE t(x)'
	refuses numbered.db 78 'is a database of another program'
	keep ''
	sqlite3 a.db 'PRAGMA user_version = 3'
	refuses a.db 78 'was made by a newer version'
	[ "$(ls)" = $'a.db\nfolder\nnumbered.db\nother.db\ntext' ]
	mkfifo fifo
	store fifo dump
	[[ $status -eq 78 && $stderr == *'not a regular file' ]]
}

@test "a file that is missing or empty is made by the stage alone" {
	: >empty
	for file in missing empty; do
		for way in dump stat digest 'delete a:2026-11-23T10:00:00' check; do
			# shellcheck disable=SC2086
			store $file $way
			[[ $status -eq 78 && ${#stderr_lines[@]} -eq 1 ]]
		done
	done
	[ ! -e missing ]
	[ ! -s empty ]
	feed 'a:2026-11-23T10:00:00:1\n' empty
	[ "$status" -eq 0 ]
	[ "$(eg-store empty check)" = 'ok: 1 records' ]
	feed 'a:2026-11-23T10:00:00:1\n' no/where.db
	[[ $status -eq 78 && -z $output && ${#stderr_lines[@]} -eq 1 ]]
}

@test "a store that is cut short or overwritten is 74, told, and left as it is" {
	local n
	eg-sim --rounds 2000 --start 2026-01-01T00:00:00 --step 1m | eg-store whole.db >/dev/null
	for n in 60 2000 4096 100000; do
		head -c "$n" whole.db >cut.db
		refuses cut.db 74 'damaged'
	done
	cp whole.db bad.db
	dd if=/dev/urandom of=bad.db bs=4096 seek=2 count=60 conv=notrunc status=none
	for way in dump check; do
		store bad.db $way
		[[ $status -eq 74 && $stderr == *damaged* ]]
	done
}

@test "a store that may not be written is read, and the stage says 78" {
	local as=()
	ROOM=$(mktemp -d "${TMPDIR:-/tmp}/eg-store.XXXXXX")
	cp "$(command -v eg-store)" "$ROOM"
	cd "$ROOM"
	# Nothing is read-only for root.
	((EUID != 0)) || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	echo a:2026-11-23T10:00:00:1 | ./eg-store a.db >/dev/null
	chmod 444 a.db
	chmod 555 .
	run --separate-stderr "${as[@]}" ./eg-store a.db dump
	[[ $status -eq 0 && $output == a:2026-11-23T10:00:00:1 ]]
	run --separate-stderr "${as[@]}" ./eg-store a.db check
	[[ $status -eq 0 && $output == 'ok: 1 records' ]]
	run --separate-stderr "${as[@]}" ./eg-store a.db digest
	[[ $status -eq 0 && $output == a:1:0:* ]]
	run --separate-stderr "${as[@]}" bash -c 'echo a:2026-11-23T10:00:01:1 | ./eg-store a.db'
	[[ $status -eq 78 && -z $output && ${#stderr_lines[@]} -eq 1 ]]
	run --separate-stderr "${as[@]}" ./eg-store a.db expire now
	[[ $status -eq 78 && ${#stderr_lines[@]} -eq 1 ]]
	# Nor may one that cannot be read be.
	chmod 000 a.db
	run --separate-stderr "${as[@]}" ./eg-store a.db dump
	[[ $status -eq 78 && $stderr == *'Permission denied' ]]
	chmod 755 .
}

@test "a store that is removed or replaced under the stage gets no more receipts" {
	local what
	for what in a.db a.db-wal; do
		rm -f to from a.db*
		child a.db
		echo a:2026-11-23T10:00:00:1 >&7
		reads a:2026-11-23T10:00:00:1
		rm $what
		echo a:2026-11-23T10:00:01:2 >&7
		ended
		[ "$status" -eq 74 ]
		grep -qxF "eg-store: fatal: 'a.db' has been removed or replaced" err
		run cat <&8
		[ -z "$output" ]
	done
}

@test "a store that another program holds is told of once and waited for" {
	keep ''
	mkfifo sql
	sqlite3 a.db <sql >locked 3>&- &
	exec 6>sql
	echo 'BEGIN EXCLUSIVE; SELECT 1;' >&6
	wait_until test -s locked
	child a.db
	echo a:2026-11-23T10:00:00:1 >&7
	wait_until grep -qF "cannot write 'a.db': another program has been holding it for long" err
	echo 'COMMIT;' >&6
	exec 6>&-
	reads a:2026-11-23T10:00:00:1
	exec 7>&-
	ended
	[ "$status" -eq 0 ]
	[ "$(grep -c 'holding it' err)" -eq 1 ]
}

@test "what others add to the file loses no record: it is written, or has no receipt" {
	local change
	local -r BATCH='a:2026-11-23T14:18:36:5\nb:2026-11-23T14:18:38:1\nb:2026-11-23T14:18:38:4\n'
	keep 'a:2026-11-23T14:18:36:1\na:2026-11-23T14:18:37:2\n'
	sqlite3 a.db 'CREATE TABLE seen(x);
		CREATE TRIGGER t AFTER INSERT ON records BEGIN INSERT INTO seen VALUES(new.ns); END'
	feed "$BATCH" a.db
	[ "$status" -eq 0 ]
	[ "$output" = "$(printf "$BATCH")" ]
	store a.db dump
	[ "$output" = "a:2026-11-23T14:18:36:5
a:2026-11-23T14:18:37:2
b:2026-11-23T14:18:38:4" ]
	store a.db check
	[ "$status" -eq 0 ]
	for change in 'UNIQUE INDEX u ON records(sensor, value)' \
		'TRIGGER u BEFORE INSERT ON records BEGIN SELECT RAISE(IGNORE); END' \
		'TRIGGER u AFTER INSERT ON sensors BEGIN INSERT INTO seen SELECT value FROM energyguard_batch; END'; do
		sqlite3 a.db "DROP TRIGGER IF EXISTS t; CREATE $change"
		feed 'c:2026-11-23T14:18:36:1\nc:2026-11-23T14:18:37:1\n' a.db
		[ "$status" -ne 0 ]
		[ -z "$output" ]
		[[ $stderr == "eg-store: fatal: cannot "*" 'a.db': "* ]]
		store a.db check
		[ "$status" -eq 0 ]
		sqlite3 a.db 'DROP TRIGGER IF EXISTS u; DROP INDEX IF EXISTS u'
	done
	sqlite3 a.db 'CREATE TABLE energyguard_batch(a, b, c, d, e)'
	feed 'c:2026-11-23T14:18:36:1\nc:2026-11-23T14:18:37:1\n' a.db
	[ "$status" -eq 0 ]
}

@test "the counters of the end do not say that a lock is still waited for" {
	keep 'a:2026-11-23T14:18:36:1\n'
	mkfifo sql
	sqlite3 a.db <sql >locked 3>&- &
	exec 6>sql
	echo "BEGIN IMMEDIATE; SELECT 'held';" >&6
	wait_until grep -qx held locked
	anew err
	echo a:2026-11-23T14:18:37:1 | eg-store --metrics metrics a.db >out 2>err 3>&- 6>&- &
	CHILD=$!
	wait_until grep -q '^energyguard_peer_away_seconds{program="eg-store"} [1-9]' metrics
	exec 6>&-
	wait "$CHILD"
	CHILD=
	grep -qx 'energyguard_peer_away_seconds{program="eg-store"} 0' metrics
}

@test "zeros are no store, whatever is beside them, and what is beside them stays" {
	local verb file
	head -c 8192 /dev/zero >a.db
	printf '\0' >one.db
	make_begun a.db
	# There was a page before.
	{ head -c 16 b.db-journal && printf '\0\0\0\001' && tail -c +21 b.db-journal; } >a.db-journal
	echo 'my notes' >one.db-journal
	cp a.db notes.db
	cp one.db-journal notes.db-journal
	cp a.db folder.db
	mkdir folder.db-journal
	cp a.db alone.db
	sha256sum -- *.db ./*.db-journal >before 2>/dev/null || true
	for file in a one notes folder alone; do
		for verb in check stat dump; do
			store $file.db $verb
			[ "$status" -eq 78 ]
			[ "$stderr" = "eg-store: fatal: '$file.db' is not a SQLite database" ]
		done
		feed 'a:2026-11-23T14:18:36:1\n' $file.db
		[ "$status" -eq 78 ]
		[ "$stderr" = "eg-store: fatal: '$file.db' is not a SQLite database" ]
	done
	sha256sum -c --quiet before
}

# make_begun PAGES: the file PAGES as b.db, with a journal that says that there was no page before.
make_begun() {
	cp "$1" b.db
	printf '\331\325\005\371\040\241\143\327\0\0\0\0\0\0\0\001\0\0\0\0\0\0\002\0\0\0\020\0' >b.db-journal
	head -c 484 /dev/zero >>b.db-journal
}

@test "a store whose first writer was killed, or lost its power, in the middle of making it is empty" {
	local verb pages
	keep 'a:2026-11-23T14:18:36:1\n'
	sqlite3 a.db 'PRAGMA journal_mode = DELETE' >/dev/null
	head -c 4096 a.db >first
	{ head -c 4096 /dev/zero && tail -c +4097 a.db; } >others
	for pages in first others; do
		for verb in check stat dump; do
			make_begun $pages
			store b.db $verb
			[ "$status" -eq 78 ]
			[ "$stderr" = "eg-store: fatal: 'b.db' is empty: not a store" ]
		done
		make_begun $pages
		feed 'a:2026-11-23T14:18:36:1\n' b.db
		[ "$status" -eq 0 ]
		[ "$output" = a:2026-11-23T14:18:36:1 ]
		[ "$(eg-store b.db dump)" = "$output" ]
	done
	# SQLite keeps the journal beside the file, not beside a link to it.
	make_begun others
	ln -s b.db link.db
	feed 'a:2026-11-23T14:18:36:1\n' link.db
	[ "$status" -eq 0 ]
	[ "$(eg-store b.db dump)" = "$output" ]
}
