#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-serve without a server behind it: its child is a stage that does what it is told.
# shellcheck disable=SC2016,SC2154 # the inner shell expands; bats sets some

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

@test "a packed body is unpacked, within its bound" {
	serve --max-body 1000
	printf 'e,sensor=a value=1 1700000000000000000\n' | gzip >small
	head -c 1000000 /dev/zero | gzip >bomb
	head -c 20 small >short
	ask /api/v2/write -H 'Content-Encoding: gzip' --data-binary @small
	[ "$STATUS" -eq 204 ]
	[ "$(<out)" = a:2023-11-14T22:13:20:1 ]
	ask /ingest_bulk -H 'Content-Type: text/plain' -H 'Content-Encoding: gzip' --data-binary @bomb
	is_error 413 "longer than 1000 bytes"
	ask /ingest_bulk -H 'Content-Type: text/plain' -H 'Content-Encoding: gzip' --data-binary @short
	is_error 400 "not gzip, or damaged"
	json /ingest "$CLASSIC" -H 'Content-Encoding: br'
	is_error 415 "content encoding"
}

@test "a body that is too long is 413, whether it is announced or not" {
	serve --max-body 1000
	head -c 100000 /dev/zero | tr '\0' x >long
	json /ingest @long
	is_error 413 "longer than 1000 bytes"
	json /ingest @long -H 'Transfer-Encoding: chunked'
	is_error 413 "longer than 1000 bytes"
	ask /api/v2/write --data-binary @long
	[ "$STATUS" -eq 413 ]
	[ "$(jq -r .code body)" = "request too large" ]
	# Many short fields of one long name are many long records.
	{ printf 'e,sensor=%0200d f=1' 0; printf ',f=1%.0s' {1..1000}; } >wide
	kill "$PID"
	wait "$PID"
	serve --max-body 20000
	lines /ingest_bulk @wide
	is_error 413 "too many"
	[ ! -s out ]
}

@test "paths, methods, types and lengths that are wrong have their answers" {
	serve
	ask /nowhere
	is_error 404 "no such path"
	ask /ingest
	is_error 405 "POST only"
	header allow "POST, OPTIONS"
	ask /health -X DELETE
	is_error 405 "GET only"
	header allow "GET, HEAD, OPTIONS"
	ask /ingest -X POST -H 'Content-Length:'
	is_error 411 "how long"
	ask /ingest -d "$CLASSIC"
	is_error 415 "not application/json"
	ask /ingest_bulk -d "$CLASSIC"
	is_error 415 "none of"
	ask /ingest -X OPTIONS
	[ "$STATUS" -eq 204 ]
	header allow "POST, OPTIONS"
	ask /health --head
	[ "$STATUS" -eq 200 ]
	[ ! -s out ]
}

@test "a connection goes on after errors that need not end it" {
	serve
	curl -sS -o /dev/null -w '%{http_code} %{num_connects}\n' "$URL/nowhere" \
		--next -sS -o /dev/null -w '%{http_code} %{num_connects}\n' "$URL/ingest" -d x \
		--next -sS -o /dev/null -w '%{http_code} %{num_connects}\n' "$URL/ingest" \
		-H 'Content-Type: application/json' -d "$CLASSIC" >seen
	diff seen - <<<$'404 1\n415 0\n200 0'
}

@test "tokens are taken in every way that clients send them" {
	printf '# name token sensors\nall s3cret\nroof pv-token pv/* roof\n' >tokens
	serve --tokens tokens
	json /ingest "$CLASSIC"
	is_error 401 "token"
	grep -qi '^www-authenticate: Bearer' headers
	json /ingest "$CLASSIC" -H 'Authorization: Bearer s3cret'
	[ "$STATUS" -eq 200 ]
	local point='e,sensor=a value=1 1700000000000000000'
	ask /api/v2/write --data-binary "$point"
	[ "$STATUS" -eq 401 ]
	[ "$(jq -r .code body)" = unauthorized ]
	ask /api/v2/write --data-binary "$point" -H 'Authorization: Token s3cret'
	[ "$STATUS" -eq 204 ]
	ask /write --data-binary "$point" -H 'Authorization: Token user:s3cret'
	[ "$STATUS" -eq 204 ]
	ask /write --data-binary "$point" -u user:s3cret
	[ "$STATUS" -eq 204 ]
	ask '/write?u=user&p=s3cret' --data-binary "$point"
	[ "$STATUS" -eq 204 ]
	ask '/write?u=user&p=wrong' --data-binary "$point"
	[ "$STATUS" -eq 401 ]
	[ "$(jq -r 'keys[0]' body)" = error ]
	[ "$(wc -l <out)" -eq 5 ]
	run ! grep -q s3cret err
}

