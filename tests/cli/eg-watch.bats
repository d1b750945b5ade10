#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-watch: rules over readings, the edges, and what is given twice after a restart: nothing.
# shellcheck disable=SC2016,SC2154 # the inner shells expand; bats sets stderr

bats_require_minimum_version 1.5.0
load ../wait

setup() {
	BIN=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd)
	TOOLS=$BATS_TEST_DIRNAME/../tools
	PATH=$BIN:$PATH
	cd "$BATS_TEST_TMPDIR" || return 1
	PID=''
}

teardown() {
	if [[ -n $PID ]]; then kill -9 "$PID" 2>/dev/null || true; fi
}

at() { # MINUTES VALUE [SENSOR]: a record
	printf '%s:2026-01-01T%02d:%02d:00:%s\n' "${3:-house}" $(($1 / 60)) $(($1 % 60)) "$2"
}

# The edges of rule r for the rules of the lines $1 and the records of the standard input, as
# `minute value` words.
edges() {
	printf '%b\n' "$1" >rules
	timeout 30 eg-watch rules |
		sed -E 's|^watch/r/house:2026-01-01T([0-9]*):([0-9]*):00(\.000000001)?:(.*)|\1 \2 \4|' |
		awk '{ printf "%s%d=%s", (NR > 1 ? " " : ""), $1 * 60 + $2, $3 }'
}

is() { [[ $1 == "$2" ]] || { printf 'wanted: %s\ngot:    %s\n' "$2" "$1"; return 1; }; }

# A command that keeps edges in the file `got` and gives receipts.
readonly KEEP='while IFS= read -r l; do printf "%s\n" "$l" >>got; printf "%s\n" "$l"; done'

@test "over: at once, or after a time; until the limit, or a lower one" {
	{ at 0 100; at 1 101; at 2 105; at 3 100; at 4 99; at 5 102; } >in
	is "$(edges 'r house over 100' <in)" '1=1 3=0 5=1'
	is "$(edges 'r house over 100 until 99' <in)" '1=1 4=0 5=1'
	is "$(edges 'r house over 100 for 1m' <in)" '2=1 3=0'
	is "$(edges 'r house over 100 until 90 for 61s' <in)" ''
	is "$(edges 'r house over 100.5 for 1m until 90' <in)" '2=1'
}

@test "under is the mirror of over" {
	{ at 0 3; at 1 2.9; at 2 2; at 3 3; at 4 4; at 5 2; } >in
	is "$(edges 'r house under 3' <in)" '1=1 3=0 5=1'
	is "$(edges 'r house under 3 for 1m until 4' <in)" '2=1 4=0'
}

@test "silent: longer than the time, told by other sensors, by the next reading, and at the end" {
	{ at 0 1; at 10 1; at 21 1; at 22 1; at 40 1 other; } >in
	is "$(edges 'r house silent 10m' <in)" '20=1 21=0 32=1'
	at 50 1 >>in
	is "$(edges 'r house silent 10m' <in)" '20=1 21=0 32=1 50=0'
	# Only within hours: it begins with them.
	is "$(edges 'r house silent 5m * 0-0:20,0:45-1' <in)" '5=1 10=0 15=1 21=0 45=1 50=0'
}

@test "a reading that comes after its silence was told ends it later than it began" {
	{ at 0 1; at 20 1 other; at 5 1; at 6 1; } >in
	printf 'r house silent 10m\n' >rules
	is "$(timeout 30 eg-watch rules <in | tr '\n' ' ')" \
		'watch/r/house:2026-01-01T00:10:00:1 watch/r/house:2026-01-01T00:10:00.000000001:0 watch/r/house:2026-01-01T00:16:00:1 '
}

@test "stuck: the value does not move, or by less than a change" {
	{ at 0 5; at 1 5; at 2 5; at 3 5.5; at 4 5.2; at 5 5.7; } >in
	is "$(edges 'r house stuck 2m' <in)" '2=1 3=0'
	is "$(edges 'r house stuck 2m 0.5' <in)" '2=1 5=0'
}

@test "step: between readings, and of registers in kWh and Wh" {
	{ at 0 100; at 1 101; at 2 0; at 3 102; at 4 102; } >in
	is "$(edges 'r house step 50' <in)" '2=1 4=0'
	is "$(edges 'r house step 61kW' <in)" '2=1 4=0'
	is "$(edges 'r house step 59kW' <in)" '1=1 4=0'
	is "$(edges 'r house step 61W' <in)" '2=1 4=0'
}

