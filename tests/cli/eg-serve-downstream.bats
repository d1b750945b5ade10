#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-serve and its downstream: a child that is slow, ends or cannot run; signals; standard output.
# shellcheck disable=SC2016,SC2154 # the inner shell expands; bats sets some

bats_require_minimum_version 1.5.0
load serve

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

reading() { # SECOND
	printf '{"sensor_id":"a","timestamp":"2026-11-23T14:18:%02d","value":%d}' "$1" "$1"
}

# Starts eg-serve with a store, and stops that when it has stored a reading.
serve_stopped() { # OPTION...
	serve "$@" -- eg-store a.db
	# It may take longer to start than a request waits.
	stored() { json /ingest "$(reading 1)" && [ "$STATUS" -eq 200 ]; }
	wait_until stored
	CHILD=$(pgrep -P "$PID" -x eg-store)
	kill -STOP "$CHILD"
}

@test "a child that is stopped is said once, requests are answered, and nothing is lost" {
	serve_stopped --wait 200ms
	json /ingest "$(reading 2)"
	is_error 504 "no receipt within 0.2 s"
	header retry-after 2
	wait_until grep -q "'eg-store' has given no receipt for 10 s" err
	ask /health
	[ "$STATUS" -eq 503 ]
	[[ $(jq -r .message body) == "1 records wait, and no receipt has come for "*" s" ]]
	ask /ready
	[ "$STATUS" -eq 503 ]
	ask /live
	[ "$STATUS" -eq 200 ]
	json /ingest "$(reading 3)"
	is_error 504 "no receipt"
	kill -CONT "$CHILD"
	wait_until grep -q "'eg-store' gives receipts again" err
	well() { ask /health && [ "$STATUS" -eq 200 ] && [[ $(jq -r .message body) == "nothing waits" ]]; }
	wait_until well
	ask /ready
	[ "$STATUS" -eq 200 ]
	[ "$(eg-store a.db dump | cut -d : -f 5 | xargs)" = "1 2 3" ]
	[ "$(grep -c "eg-serve: warning: 'eg-store' " err)" -eq 2 ]
	finish 0
}

@test "a child that is stopped holds up neither the grace nor a second signal" {
	local asked
	for grace in 300ms 1h; do
		serve_stopped --grace "$grace" --wait 1h
		json /ingest "$(reading 2)" &
		asked=$!
		wait_until pending 1
		kill -TERM "$PID"
		[[ $grace != 1h ]] || wait_until gone_after_signal "$PID"
		ends 75
		wait "$asked"
		[ "$(jq -r .code body)" = unavailable ]
		header retry-after 2
		wait_until gone "$CHILD"
		[ "$(eg-store a.db dump | wc -l)" -eq 1 ]
	done
}

@test "a child that cannot even be killed does not hold up the end" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers do not work with a preload"
	mkdir faults
	: >faults/undying
	EG_FAULTS=$PWD/faults LD_PRELOAD=$BIN/tests/bad_libc.so serve --grace 10ms --wait 1h -- \
		sh -c 'trap "" TERM; exec sleep 1000'
	curl -sS -m 600 -o /dev/null -H 'Content-Type: text/plain' --data-binary a:2026-11-23T14:18:36:1 \
		"$URL/ingest_bulk" 3>&- &
	WATCHERS+=($!)
	wait_until pending 1
	kill -TERM "$PID"
	wait_until gone "$PID"
	[ -e faults/undying.hit ]
	ends 75
}

@test "the health says that standard output is closed, while it ends" {
	local answers
	mkfifo reader
	: >err
	eg-serve -v -l 127.0.0.1:0 >reader 2>err 3>&- &
	PID=$!
	exec 8<reader
	wait_until listens
	exec {answers}<>"/dev/tcp/127.0.0.1/${URL##*:}"
	# It finds all of it at once: it ends while requests are there.
	kill -STOP "$PID"
	for _ in {1..20}; do printf 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'; done >&"$answers"
	exec 8<&-
	kill -CONT "$PID"
	timeout 60 cat <&"$answers" >body
	exec {answers}>&-
	ends 74
	grep -q '"status":"fail","message":"standard output is closed","pending":0,' body
	grep -q '^HTTP/1.1 503 ' body
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
	serve -- passthrough --until go
	json /ingest "$CLASSIC" &
	local asked=$!
	wait_until pending 1
	kill -TERM "$PID"
	: >go
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
	wait_until pending 1
	finish 75
	grep -q "1 records without a receipt" err
	# A counter does not fall: what was taken was taken.
	grep -q "in 1 = out 0 + refused 0 + pending 1," err
	wait "$asked"
	[ "$(jq -r .code body)" = unavailable ]

	serve --grace 1h -- passthrough --hold 1000000
	json /ingest "$CLASSIC" &
	wait_until pending 1
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
