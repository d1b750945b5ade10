#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-decode: from what devices send to records, on its own.
# shellcheck disable=SC2016,SC2154 # the inner shells expand; bats sets stderr

bats_require_minimum_version 1.5.0
load decode

plug() { # SECOND VALUE: a line of Zigbee2MQTT
	printf 'zigbee2mqtt/plug {"last_seen":%d000,"power":%s}\n' "$1" "$2"
}

@test "what makes no sense is wrong usage, and says how it would" {
	: >in
	decode
	is_usage "no format given"
	decode xml
	is_usage "unknown format 'xml'"
	decode senml file
	is_usage 'one format'
	decode tasmota --tz Europe/Rome
	is_usage "behind all options"
	decode --sensor a tasmota
	is_usage "--tz is needed"
	decode zigbee2mqtt
	is_usage "--sensor or a topic"
	decode --topic dsmr
	is_usage "more than one line"
	decode --sensor "$(printf '%256s' x)" senml
	is_usage "--sensor: must have 1 to 255 bytes"
	decode --prefix "$(printf '%256s' x)" senml
	is_usage "--prefix: must have 0 to 255 bytes"
	decode --value .a --now --sensor s --time-path .t --time-unit m json
	is_usage "--time-unit"
	decode --now --sensor s --value a json
	is_usage "not a path"
	decode --sensor "" shelly2
	is_usage "--sensor: must have 1 to 255 bytes"
	decode --sensor a influx
	is_usage "the points name their sensors"
	decode --sensor-tag a --sensor b tasmota
	is_usage "for influx and influx-csv alone"
	decode --topic influx-csv
	is_usage "more than one line"
}