@test "days and hours are of the zone, and outside of them a rule has ended" {
	# 2026-01-01 is a Thursday; 07:00 in Rome is 06:00 UTC.
	{ at 359 9; at 360 9; at 361 9; at 420 9; } >in
	is "$(edges 'r house over 5 thu 6-7' <in)" '360=1 420=0'
	is "$(edges 'zone Europe/Rome\nr house over 5 mon-thu 7-8' <in)" '360=1 420=0'
	is "$(edges 'zone Europe/Rome\nr house over 5 fri-wed' <in)" ''
	is "$(edges 'r house over 5 thu 22-6,6:01-7' <in)" '359=1 360=0 361=1 420=0'
}

@test "of lines with one name the first that matches and holds counts" {
	{ at 0 9; at 1 9; } >in
	is "$(edges 'r hous[a-e] over 10\nr * over 5' <in)" ''
	is "$(edges 'r house over 10 fri\nr * over 5' <in)" '0=1'
	is "$(edges 'r x over 10\nr house over 8 thu 0-0:01\nr house over 9' <in)" '0=1 1=0'
}

@test "what comes again, or late, changes nothing; edges are not watched" {
	{ at 0 1; at 5 9; at 5 1; at 3 1; at 6 9; at 7 9 watch/r/house; } >in
	is "$(edges 'r * over 5' <in)" '5=1'
}

@test "random readings give what a slow and simple program makes of them" {
	local order seed extra
	cat >rules <<-'END'
		zone Europe/Amsterdam
		high      s1   over 1500 mon-fri 8-20
		high      s1   over 1000 for 5m until 500 sat,sun
		high      s*   over 3000 for 2m until 2800
		low       s[0-4] under 200 for 1m until 400 * 22-6
		quiet     *    silent 10m  # all of them
		quietday  s2   silent 5m sun 9-10:30 mon
		stuck     *    stuck 10m 0.5
		stuck0    *    stuck 5m
		jump      *    step 1500
		meter     s3   step 60kW
		odd       *    unusual 2w 2
		oddwork   s1   unusual 3w 1.5 mon-fri
	END
	for order in time sensor; do
		seed=$RANDOM
		echo "seed $seed"
		"$TOOLS/watch-readings" $seed 5 1500 60 $order >in
		"$TOOLS/watch-readings" $((seed + 1)) 2 4000 900 $order >long
		for file in in long; do
			timeout 200 "$TOOLS/watch-reference" rules <$file | sort >want
			timeout 60 eg-watch rules <$file | sort >got
			[ -s want ]
			diff want got
			# With a command, and in two runs, the edges are the same.
			rm -f state got
			awk -v n=$RANDOM 'NR <= n' $file | timeout 60 eg-watch -s state rules -- bash -c "$KEEP" >out
			timeout 60 eg-watch -s state rules -- bash -c "$KEEP" <$file >>out
			[ "$(sort got | uniq -d | wc -l)" -eq 0 ]
			extra=$(sort got | comm -13 want -)
			[ -z "$extra" ]
			# At the end of a stage's input silence is not told yet.
			! sort got | comm -23 want - | grep -v '/quiet.*:1$' || return 1
		done
	done
}

@test "sensors in any order, and a cut with a state, change no edge" {
	"$TOOLS/watch-readings" 7 4 800 60 >in
	printf 'a * over 2000 for 2m until 1800\nb * stuck 5m\nc * step 1000\n' >rules
	eg-watch rules <in | sort >want
	sort -t: -k1,1 -s in | eg-watch rules | sort | diff want -
	{ head -n 1234 in | eg-watch -s state rules; tail -n +1235 in | eg-watch -s state rules; } |
		sort | diff want -
}

@test "a record comes out when its edges have their receipts" {
	{ at 0 1; at 1 9; at 2 9; } >in
	printf 'r * over 5\n' >rules
	mkfifo go
	timeout 30 eg-watch rules -- bash -c 'IFS= read -r l; read -r _ <go; echo "$l"; cat' <in >out &
	PID=$!
	sleep 0.5 # it could print by now, if it did not wait
	[ ! -s out ]
	echo now >go
	wait "$PID"
	PID=''
	diff in out
}

@test "a command that ends without a receipt is started again and gets the edges again" {
	{ at 0 9; at 1 1; } >in
	printf 'r * over 5\n' >rules
	run --separate-stderr timeout 30 eg-watch rules -- bash -c \
		'[[ -e tried ]] || { touch tried; exit 1; }; '"$KEEP" <in
	[ "$status" -eq 0 ]
	diff in <(printf '%s\n' "$output")
	is "$(wc -l <got)" 2
}

