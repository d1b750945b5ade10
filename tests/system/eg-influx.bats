#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-influx against InfluxDB 1.6 and VictoriaMetrics: what has a receipt is there.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load ../wait

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
	unset INFLUX_HOST INFLUX_TOKEN INFLUX_TOKEN_FILE http_proxy all_proxy ALL_PROXY
	cd "$BATS_TEST_TMPDIR" || return 1
	DB=t$BATS_TEST_NUMBER
	PID=''
	ask "CREATE DATABASE $DB" >/dev/null
}

teardown() {
	[[ -z $PID ]] || pkill -KILL -P "$PID" || true # what timeout(1) runs
	[[ -z $PID ]] || kill -KILL "$PID" 2>/dev/null || true
	touch killed
}

ask() { # QUERY
	curl -fsS "$EG_LAB_INFLUX/query" --data-urlencode "q=$1" --data-urlencode "db=$DB" \
		--data-urlencode epoch=ns
}

# What InfluxDB and VictoriaMetrics hold, as `nanoseconds sensor value`.
stored() {
	ask 'SELECT sensor, value FROM energy' |
		jq -r '.results[0].series[]?.values[] | "\(.[0]) \(.[1]) \(.[2])"' | sort
}

exported() { # SENSOR_REGEX
	curl -fsS "$EG_LAB_VICTORIA/internal/force_flush"
	curl -fsS "$EG_LAB_VICTORIA/api/v1/export" \
		--data-urlencode "match[]={__name__=\"energy_value\",sensor=~\"$1\"}" |
		jq -r '. as $s | range(.values | length) |
			"\($s.timestamps[.])000000 \($s.metric.sensor) \($s.values[.])"' | sort
}

# Records on standard input in the same form; instants are whole seconds here.
as_stored() {
	TZ=UTC awk '{
		sensor = $0; sub(/:.*/, "", sensor)
		value = $0; sub(/.*:/, "", value)
		time = substr($0, length(sensor) + 2, 19); gsub(/[-T:]/, " ", time)
		printf "%s000000000 %s %s\n", mktime(time), sensor, value + 0
	}' | sort
}

history() { # SENSORS ROUNDS START [PREFIX]
	eg-sim -n "$1" -r "$2" --start "$3" --step 1s --seed 7 --prefix "${4:-s}"
}

feed() { # ARG...: the file `in` in, the file `out` out
	run --separate-stderr timeout 120 bash -c 'exec eg-influx "$@" <in >out' - "$@"
}

@test "readings are in InfluxDB, as its own query shows" {
	history 50 200 2026-01-01T00:00:00 >in
	feed -u "$EG_LAB_INFLUX" --db "$DB"
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	cmp in out
	diff <(stored) <(as_stored <in)
}

@test "readings are in VictoriaMetrics, as its own export shows" {
	history 50 200 2026-01-01T00:00:00 victoria >in
	feed -u "$EG_LAB_VICTORIA"
	[ "$status" -eq 0 ]
	[[ $stderr == *'before anything is on disk'* ]]
	cmp in out
	diff <(exported 'victoria.*') <(as_stored <in)
}

@test "compressed requests are understood by both" {
	history 50 200 2026-01-01T00:00:00 packed >in
	feed -u "$EG_LAB_INFLUX" --db "$DB" --gzip
	[ "$status" -eq 0 ]
	diff <(stored) <(as_stored <in)
	feed -u "$EG_LAB_VICTORIA" --gzip
	[ "$status" -eq 0 ]
	diff <(exported 'packed.*') <(as_stored <in)
}

@test "sensors with odd names and values with odd spellings are read alike by both" {
	cat >in <<-'END'
		odd a,b:2026-01-01T00:00:00:1
		odd a=b c:2026-01-01T00:00:00:2
		odd back\slash:2026-01-01T00:00:00:3
		odd "quoted" 'name':2026-01-01T00:00:00:4
		odd größe#:2026-01-01T00:00:00:5
		odd plus:2026-01-01T00:00:00:+6
		odd point:2026-01-01T00:00:00:.5
		odd minus:2026-01-01T00:00:00:-.25
		odd trail:2026-01-01T00:00:00:8.
		odd zeros:2026-01-01T00:00:00:0009.50
		odd exp:2026-01-01T00:00:00:1.5E+3
		odd tiny:2026-01-01T00:00:00:0.000000000000000000000000000001
	END
	# The names hold spaces: fields are parted by '|' here.
	awk -F: '{ print $1 "|" $NF + 0 }' in | sort >want
	feed -u "$EG_LAB_INFLUX" --db "$DB"
	[ "$status" -eq 0 ]
	ask 'SELECT sensor, value FROM energy' |
		jq -r '.results[0].series[].values[] | "\(.[1])|\(.[2])"' |
		awk -F'|' '{ print $1 "|" $2 + 0 }' | sort | diff - want
	feed -u "$EG_LAB_VICTORIA"
	[ "$status" -eq 0 ]
	curl -fsS "$EG_LAB_VICTORIA/internal/force_flush"
	curl -fsS "$EG_LAB_VICTORIA/api/v1/export" --data-urlencode 'match[]={sensor=~"odd .*"}' |
		jq -r '"\(.metric.sensor)|\(.values[0])"' |
		awk -F'|' '{ print $1 "|" $2 + 0 }' | sort | diff - want
}

