#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The lines that a stage reads: which are records, which are refused, and --rejects, with the sink
# of tests/tools/passthrough.
# shellcheck disable=SC2030,SC2031,SC2154  # bats: subshells, and what run sets

bats_require_minimum_version 1.5.0
load stage

@test "a refused record has no receipt, its line number is told and its line kept" {
	records 5 >a
	run --separate-stderr passthrough --refuse .02 --rejects r <a
	[ "$status" -eq 65 ]
	[ "$output" = "$(sed 3d a)" ]
	[ "$stderr" = "passthrough: warning: line 3: the script refuses it: '$(sed -n 3p a)'" ]
	[ "$(cat r)" = "# line 3: the script refuses it
$(sed -n 3p a)" ]
}

@test "a file of rejects can be mended and fed again" {
	printf 'a:2026-01-01T00:00:00:1\nb:2026-01-01T00:00:00:2,5\n' >a
	run -65 passthrough --rejects r <a
	run --separate-stderr -65 passthrough <r
	[ "$output" = "" ]
	run --separate-stderr -0 passthrough < <(tr , . <r)
	[ "$output" = "b:2026-01-01T00:00:00:2.5" ]
}

@test "rejects are appended to what the file holds" {
	echo '# old' >r
	run -65 passthrough --rejects r <<<'x'
	[ "$(head -n 1 r)" = '# old' ]
	[ "$(wc -l <r)" -eq 3 ]
}

@test "a rejects file that cannot be written is told before anything is read" {
	run --separate-stderr -74 passthrough --rejects no/such/r <<<'x'
	[[ $stderr == "passthrough: fatal: cannot open 'no/such/r': "* ]]
}

@test "a flood of refused lines is counted, not shown" {
	run --separate-stderr -65 passthrough --rejects r < <(yes nonsense | head -n 1000)
	[ "${#stderr_lines[@]}" -lt 30 ]
	[[ $stderr == *"1000 lines refused in all"* ]]
	[ "$(wc -l <r)" -eq 2000 ]
}

@test "each kind of bad line is refused with its reason, the good ones pass" {
	local n kinds=(
		'\377:2026-01-01T00:00:00:1|the sensor is not valid UTF-8'
		'a\0b:2026-01-01T00:00:00:1|the line holds a NUL byte'
		'nocolon|a colon is missing: not sensor:timestamp:value'
		':2026-01-01T00:00:00:1|the sensor is empty'
		"a:2026-02-30T00:00:00:1|the timestamp's day is not in the calendar"
		"a:0000-01-01T00:00:00:1|the timestamp's day is not in the calendar"
		"a:2026-01-01T25:00:00:1|the timestamp's time of day does not exist"
		'a:2026-01-01T00:00:00:nan|the value is not a decimal number'
		'a:2026-01-01T00:00:00:1e999|the value is too large for a double'
		'a:2026-01-01T00:00:00:12,5|the value is not a decimal number'
		'a:2026-01-01T00:00:00:|the value is empty'
		'a:2026-01-01T00:00:00:1\r|the line ends in a carriage return'
		'\357\273\277a:2026-01-01T00:00:00:1|the line begins with a byte order mark'
	)
	{
		printf 'good:2026-01-01T00:00:00:1\n'
		for n in "${kinds[@]}"; do printf '%b\n' "${n%|*}"; done
		printf 'good:2026-01-01T00:00:01:1\n'
	} >a
	run --separate-stderr -65 passthrough <a
	[ "$output" = $'good:2026-01-01T00:00:00:1\ngood:2026-01-01T00:00:01:1' ]
	[ "${#stderr_lines[@]}" -eq ${#kinds[@]} ]
	for n in "${!kinds[@]}"; do
		[[ ${stderr_lines[n]} == "passthrough: warning: line $((n + 2)): ${kinds[n]#*|}: '"* ]]
	done
}

@test "CRLF line ends are refused, and the message says so" {
	run --separate-stderr -65 passthrough < <(printf 'a:2026-01-01T00:00:00:1\r\n')
	[ "$output" = "" ]
	[[ $stderr == *CR* || $stderr == *carriage* ]]
}

@test "a last line without its newline is refused" {
	run --separate-stderr -65 passthrough < <(printf 'a:2026-01-01T00:00:00:1\nb:2026-01-01T00:00:00:2')
	[ "$output" = "a:2026-01-01T00:00:00:1" ]
	[[ $stderr == *"line 2: "*"'b:2026-01-01T00:00:00:2'"* ]]
}

@test "a line of 1 MB is one refused line, and the next passes" {
	run --separate-stderr -65 passthrough -v < <(
		head -c 1000000 /dev/zero | tr '\0' x
		printf '\na:2026-01-01T00:00:00:1\n'
	)
	[ "$output" = "a:2026-01-01T00:00:00:1" ]
	[[ $stderr == *"in 2 = out 1 + refused 1 + pending 0"* ]]
}

@test "a line is too long from 1025 bytes on" {
	run --separate-stderr -65 passthrough < <(printf '%01024d\n%01025d\n' 0 0)
	[[ ${stderr_lines[0]} == *"line 1: "* && ${stderr_lines[0]} != *"longer than 1024 bytes"* ]]
	[[ ${stderr_lines[1]} == *"line 2: "*"longer than 1024 bytes"* ]]
}

@test "100 MB of zeros are one refused line, quickly and in little memory" {
	cat >measure.py <<-'END'
		import resource, subprocess, sys
		status = subprocess.run(sys.argv[1:]).returncode
		print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
		sys.exit(status)
	END
	run --separate-stderr -65 timeout 60 python3 measure.py passthrough -v < \
		<(head -c 100M /dev/zero)
	[ "$output" = "" ]
	[[ $stderr == *"in 1 = out 0 + refused 1 + pending 0"* ]]
	grep -q __asan "$(type -P passthrough)" || [ "${stderr_lines[-1]}" -lt 32768 ]
}

@test "blank lines and comments are skipped without a word" {
	run --separate-stderr -0 passthrough -v < <(printf '\n# hello\n  \t\n\r\na:2026-01-01T00:00:00:1\n#\n')
	[ "$output" = "a:2026-01-01T00:00:00:1" ]
	[ "$stderr" = "passthrough: in 1 = out 1 + refused 0 + pending 0, batches 1" ]
}

@test "empty input is a success with nothing to say" {
	run --separate-stderr -0 passthrough </dev/null
	[ "$output$stderr" = "" ]
}