@test "a token that only begins right, or is longer, is none" {
	EG_API_TOKEN=s3cret serve
	local t
	for t in s3cre s3cret2 S3CRET s3cret%00 "" "s3cret s3cret"; do
		json /ingest "$CLASSIC" -H "Authorization: Bearer $t"
		is_error 401 token
	done
	json /ingest "$CLASSIC" -H "Authorization: Digest s3cret"
	is_error 401 token
	json /ingest "$CLASSIC" -H "Authorization: Bearer s3cret"
	[ "$STATUS" -eq 200 ]
}

@test "a token for some sensors writes those, and sees no others" {
	printf 'roof pv-token pv/* roof\n' >tokens
	serve --tokens tokens
	local auth='Authorization: Bearer pv-token'
	json /ingest '{"sensor_id":"pv/1","value":1}' -H "$auth"
	[ "$STATUS" -eq 200 ]
	json /ingest '{"sensor_id":"sensor1","value":1}' -H "$auth"
	is_error 403 "may not write this sensor"
	json /ingest_bulk '[{"sensor_id":"roof","value":1},{"sensor_id":"other","value":1}]' -H "$auth"
	[ "$STATUS" -eq 422 ]
	[ "$(jq '.errors[0].index' body)" -eq 1 ]
	json /ingest_bulk '[{"sensor_id":"other","value":1}]' -H "$auth"
	is_error 403 "any of these"
	ask /api/v2/write -H "$auth" --data-binary 'e,sensor=other value=1'
	[ "$STATUS" -eq 403 ]
	[ "$(jq -r .message body)" = "insufficient permissions for write" ]
	local p
	for p in / /events /metrics; do
		ask "$p" -H "$auth"
		is_error 403 "some sensors only"
	done
	ask /health
	[ "$STATUS" -eq 200 ]
	[ "$(wc -l <out)" -eq 2 ]
}

@test "a token's rate is held, and the others' not touched" {
	printf 'a token-a\nb token-b\n' >tokens
	serve --tokens tokens --rate 2
	local limited=0
	for _ in 1 2 3 4 5 6; do
		json /ingest "$CLASSIC" -H 'Authorization: Bearer token-a'
		if [ "$STATUS" -ne 200 ]; then
			is_error 429 "2 requests a second"
			header retry-after 1
			limited=$((limited + 1))
		fi
	done
	((limited > 0))
	json /ingest "$CLASSIC" -H 'Authorization: Bearer token-b'
	[ "$STATUS" -eq 200 ]
}

@test "a file of tokens that is wrong is 78, and shows no secret" {
	local bad
	for bad in '' '# nobody' 'onlyname' $'a s3cret\nb s3cret'; do
		printf '%s\n' "$bad" >tokens
		run --separate-stderr timeout 20 eg-serve --tokens tokens
		[ "$status" -eq 78 ]
		[[ $stderr != *s3cret* ]]
	done
	run --separate-stderr timeout 20 eg-serve --tokens missing
	[ "$status" -eq 78 ]
}

@test "while the downstream is behind, 503 comes before memory grows" {
	serve --max-pending 300000 --wait 200ms -- passthrough --hold 1000000
	head -c 100000 /dev/zero | tr '\0' '\n' | sed 's/.*/a:2026-11-23T14:18:36:1/' | head -n 4000 >many
	local full=0
	for _ in 1 2 3 4 5 6 7 8; do
		lines /ingest_bulk @many
		if [ "$STATUS" -eq 503 ]; then
			is_error 503 "nothing of this was taken"
			header retry-after 2
			full=$((full + 1))
		else
			is_error 504 "no receipt"
		fi
	done
	((full >= 5))
	ask /metrics
	(($(sed -n 's/^energyguard_held_bytes{.*} //p' body) <= 300000))
}

