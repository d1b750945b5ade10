#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Requests that end before their route takes them: whatever the route and the way, those
# who watch go on to get events, and the server ends with status 0.
# shellcheck disable=SC2154 # serve.bash and bats set some

bats_require_minimum_version 1.5.0
load serve

REQUESTS=()
readonly DOC=$BATS_TEST_DIRNAME/../../man/eg-serve.openapi.json

# `METHOD PATH` of each route, from the interface's document.
routes() {
	jq -r '.paths | to_entries[] | .key as $p | .value | keys[] | "\(. | ascii_upcase) \($p)"' "$DOC" |
		sed -e 's/{key}/a:2026-11-23T14:18:36/' -e 's/{name}/a/'
}

# Notes a request for send_all, which adds `STATUS METHOD PATH` to the file `answers`.
try() { # METHOD PATH CURL_OPTION...
	local method=$1 path=$2
	shift 2
	[[ $method != HEAD ]] || set -- --head "$@"
	REQUESTS+=(--next -sS -m 30 -X "$method" "$@" -o answer -w "%{http_code} $method $path\n" "$URL$path")
}

send_all() {
	curl "${REQUESTS[@]:1}" >>answers 2>>answers.err || true
	REQUESTS=()
}

# Every way of a request to end early that the route knows.
refused_in_every_way() { # METHOD PATH
	local method=$1 path=$2 m good='Authorization: Bearer all-token' body
	body=$(printf '%02000d' 0)
	try "$method" "$path" -H 'Content-Length: 0'
	try "$method" "$path" -H 'Authorization: Bearer wrong' -d x
	try "$method" "$path" -H 'Authorization: Bearer some-token' -H 'Content-Type: text/plain' -d x:2026-11-23T14:18:36:1
	try "$method" "$path" -H "$good" -H 'Origin: http://evil.example' -d x
	for m in OPTIONS PUT DELETE PATCH; do
		try $m "$path" -H "$good" -d x
		try $m "$path"
	done
	[[ $method == POST ]] || try POST "$path" -H "$good" -d x
	[[ $method == GET ]] || { try GET "$path" -H "$good"; try HEAD "$path" -H "$good"; }
	try "$method" "$path" -H "$good" -H 'Content-Type: text/plain' -d "$body"
	try "$method" "$path" -H "$good" -H 'Content-Type: text/plain' -H 'Transfer-Encoding: chunked' -d "$body"
	try "$method" "$path" -H "$good" -H 'Expect: 100-continue' -d "$body"
	try "$method/x" "$path" -H "$good" -d x
	try "$method" "$path/nowhere" -H "$good" -d x
	[[ $method == POST ]] || return 0
	try POST "$path" -H "$good" -H 'Content-Length:'
	try POST "$path" -H "$good" -H 'Content-Encoding: br' -d x
	try POST "$path" -H "$good" -H 'Content-Encoding: gzip' -H 'Content-Type: text/plain' -d x
	try POST "$path" -H "$good" -H 'Content-Type: image/png' -d x
	try POST "$path?precision=x" -H "$good" -H 'Content-Type: application/json' -d '{'
}

# Requests that are cut off in their body, or come too slowly: all at once.
slow_in_every_way() {
	local method path fd fds=()
	while read -r method path; do
		for body in '' x; do
			exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
			fds+=("$fd")
			printf '%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer all-token\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n%s' \
				"$method" "$path" "$body" >&"$fd"
		done
		exec {fd}>&-
		unset 'fds[-1]'
	done < <(routes)
	for fd in "${fds[@]}"; do
		timeout 30 cat <&"$fd" >>slow || true
		exec {fd}>&-
	done
}

# Two watch, a reading comes: both get its event; another may begin to watch.
watchers_are_well() { # SENSOR
	json /ingest "{\"sensor_id\":\"$1\",\"timestamp\":\"2026-11-23T14:18:36\",\"value\":1}" \
		-H 'Authorization: Bearer all-token'
	[ "$STATUS" -eq 200 ]
	wait_until grep -q "\"sensor\":\"$1\"" first
	wait_until grep -q "\"sensor\":\"$1\"" second
	watch "third.$1" -H 'Authorization: Bearer all-token'
	head -n 1 "third.$1.headers" | grep -q ' 200 '
}

