#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A stage's loop, with a sink that does what its options say (tests/tools/passthrough).
# shellcheck disable=SC2030,SC2031,SC2154  # bats: subshells, and what run sets

bats_require_minimum_version 1.5.0
load stage

# Starts a passthrough whose input is descriptor 7, and waits until it catches SIGUSR1.
start() {
	mkfifo in
	anew out err
	command passthrough "$@" <in >out 2>err 3>&- &
	PID=$!
	exec 7>in
	wait_until catches_usr1
}

catches_usr1() {
	((0x$(awk '/^SigCgt/ { print $2 }' "/proc/$PID/status") >> 9 & 1))
}

# Asks for the counters until they look so.
until_counts() {
	wait_until counts "$1" || { cat err; return 1; }
}

counts() { kill -USR1 "$PID" && sleep 0.05 && grep -q "$1" err; }

# Waits for the end; status is passthrough's.
ended() {
	wait_until gone "$PID"
	status=0
	wait "$PID" || status=$?
	PID=
}

counter() {
	sed -n "s/^energyguard_$2{program=\"passthrough\"} //p" "$1"
}

@test "what comes out is byte for byte what went in" {
	records 100000 >a
	passthrough <a >b
	cmp a b
}

@test "receipts keep the order of the input when batches are done in another" {
	records 5000 >a
	passthrough --delay 10ms --reverse --batch 7 --flights 32 <a >b
	cmp a b
}

@test "a sink that takes less than it is offered gets the rest later" {
	records 1000 >a
	passthrough --shorten 3 --delay 1ms <a >b
	cmp a b
}

@test "a batch never holds more bytes than the sink takes" {
	records 1000 >a
	run --separate-stderr passthrough --bytes 120 -v <a
	[ "$status" -eq 0 ]
	[ "$output" = "$(cat a)" ]
	[[ $stderr =~ batches\ ([0-9]+) ]]
	((BASH_REMATCH[1] >= 250))
}

@test "a full disk is an error, not a silent loss" {
	records 10 >a
	status=0
	passthrough <a >/dev/full 2>err || status=$?
	[ "$status" -eq 74 ]
	[ "$(cat err)" = "passthrough: fatal: cannot write to standard output: No space left on device" ]
}

@test "a write that takes a part before the disk is full repeats no receipt" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers want to be loaded first"
	mkdir faults disk
	: >faults/part
	records 2000 >a
	status=0
	EG_FAULTS=$PWD/faults EG_FAULTS_DISK=$PWD/disk LD_PRELOAD=$EG_BIN/tests/bad_libc.so \
		passthrough <a >disk/out 2>err ||
		status=$?
	[ "$status" -eq 74 ]
	grep -q 'cannot write to standard output: No space left on device' err
	[ -s disk/out ]
	# What it holds is the beginning of what went in.
	cmp -n "$(stat -c %s disk/out)" a disk/out
}

@test "a standard output that is not open is an error before anything is read" {
	status=0
	passthrough >&- 2>err <<<'a:2026-01-01T00:00:00:1' || status=$?
	[ "$status" -eq 74 ]
	grep -q 'standard output is not open' err
}

@test "a standard input that is not open or cannot be read is an error" {
	status=0
	passthrough <&- >out 2>err || status=$?
	[ "$status" -eq 74 ]
	grep -q 'standard input' err
	run --separate-stderr -74 passthrough <.
	[[ $stderr == *"cannot read standard input: Is a directory"* ]]
}

@test "a reader that goes away ends the stage quietly" {
	records 100000 >a
	{ passthrough <a 2>err || echo $? >status; } | head -n 1 >out
	[ "$(cat status)" -eq 74 ]
	[ ! -s err ]
	[ "$(cat out)" = "$(head -n 1 a)" ]
}

@test "a reader that goes away while the line is quiet is noticed" {
	mkfifo in pipe
	command passthrough <in >pipe 2>err 3>&- &
	PID=$!
	exec 7>in 8<pipe
	echo a:2026-01-01T00:00:00:1 >&7
	read -r line <&8
	[ "$line" = a:2026-01-01T00:00:00:1 ]
	exec 8<&-
	ended
	[ "$status" -eq 74 ]
	[ ! -s err ]
}

@test "a slow reader loses nothing" {
	records 200000 >a
	passthrough <a | { sleep 0.3; dd bs=1000 count=100 status=none; sleep 0.3; cat; } >b
	cmp a b
}

@test "files, pipes and the null device all serve as input and output" {
	records 1000 >a
	passthrough <a >b
	cmp a b
	: >b
	passthrough <a >>b
	cmp a b
	records 1000 | passthrough | cmp - a
	passthrough <a >/dev/null
	passthrough </dev/null >/dev/null
}

@test "records that arrive alone go out alone, each at once" {
	start -v
	for i in 1 2 3 4 5; do
		echo "a:2026-01-01T00:00:0$i:1" >&7
		wait_until has_lines out "$i"
	done
	exec 7>&-
	ended
	[ "$status" -eq 0 ]
	grep -q 'batches 5$' err
}

@test "a batch that is not full waits while another such one is on its way" {
	start --hold 1 --batch 5
	echo a:2026-01-01T00:00:00:1 >&7
	until_counts 'in 1 = out 0 + refused 0 + pending 1, batches 1'
	records 4 >&7
	until_counts 'in 5 = out 0 + refused 0 + pending 5, batches 1'
	records 1 >&7
	until_counts 'in 6 = out 0 + refused 0 + pending 6, batches 2'
	[ ! -s out ]
}

