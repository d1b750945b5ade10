#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-serve without a server behind it: its options, and readings in the forms that clients send.
# shellcheck disable=SC2154 # bats sets some

bats_require_minimum_version 1.5.0
load serve

readonly CLASSIC_RECORD=sensor1:2026-11-23T14:18:36:55.21

is_usage() { # TEXT
	[ "$status" -eq 64 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "eg-serve: fatal: "*"$1"* ]]
}

@test "numbers and durations out of range are wrong usage" {
	local o
	for o in --connections=0 --connections=x --max-body=0 --max-pending=-1 --patience=0 --rate=0 \
	    --rate=fast --wait=soon --wait=0; do
		run --separate-stderr timeout 20 eg-serve "$o"
		is_usage "${o%%=*}"
	done
	run --separate-stderr timeout 20 eg-serve --sensor-tag ""
	is_usage --sensor-tag
	run --separate-stderr timeout 20 eg-serve --cert x
	is_usage --key
}

@test "what is no address is wrong usage, one that is taken is 78" {
	local a
	for a in "" 127.0.0.1 8080 127.0.0.1: 127.0.0.1:http ::1:8080 example.org:80 127.0.0.1:99999x; do
		run --separate-stderr timeout 20 eg-serve --listen "$a"
		[ "$status" -eq 64 ]
	done
	serve -- cat
	run --separate-stderr timeout 20 eg-serve --listen "127.0.0.1:$PORT"
	[ "$status" -eq 78 ]
	[[ $stderr == *"cannot listen"* ]]
}

@test "without a token others than this machine are not let in" {
	run --separate-stderr timeout 20 eg-serve --listen 0.0.0.0:0
	[ "$status" -eq 78 ]
	[[ $stderr == *"--tokens"* ]]
	run --separate-stderr timeout 20 eg-serve --listen :0
	[ "$status" -eq 78 ]
}

@test "the classic reading is answered with success, and has come out" {
	serve -- passthrough
	json /ingest "$CLASSIC"
	[ "$STATUS" -eq 200 ]
	[ "$(jq -r .status body)" = success ]
	[ "$(jq -r .timestamp body)" = 2026-11-23T14:18:36 ]
	header content-type application/json
	finish 0
	grep -q "in 1 = out 1 + refused 0 + pending 0" err
}

@test "without a command a reading is safe when standard output has it" {
	serve
	json /ingest "$CLASSIC"
	[ "$STATUS" -eq 200 ]
	[ "$(<out)" = "$CLASSIC_RECORD" ]
	finish 0
}

@test "a reading without a time gets the server's, and the answer says which" {
	serve
	json /ingest '{"sensor_id":"a","value":-0.50}'
	[ "$STATUS" -eq 200 ]
	local time
	time=$(jq -r .timestamp body)
	[[ $time =~ ^20[0-9-]+T[0-9:]+(\.[0-9]{1,3})?$ ]]
	[ "$(<out)" = "a:$time:-0.50" ]
}

@test "there is no success before the receipt, and none without" {
	serve --wait 300ms --grace 300ms -- passthrough --hold 1000000
	json /ingest "$CLASSIC"
	is_error 504 "may still be written"
	header retry-after 2
	finish 75
}

@test "a receipt that takes its time is waited for" {
	serve -- passthrough --delay 1500ms
	json /ingest "$CLASSIC"
	[ "$STATUS" -eq 200 ]
	ask /metrics
	grep -q '^energyguard_records_pending{.*} 0$' body
}

@test "what the child refuses for good is told to the client and kept" {
	serve --rejects rejects -- passthrough --refuse 666
	json /ingest '{"sensor_id":"a","timestamp":"2026-11-23T14:18:36","value":666}'
	is_error 422 "refused downstream"
	json /ingest "$CLASSIC"
	[ "$STATUS" -eq 200 ]
	grep -qx a:2026-11-23T14:18:36:666 rejects
	run ! grep -q 'line [0-9]' rejects # a request has no lines that its sender knows
	finish 0
	grep -q "in 2 = out 1 + refused 1 + pending 0" err
}

@test "what a sender puts behind a newline of a refused reading is no line of the file of rejects" {
	local record=house:2026-11-23T14:18:36:9 body json=(-H 'Content-Type: application/json')
	post() { curl -sS -o answer -w '%{http_code}\n' "$@" >>codes; }
	serve --rejects rejects -- passthrough
	for body in '{"sensor_id":"a\nhouse","timestamp":"2026-11-23T14:18:36","value":9}' \
		'{"sensor_id":"a","timestamp":"\n'$record'\n","value":9}' \
		$'{"sensor_id":\n'$record$'\n"value":9}' $'{\n"sensor_id":"a",\n"value":\n"9"}'; do
		post "${json[@]}" -d "$body" "$URL/ingest"
		post "${json[@]}" -d "[$body,$body]" "$URL/ingest_bulk"
	done
	post -H 'Content-Type: text/plain' --data-binary "energy,sensor=a text=\"
$record
\",value=" "$URL/write"
	run sort -u codes
	[[ $output != *2[0-9][0-9]* ]]
	finish 0
	[ "$(grep -vc '^#' rejects)" -ge 9 ]
	run eg-store store.db <rejects
	[ "$status" -eq 65 ]
	[ "$(eg-store store.db dump 2>/dev/null | wc -l)" -eq 0 ]
}

