#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The forms of CSV files that eg-import takes: times, headers, marks between thousands, wide files.
# Needs no server.
# shellcheck disable=SC2154,SC2164 # bats sets stderr; cd fails the test

bats_require_minimum_version 1.5.0
load exports

@test "each hour of the 12-hour clock is read, with and without a zero" {
	local h rows='t,v\n' want=
	for h in 12 1 2 3 4 5 6 7 8 9 10 11; do
		rows+="1/5/2024 $h:30 AM,$h\n1/5/2024 $(printf %02d "$h"):45 p.m.,$h\n"
		want+="v:2024-01-05T$(printf %02d $((h % 12))):30:00:$h\n"
		want+="v:2024-01-05T$(printf %02d $((h % 12 + 12))):45:00:$h\n"
	done
	gives "$rows" "$want" csv -t t -y v -F '%m/%d/%Y %I:%M %p'
}

@test "a time format that cannot be meant is wrong usage" {
	local form
	for form in '%Y-%m-%d %H:%M %p' '%Y-%m-%d %I:%M' '%Y-%m-%d %d' '%y-%Y-%m-%d' '%b-%m-%d-%Y' \
		'%H:%I %p %Y-%m-%d' '%Y-%m-%d %M' '%Y-%m-%d %H %S' '%s %Y' '%Y%m' %; do
		run --separate-stderr eg-import csv -t t -y v -F "$form" </dev/null
		[ "$status" -eq 64 ] || { echo "$form: $status"; return 1; }
	done
}

@test "the repeated hour in pairs, and in pairs that fall" {
	gives 't,v\n2023-10-29 01:30,1\n2023-10-29 02:00,2\n2023-10-29 02:00,3\n2023-10-29 02:30,4\n2023-10-29 02:30,5\n2023-10-29 03:00,6\n' \
		's:2023-10-28T23:30:00:1\ns:2023-10-29T00:00:00:2\ns:2023-10-29T01:00:00:3\ns:2023-10-29T00:30:00:4\ns:2023-10-29T01:30:00:5\ns:2023-10-29T02:00:00:6\n' \
		csv -S s -t t -y v -z Europe/Brussels
	gives 't,v\n2023-10-29 03:00,6\n2023-10-29 02:30,5\n2023-10-29 02:30,4\n2023-10-29 02:00,3\n2023-10-29 02:00,2\n2023-10-29 01:30,1\n' \
		's:2023-10-29T02:00:00:6\ns:2023-10-29T01:30:00:5\ns:2023-10-29T00:30:00:4\ns:2023-10-29T01:00:00:3\ns:2023-10-29T00:00:00:2\ns:2023-10-28T23:30:00:1\n' \
		csv -S s -t t -y v -z Europe/Brussels
	refuses 't,v\n2023-10-29 02:00,2\n2023-10-29 02:00,3\n2023-10-29 02:30,4\n2023-10-29 02:30,5\n2023-10-29 02:30,6\n2023-10-29 02:00,7\n' \
		's:2023-10-29T00:00:00:2\ns:2023-10-29T01:00:00:3\ns:2023-10-29T00:30:00:4\ns:2023-10-29T01:30:00:5\n' \
		csv -S s -t t -y v -z Europe/Brussels
}

@test "a date alone begins at the first instant of its day" {
	gives 't,v\n2024-04-26,1\n2024-04-27,2\n' 's:2024-04-25T22:00:00:1\ns:2024-04-26T21:00:00:2\n' \
		csv -S s -t t -y v -z Africa/Cairo
}

@test "offsets behind a blank, UTC, and fixed offsets of --tz" {
	gives 't,v\n2024-06-01 00:00 +0200,1\n2024-06-01 00:30 utc,2\n2024-06-01 01:00,3\n' \
		's:2024-05-31T22:00:00:1\ns:2024-06-01T00:30:00:2\ns:2024-05-31T19:30:00:3\n' \
		csv -S s -t t -y v -z +05:30
}

@test "24:00 is the next midnight, in both kinds of form, and 24:01 is no time" {
	refuses 't,v\n31/12/2024 24:00,1\n31/12/2024 24:01,2\n' 's:2025-01-01T00:00:00:1\n' \
		csv -S s -t t -y v -F '%d/%m/%Y %H:%M'
}

