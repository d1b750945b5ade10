#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What eg-import makes of CSV files, good and bad. Needs no server.
# shellcheck disable=SC2154,SC2164,SC2016 # bats sets stderr; cd fails the test; bash -c expands

bats_require_minimum_version 1.5.0
load import

@test "Shelly phase A: the 10-minute part is 50,976 rows and 1,761,885.40 Wh" {
	shelly A 176188540
}

@test "Shelly phase B: the 10-minute part is 50,976 rows and 1,501,303.10 Wh" {
	shelly B 150130310
}

@test "Shelly phase C: the 10-minute part is 50,976 rows and 2,098,914.20 Wh" {
	shelly C 209891420
}

@test "a Shelly file without options gives each row's two records in its order" {
	need_data shelly_em3_phaseA.csv
	eg-import shelly-em3 "$DATA/shelly_em3_phaseA.csv" >out
	is "$(wc -l <out)" 114316
	is "$(head -n 1 out)" "shelly/A/import_wh:2025-01-11T00:00:00:30.70"
}

@test "--unique without --sort drops what sort -u would drop and keeps the order" {
	need_data shelly_em3_phaseA.csv
	eg-import shelly-em3 "$DATA/shelly_em3_phaseA.csv" >all
	eg-import --unique shelly-em3 "$DATA/shelly_em3_phaseA.csv" >out
	is "$(wc -l <out)" 105676
	cmp <(awk '!seen[$0]++' all) out
}

@test "the DSMR file: 8,754 rows, 3,743.131 kWh" {
	need_data dsmrreader-hour-2024.csv
	eg-import dsmr-reader "$DATA/dsmrreader-hour-2024.csv" >out
	is "$(wc -l <out)" $((8754 * 5))
	is "$(sum 'import_t[12]_kwh' 1000 <out)" "17508 3743131"
	is "$(head -n 1 out)" "dsmr/import_t1_kwh:2023-12-31T23:00:00:0.196"
	is "$(cut -d: -f1-4 out | sort | uniq -d)" ""
}

@test "the DSMR file: both clock changes of 2024 keep each hour's instant" {
	need_data dsmrreader-hour-2024.csv
	eg-import dsmr-reader "$DATA/dsmrreader-hour-2024.csv" | grep import_t1_kwh >out
	is "$(grep -A 2 T00:00:00 out | grep 2024-03-31)" "dsmr/import_t1_kwh:2024-03-31T00:00:00:0.126
dsmr/import_t1_kwh:2024-03-31T01:00:00:0.123
dsmr/import_t1_kwh:2024-03-31T02:00:00:0.122"
	is "$(grep -A 3 2024-10-26T23:00:00 out)" "dsmr/import_t1_kwh:2024-10-26T23:00:00:0.21
dsmr/import_t1_kwh:2024-10-27T00:00:00:0.207
dsmr/import_t1_kwh:2024-10-27T01:00:00:0.515
dsmr/import_t1_kwh:2024-10-27T02:00:00:0.537"
}

@test "the DSMR format converts its energy columns on request and leaves gas alone" {
	head='Hour Start,Electricity 1 (x),Electricity 2 (x),Electricity 1 Returned (x),Electricity 2 Returned (x),Gas'
	printf '%s\n2024-01-01T00:00:00+01:00,0.196,0,0,1.5,0.032\n' "$head" >d.csv
	run --separate-stderr eg-import -U kWh:Wh -p house/ dsmr-reader d.csv
	is "$status$stderr" 0
	is "$output" "house/import_t1_wh:2023-12-31T23:00:00:196
house/import_t2_wh:2023-12-31T23:00:00:0
house/export_t1_wh:2023-12-31T23:00:00:0
house/export_t2_wh:2023-12-31T23:00:00:1500
house/gas_m3:2023-12-31T23:00:00:0.032"
}

@test "a file of another format is refused as a whole, with one message" {
	printf 'a,b\n1,2\n3,4\n' >x.csv
	run --separate-stderr eg-import shelly-em3 --rejects r x.csv
	is "$status:$output" 65:
	is "$stderr" "eg-import: warning: x.csv:1: no column is named 'Date/time UTC'; its rows are refused"
	is "$(grep -vc '^#' r)" 2
}

