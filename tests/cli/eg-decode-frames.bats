#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-decode reads meters' telegrams and frames: those that are cut short, sealed, or sent again.
# shellcheck disable=SC2016,SC2154 # the inner shells expand; bats sets stderr

bats_require_minimum_version 1.5.0
load ../dlms
load decode

# A telegram with its checksum; $1 replaces the import.
telegram() {
	python3 - "${1:-001073.079}" <<'END'
import sys
lines = ["/ISK5\\2M550T-1012", "", "1-3:0.2.8(50)", "0-0:1.0.0(240701120000S)",
    "1-0:1.8.1(%s*kWh)" % sys.argv[1], "1-0:1.8.2(001263.199*kWh)", "0-0:96.14.0(0001)",
    "1-0:1.7.0(00.290*kW)", "0-1:24.1.0(003)", "0-1:24.2.1(240701115500S)(00246.138*m3)", "!"]
body = "\r\n".join(lines).encode()
crc = 0
for byte in body:
    crc ^= byte
    for _ in range(8):
        crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
sys.stdout.buffer.write(body + b"%04X\r\n" % crc)
END
}

@test "a telegram that is refused is kept with its lines, and is read again when it is right" {
	telegram | sed 's/001263/001264/' >in
	decode --rejects bad dsmr
	[ "$status" -eq 65 ]
	grep -v '^# ' bad | sed 's/001264/001263/' >in
	decode dsmr
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -ge 4 ]
}

@test "telegrams from a serial port: only whole ones, whatever was lost between" {
	{
		telegram | tail -c 90
		telegram
		telegram | head -c 120
		telegram 001073.080
		telegram | sed 's/00.290/00.390/'
		telegram | head -c 150
	} >in
	decode -v dsmr
	[ "$status" -eq 65 ]
	[ "$(grep import_t1 <<<"$output")" = "$(printf 'meter/import_t1:2024-07-01T10:00:00:%s\n' 001073.079 001073.080)" ]
	[ "$(grep -c 'meter/gas_1:2024-07-01T09:55:00:00246.138' <<<"$output")" -eq 2 ]
	[[ $stderr == *"line 1: not within a telegram"* ]]
	[[ $stderr == *"the telegram is cut short: another one begins"* ]]
	[[ $stderr == *"the checksum is "*", not "*" as the telegram says"* ]]
	[[ $stderr == *"the input ends within it"* ]]
	[[ $stderr == *"refused 4 + "* ]]
}

@test "dlms: the key comes from a file, replays and garbage are refused, what follows is taken" {
	command -v openssl xxd >/dev/null || skip "no openssl or xxd"
	{ head -c 100 /dev/zero; frame 1; frame 2; frame 2; head -c 30 /dev/zero; frame 3; } >in
	decode dlms
	[ "$status" -eq 65 ]
	[[ $stderr == *"--meter-key is needed"* ]]
	echo 101112131415161718191A1B1C1D1E1F >key
	decode --meter-key key dlms
	[ "$status" -eq 65 ]
	[ "$(sort -u <<<"$output")" = meter/power:2024-07-18T10:00:05:0.601 ]
	[ "${#lines[@]}" -eq 3 ]
	[[ $stderr == *"the frame counter went back to 2"* ]]
	echo 1011 >key
	decode --meter-key key dlms
	is_usage "--meter-key: the key in the file has 4 hexadecimal digits, not 32"
	decode --meter-key key dsmr
	is_usage "for dlms alone"
	decode --meter-auth-key key dlms
	is_usage "needs --meter-key"
	decode --meter-key "" dlms
	is_usage "must not be empty"
	decode --meter-key 101112131415161718191A1B1C1D1E1F dlms # the key itself, by mistake
	[ "$status" -eq 78 ]
	[[ $stderr != *101112* ]]
}