@test "an edge that the command refuses: 65 and --rejects, and the records come out" {
	{ at 0 9; at 1 1; } >in
	printf 'r * over 5\n' >rules
	run --separate-stderr timeout 30 eg-watch --quiet 100ms --rejects rejects rules -- bash -c 'grep --line-buffered ":1$"; exit 65' <in
	[ "$status" -eq 65 ]
	diff in <(printf '%s\n' "$output")
	[[ $stderr == *"the command refused this edge: 'watch/r/house:2026-01-01T00:01:00:0'"* ]]
	is "$(grep -v '^#' rejects)" watch/r/house:2026-01-01T00:01:00:0
}

@test "kill -9 while nothing is under way, and the input again: nothing twice" {
	"$TOOLS/watch-readings" 3 3 300 60 >in
	printf 'a * over 2000 for 2m until 1800\nb * stuck 5m\nq * silent 10m\n' >rules
	timeout 60 eg-watch rules -- bash -c "$KEEP" <in >/dev/null
	mv got want
	mkfifo pipe
	for n in 100 400 777; do
		eg-watch -s state rules -- bash -c "$KEEP" <pipe >out &
		PID=$!
		exec 7>pipe
		head -n "$n" in >&7
		wait_until eval "[[ \$(wc -l <out) -eq $n ]]"
		kill -9 "$PID"
		wait "$PID" || true
		exec 7>&-
	done
	PID=''
	timeout 60 eg-watch -s state rules -- bash -c "$KEEP" <in >/dev/null
	diff want got
}

@test "kill -9 at any moment: each rule and sensor has its edges in order, and a kill repeats one batch at most" {
	"$TOOLS/watch-readings" 4 5 3000 60 >in
	printf 'a * over 2000 for 2m until 1800\nb * stuck 5m\n' >rules
	timeout 60 eg-watch rules -- bash -c "$KEEP" <in >/dev/null
	mv got want
	for _ in 1 2 3 4 5 6; do
		eg-watch -s state rules -- bash -c 'echo $$ >>pids;'"$KEEP" <in >out &
		PID=$!
		sleep "0.0$((RANDOM % 90 + 10))"
		kill -9 "$PID" 2>/dev/null || true
		wait "$PID" || true
		# Its command reads what is in the pipe, and ends.
		while IFS= read -r pid; do await 20 gone "$pid"; done < <(cat pids 2>/dev/null)
	done
	PID=''
	timeout 60 eg-watch -s state rules -- bash -c "$KEEP" <in >/dev/null
	"$TOOLS/watch-sequence" want got 6
}

@test "the state is appended to, and what a power cut leaves of it is the state before" {
	local n
	"$TOOLS/watch-readings" 5 3 100 60 >in
	printf 'a * over 2000 for 2m until 1800\nu * unusual 2w 3\n' >rules
	mkfifo pipe
	eg-watch -s state rules -- cat <pipe >out &
	PID=$!
	exec 7>pipe
	for n in 100 200 300; do
		sed -n "$((n - 99)),${n}p" in >&7
		await 20 eval "[[ \$(wc -l <out) -eq $n ]]"
		cp state "state.$n"
	done
	exec 7>&-
	wait "$PID"
	PID=''
	cmp -n "$(stat -c %s state.100)" state.100 state.200
	cmp -n "$(stat -c %s state.200)" state.200 state.300
	# Cut anywhere, with or without zeros behind, it is that of the last `end`.
	for n in 200 300; do eg-watch -s state.$n rules </dev/null; done
	/usr/bin/python3 -c 'import random, subprocess
text, size = open("state", "rb").read(), len(open("state.100", "rb").read())
second = text.index(b"\nend\n", size) + 5
for cut in random.sample(range(size, len(text)), 40) + [size, second - 1, second, len(text)]:
    for tail in b"", b"\0" * 100:
        open("cut", "wb").write(text[:cut] + tail)
        subprocess.run(["eg-watch", "-s", "cut", "rules"], stdin=subprocess.DEVNULL, check=True)
        if cut >= second:
            want = "state.300" if cut == len(text) else "state.200"
            assert open("cut", "rb").read() == open(want, "rb").read(), cut'
}

