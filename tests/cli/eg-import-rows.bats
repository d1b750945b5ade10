#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The rows that eg-import reads, refuses and keeps, and how it ends. Needs no server.
# shellcheck disable=SC2154,SC2164,SC2016 # bats sets stderr; cd fails the test; bash -c expands

bats_require_minimum_version 1.5.0
load import
load ../wait

@test "a quote that is not closed in a line of 300 KB costs that line alone" {
	printf -v nines '%0300000d' 9
	import "t,v\n2026-01-01,\"$nines\n2026-01-02,3\n" -t t -y v -S s
	[ "$status" -eq 65 ]
	is "$output" "s:2026-01-02T00:00:00:3"
	[[ $stderr == *"input.csv:2: a quote is not closed"* ]]
}

@test "a line longer than 2 MiB is refused alone" {
	{ printf 't,v\n2026-01-01,'; head -c 3000000 /dev/zero | tr '\0' 9; printf '\n2026-01-02,3\n'; } >input.csv
	run --separate-stderr eg-import csv -t t -y v -S s --rejects bad input.csv
	[ "$status" -eq 65 ]
	is "$output" "s:2026-01-02T00:00:00:3"
	[[ $stderr == *"input.csv:2: the line is longer than 2 MiB"* ]]
	grep -q 'longer than 2 MiB' bad
}

@test "quoted fields hold delimiters and doubled quotes" {
	import '"t","a ""b"", c",n\n"2024-01-01 00:00","1.5","x, ""y"""\n' -t t -y 'a "b", c' -c n
	is "$status$stderr" 0
	is "$output" 'x, "y":2024-01-01T00:00:00:1.5'
	import 't,v\n"2024-01-01 00:00,1\n2024-01-01 00:00,"1"2\n' -t t -y v
	is "$status:$output" 65:
	[[ ${stderr_lines[0]} == *"a quote is not closed"* && ${stderr_lines[1]} == *"text behind a closing quote"* ]]
}

@test "a byte order mark, CRLF ends and a last line without an end are read" {
	import '\xef\xbb\xbft,v\r\n2024-01-01 00:00,1\r\n\r\n2024-01-01 00:01,2' -t t -y v
	is "$status$stderr" 0
	is "$output" "v:2024-01-01T00:00:00:1
v:2024-01-01T00:01:00:2"
}

@test "rows with an empty value are skipped and counted" {
	import 't,v,w\n2024-01-01 00:00,,1\n2024-01-01 00:01,,\n,,\n2024-01-01 00:02,2,""\n' -t t -y v -y w
	is "$status" 0
	is "$output" "w:2024-01-01T00:00:00:1
v:2024-01-01T00:02:00:2"
	is "$stderr" "eg-import: warning: 6 empty values skipped"
}

@test "a row with a wrong number of columns is refused; a delimiter at the end is none" {
	import 't,v\n2024-01-01 00:00\n2024-01-01 00:00,1,2\n2024-01-01 00:00,3,\n' -t t -y v
	is "$status:$output" "65:v:2024-01-01T00:00:00:3"
	[[ ${stderr_lines[0]} == *":2: 1 columns where 2 are wanted: '2024-01-01 00:00'" ]]
	[[ ${stderr_lines[1]} == *" 2 rows refused: 1 columns where 2 are wanted (first: input.csv:2)" ]]
}

@test "a row that ends before its last values lacks them; without a value, or at the end of the file, it is refused" {
	import 't,v,w\n2024-01-01 00:00,1\n2024-01-01 00:01\n2024-01-01 00:02,2,3\n2024-01-01 00:03,4' -t t -y v -y w
	is "$status:$output" "65:v:2024-01-01T00:00:00:1
v:2024-01-01T00:02:00:2
w:2024-01-01T00:02:00:3"
	[[ ${stderr_lines[0]} == *":3: 1 columns where 3 are wanted: '2024-01-01 00:01'" ]]
	[[ $stderr == *" 1 empty values skipped"* && $stderr == *" 2 rows refused: "* ]]
	import 'Jan 5 2024,1\nt,v,w,n\nJan 6 2024,1,2\nJan 7 2024,1,2,x\n' -F '%b %d %Y' -t t -y v -c n
	is "$status:$output" "65:x:2024-01-07T00:00:00:1"
	import 't,v,w\nJan 6 2024,1\n' -F '%b %d %Y' -t t -y v -y w
	is "$status:$output" "0:v:2024-01-06T00:00:00:1"
}

@test "one bad value refuses the whole row" {
	import 't,v,w\n2024-01-01 00:00,1,x\n2024-01-01 00:01,2,3\n' -t t -y v -y w
	is "$status:${#lines[@]}" 65:2
	[[ $output != *T00:00:00* ]]
}

