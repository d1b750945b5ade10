#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The same kWh and costs, of known sums, from one store of readings into SQLite, InfluxDB 1
# and 2 and VictoriaMetrics, with readings that come late, by themselves or by a stream of
# RabbitMQ. EG_INFLUXD2 names a folder with InfluxDB 2's influxd, which Debian has not.
# shellcheck disable=SC2154,SC2164 # bats sets stderr; cd fails the test
bats_require_minimum_version 1.5.0

load ../wait

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export PATH="${EG_BIN:-$PWD/build}:$PWD/scripts:$PATH" EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	eg-lab up >&2
	start_influx2
}

teardown_file() {
	[[ -z $INFLUX2_PID ]] || kill "$INFLUX2_PID"
	eg-lab down >&2
}

# InfluxDB 2, if there is one: sets INFLUX2, its URL, and INFLUX2_PID, or both to nothing.
start_influx2() {
	export INFLUX2='' INFLUX2_PID='' INFLUX_TOKEN=token-of-a-test INFLUX_ORG=myorg
	local at dir=$BATS_FILE_TMPDIR/influx2
	if [[ ! -x ${EG_INFLUXD2-}/influxd ]]; then
		echo "# WARNING: EG_INFLUXD2 has no influxd: InfluxDB 2 NOT tested" >&3
		return
	fi
	at=127.0.0.1:$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	mkdir "$dir"
	HOME=$dir "$EG_INFLUXD2/influxd" run --bolt-path "$dir/bolt" --sqlite-path "$dir/sqlite" --engine-path "$dir/engine" \
		--http-bind-address "$at" --reporting-disabled --log-level error >"$dir/log" 2>&1 3>&- &
	INFLUX2=http://$at INFLUX2_PID=$!
	wait_until curl -fs -o "$dir/health" "$INFLUX2/health"
	curl -fsS "$INFLUX2/api/v2/setup" -d '{"username": "test", "password": "password-of-a-test", "org": "myorg",
		"bucket": "energy", "token": "token-of-a-test"}' >"$dir/setup"
}

setup() {
	eval "$(eg-lab env)"
	unset INFLUX_HOST
	cd "$BATS_TEST_TMPDIR"
	# Each test has databases, and series, of its own.
	DB=energy$BATS_TEST_NUMBER
	printf '%s\n' 'roof W pv' 'house W house' >meters
	printf '%s\n' 'zone Europe/Rome' 'price all 0.25' >tariff
}

# power SENSOR W FROM TO: a reading each 10 minutes, TO not included.
power() {
	/usr/bin/python3 -c 'import sys
from datetime import *
t, end = (datetime.fromisoformat(a) for a in sys.argv[3:])
while t < end:
    print(f"{sys.argv[1]}:{t:%Y-%m-%dT%H:%M:%S}:{sys.argv[2]}")
    t += timedelta(minutes=10)' "$@"
}

insight() { # SLOT COMMAND...
	local every=$1
	shift
	eg-insight -M meters -t tariff -f 2026-03-28 -e "$every" a.db -- "$@"
}

to_all() {
	local slot
	for slot in 1h 1d; do
		insight $slot eg-store "$slot.db"
		insight $slot eg-influx -u "$EG_LAB_INFLUX" --db "${DB}_$slot"
		insight $slot eg-influx -u "$EG_LAB_VICTORIA" -m "${DB}_$slot"
		[[ -z $INFLUX2 ]] || insight $slot eg-influx -u "$INFLUX2" --bucket "${DB}_$slot"
	done
}

influx1() { # SLOT
	curl -fsS "$EG_LAB_INFLUX/query" --data-urlencode "db=${DB}_$1" -d epoch=s \
		--data-urlencode 'q=SELECT value FROM energy GROUP BY sensor' | jq -r '
		.results[0].series[]? | .tags.sensor as $s | .values[] | "\($s):\(.[0] | todate[:-1]):\(.[1])"' | sort
}

victoria() { # SLOT
	curl -fsS "$EG_LAB_VICTORIA/internal/force_flush" >/dev/null
	curl -fsS "$EG_LAB_VICTORIA/api/v1/export" -d "match[]={__name__=\"${DB}_$1_value\"}" -d start=2026-01-01T00:00:00Z \
		-d reduce_mem_usage=0 | jq -r '.metric.sensor as $s | [.timestamps, .values] | transpose[] |
		"\($s):\(.[0] / 1000 | todate[:-1]):\(.[1])"' | sort
}