@test "constant tags and another measurement arrive" {
	printf 's:2026-01-01T00:00:00:1\n' >in
	feed -u "$EG_LAB_INFLUX" --db "$DB" -m 'my power' -t 'zone=a b' -t 'building=c,d=e'
	[ "$status" -eq 0 ]
	ask 'SELECT * FROM "my power"' |
		jq -e '.results[0].series[0] | .columns == ["time","building","sensor","value","zone"]
			and .values[0][1:] == ["c,d=e", "s", 1, "a b"]'
}

@test "times keep their nanoseconds" {
	printf 's:2026-01-01T00:00:00.123456789:1\ns:1969-12-31T23:59:59:2\n' >in
	feed -u "$EG_LAB_INFLUX" --db "$DB"
	[ "$status" -eq 0 ]
	# As CSV, since jq rounds large integers.
	curl -fsS "$EG_LAB_INFLUX/query" --data-urlencode "q=SELECT * FROM energy" -d epoch=ns \
		-d "db=$DB" -H 'Accept: application/csv' | tail -n +2 |
		diff - <(printf 'energy,,%s\n' -1000000000,s,2 1767225600123456789,s,1)
}

@test "a conflict of field types refuses the records of that week alone" {
	curl -fsS "$EG_LAB_INFLUX/write?db=$DB&precision=s" --data-binary \
		"energy,sensor=other value=1i $(date -ud 2026-02-04 +%s)"
	{ history 5 20 2026-01-01T00:00:00; history 5 3 2026-02-04T10:00:00
	  history 5 20 2026-03-01T00:00:00; } >in
	feed -u "$EG_LAB_INFLUX" --db "$DB" --rejects rejects
	[ "$status" -eq 65 ]
	diff out <(grep -v :2026-02 in)
	diff <(grep -v '^#' rejects) <(grep :2026-02 in)
	[[ $stderr == *'field type conflict'* ]]
	diff <(stored | grep -v other) <(as_stored <out)
}

@test "records beyond the retention are refused, the others written" {
	ask "ALTER RETENTION POLICY autogen ON $DB DURATION 1h SHARD DURATION 1h" >/dev/null
	{ history 3 4 2020-01-01T00:00:00; history 5 10 "$(date -u +%FT%T)"
	  history 3 4 2020-01-02T00:00:00; } >in
	feed -u "$EG_LAB_INFLUX" --db "$DB" --rejects rejects
	[ "$status" -eq 65 ]
	diff out <(grep -v :2020 in)
	[ "$(grep -c '^s' rejects)" -eq 24 ]
	[[ $stderr == *'beyond retention'* ]]
	diff <(stored) <(as_stored <out)
}

@test "readings that are all beyond the retention do not stop those behind them" {
	ask "ALTER RETENTION POLICY autogen ON $DB DURATION 1h SHARD DURATION 1h" >/dev/null
	{ history 50 400 2020-01-01T00:00:00; history 5 10 "$(date -u +%FT%T)"; } >in
	feed -v -u "$EG_LAB_INFLUX" --db "$DB" --rejects rejects
	[ "$status" -eq 65 ]
	diff out <(grep -v :2020 in)
	[ "$(grep -c '^s' rejects)" -eq 20000 ]
	diff <(stored) <(as_stored <out)
	# A few requests a batch, where one a record was needed.
	[[ $stderr =~ requests\ ([0-9]+) ]]
	((BASH_REMATCH[1] < 100))
}

@test "an unknown database, and the v2 API where there is none, are 78 at once" {
	history 5 10 2026-01-01T00:00:00 >in
	feed -u "$EG_LAB_INFLUX" --db nowhere
	[ "$status" -eq 78 ]
	[[ $stderr == *'database not found'* ]]
	feed -u "$EG_LAB_INFLUX"
	[ "$status" -eq 78 ]
	[[ $stderr == *'--api v1'* ]]
	feed -u "$EG_LAB_VICTORIA/wrong/path"
	[ "$status" -eq 78 ]
	[ ! -s out ]
}