@test "the text of a value stays as it is" {
	import 't,v\n2024-01-01 00:00,30.70\n2024-01-01 00:01,-0.0\n2024-01-01 00:02,+1e3\n' -t t -y v
	is "$status$stderr" 0
	is "$output" "v:2024-01-01T00:00:00:30.70
v:2024-01-01T00:01:00:-0.0
v:2024-01-01T00:02:00:+1e3"
}

@test "units are converted by moving the decimal point, to the last digit" {
	convert() {
		import "t,v\n2024-01-01 00:00,$1\n" -t t -y v "${@:3}"
		is "$status$stderr" 0
		is "${output#v:2024-01-01T00:00:00:}" "$2"
	}
	convert 0.196 196 -U kWh:Wh
	convert 0.2 200 -U kWh:Wh
	convert 1.23456 1234.56 -U kWh:Wh
	convert 12345678901234567.1 12345678901234567100 -U kWh:Wh
	convert -0.5 -500 -U kw:w
	convert .5 500000 -U mwh:wh
	convert 5. 5000 -U mw:kw
	convert 30.70 0.03070 -U Wh:kWh
	convert 0 0 -U kWh:Wh
	convert 0.000 0 -U kWh:Wh
	convert 1.5e3 1.5e6 -U kWh:Wh
	convert 1.5E-3 1.5E0 -U kWh:Wh
	convert 7 0.007 -x 0.001
	convert 7 700 -x 100
	convert 7 7 -x 1
}

@test "a unit behind a value must be that of its column, and of the values before it" {
	import 't,p,Energy (kWh)\n2024-01-01 00:00,230 V,1.2 kWh\n2024-01-01 00:01,231V,1.3\n2024-01-01 00:02,232 V,500 Wh\n2024-01-01 00:03,0.2 kV,1\n2024-01-01 00:04,233,1\n' -t t -y p -y 'e=Energy (kWh)'
	is "$status:$output" "65:p:2024-01-01T00:00:00:230
e:2024-01-01T00:00:00:1.2
p:2024-01-01T00:01:00:231
e:2024-01-01T00:01:00:1.3"
	[[ ${stderr_lines[0]} == *":4: the value has another unit than its column"* ]]
	[[ ${stderr_lines[1]} == *":5: the value has another unit than the values before it"* ]]
	import 't;s;v\n2024-01-01;a;1,5 kWh\n2024-01-01;b;230 V\n2024-01-02;a;-0,5kWh\n2024-01-02;b;1 kWh\n2024-01-03;b;1\n' -d ';' -D -t t -c s -y v
	is "$status:$output" "65:a:2024-01-01T00:00:00:1.5
b:2024-01-01T00:00:00:230
a:2024-01-02T00:00:00:-0.5"
	import 't,v\n2024-01-01,1 kWh\n2024-01-02,1 Wh\n2024-01-03,1 MW\n2024-01-04,1 mWh\n2024-01-05,2 KWH\n' -t t -y v -U kWh:Wh
	is "$status:$output" "65:v:2024-01-01T00:00:00:1000
v:2024-01-05T00:00:00:2000"
	import 't,v\n2024-01-01,1.2 kW\n2024-01-02,5 m3\n' -t t -y power_w=v
	is "$status:$output" 65:
	import 't,v\n2024-01-01,20.5 \xc2\xb0C\n2024-01-02,21 C\n2024-01-03,5 %%\n2024-01-03,5 x\n2024-01-03,kWh\n' -t t -y v
	is "$status:$output" "65:v:2024-01-01T00:00:00:20.5
v:2024-01-02T00:00:00:21"
}

@test "--unit contradicts a column's name: refused, where the name is sure to be a unit" {
	import 't,Energy (Wh)\n2024-01-01,1000\n' -t 1 -y 2 -S h -U kWh:Wh
	is "$status:$output" 65:
	[[ ${stderr_lines[0]} == *":1: the column 'Energy (Wh)' is in Wh, not in kWh; its rows are refused" ]]
	import 't,in kWh,power_w\n2024-01-01,1,2\n' -t t -y '*' -U kWh:Wh
	is "$status:$output" 65:
	import 't,Power (mW)\n2024-01-01,1\n' -t 1 -y 2 -S h -U MW:W
	is "$status:$output" 65:
	import 't,Power (mW)\n2024-01-01,1\n' -t 1 -y 2 -S h -U mW:W
	is "$status:$output" 0:h:2024-01-01T00:00:00:0.001
	import 't,Energy (kWh),Phase A,Cost (EUR)\n2024-01-01,1,2,3\n' -t t -y '*' -S h -U kWh:Wh
	is "$status:$output" "0:h/Energy (kWh):2024-01-01T00:00:00:1000
h/Phase A:2024-01-01T00:00:00:2000
h/Cost (EUR):2024-01-01T00:00:00:3000"
	import 't,Energy (Wh)\n2024-01-01,1\n' -t 1 -y 2 -S h -x 1000
	is "$status:$output" 0:h:2024-01-01T00:00:00:1000
}

