# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Starts eg-serve and sends requests, for the tests that load this file. A test runs in a
# folder of its own: the program's output is in `out`, its messages are in `err`.
# shellcheck disable=SC2034,SC2154 # the tests read some; bats sets some

load ../wait

setup() {
	BIN=${EG_BIN:-$BATS_TEST_DIRNAME/../../build}
	PATH=$BIN:$BIN/tests:$PATH
	unset EG_API_TOKEN http_proxy all_proxy ALL_PROXY
	cd "$BATS_TEST_TMPDIR" || return
	PID='' URL='' WATCHERS=()
}

teardown() {
	local p
	for p in "${WATCHERS[@]}"; do
		kill -KILL "$p" 2>/dev/null || true
		wait "$p" 2>/dev/null || true
	done
	if [[ -n $PID ]]; then
		kill -CONT "$PID" 2>/dev/null || true
		kill -KILL "$PID" 2>/dev/null || true
		wait "$PID" 2>/dev/null || true
	fi
}

listens() {
	URL=$(sed -n 's/^eg-serve: info: listening at //p' err)
	[ -n "$URL" ]
}

# Starts eg-serve with these options.
serve() {
	: >err
	anew out err
	eg-serve -v --listen 127.0.0.1:0 "$@" >out 2>err 3>&- &
	PID=$!
	wait_until listens
	PORT=${URL##*:}
}

finish() { # STATUS: it ends with that after SIGTERM
	kill -TERM "$PID"
	ends "$1"
}

ends() { # STATUS
	local status=0
	wait "$PID" || status=$?
	PID=''
	[ "$status" -eq "$1" ] || { echo "ended with $status"; cat err; return 1; }
}

# For wait_until: whether N readings wait for their receipt. Asked by a signal: a request is one
# connection more, for which the server may close another, and one client more in its answers.
pending() { # N
	kill -USR1 "$PID"
	[[ $(grep ' + pending ' err | tail -n 1) == *" + pending $1,"* ]]
}

# A request: STATUS, BODY and the header file `headers`.
ask() { # PATH CURL_OPTION...
	local path=$1
	shift
	anew body headers
	STATUS=$(curl -sS -m 30 -o body -D headers -w '%{http_code}' "$URL$path" "$@")
	BODY=$(<body)
}

json() { # PATH BODY CURL_OPTION...
	local path=$1 body=$2
	shift 2
	ask "$path" -H 'Content-Type: application/json' --data-binary "$body" "$@"
}

lines() { # PATH BODY CURL_OPTION...
	local path=$1 body=$2
	shift 2
	ask "$path" -H 'Content-Type: text/plain' --data-binary "$body" "$@"
}

is_error() { # STATUS TEXT: with a JSON body of ours
	[ "$STATUS" -eq "$1" ] || { echo "$STATUS $BODY"; return 1; }
	grep -qi '^content-type: application/json' headers
	[ "$(jq -r .status body)" = error ]
	[[ $(jq -r .message body) == *"$2"* ]]
}

header() { # NAME VALUE
	grep -qi "^$1: $2"$'\r$' headers
}

# What bytes on standard input are answered with, until the server closes or a minute.
raw() {
	local fd
	exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
	cat >&"$fd"
	timeout "${1:-60}" cat <&"$fd" || true
	exec {fd}>&-
}

memory_kb() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$PID/status"
}

readonly CLASSIC='{"sensor_id": "sensor1", "timestamp": "2026-11-23T14:18:36", "value": 55.21}'

# Opens the stream of events into the file NAME, and waits for its first event.
watch() { # NAME CURL_OPTION...
	local name=$1
	shift
	: >"$name"
	curl -sSN -D "$name.headers" "$URL/events" "$@" >"$name" 2>"$name.err" 3>&- &
	WATCHERS+=($!)
	wait_until grep -q '^data: ' "$name"
}
