#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-store: its verbs and their forms, and what it makes of files that are not its own.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load store

# --- options and operands -----------------------------------------------------

@test "wrong usage is one line and 64, and makes no file" {
	local words
	for words in '' --nonsense '--keep=x a.db' '--json a.db' '--deletions a.db' 'a.db nonsense' \
		'a.db get' 'a.db get nonsense' 'a.db get a:2026-11-23' 'a.db get a:2026-11-23T10:00:00 b' \
		'a.db range' 'a.db range a yesterday' 'a.db range a now -1h' 'a.db range a 1 2 3' \
		'a.db dump -1h -2h' 'a.db range --inclusive a' 'a.db dump --inclusive -1h' 'a.db sensors x' 'a.db stat x' 'a.db stat --deletions' \
		'a.db dump --json' 'a.db delete' 'a.db delete nonsense' 'a.db evict' \
		'a.db evict a:2026-11-23T10:00:00:1' 'a.db merge' 'a.db merge x' '--written a.db' 'a.db stat --written' 'a.db delete --deletions a:2026-11-23T10:00:00' \
		'a.db expire' 'a.db expire never' 'a.db expire -5 -5' 'a.db check x' 'a.db backup' \
		'a.db digest a b' 'a.db get - -'; do
		# shellcheck disable=SC2086
		store $words </dev/null
		[ "$status" -eq 64 ] || { echo "'$words': $status"; return 1; }
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
	done
	store ''
	[ "$status" -eq 64 ]
	[ -z "$(ls)" ]
}

# --- the stage ------------------------------------------------------------------

@test "records come out byte for byte, in order, and are kept so" {
	local records=' b:2026-11-23T10:00:00.500Z:+1e3\na:2026-11-23T11:00:00+01:00:1\n\303\251:1969-12-31T23:59:59.9:-.5\na:2026-11-23t11:00:00z:007\n'
	feed "# words\n\n$records" a.db
	[ "$status" -eq 0 ]
	[ "$output" = "$(printf "$records")" ]
	[ -z "$stderr" ]
	store a.db dump
	[ "$output" = "$(printf "$records" | LC_ALL=C sort)" ]
	store a.db check
	[ "$output" = 'ok: 4 records' ]
}

@test "a lone record is safe and out before the next one comes" {
	child a.db
	echo a:2026-11-23T10:00:00:1 >&7
	reads a:2026-11-23T10:00:00:1
	store a.db dump
	[ "$output" = a:2026-11-23T10:00:00:1 ]
	echo a:2026-11-23T10:00:00:2 >&7
	reads a:2026-11-23T10:00:00:2
	store a.db dump
	[ "$output" = a:2026-11-23T10:00:00:2 ]
	exec 7>&-
	ended
	[ "$status" -eq 0 ]
}

@test "a receipt is written when all that was written before is synced" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers do not work under strace"
	for second in 1 2 3; do echo a:2026-11-23T10:00:0$second:1; done >in
	strace -o calls -e trace=write,writev,pwrite64,fsync,fdatasync eg-store a.db <in >out
	cmp in out
	awk '/^pwrite64/ { unsynced = 1; written++ } /^f(data)?sync/ { unsynced = 0 }
		/^writev?\(1,/ { receipts++; if (unsynced) bad = 1 }
		END { exit bad || !written || !receipts }' calls
}

# Prints the calls that make files safe, and receipts, in their order: `sync PATH` (a
# folder ends in /), `write PATH`, `make PATH`, `rename PATH`, `remove PATH`, `receipt`.
calls_of() { # COMMAND...
	strace -y -o calls \
		-e trace=openat,write,writev,pwrite64,fsync,fdatasync,rename,renameat2,unlink \
		"$@" >out
	sed -n -e 's|^f\(data\)*sync([0-9]*<\(.*\)>).*|sync \2|p' -e 's|^writev*(1<.*|receipt|p' \
		-e 's|^pwrite64([0-9]*<\([^>]*\)>.*|write \1|p' \
		-e 's|^openat(.*O_CREAT.* = [0-9]*<\(.*\)>$|make \1|p' \
		-e 's|^rename[^"]*"[^"]*", .*"\([^"]*\)".*|rename \1|p' \
		-e 's|^unlink("\([^"]*\)".*|remove \1|p' calls | sed "s|$PWD/||; s|sync $PWD\$|sync folder|"
}

