#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What eg-serve shows: the page and its events, and the readings in a store.
# shellcheck disable=SC2016,SC2154 # the inner shell expands; bats sets some

bats_require_minimum_version 1.5.0
load serve

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

# Becomes a browser: for a process of its own.
browse() { # CHROMIUM_OPTION... URL
	HOME=$PWD exec ${LIMIT:+timeout "$LIMIT"} chromium --headless --no-sandbox --disable-gpu \
		--no-first-run --disable-background-networking --disable-component-update \
		--disable-sync --lang=en-US --user-data-dir="$PWD/profile" "$@" 2>/dev/null 3>&-
}

@test "the page in a browser shows the newest readings as text" {
	command -v chromium >/dev/null || skip "no chromium here"
	serve --rejects rejects -- passthrough --refuse 666
	json /ingest "$CLASSIC"
	json /ingest '{"sensor_id":"<img src=x onerror=alert(1)>","value":7}'
	json /ingest '{"sensor_id":"b","value":666}'
	json /ingest '{"sensor_id":"a\u202eb\u2069é\u05e9","value":1}'
	local ago value
	for ago in 20 15 10 5 0; do
		value=$(((ago - 10) * (ago - 10)))
		lines /ingest_bulk "meter:$(date -u -d "-$ago min" +%FT%T):$value"
	done
	# The page is dumped when it is loaded, which may be before the first event.
	local span=2000
	shown() {
		((span *= 2))
		(LIMIT=60 browse --timeout=$span --dump-dom "$URL/" >dom)
		grep -q 'role="status" data-state="good">Live' dom
	}
	await 60 shown
	grep -qF '<th scope="row">sensor1</th><td class="number">55.21</td><td class="hour">no readings</td><td class="time">2026-11-23T14:18:36</td>' dom
	# The last hour is a line of five points, and its range in words.
	grep -qE '<th scope="row">meter</th><td class="number">100</td><td class="hour"><svg [^>]*aria-hidden="true"[^>]*><path d="M3[789],0.0h0L[0-9]+,15.0L[0-9]+,20.0L[0-9]+,15.0L5[0-9],0.0"></path></svg>0 to 100</td>' dom
	grep -q '&lt;img src=x onerror=alert(1)&gt;' dom
	grep -qF '<th scope="row">a?b?éש</th>' dom
	grep -q 'refused downstream' dom
	finish 0
}

@test "the page says why it is not live, and tries again" {
	command -v chromium >/dev/null || skip "no chromium here"
	serve -- passthrough
	local i
	for i in {1..64}; do
		: >"more.$i"
		curl -sSN "$URL/events" >"more.$i" 2>/dev/null 3>&- &
		WATCHERS+=($!)
	done
	for i in {1..64}; do wait_until grep -q '^data: ' "more.$i"; done
	shown() {
		(LIMIT=60 browse --virtual-time-budget=3000 --dump-dom "$URL/" >dom)
		grep -q 'data-state="bad">Not live: too many are watching, trying again in [0-9]* s<' dom
	}
	await 60 shown
	browse --remote-debugging-port=0 "$URL/" &
	WATCHERS+=($!)
	refused() { (($(sed -n 's/^energyguard_requests_turned_away_total{.*} //p' <(curl -sS "$URL/metrics")) > $1)); }
	ask /metrics
	await 60 refused "$(sed -n 's/^energyguard_requests_turned_away_total{.*} //p' body)"
	kill "${WATCHERS[5]}"
	# It takes the place that has become free, which a look at it takes, too.
	full() { sleep 4 && ask /events -m 1 && [ "$STATUS" -eq 503 ]; } 2>/dev/null
	await 60 full
	finish 0
}

