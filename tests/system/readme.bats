#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Each command of README is run as it is printed there, with a year of readings; only the
# names of devices, a port, and a minute of waiting are replaced. The last test holds that
# none is left out.
# shellcheck disable=SC2016,SC2154 # bash -c has variables of its own; bats sets some
bats_require_minimum_version 1.5.0
load ../wait
load ../broker
load ../dlms
load ../mqtt

setup_file() {
	export README="$BATS_TEST_DIRNAME/../../README.md"
	export PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	export EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	eg-lab up >&2
	eval "$(eg-lab env)"
	export INFLUX_HOST=$EG_LAB_VICTORIA INFLUX_TOKEN=any
	year_of_shelly >"$BATS_FILE_TMPDIR/export.csv"
}

teardown_file() {
	eg-lab down >&2
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	PIDS=()
	mkdir scripts
	cp -r "$BATS_TEST_DIRNAME/../../scripts/"{tariffs,modbus} scripts
	eg-publish --declare
	eg-lab ctl -q purge_queue misurazioni >&2
}

teardown() {
	[[ -z ${BROKER-} ]] || kill -KILL "$BROKER" 2>/dev/null || true
	stop_all
}

# The commands, one a line, also those that README breaks with `\`.
commands() {
	sed '/^## The flow/,/^## /d; /^## Where to read on/,$d' "$README" | sed -n 's/^    //p' |
		sed -e ':a' -e '/\\$/{N;s/\\\n */ /;ba' -e '}' -e '/^$/d'
}

# The one command that contains the text; it counts as run.
readme() { # TEXT
	local found
	found=$(commands | grep -F -- "$1")
	if [[ $(wc -l <<<"$found") -ne 1 || -z $found ]]; then
		echo "README has not one command with: $1" >&2
		return 1
	fi
	printf '%s\n' "$found" >>"$BATS_FILE_TMPDIR/ran"
	printf '%s\n' "$found"
}

# Runs the command, to its end. SED replaces what is not here.
run_readme() { # TEXT [SED]
	local command
	command=$(readme "$1" | sed -E "${2-}") || return
	[[ -n $command ]] || return
	run --separate-stderr timeout 120 bash -o pipefail -c "$command"
	[[ $status -eq 0 ]] || { printf '%s: %d: %s\n' "$command" "$status" "$stderr"; return 1; }
}

# Starts a command that does not end by itself; all of a pipeline is a group of processes.
start_readme() { # TEXT [SED]
	local command
	command=$(readme "$1" | sed -E "${2-}") || return
	[[ -n $command ]] || return
	setsid bash -c "$command" >out 2>err 3>&- &
	PIDS+=($!)
}

stop_all() {
	local p
	for p in "${PIDS[@]}"; do kill -KILL -- "-$p" 2>/dev/null || true; done
	PIDS=()
}

# A house of 10 minutes for a year, as the meter exports it.
year_of_shelly() {
	TZ=UTC awk 'BEGIN {
		print "Date/time UTC,Active energy Wh (A),Returned energy Wh (A)"
		for (i = 0; i < 365 * 144; i++)
			print strftime("%Y-%m-%d %H:%M", 1735689600 + i * 600) "," 20 + i % 144 ".50,0.00"
	}'
}

# Readings of a sensor since a time, in the database.
in_database() { # SENSOR_REGEX
	curl -fsS "$EG_LAB_VICTORIA/internal/force_flush"
	curl -fsS "$EG_LAB_VICTORIA/api/v1/export" \
		--data-urlencode "match[]={__name__=\"energy_value\",sensor=~\"$1\"}" |
		jq '.values | length' | awk '{ n += $1 } END { print n + 0 }'
}

has_in_database() { # SENSOR_REGEX N
	[[ $(in_database "$1") -ge $2 ]]
}

is_stored() { # FILE N
	[[ -e $1 && $(eg-store "$1" dump | wc -l) -ge $2 ]]
}