@test "the first receipt of a new store comes behind a sync of its folder" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers do not work under strace"
	echo a:2026-11-23T10:00:00:1 >in
	calls_of eg-store a.db <in >order
	# The log is made last, and holds the record.
	sed '1,/^make a.db-wal$/d; /^receipt$/q' order >behind
	grep -qx 'sync folder' behind
	awk '/^write a.db-wal/ { unsynced = 1 } /^sync a.db-wal/ { unsynced = 0 }
		END { exit unsynced || $0 != "receipt" }' behind
	cmp in out
}

@test "a backup is synced before it has its name, and its folder behind that" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers do not work under strace"
	keep 'a:2026-11-23T10:00:00:1\n'
	for _ in new replaced; do
		calls_of eg-store a.db backup b.db >order
		awk '/^write b.db.*tmp$/ { unsynced = 1 } /^sync b.db.*tmp$/ { unsynced = 0 }
			/^rename b.db$/ { renamed = 1; if (unsynced) bad = 1 }
			/^sync folder$/ { folder = renamed }
			END { exit bad || !renamed || !folder }' order || { cat order; return 1; }
	done
}

@test "what is no record is refused with its line and kept by --rejects; the rest is stored" {
	local long
	long=$(printf 'x%.0s' {1..1100})
	feed "a:2026-11-23T10:00:00:1\nnonsense\n$long\na:2026-11-23T10:00:01:1\0\nb:2026-11-23T10:00:00:2\nb:2026-11-23T10:00:01:3" --rejects bad a.db
	[ "$status" -eq 65 ]
	[ "$output" = $'a:2026-11-23T10:00:00:1\nb:2026-11-23T10:00:00:2' ]
	[ "${#stderr_lines[@]}" -eq 4 ]
	[[ ${stderr_lines[0]} == "eg-store: warning: line 2: "*": 'nonsense'" ]]
	[[ ${stderr_lines[3]} == "eg-store: warning: line 6: "* ]]
	[ "$(grep -c . bad)" -ge 4 ]
	store a.db dump
	[ "$output" = $'a:2026-11-23T10:00:00:1\nb:2026-11-23T10:00:00:2' ]
}

@test "an empty input makes an empty store" {
	feed '' a.db
	[ "$status" -eq 0 ]
	store a.db dump
	[[ $status -eq 0 && -z $output ]]
	store a.db check
	[ "$output" = 'ok: 0 records' ]
	store a.db stat --json
	[[ $output == '{"records":0,"sensors":0,"first":null,"last":null,"bytes":'*',"deletions":0,"expired_before":null}' ]]
}

@test "SIGTERM ends the stage with what it has read in the store" {
	child -v a.db
	printf 'a:2026-11-23T10:00:00:1\na:2026-11-23T10:00:01:2' >&7
	reads a:2026-11-23T10:00:00:1
	kill "$CHILD"
	ended
	grep -qF 'in 1 = out 1 + refused 0 + pending 0, commits 1' err
	[ "$status" -eq 0 ]
	store a.db dump
	[ "$output" = a:2026-11-23T10:00:00:1 ]
}

@test "standard output that is full or gone is 74, and no receipt is made up" {
	run --separate-stderr bash -c 'echo a:2026-11-23T10:00:00:1 | eg-store a.db >/dev/full'
	[ "$status" -eq 74 ]
	[[ $stderr == *'cannot write to standard output: No space left on device' ]]
	run --separate-stderr bash -c 'echo a:2026-11-23T10:00:01:1 | eg-store a.db >&-'
	[ "$status" -eq 74 ]
	for verb in dump sensors stat check digest 'get a:2026-11-23T10:00:00'; do
		run --separate-stderr bash -c "eg-store a.db $verb >/dev/full"
		[ "$status" -eq 74 ]
		[ "${#stderr_lines[@]}" -eq 1 ]
	done
	eg-sim --rounds 20000 --start 2026-01-01T00:00:00 | eg-store a.db >/dev/null
	run --separate-stderr bash -c 'eg-store a.db dump | head -n 1; exit "${PIPESTATUS[0]}"'
	[ "$status" -eq 74 ]
	[ "${#lines[@]}" -eq 1 ]
	[ -z "$stderr" ]
}

