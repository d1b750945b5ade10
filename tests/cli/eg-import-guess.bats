#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-import guess: the command line that it proposes works as it stands.
# shellcheck disable=SC2154,SC2164 # bats sets stderr; cd fails the test
bats_require_minimum_version 1.5.0

setup() {
	load ../wait
	PATH="$EG_BIN:$PATH"
	cd "$BATS_TEST_TMPDIR"
}

# Writes a file, has it guessed, and runs the command line that came out.
proposes() { # BYTES COMMAND RECORDS
	printf '%b' "$1" >input.csv
	run --separate-stderr eg-import guess input.csv
	understood=$stderr
	if [ "$status:$output" != "0:eg-import $2 input.csv" ]; then
		printf 'wanted: eg-import %s input.csv\ngot: %s:%s\n%s\n' "$2" "$status" "$output" "$stderr"
		return 1
	fi
	run --separate-stderr bash -c "$output"
	[ "$status:$output" = "0:$(printf '%b' "$3")" ] || { echo "$status:$output"; return 1; }
}

@test "delimiter, header, time and values, decimal comma" {
	proposes 'When;House;Solar\n2024-01-01 00:00;0,5;1,25\n2024-01-01 00:15;0,75;-\n' \
		"csv -d ';' -D --missing - -t When -y House -y Solar" \
		'House:2024-01-01T00:00:00:0.5\nSolar:2024-01-01T00:00:00:1.25\nHouse:2024-01-01T00:15:00:0.75\n'
	[[ $understood == *'no offset and are taken as UTC: give their zone'* ]]
	[[ $understood == *'tried on the whole file: 2 rows, 3 records, 0 refused' ]]
	proposes 't\tv\n2024-01-01T00:00:00+01:00\t5\n2024-01-01T01:00:00+01:00\t6\n' 'csv -d tab -t t -y v' \
		'v:2023-12-31T23:00:00:5\nv:2024-01-01T00:00:00:6\n'
	[[ $understood != *UTC* ]]
	proposes '1700000000 5 1\n1700000010 6 2\n1700000020 7 3\n' 'csv -n -d blank -t 1 -F epoch -S meter -y 2 -y 3' \
		"$(for r in 13:20:5:1 13:30:6:2 13:40:7:3; do IFS=: read -r m s a b <<<"$r"; printf 'meter/column2:2023-11-14T22:%s:%s:%s\nmeter/column3:2023-11-14T22:%s:%s:%s\n' "$m" "$s" "$a" "$m" "$s" "$b"; done)"
}

@test "date and time apart, a name's column, marks between thousands, an identity" {
	proposes 'Meter,Day,At,kWh,Note\n00123,31/01/2024,23:45,"1,234.5",ok\n00123,01/02/2024,00:00,12.0,ok\n' \
		"csv --thousands , -t Day -t At -F '%d/%m/%Y %H:%M' -y kWh" \
		'kWh:2024-01-31T23:45:00:1234.5\nkWh:2024-02-01T00:00:00:12.0\n'
	proposes 'zone,at,kWh\nkitchen,01/31/2024 1:00 PM,1\nattic,01/31/2024 1:00 PM,2\nkitchen,01/31/2024 2:00 PM,3\nattic,01/31/2024 2:00 PM,4\n' \
		"csv -t at -F '%m/%d/%Y %I:%M %p' -c zone -y =kWh" \
		'kitchen:2024-01-31T13:00:00:1\nattic:2024-01-31T13:00:00:2\nkitchen:2024-01-31T14:00:00:3\nattic:2024-01-31T14:00:00:4\n'
}

@test "what could be meant in two ways is said" {
	proposes 't;v\n01/02/2024;1,234\n02/02/2024;5,678\n' "csv -d ';' -D -t t -F %d/%m/%Y -y v" \
		'v:2024-02-01T00:00:00:1.234\nv:2024-02-02T00:00:00:5.678\n'
	[[ $understood == *'day and month could be the other way round'* ]]
	[[ $understood == *'a comma with three digits behind it is taken as the decimal point'* ]]
}