@test "a missing word costs its own value, and other words cost the row" {
	refuses 't,a,b\n2024-01-01,unavailable,1\n2024-01-02,null,2\n2024-01-03,?,3\n' \
		'b:2024-01-01T00:00:00:1\nb:2024-01-02T00:00:00:2\n' \
		csv -t t -y a -y b --missing unavailable --missing unknown
}

@test "marks between thousands: groups of three or nothing" {
	gives "t;v\n2024-01-01;1'234'567.5\n2024-01-02;12\n" 's:2024-01-01T00:00:00:1234567.5\ns:2024-01-02T00:00:00:12\n' \
		csv -d ';' -S s -t t -y v --thousands "'"
	gives 't;v\n2024-01-01;-1\xc2\xa0234,5\n2024-01-02;1\xe2\x80\xaf000\n' 's:2024-01-01T00:00:00:-1234.5\ns:2024-01-02T00:00:00:1000\n' \
		csv -d ';' -D -S s -t t -y v --thousands blank
	refuses 't;v\n2024-01-01;1,23\n2024-01-02;,123\n2024-01-03;1234,567\n2024-01-04;1,2345\n2024-01-05;1,,234\n2024-01-07;0,123\n2024-01-06;12,345.6\n' \
		's:2024-01-06T00:00:00:12345.6\n' csv -d ';' -S s -t t -y v --thousands ,
}

@test "lines in front of the header, units below it, totals at the end" {
	gives 'Name,House\n\nAddress,"1, Road"\nt,v\n(local),(kWh)\n2024-01-01,1\nTotal,1\n,average 3\n' \
		's:2024-01-01T00:00:00:1\n' csv -S s -t t -y v
	[[ $stderr == *'input.csv:5: passed over, as units below the header'* ]]
	[[ $stderr == *'input.csv:7: 2 lines of totals or remarks at the end passed over'* ]]
	# Before the end it is a row like others: refused.
	refuses 't,v\n2024-01-01,1\nTotal,1\n2024-01-02,2\n' 's:2024-01-01T00:00:00:1\ns:2024-01-02T00:00:00:2\n' \
		csv -S s -t t -y v
}

@test "sep= names the delimiter, and quoted fields hold line ends" {
	gives 'sep=;\nt;"a\nb"\n2024-01-01;1\n' 's:2024-01-01T00:00:00:1\n' csv -S s -t t -y $'a\nb'
	gives 't,n,v\n2024-01-01,"x\ny",1\n2024-01-02,z,2\n' 'x_y:2024-01-01T00:00:00:1\nz:2024-01-02T00:00:00:2\n' \
		csv -c n -t t -y v
	refuses 't,n,v\n2024-01-01,"x,1\n2024-01-02,z,2\n' 'z:2024-01-02T00:00:00:2\n' csv -c n -t t -y v
	[[ $stderr == *':2: a quote is not closed'* ]]
}

@test "an unclosed quote in front of a megabyte costs one row" {
	{ echo 't,n,v'; echo '2024-01-01,"x,1'; for _ in {1..2000}; do printf '2024-01-02,%0200d,2\n' 1; done; } >input.csv
	run --separate-stderr eg-import csv -c n -t t -y v input.csv
	[ "$status:${#lines[@]}" = 65:2000 ]
}

@test "encodings are converted, and compressed files and spreadsheets are named" {
	printf 't;D\xe9bit\n2024-01-01;1\n' >latin.csv
	run --separate-stderr eg-import csv -d ';' -t t -y Débit --encoding latin1 latin.csv
	[ "$status:$output" = '0:Débit:2024-01-01T00:00:00:1' ]
	printf 't;Débit\n2024-01-01;1\n' | iconv -t utf-16 >wide.csv
	run --separate-stderr eg-import csv -d ';' -t t -y Débit --encoding utf-16 wide.csv
	[ "$status:$output" = '0:Débit:2024-01-01T00:00:00:1' ]
	run --separate-stderr eg-import csv -t t -y v --encoding klingon wide.csv
	[ "$status" -eq 64 ]
	gzip -c latin.csv >x.gz
	printf 'PK\3\4xxxxxxxx' >x.xlsx
	run --separate-stderr eg-import csv -t t -y v x.gz x.xlsx
	[ "$status:$output" = 65: ]
	[[ $stderr == *'x.gz:1: this is a gzip file'*'x.xlsx:1: this is a spreadsheet'* ]]
}

