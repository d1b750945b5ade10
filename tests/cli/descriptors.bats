#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Each program started without standard input, output or error, in every combination.

# shellcheck disable=SC2154  # what run sets
bats_require_minimum_version 1.5.0

setup() {
	load ../wait
	cd "$BATS_TEST_TMPDIR" || return 1
	bin=$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}")
	PATH="$bin:$PATH"
	record=s:2026-01-01T00:00:00:1
	printf 'quorum 1\nstrategy full\nnode a eg-store %s/a.db\n' "$PWD" >cluster
	unset AMQP_URL INFLUX_HOST INFLUX_TOKEN
	# Answers each write with 204, and a query with its version.
	python3 - >port <<-'END' &
		import http.server, sys
		class H(http.server.BaseHTTPRequestHandler):
		    protocol_version = 'HTTP/1.1'
		    def do_POST(self):
		        self.rfile.read(int(self.headers.get('Content-Length', 0)))
		        self.send_response(204)
		        self.send_header('Content-Length', '0')
		        self.end_headers()
		    def log_message(self, *a): pass
		s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), H)
		print(s.server_port, flush=True)
		s.serve_forever()
	END
	server=$!
	wait_until test -s port
	url=http://127.0.0.1:$(<port)
}

teardown() {
	kill "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
}

# Runs COMMAND with the descriptors in CLOSED (such as 02) closed, the record as its
# input, for 30 s at most.
closed() { # CLOSED COMMAND...
	local redirect='' fd
	for fd in 0 1 2; do
		[[ $1 != *$fd* ]] || redirect+=" $fd>&-"
	done
	shift
	status=0
	: >out; : >err
	echo "$record" | timeout 30 bash -c "exec \"\$@\"$redirect" bash "$@" >out 2>err || status=$?
}

combinations() { printf '%s\n' - 0 1 2 01 02 12 012; }

# What a stage does: without input or output it ends with 74 and gives no receipt.
stage() { # COMMAND...
	local c
	for c in $(combinations); do
		closed "$c" "$@"
		echo "$* without $c: status $status, out '$(<out)', err '$(<err)'"
		case $c in
		*[01]*) [[ $status -eq 74 && ! -s out ]] ;;
		*) [[ $status -eq 0 && $(<out) == "$record" ]] ;;
		esac || return 1
		[[ $c != 0 || $(<err) == *"standard input is not open"* ]] || return 1
		[[ $c != 1 || $(<err) == *"standard output is not open"* ]] || return 1
	done
}

@test "eg-store without a standard descriptor ends with 74, or does its work" {
	stage eg-store a.db
}

@test "eg-replicate without a standard descriptor ends with 74, or does its work" {
	stage eg-replicate cluster
}

@test "eg-influx without a standard descriptor ends with 74, or does its work" {
	stage eg-influx --url "$url"
}

@test "filters without a standard descriptor end with 74, or do their work" {
	local c
	printf 'high s over 0\n' >rules
	for command in 'eg-watch rules' 'eg-sum all=s' 'eg-plot'; do
		for c in $(combinations); do
			# shellcheck disable=SC2086  # words of a command
			closed "$c" $command
			echo "$command without $c: status $status, out '$(<out)', err '$(<err)'"
			case $c in
			*[01]*) [[ $status -eq 74 && ! -s out ]] ;;
			*) [[ $status -eq 0 && -s out ]] ;;
			esac
		done
	done
}

@test "stages of the newer kind without a standard descriptor end with 74, or do their work" {
	printf 'high s over 0\n' >rules
	stage eg-watch rules -- cat
	stage eg-store --listen 127.0.0.1:0 a.db
}

@test "eg-mqtt-publish and eg-mqtt without a standard descriptor end with 74, or wait" {
	local c url=mqtt://127.0.0.1:1
	for c in $(combinations); do
		closed "$c" eg-mqtt-publish --url $url --timeout 300ms
		echo "eg-mqtt-publish without $c: status $status, err '$(<err)'"
		case $c in
		*[01]*) [[ $status -eq 74 ]] ;;
		*) [[ $status -eq 75 ]] ;;
		esac
		closed "$c" eg-mqtt --url $url --timeout 300ms topic
		echo "eg-mqtt without $c: status $status, err '$(<err)'"
		case $c in
		*1*) [[ $status -eq 74 ]] ;;
		*) [[ $status -eq 75 ]] ;;
		esac
		[[ ! -s out ]]
	done
}

@test "eg-modbus needs no standard input, also with --devices" {
	local c
	printf '%s\n' 'name m' 'power input:12 f32 kW' >map
	echo 'map 127.0.0.1:1' >devices
	for c in $(combinations); do
		closed "$c" eg-modbus --once --timeout 300ms --devices devices
		echo "without $c: status $status, out '$(<out)', err '$(<err)'"
		case $c in
		*1*) [[ $status -eq 74 ]] ;;
		*) [[ $status -eq 75 ]] ;;
		esac
		[[ ! -s out ]]
	done
}