@test "10,000 refused rows: the first of each reason, a count of each, and all of them kept" {
	{
		printf 't,v\nx,1\n2024-01-01,1\n2024-01-02,y\n1,2,3\n'
		for _ in {1..3333}; do printf 'x,1\n2024-01-02,y\n1,2,3,4\n'; done
	} >input.csv
	run --separate-stderr eg-import csv -t t -y v --rejects r input.csv
	is "$status:$output" "65:v:2024-01-01T00:00:00:1"
	is "$stderr" "eg-import: warning: input.csv:2: not an ISO 8601 date and time: 'x,1'
eg-import: warning: input.csv:4: not a decimal number: '2024-01-02,y'
eg-import: warning: input.csv:5: 3 columns where 2 are wanted: '1,2,3'
eg-import: warning: 3334 rows refused: not an ISO 8601 date and time (first: input.csv:2)
eg-import: warning: 3334 rows refused: not a decimal number (first: input.csv:4)
eg-import: warning: 3334 rows refused: 3 columns where 2 are wanted (first: input.csv:5)"
	is "$(grep -vc '^#' r):$(grep -c '^# input.csv:' r)" 10002:10002
}

@test "--rejects keeps each refused row as it was, behind its reason" {
	import 't,v\nx,1\r\n2024-01-01 00:00,2\n "\x07,3\n' -t t -y v --rejects r
	is "$status" 65
	printf '# input.csv:2: not an ISO 8601 date and time\nx,1\r\n# input.csv:4: not an ISO 8601 date and time\n "\x07,3\n' >want
	cmp r want
	[[ $stderr != *$'\x07'* ]]
	import 't,v\nx,1\n' -t t -y v --rejects r
	is "$(wc -l <r)" 6
	run --separate-stderr eg-import csv -t t -y v --rejects /nowhere/r input.csv
	is "$status" 74
}

@test "long rows are shortened in messages, between characters" {
	import "t,v\n$(printf 'è%.0s' {1..40}),1\n" -t t -y v
	is "$stderr" "eg-import: warning: input.csv:2: not an ISO 8601 date and time: '$(printf 'è%.0s' {1..24})'..."
}

@test "a header in Latin-1 is called one, and the message says how to convert it" {
	import 't,pot\xeancia\n2024-01-01,1\n' -t t -y potência
	is "$status:$output" 65:
	[[ $stderr == *"input.csv:1: the header is not UTF-8; convert the file first, as with iconv -f latin1 -t utf8"* ]]
	iconv -f latin1 -t utf8 input.csv >right.csv
	run --separate-stderr eg-import csv -t t -y potência right.csv
	is "$status:$output" "0:potência:2024-01-01T00:00:00:1"
	# Another column's name does not matter where the wanted ones are there.
	import 't,pot\xeancia,v\n2024-01-01,1,2\n' -t t -y v
	is "$status:$output" "0:v:2024-01-01T00:00:00:2"
	import 't,potência\n2024-01-01,1\n' -t t -y v
	[[ $status -eq 65 && $stderr == *"no column is named 'v'"* ]]
}

@test "what a terminal would obey is in no message" {
	printf 't,v\n\x9b31m\xc2\x9b31m\x1b[31mcaf\xc3\xa9,1\n' >$'evil\x9b\xc2\x9b.csv'
	run --separate-stderr eg-import csv -t t -y v evil*.csv
	is "$status" 65
	is "$stderr" "eg-import: warning: evil  .csv:2: not an ISO 8601 date and time: '?31m?31m?[31mcafé,1'"
}

@test "NUL bytes, UTF-16 and a line of 1 MB are refused without harm" {
	printf 't,v\n2024-01-01,1\0\n2024-\00001-02,2\n' >nul.csv
	run --separate-stderr eg-import csv -t t -y v nul.csv
	is "$status:$output" 65:
	printf '\xff\xfet\0,\0v\0\n\0' >wide.csv
	run --separate-stderr eg-import csv -t t -y v wide.csv
	is "$status:$output" 65:
	[[ $stderr == *"wide.csv:1: this is UTF-16"* ]]
	{ echo t,v; head -c 1000000 /dev/zero | tr '\0' ,; echo; echo 2024-01-01,1; } >long.csv
	run --separate-stderr eg-import csv -t t -y v long.csv
	is "$status:$output" "65:v:2024-01-01T00:00:00:1"
	[[ $stderr == *"long.csv:2: 1000001 columns where 2 are wanted: ',,,"* ]]
}

@test "-v prints the counters" {
	import 't,v\n2024-01-01,1\nx,1\n2025-01-01,1\n' -t t -y v -v -T 2025-01-01
	is "${stderr_lines[1]}" "eg-import: info: 3 rows: 1 records, 1 rows outside --from and --to, 1 refused"
}

@test "a full standard output is an error, not a silent loss" {
	printf 't,v\n2024-01-01,1\n' >x.csv
	for options in '' -s -u -su; do
		run --separate-stderr bash -c 'eg-import csv -t t -y v $0 x.csv >/dev/full' "$options"
		is "$status" 74
		is "$stderr" "eg-import: fatal: cannot write to standard output: No space left on device"
	done
	run --separate-stderr bash -c 'eg-import --help >/dev/full'
	is "$status" 74
}

@test "a reader that goes away ends it quietly" {
	{ echo t,v; yes 2024-01-01,1 | head -n 200000; } >x.csv
	run --separate-stderr bash -c 'eg-import csv -t t -y v x.csv | head -n 1; exit "${PIPESTATUS[0]}"'
	is "$status:$output:$stderr" "74:v:2024-01-01T00:00:00:1:"
}