@test "times with AM and PM: month first, or as their numbers say" {
	proposes 't,v\n1/2/2024 1:15 PM,1.5\n1/3/2024 1:15 PM,2.5\n' "csv -t t -F '%m/%d/%Y %I:%M %p' -y v" \
		'v:2024-01-02T13:15:00:1.5\nv:2024-01-03T13:15:00:2.5\n'
	[[ $understood == *'day and month could be the other way round'* ]]
	proposes 't,v\n31/1/2024 11:15:00 PM,1.5\n1/2/2024 1:15:00 AM,2.5\n' "csv -t t -F '%d/%m/%Y %I:%M:%S %p' -y v" \
		'v:2024-01-31T23:15:00:1.5\nv:2024-02-01T01:15:00:2.5\n'
	[[ $understood != *'other way round'* ]]
	proposes 't,v\n1/31/2024 1:15 PM,1.5\n2/1/2024 1:15 PM,2.5\n' "csv -t t -F '%m/%d/%Y %I:%M %p' -y v" \
		'v:2024-01-31T13:15:00:1.5\nv:2024-02-01T13:15:00:2.5\n'
	[[ $understood != *'other way round'* ]]
}

@test "a point with three digits behind it, and a comma elsewhere" {
	proposes 't;v\n2024-01-01;1.234\n2024-01-02;5.678\n' "csv -d ';' -t t -y v" \
		'v:2024-01-01T00:00:00:1.234\nv:2024-01-02T00:00:00:5.678\n'
	[[ $understood == *'a point with three digits behind it is taken as the decimal point'* ]]
	proposes 't;v\n2024-01-01;1.234\n2024-01-02;5.67\n' "csv -d ';' -t t -y v" \
		'v:2024-01-01T00:00:00:1.234\nv:2024-01-02T00:00:00:5.67\n'
	[[ $understood != *'three digits'* ]]
	proposes 't;v\n2024-01-01;1.234\n2024-01-02;999,5\n' "csv -d ';' --thousands . -D -t t -y v" \
		'v:2024-01-01T00:00:00:1234\nv:2024-01-02T00:00:00:999.5\n'
	proposes 't;v\n2024-01-01;1.234.567\n2024-01-02;999\n' "csv -d ';' --thousands . -D -t t -y v" \
		'v:2024-01-01T00:00:00:1234567\nv:2024-01-02T00:00:00:999\n'
}

@test "units behind values, and serial numbers of a spreadsheet" {
	proposes 't,v\n2024-01-01,12.3 kWh\n2024-01-02,5 kWh\n' "csv -t t -y v" \
		'v:2024-01-01T00:00:00:12.3\nv:2024-01-02T00:00:00:5\n'
	proposes 'Date,v\n45292,1\n45292.5,2\n45293,3\n' "csv -t Date -F excel -y v" \
		'v:2024-01-01T00:00:00:1\nv:2024-01-01T12:00:00:2\nv:2024-01-02T00:00:00:3\n'
	[[ $understood == *'serial numbers of a spreadsheet'* ]]
	printf 'counter,v\n45292,1\n45293,3\n' >x
	run --separate-stderr eg-import guess x
	[ "$status" -eq 65 ]
}

@test "lines in front of the header, columns of one name, wide files" {
	proposes 'Report of\n;;\nt;[Wh];[Wh]\n2024-01-01;1;2\n2024-01-02;3;4\n' "csv -d ';' -t t -y '[Wh] 2=2' -y '[Wh] 3=3'" \
		'[Wh] 2:2024-01-01T00:00:00:1\n[Wh] 3:2024-01-01T00:00:00:2\n[Wh] 2:2024-01-02T00:00:00:3\n[Wh] 3:2024-01-02T00:00:00:4\n'
	proposes 'd,00:00,06:00,12:00,18:00\n2024-01-01,1,2,3,4\n' 'csv --wide -t d -S meter' \
		'meter:2024-01-01T00:00:00:1\nmeter:2024-01-01T06:00:00:2\nmeter:2024-01-01T12:00:00:3\nmeter:2024-01-01T18:00:00:4\n'
}

@test "other encodings, standard input, and names of files that a shell would not leave alone" {
	printf 't;D\xe9bit\n2024-01-01;1\n' >"./-it's a file.csv"
	run --separate-stderr eg-import guess -- "-it's a file.csv"
	[ "$status" -eq 0 ]
	run --separate-stderr bash -c "$output"
	[ "$status:$output" = '0:Débit:2024-01-01T00:00:00:1' ]
	printf 't;v\n2024-01-01;1\n' | iconv -t utf-16le >w.csv
	run --separate-stderr eg-import guess w.csv
	[ "$status:$output" = "0:eg-import --encoding utf-16le csv -d ';' -t t -y v w.csv" ]
	run --separate-stderr bash -c "$output"
	[ "$status:$output" = 0:v:2024-01-01T00:00:00:1 ]
	run --separate-stderr bash -c 'printf "t;v\n2024-01-01;1\n" | eg-import guess'
	[ "$status:$output" = "0:eg-import csv -d ';' -t t -y v -" ]
}