@test "the health tells whether receipts come" {
	serve --wait 100ms -- passthrough --hold 1000000
	ask /health
	[ "$STATUS" -eq 200 ]
	[ "$(jq -r .status body)" = pass ]
	json /ingest "$CLASSIC"
	sick() { ask /health && [ "$STATUS" -eq 503 ] && [ "$(jq -r .status body)" = fail ]; }
	wait_until sick
}

@test "a child that is killed is started again, and the request is answered" {
	serve -- bash -c 'if mkdir first 2>/dev/null; then read -r; kill -9 $$; fi; exec passthrough'
	json /ingest "$CLASSIC"
	[ "$STATUS" -eq 200 ]
	grep -q "was ended by signal 9" err
}

@test "a command that cannot be run ends it with 78 at the start" {
	touch file
	mkdir folder
	for command in ./no-such-command no-such-command ./file ./folder ''; do
		run --separate-stderr -78 timeout 30 eg-serve --listen 127.0.0.1:0 -- "$command"
		[[ $stderr == *"cannot run '$command': "* ]]
	done
}

@test "a child that cannot run any more ends the server with 78, and claims nothing" {
	cp "$(command -v passthrough)" child
	serve -- ./child
	rm child
	kill -KILL "$(pgrep -P "$PID")"
	json /ingest "$CLASSIC"
	is_error 503 ending
	ends 78
}

@test "after SIGTERM what is under way is settled and answered, then it ends" {
	serve -- passthrough --delay 1s
	json /ingest "$CLASSIC" &
	local asked=$!
	taken() { curl -sS "$URL/metrics" | grep -q '^energyguard_records_pending{.*} 1'; }
	wait_until taken
	kill -TERM "$PID"
	wait "$asked"
	[ "$(jq -r .status body)" = success ]
	header connection close
	wait "$PID"
	PID=''
}