has() { # STATUS METHOD: an answer of that status to such a request
	grep -q "^$1 $2 " answers || { echo "no $1 to $2"; cat answers answers.err; return 1; }
}

@test "no request that is refused disturbs those who watch" {
	printf 'all all-token\nsome some-token nothing\n' >tokens
	serve --tokens tokens --max-body 1000 --patience 2s --store db -- passthrough
	watch first -H 'Authorization: Bearer all-token'
	watch second -H 'Authorization: Bearer all-token'
	local method path
	while read -r method path; do
		refused_in_every_way "$method" "$path"
	done < <(routes)
	send_all
	for path in /events /; do
		for status in 401 403 413; do
			grep -q "^$status GET $path\$" answers
		done
		grep -q "^405 POST $path\$" answers
	done
	for status in 400 401 403 405 411 413 415; do has $status '[A-Z]*'; done
	slow_in_every_way
	grep -q '^HTTP/1.1 408 ' slow
	watchers_are_well after
	finish 0
	# The streams were ended in order, not cut off.
	wait "${WATCHERS[@]}"
	grep -q ' + pending 0,' err
}

@test "a refused request leaves the events to be watched where nobody did" {
	printf 'all all-token\nsome some-token nothing\n' >tokens
	serve --tokens tokens -- passthrough
	ask /events
	is_error 401 token
	ask /events -H 'Authorization: Bearer some-token'
	is_error 403 "some sensors only"
	ask /events -X POST -d x
	is_error 405 "GET only"
	watch first -H 'Authorization: Bearer all-token'
	watch second -H 'Authorization: Bearer all-token'
	watchers_are_well after
	finish 0
	wait "${WATCHERS[@]}"
}

@test "a request beyond the rate disturbs nobody who watches" {
	printf 'a first-token\nb second-token\nall all-token\nc third-token\n' >tokens
	serve --tokens tokens --rate 0.001 -- passthrough
	watch first -H 'Authorization: Bearer first-token'
	watch second -H 'Authorization: Bearer second-token'
	local method path
	while read -r method path; do
		try "$method" "$path" -H 'Authorization: Bearer first-token' -H 'Content-Type: text/plain' -d x
	done < <(routes)
	send_all
	grep -q '^429 GET /events$' answers
	json /ingest "$CLASSIC" -H 'Authorization: Bearer all-token'
	[ "$STATUS" -eq 200 ]
	wait_until grep -q '"sensor":"sensor1"' first
	wait_until grep -q '"sensor":"sensor1"' second
	watch third -H 'Authorization: Bearer third-token'
	finish 0
	wait "${WATCHERS[@]}"
}

@test "one who comes when too many watch disturbs none of them" {
	serve -- passthrough
	watch first
	watch second
	local i
	for i in {3..64}; do
		: >"more.$i"
		curl -sSN "$URL/events" >"more.$i" 2>/dev/null 3>&- &
		WATCHERS+=($!)
	done
	for i in {3..64}; do wait_until grep -q '^data: ' "more.$i"; done
	full() { ask /events -m 1 && [ "$STATUS" -eq 503 ]; } 2>/dev/null
	wait_until full
	is_error 503 "too many are watching"
	json /ingest "$CLASSIC"
	[ "$STATUS" -eq 200 ]
	wait_until grep -q '"sensor":"sensor1"' first
	wait_until grep -q '"sensor":"sensor1"' second
	for i in {3..64}; do wait_until grep -q '"sensor":"sensor1"' "more.$i"; done
	# When one leaves, another may come.
	kill "${WATCHERS[5]}"
	wait "${WATCHERS[5]}" || true
	unset 'WATCHERS[5]'
	free() { ask /events -m 1; [ "$STATUS" -eq 200 ]; } 2>/dev/null
	wait_until free
	finish 0
	wait "${WATCHERS[@]}"
}

@test "one who watches by HEAD, or leaves at once, disturbs nobody" {
	serve -- passthrough
	watch first
	watch second
	local i
	for i in 1 2 3; do
		ask /events --head
		[ "$STATUS" -eq 200 ]
		ask /events -m 0.2 2>/dev/null || true
		printf 'GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n' >"/dev/tcp/127.0.0.1/$PORT"
	done
	watchers_are_well after
	finish 0
	wait "${WATCHERS[@]}"
}
