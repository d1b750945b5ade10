#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The same kWh and costs, of known sums, from one store of readings into SQLite, InfluxDB 1
# and VictoriaMetrics, with readings that come late.
# shellcheck disable=SC2154,SC2164 # bats sets stderr; cd fails the test
bats_require_minimum_version 1.5.0

load ../wait

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export PATH="${EG_BIN:-$PWD/build}:$PWD/scripts:$PATH" EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	eg-lab up --no-rabbitmq >&2
}

teardown_file() {
	eg-lab down >&2
}

setup() {
	eval "$(eg-lab env)"
	unset INFLUX_HOST
	cd "$BATS_TEST_TMPDIR"
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

all_three() {
	local slot
	for slot in 1h 1d; do
		insight $slot eg-store "energy_$slot.db"
		insight $slot eg-influx -u "$EG_LAB_INFLUX" --db "energy_$slot"
		insight $slot eg-influx -u "$EG_LAB_VICTORIA" -m "energy_$slot"
	done
}

influx1() { # DB
	curl -fsS "$EG_LAB_INFLUX/query" --data-urlencode "db=$1" -d epoch=s \
		--data-urlencode 'q=SELECT value FROM energy GROUP BY sensor' | jq -r '
		.results[0].series[]? | .tags.sensor as $s | .values[] | "\($s):\(.[0] | todate[:-1]):\(.[1])"' | sort
}

victoria() { # MEASUREMENT
	curl -fsS "$EG_LAB_VICTORIA/internal/force_flush" >/dev/null
	curl -fsS "$EG_LAB_VICTORIA/api/v1/export" -d "match[]={__name__=\"$1_value\"}" -d start=2026-01-01T00:00:00Z \
		-d reduce_mem_usage=0 | jq -r '.metric.sensor as $s | [.timestamps, .values] | transpose[] |
		"\($s):\(.[0] / 1000 | todate[:-1]):\(.[1])"' | sort
}

# VictoriaMetrics keeps any one of two values of the same instant: the old ones have to go.
forget() {
	curl -fsS "$EG_LAB_VICTORIA/api/v1/admin/tsdb/delete_series" -d 'match[]={__name__=~"energy_1[hd]_value"}'
}

# The records of the file `want` are in all three databases, and no others.
holds() { # SLOT
	local want
	want=$(sort want)
	[[ $(eg-store "energy_$1.db" dump | sort) == "$want" ]] && [[ $(influx1 "energy_$1") == "$want" ]] &&
		[[ $(victoria "energy_$1") == "$want" ]]
}

@test "known sums are the same in SQLite, InfluxDB 1 and VictoriaMetrics, late readings included" {
	for slot in 1h 1d; do
		curl -fsS "$EG_LAB_INFLUX/query" --data-urlencode "q=CREATE DATABASE energy_$slot" >/dev/null
	done
	{ power house 1000 2026-03-28T00:00 2026-03-29T06:00; power house 1000 2026-03-29T10:00 2026-03-29T22:00
		power roof 500 2026-03-28T00:00 2026-03-29T22:00; echo house:2026-03-29T22:00:00:0
		echo roof:2026-03-29T22:00:00:0; } | eg-store a.db >/dev/null
	all_three
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
	power house 1000 2026-03-29T06:00 2026-03-29T10:00 | eg-store a.db >/dev/null
	forget
	all_three
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