@test "--check knows both databases" {
	run --separate-stderr eg-influx --check -u "$EG_LAB_INFLUX" --db "$DB"
	[ "$status" -eq 0 ]
	[[ $output == *"database '$DB' (InfluxDB 1.6"* ]]
	run --separate-stderr eg-influx --check -u "$EG_LAB_INFLUX" --db nowhere
	[ "$status" -eq 78 ]
	run --separate-stderr eg-influx --check -u "$EG_LAB_VICTORIA"
	[ "$status" -eq 0 ]
	[[ $output == *VictoriaMetrics* ]]
}

connections() { # the gauge, or nothing yet
	sed -n 's/^energyguard_connections{.*} //p' metrics
}

@test "behind a slow network more requests are in flight, and fewer after failures" {
	local at
	mkdir net
	mkfifo commands
	"$BATS_TEST_DIRNAME/../tools/bad-network" net "influx=${EG_LAB_INFLUX#http://}" <commands 3>&- &
	exec 7>commands
	wait_until test -s net/influx
	echo 'influx delay 50' >&7
	timeout 300 eg-influx -u "http://127.0.0.1:$(<net/influx)" --db "$DB" --batch 50 --grace 120 --metrics metrics \
		< <(history 20 1000000 2026-01-01T00:00:00 3>&-) >out 2>err 3>&- 7>&- &
	PID=$!
	await 120 eval '(( $(connections) + 0 >= 6 ))'
	echo 'influx http 503' >&7
	# A request that was in flight is cut off, or the first answer is 503.
	wait_until grep -q 'trying again' err
	at=$(connections)
	await 60 eval "(( \$(connections) + 0 <= $at / 2 + 1 ))"
	echo 'influx pass' >&7
	wait_until grep -q 'is back after' err
	kill "$(pgrep -P "$PID" -x eg-influx)"
	wait "$PID" || { cat err; false; }
	PID=''
	exec 7>&-
	wait
	[ "$(wc -l <out)" -gt 1000 ]
	diff <(stored) <(as_stored <out)
}

@test "of records with one key the last one stays, at each number of requests in flight" {
	for round in {1..500}; do
		printf "s%d:2026-01-01T00:00:00:$round\n" {1..20}
	done >in
	for n in 1 2 4 16 auto; do
		ask 'DROP SERIES FROM energy' >/dev/null
		feed -u "$EG_LAB_INFLUX" --db "$DB" --batch 7 --connections "$n"
		[ "$status" -eq 0 ]
		cmp in out
		diff <(stored) <(tail -n 20 in | as_stored)
	done
}

@test "InfluxDB killed and started again in the middle holds exactly what has a receipt" {
	history 100 1500 2026-01-01T00:00:00 >in
	# The second half comes when the server is gone.
	timeout 120 eg-influx -u "$EG_LAB_INFLUX" --db "$DB" --batch 100 >out 2>err 3>&- \
		< <(exec 3>&-; head -n 75000 in; until [[ -e killed ]]; do sleep 0.05; done
			tail -n +75001 in) &
	PID=$!
	await 60 eval '[ "$(wc -l <out)" -gt 5000 ]'
	eg-lab kill influxdb
	touch killed
	await 60 grep -q 'does not answer' err
	[ "$(wc -l <out)" -lt 150000 ]
	eg-lab start influxdb
	wait "$PID"
	PID=''
	cmp in out
	grep -q 'is back after' err
	diff <(stored) <(as_stored <in)
}

@test "a server that is paused is waited for" {
	history 20 100 2026-01-01T00:00:00 >in
	eg-lab pause influxdb
	timeout 60 eg-influx -u "$EG_LAB_INFLUX" --db "$DB" --request-timeout 0.5 <in >out 2>err 3>&- &
	PID=$!
	await 60 grep -q 'timed out' err
	[ ! -s out ]
	eg-lab resume influxdb
	wait "$PID"
	PID=''
	cmp in out
	diff <(stored) <(as_stored <in)
}

@test "memory stays under 32 MB, whatever comes in" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers need memory of their own"
	mkfifo feed
	eg-influx -u "$EG_LAB_VICTORIA" --connections 16 <feed 2>err 3>&- > >(wc -l >count) &
	PID=$!
	exec 7>feed
	history 1000 1000 2026-01-01T00:00:00 mem >&7
	wait_until grep -q '^VmHWM' "/proc/$PID/status"
	[ "$(awk '/^VmHWM/ { print $2 }' "/proc/$PID/status")" -lt 32768 ]
	exec 7>&-
	wait "$PID"
	PID=''
	wait_until test -s count
	[ "$(<count)" -eq 1000000 ]
}