@test "with eg-influx behind it, a receipt stands for both" {
	mkdir server
	"$BATS_TEST_DIRNAME/../tools/faulty-http" server 3>&- 2>server/log &
	# shellcheck disable=SC2034 # teardown ends it
	SERVER=$!
	wait_until test -s server/port
	run --separate-stderr timeout 60 bash -c 'eg-sim --rounds 20 --start 2026-01-01T00:00:00 |
		eg-store a.db | eg-influx --url http://127.0.0.1:"$(<server/port)" | LC_ALL=C sort'
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 300 ]
	[ "$output" = "$(eg-store a.db dump | LC_ALL=C sort)" ]
	[ "$(wc -l <server/stored)" -eq 300 ]
}

# --- the verbs -------------------------------------------------------------------

@test "get prints the record of an instant in any spelling; 65 when there is none" {
	keep 'a:2026-11-23T10:00:00:1\n'
	store a.db get a:2026-11-23T11:00:00+01:00
	[ "$output" = a:2026-11-23T10:00:00:1 ]
	store a.db get a:2026-11-23T10:00:01
	[ "$status" -eq 65 ]
	[ "$stderr" = "eg-store: warning: there is no record 'a:2026-11-23T10:00:01'" ]
}

@test "range and dump take instants, days and times before now; the end is not included" {
	local now before
	now=$(date -u +%FT%T)
	before=$(date -u -d '-90 minutes' +%FT%T)
	keep "b:$before:1\nb:$now:2\na:2026-11-23T00:00:00:3\na:2026-11-23T23:59:59:4\na:2026-11-24T00:00:00:5\n"
	store a.db range a 2026-11-23 2026-11-24
	[ "$output" = $'a:2026-11-23T00:00:00:3\na:2026-11-23T23:59:59:4' ]
	store a.db range --inclusive a 2026-11-23 2026-11-24
	[ "$output" = $'a:2026-11-23T00:00:00:3\na:2026-11-23T23:59:59:4\na:2026-11-24T00:00:00:5' ]
	store a.db dump -i 2026-11-23T23:59:59 2026-11-23T23:59:59
	[ "$output" = a:2026-11-23T23:59:59:4 ]
	store a.db range a 2026-11-23T23:59:59 2026-11-23T23:59:59
	[[ $status -eq 0 && -z $output ]]
	store a.db range a 2026-11-23T23:59:59
	[ "$output" = $'a:2026-11-23T23:59:59:4\na:2026-11-24T00:00:00:5' ]
	store a.db range b -1h
	[ "$output" = "b:$now:2" ]
	store a.db range b -2h -1h
	[ "$output" = "b:$before:1" ]
	store a.db range b -1d +1h
	[ "$output" = "b:$before:1"$'\n'"b:$now:2" ]
	store a.db range none
	[[ $status -eq 0 && -z $output ]]
	store a.db dump 2026-11-24 2026-11-25
	[[ $output == *a:2026-11-24T00:00:00:5* && $output != *a:2026-11-23* ]]
	store a.db sensors
	[ "$output" = $'a\nb' ]
}

@test "stat says what there is, for people and as JSON" {
	keep 'a:2026-11-23T10:00:00.5:1\na:2026-11-24T10:00:00:1\nb:2026-11-23T10:00:01:2\n'
	eg-store a.db delete b:2026-11-23T10:00:01
	store a.db stat
	[[ ${lines[0]} =~ ^records\ +2$ && ${lines[1]} =~ ^sensors\ +1$ ]]
	[[ ${lines[2]} =~ ^first\ +2026-11-23T10:00:00.5$ &&
		${lines[3]} =~ ^last\ +2026-11-24T10:00:00$ ]]
	[[ ${lines[5]} =~ ^deletions\ +1$ ]]
	run jq -r '[.records, .sensors, .first, .last, .deletions, .expired_before, .bytes > 0] | map(tostring) | join(" ")' <<<"$(eg-store a.db stat --json)"
	[ "$output" = '2 1 2026-11-23T10:00:00.5 2026-11-24T10:00:00 1 null true' ]
}