@test "what is another format is called by its name" {
	called() { # WORDS BYTES
		printf '%b' "$2" >x
		run --separate-stderr eg-import csv -t t -y v --rejects r x
		[[ $status == 65 && -z $output && $stderr == *"x:"*": this is $1"* ]] || { echo "$status:$stderr"; return 1; }
	}
	called 'UTF-16; convert it to UTF-8 first, or use --encoding utf-16le' 't\0,\0v\0\n\0a\0,\0b\0\n\0'
	called 'UTF-16; convert it to UTF-8 first, or use --encoding utf-16be' '\0t\0,\0v\0\n\0a\0,\0b\0\n'
	called 'UTF-16; ' '\xff\xfet\0,\0v\0'
	called 'a gzip file' '\x1f\x8b0123456789'
	called 'a bzip2 file' 'BZh91AY&SY'
	called 'a zstd file' '\x28\xb5\x2f\xfd0123456'
	called 'an xz file' '\xfd7zXZ\0012345'
	called 'an SQLite database; query it' 'SQLite format 3\0\020\0'
	called 'a PDF' '%PDF-1.4\n%xxxx\n'
	called 'SML, a meter'\''s telegrams; give it to eg-decode sml' '\x1b\x1b\x1b\x1b\1\1\1\1v\a'
	called 'JSON; give it to eg-decode json' ' {\n "a": 1}\n'
	called 'JSON' '[{"t":"2024-01-01","v":1}]\n'
	called 'XML; convert it' '\xef\xbb\xbf<?xml version="1.0"?><a/>\n'
	called 'XML; if it is Green Button'\''s, use the format green-button' '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"/>\n'
	called HTML '<!DOCTYPE html>\n<html>\n'
	called 'telegrams of a meter' '/ISk5\\MT382\r\n\r\n1-0:1.8.1(1*kWh)\r\n!\r\n'
	called 'a text whose lines end in CR alone' 't,v\r2024-01-01,1\r'
	# What begins so and is CSV all the same is read.
	gives '<DATE>,[v]\n2024-01-01,1\n' '[v]:2024-01-01T00:00:00:1\n' csv -t '<DATE>' -y '[v]'
	gives '[t],v\n2024-01-01,1\n' 'v:2024-01-01T00:00:00:1\n' csv -t '[t]' -y v
}

@test "empty columns too many, a header that comes again, remarks: no readings, and no faults" {
	gives 't,v\n2024-01-01,1,,\n2024-01-02,2,,,,,\n' 'v:2024-01-01T00:00:00:1\nv:2024-01-02T00:00:00:2\n' csv -t t -y v
	refuses 't,v\n2024-01-01,1,,3\n' '' csv -t t -y v
	gives 't,v\n2024-01-01,1\nt,v\n2024-01-02,2\n' 'v:2024-01-01T00:00:00:1\nv:2024-01-02T00:00:00:2\n' csv -t t -y v
	gives 't;v;w\n2024-01-01;1;2\n;;\nCreated with an app;;\nhttps://nowhere.example/x;;\n' 'v:2024-01-01T00:00:00:1\n' csv -d ';' -t t -y v
	[[ $stderr == *'input.csv:4: 2 lines of totals or remarks at the end passed over'* ]]
	refuses 't;v\n2024-01-01;1\nA remark here;\n2024-01-02;2\n' 'v:2024-01-01T00:00:00:1\nv:2024-01-02T00:00:00:2\n' csv -d ';' -t t -y v
	refuses 't;v\n2024-01-01;1\n2024-01-0\n' 'v:2024-01-01T00:00:00:1\n' csv -d ';' -t t -y v
	# Sections with lines in front of a header each, and empty rows between remarks.
	gives 'All of it\nt,v\n2024-01-01,1\n===\n Part 2\nfrom:,x,y,z\nt,v\n2024-01-02,2\n' 'v:2024-01-01T00:00:00:1\nv:2024-01-02T00:00:00:2\n' csv -t t -y v
	refuses 't,v\n2024-01-01,1\n===\n2024-01-02,2\n' 'v:2024-01-01T00:00:00:1\nv:2024-01-02T00:00:00:2\n' csv -t t -y v
	refuses 't,v\n2024-01-01,1\n===\nTotal,3\n' 'v:2024-01-01T00:00:00:1\n' csv -t t -y v
	gives 't;v;w\n2024-01-01;1;2\nMade by us;;\n;;\nWith love;;\n' 'v:2024-01-01T00:00:00:1\n' csv -d ';' -t t -y v
	gives '# made by a logger\n# time value\n1700000000 5\n' 's:2023-11-14T22:13:20:5\n' csv -n -d blank -F epoch -S s -t 1 -y 2
}

