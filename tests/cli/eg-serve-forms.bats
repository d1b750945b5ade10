#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The forms of bodies that eg-serve takes, and what it answers to a body of odd bytes.
# shellcheck disable=SC2154 # serve.bash and bats set some

bats_require_minimum_version 1.5.0
load serve

# Whether the file body is UTF-8, and JSON for a strict reader.
is_strict_json() {
	python3 -c 'import json, sys; json.loads(open("body", "rb").read().decode("utf-8", "strict"))'
}

headers_are_ascii() {
	run ! grep -qP '[^\t\r\x20-\x7e]' <(LC_ALL=C tr -d '\n' <headers)
}

@test "what is refused is quoted as UTF-8, whatever its bytes" {
	serve
	printf 'a\xffb:2026-11-23T14:18:36:1\nb:2026-11-23T14:18:36:2\n' >latin
	lines /ingest_bulk @latin
	[ "$STATUS" -eq 422 ]
	is_strict_json
	[ "$(jq -c '[.accepted,.refused]' body)" = '[1,1]' ]
	printf '{"sensor_id":"a\xc0\xaf\xed\xa0\x80\xf5","timestamp":"2026-11-23T14:18:36","value":1}' >object
	json /ingest @object
	((STATUS == 422 || STATUS == 400))
	is_strict_json
	printf '[{"sensor_id":"a\xf0\x9f","timestamp":"2026-11-23T14:18:36","value":1}]' >array
	json /ingest_bulk @array
	((STATUS == 422 || STATUS == 400))
	is_strict_json
	# The cut of a long text, in the middle of a character that is none.
	{ printf 'e,sensor='; printf '\xe2\x82%.0s' {1..60}; printf ' value=t 1\n'; } >points
	for path in /write /api/v2/write; do
		ask "$path" --data-binary @points
		((STATUS == 400 || STATUS == 422))
		is_strict_json
		headers_are_ascii
		printf 'e,sensor=\xff value 1' >broken
		ask "$path" --data-binary @broken
		[ "$STATUS" -eq 400 ]
		is_strict_json
		headers_are_ascii
	done
	watch events
	sed -n 's/^data: //p' events | head -n 1 >body
	is_strict_json
	finish 0
}

@test "a name in the address that is no UTF-8 is answered in UTF-8" {
	eg-store db <<<a:2026-11-23T14:18:36:1 >stored
	serve --store db
	local path
	for path in /sensor/a%ff/history /sensor/%ff/mean /measurement/%ff:2026-11-23T14:18:36 \
	    /measurement/a:%ff '/sensor/a/history?from=%ff'; do
		ask "$path"
		is_strict_json || { echo "$path: $BODY"; return 1; }
	done
	finish 0
}

@test "readings without a time do not replace each other" {
	serve
	local body
	body=$(printf '{"sensor_id":"a","value":%d},' {1..500})
	json /ingest_bulk "[${body%,}]"
	[ "$(jq -c '[.accepted,.refused]' body)" = '[500,0]' ]
	printf 'e,sensor=a value=1,power=2\n%.0s' {1..500} >points
	ask /api/v2/write --data-binary @points
	[ "$STATUS" -eq 204 ]
	printf '{"sensor_id":"a","value":1}' >one
	local args=() i
	for i in {1..50}; do
		args+=(--next -sS -o "one.$i" -H 'Content-Type: application/json' --data-binary @one "$URL/ingest")
	done
	curl "${args[@]:1}"
	jq -r .timestamp one.* | sort | uniq -d >twice
	[ ! -s twice ]
	finish 0
	# Each key once, and in the order in which they came.
	grep '^a:' out | sed 's/:[^:]*$//' >keys
	[ "$(wc -l <keys)" -eq 1050 ]
	[ "$(sort -u keys | wc -l)" -eq 1050 ]
	grep '^a/power:' out | sed 's/:[^:]*$//' | sort | uniq -d >twice
	[ ! -s twice ]
	[ "$(head -n 500 out | sed 's/.*://' | tr '\n' ' ')" = "$(seq -s ' ' 500) " ]
}

@test "readings of several sensors in a body get one time" {
	serve
	json /ingest_bulk '[{"sensor_id":"l1","value":1},{"sensor_id":"l2","value":2},{"sensor_id":"l3","value":3}]'
	[ "$(sed -E 's/^[^:]*:(.*):[^:]*$/\1/' out | sort -u | wc -l)" -eq 1 ]
}

