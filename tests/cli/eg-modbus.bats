#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-modbus: requests and records, the clock's beat, devices that are away or answer wrong.
# shellcheck disable=SC2154 # run sets stderr and stderr_lines

bats_require_minimum_version 1.5.0
load ../wait
load is

setup() {
	BIN=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd)
	TOOLS=$BATS_TEST_DIRNAME/../tools
	PATH=$BIN:$PATH
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir device
	PIDS=()
	printf '%s\n' 'name m' 'power input:12 f32 kW' 'import holding:0 u32 Wh' 'none holding:2 u16 W' \
		'sf holding:3 s16 W sf=4' >map
}

teardown() {
	local p
	for p in "${PIDS[@]}"; do kill "$p" 2>/dev/null || true; done
}

# A device of ours, with the registers of the standard input.
device() {
	cat >device/registers
	"$BIN/tests/modbus_device" device 3>&- &
	PIDS+=($!)
	wait_until test -s device/port
	AT=127.0.0.1:$(<device/port)
}

# A server that does ACTION to its first requests.
faulty() { # ACTION...
	rm -rf faulty && mkdir faulty
	"$TOOLS/faulty-modbus" faulty "$@" 3>&- &
	PIDS+=($!)
	wait_until test -s faulty/port
	AT=127.0.0.1:$(<faulty/port)
}

registers() {
	printf '%s\n' '1 input 12 3f80 0000' '1 holding 0 0001 0000 ffff 00c8 ffff'
}

# Records without their times.
values() { sed -E 's/:[0-9-]+T[0-9:.]+:/ /'; }

@test "registers become records: neighbours in one request, what was not measured in none" {
	device < <(registers)
	run --separate-stderr timeout 60 eg-modbus --answer 20s --once map "$AT"
	[[ $status -eq 0 && -z $stderr ]]
	is "$(values <<<"$output")" $'m/import 65.536\nm/sf 20.0\nm/power 1000'
	is "$(<device/requests)" $'1 holding 0 5\n1 input 12 2'
}

@test "limit and gap bound a request; a scale factor comes with its value" {
	device < <(registers; echo '1 holding 5 0001 0002 0003')
	printf '%s\n' 'limit 3' 'gap 1' 'a holding:0 u16 W' 'b holding:2 u16 W nan=none' 'c holding:3 s16 W sf=5' \
		'd holding:7 u16 W' >map
	run --separate-stderr timeout 60 eg-modbus --answer 20s --once -s x map "$AT"
	is "$(values <<<"$output")" $'x/a 1\nx/b 65535\nx/c 2000\nx/d 3'
	is "$(<device/requests)" $'1 holding 0 3\n1 holding 3 3\n1 holding 7 1'
	printf '%s\n' 'limit 3' 'c holding:3 s16 W sf=6' >map
	run --separate-stderr timeout 60 eg-modbus --answer 20s --once map "$AT"
	[[ $status -eq 78 && -z $output && $stderr == *"map:2: "*"scale factor"*"3 registers"* ]]
}

@test "units behind one address have names of their own" {
	device < <(printf '%s\n' '3 input 12 3f80 0000' '7 input 12 4000 0000')
	printf '%s\n' 'name m' 'power input:12 f32 W' >map
	run --separate-stderr timeout 30 eg-modbus --once --unit 3,7 map "$AT"
	[[ $status -eq 0 ]]
	is "$(values <<<"$output")" $'m_3/power 1\nm_7/power 2'
	run --separate-stderr timeout 30 eg-modbus --once -u 7 -s attic map "$AT"
	is "$(values <<<"$output")" 'attic/power 2'
}

@test "rounds begin on the clock's beat, and a time is that of the answer" {
	device < <(registers)
	timeout 60 eg-modbus --every 1s map "$AT" >out 3>&- &
	PIDS+=($!)
	wait_until [ -s out ]
	wait_until eval '(($(grep -c power out) >= 3))'
	# No round before its second; how late is the machine's affair, so the first is what counts.
	awk -F: '/import/ { split($4, s, "."); at[s[1]]++ } END { for (k in at) if (at[k] != 1) exit 1 }' out
	[[ $(cut -d: -f2-4 out | head -1) < $(date -u +%FT%T) ]]
}

