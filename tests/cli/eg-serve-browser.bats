#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A web page that somebody's browser shows can neither write to eg-serve nor read from it,
# unless it comes from eg-serve's own address.
# shellcheck disable=SC2154 # serve.bash and bats set some

bats_require_minimum_version 1.5.0
load serve

readonly POINT='e,sensor=a value=1 1764338400000000000'

@test "without tokens only names of this machine are hosts, whatever the path" {
	serve --store db -- eg-store db
	local host path
	for host in evil.example "evil.example:$PORT" localhost.evil.example "127.0.0.1.evil.example:$PORT" \
	    "127.0.0.1@evil.example" 192.0.2.1 "[::1].evil.example" "localhost:x" "localhost:" ""; do
		for path in / /events /health /metrics /ping /ready /nowhere /measurements/recent \
			/sensor/a/mean; do
			ask "$path" -H "Host: $host" || true
			((STATUS == 403 || STATUS == 400)) || { echo "$STATUS $path by '$host'"; return 1; }
		done
		lines /ingest_bulk a:2026-11-23T14:18:36:1 -H "Host: $host" -H "Origin: http://$host"
		((STATUS == 403 || STATUS == 400)) || { echo "$STATUS by '$host'"; return 1; }
	done
	ask /ingest_bulk -H "Host: evil.example" -d x
	is_error 403 "host"
	[[ -z $(eg-store db dump 2>/dev/null) ]]
	finish 0
}

@test "without tokens this machine's names are hosts, with a port or none" {
	serve
	local host
	for host in localhost LocalHost "localhost:$PORT" 127.0.0.1 "127.0.0.1:$PORT" "[::1]" "[::1]:$PORT" \
	    localhost:1; do
		lines /ingest_bulk a:2026-11-23T14:18:36:1 -H "Host: $host"
		[ "$STATUS" -eq 200 ] || { echo "$STATUS by '$host'"; return 1; }
		lines /ingest_bulk a:2026-11-23T14:18:36:1 -H "Host: $host" -H "Origin: http://${host,,}"
		[ "$STATUS" -eq 200 ] || { echo "$STATUS by '$host'"; return 1; }
	done
	# An old client sends no host; no browser is one.
	[[ $(printf 'GET /health HTTP/1.0\r\n\r\n' | raw) == *"200 OK"* ]]
	finish 0
}

@test "with tokens any name is a host" {
	EG_API_TOKEN=s3cret serve
	ask /metrics -H 'Host: energy.example' -H 'Authorization: Bearer s3cret'
	[ "$STATUS" -eq 200 ]
}

@test "a page from elsewhere cannot write or read with a password that the browser keeps" {
	EG_API_TOKEN=s3cret serve
	local origin path
	for origin in http://evil.example "http://evil.example:$PORT" null "https://127.0.0.1.evil.example" \
	    http://127.0.0.1 "file://" "http://127.0.0.1:$PORT.evil.example" "" "127.0.0.1:$PORT"; do
		origin=${origin:+Origin: $origin}
		for path in /ingest_bulk /write /api/v2/write; do
			lines "$path" "$POINT" -u me:s3cret -H "${origin:-Origin;}"
			[ "$STATUS" -eq 403 ] || { echo "$STATUS to $path from '$origin'"; return 1; }
		done
		for path in / /events /metrics; do
			ask "$path" -u me:s3cret -H "${origin:-Origin;}"
			[ "$STATUS" -eq 403 ] || { echo "$STATUS to $path from '$origin'"; return 1; }
		done
	done
	lines '/write?u=me&p=s3cret' "$POINT" -H 'Origin: http://evil.example'
	[ "$STATUS" -eq 403 ]
	# An image of another site: it cannot be read there, but would take a watcher's place.
	for site in cross-site same-site; do
		ask /events -u me:s3cret -H "Sec-Fetch-Site: $site" -H 'Sec-Fetch-Mode: no-cors'
		[ "$STATUS" -eq 403 ]
	done
	lines /ingest_bulk "$POINT" -u me:s3cret -H "Origin: $URL" -H 'Sec-Fetch-Site: cross-site'
	[ "$STATUS" -eq 403 ]
	[ ! -s out ]
	finish 0
}

@test "a page of the same origin writes and reads, and what is no browser sends no origin" {
	EG_API_TOKEN=s3cret serve
	lines /ingest_bulk "$POINT" -u me:s3cret -H "Origin: $URL"
	[ "$STATUS" -eq 200 ]
	run ! grep -qi access-control headers
	ask /metrics -u me:s3cret -H "Origin: $URL"
	[ "$STATUS" -eq 200 ]
	lines /ingest_bulk "$POINT" -u me:s3cret
	[ "$STATUS" -eq 200 ]
	# A proxy that sends its own name for the host: the browser knows that it is one origin.
	lines /ingest_bulk "$POINT" -u me:s3cret -H 'Origin: https://energy.example' -H 'Sec-Fetch-Site: same-origin'
	[ "$STATUS" -eq 200 ]
	# A link from another site to the page.
	ask / -u me:s3cret -H 'Sec-Fetch-Site: cross-site' -H 'Sec-Fetch-Mode: navigate'
	[ "$STATUS" -eq 200 ]
	finish 0
}

@test "over TLS a page that came without it is another origin" {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -days 2 -subj /CN=localhost \
		-addext subjectAltName=IP:127.0.0.1 2>/dev/null
	EG_API_TOKEN=s3cret serve --cert cert --key key
	lines /ingest_bulk "$POINT" --cacert cert -u me:s3cret -H "Origin: ${URL/https/http}"
	is_error 403 "page"
	lines /ingest_bulk "$POINT" --cacert cert -u me:s3cret -H "Origin: $URL"
	[ "$STATUS" -eq 200 ]
}