@test "half a surrogate pair is refused, a pair is a character" {
	serve
	local bad
	for bad in '\ud800' '\udc00' 'x\ud83dy' '\udc00\ud800' '\ud83d\\udca1' '\ud83d\ud83d\udca1' '\uDBFF'; do
		json /ingest "{\"sensor_id\":\"$bad\",\"timestamp\":\"2026-11-23T14:18:36\",\"value\":1}"
		is_error 422 surrogate
		json /ingest_bulk "[{\"sensor_id\":\"$bad\",\"timestamp\":\"2026-11-23T14:18:36\",\"value\":1}]"
		[ "$STATUS" -eq 422 ]
		[[ $(jq -r '.errors[0].reason' body) == *surrogate* ]]
	done
	[ ! -s out ]
	json /ingest '{"sensor_id":"\ud83d\udCA1 \ufffd \\ud800","timestamp":"2026-11-23T14:18:36","value":1}'
	[ "$STATUS" -eq 200 ]
	[ "$(<out)" = '💡 '$'\xef\xbf\xbd'' \ud800:2026-11-23T14:18:36:1' ]
}

@test "objects a line are taken, by their type or their first byte" {
	serve -- passthrough --refuse 666
	local one='{"sensor_id":"a","timestamp":"2026-11-23T14:18:36","value":1}' type
	local other='{"value":2,"sensor_id":"b","timestamp":"2026-11-23T14:18:36"}'
	printf '%s\r\n\n%s' "$one" "$other" >lines
	for type in application/x-ndjson application/ndjson application/jsonl application/x-jsonlines \
		text/plain ''; do
		ask /ingest_bulk -H "Content-Type: $type" --data-binary @lines
		[ "$STATUS" -eq 200 ] || { echo "$type: $STATUS $BODY"; return 1; }
		[ "$(jq -c '[.accepted,.refused]' body)" = '[2,0]' ]
	done
	printf '%s\n{"sensor_id":"a"}\nnonsense\n\n{"sensor_id":"a","timestamp":"2026-11-23T14:18:37","value":666}\n%s' \
		"$one" '{"sensor_id":"a"' >lines
	ask /ingest_bulk -H "Content-Type: application/x-ndjson" --data-binary @lines
	[ "$STATUS" -eq 422 ]
	[ "$(jq -c '[.accepted,.refused,[.errors[].index]]' body)" = '[1,4,[1,2,4,5]]' ]
	[ "$(jq -r '.errors[0].reason' body)" = 'the object has no "value"' ]
	[[ $(jq -r '.errors[1].reason' body) == *"not a JSON object" ]]
	json /ingest_bulk "$one"
	is_error 400 "not a JSON array"
	finish 0
}

@test "an array is taken as text too, and a record that begins like JSON is a record" {
	serve
	lines /ingest_bulk '[{"sensor_id":"a","timestamp":"2026-11-23T14:18:36","value":1}]'
	[ "$STATUS" -eq 200 ]
	lines /ingest_bulk $'[b:2026-11-23T14:18:36:1\n{c:2026-11-23T14:18:36:1\n{"a":1}:2026-11-23T14:18:36:2'
	[ "$STATUS" -eq 422 ] # the last name has a colon
	[ "$(jq -c '[.accepted,.refused]' body)" = '[2,1]' ]
	diff out - <<-'END'
		a:2026-11-23T14:18:36:1
		[b:2026-11-23T14:18:36:1
		{c:2026-11-23T14:18:36:1
	END
}

@test "a byte order mark before a body is passed over" {
	serve
	local bom=$'\xef\xbb\xbf' one='{"sensor_id":"a","timestamp":"2026-11-23T14:18:36","value":1}'
	json /ingest "$bom$one"
	[ "$STATUS" -eq 200 ]
	json /ingest_bulk "$bom [$one]"
	[ "$STATUS" -eq 200 ]
	ask /ingest_bulk -H 'Content-Type: application/x-ndjson' --data-binary "$bom$one"
	[ "$STATUS" -eq 200 ]
	lines /ingest_bulk "${bom}a:2026-11-23T14:18:36:1"
	[ "$STATUS" -eq 200 ]
	lines /ingest_bulk "${bom}e,sensor=a value=1 1795443516"
	[ "$STATUS" -eq 200 ]
	ask '/api/v2/write?precision=s' --data-binary "${bom}e,sensor=a value=1 1795443516"
	[ "$STATUS" -eq 204 ]
	printf '%s%s' "$bom" "$one" | gzip >packed
	json /ingest @packed -H 'Content-Encoding: gzip'
	[ "$STATUS" -eq 200 ]
	[ "$(sort -u out)" = a:2026-11-23T14:18:36:1 ]
	[ "$(wc -l <out)" -eq 7 ]
	json /ingest "$bom$bom$one"
	is_error 400 JSON
}

@test "a body that is packed without a word of it is told so" {
	serve
	gzip <<<'{"sensor_id":"a","value":1}' >packed
	json /ingest @packed
	is_error 400 "gzip"
	json /ingest_bulk @packed
	is_error 400 "gzip"
	lines /ingest_bulk @packed
	is_error 400 "gzip"
	ask /api/v2/write --data-binary @packed
	[ "$STATUS" -eq 400 ]
	[[ $(jq -r .message body) == *gzip* ]]
	[ ! -s out ]
}
