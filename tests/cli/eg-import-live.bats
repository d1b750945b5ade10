#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-import on a pipe that goes on slowly, as `tail -f log.csv | eg-import ...`. Needs no server.
# shellcheck disable=SC2154,SC2164,SC2016 # bats sets stderr; cd fails the test; bash -c expands
bats_require_minimum_version 1.5.0
load ../wait.bash

setup() {
	PATH="$EG_BIN:$PATH"
	PID=
	cd "$BATS_TEST_TMPDIR"
	mkfifo pipe
}

teardown() {
	[ -z "$PID" ] || kill -KILL "$PID" 2>/dev/null || true
}

# Starts `eg-import` with the arguments; what is written to descriptor 4 is its input.
begin() {
	anew out err
	eg-import "$@" <pipe >out 2>err 3>&- &
	PID=$!
	exec 4>pipe
}

# Ends its input; its status becomes $status.
finish() {
	exec 4>&-
	status=0
	wait "$PID" || status=$?
	PID=
}

@test "a lone row comes out at once, the first one, too" {
	begin csv -n -F epoch -t 1 -y 2 -S s
	printf '1700000000,5\n' >&4
	wait_until has_lines out 1
	printf '1700000001,6\n1700000002,7' >&4
	wait_until has_lines out 2
	printf '8\n' >&4
	wait_until has_lines out 3
	finish
	[ "$status" -eq 0 ]
	[ "$(<out)" = $'s:2023-11-14T22:13:20:5\ns:2023-11-14T22:13:21:6\ns:2023-11-14T22:13:22:78' ]
}

@test "a row with a line end within quotes comes out when it is whole" {
	begin csv -t t -F epoch -y v -S s
	printf 't,v,note\n1700000000,5,"a\n' >&4
	printf 'b"\n1700000001,6,c\n' >&4
	wait_until has_lines out 2
	finish
	[ "$status" -eq 0 ]
	[ "$(wc -l <out)" -eq 2 ]
}

@test "columns in another encoding come out at once" {
	begin csv -t t -F epoch -y v -c s --encoding latin1
	printf 't,s,v\n1700000000,K\xfcche,5\n' >&4
	wait_until has_lines out 1
	finish
	[ "$(<out)" = Küche:2023-11-14T22:13:20:5 ]
}

@test "a day of NEM12 comes out when the next one begins" {
	begin nem12
	day=$(printf ',%d' {1..48})
	printf '100,NEM12,200405011135,MDA1,Ret1\n200,N1,E1Q1,1,E1,N1,METSER,kWh,30,\n' >&4
	printf '300,20040201%s,A,,,,\n300,20040202%s,A,,,,\n' "$day" "$day" >&4
	wait_until has_lines out 48
	printf '900\n' >&4
	finish
	[ "$status" -eq 0 ]
	[ "$(wc -l <out)" -eq 96 ]
}

@test "a refused row is kept in the file of --rejects at once" {
	begin --rejects bad csv -t t -F epoch -y v -S s
	printf 't,v\nx,5\n' >&4
	wait_until has_lines bad 2
	finish
	[ "$status" -eq 65 ]
	[ "$(tail -n 1 bad)" = x,5 ]
}

@test "--progress with --sort counts as written what was written" {
	begin --progress --sort csv -t t -F epoch -y v -S s
	printf 't,v\n1700000000,5\n1700000001,6\n1700000001,6\n' >&4
	wait_until grep -q 'in 3, out 0, refused 0, pending 3' err
	finish
	[ "$status" -eq 0 ]
	grep -q 'in 3 = out 3 + refused 0 + pending 0' err
}

@test "--progress and --metrics go on while the pipe is silent" {
	begin --progress --metrics counters csv -t t -F epoch -y v -S s
	printf 't,v\n1700000000,5\n' >&4
	wait_until grep -q 'in 1, out 1, refused 0, pending 0' err
	wait_until grep -q '^energyguard_records_out_total{program="eg-import"} 1' counters
	finish
	[ "$status" -eq 0 ]
}

