#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# HTTP as eg-serve speaks it: bodies and their bounds, errors, connections, TLS.
# shellcheck disable=SC2016,SC2154 # the inner shell expands; bats sets some

bats_require_minimum_version 1.5.0
load serve

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
	local slow
	exec {slow}<>"/dev/tcp/127.0.0.1/$PORT"
	printf 'POST /ingest HTTP/1.1\r\nHost: localhost\r\nX: ' >&"$slow"
	{ while sleep 0.2; do printf x; done; } >&"$slow" 2>/dev/null 3>&- &
	WATCHERS+=($!)
	# It is accepted before the connection that asks.
	connections() { curl -sS "$URL/metrics" | grep -q "^energyguard_connections{.*} $1\$"; }
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
	answer=$(printf 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /ping HTTP/1.1\r\nHost: localhost\r\n\r\nnonsense\r\n\r\n' | raw)
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
		[[ $time != *:29 ]] || printf 'Connection: close\r\n'
		printf 'Content-Length: %d\r\n\r\n%s' "${#body}" "$body"
	done | raw >answers
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

# Opens N connections of which each gets an answer, if the server takes it, and closes all at once.
crowd() { # N PATH
	cat >crowd.py <<-'END'
		import os, signal, socket, sys
		server, port, want, path = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
		held = []
		for _ in range(want):
		    held.append(socket.create_connection(("127.0.0.1", port)))
		    held[-1].sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path.encode())
		    held[-1].settimeout(10)
		    try:
		        held[-1].recv(9)
		    except TimeoutError:
		        break
		print(len(held))
		os.kill(server, signal.SIGSTOP)
		for s in held:
		    s.close()
		os.kill(server, signal.SIGCONT)
	END
	python3 crowd.py "$PID" "$PORT" "$1" "$2"
}

# Sends N requests whose readings get no receipt, in the background.
post_pending() { # N
	local i
	for ((i = 1; i <= $1; i++)); do
		curl -sS -m 600 -o /dev/null -H 'Content-Type: text/plain' --data-binary \
			"a:2026-11-23T14:18:0$i:1" "$URL/ingest_bulk" 3>&- &
		WATCHERS+=($!)
		wait_until pending "$i"
	done
}

@test "with the smallest limit and all streams open, idle connections keep out nobody" {
	serve --connections 1
	cat >idle.py <<-'END'
		import socket, sys
		held = []
		for path in 64 * ["events"] + 20 * ["live"]:
		    held.append(socket.create_connection(("127.0.0.1", int(sys.argv[1]))))
		    held[-1].sendall(b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path.encode())
		    held[-1].settimeout(20)
		    assert held[-1].recv(15) == b"HTTP/1.1 200 OK"
		print("open", flush=True)
		sys.stdin.read()
	END
	mkfifo hold
	python3 idle.py "$PORT" <hold >opened 3>&- &
	WATCHERS+=($!)
	exec 9>hold
	await 60 grep -q open opened
	ask /live
	[ "$STATUS" -eq 200 ]
	json /ingest "$CLASSIC"
	[ "$STATUS" -eq 200 ]
	exec 9>&-
	finish 0
}

@test "when all connections of a server at its limit go at once, the next is answered" {
	serve --connections 1 --wait 1h --grace 1ms -- passthrough --hold 2
	post_pending 2
	# With 64 streams, that is one more than the limit and what is allowed above it.
	(($(crowd 70 /events) == 65))
	ask /live
	[ "$STATUS" -eq 200 ]
	finish 75
	# The same when there are no more descriptors.
	serve
	prlimit --pid "$PID" --nofile=20
	(($(crowd 30 /live) < 20))
	ask /live
	[ "$STATUS" -eq 200 ]
	finish 0
}

# Starts N clients that send requests and read no answer until descriptor 9 is closed.
deaf() { # N
	cat >deaf.py <<-'END'
		import socket, sys, time
		held = []
		for _ in range(int(sys.argv[2])):
		    s = socket.socket()
		    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
		    s.connect(("127.0.0.1", int(sys.argv[1])))
		    s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000)
		    held.append(s)
		    time.sleep(0.1) # until its answers fill what the kernel holds
		print("open", flush=True)
		sys.stdin.read()
	END
	mkfifo hold
	python3 deaf.py "$PORT" "$1" <hold >opened 3>&- &
	WATCHERS+=($!)
	exec 9>hold
	wait_until grep -q open opened
}

@test "clients that do not read their answers keep out nobody" {
	serve --connections 2 -- passthrough
	deaf 70
	json /ingest "$CLASSIC"
	[ "$STATUS" -eq 200 ]
	few() {
		ask /metrics
		(($(sed -n 's/^energyguard_connections{.*} //p' body) <= 3))
	}
	wait_until few
	exec 9>&-
	finish 0
}

@test "after SIGTERM a client that does not read its answer has the grace period, and no more" {
	local start took i
	# A second too much is too much each time, and so is too little; a busy machine may have that
	# once, or may not have begun to answer.
	for ((i = 0; i < 8; i++)); do
		serve --grace 2s
		deaf 1
		start=${EPOCHREALTIME/[.,]/}
		finish 0
		took=$((${EPOCHREALTIME/[.,]/} - start))
		exec 9>&-
		rm -f hold opened
		((took <= 1900000 || took >= 2900000)) || return 0
		echo "$took us"
	done
	return 1
}

@test "a reading under way is answered however many connections come" {
	serve --connections 2 -- passthrough --until go
	json /ingest "$CLASSIC" &
	local asked=$!
	wait_until pending 1
	(($(crowd 30 /live) == 30))
	: >go
	wait "$asked"
	[ "$(jq -r .status body)" = success ]
	finish 0
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

@test "a hard limit of open files at which a server would run out of them is refused" {
	run --separate-stderr -78 bash -c 'ulimit -n 128 && exec timeout 20 eg-serve -l 127.0.0.1:0'
	[[ $stderr == "eg-serve: fatal: the hard limit of open files is too low"*" 129 are needed"* ]]
	[[ $stderr != *warning* ]]
	(
		ulimit -n 129
		serve
		(($(crowd 65 /live) == 65))
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