@test "a signal ends it with 0, also while no answer comes" {
	local sig
	for sig in TERM INT; do
		faulty hangx100
		anew out err
		eg-modbus --answer 60s --once map "$AT" >out 2>err 3>&- &
		PIDS+=($!)
		wait_until test -s faulty/requests
		kill -$sig $!
		wait_until gone $!
		wait $!
		[[ ! -s out && ! -s err ]]
	done
}

@test "answers that are wrong make no record, are told once, and are asked for again" {
	local action limit
	printf '%s\n' 'name m' 'a input:1 u16 W' 'b input:7 u16 W' >map
	for action in id unit function proto less more length cut half garbage huge hang drip \
		e4 e6 e11 e200; do
		# A long limit, but for what it ends.
		limit=20s
		[[ $action != @(hang|drip) ]] || limit=300ms
		faulty ${action}x2
		run --separate-stderr timeout 60 eg-modbus --answer $limit --once map "$AT"
		is "$action $status $(values <<<"$output" | tr '\n' ' ')" "$action 0 m/a 1 m/b 7 "
		is "$action: $(grep -c 'trying again' <<<"$stderr") $(grep -c 'answers again after' <<<"$stderr")" \
			"$action: 1 1"
	done
}

@test "an answer that comes twice is not taken for the next one" {
	printf '%s\n' 'name m' 'a input:1 u16 W' 'b input:7 u16 W' >map
	faulty twice
	run --separate-stderr timeout 60 eg-modbus --answer 20s --once map "$AT"
	[[ $status -eq 0 && $stderr == *"an answer to another request"* ]]
	is "$(values <<<"$output" | tr '\n' ' ')" "m/a 1 m/b 7 "
}

