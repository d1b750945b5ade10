#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Memory does not grow with the input: 20 million records pass through every program.

bats_require_minimum_version 1.5.0
load ../broker

LIMIT_KB=$((32 * 1024))

setup_file() {
	export PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	export EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	[[ -n ${EG_SAN-} ]] || eg-lab --no-influxdb up >&2
}

teardown_file() {
	[[ -n ${EG_SAN-} ]] || eg-lab down >&2
}

teardown() {
	# shellcheck disable=SC2086  # several
	[[ -z ${pids-} ]] || kill -KILL $pids 2>/dev/null || true
}

# peaks NAME=PID...: follows the processes to their end; prints NAME and peak in KiB.
peaks() {
	local -A top=() gone=()
	local pair now left=1
	while ((left > 0)); do
		left=0
		for pair; do
			# One that has ended is not looked at again: its number may be another's by then.
			[[ -z ${gone[$pair]-} ]] || continue
			now=$(awk '/^VmHWM/ { print $2 }' "/proc/${pair#*=}/status" 2>/dev/null) || true
			if [[ -z $now ]]; then gone[$pair]=yes && continue; fi
			top[${pair%=*}]=$now
			left=$((left + 1))
		done
		((SECONDS < deadline)) || return 1
		sleep 0.1
	done
	for pair; do echo "${pair%=*} ${top[${pair%=*}]}"; done
}

@test "20 million records leave every program below 32 MiB" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers need memory of their own"
	eval "$(eg-lab env)"
	local deadline=$((SECONDS + 1800)) work=$BATS_TEST_TMPDIR
	eg-publish --declare
	mkfifo "$work/made"
	eg-sim --sensors 1000 --rounds 20000 --start 2026-01-01T00:00:00 --step 1s >"$work/made" &
	local sim=$!
	eg-publish --batch 1000 <"$work/made" >/dev/null &
	local publish=$!
	eg-consume --metrics "$work/metrics" -- eg-influx --url "$EG_LAB_VICTORIA" 2>"$work/err" &
	local consume=$!
	pids="$sim $publish $consume"
	until pgrep -P "$consume" -x eg-influx >"$work/influx"; do
		((SECONDS < deadline))
		sleep 0.05
	done
	# The consumer ends when the queue is empty behind the last receipt.
	{
		while kill -0 "$publish" 2>/dev/null; do sleep 0.2; done
		until [[ $(queue_has misurazioni messages) == 0 ]]; do
			((SECONDS < deadline)) || break
			sleep 0.2
		done
		kill "$consume"
	} 3>&- &
	run peaks sim="$sim" publish="$publish" consume="$consume" influx="$(<"$work/influx")"
	echo "# peaks in KiB: ${lines[*]}" >&3
	[[ $status -eq 0 && ${#lines[@]} -eq 4 ]]
	awk -v limit=$LIMIT_KB '$2 > limit || $2 < 100 { bad = 1 } END { exit bad }' <<<"$output"
	wait "$consume" || { cat "$work/err"; false; }
	grep -qx 'energyguard_records_out_total{program="eg-consume"} 20000000' "$work/metrics"
}