influx2() { # SLOT
	curl -fsS "$INFLUX2/api/v2/query?org=myorg" -H "Authorization: Token $INFLUX_TOKEN" -H 'Content-Type: application/vnd.flux' \
		-d "from(bucket: \"${DB}_$1\") |> range(start: 2026-01-01T00:00:00Z) |> keep(columns: [\"sensor\", \"_time\", \"_value\"])" |
		/usr/bin/python3 -c 'import csv, sys
for row in csv.DictReader(line for line in sys.stdin if line.strip()):
    if row["_time"] != "_time":
        print(row["sensor"], row["_time"][:-1], row["_value"], sep=":")' | sort
}

make_databases() {
	local slot org
	[[ -z $INFLUX2 ]] || org=$(curl -fsS "$INFLUX2/api/v2/orgs" -H "Authorization: Token $INFLUX_TOKEN" | jq -r '.orgs[0].id')
	for slot in 1h 1d; do
		curl -fsS "$EG_LAB_INFLUX/query" --data-urlencode "q=CREATE DATABASE ${DB}_$slot" >/dev/null
		[[ -z $INFLUX2 ]] || curl -fsS "$INFLUX2/api/v2/buckets" -H "Authorization: Token $INFLUX_TOKEN" \
			-d "{\"orgID\": \"$org\", \"name\": \"${DB}_$slot\"}" >/dev/null
	done
}

# VictoriaMetrics keeps any one of two values of the same instant: the old ones have to go.
forget() {
	curl -fsS "$EG_LAB_VICTORIA/api/v1/admin/tsdb/delete_series" -d "match[]={__name__=~\"${DB}_1[hd]_value\"}"
}

# The records of the file `want` are in all databases, and no others.
holds() { # SLOT
	local want
	want=$(sort want)
	[[ $(eg-store "$1.db" dump | sort) == "$want" ]] && [[ $(influx1 "$1") == "$want" ]] &&
		[[ $(victoria "$1") == "$want" ]] && [[ -z $INFLUX2 || $(influx2 "$1") == "$want" ]]
}

# Known sums, before and after readings that come late. The command stores what it reads.
check_late() { # COMMAND...
	make_databases
	{ power house 1000 2026-03-28T00:00 2026-03-29T06:00
		power house 1000 2026-03-29T10:00 2026-03-29T22:00
		power roof 500 2026-03-28T00:00 2026-03-29T22:00; echo house:2026-03-29T22:00:00:0
		echo roof:2026-03-29T22:00:00:0; } | "$@"
	to_all
	# The day has 23 hours in Rome; 10 minutes and four hours of the house are
	# not known yet.
	cat >want <<-'END'
		house_cost:2026-03-27T23:00:00:5.75
		house_cost:2026-03-28T23:00:00:4.70833325
		house_kwh:2026-03-27T23:00:00:23
		house_kwh:2026-03-28T23:00:00:18.833333
		roof_kwh:2026-03-27T23:00:00:11.5
		roof_kwh:2026-03-28T23:00:00:11.5
	END
	wait_until holds 1d
	power house 1000 2026-03-29T06:00 2026-03-29T10:00 | "$@"
	forget
	to_all
	cat >want <<-'END'
		house_cost:2026-03-27T23:00:00:5.75
		house_cost:2026-03-28T23:00:00:5.75
		house_kwh:2026-03-27T23:00:00:23
		house_kwh:2026-03-28T23:00:00:23
		roof_kwh:2026-03-27T23:00:00:11.5
		roof_kwh:2026-03-28T23:00:00:11.5
	END
	wait_until holds 1d
	for slot in 2026-03-28T{00..23} 2026-03-29T{00..21}; do
		printf '%s\n' "house_kwh:$slot:00:00:1" "house_cost:$slot:00:00:0.25" "roof_kwh:$slot:00:00:0.5"
	done >want
	wait_until holds 1h
}

into_store() { eg-store a.db >/dev/null; }

by_stream() {
	eg-publish --queue readings --timeout 20s >/dev/null
	eg-consume --drain --queue readings --offset-file a.offset -- eg-store a.db
}

@test "known sums are the same in SQLite, InfluxDB 1 and 2 and VictoriaMetrics, late readings included" {
	check_late into_store
}

@test "the same from a RabbitMQ stream, by a store; what is read again changes nothing" {
	eg-publish --queue readings --queue-type stream --declare
	check_late by_stream
	rm a.offset
	by_stream </dev/null
	to_all
	holds 1h
}
