#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The stack's set-up and Flux in a real InfluxDB 2. Debian has none: EG_INFLUXD2 names a
# folder with influxd and influx, and without one nothing is tested here.
# shellcheck disable=SC2154 # bats sets status and output
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	if [[ ! -x ${EG_INFLUXD2-}/influxd || ! -x ${EG_INFLUXD2-}/influx ]]; then
		echo "# WARNING: EG_INFLUXD2 has no influxd and influx: NOT run: $BATS_TEST_DESCRIPTION" >&3
		skip "no InfluxDB 2"
	fi
	mkdir "$BATS_TEST_TMPDIR/work"
}

@test "set-up, tasks, dashboards and alerts give in InfluxDB 2 what is known of the data" {
	[[ -d tests/stack/node_modules ]] || skip "tests/cli/stack-grafana.bats has not fetched the packages of tests/stack"
	run timeout 600 tests/stack/check-engine "$EG_INFLUXD2" "$BATS_TEST_TMPDIR/work"
	echo "$output"
	[[ $status -eq 0 && -z $output ]]
}

@test "the manual's backup of InfluxDB 2, restored by its commands, holds the same" {
	run timeout 300 tests/stack/check-backup "$EG_INFLUXD2" "$BATS_TEST_TMPDIR/work"
	echo "$output"
	[[ $status -eq 0 && -z $output ]]
}
