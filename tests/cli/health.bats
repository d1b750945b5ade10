#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Health and counters over HTTP: --listen and eg-health. Needs no server.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154  # bats: subshells, and what run sets
bats_require_minimum_version 1.5.0

RECORD=a:2026-11-23T14:18:36:1

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$PATH"
	PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}/tests:$PATH"
	PID=
	load ../wait
}

teardown() {
	[[ -z $PID ]] || { kill -KILL "$PID" && wait "$PID"; } 2>/dev/null || true
}

address() {
	URL=$(sed -n 's/.* counters are at \(http:.*\)$/\1/p' err)
	[[ -n $URL ]]
}

# Starts a program whose input is descriptor 7, and waits until it listens.
start() { # PROGRAM ARGUMENT...
	mkfifo in
	anew out err
	"$1" -v --listen 0 "${@:2}" <in >out 2>err 3>&- &
	PID=$!
	exec 7>in
	wait_until address
}

ask() { # PATH [OPTION...]: into STATUS and body
	STATUS=$(curl -sS -m 20 -o body -w '%{http_code}' "${@:2}" "$URL$1")
}

answers() { # PATH STATUS [TEXT [OPTION...]]
	ask "$1" "${@:4}" && [[ $STATUS == "$2" && $(<body) == *"${3-}"* ]]
}

counted() { # NAME VALUE
	ask /metrics && grep -q "^energyguard_$1{program=\"[a-z-]*\"} $2\$" body
}

server() { # the process that serves PID's counters
	pgrep -P "$PID" eg-health
}

@test "a program that has nothing to do is healthy, and so is one that gives receipts" {
	start passthrough
	wait_until answers /health 200 nothing\ waits
	[[ $(jq -r '.name, .status, .pending' body | xargs) == "passthrough pass 0" ]]
	echo $RECORD >&7
	wait_until counted records_out_total 1
	counted healthy 1
	answers /live 200
}

@test "records without a receipt make it unhealthy, a receipt makes it healthy again" {
	start passthrough --unhealthy 2s --until go
	echo $RECORD >&7
	wait_until answers /health 503 'records wait, and no receipt has come for '
	[[ $(jq -r .status body) == fail ]]
	wait_until answers /live 200
	: >go
	wait_until answers /health 200
}

@test "a peer that is away makes it unhealthy" {
	start eg-influx --unhealthy 2s --url http://127.0.0.1:1 --token-file <(echo t)
	echo $RECORD >&7
	wait_until answers /health 503
	wait_until answers /live 200
	counted peer_away_seconds '[1-9][0-9]*'
}

@test "devices that do not answer make it unhealthy, once all are away" {
	start eg-fetch --unhealthy 2s --every 1s --now --sensor x --value .v json http://127.0.0.1:1/
	wait_until answers /health 503 'the peer is unavailable for'
	counted devices_away 1
	wait_until answers /live 200
}

@test "a program that hangs is neither healthy nor alive" {
	start passthrough --unhealthy 2s
	wait_until answers /health 200
	kill -STOP "$PID"
	wait_until answers /live 503 'the program hangs'
	answers /health 503 'the program hangs'
	kill -CONT "$PID"
	wait_until answers /live 200
}

@test "refusals are counted by their reason" {
	start passthrough --refuse 666
	printf '%s\n' a:2026-11-23T14:18:36:666 rubbish more:rubbish $RECORD >&7
	wait_until counted records_refused_total 3
	grep '^energyguard_refusals_total{program="passthrough",reason="[^"]*"} [12]$' body
	(($(awk '/^energyguard_refusals_total/ { n += $NF } END { print n }' body) == 3))
}