@test "no answer comes before a reading that was refused earlier is kept" {
	mkfifo rejects
	exec 8<>rejects
	serve --rejects rejects --wait 60s -- passthrough
	# A little more than the FIFO holds.
	{ for i in {1..150}; do printf 'wrong%0500d\n' "$i"; done; } >wrong
	curl -sS -m 60 -o refused -w '%{http_code}' "$URL/ingest_bulk" -H 'Content-Type: text/plain' \
		--data-binary @wrong >refused.status 3>&- &
	local first=$! second
	counted() { ask /metrics && grep -q '^energyguard_records_refused_total{.*} 150$' body; }
	wait_until counted
	# A good reading behind it is safe, but its answer would say that the others are kept.
	curl -sS -m 60 -o good -w '%{http_code}' "$URL/ingest" -H 'Content-Type: application/json' \
		-d "$CLASSIC" >good.status 3>&- &
	second=$!
	safe() { ask /metrics && grep -q '^energyguard_records_out_total{.*} 1$' body; }
	wait_until safe
	# What is refused when it is read waits for no receipt.
	grep -q '^energyguard_receipt_seconds_count{.*} 1$' body
	ask /health
	[ ! -s refused.status ]
	[ ! -s good.status ]
	cat <&8 >kept 3>&- &
	WATCHERS+=($!)
	wait "$first" "$second"
	[ "$(<refused.status)" -eq 422 ]
	[ "$(<good.status)" -eq 200 ]
	finish 0
	everything() { [ "$(grep -c ^wrong kept)" -eq 150 ]; }
	wait_until everything
	exec 8>&-
}

@test "an object that is no reading is 422, one that is no JSON 400" {
	serve
	json /ingest '{"sensor_id":"a","timestamp":"2026-02-30T00:00:00","value":1}'
	is_error 422 "day"
	json /ingest '{"sensor_id":"a","value":1'
	is_error 400 "not JSON"
	json /ingest ''
	is_error 400 "not a JSON object"
	json /ingest "[$CLASSIC]"
	is_error 400 "not a JSON object"
	json /ingest "{\"a\":$(printf '[%.0s' {1..100})"
	is_error 400 "nested too deeply"
	[ ! -s out ]
}

@test "the last of two members of a name counts" {
	serve
	json /ingest '{"sensor_id":"a","timestamp":"2026-11-23T14:18:36","value":1,"value":2}'
	[ "$STATUS" -eq 200 ]
	[ "$(<out)" = a:2026-11-23T14:18:36:2 ]
}

@test "of an array the good ones are kept, the others named by index" {
	serve -- passthrough --refuse 666
	json /ingest_bulk "[$CLASSIC, {\"sensor_id\":\"a\",\"value\":666}, 5, {\"sensor_id\":\"b\",\"value\":\"1\"}]"
	[ "$STATUS" -eq 422 ]
	[ "$(jq -c '[.status,.accepted,.refused,[.errors[].index]]' body)" = '["partial",1,3,[1,2,3]]' ]
	[ "$(jq -r '.errors[0].reason' body)" = "refused downstream" ]
	json /ingest_bulk "[$CLASSIC,$CLASSIC]"
	[ "$STATUS" -eq 200 ]
	[ "$(jq -c '[.status,.accepted,.refused]' body)" = '["success",2,0]' ]
	json /ingest_bulk '[]'
	[ "$STATUS" -eq 200 ]
	json /ingest_bulk "[$CLASSIC"
	is_error 400 "not JSON"
	json /ingest_bulk "$CLASSIC"
	is_error 400 "not a JSON array"
	finish 0
	grep -q "in 6 = out 3 + refused 3" err
}

@test "native records and line protocol are told apart" {
	serve
	lines /ingest_bulk $'# c\na:2026-11-23T14:18:36:1.0\n\nb:2026-11-23T15:18:36+01:00:2'
	[ "$STATUS" -eq 200 ]
	lines /ingest_bulk $'energy,sensor=a value=1 1700000000\nenergy,sensor=b value=2i,power=3.5 1700000000123'
	[ "$STATUS" -eq 200 ]
	[ "$(jq .accepted body)" -eq 3 ]
	lines '/ingest_bulk?precision=ms' 'energy,sensor=c value=1 1700000000001'
	[ "$STATUS" -eq 200 ]
	lines '/ingest_bulk?precision=h' 'energy,sensor=c value=1 1'
	is_error 400 precision
	diff out - <<-END
		a:2026-11-23T14:18:36:1.0
		b:2026-11-23T15:18:36+01:00:2
		a:2023-11-14T22:13:20:1
		b:2023-11-14T22:13:20.123:2
		b/power:2023-11-14T22:13:20.123:3.5
		c:2023-11-14T22:13:20.001:1
	END
	lines /ingest_bulk $'a:2026-11-23T14:18:36:1\nnonsense\n'
	[ "$STATUS" -eq 422 ]
	[ "$(jq '.errors[0].index' body)" -eq 1 ]
}