@test "batches grow under load" {
	records 20000 >a
	run --separate-stderr passthrough -v --delay 300ms --batch 5000 --bytes 1000000 <a
	[ "$status" -eq 0 ]
	[[ $stderr =~ batches\ ([0-9]+)$ ]]
	((BASH_REMATCH[1] <= 10))
}

@test "SIGTERM settles what is in flight and ends with 0" {
	for signal in TERM INT; do
		start --until go
		records 3 >&7
		until_counts 'in 3 = out 0'
		kill -"$signal" "$PID"
		: >go
		ended
		[ "$status" -eq 0 ]
		[ "$(cat out)" = "$(records 3)" ]
		exec 7>&-
		rm in go
	done
}

@test "a second signal gives up with 75" {
	start --hold 1
	records 3 >&7
	until_counts 'in 3 = out 0'
	wait_until gone_after_signal "$PID"
	ended
	[ "$status" -eq 75 ]
	grep -q 'ended by a second signal with 3 records without a receipt' err
	[ ! -s out ]
}

@test "timeout(1), which signals twice, lets it settle what is in flight" {
	start --until go
	records 3 >&7
	until_counts 'in 3 = out 0'
	# To the child, and then to its group: in one call, with nothing between.
	kill -TERM "$PID" "$PID"
	: >go
	ended
	[ "$status" -eq 0 ]
	[ "$(cat out)" = "$(records 3)" ]
}

@test "the end of the grace period gives up with 75" {
	start --hold 1 --grace 200ms
	records 3 >&7
	until_counts 'in 3 = out 0'
	kill -TERM "$PID"
	ended
	[ "$status" -eq 75 ]
	grep -q 'with 3 records without a receipt' err
}

@test "a peer that is away is waited for" {
	records 10 >a
	run --separate-stderr -0 passthrough --away 300ms <a
	[ "$output" = "$(cat a)" ]
}

@test "a peer that is away for longer than --timeout is given up with 75" {
	records 10 >a
	run --separate-stderr -75 passthrough --away 1h --timeout 2s <a
	[ "$output" = "" ]
	[[ $stderr == *"gave up waiting for the peer with 10 records without a receipt"* ]]
}

@test "a failing sink decides the status, and what is safe has its receipt" {
	records 10 >a
	for s in 70 74 75 78; do
		run --separate-stderr -"$s" passthrough --batch 1 --fail "$s" --after 4 <a
		[ "$output" = "$(head -n 3 a)" ]
		[ "$stderr" = "passthrough: fatal: the script fails" ]
	done
}

@test "the file of --metrics says in = out + refused + pending, while it runs and at the end" {
	start --metrics m --hold 2 --batch 2 --refuse .00
	records 5 >&7
	wait_until grep -q '^energyguard_records_in_total{.*} 5$' m
	[ "$(counter m records_out_total)" = 0 ]
	[ "$(counter m records_refused_total)" = 1 ]
	[ "$(counter m records_pending)" = 4 ]
	kill -KILL "$PID"
	records 5 >a
	run -65 passthrough --metrics m --refuse .00 <a
	[ "$(counter m records_in_total)" = 5 ]
	[ "$(counter m records_out_total)" = 4 ]
	[ "$(counter m records_refused_total)" = 1 ]
	[ "$(counter m records_pending)" = 0 ]
	[ "$(counter m batches_total)" -ge 1 ]
	[ "$(ls m*)" = m ]
}

@test "a metrics file that cannot be written is told at once" {
	run --separate-stderr -74 passthrough --metrics no/such/m </dev/null
	[[ $stderr == *"cannot write 'no/such/m'"* ]]
}

@test "--progress tells how it goes" {
	start --progress --hold 1
	records 3 >&7
	wait_until grep -q 'passthrough: in 3, out 0, refused 0, pending 3, 0/s' err
}

@test "-v prints the counters at the end" {
	records 3 >a
	run --separate-stderr -0 passthrough -v <a
	[ "$stderr" = "passthrough: in 3 = out 3 + refused 0 + pending 0, batches 1" ]
}

@test "wrong usage is one line, status 64, and nothing is read" {
	for args in '--batch 0' '--batch x' '--batch' '--nonsense' '-Z' 'operand' '--grace 1y' \
		'--timeout -1' '--progress=yes'; do
		# shellcheck disable=SC2086
		run --separate-stderr -64 passthrough $args <<<'a:2026-01-01T00:00:00:1'
		[ "$output" = "" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == "passthrough: fatal: "*"see passthrough --help" ]]
	done
}

@test "options are long or short, with their argument joined or apart" {
	records 10 >a
	for args in '-b 5 -v' '-vb5' '-v --batch 5' '--verbose --batch=5' '-v -b 5 --'; do
		# shellcheck disable=SC2086
		run --separate-stderr -0 passthrough $args <a
		[[ $stderr == *"batches 2" ]]
	done
}

@test "--help and --version go to standard output" {
	run --separate-stderr -0 passthrough --help
	[[ $output == usage:* ]]
	[ "$stderr" = "" ]
	run --separate-stderr -0 passthrough -V
	[[ $output == "passthrough "[0-9]* ]]
	status=0
	passthrough --help >/dev/full 2>err || status=$?
	[ "$status" -eq 74 ]
}

@test "five million records pass the window without a loss" {
	records 5000000 | tee >(cksum >sum) |
		timeout 1200 passthrough --delay 1ms --reverse | cksum >sum2
	wait_until has_lines sum 1
	cmp sum sum2
}