@test "the counters keep Prometheus' rules" {
	start passthrough
	echo rubbish >&7
	echo $RECORD >&7
	wait_until counted records_out_total 1
	grep -q '^energyguard_info{program="passthrough",version="[0-9.]*",host="'"$(uname -n)"'"} 1$' body
	# One TYPE and one HELP for each name; counters, and no other, end in _total. A histogram's
	# buckets never fall, and the last is its count.
	rules='/^# TYPE/ { type[$3] = $4; if (($4 == "counter") != ($3 ~ /_total$/)) bad = $3; next }
		/^# HELP/ { if (help[$3]++ || NF < 4) bad = $3; next }
		/^#/ { next }
		{ name = part = $1; sub(/\{.*/, "", name); sub(/_(bucket|sum|count)\{.*/, "", part)
		  if (type[part] == "histogram") {
			if ($1 ~ /_bucket/) { if ($NF < last[part] + 0) bad = $1; last[part] = $NF }
			if ($1 ~ /_count/) { if ($NF != last[part]) bad = $1; seen++ }
			name = part
		  }
		  if (!(name in type) || !(name in help)) bad = $1
		  if (name !~ /^[a-z_:][a-z0-9_:]*$/ || $NF !~ /^[0-9.e+-]+$/) bad = $1 }
		END { if (bad != "" || seen != 2) { print "wrong: " bad; exit 1 } }'
	awk "$rules" body
	# These are wrong, and it says so.
	for wrong in '/_bucket.*le="1"/s/[0-9]*$/9/' '/^# TYPE.*_total/s/counter/gauge/' '/^# HELP.*healthy/d'; do
		run ! awk "$rules" <(sed "$wrong" body)
	done
	# eg-setup does not install it: 96 MB, and a server, for one line here.
	if ! command -v promtool >/dev/null; then
		echo "# WARNING: no promtool (Debian's package prometheus): only this test's own rules were checked" >&3
		return
	fi
	promtool check metrics <body
}

@test "batches and the time to receipts are counted, and the oldest record that waits is shown" {
	start passthrough --until go
	yes $RECORD | head -n 20 >&7
	waits() { counted oldest_record_timestamp_seconds 1795443516.000; }
	wait_until waits
	grep -q '^energyguard_oldest_record_age_seconds{program="passthrough"} [0-9]*\.[0-9]*$' body
	sleep 1.1
	: >go
	wait_until counted records_out_total 20
	counted oldest_record_age_seconds 0.000
	run ! grep -q oldest_record_timestamp body
	grep -q '^energyguard_receipt_seconds_count{program="passthrough"} 20$' body
	# Nothing was quicker than the second for which all waited.
	grep -q '^energyguard_receipt_seconds_bucket{program="passthrough",le="1"} 0$' body
	grep -q '^energyguard_receipt_seconds_bucket{program="passthrough",le="+Inf"} 20$' body
	grep -q '^energyguard_batch_records_sum{program="passthrough"} 20$' body
}

@test "paths and methods that do not exist are told so, HEAD is like GET" {
	start passthrough
	ask /nothing
	[[ $STATUS == 404 && $(<body) == *"/health, /live and /metrics"* ]]
	ask /health -X DELETE
	[[ $STATUS == 405 ]]
	ask /metrics --data-binary @<(head -c 100000 /dev/zero)
	[[ $STATUS == 405 ]]
	wait_until answers /health 200
	[[ $(curl -sS -m 20 -I "$URL/health" | head -1) == "HTTP/1.1 200"* ]]
}

@test "at a loopback address only this machine's names are hosts: a site's name may resolve to it" {
	start passthrough
	wait_until answers /health 200
	for host in evil.example "evil.example:${URL##*:}" 127.0.0.1.evil.example 192.0.2.1 localhost:x; do
		for path in /health /live /metrics /nothing; do
			ask $path -H "Host: $host"
			[[ $STATUS == 403 && $(<body) == "the host is localhost, 127.0.0.1 or [::1]" ]]
		done
	done
	for host in localhost LocalHost:1 127.0.0.1 127.1.2.3 "[::1]:${URL##*:}"; do
		answers /health 200 "" -H "Host: $host"
	done
	# An old client sends no host; no browser is one.
	ask /metrics --http1.0 -H Host:
	[[ $STATUS == 200 ]]
}

@test "at another address than a loopback one any name is a host" {
	start passthrough --listen :0
	URL=http://127.0.0.1:${URL##*:}
	wait_until answers /health 200
	ask /metrics -H "Host: consumer:9464"
	[[ $STATUS == 200 ]]
}

@test "clients that are slow, too many or send too much hold up neither records nor answers" {
	start passthrough
	python3 - "${URL##*:}" <<'END' &
import socket, sys, time
held = []
for i in range(200):
    c = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    c.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + (b"y" * 10000 if i % 2 else b""))
    held.append(c)
open("held", "w").close()
time.sleep(300)
END
	clients=$!
	wait_until test -e held
	yes $RECORD | head -n 1000 >&7
	all() { (($(wc -l <out) == 1000)); }
	wait_until all
	wait_until counted records_out_total 1000
	kill "$clients"
	exec 7>&-
	wait "$PID"
	PID=
}

@test "a port in use, an address that is none, and a port of the system" {
	start passthrough
	run --separate-stderr -78 timeout 20 passthrough --listen "${URL#http://}" <<<"$RECORD"
	[[ -z $output && $stderr == *"cannot listen at '${URL#http://}': Address already in use"* ]]
	[[ $stderr == *"passthrough: fatal: --listen '${URL#http://}' cannot be served"* ]]
	for address in nobody:80 127.0.0.1:x 1:2:3 127.0.0.1: 70000 "$(printf '%0300d' 1)"; do
		run --separate-stderr -64 timeout 20 passthrough --listen "$address" <<<"$RECORD"
		[[ -z $output ]]
	done
	run --separate-stderr -64 timeout 20 passthrough --unhealthy 1s
	[[ $stderr == *"--unhealthy: "*"out of the range"* ]]
	[[ $(id -u) -ne 0 ]] || skip "root may use each port"
	run --separate-stderr -78 timeout 20 passthrough --listen 1 <<<"$RECORD"
	[[ $stderr == *"Permission denied"* ]]
}

@test "a hard limit of open files that is too low for the server is told at the start" {
	run --separate-stderr -78 bash -c 'ulimit -n 100 && exec timeout 20 passthrough --listen 0' <<<$RECORD
	[[ $stderr == *"eg-health: fatal: the hard limit of open files is too low"*"cannot be served"* ]]
}

@test "it ends with the program: at the end, and when that is killed" {
	start passthrough
	first=$(server)
	exec 7>&-
	wait "$PID"
	wait_until gone "$first"
	rm in
	start passthrough
	first=$(server)
	kill -KILL "$PID"
	wait_until gone "$first"
	PID=
}

@test "the records go on when what serves the counters dies, and it is started again" {
	start passthrough
	first=$(server)
	kill -KILL "$first"
	wait_until grep -q "eg-health has ended: it is started again" err
	echo $RECORD >&7
	wait_until grep -q . out
	again() { server | grep -vqx "$first"; }
	wait_until again
	exec 7>&-
	wait "$PID"
	PID=
	[[ $(<out) == "$RECORD" ]]
}

@test "the records go on when what serves the counters is stopped, and it is said once" {
	start passthrough
	kill -STOP "$(server)"
	wait_until grep -q 'eg-health has read no counters for 10 s' err
	for n in 1 2 3 4 5; do
		echo $RECORD >&7
		wait_until has_lines out $n
	done
	kill -CONT "$(server)"
	wait_until grep -q 'eg-health reads counters again' err
	wait_until counted records_out_total 5
	answers /health 200
	exec 7>&-
	wait "$PID"
	PID=
	(($(grep -c 'eg-health' err) == 2))
}

@test "a program ends by a signal while what serves the counters is stopped" {
	start passthrough
	first=$(server)
	kill -STOP "$first"
	echo $RECORD >&7
	wait_until has_lines out 1
	kill -TERM "$PID"
	wait "$PID"
	wait_until gone "$first"
	rm in
	# A second signal ends it though a record waits.
	start passthrough --grace 1h --hold 1
	first=$(server)
	echo $RECORD >&7
	wait_until counted records_pending 1
	kill -STOP "$first"
	wait_until gone_after_signal "$PID"
	status=0
	wait "$PID" || status=$?
	((status == 75))
	wait_until gone "$first"
	PID=
}

@test "a signal ends a program while what serves the counters hangs at its first start" {
	mkdir bin
	cp "$(command -v passthrough)" bin
	printf '%s\n' '#!/bin/bash' 'echo $$ >hanging' 'kill -TERM $PPID' 'exec sleep 1000' >bin/eg-health
	chmod +x bin/eg-health
	mkfifo in
	bin/passthrough --listen 0 <in >out 2>err 3>&- &
	PID=$!
	exec 7>in
	status=0
	wait "$PID" || status=$?
	PID=
	((status == 0)) || { cat err; return 1; }
	wait_until gone "$(<hanging)"
	[[ ! -s err ]]
}

@test "the records go on while what serves the counters hangs at its start" {
	mkdir bin
	cp "$(command -v passthrough)" bin
	cat >bin/eg-health <<-END
		#!/bin/bash
		if [[ -e first ]]; then echo \$\$ >hanging; exec sleep 100; fi
		touch first
		exec "$(command -v eg-health)" "\$@"
	END
	chmod +x bin/eg-health
	start bin/passthrough
	kill -KILL "$(server)"
	wait_until test -s hanging
	echo $RECORD >&7
	wait_until grep -q . out
	kill -0 "$(<hanging)" # it was not waited for
	run ! grep -q 'does not answer' err
	# It is given up, and started again.
	wait_until grep -q 'eg-health does not answer' err
	other() { [[ $(<hanging) != "$1" ]]; }
	wait_until other "$(<hanging)"
	exec 7>&-
	wait "$PID"
	PID=
}

@test "the records go on while what serves the counters cannot even be killed, and the program ends" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers do not work with a preload"
	mkdir bin faults
	cp "$(command -v passthrough)" bin
	cat >bin/eg-health <<-END
		#!/bin/bash
		if [[ -e first ]]; then echo \$\$ >hanging; exec sleep 1000; fi
		touch first
		exec "$(command -v eg-health)" "\$@"
	END
	chmod +x bin/eg-health
	EG_FAULTS=$PWD/faults LD_PRELOAD=${EG_BIN:-$BATS_TEST_DIRNAME/../../build}/tests/bad_libc.so \
		start bin/passthrough
	: >faults/undying
	kill -KILL "$(server)"
	wait_until test -s hanging
	wait_until grep -q 'eg-health does not answer' err
	[[ -e faults/undying.hit ]]
	for n in 1 2 3; do
		echo $RECORD >&7
		wait_until has_lines out $n
	done
	kill -0 "$(<hanging)"
	# When it has ended, it is started again.
	first=$(<hanging)
	kill -KILL "$first"
	other() { [[ $(<hanging) != "$first" ]]; }
	wait_until other
	exec 7>&-
	wait_until gone "$PID"
	wait "$PID"
	PID=
}

