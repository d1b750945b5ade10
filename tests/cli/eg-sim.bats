#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-sim makes readings: their shape, pace and keys, and what ends it.
# shellcheck disable=SC2154 # run sets stderr and stderr_lines

bats_require_minimum_version 1.5.0
load ../wait

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$PATH"
	PID=
	READER=
}

teardown() {
	for p in $PID $READER; do
		kill -KILL "$p" 2>/dev/null || continue
		wait "$p" 2>/dev/null || true
	done
}

# Fails on the first line that is not sensor:timestamp:value.
valid() {
	local day='[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]' time='[0-2][0-9]:[0-5][0-9]:[0-5][0-9]'
	awk -v form="^[^:]+:${day}T$time([.][0-9]+)?:-?[0-9]+([.][0-9]+)?\$" '$0 !~ form {
		print "not a record: " $0; exit 1 }' "$@"
}

# Prints the keys that occur twice.
double_keys() {
	sed 's/:[^:]*$//' "$1" | sort | uniq -d
}

# Waits until a process of ours has ended, and returns its status.
ended() {
	wait_until gone "$1" || return 99
	PID=
	wait "$1"
}

# A usage error: status 64, nothing on stdout, one line on stderr with this text.
refused() {
	local text=$1
	shift
	run --separate-stderr eg-sim "$@"
	[ "$status" -eq 64 ] && [ -z "$output" ] && [ "${#stderr_lines[@]}" -eq 1 ] &&
		[[ $stderr == "eg-sim: fatal: "*"$text"* ]] && return 0
	echo "eg-sim $*: status $status, stderr: $stderr"
	return 1
}

@test "without pauses the drill is 45 readings of 15 sensors, 40 to 70, two decimals" {
	run --separate-stderr eg-sim --delay 0
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "${#lines[@]}" -eq 45 ]
	printf '%s\n' "$output" >drill
	valid drill
	for i in $(seq 15); do
		[ "$(grep -c "^sensor$i:" drill)" -eq 3 ]
	done
	awk -F: '$NF !~ /^[0-9][0-9]\.[0-9][0-9]$/ || $NF < 40 || $NF > 70 { exit 1 }' drill
}

@test "the drill takes 4 seconds and its timestamps are whole seconds of now, in UTC" {
	before=$(date -u +%Y-%m-%dT%H:%M:%S)
	t0=$(date +%s%N)
	eg-sim >drill
	t1=$(date +%s%N)
	after=$(date -u +%Y-%m-%dT%H:%M:%S)
	[ $((t1 - t0)) -ge 4000000000 ]
	[ "$(wc -l <drill)" -eq 45 ]
	[ -z "$(double_keys drill)" ]
	[ "$(sed 's/^[^:]*:\(.*\):[^:]*$/\1/' drill | sort -u | wc -l)" -eq 3 ]
	awk -v a="$before" -v b="$after" '{ sub(/^[^:]*:/, ""); sub(/:[^:]*$/, "")
		if (length($0) != 19 || $0 < a || $0 > b) exit 1 }' drill
}

@test "three rounds 0.2 s apart take 0.4 s at least, and each reading has its own key" {
	t0=$(date +%s%N)
	eg-sim --delay 0.2 >out
	t1=$(date +%s%N)
	[ $((t1 - t0)) -ge 400000000 ]
	[ $((t1 - t0)) -lt 60000000000 ]
	valid out
	[ "$(wc -l <out)" -eq 45 ]
	[ -z "$(double_keys out)" ]
	[ "$(cut -d: -f2-4 out | sort -u | wc -l)" -eq 3 ]
}

@test "a round is written as soon as it is made" {
	eg-sim --delay 1h --rounds 2 >out 3>&- &
	PID=$!
	wait_until has_lines out 15
	kill -TERM "$PID"
	ended "$PID"
	[ "$(wc -l <out)" -eq 15 ]
}

