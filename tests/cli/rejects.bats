#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The file of --rejects: on disk before a later receipt, in groups; waited for when full.

# shellcheck disable=SC2030,SC2031,SC2154  # bats: subshells, and what run sets
bats_require_minimum_version 1.5.0

setup() {
	load ../wait
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work" || return 1
	bin=$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}")
	PATH="$bin:$bin/tests:$PATH"
	PRELOAD=$bin/tests/bad_libc.so
	PID=
	good=a:2026-01-01T00:00:00:1
}

teardown() {
	[[ -z $PID ]] || { kill -KILL "$PID" && wait "$PID"; } 2>/dev/null || true
}

# What a program does to its rejects and its output, a word each, in order: `write` and
# `sync` of the file, `folder` synced, `receipt`.
steps() { # TRACE
	awk '/openat\(.*"folder\/r"/ { file = $NF }
		/openat\(.*O_DIRECTORY/ && /"folder"/ { dir = $NF }
		{ match($0, /[a-z]+\(/); call = substr($0, RSTART, RLENGTH - 1)
		  rest = substr($0, RSTART + RLENGTH); fd = rest + 0 }
		/"[^"]*"folder/ { next }
		call ~ /^writev?$/ && fd == file && file != "" { print "write" }
		call ~ /^f(data)?sync$/ && fd == file && file != "" { print "sync" }
		call == "fsync" && fd == dir && dir != "" { print "folder"; dir = "" }
		call ~ /^(write|writev|sendto)$/ && fd == out && rest ~ "T00:00:00:1" { print "receipt" }' out="${2:-1}" "$1"
}

trace() { # COMMAND...
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers do not work under strace"
	mkdir -p folder
	strace -f -qq -s 64 -e trace=openat,write,writev,sendto,fsync,fdatasync -o trace "$@"
}

@test "refused lines and their folder are on disk before a later receipt comes out" {
	printf 'bad\n%s\n' $good >in
	status=0
	trace passthrough --rejects folder/r <in >out 2>err || status=$?
	[[ $status -eq 65 && $(<out) == "$good" ]]
	[[ $(steps trace | xargs) == 'write sync folder receipt' ]] || { steps trace; cat trace; return 1; }
}

# All programs that keep refused lines, and their arguments.
each_program() { # COMMAND...: with the program's command behind it
	printf 'strategy full\nquorum 1\nnode a eg-store n.db\n' >cluster
	"$@" eg-store a.db
	"$@" eg-replicate cluster
	"$@" eg-publish --url amqp://127.0.0.1:1 --timeout 300ms
	"$@" eg-consume --url amqp://127.0.0.1:1 --timeout 300ms
	"$@" eg-influx --url http://127.0.0.1:1 --timeout 300ms
	"$@" eg-serve --listen 127.0.0.1:0
	"$@" eg-import csv --sensor a --time time --value value
	"$@" eg-decode --value .v --sensor a --now json
	"$@" passthrough
}

refused_as() { # TEXT PROGRAM ARGUMENT...: with options in $OPTIONS
	local status=0
	# shellcheck disable=SC2086
	timeout 30 "$2" $OPTIONS "${@:3}" <in >>file 2>err || status=$?
	[[ $status -eq 64 && $(<err) == *"$1"* ]] || { echo "$2: $status"; cat err; return 1; }
}

@test "standard output and input are no files for refused lines, or for counters, of any program" {
	# Links of our own: the machine's are not risked.
	ln -s /proc/self/fd/1 stdout
	ln -s /proc/self/fd/0 stdin
	printf 'bad\n%s\n' $good >in
	cp in before
	touch file
	ln file second
	OPTIONS='--rejects second' each_program refused_as "--rejects: 'second' is standard output, where records go"
	OPTIONS='--rejects in' each_program refused_as "--rejects: 'in' is standard input, where records come from"
	OPTIONS='--rejects stdout' each_program refused_as "--rejects: 'stdout' is standard output"
	OPTIONS='--rejects stdin' each_program refused_as "--rejects: 'stdin' is standard input"
	OPTIONS='--metrics in' each_program refused_as "--metrics: 'in' is standard input"
	touch both
	OPTIONS='--rejects both --metrics both' each_program refused_as "name the same file, 'both'"
	[[ ! -s file ]]
	cmp in before
	# Through a pipe and a socket, too.
	status=0
	passthrough --rejects stdout <in 2>err | cat >out || status=${PIPESTATUS[0]}
	[[ ! -s out ]]
	grep -q "is standard output, where records go" err
	# A terminal or another device holds no records.
	passthrough --rejects /dev/null <in >/dev/null 2>err || [[ $? -eq 65 ]]
}

@test "a file that is imported is not written to" {
	printf 'time,value\n2026-01-01,x\n' >in.csv
	cp in.csv before
	for option in --rejects --metrics; do
		run --separate-stderr -64 eg-import csv --sensor a --time time --value value $option \
			./in.csv in.csv
		[[ -z $output && $stderr == *"$option and an input name the same file, '"*in.csv"'"* ]]
	done
	cmp in.csv before
}

@test "a stage of each kind keeps them so: a store, a cluster" {
	printf 'bad\n%s\n' $good >in
	printf 'strategy full\nquorum 1\nnode a eg-store %s/n.db\n' "$PWD" >cluster
	for command in 'eg-store a.db' 'eg-replicate cluster'; do
		rm -rf folder
		status=0
		# shellcheck disable=SC2086
		trace ${command%% *} --rejects folder/r ${command#* } <in >out 2>err || status=$?
		[[ $status -eq 65 && $(<out) == "$good" ]]
		# The node of a cluster has receipts of its own, before.
		[[ $(steps trace | grep -v '^receipt' | xargs) == 'write sync folder' ]]
		[[ $(steps trace | tail -n 1) == receipt ]]
	done
}

@test "eg-decode keeps them before a later record is written" {
	printf 'bad\n{"v":1,"t":"2026-01-01T00:00:00"}\n' >in
	status=0
	trace eg-decode --rejects folder/r --sensor a --value .v --time-path .t json <in >out 2>err ||
		status=$?
	[[ $status -eq 65 && $(<out) == "$good" ]]
	[[ $(steps trace | xargs) == 'write sync folder receipt' ]] || { steps trace; cat trace; return 1; }
}

@test "eg-import keeps them before a later record is written" {
	printf 't,v\nbad,1\n2026-01-01T00:00:00,1\n' >in
	status=0
	trace eg-import --rejects folder/r csv --sensor a --value v --time t in >out 2>err || status=$?
	[[ $status -eq 65 && $(<out) == "$good" ]]
	[[ $(steps trace | xargs) == 'write sync folder receipt' ]] || { steps trace; cat trace; return 1; }
}

@test "a flood of refused lines costs a sync a batch, not one a line" {
	awk 'BEGIN { for (i = 0; i < 20000; i++) printf "bad\na:2026-01-01T%02d:%02d:%02d:1\n", i / 3600, i / 60 % 60, i % 60 }' >in
	status=0
	trace passthrough --rejects folder/r <in >out 2>err || status=$?
	[[ $status -eq 65 && $(wc -l <out) -eq 20000 && $(grep -c '^bad' folder/r) -eq 20000 ]]
	syncs=$(steps trace | grep -c sync)
	writes=$(steps trace | grep -c write)
	echo "$syncs syncs, $writes writes"
	((syncs > 0 && syncs < 400 && writes < 800))
}

@test "a full disk is waited for: no receipt comes out before the refused line is kept" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers want to be loaded first"
	mkdir faults disk
	printf 'bad\n%s\n' $good >in
	mkfifo pipe
	EG_FAULTS=$PWD/faults EG_FAULTS_DISK=$PWD/disk LD_PRELOAD=$PRELOAD \
		passthrough --rejects disk/r <pipe >out 2>err 3>&- &
	PID=$!
	exec 7>pipe
	wait_until test -e disk/r
	: >faults/enospc
	cat in >&7
	wait_until grep -q "cannot keep refused lines in 'disk/r': No space left on device" err
	[[ ! -s out ]]
	rm faults/enospc
	wait_until test -s out
	grep -q "refused lines are kept in 'disk/r' again" err
	grep -qx bad disk/r
	exec 7>&-
	status=0
	wait $PID || status=$?
	PID=
	[[ $status -eq 65 && $(<out) == "$good" ]]
}

@test "with --timeout a disk that stays full is given up, also at the end of the grace period" {
	printf 'bad\n%s\n' $good >in
	run --separate-stderr -75 timeout 60 passthrough --rejects /dev/full --timeout 300ms <in
	[[ -z $output && $stderr == *"gave up waiting for room for refused lines"* ]]
	mkfifo pipe
	passthrough --rejects /dev/full --grace 300ms <pipe >out 2>err 3>&- &
	PID=$!
	exec 7>pipe
	cat in >&7
	wait_until grep -q 'cannot keep refused lines' err
	kill -TERM $PID
	status=0
	wait $PID || status=$?
	PID=
	[[ $status -eq 75 && ! -s out ]]
}

# Asks for the counters; the program must live on.
counters() { kill -USR1 "$PID" && sleep 0.05 && grep -q "$1" err; }

@test "a FIFO that nobody reads is waited for, and SIGUSR1 is answered meanwhile" {
	mkfifo rejects pipe
	exec 8<>rejects # a reader that does not read
	command passthrough --rejects rejects <pipe >out 2>err 3>&- 8>&- &
	PID=$!
	exec 7>pipe
	# More than the FIFO holds, with the reasons; less than the input's pipe.
	awk 'BEGIN { for (i = 0; i < 4000; i++) print "bad" }' >&7
	echo $good >&7
	wait_until grep -q "cannot keep refused lines in 'rejects': nobody reads it" err
	wait_until counters 'refused [1-9]'
	[[ ! -s out ]]
	# Read, it takes the rest, each line whole.
	exec 7>&-
	timeout 60 cat rejects >kept 3>&- 8>&- &
	wait_until test -s kept # it has opened the FIFO, which is never without a reader
	exec 8>&-
	wait_until test -s out
	status=0
	wait $PID || status=$?
	PID=
	wait
	[[ $status -eq 65 && $(<out) == "$good" ]]
	[[ $(grep -c '^bad$' kept) -eq 4000 && $(grep -vc '^bad$' kept) -eq 4000 ]]
}

@test "what a reason holds for a terminal is not in the file" {
	printf 'bad\x1b[31m\n' | run --separate-stderr -65 passthrough --rejects r
	run grep -c $'^#.*\x1b' r
	[[ $output == 0 ]]
}
