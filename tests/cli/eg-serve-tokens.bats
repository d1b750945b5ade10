#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The tokens of eg-serve: how clients send them, what each may do, and its rate.
# shellcheck disable=SC2016,SC2154 # the inner shell expands; bats sets some

bats_require_minimum_version 1.5.0
load serve

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
	serve --tokens tokens --rate 0.001
	json /ingest "$CLASSIC" -H 'Authorization: Bearer token-a'
	[ "$STATUS" -eq 200 ]
	json /ingest "$CLASSIC" -H 'Authorization: Bearer token-a'
	is_error 429 "0.001 requests a second"
	header retry-after 1
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