@test "one unit in a sensor's values holds for all files" {
	printf 't,v\n2024-01-01,1 kWh\n' >a
	printf 't,v\n2024-01-02,1 Wh\n' >b
	run --separate-stderr eg-import csv -t t -y v a b
	is "$status:$output" "65:v:2024-01-01T00:00:00:1"
}

@test "one unit in the names of a sensor's columns holds for all files" {
	printf 't,Energy (kWh)\n2024-01-01,1\n' >a
	printf 't,Energy (Wh)\n2024-01-02,1000\n' >b
	printf 't,Phase A\n2024-01-03,3\n' >c
	printf 't,Energy\n2024-01-04,4 Wh\n' >d
	run --separate-stderr eg-import csv -t 1 -y 2 -S h a b c
	is "$status:$output" "65:h:2024-01-01T00:00:00:1
h:2024-01-03T00:00:00:3"
	[[ ${stderr_lines[0]} == *"b:2: the sensor had another unit before: '2024-01-02,1000'" ]]
	run --separate-stderr eg-import csv -t 1 -y 2 -S h d a
	is "$status:$output" 65:h:2024-01-04T00:00:00:4
	run --separate-stderr eg-import csv -t 1 -y 2 a b
	is "$status$stderr" 0
	printf 'Time,System Production (Wh)\n06/01/2024 12:00,4\n' >a
	printf 'Time,System Production (kWh)\n06/01/2024 12:15,4\n' >b
	run --separate-stderr eg-import solaredge a b
	is "$status:$output" "0:solaredge/produced_wh:2024-06-01T12:00:00:4
solaredge/produced_wh:2024-06-01T12:15:00:4000"
}

@test "a decimal comma is read on request and otherwise refused" {
	import 't;v\n2024-01-01;12,5\n' -d ';' -t t -y v -D
	is "$status:$output" "0:v:2024-01-01T00:00:00:12.5"
	import 't;v\n2024-01-01;12,5\n' -d ';' -t t -y v
	is "$status:$output" 65:
	[[ $stderr == *"input.csv:2: not a decimal number: '2024-01-01;12,5'" ]]
	import 't;v\n2024-01-01;1.234\n' -d ';' -t t -y v -D
	is "$status:$output" 65:
}

@test "what is not a finite decimal number is refused" {
	import 't,v\n1764166716,nan\n1764166716,inf\n1764166716,1e999\n1764166716,0x10\n1764166716,.\n1764166716,1 2\n1764166716,"12,5"\n1764166716,1e\n1764166716,--1\n' -F epoch -t t -y v
	is "$status:$output" 65:
	is "${stderr_lines[2]}" "eg-import: warning: 8 rows refused: not a decimal number (first: input.csv:2)"
	is "${#stderr_lines[@]}" 3
}

@test "names are made safe, and two names never become one" {
	import 'n,t,v\na:b\x07c,2024-01-01,1\n#d,2024-01-01,2\n\xe9\xc2\x85è,2024-01-01,3\n' -c n -t t -y v
	is "$status$stderr" 0
	is "$output" "a_b_c:2024-01-01T00:00:00:1
_d:2024-01-01T00:00:00:2
__è:2024-01-01T00:00:00:3"
	import 'n,t,v\na:b,2024-01-01,1\na_b,2024-01-01,2\na:b,2024-01-02,3\n' -c n -t t -y v
	is "$status:${#lines[@]}" 65:2
	[[ $stderr == *"input.csv:3: two sensors would both be named 'a_b'"* ]]
	import "n,t,v\n$(printf 'x%.0s' {1..256}),2024-01-01,1\n,2024-01-01,1\n$(printf 'x%.0s' {1..255}),2024-01-01,1\n" -c n -t t -y v
	is "$status:${#lines[@]}" 65:1
	[[ $stderr == *"longer than 255 bytes"*"the sensor has no name"* ]]
}