@test "keys stay unique without any pause, at 1 ms, and with whole seconds forced" {
	eg-sim --delay 0 --rounds 20000 --sensors 2 >out
	[ -z "$(double_keys out)" ]
	eg-sim --delay 1ms --rounds 200 --sensors 1 >out
	[ -z "$(double_keys out)" ]
	eg-sim --delay 1 --rounds 3 --sensors 1 >out
	[ -z "$(double_keys out)" ]
	awk -F: 'length($4) != 2 { exit 1 }' out
}

@test "a rate is kept, with a key for each reading" {
	t0=$(date +%s%N)
	eg-sim --rate 10000 --sensors 10 --rounds 1000 >out
	t1=$(date +%s%N)
	[ $((t1 - t0)) -ge 990000000 ]
	[ $((t1 - t0)) -lt 60000000000 ]
	valid out
	[ "$(wc -l <out)" -eq 10000 ]
	[ -z "$(double_keys out)" ]
}

@test "--precise gives timestamps of nanoseconds, --resolution cuts them" {
	eg-sim -d 0 -r 100 -n 1 --precise >out
	awk -F: 'length($4) == 12 { n++ } END { exit !(n > 50) }' out
	eg-sim -d 20ms -r 20 -n 1 --resolution us >out
	awk -F: 'length($4) > 9 { exit 1 } length($4) > 6 { n++ } END { exit !(n > 10) }' out
}

@test "the same seed and start give the same output, another seed another" {
	start=2026-11-23T14:18:36Z
	for p in uniform household solar; do
		eg-sim -S 7 -s $start -p $p -r 500 >one
		eg-sim -S 7 -s $start -p $p -r 500 >two
		eg-sim -S 8 -s $start -p $p -r 500 >three
		cmp one two
		! cmp -s one three || return 1
		valid one
	done
}

@test "values of the uniform profile repeat with the seed whatever the time" {
	eg-sim -S 7 -d 0 | sed 's/.*://' >one
	eg-sim -S 7 -s 2001-01-01T00:00:00Z | sed 's/.*://' >two
	cmp one two
}

@test "without a seed no two runs are alike, and -v tells the seed that repeats one" {
	s=2026-01-01T00:00:00Z
	run --separate-stderr eg-sim -s $s -v
	[ "$status" -eq 0 ]
	first=$output
	[[ ${stderr_lines[0]} =~ ^"eg-sim: info: --seed "([0-9]+)$ ]]
	seed=${BASH_REMATCH[1]}
	[ "${stderr_lines[1]}" = "eg-sim: in 45 = out 45 + refused 0 + pending 0" ]
	run --separate-stderr eg-sim -s $s -S "$seed"
	[ "$output" = "$first" ]
	run --separate-stderr eg-sim -s $s
	[ "$output" != "$first" ]
}

@test "history crosses a leap day at once, step by step" {
	run --separate-stderr eg-sim -n 1 -s 2024-02-28T23:00:00Z -t 12h -r 5
	[ "$status" -eq 0 ]
	printf '%s\n' "$output" | sed 's/^sensor1:\(.*\):[^:]*$/\1/' >stamps
	printf '%s\n' 2024-02-28T23:00:00 2024-02-29T11:00:00 2024-02-29T23:00:00 \
		2024-03-01T11:00:00 2024-03-01T23:00:00 >expected
	diff stamps expected
}

@test "a step of half a second shows where it needs a fraction, and a zone becomes UTC" {
	run --separate-stderr eg-sim -n 1 -s 2026-11-23T01:00:00+02:00 -t 0.5 -r 3 -m 5,5
	[ "${lines[0]}" = "sensor1:2026-11-22T23:00:00:5.00" ]
	[ "${lines[1]}" = "sensor1:2026-11-22T23:00:00.5:5.00" ]
	[ "${lines[2]}" = "sensor1:2026-11-22T23:00:01:5.00" ]
}