@test "a key that comes again with another value is told, with the same value it is not" {
	gives 't,v\n2024-01-01,1\n2024-01-01,1\n2024-01-01,2\n2024-01-01,3\n' \
		's:2024-01-01T00:00:00:1\ns:2024-01-01T00:00:00:1\ns:2024-01-01T00:00:00:2\ns:2024-01-01T00:00:00:3\n' \
		csv -S s -t t -y v
	[[ $stderr == *'input.csv:4: a record replaces one with the same key and another value'* ]]
	[[ $stderr == *'2 records replace one'* ]]
	gives 't,v\n2024-01-01,1\n2024-01-01,1\n' 's:2024-01-01T00:00:00:1\ns:2024-01-01T00:00:00:1\n' csv -S s -t t -y v
	[ -z "$stderr" ]
}

@test "--where keeps rows, and --shift moves times" {
	gives 't,k,v\n2024-01-01 00:15,a,1\n2024-01-01 00:30,b,2\n2024-01-01 00:45,a,3\n' \
		's:2024-01-01T00:00:00:1\ns:2024-01-01T00:30:00:3\n' csv -S s -t t -y v --where k=a --shift -15m
	gives 't,k,v\n2024-01-01,a,1\n2024-01-02,b,2\n' 's:2024-01-02T00:00:00:2\n' csv -S s -t t -y v --where 'k!=a'
	run --separate-stderr eg-import csv -S s -t t -y v --where k input.csv
	[ "$status" -eq 64 ]
	run --separate-stderr eg-import csv -S s -t t -y v --shift 0.5 input.csv
	[ "$status" -eq 64 ]
}

@test "wide files: zeros of the hour that was left out are no readings, others are refused" {
	gives 'd;01:00;02:00;03:00\n2024-03-31;1;0,000;3\n' 's:2024-03-31T00:00:00:1\ns:2024-03-31T01:00:00:3\n' \
		csv --wide -d ';' -D -S s -t d -z Europe/Rome
	refuses 'd;01:00;02:00;03:00\n2024-03-31;1;2;3\n2024-04-01;1;;\n' 's:2024-03-31T23:00:00:1\n' \
		csv --wide -d ';' -D -S s -t d -z Europe/Rome
	run --separate-stderr eg-import csv --wide -S s -t d -y 2 input.csv
	[ "$status" -eq 64 ]
}

@test "--head ends after so many rows and shows the columns" {
	gives 't,n,v\n2024-01-01,a,1\n2024-01-02,a,2\n2024-01-03,a,3\n' 'a:2024-01-01T00:00:00:1\na:2024-01-02T00:00:00:2\n' \
		csv -c n -t t -y v --head 2
	[[ $stderr == *"input.csv:1: the header, 3 columns, times as iso"* ]]
	[[ $stderr == *"column 1, 't': the time"*"column 2, 'n': the sensor"*"column 3, 'v': values"* ]]
}

@test "options stand before and behind operands, and -- ends them" {
	gives 't,v\n2024-01-01,1\n' 's:2024-01-01T00:00:00:1\n' -S s csv -t t -y v --
	cp input.csv ./-t
	run --separate-stderr eg-import csv -t t -y v -- -t
	[ "$status:$output" = '0:v:2024-01-01T00:00:00:1' ]
}

@test "a signal ends it, and says that not all was read" {
	mkfifo f
	eg-import csv -t t -y v <f >out 2>err & pid=$!
	exec 5>f
	printf 't,v\n2024-01-01,1\n' >&5
	await 60 asleep "$pid" eg-import
	kill -TERM $pid
	await 60 gone $pid || kill -KILL $pid
	status=0
	wait $pid || status=$?
	exec 5>&-
	[ "$status" -eq 75 ]
	grep -q 'ended by a signal' err
}