@test "what is not printable in names of columns and files reaches no terminal" {
	proposes 'time,k\x1b[31mWh\n2024-01-01,1\n' 'csv -t time -y 2' 'k_[31mWh:2024-01-01T00:00:00:1\n'
	proposes 'time,a\xe2\x80\xaeb\xe2\x81\xa6\n2024-01-01,1\n' 'csv -t time -y 2' \
		'a\xe2\x80\xaeb\xe2\x81\xa6:2024-01-01T00:00:00:1\n'
	proposes 'ti\ame,v\a,v\a,w\n2024-01-01,1,2,3\n' "csv -t 1 -y 'column 2=2' -y 'column 3=3' -y w" \
		'column 2:2024-01-01T00:00:00:1\ncolumn 3:2024-01-01T00:00:00:2\nw:2024-01-01T00:00:00:3\n'
	for name in $'it\'s\\\e]0;x\a.csv' $'\xff\n' $'a\u202eb'; do
		cp input.csv "$name"
		run --separate-stderr eg-import guess "$name"
		[ "$status" -eq 0 ]
		[[ $output != *[![:ascii:]]* && $output != *[[:cntrl:]]* ]] || { cat -v <<<"$output"; return 1; }
		run --separate-stderr bash -c "$output"
		[ "$status:${lines[2]}" = '0:w:2024-01-01T00:00:00:3' ]
	done
}

@test "a long file is judged by its beginning, and what comes late in it is seen" {
	{ echo t,a,b; for i in {1000..9999}; do echo "17000${i}0,$i,$( ((i % 7)) && echo ok || echo 1)"; done; } >input.csv
	run --separate-stderr eg-import guess input.csv
	[ "$status:$output" = '0:eg-import csv -t t -F epoch -y a input.csv' ]
}

@test "begins of intervals rather than ends; ends are said to be ends" {
	proposes 'End,Start,v\n2024-03-01 00:15,2024-03-01 00:00,5\n2024-03-01 00:30,2024-03-01 00:15,6\n' \
		'csv -t Start -y v' 'v:2024-03-01T00:00:00:5\nv:2024-03-01T00:15:00:6\n'
	proposes 'End time,v\n2024-03-01 00:15,5\n2024-03-01 00:30,6\n' "csv -t 'End time' -y v" \
		'v:2024-03-01T00:15:00:5\nv:2024-03-01T00:30:00:6\n'
	[[ $understood == *'the ends of intervals'* ]]
}

@test "what it cannot tell, it says" {
	cannot() { # WORDS BYTES
		printf '%b' "$2" >x
		run --separate-stderr eg-import guess x
		[[ $status == 65 && -z $output && $stderr == *"$1"* ]] || { echo "$status:$output:$stderr"; return 1; }
	}
	cannot "'x' is empty" ''
	cannot "'x' is a gzip file; unpack it" '\x1f\x8b0123456789'
	cannot "'x' is a spreadsheet or a zip file; save it as CSV" 'PK\3\4xxxxxxxxxxxx'
	cannot "'x' is JSON; give it to eg-decode json" '{"a": 1}\n'
	cannot "'x' is XML" '<?xml version="1.0"?><a/>\n'
	cannot "'x' is SML, a meter's telegrams" '\x1b\x1b\x1b\x1b\1\1\1\1v\a'
	cannot 'no column holds times' 'a,b\nc,1\nd,2\n'
	cannot 'no column holds numbers' 't,b\n2024-01-01,x\n2024-01-02,y\n'
	cannot 'AM or PM is in a column of its own' 't,half,v\n01/02/24 01:00,PM,5\n01/02/24 02:00,PM,6\n'
	cannot 'no column holds times' 't,v\n2024-03-01 01:05 p. m.,5\n2024-03-01 02:05 p. m.,6\n'
	cannot 'no column holds times' 't,v\n2024-03-01 00:00 CET,5\n2024-03-01 01:00 CET,6\n'
	cannot 'nothing tells apart rows of the same day' 'Fecha;Hora;v\n01/03/2024;1;5\n01/03/2024;2;6\n01/03/2024;24;7\n'
	cannot 'there are no columns' 'a\nb\nc\n'
	run --separate-stderr eg-import guess nowhere.csv
	[ "$status" -eq 74 ]
	run --separate-stderr eg-import guess a b
	[ "$status" -eq 64 ]
	run --separate-stderr eg-import guess -D a
	[ "$status" -eq 64 ]
	printf 't;v\n2024-01-01;1\n' >x
	run --separate-stderr bash -c 'eg-import guess x >/dev/full'
	[ "$status" -eq 74 ]
}