@test "points and rows of InfluxDB come out line by line, text is named once" {
	cat >in <<-'END'
		# a comment
		energy,sensor=s1 value=55.21,state="on" 1704103200000000000
		energy,sensor=s1,phase=l1 power=56i,state="off" 1704103201500000000

		m v={ 1704103200000000000
		m v=1 1704103200000000000
	END
	printf 'm v=1 170410320000' >>in # cut short
	decode --rejects bad influx
	[ "$status" -eq 65 ]
	diff <(echo "$output") - <<-'END'
		s1:2024-01-01T10:00:00:55.21
		s1/power:2024-01-01T10:00:01.5:56
		m/v:2024-01-01T10:00:00:1
	END
	[[ $stderr == *"passed over, named once: state"* && $stderr == *"line 5: "* ]]
	[ "$(grep -vc '^#' bad)" -eq 2 ]
	printf 'a b m,x=a\ b v=1 1704103200000000000\n' >in
	decode --topic influx
	[ "$status" -eq 65 ]
	printf 'telegraf/b m,x=a\ b v=1 1704103200000000000\n' >in
	decode --topic influx
	[ "$output" = 'm,x=a\ b/v:2024-01-01T10:00:00:1' ]
	printf '%s\r\n' '#datatype,string,dateTime:RFC3339,double,string' '#default,_result,,,' \
		,result,_time,_value,sensor ,,2024-01-01T10:00:00Z,55.21,s1 '' error,reference \
		'timed out,897' '' ,_time,_value,room ,2024-01-01T10:00:00Z,1,k >in
	decode influx-csv
	[ "$status" -eq 65 ]
	[ "$output" = $'s1:2024-01-01T10:00:00:55.21\nroom=k:2024-01-01T10:00:00:1' ]
	[[ $stderr == *"line 7: "*"InfluxDB reports: timed out"* ]]
}

@test "a time zone that does not exist ends it with 78" {
	: >in
	decode --tz Europe/Atlantis --sensor a tasmota
	[ "$status" -eq 78 ]
	[[ $stderr == "eg-decode: fatal: no such time zone: 'Europe/Atlantis'" ]]
	TZDIR=$PWD decode --tz Europe/Rome --sensor a tasmota
	[ "$status" -eq 78 ]
}

@test "a house of devices comes out of what mosquitto_sub prints" {
	cat >in <<'END'
tele/boiler/SENSOR {"Time":"2024-07-01T12:00:00","ENERGY":{"Total":12.345,"Power":1200}}
tele/boiler/STATE {"Time":"2024-07-01T12:00:00","POWER":"ON"}
tele/boiler/LWT Online
tele/dish washer/SENSOR {"Time":"2024-07-01T12:00:01","ENERGY":{"Power":[1,2]}}
END
	decode --topic --tz Europe/Rome --prefix house/ -v tasmota
	[ "$status" -eq 0 ]
	diff <(echo "$output") - <<'END'
house/boiler/power:2024-07-01T10:00:00:1200
house/boiler/total:2024-07-01T10:00:00:12.345
house/dish washer/power_1:2024-07-01T10:00:01:1
house/dish washer/power_2:2024-07-01T10:00:01:2
END
	[[ $stderr == *"in 4 = out 4 + refused 0 + pending 0, messages_without_reading 2" ]]
}

@test "documents without any line end come out one by one" {
	printf '{"src":"s","method":"NotifyStatus","params":{"ts":1700000000.5,"em1:0":{"act_power":%s}}}' \
		1 2.50 -3e1 >in
	decode shelly2
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[ "${lines[1]}" = "s/em1/0/power:2023-11-14T22:13:20.5:2.50" ]
}

@test "broken messages are refused with line and reason, kept, and can be fed again" {
	{
		plug 1700000000 1
		echo 'zigbee2mqtt/plug {"last_seen":1700000001000,"power":'
		plug 1700000002 3
		echo nonsense
		plug 1700000004 true
		plug 1700000005 '"5.50"'
	} >in
	decode -T --rejects bad -v zigbee2mqtt
	[ "$status" -eq 65 ]
	[ "$output" = "$(printf 'plug/power:2023-11-14T22:13:2%d:%s\n' 0 1 2 3 5 5.50)" ]
	[[ $stderr == *"line 2: the JSON is cut short: 'zigbee2mqtt/plug {"* ]]
	[[ $stderr == *"line 4: not a topic, a blank and a message: 'nonsense'"* ]]
	[[ $stderr == *"line 5: 'power' is not a number: "* ]]
	[[ $stderr == *"in 6 = out 3 + refused 3 + pending 0"* ]]
	[ "$(grep -vc '^#' bad)" -eq 3 ]
	[ "$(sed -n 2p bad)" = "$(sed -n 2p in)" ]
	sed -i 's/:true}/:4}/; s/"power":$/"power":2}/; /nonsense/d' bad
	mv bad in
	decode -T zigbee2mqtt
	[ "$status" -eq 0 ]
	[ "$output" = "$(printf 'plug/power:2023-11-14T22:13:2%d:%s\n' 1 2 4 4)" ]
}

@test "a readout, SenML and any JSON come out too" {
	printf '/ABC5x\r\n\0021.8.0(000123.4*kWh)\r\n2.8.0(7.5*kWh)\r\n!\r\n\003S' >in
	decode --sensor cellar iec62056-21
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == cellar/import:20*:000123.4 && ${lines[1]} == cellar/export:*:7.5 ]]
	echo '[{"bn":"pv/","bt":1700000000,"bv":0.1,"n":"a","v":0.2},{"n":"b","t":-1,"v":1}]' >in
	decode senml
	[ "$status" -eq 0 ]
	[ "$output" = $'pv/a:2023-11-14T22:13:20:0.3\npv/b:2023-11-14T22:13:19:1.1' ]
	echo '{"id":"roof","at":"2026-11-24T10:00:00+01:00","ac":{"p":[410,0]}}' >in
	decode --sensor-path .id --time-path .at --value 'l1=.ac.p[0]' --value 'l2=.ac.p[1]' json
	[ "$status" -eq 0 ]
	[ "$output" = $'roof/l1:2026-11-24T09:00:00:410\nroof/l2:2026-11-24T09:00:00:0' ]
}

@test "a lone message comes out at once" {
	mkfifo pipe
	"$DECODE" -T zigbee2mqtt <pipe >out 3>&- &
	PID=$!
	exec 4>pipe
	plug 1700000000 1 >&4
	wait_until has_lines out 1
	plug 1700000001 2 >&4
	wait_until has_lines out 2
	exec 4>&-
	wait "$PID"
	PID=
}

@test "a flood comes out whole, in order" {
	awk 'BEGIN { for (i = 0; i < 50000; i++)
		printf "z/plug {\"last_seen\":%d000,\"power\":%d.50}\n", 1700000000 + i, i }' >in
	decode -T zigbee2mqtt
	[ "$status" -eq 0 ]
	[ "$(wc -l <<<"$output")" -eq 50000 ]
	awk -F: '$NF != NR - 1 + 0.5 { exit 1 }' <<<"$output"
}

