#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The commands of eg-moving(7): counts and sums are those of the system that is left.
# shellcheck disable=SC2154,SC2164 # bats sets some; cd fails the test
bats_require_minimum_version 1.5.0

setup_file() {
	export PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	export EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	eg-lab --no-rabbitmq up >&2
	eval "$(eg-lab env)"
}

teardown_file() {
	eg-lab down >&2
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	page=$BATS_TEST_DIRNAME/../../man/eg-moving.7
}

# Whether the page has the command, a line of it.
page_has() {
	sed 's/ \\e$//; s/^\.Dl //; s/^\t*//' "$page" | grep -qF -- "$1" || { echo "not in the page: $1"; return 1; }
}

totals() {
	awk -F: '{ n++; s += $NF } END { print n, s }' "$@"
}

@test "InfluxDB 1: by its HTTP interface, count and sum as it says" {
	curl -fsS "$EG_LAB_INFLUX/query" --data-urlencode 'q=CREATE DATABASE energy' >/dev/null
	for ((i = 0; i < 500; i++)); do
		echo "energy,sensor=s$((i % 7)) value=$i.25 $((1704103200 + i))500000000"
	done | curl -fsS "$EG_LAB_INFLUX/write?db=energy" --data-binary @-
	page_has "curl -fsSG -H 'Accept: application/csv' http://localhost:8086/query"
	page_has '-d db=energy -d epoch=ns'
	page_has "--data-urlencode 'q=SELECT sensor, value FROM energy' |"
	page_has 'eg-import influx-cli > readings'
	curl -fsSG -H 'Accept: application/csv' "$EG_LAB_INFLUX/query" -d db=energy -d epoch=ns \
		--data-urlencode 'q=SELECT sensor, value FROM energy' | eg-import influx-cli >readings
	curl -fsSG "$EG_LAB_INFLUX/query" -d db=energy \
		--data-urlencode 'q=SELECT COUNT(value), SUM(value) FROM energy' |
		jq -r '.results[0].series[0].values[0] | "\(.[1]) \(.[2])"' >before
	[ "$(totals readings)" = "$(<before)" ]
	grep -qx 's3:2024-01-01T10:00:03.5:3.25' readings
	eg-store energy.db <readings >stored
	[ "$(totals stored)" = "$(<before)" ]
}

@test "InfluxDB 1's line protocol, InfluxDB 2's annotated CSV" {
	printf 'energy,sensor=s1 value=55.21 1704103200000000000\nenergy,sensor=s2 value=1.5,note="x" 1704103201000000000\n' >exported
	page_has 'eg-decode influx < export > readings'
	eg-decode influx <exported >readings
	[ "$(totals readings)" = '2 56.71' ]
	printf '#datatype,string,long,dateTime:RFC3339,double,string,string\r\n#group,false,false,false,false,true,true\r\n#default,_result,,,,,\r\n,result,table,_time,_value,_field,sensor\r\n,,0,2024-01-01T10:00:00Z,55.21,value,s1\r\n,,1,2024-01-01T10:00:01Z,1.5,value,s2\r\n\r\n' >energy.csv
	page_has 'eg-import annotated energy.csv > readings'
	eg-import annotated energy.csv >readings
	[ "$(totals readings)" = '2 56.71' ]
	page_has 'eg-import csv -c sensor -c _field -t _time -y =_value energy.csv'
	eg-import csv -c sensor -c _field -t _time -y =_value energy.csv >readings
	[ "$(totals readings)" = '2 56.71' ]
	grep -qx 's2/value:2024-01-01T10:00:01:1.5' readings
}

@test "emonCMS, DSMR-reader, a folder" {
	printf '1700000000,123.5\n1700000010,1.5\n' >feed.csv
	page_has 'eg-import -S house/power emoncms feed.csv > readings'
	eg-import -S house/power emoncms feed.csv >readings
	[ "$(totals readings)" = '2 125' ]
	printf 'Hour Start,Electricity 1 (x),Electricity 2 (x),Electricity 1 Returned (x),Electricity 2 Returned (x),Gas\n2024-01-01T00:00:00+01:00,0.5,0,0,1.5,0.25\n' >dsmrreader-data-export-hour.csv
	page_has 'eg-import dsmr-reader dsmrreader-data-export-hour.csv > readings'
	eg-import dsmr-reader dsmrreader-data-export-hour.csv >readings
	[ "$(totals readings)" = '5 2.25' ]
	mkdir folder
	printf 'When,kWh\n2024-01-31 23:00,1\n2024-02-01 00:00,2\n' >folder/2024-01.csv
	printf 'When,kWh\n2024-02-01 00:00,2\n2024-02-01 01:00,4\n' >folder/2024-02.csv
	page_has 'eg-import guess folder/2024-01.csv'
	[ "$(eg-import guess folder/2024-01.csv 2>/dev/null)" = 'eg-import csv -t When -y kWh folder/2024-01.csv' ]
	page_has 'eg-import -su --rejects bad csv -t When -y kWh folder/*.csv > readings'
	eg-import -su --rejects bad csv -t When -y kWh folder/*.csv >readings
	[ "$(totals readings)" = '3 7' ]
	[ ! -s bad ]
}

@test "Home Assistant's statistics, out of its database" {
	sqlite3 home-assistant_v2.db '
		CREATE TABLE statistics_meta (id INTEGER PRIMARY KEY, statistic_id TEXT);
		CREATE TABLE statistics (id INTEGER PRIMARY KEY, metadata_id INTEGER, start_ts FLOAT,
			state FLOAT, sum FLOAT);
		INSERT INTO statistics_meta VALUES (1, "sensor.grid"), (2, "energy:gas");
		INSERT INTO statistics VALUES (1, 1, 1704103200.0, 105.5, 5.5),
			(2, 2, 1704103200.0, 7, NULL);'
	page_has "'SELECT statistic_id, start_ts, state, sum FROM statistics"
	page_has "JOIN statistics_meta ON statistics_meta.id = metadata_id' |"
	page_has 'eg-import home-assistant-statistics > readings'
	sqlite3 -csv -header home-assistant_v2.db 'SELECT statistic_id, start_ts, state, sum
		FROM statistics
		JOIN statistics_meta ON statistics_meta.id = metadata_id' |
		eg-import home-assistant-statistics 2>/dev/null >readings
	[ "$(totals readings)" = '3 118' ]
	grep -qx 'sensor.grid/sum:2024-01-01T10:00:00:5.5' readings
	grep -qx 'energy_gas/state:2024-01-01T10:00:00:7.0' readings
}