@test "eg-publish without a standard descriptor ends with 74, or waits for its broker" {
	local c
	for c in $(combinations); do
		closed "$c" eg-publish --url amqp://127.0.0.1:1 --timeout 300ms
		echo "without $c: status $status, err '$(<err)'"
		case $c in
		*[01]*) [[ $status -eq 74 ]] ;;
		*) [[ $status -eq 75 ]] ;;
		esac
		[[ ! -s out ]]
	done
}

@test "eg-decode without a standard descriptor ends with 74, or does its work" {
	local c
	record='{"v":1,"t":"2026-01-01T00:00:00"}'
	for c in $(combinations); do
		closed "$c" eg-decode --sensor s --value .v --time-path .t json
		echo "without $c: status $status, out '$(<out)', err '$(<err)'"
		case $c in
		*[01]*) [[ $status -eq 74 && ! -s out ]] ;;
		*) [[ $status -eq 0 && $(<out) == 's:2026-01-01T00:00:00:1' ]] ;;
		esac
	done
}

@test "eg-fetch needs no standard input" {
	local c
	for c in $(combinations); do
		closed "$c" eg-fetch --once shelly1 http://127.0.0.1:1/
		echo "without $c: status $status, out '$(<out)', err '$(<err)'"
		case $c in
		*1*) [[ $status -eq 74 && ! -s out ]] ;;
		*) [[ $status -eq 75 && ! -s out ]] ;;
		esac
	done
}

@test "eg-sim needs no standard input" {
	local c
	for c in $(combinations); do
		closed "$c" eg-sim --start 2026-01-01T00:00:00 --rounds 1 --sensors 2
		echo "without $c: status $status, out '$(<out)', err '$(<err)'"
		case $c in
		*1*) [[ $status -eq 74 && ! -s out ]] ;;
		*) [[ $status -eq 0 && $(wc -l <out) -eq 2 ]] ;;
		esac
	done
}

@test "a verb that reads standard input ends with 74 without it" {
	local c
	echo "$record" | eg-store a.db
	for c in 0 01 02 012; do
		closed "$c" eg-store a.db delete --deletions -
		echo "without $c: status $status, err '$(<err)'"
		[[ $status -eq 74 ]]
	done
	[[ $(eg-store a.db dump) == "$record" ]]
}

@test "verbs and --help without a standard output end with 74, and need no input" {
	local c
	echo "$record" | eg-store a.db
	for c in $(combinations); do
		for command in 'eg-store a.db dump' 'eg-replicate cluster get s:2026-01-01T00:00:00' \
			'eg-replicate cluster status' "eg-influx --check --url $url" \
			eg-{consume,decode,influx,publish,replicate,serve,sim,store}\ --{help,version}; do
			[[ $command != *eg-influx*--check* || $c == *1* ]] || continue
			# shellcheck disable=SC2086  # words of a command
			closed "$c" $command
			echo "$command without $c: status $status, out '$(<out)', err '$(<err)'"
			case $c in
			*1*) [[ $status -eq 74 && ! -s out ]] ;;
			*) [[ $status -eq 0 && -s out ]] ;;
			esac
		done
	done
}

# What descriptor FD of the process is.
what() { readlink "/proc/$1/fd/$2"; }

# Whether its sockets or pipes are there, so that it would have taken a free number.
up() { [[ -n $(find "/proc/$1/fd" -lname "$2" 2>/dev/null) ]]; }

# A parent with a child needs none of the three: each closed one is held by /dev/null.
parent() { # LNAME COMMAND...
	local c fd lname=$1 pid redirect
	shift
	for c in $(combinations); do
		redirect=
		for fd in 0 1 2; do
			if [[ $c == *$fd* ]]; then redirect+=" $fd>&-"; else redirect+=" $fd<>file"; fi
		done
		timeout 60 bash -c "exec \"\$@\"$redirect" bash "$@" &
		pid=$!
		wait_until pgrep -P $pid >child
		wait_until up "$(<child)" "$lname"
		# Its child is started after it hears signals.
		wait_until pgrep -P "$(<child)" -x cat >/dev/null
		for fd in 0 1 2; do
			[[ $c != *$fd* ]] || [[ $(what "$(<child)" $fd) == /dev/null ]]
		done
		kill -TERM "$(<child)"
		status=0
		wait $pid || status=$?
		echo "$* without $c: status $status"
		((status == 0 || status == 75))
	done
}

@test "eg-serve with a child needs no standard descriptor, and none becomes a socket" {
	parent 'socket:*' eg-serve --listen 127.0.0.1:0 -- cat
}

@test "eg-consume with a child needs no standard descriptor, and none becomes a socket" {
	parent 'pipe:*' eg-consume --url amqp://127.0.0.1:1 --grace 1s -- cat
}

@test "eg-consume and eg-serve without a child and without standard output end with 74" {
	local c
	for c in 1 01 12 012; do
		closed $c eg-consume --url amqp://127.0.0.1:1 --timeout 1s
		echo "eg-consume without $c: status $status, err '$(<err)'"
		[[ $status -eq 74 ]]
		closed $c eg-serve --listen 127.0.0.1:0
		echo "eg-serve without $c: status $status, err '$(<err)'"
		[[ $status -eq 74 ]]
	done
}