@test "a state that is removed or replaced while it is used is written again as a whole" {
	printf 'r * over 5\n' >rules
	mkfifo pipe
	eg-watch -s state rules -- cat <pipe >out &
	PID=$!
	exec 7>pipe
	at 0 9 >&7
	await 20 grep -q . out
	rm state
	at 1 9 >&7
	await 20 eval '[[ $(wc -l <out) -eq 2 ]]'
	is "$(head -n 1 state)" 'eg-watch state 1'
	echo other >state
	at 2 9 >&7
	await 20 eval '[[ $(wc -l <out) -eq 3 ]]'
	is "$(head -n 1 state)" 'eg-watch state 1'
	exec 7>&-
	wait "$PID"
	PID=''
}

@test "--live: the clock tells of silence, and a reading ends it" {
	printf 'r * silent 1s\n' >rules
	mkfifo pipe
	eg-watch --live rules <pipe >out &
	PID=$!
	exec 7>pipe
	at 0 1 >&7
	wait_until grep -q '^watch/r/house:2026-01-01T00:00:01:1$' out
	at 1 1 >&7
	wait_until grep -q '^watch/r/house:2026-01-01T00:01:00:0$' out
	wait_until grep -q '^watch/r/house:2026-01-01T00:01:01:1$' out
	is "$(wc -l <out)" 3
	exec 7>&-
	wait "$PID"
	PID=''
}

@test "--live: a clock that is set, forward or back by years, makes no silence and hides none" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers do not work with a preload"
	local step begin
	printf 'r * silent 5s\n' >rules
	mkdir faults
	mkfifo pipe
	for step in 300000000 -300000000; do
		rm -f faults/clock out
		EG_FAULTS=$PWD/faults LD_PRELOAD=$BIN/tests/bad_libc.so eg-watch --live rules <pipe >out &
		PID=$!
		exec 7>pipe
		begin=${EPOCHREALTIME/./}
		at 0 1 >&7
		sleep 1 # the clock is set while the sensor is watched
		echo "$step" >faults/clock
		at 0 1 other >&7
		wait_until grep -q '^watch/r/house:2026-01-01T00:00:05:1$' out
		((${EPOCHREALTIME/./} - begin >= 5000000)) || { echo "$step: too early"; return 1; }
		exec 7>&-
		wait "$PID"
		PID=''
	done
}

@test "--live with a command and a state: started again, it does not tell the same" {
	printf 'r * silent 1s\n' >rules
	mkfifo pipe
	for _ in 1 2; do
		eg-watch --live --state state rules -- bash -c "$KEEP" <pipe >out &
		PID=$!
		exec 7>pipe
		at 0 1 >&7
		wait_until grep -q '^house' out
		wait_until grep -qs 'T00:00:01:1$' got
		wait_until grep -q '	1	0	' state
		sleep 1.5 # the clock would tell again by now
		kill -9 "$PID"
		wait "$PID" || true
		exec 7>&-
	done
	PID=''
	is "$(cat got)" 'watch/r/house:2026-01-01T00:00:01:1'
}

@test "a wrong line of rules is 78, with its number and what is wanted" {
	local line
	while IFS='|' read -r line want; do
		printf '# rules\nok * over 5\n%b\n' "$line" >rules
		run --separate-stderr eg-watch rules </dev/null
		[ "$status" -eq 78 ] || { echo "$line: $status"; return 1; }
		[[ $stderr == "eg-watch: fatal: rules:3: "*"$want"* ]] || { echo "$line: $stderr"; return 1; }
	done <<-'END'
		a|a name, a pattern and a condition
		a *|a name, a pattern and a condition
		a/b * over 5|the name of a rule
		a house:1 over 5|the pattern 'house:1' matches no sensor: a sensor holds no colon
		a * above 5|'above' is no condition: there are over
		a * over|the line ends where a number is wanted
		a * over x|'x': want a number
		a * over 5 until 6|'until' is above the limit
		a * under 5 until 4|'until' is below the limit
		a * over 5 for|a time of 1ms to 366d
		a * over 5 for 2w|'2w': want a time
		a * over 5 for 1m for 2m|'for': want days
		a * silent 0|'0': want a time
		a * stuck 1h -1|'-1': want days
		a * step|a step as 500
		a * step 0kW|want a step
		a * step kW|want a step
		a * unusual 1w 6|weeks, 2w to 52w
		a * unusual 4 6|weeks, 2w to 52w
		a * unusual 4w|how many times the usual deviation
		a * over 5 mo-fr|'mo-fr': want days
		a * over 5 8-20|'8-20': want days
		a * over 5 mon 8-25|'8-25': want hours
		a * over 5 mon 8|'8': want hours
		a * over 5 mon 8-8|'8-8': want hours
		ok * under 5|the rule 'ok' is of the kind over in line 2
		zone Europe/Rome|the zone stands in front of all rules
		a * over 5 \x01|a control character
	END
	printf 'zone Europe/Nowhere\n' >rules
	run --separate-stderr eg-watch rules </dev/null
	[ "$status" -eq 78 ]
	[[ $stderr == *"rules:1: "*Nowhere* ]]
	: >rules
	run --separate-stderr eg-watch rules </dev/null
	[ "$status" -eq 78 ]
	run --separate-stderr eg-watch nowhere </dev/null
	[ "$status" -eq 78 ]
}