@test "range, decimals and prefix are what was asked for" {
	eg-sim -d 0 -r 1000 -n 1 -m -2,2 -D 0 -P 'casa à ' >out
	[ "$(sed 's/.*://' out | sort -n | uniq | tr '\n' ' ')" = "-2 -1 0 1 2 " ]
	[ "$(grep -c '^casa à 1:' out)" -eq 1000 ]
	eg-sim -d 0 -r 1000 -n 1 -m -0.5,0.5 -D 3 >out
	valid out
	awk -F: '$NF !~ /^-?0\.[0-9][0-9][0-9]$/ || $NF < -0.5 || $NF > 0.5 { exit 1 }' out
}

@test "a house takes more in the evening than at night, and more at noon of a weekend" {
	# Two weeks from a Monday on, a reading a minute.
	eg-sim -p household -S 1 -n 5 -s 2026-11-02T00:00:00Z -t 1m -r 20160 >out
	valid out
	awk -F: 'NR % 5 == 1 { minute = NR / 5; day = int(minute / 1440) % 7 }
		$NF < 20 || $NF > 10000 { print; bad = 1; exit 1 }
		{ h = substr($2, 12, 2) + 0 }
		h >= 18 && h < 20 { evening += $NF; ne++ }
		h >= 2 && h < 4 { night += $NF; nn++ }
		h >= 10 && h < 15 { noon[day >= 5] += $NF; n[day >= 5]++ }
		END { if (bad) exit 1
			print evening / ne, night / nn, noon[0] / n[0], noon[1] / n[1]
			exit !(evening / ne > 3 * night / nn && noon[1] / n[1] > 2 * noon[0] / n[0]) }' out
}

@test "history can be paced with a rate" {
	t0=$(date +%s%N)
	eg-sim -S 1 -s 2026-01-01T00:00:00Z -n 10 -r 20 -R 500 >paced
	t1=$(date +%s%N)
	[ $((t1 - t0)) -ge 390000000 ]
	eg-sim -S 1 -s 2026-01-01T00:00:00Z -n 10 -r 20 | cmp - paced
}

@test "any start shows the same history of a house" {
	eg-sim -p household -S 3 -n 3 -s 2026-11-02T00:00:00Z -t 1h -r 48 | grep 2026-11-03T >one
	eg-sim -p household -S 3 -n 3 -s 2026-11-03T00:00:00Z -t 1h -r 24 >two
	cmp one two
}

@test "the sun gives nothing at night, most around noon, and more in summer" {
	for d in 06 12; do
		eg-sim -p solar -S 1 -n 5 -s 2026-$d-10T00:00:00Z -t 10m -r 2880 >$d
		valid $d
		awk -F: '{ h = substr($2, 12, 2) + 0 }
			$NF < 0 || $NF > 8000 || ((h < 3 || h >= 21) && $NF != 0) { print; bad = 1; exit 1 }
			h >= 11 && h < 13 { noon += $NF }
			h >= 8 && h < 10 { morning += $NF }
			END { exit bad || !(noon > morning && morning > 0) }' $d
	done
	awk -F: '{ s[FILENAME] += $NF } END { exit !(s["06"] > 2 * s["12"]) }' 06 12
}

@test "SIGTERM and SIGINT end it at once, behind a whole line" {
	for sig in TERM INT; do
		# bash starts a background job with SIGINT ignored: the handler must not mind.
		eg-sim --delay 0 --rounds 0 >out 3>&- &
		PID=$!
		wait_until has_lines out 100
		kill -$sig "$PID"
		ended "$PID"
		valid out
		[ "$(tail -c 1 out | od -An -tx1 | tr -d ' ')" = 0a ]
	done
}

@test "SIGTERM ends it while the reader does not read" {
	mkfifo pipe
	bash -c 'exec sleep 60' <pipe 3>&- &
	READER=$!
	eg-sim --delay 0 --rounds 0 --metrics prom >pipe 2>err 3>&- &
	PID=$!
	# The metrics file is there when signals are heard.
	wait_until test -e prom
	# The pipe is full when the counters stand still, with records left over.
	now=
	stands_still() {
		local last=$now
		kill -USR1 "$PID"
		sleep 0.05
		now=$(tail -n 1 err)
		[[ $now == *"in "* && $now == "$last" && $now != *"pending 0" ]]
	}
	wait_until stands_still
	kill -TERM "$PID"
	ended "$PID"
}