# The counters in err and in the file m are those of OUT records written, of more that were read.
counts_of() { # OUT
	local in out pending
	read -r in out pending < <(sed -n 's/^eg-import: in \(.*\) = out \(.*\) + refused 0 + pending /\1 \2 /p' err)
	((out == $1 && in > out && in == out + pending)) || { cat err; return 1; }
	grep -q "^energyguard_records_out_total{program=\"eg-import\"} $1\$" m
	grep -q "^eg-import: info: [1-9][0-9]* rows: $in records" err
}

@test "its counters are true when it could not write all" {
	{ echo t,v; yes 2024-01-01,1 | head -n 200000; } >x.csv
	rm -f m && mkfifo pipe
	eg-import -v --progress --metrics m csv -t t -y v x.csv >pipe 2>err 3>&- &
	exec 4<pipe
	wait_until grep -q '^wchar: [0-9]\{5\}' /proc/$!/io
	wait_until grep -q '^State:.*sleeping' /proc/$!/status
	kill -TERM $!
	status=0
	wait $! || status=$?
	[ "$status" -eq 75 ]
	counts_of "$(wc -l <&4)"
	exec 4<&-
	run --separate-stderr bash -c 'eg-import -v --metrics m csv -t t -y v x.csv 2>err >/dev/full'
	[ "$status" -eq 74 ]
	grep -q '^energyguard_records_out_total{program="eg-import"} 0$' m
	grep -q '^eg-import: info: [1-9][0-9]* rows: [1-9]' err
	run bash -c 'eg-import -v --metrics m csv -t t -y v x.csv 2>err | head -n 10000 >/dev/null'
	grep -q '^energyguard_records_out_total{program="eg-import"} [1-9][0-9]\{4\}$' m
	run bash -c 'eg-import -sv --metrics m csv -t t -y v x.csv 2>err | head -n 10000 >/dev/null'
	grep -q '^energyguard_records_in_total{program="eg-import"} 200000$' m
	grep -q '^energyguard_records_out_total{program="eg-import"} [1-9][0-9]\{4\}$' m
}

@test "a file that cannot be read is told before anything is written" {
	printf 't,v\n2024-01-01,1\n' >x.csv
	run --separate-stderr eg-import csv -t t -y v x.csv missing.csv
	is "$status:$output" 74:
	is "$stderr" "eg-import: fatal: cannot open 'missing.csv': No such file or directory"
	run --separate-stderr eg-import csv -t t -y v .
	is "$status:$stderr" "74:eg-import: fatal: cannot read '.': Is a directory"
}

@test "a time zone that does not exist is a wrong configuration" {
	for zone in Europe/Roma ../../etc/passwd CET-1CEST Europe ''; do
		import 't,v\n2024-01-01,1\n' -t t -y v -z "$zone"
		is "$status:$output" 78:
		is "$stderr" "eg-import: fatal: no such time zone: '$zone'"
	done
}

@test "wrong usage is one line and 64" {
	refused() {
		run --separate-stderr eg-import "$@"
		is "$status:$output" 64:
		is "${#stderr_lines[@]}" 1
		[[ $stderr == "eg-import: fatal: "*"; see eg-import --help" ]]
	}
	refused
	refused xml
	refused --nonsense csv
	refused csv -t
	refused csv -y v
	refused csv -t t
	refused csv -t t -y v -S a -c b
	refused csv -t t -y v -U kWh
	refused csv -t t -y v -U kWh:W
	refused csv -t t -y v -x 6
	refused csv -t t -y v -d x
	refused csv -t t -y v --thousands .
	refused csv -t t -y v --thousands , -D
	refused e-distribuzione --thousands ,
	refused enphase -D
	refused shelly-em3 -t t
	refused shelly-em3 -U kWh:Wh
}

@test "--help and --version answer on standard output" {
	run --separate-stderr eg-import --help
	is "$status:${lines[0]}:$stderr" "0:usage: eg-import [options] shelly-em3 [FILE ...]:"
	run --separate-stderr eg-import -V
	[[ $status:$output:$stderr =~ ^0:eg-import\ [0-9.]+:$ ]]
}

@test "numbers with a sign behind, in parentheses or in groups of two, and dates of weeks are refused" {
	import 't,v\n1700000000,5-\n1700000001,(5)\n1700000002,"1,23,456"\n1700000003,"123,456"\n' \
		--thousands , -F epoch -t t -y v -S s
	[ "$status" -eq 65 ]
	[ "$output" = "s:2023-11-14T22:13:23:123456" ]
	[[ $stderr == *"3 rows refused: not a decimal number"* ]]
	import 't,v\n2024-W03-1,5\n' --tz UTC -t t -y v -S s
	[ "$status" -eq 65 ]
	[ -z "$output" ]
	import 't,v\n2024-W03-1,5\n' --tz UTC -F %G-W%V-%u -t t -y v -S s
	[ "$status" -eq 64 ]
}