@test "sensor, column and value names are put together" {
	rows='n,t,A,B\nm1,2024-01-01,1,2\n'
	names() {
		import "$rows" -t t "$@"
		is "$status$stderr" 0
		NAMES=$(cut -d: -f1 <<<"$output" | tr '\n' ' ')
	}
	names -y A -y B
	is "$NAMES" "A B "
	names -y A -S house
	is "$NAMES" "house "
	names -y A -y b=B -S house -p eu/
	is "$NAMES" "eu/house/A eu/house/b "
	names -y a=A -c n
	is "$NAMES" "m1/a "
	names -y 3 -y x=4
	is "$NAMES" "A x "
	import '2024-01-01,1,2\n' -n -t 1 -y 2 -y three=3
	is "$output" "column2:2024-01-01T00:00:00:1
three:2024-01-01T00:00:00:2"
}

@test "a missing or doubled column is told once and refuses the file" {
	import 't,v\n2024-01-01,1\n' -t t -y w
	is "$status:$output" 65:
	is "$stderr" "eg-import: warning: input.csv:1: no column is named 'w'; its rows are refused"
	import 't,v,v\n2024-01-01,1,1\n' -t t -y v
	[[ $status == 65 && $stderr == *"two columns are named 'v'"* ]]
	import 't,v\n2024-01-01,1\n' -t t -y 3
	[[ $status == 65 && $stderr == *"no column 3;"* ]]
}

@test "--from and --to keep what is from the one up to the other" {
	import 't,v\n2024-01-01 00:00,0\n2024-01-01 00:59,1\n2024-01-01 01:00,2\n2024-01-01 01:30,3\n2024-01-01 02:00,4\n' \
		-t t -y v -z Europe/Rome -f '2024-01-01 01:00' -T 2024-01-01T01:00:00Z
	is "$status$stderr" 0
	is "$output" "v:2024-01-01T00:00:00:2
v:2024-01-01T00:30:00:3"
	import 't,v\n' -t t -y v --from yesterday
	is "$status" 64
	[[ $stderr == "eg-import: fatal: --from: 'yesterday': "* ]]
}

@test "--sort orders by instant, then sensor, also fractions and 10 after 9" {
	import 't,b,a\n2024-01-01 10:00:00.5,1,2\n2024-01-01 10:00,3,4\n2024-01-01 09:00,5,6\n' -t t -y b -y a -s
	is "$output" "a:2024-01-01T09:00:00:6
b:2024-01-01T09:00:00:5
a:2024-01-01T10:00:00:4
b:2024-01-01T10:00:00:3
a:2024-01-01T10:00:00.5:2
b:2024-01-01T10:00:00.5:1"
}

@test "of several values for a key the last one stays last, also with --unique" {
	import 't,v\n2024-01-02,9\n2024-01-01,1\n2024-01-01,1\n2024-01-01,2\n2024-01-01,1\n' -t t -y v -s -u
	is "$(cut -d: -f5 <<<"$output" | tr '\n' ' ')" "1 2 1 9 "
	import 't,v\n2024-01-02,9\n2024-01-01,1\n2024-01-01,1\n2024-01-01,2\n2024-01-01,1\n' -t t -y v -u
	is "$(cut -d: -f5 <<<"$output" | tr '\n' ' ')" "9 1 2 1 "
}

@test "several files and standard input are read in turn" {
	printf 't,v\n2024-01-01,1\n' >'a=b c.csv'
	run --separate-stderr eg-import csv -t t -y v 'a=b c.csv' - <<<$'v,t\n2,2024-01-02'
	is "$status$stderr" 0
	is "$output" "v:2024-01-01T00:00:00:1
v:2024-01-02T00:00:00:2"
	run --separate-stderr eg-import csv -t t -y v <<<$'t,v\n2024-01-01,3'
	is "$output" "v:2024-01-01T00:00:00:3"
}

@test "an empty file and a file with a header alone give nothing and succeed" {
	for text in '' 't,v\n'; do
		import "$text" -t t -y v
		is "$status$stderr$output" 0
	done
}