@test "with a file of meters the page has names, units and the kWh of today" {
	command -v chromium >/dev/null || skip "no chromium here"
	printf '%s\n' 'roof W pv Roof, <both> sides' 'grid kWh grid-import' 'cellar C none' >meters
	# Now is noon, so that ten minutes ago is today.
	local zone
	zone=Etc/GMT$(printf '%+d' $(($(date -u +%-H) - 12)))
	serve --meters meters --tz "$zone" -- passthrough
	local now
	now=$(date +%s)
	lines /ingest_bulk "roof:$(date -u -d "@$((now - 1200))" +%FT%T):6000"$'\n'"roof:$(date -u -d "@$((now - 600))" +%FT%T):1500"
	lines /ingest_bulk "grid:$(date -u -d '-20 min' +%FT%T):100"$'\n'"grid:$(date -u -d '-10 min' +%FT%T):102.345"
	lines /ingest_bulk "high:$(date -u -d '-20 min' +%FT%T):48213.12"$'\n'"high:$(date -u -d '-10 min' +%FT%T):48214.36"
	lines /ingest_bulk "cellar:$(date -u +%FT%T):18.5"$'\n'"other:$(date -u +%FT%T):7"
	local span=2000
	shown() {
		((span *= 2))
		(LIMIT=60 browse --timeout=$span --dump-dom "$URL/" >dom)
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

@test "one who watches and does not read for a while learns what was new meanwhile" {
	serve -- passthrough
	cat >slow.py <<-'END'
		import socket, sys, time, urllib.request
		port = int(sys.argv[1])
		def post(lines):
		    urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:%d/ingest_bulk" % port,
		        data=lines.encode(), headers={"Content-Type": "text/plain"}), timeout=30).read()
		s = socket.socket()
		# The kernel holds little, so that the server's own bound is reached soon.
		s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
		s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
		s.connect(("127.0.0.1", port))
		s.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
		for i in range(12): # 190 kB each
		    rare = "rare:2026-11-29T10:00:00:1\nrare:2026-11-29T10:01:00:2\n" if i == 9 else ""
		    post("".join("%s%03d:2026-11-29T10:00:%02d:%064d\n" % ('"' * 250, k, i, i)
		        for k in range(250)) + rare)
		    time.sleep(1.1)
		seen, end = b"", time.monotonic() + 30
		s.settimeout(1)
		while b'"sensor":"rare"' not in seen or not seen.endswith(b"}\n\n\r\n"):
		    assert time.monotonic() < end, "the reading is not seen"
		    try:
		        seen += s.recv(1 << 20)
		    except TimeoutError:
		        pass
		sys.stdout.buffer.write(seen)
	END
	python3 slow.py "$PORT" >seen
	grep -q '"sensor":"rare","timestamp":"2026-11-29T10:01:00","value":"2","minute":[0-9]*,"means":\[1,2\]}' seen
	finish 0
}

@test "a wrong file of meters, and a zone that is none, are told at the start" {
	echo 'roof W sun' >meters
	run --separate-stderr timeout 20 eg-serve --listen 127.0.0.1:0 --meters meters
	[[ $status -eq 78 && $stderr == *meters*1*"'sun' is no role"* ]]
	run --separate-stderr timeout 20 eg-serve --listen 127.0.0.1:0 --tz Nowhere/X
	[[ $status -eq 78 && $stderr == *Nowhere/X* ]]
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

@test "a long answer may be read slowly" {
	yes | head -n 10000 | awk '{ printf "a:2026-11-23T%02d:%02d:%02d:%d\n", NR / 3600, NR / 60 % 60, NR % 60, NR }' |
		eg-store a.db >/dev/null
	serve --store a.db --patience 2s
	cat >slow.py <<-'END'
		import socket, sys, time
		s = socket.socket()
		s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
		s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
		s.connect(("127.0.0.1", int(sys.argv[1])))
		s.sendall(b"GET /sensor/a/history?limit=10000 HTTP/1.1\r\nHost: localhost\r\n"
		    b"Connection: close\r\n\r\n")
		start, rest = time.monotonic(), b""
		while part := s.recv(8000):
		    rest = (rest + part)[-20:]
		    if time.monotonic() - start < 5:
		        time.sleep(0.1)
		assert rest.endswith(b"}\n"), rest
	END
	python3 slow.py "$PORT"
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