@test "after the grace it ends with 75, and a second signal ends it at once" {
	serve --grace 300ms -- passthrough --hold 1000000
	json /ingest "$CLASSIC" &
	local asked=$!
	taken() { curl -sS "$URL/metrics" | grep -q '^energyguard_records_pending{.*} 1'; }
	wait_until taken
	finish 75
	grep -q "1 records without a receipt" err
	# A counter does not fall: what was taken was taken.
	grep -q "in 1 = out 0 + refused 0 + pending 1," err
	wait "$asked"
	[ "$(jq -r .code body)" = unavailable ]

	serve --grace 1h -- passthrough --hold 1000000
	json /ingest "$CLASSIC" &
	wait_until taken
	kill -TERM "$PID"
	refuses() { ! (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; }
	wait_until refuses
	wait_until gone_after_signal "$PID"
	ends 75
	PID=
}

@test "with --timeout a downstream that gives no receipts is 75" {
	serve --timeout 300ms --wait 100ms -- passthrough --hold 1000000
	json /ingest "$CLASSIC"
	ends 75
	grep -q "gave up waiting for receipts" err
	PID=''
}

@test "a full or closed standard output is 74, and no success" {
	: >err
	eg-serve -v -l 127.0.0.1:0 >/dev/full 2>err 3>&- &
	PID=$!
	wait_until listens
	json /ingest "$CLASSIC"
	is_error 503 ending
	ends 74
	: >err
	{ eg-serve -v -l 127.0.0.1:0 2>err 3>&- || echo $? >status; } | true &
	wait_until test -s status
	[ "$(<status)" -eq 74 ]
	PID=''
}

@test "a request that comes too slowly is 408, in its headers or its body" {
	serve --patience 3s
	local answer
	answer=$(printf 'POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{' | raw)
	[[ $answer == "HTTP/1.1 408 "*'"request timeout"'* ]]
	answer=$(printf 'POST /ingest HTTP/1.1\r\nHost: localhost\r\n' | raw)
	[[ $answer == "HTTP/1.1 408 "* ]]
	answer=$(printf 'POST /api/v2/write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{' | raw)
	[[ $answer == *'{"code":"request timeout"'* ]]
	# One byte now and then is no progress.
	{
		printf 'POST /ingest HTTP/1.1\r\nHost: localhost\r\nX: '
		for _ in {1..600}; do printf x && sleep 0.2; done
	} 2>/dev/null | raw >slow 2>/dev/null &
	connections() { curl -sS "$URL/metrics" | grep -q "^energyguard_connections{.*} $1\$"; }
	wait_until connections 2
	wait_until connections 1
	json /ingest "$CLASSIC"
	[ "$STATUS" -eq 200 ]
}

@test "broken requests harm nobody else" {
	serve
	printf 'POST /ingest HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\nx' | raw 3 >/dev/null
	printf 'POST /ingest HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab' | raw 1 >/dev/null
	printf '\0\0\0garbage\r\n\r\n' | raw 3 >/dev/null
	printf 'GET / HTTP/9.9\r\n\r\n' | raw 3 >/dev/null
	head -c 200000 /dev/urandom | raw 3 >/dev/null 2>&1 || true
	local answer
	answer=$({ printf 'GET /health HTTP/1.1\r\n'; printf 'X-%d: y\r\n' {1..5000}; printf '\r\n'; } | raw 5 2>/dev/null)
	[[ $answer == "HTTP/1.1 431 "* || -z $answer ]]
	answer=$(printf 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /ping HTTP/1.1\r\nHost: localhost\r\n\r\nnonsense\r\n\r\n' | raw 3)
	[[ $answer == *"200 OK"*"204 No Content"* ]]
	json /ingest "$CLASSIC"
	[ "$STATUS" -eq 200 ]
	[ "$(wc -l <out)" -eq 1 ]
	finish 0
}

@test "pipelined readings are each answered, in order" {
	serve -- passthrough
	local time body
	for time in 2026-11-23T14:18:{10..29}; do
		echo "\"timestamp\":\"$time\"" >>asked
		body="{\"sensor_id\":\"a\",\"timestamp\":\"$time\",\"value\":1}"
		printf 'POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
		printf 'Content-Length: %d\r\n\r\n%s' "${#body}" "$body"
	done | raw 3 >answers
	[ "$(grep -c '"status":"success"' answers)" -eq 20 ]
	grep -o '"timestamp":"[^"]*"' answers | diff asked -
}

@test "more connections than allowed close the one idle longest, and memory has a bound" {
	serve --connections 200
	cat >idle.py <<-'END'
		import resource, socket, sys
		hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
		resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
		want = min(10000, hard - 50)
		held = []
		for i in range(want):
		    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		    s.setblocking(False)
		    held.append(s)
		print("open", want, flush=True)
		sys.stdin.read()
		try:
		    assert held[0].recv(1) == b""
		except ConnectionResetError:
		    pass
		try:
		    sys.exit("the newest was closed: %r" % held[-1].recv(1))
		except BlockingIOError:
		    pass
	END
	mkfifo hold
	python3 idle.py "$PORT" <hold >opened 3>&- &
	local idle=$!
	exec 9>hold
	await 60 grep -q open opened
	json /ingest "$CLASSIC"
	[ "$STATUS" -eq 200 ]
	ask /metrics
	(($(sed -n 's/^energyguard_connections{.*} //p' body) <= 265))
	[ -n "$EG_SAN" ] || (($(memory_kb) < 40000))
	exec 9>&-
	wait "$idle"
}

# Opens N connections and keeps them; prints how many of them the server has not closed.
connect() { # N
	cat >connect.py <<-'END'
		import select, socket, sys
		port, want = int(sys.argv[1]), int(sys.argv[2])
		held = [socket.create_connection(("127.0.0.1", port)) for _ in range(want)]
		# All were accepted when a request on the last one is answered.
		held[-1].sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
		assert held[-1].recv(9) == b"HTTP/1.1 "
		print(want - len(select.select(held[:-1], [], [], 0)[0]))
	END
	python3 connect.py "$PORT" "$1"
}

@test "the soft limit of open files is raised as far as the connections need it" {
	ulimit -Sn 200
	serve --connections 600
	grep -Eq '^Max open files +728 ' "/proc/$PID/limits"
	run ! grep -q warning err
	ulimit -Sn 2000
	[ "$(connect 500)" -eq 500 ]
	finish 0
	# A limit that is high enough stays.
	serve --connections 10
	grep -Eq '^Max open files +2000 ' "/proc/$PID/limits"
	finish 0
}

@test "where the hard limit of open files is too low it is said how many connections there are" {
	(
		ulimit -n 300
		serve
		grep -q "^eg-serve: warning: no more than 172 connections instead of 1000: " err
		[ "$(connect 150)" -eq 150 ]
		finish 0
	)
}

@test "TLS is served from certificate and key, 1.2 at least" {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -days 2 -subj /CN=localhost \
		-addext subjectAltName=IP:127.0.0.1 2>/dev/null
	serve --cert cert --key key
	[[ $URL == https://* ]]
	json /ingest "$CLASSIC" --cacert cert
	[ "$STATUS" -eq 200 ]
	run curl -sS --cacert cert --tlsv1.0 --tls-max 1.1 --ciphers 'DEFAULT@SECLEVEL=0' "$URL/health"
	[ "$status" -ne 0 ]
	run curl -sS --cacert cert --tls-max 1.2 "$URL/health"
	[ "$status" -eq 0 ]
	finish 0
	openssl genrsa -out other 2048 2>/dev/null
	run --separate-stderr timeout 20 eg-serve -l 127.0.0.1:0 --cert cert --key other
	[ "$status" -eq 78 ]
	run --separate-stderr timeout 20 eg-serve -l 127.0.0.1:0 --cert cert --key missing
	[ "$status" -eq 78 ]
}

@test "the page is small, needs a token, and is told of what is new" {
	EG_API_TOKEN=s3cret serve -- passthrough --refuse 666
	ask /
	[ "$STATUS" -eq 401 ]
	grep -qi '^www-authenticate: Basic' headers
	ask / -u me:s3cret
	[ "$STATUS" -eq 200 ]
	(($(wc -c <body) < 50000))
	curl -sSN -u me:s3cret "$URL/events" >events 3>&- &
	local watcher=$!
	wait_until test -s events
	json /ingest "$CLASSIC" -H 'Authorization: Bearer s3cret'
	json /ingest '{"sensor_id":"<b>","value":666}' -H 'Authorization: Bearer s3cret'
	wait_until grep -q 'refused downstream' events
	grep -q '{"sensor":"sensor1","timestamp":"2026-11-23T14:18:36","value":"55.21","minute":[0-9]*,"means":\[55.21\]}' events
	sed -n 's/^data: //p' events | jq -es 'last | .refused == 1 and .senders[0].name == "environment"' >/dev/null
	finish 0
	wait "$watcher"
}

@test "the page in a browser shows the newest readings as text" {
	command -v chromium >/dev/null || skip "no chromium here"
	serve --rejects rejects -- passthrough --refuse 666
	json /ingest "$CLASSIC"
	json /ingest '{"sensor_id":"<img src=x onerror=alert(1)>","value":7}'
	json /ingest '{"sensor_id":"b","value":666}'
	local ago value
	for ago in 20 15 10 5 0; do
		value=$(((ago - 10) * (ago - 10)))
		lines /ingest_bulk "meter:$(date -u -d "-$ago min" +%FT%T):$value"
	done
	# The page is dumped when it is loaded, which may be before the first event.
	shown() {
		HOME=$PWD timeout 60 chromium --headless --no-sandbox --disable-gpu --no-first-run \
			--disable-background-networking --disable-component-update --disable-sync \
			--user-data-dir="$PWD/profile" --timeout=4000 --dump-dom "$URL/" >dom 2>/dev/null 3>&-
		grep -q 'role="status" data-state="good">Live' dom
	}
	await 60 shown
	grep -qF '<th scope="row">sensor1</th><td class="number">55.21</td><td class="hour">no readings</td><td class="time">2026-11-23T14:18:36</td>' dom
	# The last hour is a line of five points, and its range in words.
	grep -qE '<th scope="row">meter</th><td class="number">100</td><td class="hour"><svg [^>]*aria-hidden="true"[^>]*><path d="M3[789],0.0h0L[0-9]+,15.0L[0-9]+,20.0L[0-9]+,15.0L5[0-9],0.0"></path></svg>0 to 100</td>' dom
	grep -q '&lt;img src=x onerror=alert(1)&gt;' dom
	grep -q 'refused downstream' dom
	finish 0
}

@test "with a file of meters the page has names, units and the kWh of today" {
	command -v chromium >/dev/null || skip "no chromium here"
	printf '%s\n' 'roof W pv Roof, <both> sides' 'grid kWh grid-import' 'cellar C none' >meters
	# Now is noon, so that ten minutes ago is today.
	local zone
	zone=Etc/GMT$(printf '%+d' $(($(date -u +%-H) - 12)))
	serve --meters meters --tz "$zone" -- passthrough
	lines /ingest_bulk "roof:$(date -u -d '-20 min' +%FT%T):6000"$'\n'"roof:$(date -u -d '-10 min' +%FT%T):1500"
	lines /ingest_bulk "grid:$(date -u -d '-20 min' +%FT%T):100"$'\n'"grid:$(date -u -d '-10 min' +%FT%T):102.345"
	lines /ingest_bulk "high:$(date -u -d '-20 min' +%FT%T):48213.12"$'\n'"high:$(date -u -d '-10 min' +%FT%T):48214.36"
	lines /ingest_bulk "cellar:$(date -u +%FT%T):18.5"$'\n'"other:$(date -u +%FT%T):7"
	shown() {
		HOME=$PWD timeout 60 chromium --headless --no-sandbox --disable-gpu --no-first-run \
			--disable-background-networking --disable-component-update --disable-sync --lang=en-US \
			--user-data-dir="$PWD/profile" --timeout=4000 --dump-dom "$URL/" >dom 2>/dev/null 3>&-
		grep -q 'role="status" data-state="good">Live' dom
	}
	await 60 shown
	grep -qE '<th scope="col" class="number today">Today</th>' dom
	grep -qE '<th scope="row">Roof, &lt;both&gt; sides \(roof\)</th><td class="number">1500 W</td><td class="number today">1.00 kWh since [0-9][0-9]:[0-9][0-9]<' dom
	grep -qE '<th scope="row">grid</th><td class="number">102.345 kWh</td><td class="number today">2.3[45] kWh since' dom
	grep -qE '<th scope="row">cellar</th><td class="number">18.5 C</td><td class="number today unknown">–</td>' dom
	grep -qE '<th scope="row">other</th><td class="number">7</td>' dom
	# As many digits as tell the lowest from the highest.
	grep -qE '<th scope="row">high</th>.*</svg>48,213.1 to 48,214.4</td>' dom
	finish 0
	# Without meters there is no such column.
	serve
	lines /ingest_bulk "roof:$(date -u +%FT%T):6000"
	await 60 shown
	grep -qE '<th scope="col" class="number today" hidden="">' dom
	run ! grep -q 'since [0-9]' dom
	finish 0
}

@test "a wrong file of meters, and a zone that is none, are told at the start" {
	echo 'roof W sun' >meters
	run --separate-stderr timeout 20 eg-serve --listen 127.0.0.1:0 --meters meters
	[[ $status -eq 78 && $stderr == *meters*1*"'sun' is no role"* ]]
	run --separate-stderr timeout 20 eg-serve --listen 127.0.0.1:0 --tz Nowhere/X
	[[ $status -eq 78 && $stderr == *Nowhere/X* ]]
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

@test "a store that is not there yet is 503" {
	serve --store db -- passthrough
	ask /sensor/sensor1/mean
	is_error 503 db
}

@test "what is in the store is read by key, by sensor and by age" {
	serve --store db -- eg-store db
	lines /ingest_bulk $'meter/power:2026-11-23T14:18:36:1.50\nmeter/power:2026-11-23T14:18:37Z:+2\nmeter/power:2026-11-24T00:00:00:6'
	[ "$STATUS" -eq 200 ]
	ask /measurement/meter/power:2026-11-23T15:18:37%2B01:00
	[ "$BODY" = '{"sensor_id":"meter/power","timestamp":"2026-11-23T14:18:37Z","value":2}' ]
	ask /measurement/meter/power:2026-11-23T14:18:38
	is_error 404 "no such reading"
	ask '/sensor/meter/power/history?to=2026-11-24'
	[ "$(jq -c '[.more, .readings[].value]' body)" = '[false,1.5,2]' ]
	ask '/sensor/meter/power/history?from=2026-11-24'
	[ "$(jq -c '[.readings[].value]' body)" = '[6]' ]
	ask '/sensor/meter/power/mean?to=2026-11-24&inclusive=0'
	[ "$(jq -c '[.count, .mean]' body)" = '[2,1.75]' ]
	ask '/measurements/recent?from=2026-11-23T14:18:36&to=2026-11-24'
	[ "$(jq -c '[.readings[].value]' body)" = '[2,1.5]' ]
	ask '/sensor/meter/power/history?to=2026-11-24&inclusive=2'
	is_error 400 "'inclusive' is neither 0 nor 1"
	ask '/sensor/meter/power/history?to=2026-11-24&inclusive=1'
	[ "$(jq -c . body)" = '{"sensor_id":"meter/power","readings":[{"timestamp":"2026-11-23T14:18:36","value":1.50},{"timestamp":"2026-11-23T14:18:37Z","value":2},{"timestamp":"2026-11-24T00:00:00","value":6}],"more":false}' ] ||
		[ "$(jq -c '[.more, .readings[].value]' body)" = '[false,1.5,2,6]' ]
	grep -q '"value":1.50}' body
	ask '/sensor/meter%2Fpower/history?limit=2'
	[ "$(jq -c '[.more, (.readings | length)]' body)" = '[true,2]' ]
	ask '/sensor/meter/power/mean?from=2026-11-23T14:18:37'
	[ "$(jq -c '[.count,.mean]' body)" = '[2,4]' ]
	ask /sensor/meter/power/std
	[ "$(jq '.std * 1000 | floor' body)" -eq 2466 ]
	ask '/sensor/meter/power/std?from=2026-11-24'
	[ "$(jq -c '[.count,.std]' body)" = '[1,null]' ]
	ask /sensor/nobody/mean
	is_error 404 "no readings"
	ask /sensor/nobody/history
	[ "$(jq -c .readings body)" = '[]' ]
	ask '/measurements/recent?from=2026-01-01&limit=2'
	[ "$(jq -c '[.readings[].value]' body)" = '[6,2]' ]
	ask '/sensor/meter/power/history?from=yesterday'
	is_error 400 "'from' is not a time"
	ask '/sensor/meter/power/history?limit=0'
	is_error 400 "'limit'"
	ask /sensor/meter/power/median
	is_error 404 "no such path"
	finish 0
}

@test "a store that is replaced or removed is not read from any more" {
	eg-store db <<<a:2026-11-23T14:18:36:1 >stored
	serve --store db
	ask /sensor/a/history
	[ "$(jq -c '[.readings[].value]' body)" = '[1]' ]
	eg-store other <<<a:2026-11-23T14:18:36:2 >stored
	mv other db
	ask /sensor/a/history
	[ "$(jq -c '[.readings[].value]' body)" = '[2]' ]
	ask /measurement/a:2026-11-23T14:18:36
	[ "$(jq .value body)" -eq 2 ]
	rm db
	local path
	for path in /sensor/a/history /sensor/a/mean /measurement/a:2026-11-23T14:18:36 \
	    '/measurements/recent?from=2026-01-01'; do
		ask "$path"
		is_error 503 db
	done
	[ "$(grep -c 'warning.*db' err)" -eq 1 ]
	eg-store db <<<a:2026-11-23T14:18:36:3 >stored
	for path in 1 2; do
		ask /measurement/a:2026-11-23T14:18:36
		[ "$(jq .value body)" -eq 3 ]
	done
	[ "$(grep -c "warning: 'db' is read again" err)" -eq 1 ]
	# An emptied file is none of ours, and says so.
	: >db
	ask /sensor/a/mean
	((STATUS == 503 || STATUS == 404))
	finish 0
}

@test "the newest of many are found, whatever their sensors" {
	for i in {1..40}; do
		printf 's%d:2026-01-01T00:00:%02d:%d\n' $((i * 7 % 11)) $((i * 13 % 41)) $((i * 13 % 41))
	done | eg-store db >stored
	serve --store db
	ask '/measurements/recent?from=2026-01-01&limit=7'
	[ "$(jq -c '[.readings[].value]' body)" = '[40,39,38,37,36,35,34]' ]
}

@test "without a store there is nothing to read, and a token reads its own sensors" {
	printf 'roof pv-token pv/*\n' >tokens
	serve
	ask /sensor/a/mean
	is_error 404 "no store here"
	finish 0
	eg-store db <<<pv/1:2026-11-23T14:18:36:1 >stored
	serve --store db --tokens tokens
	ask /sensor/pv/1/mean
	is_error 401 token
	ask /sensor/pv/1/mean -H 'Authorization: Bearer pv-token'
	[ "$STATUS" -eq 200 ]
	ask /sensor/other/mean -H 'Authorization: Bearer pv-token'
	is_error 403 "may not see"
	ask /measurement/other:2026-11-23T14:18:36 -H 'Authorization: Bearer pv-token'
	is_error 403 "may not see"
	ask /measurements/recent -H 'Authorization: Bearer pv-token'
	is_error 403 "some sensors only"
}
