#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The units for systemd: it takes them, they are closed to what they need not, and what
# they run works with no more than that. Nothing here is started by systemd itself.
# shellcheck disable=SC2154 # bats sets what it sets

bats_require_minimum_version 1.5.0
load ../wait

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	make -s "BUILD=$(realpath --relative-to=. "${EG_BIN:-build}")" PREFIX="$BATS_FILE_TMPDIR/eg" install
	export UNITS=$BATS_FILE_TMPDIR/eg/lib/systemd/system
	export SYSTEMD_UNIT_PATH=$UNITS:
	export PATH="$BATS_FILE_TMPDIR/eg/bin:$PATH" EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	eg-lab up --no-influxdb >&2
	eval "$(eg-lab env)"
	export EG_LAB_VICTORIA EG_LAB_AMQP=$AMQP_URL
	eg-publish --declare
	eg-publish --declare --queue archive
}

teardown_file() {
	eg-lab down >&2
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir credentials energyguard
	echo guest >credentials/amqp-password
	echo token >credentials/influx-token
	echo 'roof s3cret' >credentials/tokens
	PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	PIDS=()
}

teardown() {
	kill -KILL "${PIDS[@]}" 2>/dev/null || true
	if [[ -z ${BATS_TEST_COMPLETED-} ]]; then tail -n 5 ./*.err >&2; fi
}

# Runs what a unit runs, with its environment and credentials, and writes down its calls
# of the system.
start() { # UNIT
	local command words
	command=$(sed -n 's/^ExecStart=//p' "$UNITS/energyguard-$1.service")
	command=${command//%d/$PWD/credentials}
	command=${command//%S/$PWD}
	command=${command//'${QUEUE}'/misurazioni}
	command=${command//'${STORE_QUEUE}'/archive}
	command=${command//'$STORE_OPTIONS '/}
	command=${command//'${LISTEN}'/127.0.0.1:$PORT}
	read -ra words <<<"$command"
	[[ $command != *[%\$@]* ]]
	env -i PATH=/usr/bin:/bin AMQP_URL="${EG_LAB_AMQP/guest:guest/guest}" INFLUX_HOST="$EG_LAB_VICTORIA" \
		strace -f -qq -e signal=none -o "$1.calls" "${words[@]}" >/dev/null 2>"$1.err" 3>&- &
	PIDS+=($!)
}

# As systemd does with KillMode=mixed: the first process alone, which is strace's child.
stop() { # UNIT PID
	pkill -TERM -P "$2"
	wait "$2"
}

# The calls that a filter of the units lets through, a line each.
allowed() {
	systemd-analyze syscall-filter | awk '
		/^@/ { set = $1 }
		/^ +[@a-z]/ { member[set] = member[set] " " $1 }
		function open_set(name, on,   i, n, words) {
			n = split(member[name], words, " ")
			for (i = 1; i <= n; i++)
				if (words[i] ~ /^@/) open_set(words[i], on)
				else may[words[i]] = on
		}
		END {
			open_set("@system-service", 1); open_set("@privileged", 0); open_set("@resources", 0)
			for (call in may) if (may[call]) print call
		}' | sort
}

@test "systemd takes the units, and rates what they are open to as little" {
	local unit
	run systemd-analyze verify --man=no "$UNITS"/energyguard-*[!@].service "$UNITS"/energyguard-*.timer \
		energyguard-consume@meters.service energyguard-stream@log-0.service
	echo "$output"
	[[ $status -eq 0 && -z $output ]]
	for unit in "$UNITS"/energyguard-*.service; do
		systemd-analyze security --offline=true --threshold=15 "$unit"
	done
	# Without the hardening it would not pass.
	grep -vxFf "$BATS_TEST_DIRNAME/../../scripts/systemd/hardening.conf" \
		"$UNITS/energyguard-serve.service" >energyguard-bare.service
	run env SYSTEMD_UNIT_PATH="$PWD:" systemd-analyze security --offline=true --threshold=15 "$PWD/energyguard-bare.service"
	[[ $status -ne 0 ]]
}

@test "each timer starts a unit that is there, at times that systemd takes" {
	local timer
	for timer in "$UNITS"/energyguard-*.timer; do
		[[ -e ${timer%.timer}.service ]]
		systemd-analyze calendar "$(sed -n 's/^OnCalendar=//p' "$timer")" >/dev/null
	done
	[[ $(find "$UNITS" -name '*.timer' | wc -l) -eq 4 ]]
}

@test "who works on the folder of the store has its user" {
	local unit
	for unit in $(grep -l '^StateDirectory=energyguard$' "$UNITS"/*.service); do
		grep -qx 'User=energyguard-store' "$unit"
	done
}

@test "the template of consumers takes the queue from its name, and is else the plain unit" {
	run diff <(grep -v '^Description=' "$UNITS/energyguard-consume.service") \
		<(grep -v '^Description=' "$UNITS/energyguard-consume@.service")
	[[ $(grep -c '^[<>]' <<<"$output") -eq 3 && $output == *'> ExecStart='*' --queue %i '* ]]
}

@test "the example of the environment names the settings of the units, and holds no secret" {
	local name
	while read -r name; do
		grep -q "^#$name=" "$BATS_TEST_DIRNAME/../../scripts/systemd/environment" || { echo "$name"; return 1; }
	done < <(grep -hoE '\$\{?[A-Z_]+' "$UNITS"/energyguard-*.service | tr -d '${' |
		grep -vxE '[A-Z]+_DIRECTORY' | sort -u) # those are systemd's own
	run grep -iE '(PASSWORD|TOKEN)=|:[^/ ]*@' "$BATS_TEST_DIRNAME/../../scripts/systemd/environment"
	[[ $status -eq 1 ]]
}

@test "no unit has a secret in its command or its environment" {
	run grep -hE '^(ExecStart|Environment)=.*(:[^/ ]*@|TOKEN=|PASSWORD=|s3cret|guest)' "$UNITS"/*.service
	[[ $status -eq 1 ]]
}

@test "what the units run carries readings, and makes no call that their filter forbids" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers make calls of their own"
	start serve
	start consume
	start store
	eg-sim --seed 1 --rounds 3 --delay 0 | eg-publish --queue archive >receipts
	answered() {
		[[ $(curl -sS -H 'Authorization: Bearer s3cret' -H 'Content-Type: application/json' \
			-d '{"sensor_id": "roof", "timestamp": "2026-11-23T14:18:36", "value": 55.21}' \
			"http://127.0.0.1:$PORT/ingest") == *'"status":"success"'* ]]
	}
	wait_until answered
	written() {
		curl -fsS "$EG_LAB_VICTORIA/internal/force_flush" >/dev/null
		curl -fsS "$EG_LAB_VICTORIA/api/v1/export" -d 'match[]={sensor="roof"}' | grep -q '55.21'
	}
	wait_until written
	kept() { cmp -s <(sort receipts) <(eg-store energyguard/readings.db dump | sort); }
	wait_until kept
	for unit in 0:serve 1:consume 2:store; do stop "${unit#*:}" "${PIDS[${unit%%:*}]}"; done
	# SQLite calls fchown(2) as root alone, which it is not there.
	sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' ./*.calls | grep -v '^fchown$' | sort -u >made
	(($(wc -l <made) > 30))
	run comm -23 made <(allowed)
	echo "forbidden: $output"
	[[ -z $output ]]
}

# The commands of a unit that ends by itself, one after the other.
run_unit() { # UNIT
	local command words
	while read -r command; do
		command=${command//%d/$PWD/credentials}
		command=${command//%S/$PWD}
		command=${command//'${QUEUE}'/misurazioni}
		command=${command//'${KEEP}'/-2d}
		command=${command//'$INSIGHT_OPTIONS'/}
		[[ $command != *[%\$@]* ]]
		read -ra words <<<"$command"
		env -i PATH=/usr/bin:/bin AMQP_URL="${EG_LAB_AMQP/guest:guest/guest}" INFLUX_HOST="$EG_LAB_VICTORIA" \
			strace -f -qq -e signal=none -o "$1.calls" "${words[@]}" >/dev/null 3>&- || return
		sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' "$1.calls" >>made
	done < <(sed -n 's/^ExecStart=//p' "$UNITS/energyguard-$1.service")
}

@test "the units of the timers do their work, and make no call that their filter forbids" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers make calls of their own"
	local hour day
	hour=$(date -u -d yesterday +%FT12)
	day=$(date -u -d '5 days ago' +%F)
	printf '%s\n' "attic:$day""T00:00:00:1" "attic:$hour:00:00:2000" "attic:$hour:10:00:0" |
		eg-store energyguard/readings.db >/dev/null
	run_unit insight
	run_unit backup
	run_unit expire
	echo "attic:$hour:20:00:7" | eg-publish >/dev/null
	run_unit drain
	written() { # VALUE
		curl -fsS "$EG_LAB_VICTORIA/internal/force_flush" >/dev/null
		curl -fsS "$EG_LAB_VICTORIA/api/v1/export" -d "match[]={sensor=~\"attic.*\"}" | grep -q "\[.*$1"
	}
	# 2 kW for 10 minutes.
	wait_until written 0.333333
	wait_until written 7
	[[ $(eg-store energyguard/backup.db dump | wc -l) -eq 3 ]]
	[[ $(eg-store energyguard/readings.db dump | wc -l) -eq 2 ]]
	run comm -23 <(grep -v '^fchown$' made | sort -u) <(allowed)
	echo "forbidden: $output"
	[[ -z $output ]]
}