@test "--listen with standard input and output closed, or full, is as without" {
	for arguments in '' '--listen 0'; do
		run -74 bash -c 'passthrough $1 <&- 2>/dev/null' bash "$arguments"
		run -74 bash -c 'passthrough $1 >&- <<<'$RECORD' 2>/dev/null' bash "$arguments"
		run -74 bash -c 'passthrough $1 >/dev/full <<<'$RECORD' 2>/dev/null' bash "$arguments"
	done
}

@test "eg-health serves the counters of --metrics, and passes over rubbish" {
	mkfifo counters
	eg-health --listen 0 <counters >url 2>err 3>&- &
	PID=$!
	exec 8>counters
	wait_until test -s url
	URL=$(<url)
	ask /health
	[[ $STATUS == 503 && $(<body) == *"no counters have come yet"* ]]
	head -c 100000 /dev/urandom >&8
	ask /metrics
	[[ $STATUS == 200 && ! -s body ]]
	passthrough --metrics /dev/fd/8 <<<"$RECORD" >out
	wait_until counted records_out_total 1
	exec 8>&-
	wait "$PID"
	PID=
}

@test "each program that runs for long has --listen" {
	for program in consume fetch influx modbus mqtt publish replicate serve store; do
		eg-$program --help | grep -q -- '--listen ADDRESS '
	done
}