@test "a closed pipe ends it quietly, also during a pause" {
	run --separate-stderr bash -c 'set -o pipefail; eg-sim --delay 0 --rounds 0 | head -n 1'
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	run --separate-stderr timeout 60 bash -c 'set -o pipefail; eg-sim --delay 1h | head -n 1'
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
}

@test "a full disk and a closed standard output are errors, not silence" {
	run --separate-stderr bash -c 'eg-sim --delay 0 >/dev/full'
	[ "$status" -eq 74 ]
	[ "$stderr" = "eg-sim: fatal: cannot write to standard output: No space left on device" ]
	run --separate-stderr bash -c 'eg-sim --delay 0 >&-'
	[ "$status" -eq 74 ]
	[[ $stderr == "eg-sim: fatal: standard output is not open" ]]
	run --separate-stderr bash -c 'eg-sim --help >/dev/full'
	[ "$status" -eq 74 ]
}

@test "counters stand in the metrics file, and SIGUSR1 prints them" {
	eg-sim --delay 0 --metrics prom >/dev/null
	grep -qx 'energyguard_records_out_total{program="eg-sim"} 45' prom
	eg-sim --delay 1h >out 2>err 3>&- &
	PID=$!
	wait_until has_lines out 15
	kill -USR1 "$PID"
	wait_until has_lines err 1
	kill -TERM "$PID"
	ended "$PID"
	[ "$(cat err)" = "eg-sim: in 15 = out 15 + refused 0 + pending 0" ]
}

@test "wrong values of options are refused with one line" {
	refused --sensors -n 0
	refused --sensors -n 1e3
	refused --rounds -r -1
	refused --rounds -r ''
	refused --delay -d 2x
	refused --delay -d -1
	refused --decimals -D 10
	refused --range -m 40
	refused --range -m 70,40
	refused --range -m nan,1
	refused --range -m 1,2,3
	refused "no number with 2 decimals" -m 0.001,0.002
	refused colon -P a:b
	refused comment -P '#a'
	refused "control character" -P $'a\nb'
	refused UTF-8 -P $'\xff'
	refused "longer than 255" -P "$(printf '%0254d' 0)"
	refused --profile -p wind
	refused --seed -S -1
	refused --start -s yesterday
	refused calendar -s 2026-02-30T00:00:00Z
	refused --step -s 2026-01-01T00:00:00Z -t 0
	refused --rate -R 0
	refused --resolution -f minutes
	refused --latitude -p solar -L 91
	refused unknown --bogus
	refused operands 5
}

@test "options that contradict each other are refused" {
	refused --start -t 5
	refused --step -s 2026-01-01T00:00:00Z -d 1
	refused --rate -R 10 -d 1
	refused coarse -f s -d 0.5
	refused coarse -f s -R 1000
	refused --range -m 1,2 -p solar
	refused --latitude -L 10
	refused "the latest time" -s 2262-04-11T00:00:00Z -t 1d
}

@test "--help and --version print to standard output" {
	run --separate-stderr eg-sim --help
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "usage: eg-sim [options]" ]
	run --separate-stderr eg-sim --version
	[ "$status" -eq 0 ]
	[[ $output =~ ^"eg-sim "[0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "--help and the manual page tell of the same options" {
	eg-sim --help | sed -n 's/^ *\(-[^ ]*,\)* *--\([a-z-]*\).*/\2/p' | sort >help
	sed -n 's/^\.It Fl .*-\([a-z][a-z-]*\).*/\1/p' "$BATS_TEST_DIRNAME/../../man/eg-sim.1" | sort >page
	[ -s help ]
	diff help page
}