waiting() { # QUEUE: messages
	queue_has "$1" messages
}

has_waiting() { # QUEUE N
	[[ $(waiting "$1") -ge $2 ]]
}

# Hours of energy of a house with sun, of January 2026.
hours_of_energy() {
	TZ=UTC awk 'BEGIN { for (h = 0; h < 744; h++) for (i = 1; i <= 3; i++)
		printf "%s:%s:%d\n", substr("house_kwh solar_kwh export_kwh", i * 10 - 9, i == 3 ? 10 : 9),
		    strftime("%Y-%m-%dT%H:%M:%S", 1767222000 + h * 3600), 4 - i }'
}

@test "live: readings go through the queue into the database" {
	run_readme 'eg-publish --declare'
	start_readme 'eg-consume -- eg-influx  '
	run_readme 'eg-sim | eg-publish  '
	[[ ${#lines[@]} -eq 45 ]]
	wait_until has_in_database 'sensor.*' 45
}

@test "history: a year of an export, and of any CSV file" {
	cp "$BATS_FILE_TMPDIR/export.csv" .
	run_readme 'shelly-em3 export.csv | eg-publish --batch 1000'
	[[ $(wc -l <receipts) -eq $((2 * 365 * 144)) ]]
	{
		echo 'Data;Consumo'
		awk 'BEGIN { for (d = 1; d <= 28; d++) for (m = 1; m <= 12; m++)
			printf "2025-%02d-%02d 10:00;1,5\n", m, d }'
	} >meter.csv
	run_readme 'meter.csv'
	[[ ${#lines[@]} -eq 5 && ${lines[0]} == *:2025-01-01T09:00:00:1.5 ]]
}

@test "meters: messages of a plug" {
	start_readme '--decode shelly2'
	local body='{"src":"s","method":"NotifyStatus","params":{"ts":1735689600.5,"switch:1":{"apower":5}}}'
	wait_until sh -c 'eg-lab ctl -q list_bindings | grep -q amq.topic'
	amqp-publish -u "$AMQP_URL" -e amq.topic -r plug.events.rpc -b "$body"
	wait_until has_in_database '.*switch.*' 1
}

# A message of the fuzzers' corpus in the transport of a serial port, with its checksum.
telegram_of_sml() { # FILE
	/usr/bin/python3 -c 'import sys
body = open(sys.argv[1], "rb").read()[3:]
fill = -len(body) % 4
frame = b"\x1b" * 4 + b"\x01" * 4 + body + bytes(fill) + b"\x1b" * 4 + bytes([0x1a, fill])
crc = 0xffff
for byte in frame:
    crc ^= byte
    for bit in range(8):
        crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
sys.stdout.buffer.write(frame + (crc ^ 0xffff).to_bytes(2, "little"))' "$1"
}

@test "meters: telegrams of the serial ports" {
	local corpus=$BATS_TEST_DIRNAME/../fuzz/corpus/decode
	sed 1d "$corpus/dsmr" >p1
	run_readme 'eg-decode dsmr' 's|/dev/ttyUSB0|p1|'
	[[ $(wc -l <receipts) -gt 3 ]]
	telegram_of_sml "$corpus/sml" >sml
	run_readme 'eg-decode sml' 's|/dev/ttyUSB1|sml|'
	[[ -s receipts ]]
	frame 1 >dlms
	echo "$DLMS_KEY" >key
	run_readme 'eg-decode --meter-key' 's|/dev/ttyUSB2|dlms|'
	[[ -s receipts ]]
}

@test "meters: one that is asked over Modbus" {
	local here
	mkdir device
	{
		echo '3 holding 30529 0001 0000' && echo '3 holding 30775 0000 0fa0'
		echo '3 holding 30783 0000 59ec 0000 59ed 0000 59ee' && echo '3 holding 30803 0000 1388'
		echo "1 input 0 $(printf '0000 %.0s' {1..76})"
	} >device/registers
	setsid "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}/tests/modbus_device" device 3>&- &
	PIDS+=($!)
	wait_until test -s device/port
	here=127.0.0.1:$(<device/port)
	run_readme 'eg-modbus --once' "s/192.168.1.20 192.168.1.21/$here/"
	[[ ${#lines[@]} -eq 6 && ${lines[*]} == *sma/energy*:65.536* ]]
	start_readme 'eg-modbus --every' "s|/dev/ttyUSB0|$here|"
	wait_until has_lines receipts 16
	rm receipts
	echo "scripts/modbus/sma.map $here" >devices
	start_readme 'eg-modbus --devices'
	wait_until has_lines receipts 6
	# Units that do not answer cost their time each.
	run_readme 'eg-modbus --scan' "s|/dev/ttyUSB0|--unit 1,3 $here|"
	[[ ${lines[*]} == *"unit 1 answers"*"unit 3 answers"* ]]
}

@test "meters: those that send by MQTT, to a broker of their own" {
	broker_up
	start_readme 'eg-mqtt '
	# Until it has subscribed, messages are nobody's.
	sent_and_stored() {
		send shellies/readme/emeter/0/power 5
		has_in_database 'readme.*' 1
	}
	wait_until sent_and_stored
	broker_kill
}

@test "Home Assistant: a sensor is announced, and its reading sent" {
	broker_up
	echo 'readme* W device' >meters
	start_readme 'eg-mqtt-publish '
	run_readme 'eg-publish --declare'
	echo readmeha:2026-01-01T00:00:00:5 | eg-publish >/dev/null
	timeout 60 mosquitto_sub -h 127.0.0.1 -p "$MQTT_PORT" -C 1 -t energyguard/readmeha >got
	[[ $(<got) == *'"value":5}' ]]
	timeout 60 mosquitto_sub -h 127.0.0.1 -p "$MQTT_PORT" -C 1 -t 'homeassistant/#' | grep -q '"unit_of_measurement":"W"'
	broker_kill
}

# The files of a folder as HTTP has them; the port is in the file port.
web() { # FOLDER
	setsid /usr/bin/python3 -c 'import http.server, os, sys
os.chdir(sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
open("port.new", "w").write(str(server.server_port))
os.rename("port.new", "port")
server.serve_forever()' "$1" 2>/dev/null 3>&- &
	PIDS+=($!)
	wait_until test -s "$1/port"
}

@test "meters: those that are asked by HTTP" {
	mkdir -p web/api/v1
	echo '{"active_power_w":-543,"total_power_import_kwh":10830.511}' >web/api/v1/data
	echo '{"meters":[{"power":12.5,"total":60}]}' >web/status
	web web
	echo "http://127.0.0.1:$(<web/port)/status" >plugs
	start_readme 'homewizard' "s|http://p1.lan|http://127.0.0.1:$(<web/port)|"
	wait_until has_lines receipts 2
	kill -KILL -- "-${PIDS[-1]}"
	rm receipts
	start_readme '--urls plugs' 's/-e 1m/-e 1s/'
	wait_until has_lines receipts 2
	[[ $(eg-store a.db dump | wc -l) -ge 2 ]]
}

@test "meters: what Telegraf sends is stored" {
	eg-publish -q telegraf --declare
	amqp-publish -u "$AMQP_URL" -r telegraf -b $'meter,sensor=s1 power=5 1735689600000000000\n'
	start_readme '-q telegraf --decode influx'
	wait_until is_stored a.db 1
	[[ $(eg-store a.db dump) == *:5 ]]
}

@test "sensors that send HTTP are answered when the broker has the readings" {
	local url
	echo 'roof s3cret' >tokens
	start_readme 'eg-serve --listen' 's/ :8080/ -v 127.0.0.1:0/; s/--listen -v/-v --listen/'
	wait_until grep -q 'listening at' err
	url=$(sed -n 's/^eg-serve: info: listening at //p' err)
	curl -fsS -H 'Authorization: Bearer s3cret' "${url%/}/ingest" -H 'Content-Type: application/json' \
		-d '{"sensor_id":"roof","timestamp":"2026-01-01T00:00:00","value":5}'
	wait_until has_waiting misurazioni 1
}

@test "a year straight into InfluxDB 1" {
	{
		echo 'Hour Start,Electricity 1 (Dutch Users: Low Tariff),Electricity 2 (Dutch Users: Normal Tariff),Electricity 1 Returned (Dutch Users: Low Tariff),Electricity 2 Returned (Dutch Users: Normal Tariff),Gas'
		TZ=UTC awk 'BEGIN { for (h = 0; h < 8760; h++)
			print strftime("%Y-%m-%dT%H:%M:%S+00:00", 1735689600 + h * 3600) ",0.196,0,0,0,0.032" }'
	} >export.csv
	INFLUX_HOST=$EG_LAB_INFLUX run_readme 'dsmr-reader export.csv'
	[[ $output -eq $((5 * 8760)) ]]
}

@test "three nodes, one of them behind ssh" {
	mkdir bin
	printf '#!/bin/sh\nshift\nexec "$@"\n' >bin/ssh
	chmod +x bin/ssh
	PATH="$PWD/bin:$PATH"
	run_readme 'strategy full'
	eg-sim --rounds 1 --delay 0 | eg-publish
	start_readme 'eg-replicate cluster'
	wait_until is_stored a.db 15
	wait_until is_stored c.db 15
}

@test "a copy of every reading in a file, which is drained at night" {
	run_readme 'eg-sim | eg-store a.db'
	[[ $(wc -l <receipts) -eq 45 ]]
	run_readme 'range sensor1'
	[[ ${#lines[@]} -eq 3 ]]
	run_readme 'eg-consume --drain' 's/^0 3 \* \* \*  //'
	[[ $(waiting misurazioni) -eq 0 ]]
}

@test "energy and money of readings" {
	eg-sim --rounds 3 --delay 0 | eg-store a.db >/dev/null
	run_readme 'eg-energy --whole'
	hours_of_energy >energy.rec
	run_readme 'italy-bands.conf'
	[[ $output == *house_cost:2026-* ]]
	printf 'price/nl:2025-12-31T23:00:00:0.10\n' >prices.rec
	run_readme 'dynamic.conf' 's/--price/--stale 40d --price/'
	printf '%s\n' "$output" >cost.rec
	run_readme 'bill ='
	[[ $output == bill:* ]]
	run_readme 'used ='
	[[ ${#lines[@]} -eq 31 && ${lines[0]} == used:*:50 ]]
}

@test "rules, over what is stored and over what arrives" {
	run_readme 'silent * silent'
	printf 'house:2026-01-05T10:0%d:00:4000\n' 0 1 2 3 4 | eg-store a.db >/dev/null
	run_readme 'dump | eg-watch'
	[[ $output == *high* ]]
	printf '#!/bin/sh\nwhile read -r line; do echo "$line" >>mail; done\n' >mail-each-line
	chmod +x mail-each-line
	eg-store a.db dump | eg-publish >/dev/null
	start_readme '--live --state'
	wait_until test -s mail
}

@test "pictures of a year, as text and as PNG" {
	cp "$BATS_FILE_TMPDIR/export.csv" .
	run_readme 'shelly-em3 export.csv >records'
	run_readme 'eg-plot -k bars'
	[[ $output == *2025* ]]
	run_readme 'eg-plot -k heat'
	[[ $(head -c 4 house.png | tail -c 3) == PNG ]]
}

# Other tests run these: demo.bats, stack.bats, tests/lint.
@test "no command of README is left out" {
	local others='^(make (demo|check|up|down))( |$)'
	diff <(commands | grep -vE "$others" | sort) <(sort -u "$BATS_FILE_TMPDIR/ran")
}