@test "SIGUSR1 prints the counters once; then it sleeps on" {
	begin csv -t t -F epoch -y v -S s
	printf 't,v\n1700000000,5\n' >&4
	wait_until has_lines out 1
	kill -USR1 "$PID"
	wait_until grep -q 'in 1 = out 1 + refused 0 + pending 0' err
	wait_until grep -q '^State:.*sleeping' "/proc/$PID/status"
	before=$(awk '{ print $14 + $15 }' "/proc/$PID/stat")
	sleep 1
	[ $(($(awk '{ print $14 + $15 }' "/proc/$PID/stat") - before)) -lt 20 ]
	finish
	[ "$(wc -l <err)" -eq 1 ]
}

@test "a reader that goes away ends it, though no row comes" {
	exec 4<>pipe
	bash -c 'eg-import csv -t t -F epoch -y v -S s <pipe 4>&- 2>err | head -n 1 >first; echo "${PIPESTATUS[0]}" >status' 3>&- 4>&- &
	PID=$!
	printf 't,v\n1700000000,5\n' >&4
	wait_until has_lines status 1
	exec 4>&-
	PID=
	[ "$(<status)" -eq 74 ]
	[ "$(<first)" = s:2023-11-14T22:13:20:5 ]
	[ ! -s err ]
}

# Gives it BYTES, whose last row is not whole, and stops it when LINES records are out.
stop_amid_row() { # LINES BYTES ARG...
	begin --rejects bad "${@:3}"
	printf '%b' "$2" >&4
	wait_until has_lines out "$1"
	[ "$1" -gt 0 ] || wait_until grep -q '^State:.*sleeping' "/proc/$PID/status"
	kill -TERM "$PID"
	wait_until gone "$PID"
	finish
	[ "$status" -eq 75 ]
	[ "$(wc -l <out)" -eq "$1" ]
	[ ! -s bad ]
	[ "$(<err)" = 'eg-import: fatal: ended by a signal; not all rows were read' ] || { cat err; return 1; }
}

gone() {
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.*zombie' "/proc/$1/status"
}

@test "a signal amid a row: it is neither printed nor refused" {
	stop_amid_row 1 't,v\n2024-01-01,1\n2024-01-02,2' csv -t t -y v -S s
	stop_amid_row 1 't,v\n2024-01-01,1\n2024-01-0' csv -t t -y v -S s
	stop_amid_row 1 't,v\n2024-01-01,1\n2024-01-02,2' csv -t t -y v -S s --encoding latin1
	stop_amid_row 1 't,v,n\n2024-01-01,1,x\n2024-01-02,2,"a\nb' csv -t t -y v -S s
	stop_amid_row 2 'd,00:00,12:00\n2024-01-01,1,2\n2024-01-02,3,4' csv --wide -t d -S s
	stop_amid_row 1 '1700000000,1\n1700000001,2' emoncms
	stop_amid_row 0 'a report\n\nt,' csv -t t -y v -S s
	stop_amid_row 1 't,v\n2024-01-01,1\nTotal,1\nx,y,z\nSu' csv -t t -y v -S s
}

@test "a signal before the last records of a day of NEM12, and amid a block of Green Button" {
	day=$(printf ',%d' {1..48})
	stop_amid_row 48 "100,NEM12,200405011135,MDA1,Ret1\n200,N1,E1Q1,1,E1,N1,METSER,kWh,30,\n300,20040201$day,A,,,,\n300,20040202$day,V,,,,\n400,1,40,A,,\n400,41,4" nem12
	stop_amid_row 1 '<feed><entry><link rel="self" href="T/ReadingType/1"/><ReadingType><flowDirection>1</flowDirection><uom>72</uom></ReadingType></entry><entry><IntervalBlock><IntervalReading><start>1704103200</start><value>5</value></IntervalReading><IntervalReading><start>1704104100</start><value>2' green-button
}
