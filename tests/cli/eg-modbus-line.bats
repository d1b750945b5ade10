#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-modbus on a serial line: Modbus RTU over a pair of pseudo terminals.
# shellcheck disable=SC2154 # run sets stderr and stderr_lines

bats_require_minimum_version 1.5.0
load ../wait
load is

setup() {
	BIN=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd)
	TOOLS=$(cd "$BATS_TEST_DIRNAME/../tools" && pwd)
	PATH=$BIN:$PATH
	cd "$BATS_TEST_TMPDIR" || return 1
	PIDS=()
	printf '%s\n' 'name m' 'a input:1 u16 W' 'b input:7 u16 W' >map
}

teardown() {
	local p
	for p in "${PIDS[@]}"; do kill "$p" 2>/dev/null || true; done
}

# A line with a device that does ACTION to its requests.
faulty() { # ACTION...
	rm -f line ready
	socat pty,rawer,link=line "EXEC:$TOOLS/faulty-line $*" 3>&- &
	PIDS+=($!)
	wait_until test -e line -a -e ready
}

@test "a device of libmodbus on a pair of pseudo terminals is read" {
	mkdir device
	printf '1 input 1 0011\n1 input 7 0022\n' >device/registers
	socat pty,rawer,link=one pty,rawer,link=two 3>&- &
	PIDS+=($!)
	wait_until test -e one -a -e two
	"$BIN/tests/modbus_device" device "$PWD/two" 3>&- &
	PIDS+=($!)
	wait_until test -e device/port
	run --separate-stderr timeout 60 eg-modbus --answer 20s --line 9600,8N1 --once map "$PWD/one"
	[[ $status -eq 0 && -z $stderr ]]
	is "$(sed -E 's/:.*:/ /' <<<"$output" | tr '\n' ' ')" "m/a 17 m/b 34 "
	is "$(<device/requests)" $'1 input 1 1\n1 input 7 1'
}

@test "wrong checksums, other units, noise and half answers make no record" {
	local action
	for action in crc unit half noise e6; do
		faulty $action ok $action
		run --separate-stderr timeout 60 eg-modbus --answer 1s --once map "$PWD/line"
		is "$action $status $(sed -E 's/:.*:/ /' <<<"$output" | tr '\n' ' ')" "$action 0 m/a 1 m/b 7 "
		[[ $stderr == *"trying again"*"answers again after"* ]] || { echo "$action: $stderr"; return 1; }
	done
	faulty e2
	run --separate-stderr timeout 60 eg-modbus --answer 20s --once map "$PWD/line"
	[[ $status -eq 78 && $stderr == *"refuses input registers 1 to 1: exception 2"* ]]
}

@test "a device that is not there is waited for; what is no serial line is refused" {
	run --separate-stderr timeout 60 eg-modbus --once --timeout 1s map "$PWD/none"
	[[ $status -eq 75 && $stderr == *"cannot connect to '$PWD/none': No such file"* ]]
	run --separate-stderr timeout 60 eg-modbus --once map "$PWD/map"
	[[ $status -eq 64 && $stderr == *"is no serial line" ]]
	is "$(wc -l <map)" 3
	run --separate-stderr timeout 60 eg-modbus --once --timeout 1s map /dev/null
	[[ $status -eq 75 && -z $output ]]
	local args
	for args in '-l 9601 map /dev/x' '-l 9600,8X1 map /dev/x' '-l 9600,8N map /dev/x' '-l x map /dev/x' \
		'-l 9600 map host' '-u 0 map /dev/x' '-u 248 map /dev/x'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr timeout 20 eg-modbus $args
		[[ $status -eq 64 && -z $output && ${#stderr_lines[@]} -eq 1 ]] || { echo "$args: $status $stderr"; return 1; }
	done
}

@test "several units share a line; one that is silent costs its time, and no other's" {
	faulty silent
	timeout 60 eg-modbus --answer 6s --unit 4,5,6 -e 2s map "$PWD/line" >out 2>err 3>&- &
	PIDS+=($!)
	wait_until eval '(($(cut -d/ -f1 out | sort -u | wc -l) == 3))'
	grep -q "unit 4: no answer in time; trying again" err
	run -1 grep -E "unit [56]" err
}

@test "a late answer on a line is not taken for another one" {
	faulty late
	run --separate-stderr timeout 60 eg-modbus --answer 2s --once map "$PWD/line"
	[[ $status -eq 0 && $stderr == *"no answer in time"* ]]
	is "$(sed -E 's/:.*:/ /' <<<"$output" | tr '\n' ' ')" "m/a 1 m/b 7 "
}

@test "a line is for one program at a time" {
	faulty ok
	timeout 60 eg-modbus -e 100ms map "$PWD/line" >out 2>err 3>&- &
	PIDS+=($!)
	wait_until [ -s out ]
	run --separate-stderr timeout 60 eg-modbus --once --timeout 1s map "$PWD/line"
	[[ $status -eq 75 && -z $output && $stderr == *"cannot connect to '$PWD/line': another program uses it"* ]]
	run --separate-stderr timeout 60 eg-modbus --scan map "$PWD/line"
	[[ $status -eq 64 ]]
	run --separate-stderr timeout 60 eg-modbus --scan "$PWD/line"
	[[ $status -eq 75 && $stderr == *"another program uses it"* ]]
	kill "${PIDS[-1]}"
	await 20 gone "${PIDS[-1]}"
	run --separate-stderr timeout 60 eg-modbus --once map "$PWD/line"
	[[ $status -eq 0 && ${#lines[@]} -eq 2 ]]
}

@test "a line that is unplugged is waited for, and read when it is back" {
	faulty ok
	timeout 60 eg-modbus -e 200ms --answer 300ms map "$PWD/line" >out 2>err 3>&- &
	PIDS+=($!)
	wait_until [ -s out ]
	kill "${PIDS[0]}"
	wait_until grep -q "cannot connect to '$PWD/line': No such file" err
	: >out
	faulty ok
	wait_until [ -s out ]
	wait_until grep -q 'answers again after' err
}

@test "--scan of a line lists the units that answer" {
	faulty silent ok e2
	run --separate-stderr timeout 60 eg-modbus --scan --answer 5s --unit 3,4 "$PWD/line"
	[[ $status -eq 0 && -z $stderr ]]
	is "$output" "unit 4 answers; no SunSpec"
}