@test "registers that the device does not have are named once; the others are read" {
	device < <(registers)
	echo 'far holding:900 u16 W' >>map
	run --separate-stderr timeout 60 eg-modbus --answer 20s --once map "$AT"
	[[ $status -eq 78 && ${#lines[@]} -eq 3 ]]
	[[ ${stderr_lines[0]} == *"refuses holding registers 900 to 900: exception 2, illegal data address" ]]
	timeout 60 eg-modbus --answer 20s -e 100ms map "$AT" >out 2>err 3>&- &
	PIDS+=($!)
	wait_until eval '(($(grep -c power out) >= 5))'
	is "$(wc -l <err)" 1
}

@test "a value out of range is refused, and told once" {
	device < <(echo '1 holding 0 0001 0063')
	echo 'a holding:0 u16 W sf=1' >map
	run --separate-stderr timeout 30 eg-modbus -v --once map "$AT"
	[[ $status -eq 65 && -z $output && $stderr == *"modbus/a: the value or its scale factor is out of range"* ]]
	[[ $stderr == *"in 1 = out 0 + refused 1 + pending 0"* ]]
}

@test "a device that is away is waited for, or given up with 75" {
	device < <(registers)
	kill "${PIDS[0]}"
	wait_until gone "${PIDS[0]}"
	run --separate-stderr timeout 60 eg-modbus --once --timeout 1s map "$AT"
	[[ $status -eq 75 && -z $output ]]
	[[ ${stderr_lines[0]} == *"cannot connect to '$AT': Connection refused; trying again" ]]
	[[ ${stderr_lines[1]} == *"gave up waiting for the device"* && ${#stderr_lines[@]} -eq 2 ]]
	run --separate-stderr timeout 60 eg-modbus --once --timeout 1s map no-such-host.invalid
	[[ $status -eq 75 && $stderr == *"cannot connect to 'no-such-host.invalid'"* ]]
}

@test "without a connection one warning is given for all units" {
	device < <(registers; registers | sed s/^1/2/)
	kill "${PIDS[0]}"
	wait_until gone "${PIDS[0]}"
	run --separate-stderr timeout 60 eg-modbus --once --timeout 2s -u 1,2 map "$AT"
	[[ $status -eq 75 ]]
	is "$(grep -c 'cannot connect' <<<"$stderr")" 1
	printf '%s\n' 'name m' 'a input:1 u16 W' >map
	faulty cut
	run --separate-stderr timeout 60 eg-modbus --once -u 1,2 map "$AT"
	is "$status $(values <<<"$output" | sort | tr '\n' ' ')" "0 m_1/a 1 m_2/a 1 "
}

@test "one unit that does not answer does not hold up the others" {
	device < <(registers)
	timeout 60 eg-modbus --answer 200ms -u 9,1 -e 500ms map "$AT" >out 2>err 3>&- &
	PIDS+=($!)
	wait_until eval '(($(grep -c ^m_1/power out) >= 3))'
	is "$(grep -c '^m_9' out) $(grep -c 'unit 9: .*; trying' err)" "0 1"
	{ registers; registers | sed s/^1/9/; } >device/new
	mv device/new device/registers
	wait_until grep -q ^m_9/power out
	grep -q 'unit 9 answers again' err
}

@test "a closed pipe ends it with 0, a full disk and a closed output with 74" {
	device < <(registers)
	run --separate-stderr timeout 60 bash -c 'set -o pipefail; eg-modbus --answer 20s -e 100ms map "$0" | head -1' "$AT"
	[[ $status -eq 0 && -z $stderr && ${#lines[@]} -eq 1 ]]
	run --separate-stderr timeout 60 bash -c 'set -o pipefail; eg-modbus -e 1h map "$0" | :' "$AT"
	[[ $status -eq 0 && -z $stderr ]]
	run --separate-stderr timeout 60 bash -c 'eg-modbus --once map "$0" >/dev/full' "$AT"
	[[ $status -eq 74 && $stderr == *"No space left"* ]]
	run --separate-stderr timeout 60 bash -c 'eg-modbus --once map "$0" >&-' "$AT"
	[[ $status -eq 74 ]]
}

@test "wrong usage is 64, a wrong map 78 with its line" {
	local args
	for args in '' map '-s x -u 1 --scan h' '--scan' '--scan a b' '-d f map h' '-d f -u 1' '--scan -d f' 'map h h' \
		'--once --every 1s map h' '-u 1,1 map h' '-u 256 map h' '--scan -u 1,1 h' '--scan h:0' '--scan -l 9600 h' '-u , map h' \
		'-s a:b map h' 'map h:0' 'map h:65536' 'map [::1' 'map :502' 'map [::1]x' '-a 1ms map h'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr timeout 20 eg-modbus $args
		[[ $status -eq 64 && -z $output && ${#stderr_lines[@]} -eq 1 ]] || { echo "$args: $status $stderr"; return 1; }
	done
	run --separate-stderr timeout 20 eg-modbus no-such-map h
	[[ $status -eq 78 && $stderr == *no-such-map* ]]
	printf 'a input:1 u16 W\nb input:2 u17 W\n' >map
	run --separate-stderr timeout 20 eg-modbus map h
	[[ $status -eq 78 && $stderr == "eg-modbus: fatal: map:2: a type is one of"* ]]
	printf 'a input:1 u16 W\0\n' >map
	run --separate-stderr timeout 20 eg-modbus map h
	[[ $status -eq 78 && $stderr == *"map:1: the line holds a NUL byte"* ]]
}

@test "an IPv6 address stands in brackets" {
	run --separate-stderr timeout 20 eg-modbus --once --timeout 1s map '[::1]:1'
	[[ $status -eq 75 && $stderr == *"cannot connect to '[::1]:1'"* ]]
}

# Holding registers from START on, as one line.
at_holding() { # START WORD...
	echo "1 holding $*"
}

# A SunSpec device: the common model (4 registers of it), model 103 with W 1234 and factor -1,
# WH 70000 and factor 1, and the end. $1: where it begins; $2: the model's number.
sunspec() {
	# shellcheck disable=SC2046 # words
	at_holding "$1" 5375 6e53 0001 0002 4547 0000 "$(printf %04x "${2:-103}")" 0014 \
		$(printf '0000 %.0s' {1..10}) 04d2 ffff 1f42 fffe 0000 0000 0001 1170 0001 8000 ffff 0000
}

@test "SunSpec: models are found where they are, and a factor comes with its value" {
	local base model
	printf '%s\n' 'name pv' 'power sunspec:101,102,103:12 s16 W sf=13' 'frequency sunspec:101,103:14 u16 Hz sf=15' \
		'total sunspec:101,103:18 u32 Wh sf=20 nan=0' 'lost sunspec:103:21 s16 W' >map
	for base in 40000 0 50000; do
		rm -f device/port
		device < <(sunspec $base)
		: >device/requests
		run --separate-stderr timeout 60 eg-modbus --answer 20s --once map "$AT"
		[[ $status -eq 0 && -z $stderr ]]
		is "$(values <<<"$output")" $'pv/power 123.4\npv/frequency 80.02\npv/total 700.000'
		is "$(tail -2 device/requests)" "1 holding $((base + 18)) 4"$'\n'"1 holding $((base + 24)) 4"
	done
	for model in 111 65534; do
		sunspec 50000 "$model" >device/registers
		run --separate-stderr timeout 30 eg-modbus --once map "$AT"
		[[ $status -eq 78 && -z $output && $stderr == *"unit 1 has no SunSpec model for 4 of 4 values"* ]]
	done
}

@test "SunSpec: what a device has is read, also without an end; without a mark it is waited for" {
	printf '%s\n' 'power sunspec:103:12 s16 W sf=13' 'behind sunspec:103:22 s16 W' 'meter sunspec:203:18 s16 W' \
		'plain holding:40000 u16 -' >map
	device < <(sunspec 40000 | sed 's/ ffff 0000$//')
	run --separate-stderr timeout 30 eg-modbus --once map "$AT"
	[[ $status -eq 78 && $stderr == *"has no SunSpec model for 2 of 4 values"* ]]
	is "$(values <<<"$output")" $'modbus/plain 21365\nmodbus/power 123.4'
	registers >device/registers
	run --separate-stderr timeout 30 eg-modbus --answer 20s --once --timeout 1s map "$AT"
	[[ $status -eq 75 && -z $output && $stderr == *"no SunSpec registers at 40000, 0 or 50000; trying again"* ]]
}

@test "several hosts with one map: the host is part of the name" {
	device < <(registers)
	printf '%s\n' 'name m' 'power input:12 f32 W' >map
	run --separate-stderr timeout 60 eg-modbus --answer 20s --once map "$AT" "127.0.0.2:${AT#*:}"
	[[ $status -eq 0 && -z $stderr ]]
	is "$(values <<<"$output" | sort)" "m_127.0.0.1-${AT#*:}/power 1"$'\n'"m_127.0.0.2-${AT#*:}/power 1"
}

@test "a file of devices: maps, addresses, units and names; units at one address share a connection" {
	device < <(registers; registers | sed s/^1/2/; registers | sed s/^1/7/)
	printf '%s\n' 'name m' 'power input:12 f32 W' >map
	printf '%s\n' 'name other' 'import holding:0 u32 Wh' >map2
	printf '%s\n' '# all' "map $AT" "map $AT 2,7 cellar # two" "map2 $AT - roof" >devices
	run --separate-stderr timeout 60 eg-modbus --answer 20s --once --devices devices
	[[ $status -eq 0 && -z $stderr ]]
	is "$(values <<<"$output" | sort | tr '\n' ' ')" "cellar_2/power 1 cellar_7/power 1 m/power 1 roof/import 65.536 "
	local line
	for line in 'map' 'map h 1 a b' 'map h 256' 'map h 1,1' 'map h 1 a:b' 'map h:0' 'map /dev/x 0' 'none h' 'map h'; do
		printf '%s\n' '' 'map h 3' "$line" >devices
		run --separate-stderr timeout 20 eg-modbus -d devices
		[[ $status -eq 78 && ${#stderr_lines[@]} -eq 1 && $stderr == *"devices:3: "* ]] || { echo "$line: $status $stderr"; return 1; }
	done
	echo '#' >devices
	run --separate-stderr timeout 20 eg-modbus -d devices
	[[ $status -eq 78 && $stderr == *"'devices' lists no device"* ]]
}

@test "a device that hangs, drips, is away or has no name holds up no other" {
	device < <(registers)
	local good=$AT hang drip
	faulty hangx1000
	hang=$AT
	mv faulty hang
	faulty dripx1000
	drip=$AT
	printf '%s\n' 'name m' 'power input:12 f32 W' >map
	printf '%s\n' "map $hang - hang" "map $drip - drip" "map 127.0.0.1:1 - away" "map no-such-host.invalid - name" \
		"map 192.0.2.1 - nowhere" "map $good - good" >devices
	timeout 60 eg-modbus --answer 10s --timeout 50s -e 100ms -d devices >out 2>err 3>&- &
	PIDS+=($!)
	# One that waited for the others would need 10 s for each round.
	wait_until eval '(($(grep -c ^good/ out) >= 20))'
	[[ $(grep -v ^good/ out | grep -vc ^drip/) -eq 0 ]]
	kill -TERM $!
	await 20 gone $!
	wait $!
	grep -q "cannot connect to '127.0.0.1:1'" err
}

@test "with --once each device is read, and the one that is away is given up" {
	device < <(registers)
	printf '%s\n' 'name m' 'power input:12 f32 W' >map
	printf '%s\n' 'map 127.0.0.1:1 - away' "map $AT - good" >devices
	run --separate-stderr timeout 60 eg-modbus --once --answer 20s --timeout 5s -d devices
	[[ $status -eq 75 && $output == good/power:* && ${#lines[@]} -eq 1 ]]
	# Without it, one that is away is no reason to end.
	timeout 60 eg-modbus --answer 20s --timeout 500ms -e 100ms -d devices >out 2>err 3>&- &
	PIDS+=($!)
	wait_until eval '(($(grep -c ^good/ out) >= 20))'
}

@test "a connection that the device has closed since is opened anew, without a word" {
	printf '%s\n' 'name m' 'a input:1 u16 W' >map
	faulty bye bye bye
	timeout 60 eg-modbus --answer 20s -e 1s map "$AT" >out 2>err 3>&- &
	PIDS+=($!)
	wait_until eval '(($(grep -c ^m/a out) >= 4))'
	[[ ! -s err ]] || { cat err; return 1; }
}

@test "--scan lists the units that answer, and their SunSpec models" {
	{ sunspec 40000; echo '3 input 1 0001'; } >registers
	# A common model of 66 registers: maker `EG`, model `One`.
	{ printf '5 holding 40000 5375 6e53 0001 0042 4547 %s 4f6e 6500 %s' "$(printf '0000 %.0s' {1..15})" "$(printf '0000 %.0s' {1..48})"
		echo 'ffff 0000'; } >>registers
	device <registers
	run --separate-stderr timeout 60 eg-modbus --scan --answer 3s --unit 1,2,3,4,5 "$AT"
	[[ $status -eq 0 && -z $stderr ]]
	is "$output" $'unit 1 answers; SunSpec at 40000: models 1 103\nunit 3 answers; no SunSpec\nunit 5 answers; SunSpec at 40000: models 1; EG One'
	run --separate-stderr timeout 60 eg-modbus --scan --answer 50ms --unit 9,10 "$AT"
	[[ $status -eq 75 && -z $output && $stderr == *"no unit answers at '$AT'" ]]
	run --separate-stderr timeout 60 eg-modbus --scan 127.0.0.1:1
	[[ $status -eq 75 && -z $output && $stderr == *"cannot connect to '127.0.0.1:1'"* ]]
	run --separate-stderr timeout 60 bash -c 'eg-modbus --scan --answer 20s -u 1 "$0" >/dev/full' "$AT"
	[[ $status -eq 74 ]]
	faulty e11 garbage ok
	run --separate-stderr timeout 60 eg-modbus --scan --answer 20s --unit 1,2,3 "$AT"
	is "$output" 'unit 3 answers; no SunSpec'
}