@test "dlms: with keys, a message that has less protection than they ask for is refused" {
	command -v openssl xxd >/dev/null || skip "no openssl or xxd"
	echo 101112131415161718191A1B1C1D1E1F >key
	frame 1 >in
	decode --meter-key key --meter-auth-key key dlms
	[ "$status" -eq 65 ]
	[ -z "$output" ]
	[[ $stderr == *"the message has no tag, but --meter-auth-key is given"* ]]
	tail -c +3 "$BATS_TEST_DIRNAME/../fuzz/corpus/decode/dlms-hdlc" >plain # not encrypted
	cp plain in
	decode dlms
	[ "$status" -eq 0 ]
	[ -n "$output" ]
	{ frame 1; cat plain; } >in
	decode --meter-key key dlms
	[ "$status" -eq 65 ]
	[ "$output" = meter/power:2024-07-18T10:00:05:0.601 ]
	[[ $stderr == *"the message is not encrypted, but --meter-key is given"* ]]
}

@test "dlms: with --counter-file a replay is refused after a restart" {
	command -v openssl xxd >/dev/null || skip "no openssl or xxd"
	local again=(decode --meter-key key --counter-file counters dlms)
	echo 101112131415161718191A1B1C1D1E1F >key
	{ frame 7; frame 8; } >in
	"${again[@]}"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	grep -qx "4547524430303031 8" counters
	frame 8 >in
	"${again[@]}"
	[ "$status" -eq 65 ]
	[ -z "$output" ]
	[[ $stderr == *"the frame counter went back to 8"* ]]
	frame 9 >in
	"${again[@]}"
	[ "$status" -eq 0 ]
	# A message that could not be written is no replay when it comes again.
	frame 10 >in
	run bash -c '"$DECODE" --meter-key key --counter-file counters dlms <in >/dev/full'
	[ "$status" -eq 74 ]
	"${again[@]}"
	[ "$status" -eq 0 ]
	grep -qx "4547524430303031 10" counters
}

@test "dlms: a file of counters that is none, or cannot be written, is refused before anything is read" {
	echo 101112131415161718191A1B1C1D1E1F >key
	: >in
	refused() { # CONTENT MESSAGE
		echo "$1" >counters
		decode --meter-key key --counter-file counters dlms
		[ "$status" -eq 78 ] && [[ $stderr == *"$2"* ]] && [ "$(<counters)" = "$1" ]
	}
	for text in "4547524430303031" "4547524430303031 -1" "4547524430303031 4294967296" "45475244303030 1" \
		"454752443030303g 1" "4547524430303031 1 2"; do
		refused "$text" "counters:1: not the frame counter of a meter"
	done
	for text in "# my notes" "" "# notes"$'\n'"4547524430303031 7"; do
		refused "$text" "'counters' holds no frame counters"
	done
	decode --meter-key key --counter-file . dlms
	[ "$status" -eq 78 ]
	decode --meter-key key --counter-file missing/counters dlms
	[ "$status" -eq 74 ]
	decode --counter-file counters dlms
	is_usage "--counter-file needs --meter-key"
	decode --meter-key key --counter-file key dlms
	is_usage "name the same file"
	decode --counter-file counters sml
	is_usage "for dlms alone"
}

@test "input of sml, dlms and tic that holds no frame is refused, not passed over in silence" {
	local format
	for format in sml dlms tic; do
		echo 'not a meter' >in
		decode "$format"
		[ "$status:$output" = 65: ]
		[[ $stderr == *"no frame begins within it"* ]]
		head -c 20000 /dev/zero >in
		decode "$format"
		[ "$status:$output" = 65: ]
		[[ $stderr == *"no frame begins within it"* ]]
		: >in
		decode "$format"
		[ "$status:$output:$stderr" = 0:: ]
	done
}

@test "the end of a frame before the first whole one is passed over" {
	printf 'S 00500 X\r\3\2\nBASE 000123456  \r\3' >in
	decode tic
	[ "$status:$stderr" = 0: ]
	[[ $output == linky/import_wh:*:000123456 ]]
}
