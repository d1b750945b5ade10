#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-serve in front of real servers: what was answered with success is there, whatever is
# killed; and InfluxDB's own client library writes through it.
# shellcheck disable=SC2154  # bats sets some

bats_require_minimum_version 1.5.0
load ../wait

setup_file() {
	export PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	export TOOLS="$BATS_TEST_DIRNAME/../tools"
	export EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	eg-lab --no-victoria up >&2
	eval "$(eg-lab env)"
}

teardown_file() {
	eg-lab down >&2
}

setup() {
	unset EG_API_TOKEN INFLUX_HOST INFLUX_TOKEN INFLUX_TOKEN_FILE http_proxy all_proxy ALL_PROXY
	cd "$BATS_TEST_TMPDIR" || return 1
	DB=t$BATS_TEST_NUMBER
	PID='' LOAD='' LISTEN=127.0.0.1:0
	ask "CREATE DATABASE $DB" >/dev/null
}

teardown() {
	local p
	for p in $PID $LOAD; do
		kill -KILL "$p" 2>/dev/null || true
		wait "$p" 2>/dev/null || true
	done
	eg-lab resume influxdb 2>/dev/null || true
}

ask() { # QUERY
	curl -fsS "$EG_LAB_INFLUX/query" --data-urlencode "q=$1" --data-urlencode "db=$DB" \
		--data-urlencode epoch=s
}

stored() {
	ask 'SELECT sensor, value FROM energy' |
		jq -r '.results[0].series[]?.values[] | "\(.[0]) \(.[1]) \(.[2])"' | sort
}

listens() {
	URL=$(sed -n 's/^eg-serve: info: listening at //p' err)
	[ -n "$URL" ]
}

serve() { # ARG...
	: >err
	anew err
	eg-serve -v --listen "$LISTEN" "$@" >/dev/null 2>err 3>&- &
	PID=$!
	wait_until listens
	LISTEN=${URL#http://}
}

finish() {
	kill -TERM "$PID"
	wait "$PID"
	PID=''
}

post() { # BODY
	curl -sS -m 60 "$URL/ingest" -H 'Content-Type: application/json' -d "$1"
}

@test "a reading that was answered with success is in InfluxDB" {
	serve -- eg-influx -u "$EG_LAB_INFLUX" --db "$DB"
	[[ $(post '{"sensor_id":"sensor1","timestamp":"2026-11-23T14:18:36","value":55.21}') == *success* ]]
	[ "$(stored)" = "1795443516 sensor1 55.21" ]
	finish
}

@test "a reading that was answered with success is in the queue, confirmed" {
	eg-publish --queue serve --declare
	serve --wait 4s -- eg-publish --queue serve
	[[ $(post '{"sensor_id":"sensor1","timestamp":"2026-11-23T14:18:36","value":55.21}') == *success* ]]
	eg-lab pause rabbitmq
	[[ $(post '{"sensor_id":"sensor1","timestamp":"2026-11-23T14:18:38","value":1}') == *'"code":"timeout"'* ]]
	eg-lab resume rabbitmq
	finish
	run eg-consume --queue serve --drain
	[ "$output" = $'sensor1:2026-11-23T14:18:36:55.21\nsensor1:2026-11-23T14:18:38:1' ]
}

@test "while the database stands still nothing is claimed, and then it is all there" {
	serve --wait 4s -- eg-influx -u "$EG_LAB_INFLUX" --db "$DB"
	[[ $(post '{"sensor_id":"a","timestamp":"2026-11-23T14:18:36","value":1}') == *success* ]]
	eg-lab pause influxdb
	[[ $(post '{"sensor_id":"a","timestamp":"2026-11-23T14:18:37","value":2}') == *'"code":"timeout"'* ]]
	eg-lab resume influxdb
	healthy() { curl -sS "$URL/metrics" | grep -q '^energyguard_records_pending{.*} 0$'; }
	await 60 healthy
	[ "$(stored | wc -l)" -eq 2 ]
	finish
}

# Kills the server or its child each second, and starts the server again.
wreck() { # SECONDS
	local end=$((SECONDS + $1)) turn=0
	while ((SECONDS < end)); do
		sleep 1
		if ((turn++ % 2 == 0)); then
			pkill -KILL -P "$PID" || true
		else
			kill -KILL "$PID"
			wait "$PID" 2>/dev/null || true
			serve --wait 5s -- eg-influx -u "$EG_LAB_INFLUX" --db "$DB"
		fi
	done
}

@test "under load and kills every reading that was answered with success is there" {
	serve --wait 5s -- eg-influx -u "$EG_LAB_INFLUX" --db "$DB"
	"$TOOLS/serve-load" "${LISTEN##*:}" 200 20 . >counts 3>&- &
	LOAD=$!
	wreck 18
	wait "$LOAD"
	LOAD=''
	finish
	# A child of a server that was killed may still be writing.
	quiet() { ! pgrep -f "eg-influx -u $EG_LAB_INFLUX --db $DB" >/dev/null; }
	await 60 quiet
	cat counts err
	TZ=UTC awk -F '[:T-]' '{ print mktime($2 " " $3 " " $4 " " $5 " " $6 " " $7), $1, $8 + 0 }' \
		accepted | sort >safe
	TZ=UTC awk -F '[:T-]' '{ print mktime($2 " " $3 " " $4 " " $5 " " $6 " " $7), $1, $8 + 0 }' \
		sent | sort >all
	stored >there
	grep -q '200=' counts
	grep -q 'broken off=' counts
	grep -q 'lost=' counts
	(($(wc -l <safe) > 1000))
	# Nothing that was claimed is missing, and nothing is there that nobody sent.
	[ -z "$(comm -23 safe there | head)" ]
	[ -z "$(comm -13 all there | head)" ]
}

@test "InfluxDB's own client library writes through it unchanged" {
	command -v npm >/dev/null || skip "no npm here"
	cp "$BATS_TEST_DIRNAME"/../serve/* .
	npm ci --no-audit --no-fund >npm.out 2>&1 || skip "npm cannot install the client library"
	EG_API_TOKEN=s3cret serve -- eg-influx -u "$EG_LAB_INFLUX" --db "$DB"
	run node write.js "$URL" s3cret
	[ "${lines[0]}" = "written 1" ]
	[ "${lines[1]}" = "written 100" ]
	[[ ${lines[2]} == "failed 422 failure writing points to database: partial write: "* ]]
	run node write.js "$URL" wrong
	[[ ${lines[0]} == "failed 401 "* ]]
	[ "$(stored | wc -l)" -eq 201 ]
	finish
}