@test "a state that is none is 78, and one that cannot be written is 74" {
	printf 'r * over 5\n' >rules
	for text in x 'eg-watch state 1' 'eg-watch state 1\nhouse\t1\n' 'eg-watch state 1\nhouse\tx\nend' \
		'eg-watch state 1\n\tr\tover\t0\t0\t0\t0\nend' 'eg-watch state 1\nh\t1\n\tr\tover\t2\t0\t0\t0\nend'; do
		printf '%b\n' "$text" >state
		run --separate-stderr eg-watch -s state rules </dev/null
		[ "$status" -eq 78 ] || { echo "$text: $status"; return 1; }
		[[ $stderr == *"state:"*"no state that eg-watch has written"* ]]
	done
	run --separate-stderr eg-watch -s nowhere/state rules </dev/null
	[ "$status" -eq 74 ]
	run --separate-stderr eg-watch -s . rules </dev/null
	[ "$status" -eq 78 ]
	at 0 9 >in
	run --separate-stderr timeout 30 eg-watch -s nowhere/state rules -- cat <in
	[ "$status" -eq 74 ]
	[ -z "$output" ]
}

@test "a rule that was changed, or is gone, starts anew where it must" {
	{ at 0 9; at 1 9; } >in
	printf 'r * over 5\ns * stuck 1m\n' >rules
	is "$(eg-watch -s state rules <in | wc -l)" 2
	printf 'r * over 8\n' >rules
	at 2 9 | eg-watch -s state rules >out
	[ ! -s out ]
	printf 'r * over 10\ns * stuck 1m\n' >rules
	at 3 9 | eg-watch -s state rules >out
	is "$(cat out)" 'watch/r/house:2026-01-01T00:03:00:0'
}

@test "lines that are no records are refused, with 65 and --rejects" {
	printf 'r * over 5\n' >rules
	{ at 0 9; echo bad; at 1 1; printf 'cut:2026-01-01T00:00:00:1'; } >in
	run --separate-stderr eg-watch --rejects rej rules <in
	[ "$status" -eq 65 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ $stderr == *"line 2: "* ]]
	grep -qx bad rej
}

@test "wrong usage is one line and 64" {
	printf 'r * over 5\n' >rules
	for args in '' 'rules other' 'rules --' '-- rules' '--quiet 0 rules' '--nonsense rules'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr eg-watch $args </dev/null
		[ "$status" -eq 64 ] || { echo "$args: $status"; return 1; }
		[ "${#stderr_lines[@]}" -eq 1 ]
	done
	run --separate-stderr timeout 30 eg-watch rules -- /nonexistent/command </dev/null
	[ "$status" -eq 78 ]
}

@test "a full disk, and a reader that goes away" {
	printf 'r * over 5\n' >rules
	at 0 9 >in
	run --separate-stderr bash -c 'eg-watch rules <in >/dev/full'
	[ "$status" -eq 74 ]
	for i in {0..200}; do at "$i" $((i % 2 * 9)); done >in
	run --separate-stderr bash -c 'for _ in {1..200}; do cat in; done | timeout 30 eg-watch rules | head -n 1'
	[ "$status" -eq 0 ]
	[[ -z $stderr ]]
}

@test "the longest sensor that has an edge, and one that is too long" {
	printf 'r * over 5\n' >rules
	name=$(printf '%0247d' 0)
	{ at 0 9 "$name"; at 0 9 "${name}0"; } >in
	run --separate-stderr eg-watch rules <in
	[ "$status" -eq 0 ]
	is "$output" "watch/r/$name:2026-01-01T00:00:00:1"
	[[ $stderr == *"is too long for an edge of the rule 'r'"* ]]
}