@test "a slow reader makes it wait, and gets everything" {
	awk 'BEGIN { for (i = 0; i < 20000; i++)
		printf "z/plug {\"last_seen\":%d000,\"power\":1}\n", 1700000000 + i }' >in
	run bash -c 'set -o pipefail
		"$DECODE" -T zigbee2mqtt <in | { read -r first; sleep 0.5; echo "$first"; cat; } | wc -l'
	[ "$status" -eq 0 ]
	[ "$output" -eq 20000 ]
}

@test "SIGTERM ends it after what was read is written" {
	mkfifo pipe
	"$DECODE" -T zigbee2mqtt <pipe >out 3>&- &
	PID=$!
	exec 4>pipe
	plug 1700000000 1 >&4
	wait_until has_lines out 1
	kill -TERM "$PID"
	wait_until gone "$PID"
	wait "$PID"
	PID=
	exec 4>&-
	[ "$(wc -l <out)" -eq 1 ]
}

@test "a second signal ends it while its reader sleeps" {
	awk 'BEGIN { for (i = 0; i < 20000; i++)
		printf "z/plug {\"last_seen\":%d000,\"power\":1}\n", 1700000000 + i }' >in
	mkfifo pipe
	exec 4<>pipe # a reader that reads nothing
	local status=0
	"$DECODE" -T zigbee2mqtt <in >pipe 2>err 3>&- 4>&- &
	PID=$!
	# It sleeps when the pipe is full.
	wait_until asleep "$PID" eg-decode
	kill -TERM "$PID"
	wait_until gone_after_signal "$PID"
	wait "$PID" || status=$?
	PID=
	exec 4>&-
	[ "$status" -eq 75 ]
	grep -q "second signal" err
}

@test "standard output that is full or closed ends it with 74" {
	plug 1700000000 1 >in
	run --separate-stderr bash -c '"$DECODE" -T zigbee2mqtt <in >/dev/full'
	[ "$status" -eq 74 ]
	[[ $stderr == *"cannot write to standard output"* ]]
	run --separate-stderr bash -c '"$DECODE" -T zigbee2mqtt <in >&-'
	[ "$status" -eq 74 ]
	run --separate-stderr bash -c 'mkfifo pipe; exec 8<>pipe 9>pipe 8>&-; exec "$DECODE" -T zigbee2mqtt <in >&9'
	[ "$status" -eq 74 ]
	[ -z "$stderr" ]
}

@test "garbage is refused line by line, and what follows it is taken" {
	{
		head -c 3000000 /dev/urandom | tr -d '\n'
		echo
		head -c 300000 /dev/urandom
		echo
		plug 1700000000 1
	} >in
	decode -T --rejects bad zigbee2mqtt
	[ "$status" -eq 65 ]
	[ "${lines[-1]}" = "plug/power:2023-11-14T22:13:20:1" ]
	[[ $stderr == *"longer than 1 MiB"* ]]
}

@test "--meters prints a file of meters that eg-influx takes, where the format says what is measured" {
	local format none=' senml influx influx-csv home-assistant json '
	run --separate-stderr "$DECODE" nonsense </dev/null
	# Each format, by the program's own list, has lines or is one of those that may hold anything.
	for format in $(sed -E "s/.*there are //; s/,| or / /g" <<<"$stderr"); do
		run --separate-stderr "$DECODE" --meters "$format"
		echo "$format: $status"
		if [[ $none == *" $format "* ]]; then
			[ "$status:$output" = 64: ]
			[[ $stderr == *"--meters: nothing is known of the sensors of '$format'"* ]]
			none=${none/" $format "/ }
			continue
		fi
		[ "$status:$stderr" = 0: ]
		printf '%s\n' "$output" >meters
		run --separate-stderr timeout 30 "${DECODE%decode}influx" --meters meters </dev/null
		[ "$status:$stderr" = 0: ]
	done
	[ "$none" = ' ' ]
	run --separate-stderr "$DECODE" --meters nonsense
	[ "$status:$output" = 64: ]
	run --separate-stderr bash -c '"$1" --meters dsmr >/dev/full' - "$DECODE"
	[ "$status" -eq 74 ]
}