@test "expire removes what is older, remembers the instant, and nothing else" {
	eg-sim --rounds 200 --start 2026-01-01T00:00:00 --step 1h | eg-store a.db | LC_ALL=C sort >all
	store -v a.db expire 2026-01-05T12:30:00
	[ "$status" -eq 0 ]
	[ "$stderr" = 'eg-store: info: 1635 records expired' ]
	eg-store a.db dump | LC_ALL=C sort | cmp - <(awk 'match($0, /2026[^.]*:/) && substr($0, RSTART) >= "2026-01-05T12:30:00"' all)
	store a.db check
	[ "$output" = 'ok: 1365 records' ]
	store a.db dump --deletions
	[ -z "$output" ]
	store a.db stat --json
	[[ $output == *'"deletions":0,"expired_before":"2026-01-05T12:30:00"}' ]]
}

@test "deletions are forgotten after --keep, and digests are then as if they never were" {
	keep 'a:2026-11-23T10:00:00:1\na:2026-11-23T11:00:00:2\n'
	echo a:2026-11-23T11:00:00:2 | eg-store b.db >/dev/null
	eg-store a.db delete a:2026-11-23T10:00:00
	[ "$(eg-store a.db digest)" != "$(eg-store b.db digest)" ]
	[ "$(eg-store --keep 0 a.db digest)" = "$(eg-store b.db digest)" ]
	store a.db dump --deletions
	[ -z "$output" ]
	store a.db check
	[ "$output" = 'ok: 1 records' ]
}

@test "sqlite3 reads names, times and numbers; what it changes is found by check" {
	keep 'a:2026-11-23T11:00:00.250+01:00:1.50\nb:1969-12-31T23:59:59.5:-2\n'
	run --separate-stderr sqlite3 a.db 'SELECT sensor, time, value FROM readings ORDER BY sensor'
	[ "$output" = $'a|2026-11-23T10:00:00.25|1.5\nb|1969-12-31T23:59:59.5|-2.0' ]
	sqlite3 a.db "UPDATE records SET value = '9' WHERE value = '-2'" >/dev/null
	store a.db check
	[ "$status" -eq 74 ]
	[ "${stderr_lines[0]}" = 'eg-store: warning: the digest of sensor 2 for 1969-12-31 differs from its records' ]
	[[ ${stderr_lines[1]} == *"'a.db' is damaged: 1 faults found" ]]
	sqlite3 a.db "UPDATE records SET value = 'x' WHERE value = '9'" >/dev/null
	store a.db check
	[[ $status -eq 74 && $stderr == *'is not a record'* ]]
}

@test "backup makes one file that is the same store, and replaces nothing but a store" {
	eg-sim --rounds 300 --start 2026-01-01T00:00:00 | eg-store a.db >/dev/null
	store a.db backup b.db
	[ "$status" -eq 0 ]
	[[ -z $output && $(echo b.db*) == b.db ]]
	cmp <(eg-store a.db dump) <(eg-store b.db dump)
	[ "$(eg-store a.db digest)" = "$(eg-store b.db digest)" ]
	keep 'x:2026-11-23T10:00:00:1\n'
	store a.db backup b.db
	[ "$status" -eq 0 ]
	[ "$(eg-store b.db check)" = 'ok: 4501 records' ]
	echo words >words
	for dest in words a.db . no/where; do
		store a.db backup "$dest"
		((status != 0 && status <= 78))
		[ "${#stderr_lines[@]}" -eq 1 ]
	done
	[ "$(cat words)" = words ]
	child b.db
	echo b:2026-11-23T10:00:00:1 >&7
	reads b:2026-11-23T10:00:00:1
	store a.db backup b.db
	[ "$status" -eq 78 ]
	[[ $stderr == *'it is in use' ]]
	exec 7>&-
	ended
	[ -z "$(compgen -G '*.tmp')" ]
}