@test "InfluxDB 2 clients are answered as by InfluxDB" {
	serve
	ask '/api/v2/write?org=o&bucket=b&precision=s' --data-binary 'e,sensor=a value=1 1700000000'
	[ "$STATUS" -eq 204 ]
	[ -z "$BODY" ]
	ask '/api/v2/write?org=o&bucket=b' --data-binary ''
	[ "$STATUS" -eq 204 ]
	ask '/api/v2/write?bucket=b&precision=m' --data-binary 'e,sensor=a value=1 1'
	[ "$STATUS" -eq 400 ]
	[ "$(jq -r .code body)" = invalid ]
	header x-platform-error-code invalid
	ask '/api/v2/write?bucket=b' --data-binary $'e,sensor=a value=1 1700000000000000000\nnonsense'
	[ "$STATUS" -eq 400 ]
	[[ $(jq -r .message body) == "partial write: unable to parse 'nonsense': "*"dropped=1" ]]
	ask '/api/v2/write?bucket=b' --data-binary 'e,sensor=a value=1,state="on" 1700000000000000000'
	[ "$STATUS" -eq 422 ]
	[ "$(jq -r .code body)" = "unprocessable entity" ]
	[[ $(jq -r .message body) == "failure writing points to database: partial write: "*"dropped=1" ]]
	[ "$(wc -l <out)" -eq 3 ]
}

@test "InfluxDB 1 clients are answered as by InfluxDB" {
	serve
	ask '/write?db=d&precision=m' --data-binary 'e,sensor=a value=1 28333333'
	[ "$STATUS" -eq 204 ]
	[ "$(<out)" = a:2023-11-14T22:13:00:1 ]
	ask '/write?db=d&precision=x' --data-binary 'e,sensor=a value=1 1'
	[ "$STATUS" -eq 400 ]
	[ "$(jq -r .error body)" = "invalid precision" ]
	ask '/write?db=d' --data-binary 'e,sensor=a value=t'
	[ "$STATUS" -eq 400 ]
	[[ $(jq -r .error body) == "partial write: "*"dropped=1" ]]
	grep -qi '^x-influxdb-error: partial write' headers
	ask /ping
	[ "$STATUS" -eq 204 ]
	ask /ready
	[ "$STATUS" -eq 200 ]
	[ "$(jq -r .status body)" = ready ]
	[[ $(jq -r .started body) =~ ^20[0-9T:.-]+Z$ ]]
	[[ $(jq -r .up body) =~ ^0h[0-9]m[0-9]{1,2}s$ ]]
}

@test "fields that are no numbers are passed over when asked, another tag names the sensor" {
	serve --skip-text --sensor-tag entity_id
	ask /api/v2/write --data-binary 'kWh,entity_id=meter value=1.5,friendly_name_str="Meter" 1700000000000000000'
	[ "$STATUS" -eq 204 ]
	[ "$(<out)" = meter:2023-11-14T22:13:20:1.5 ]
}

@test "a clock that is not set is refused, or with --now gets the time of arrival" {
	serve
	lines /ingest_bulk $'a:1970-01-01T00:00:03:1\nb:2070-01-01T00:00:00:2\nc:2023-11-14T22:13:20:3'
	[ "$STATUS" -eq 422 ]
	[ "$(jq -c '[.accepted,.refused,.errors[].index]' body)" = '[1,2,0,1]' ]
	[[ $(jq -r '.errors[0].reason' body) == "the sender's clock is not set"* ]]
	[ "$(<out)" = c:2023-11-14T22:13:20:3 ]
	# Seconds where nanoseconds are due.
	ask /api/v2/write --data-binary 'e,sensor=a value=1 1700000000'
	[ "$STATUS" -eq 422 ]
	json /ingest '{"sensor_id":"a","timestamp":"1999-12-31T23:59:59Z","value":1}'
	[ "$STATUS" -eq 422 ]
	finish 0
	serve --now
	lines /ingest_bulk $'a:1970-01-01T00:00:03:1.50\na:2070-01-01T00:00:00:2\nc:2023-11-14T22:13:20:3'
	[ "$STATUS" -eq 200 ]
	[ "$(wc -l <out)" -eq 3 ]
	[ "$(cut -d : -f 1-3,5- out | sort -u | wc -l)" -eq 3 ] # two different times
	[[ $(head -1 out) == "a:$(date -u +%Y)-"*:1.50 ]]
}

@test "counters are shown on SIGUSR1, and to Prometheus" {
	serve
	json /ingest "$CLASSIC"
	kill -USR1 "$PID"
	wait_until grep -q "in 1 = out 1 + refused 0 + pending 0" err
	ask /metrics
	[ "$STATUS" -eq 200 ]
	grep -q '^energyguard_records_out_total{program="eg-serve"} 1$' body
	grep -qi '^content-type: text/plain; version=0.0.4' headers
}
