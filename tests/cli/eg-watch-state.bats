#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The state of eg-watch: what is given twice after a restart: nothing; and --live.
# shellcheck disable=SC2016,SC2154 # the inner shells expand; bats sets stderr

bats_require_minimum_version 1.5.0
load watch

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
		while IFS= read -r pid; do wait_until gone "$pid"; done < <(cat pids 2>/dev/null)
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
		wait_until eval "[[ \$(wc -l <out) -eq $n ]]"
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
	wait_until grep -q . out
	rm state
	at 1 9 >&7
	wait_until eval '[[ $(wc -l <out) -eq 2 ]]'
	is "$(head -n 1 state)" 'eg-watch state 1'
	echo other >state
	at 2 9 >&7
	wait_until eval '[[ $(wc -l <out) -eq 3 ]]'
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

@test "a state that is none is 78, and one that cannot be written is 74" {
	printf 'r * over 5\n' >rules
	for text in x 'eg-watch state 1' 'eg-watch state 1\nhouse\t1\n' 'eg-watch state 1\nhouse\tx\nend' \
		'eg-watch state 1\n\tr\tover\t0\t0\t0\t0\nend' 'eg-watch state 1\nh\t1\n\tr\tover\t2\t0\t0\t0\nend'; do
		printf '%b\n' "$text" >state
		run --separate-stderr eg-watch -s state rules </dev/null
		[ "$status" -eq 78 ] || { echo "$text: $status"; return 1; }
		[[ $stderr == *"state:"*"is not a state written by eg-watch"* ]]
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

@test "a state with the largest numbers and times can be read again" {
	local seed=$RANDOM
	echo "seed $seed"
	cat >rules <<-'END'
		over     * over 1
		under    * under -1 for 1h
		frozen   * stuck 1h
		silent   * silent 1m
		step     * step 5
		power    * step 1e300kW
		odd      * unusual 2w 3
		odder    * unusual 2w 1e300
	END
	/usr/bin/python3 -c 'import random, subprocess, sys
random.seed(int(sys.argv[1]))
values = [sign + n for sign in ("", "-") for n in ("1.7976931348623157e308", "1.5e308", "9e307",
    "1e308", "5e-324", "1e300", "1", "0")]
first, last = "1677-09-21T00:12:43.145224192Z", "2262-04-11T23:47:16.854775807Z"
hours = ["2026-%02d-%02dT%02d" % (1 + d // 28, 1 + d % 28, h) for d in range(0, 112, 7)
    for h in (0, 1)]
for n in range(15):
    some = random.choices(values, k=random.randint(1, 3)) if n % 3 else values
    lines = ["a:%s:%s" % (first, random.choice(some))]
    lines += ["%s:%s:%02d:00:%s" % (s, h, m, random.choice(some)) for h in hours for s in "ab"
        for m in (0, 20, 40)]
    lines += ["a:%s:%s" % (last, random.choice(some))]
    while lines: # each run goes on from the state of the one before
        k = random.randint(1, 60)
        subprocess.run(["eg-watch", "-s", "state%d" % n, "rules"], check=True, text=True,
            input="".join(l + "\n" for l in lines[:k]), stdout=subprocess.DEVNULL)
        lines = lines[k:]
    subprocess.run(["eg-watch", "-s", "state%d" % n, "rules"], check=True, input=b"")
    text = open("state%d" % n).read()
    assert "inf" not in text and "nan" not in text, text' "$seed"
}

@test "unusual: readings that are too large for the sum of their hour are left out of its mean" {
	local week hour
	printf 'odd * unusual 2w 3\n' >rules
	for week in 01 08 15 22; do
		printf 'h:2026-01-%sT05:%s:00:9e307\n' $week 00 $week 20 $week 40
	done >in
	eg-watch -s state rules <in
	echo 'h:2026-01-22T06:00:00:1' | eg-watch -s state rules
	is "$(grep -o '[0-9]*:4:.*' state)" '77:4:9.0000000000000005e+307'
	# What is learned is still what is judged by.
	for hour in 05:00:00:9e307 05:20:00:9e307 06:00:00:1; do echo "h:2026-01-29T$hour"; done |
		eg-watch -s state rules >out
	echo 'h:2026-02-05T05:00:00:-9e307' | eg-watch -s state rules >>out
	[ ! -s out ]
	echo 'h:2026-02-05T06:00:00:1' | eg-watch -s state rules >out
	is "$(cat out)" 'watch/odd/h:2026-02-05T06:00:00:1'
}

@test "a rule that began at the last time of all ends then, too" {
	printf 'r * silent 1s\n' >rules
	printf '%b\n' 'eg-watch state 1\nh\t0\n\tr\tsilent\t1\t0\t9223372036854775807\t0\nend' >state
	at 0 1 h | eg-watch -s state rules >out
	is "$(cat out)" 'watch/r/h:2262-04-11T23:47:16.854775807:0'
}

@test "a second eg-watch on the state of one that runs is 75, by any path, and changes nothing" {
	local n path
	printf 'r * over 5\n' >rules
	mkdir folder
	ln -s ../state folder/link
	ln -s . here
	run --separate-stderr eg-watch -s folder/link rules </dev/null
	is "$status$stderr" "74eg-watch: fatal: cannot write 'folder/link': No such file or directory"
	is "$(ls folder)" link
	eg-watch -s state rules </dev/null
	mkfifo pipe
	eg-watch -s folder/link rules -- bash -c 'sleep 60 3>&- & echo $! >pid; exec cat' <pipe >out &
	PID=$!
	exec 7>pipe
	for n in 1 2 3; do
		at $n $((n % 2 * 9)) >&7
		wait_until eval "[[ \$(wc -l <out) -eq $n ]]"
		cp state before
		for path in state here/state folder/link; do
			run --separate-stderr timeout 30 eg-watch -s $path rules <<<"$(at 9 9 other)"
			is "$status$output$stderr" "75eg-watch: fatal: another eg-watch uses the state '$path'"
			run --separate-stderr timeout 30 eg-watch -s $path rules -- cat <<<"$(at 9 9 other)"
			is "$status$output$stderr" "75eg-watch: fatal: another eg-watch uses the state '$path'"
		done
		cmp state before
		# The whole state is written again, by rename; the lock is not the file's.
		[[ $n != 1 ]] || echo other >state
	done
	# What its command leaves running does not keep the lock.
	kill -9 "$PID"
	wait "$PID" || true
	PID=''
	exec 7>&-
	kill -0 "$(<pid)"
	at 4 0 | timeout 30 eg-watch -s state rules >out
	kill "$(<pid)"
	is "$(cat out)" 'watch/r/house:2026-01-01T00:04:00:0'
}

@test "the lock of a state is no file for others, and one that cannot be made is 74" {
	printf 'r * over 5\n' >rules
	run --separate-stderr eg-watch -s state --metrics state.lock rules </dev/null
	[ "$status" -eq 64 ]
	[[ $stderr == *"--metrics and the lock of the state name the same file, 'state.lock'"* ]]
	mkdir state.lock
	run --separate-stderr eg-watch -s state rules </dev/null
	[ "$status" -eq 74 ]
	[[ $stderr == *"cannot write '"*"state.lock': Is a directory"* ]]
}
