#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The stack's set-up and Flux in a real InfluxDB 2. Debian has none: EG_INFLUXD2 names a
# folder with influxd and influx, and without one nothing is tested here.
# shellcheck disable=SC2154 # bats sets status and output
bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
}

@test "set-up, tasks, dashboards and alerts give in InfluxDB 2 what is known of the data" {
	if [[ ! -x ${EG_INFLUXD2-}/influxd || ! -x ${EG_INFLUXD2-}/influx ]]; then
		echo "# WARNING: EG_INFLUXD2 has no influxd and influx: Flux NOT run" >&3
		skip "no InfluxDB 2"
	fi
	[[ -d tests/stack/node_modules ]] || skip "tests/cli/stack-grafana.bats has not fetched the packages of tests/stack"
	mkdir "$BATS_TEST_TMPDIR/work"
	run timeout 600 tests/stack/check-engine "$EG_INFLUXD2" "$BATS_TEST_TMPDIR/work"
	echo "$output"
	[[ $status -eq 0 && -z $output ]]
}
