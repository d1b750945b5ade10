#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-watch: rules over readings, the edges, and what is given twice after a restart: nothing.
# shellcheck disable=SC2016,SC2154 # the inner shells expand; bats sets stderr

bats_require_minimum_version 1.5.0
load watch

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

@test "step and stuck compare decimals: 0.8 - 0.7 is 0.1, and no more" {
	{ at 0 0.6; at 1 0.7; at 2 0.8; at 3 0.7; at 4 0.81; at 5 0.7; } >in
	is "$(edges 'r house step 0.1' <in)" '4=1'
	{ at 0 0.7; at 1 0.8; at 2 0.9; at 3 1.0; at 4 1.1001; at 5 1.1; } >in
	is "$(edges 'r house step 6kW' <in)" '4=1'
	is "$(edges 'r house step 7kW' <in)" '5=1'
	{ at 0 20.000; at 1 20.001; at 2 19.999; at 3 20.0011; at 4 20.0011; } >in
	is "$(edges 'r house stuck 2m 0.001' <in)" '2=1 3=0'
	{ at 0 100000000.000001; at 1 100000000.000002; at 2 100000000.000004; } >in
	is "$(edges 'r house step 0.000001' <in)" '2=1'
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
		zone Europe/Rome|the zone must come before all rules
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