@test "more forms of times: names of days and months, the rest, several forms" {
	gives 't;v\nWed 31 Jan 2024 10:00;1\nSunday 4 February 2024 9:05;2\n' 's:2024-01-31T10:00:00:1\ns:2024-02-04T09:05:00:2\n' \
		csv -d ';' -S s -t t -y v -F '%a %d %b %Y %k:%M'
	gives 't;v\nJanuary 5, 2024, 9:05 p.m.;1\n' 's:2024-01-05T21:05:00:1\n' csv -d ';' -S s -t t -y v -F '%B %e, %Y, %l:%M %P'
	gives 't;v\n2025-10-19 00:15 to 2025-10-19 00:30;1\n2025-10-19 00:30;2\n5/1/2024;3\n' \
		's:2025-10-19T00:15:00:1\ns:2025-10-19T00:30:00:2\ns:2024-01-05T00:00:00:3\n' \
		csv -d ';' -S s -t t -y v -F '%Y-%m-%d %H:%M%*' -F '%d/%m/%Y'
	refuses 't;v\n31. Foo 2024;1\n' '' csv -d ';' -t t -y v -F '%d. %b %Y'
	run --separate-stderr eg-import csv -t t -y v -F '%Y-%m-%d %* %H' input.csv
	[ "$status" -eq 64 ]
	gives 't;v\n2024-01-31 10:00 GMT;\xe2\x88\x925\n' 's:2024-01-31T10:00:00:-5\n' csv -d ';' -S s -t t -y v -z Europe/Rome
}

@test "intervals are numbered in each day as long as it is" {
	refuses '2024-10-27;1;1\n2024-10-27;4;2\n2024-10-27;25;3\n2024-03-31;H23;4\n2024-03-31;24;5\n2024-03-31;0;6\n2024-03-31;x;7\n' \
		's:2024-10-26T22:00:00:1\ns:2024-10-27T01:00:00:2\ns:2024-10-27T22:00:00:3\ns:2024-03-31T21:00:00:4\n' \
		csv -n -d ';' -S s -t 1 -t 2 --interval 1h -z Europe/Madrid -y 3
	gives 'd;H01;H02;H24;H25\n2024-10-27;1;2;24;25\n2024-03-31;1;2;0;\n' \
		's:2024-10-26T22:00:00:1\ns:2024-10-26T23:00:00:2\ns:2024-10-27T21:00:00:24\ns:2024-10-27T22:00:00:25\ns:2024-03-30T23:00:00:1\ns:2024-03-31T00:00:00:2\n' \
		csv --wide -d ';' -S s -t d --interval 1h -z Europe/Madrid
	run --separate-stderr eg-import csv -t 1 --interval 1h -y 2 -n input.csv
	[ "$status" -eq 64 ]
}

@test "columns of wide files are named by times in other ways, too" {
	local name
	for name in 0015 00h15 '12:15 AM' '00:15 - 00:30' 0:15; do
		gives "d,x,$name\n2024-01-01,1,2\n" 's:2024-01-01T00:15:00:2\n' csv --wide -t d -S s || { echo "$name"; return 1; }
	done
}

@test "all other columns hold values" {
	gives 'time;MT_001;MT_002;note\n2011-01-01 00:15:00;0,5;1,5;x\n' \
		'MT_001:2011-01-01T00:15:00:0.5\nMT_002:2011-01-01T00:15:00:1.5\n' csv -d ';' -D -t time -y '*' -y note
	gives 'time;a;b\n2011-01-01;0.5;1.5\n' 'x/a:2011-01-01T00:00:00:500\nx/b:2011-01-01T00:00:00:1500\n' \
		csv -d ';' -S x -t time -y '*' -x 1000
	{ printf t; printf ',c%s' {1..370}; printf '\n2024-01-01'; printf ',%s' {1..370}; echo; } >input.csv
	run --separate-stderr eg-import csv -t t -y '*' input.csv
	[ "$status:${#lines[@]}:${lines[369]}" = '0:370:c370:2024-01-01T00:00:00:370' ]
}
