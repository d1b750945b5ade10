#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The set-up of InfluxDB in the stack, against a server that only pretends.
# shellcheck disable=SC2154,SC2164,SC2016 # bats sets stderr; cd fails the test; sed and jq expand

bats_require_minimum_version 1.5.0
load stack

@test "the set-up makes buckets, tasks and tokens, and a second one changes nothing" {
	setup_state
	run setup_service
	[[ $status -eq 0 ]]
	run made
	echo "$output"
	[[ $output == *$'energy\t720h0m0s'* && $output == *$'energy_1m\t365d'* && $output == *$'energy_1h\t0'* && $output == *$'pipeline\t7d'* ]]
	[[ $(grep -cE '^(energy_1m|energy_1h|energy_1d|energy_1m-late|energy_1h-late|energy_1d-late|pipeline-rabbitmq|pipeline-rabbitmq2|database)-[0-9]+$' <<<"$output") -eq 9 ]]
	[[ $output == *$'settings\t0'* && $(<"$INFLUX_STATE/written") == 'settings: settings limit=4500,zone="Asia/Tokyo" 1' ]]
	# Home looks into it, with eg-insight and without.
	[[ $output == *$'insight\t0'* && ! -e $TOKENS/insight ]]
	# Grafana can read, the consumer write one bucket; neither gets more.
	[[ $output == *$'energyguard-consumer:id\t[write-bucket ]'* ]]
	[[ $output == *$'energyguard-grafana:id:id:id:id:id:id:id\t[read-bucket read-bucket read-bucket read-bucket read-bucket read-bucket read-bucket ]'* ]]
	[[ $(cut -f 4 "$INFLUX_STATE/tokens" | sort) == $(sort "$TOKENS/consumer" "$TOKENS/grafana") ]]
	[[ $(stat -c %a "$TOKENS/grafana") == 444 ]]
	made >"$BATS_TEST_TMPDIR/before"
	cat "$INFLUX_STATE/tokens" "$INFLUX_STATE/tasks" >>"$BATS_TEST_TMPDIR/before"
	rm "$INFLUX_STATE/calls"
	run setup_service
	[[ $status -eq 0 ]]
	diff <(made; cat "$INFLUX_STATE/tokens" "$INFLUX_STATE/tasks") "$BATS_TEST_TMPDIR/before"
	run grep -E 'create|delete' "$INFLUX_STATE/calls"
	[[ $status -eq 1 ]]
}

@test "with eg-insight the set-up makes a token for it" {
	setup_state
	INSIGHT=yes setup_service 2>/dev/null
	run made
	[[ $output == *$'energyguard-insight:id\t[write-bucket ]'* ]]
	[[ $output == *$'energyguard-grafana:id:id:id:id:id:id:id\t['* && -s $TOKENS/insight ]]
}

@test "a set-up that broke off anywhere is completed by the next" {
	local calls n
	setup_state
	setup_service 2>/dev/null
	calls=$(wc -l <"$INFLUX_STATE/calls")
	made >"$BATS_TEST_TMPDIR/whole"
	for ((n = 1; n <= calls; n++)); do
		setup_state
		echo "$n" >"$INFLUX_STATE/fail"
		run --separate-stderr setup_service
		[[ $status -eq 75 && $stderr == *"connection refused"* ]]
		rm "$INFLUX_STATE/fail"
		run setup_service
		[[ $status -eq 0 ]]
		diff <(made) "$BATS_TEST_TMPDIR/whole" || { echo "broken off at call $n"; return 1; }
	done
	((calls > 15))
}

@test "a task whose text has changed is replaced, and a token whose bucket was made anew" {
	setup_state
	setup_service 2>/dev/null
	cp -r compose/influxdb "$BATS_TEST_TMPDIR/changed"
	sed -i 's/^\/\/ Each minute/\/\/ Every minute/' "$BATS_TEST_TMPDIR/changed/energy_1m.flux"
	sed -i 's/^[0-9a-f]*\tenergy\t/00000000000000fe\tenergy\t/' "$INFLUX_STATE/buckets"
	run sh "$BATS_TEST_TMPDIR/changed/setup"
	[[ $status -eq 0 && $output == *"is replaced"* ]]
	[[ $(grep -c $'\tenergy_1m-[0-9]' "$INFLUX_STATE/tasks") -eq 1 && $(wc -l <"$INFLUX_STATE/tasks") -eq 10 ]]
	grep -q "energyguard-consumer:00000000000000fe.*$(<"$TOKENS/consumer")" "$INFLUX_STATE/tokens"
	# So it is with other prices; hours before stay as they were computed.
	PRICES="0.60 0.40 0.30" run setup_service
	[[ $status -eq 0 && $output == *"energy_1h-"*"is replaced"* ]]
	grep -q '^prices = \[0.60, 0.40, 0.30\]$' "$INFLUX_STATE"/energy_1h-[0-9]*.flux
	# A node that is no longer there is not looked at.
	RABBITMQ_NODES=rabbitmq setup_service 2>/dev/null
	[[ $(cut -f 2 "$INFLUX_STATE/tasks" | grep pipeline) =~ ^pipeline-rabbitmq-[0-9]+$ ]]
}

@test "a token that does not fit the volume is told apart, in a sentence that helps" {
	setup_state
	echo other >"$INFLUX_STATE/token"
	run --separate-stderr setup_service
	[[ $status -eq 78 && $stderr == *"the token does not fit"*"compose/.env"* ]]
	INFLUX_TOKEN_FILE=/nonexistent run --separate-stderr setup_service
	[[ $status -eq 78 && $stderr == *"/nonexistent"* ]]
}

# The ranges of what was run, of the task whose text has $1.
ranges() {
	awk -v what="$1" '/^start = /{start = $0} /^stop = /{stop = $0} index($0, what){print start, stop}' "$INFLUX_STATE/queries" |
		grep -oE '[0-9]{4}-[0-9T:-]+Z' | paste - - | uniq
}

@test "the set-up fills a time that was written late day by day, and refuses what is no time" {
	setup_state
	run setup_service fill 2026-01-01T00:20:00Z 2026-02-03T10:40:00Z
	[[ $status -eq 0 ]]
	run grep -cE 'option task = |now\(\), unit: 1d' "$INFLUX_STATE/queries"
	[[ $output == 0 ]]
	grep -q 'name: "Asia/Tokyo"' "$INFLUX_STATE/queries"
	run ranges 'to(bucket: "energy_1m")'
	[[ ${#lines[@]} -eq 34 && ${lines[0]} == $'2026-01-01T00:00:00Z\t2026-01-02T00:00:00Z' && ${lines[33]} == $'2026-02-03T00:00:00Z\t2026-02-03T11:00:00Z' ]]
	# The last reading of the hour before may stand longer, or shorter.
	run ranges 'to(bucket: "energy_1h")'
	[[ ${#lines[@]} -eq 34 && ${lines[0]} == $'2025-12-31T23:00:00Z\t2026-01-01T23:00:00Z' ]]
	# A day is summed whole, and no more than a month is at once.
	run ranges 'to(bucket: "energy_1d")'
	[[ ${#lines[@]} -eq 2 && ${lines[0]} == $'2025-12-31T23:00:00Z\t2026-02-01T00:00:00Z' && ${lines[1]} == *$'\t2026-02-03T11:00:00Z' ]]
	grep -q '^stop = date.truncate(t: date.add(d: 1d, to: 2026-02-03T11:00:00Z), unit: 1d)$' "$INFLUX_STATE/queries"
	for range in "yesterday today" "2026-02-01T00:00:00Z 2026-01-01T00:00:00Z" "2026-13-01T00:00:00Z 2027-01-01T00:00:00Z" nonsense; do
		# shellcheck disable=SC2086 # two words
		run setup_service fill $range
		[[ $status -eq 64 ]] || { echo "$range"; return 1; }
	done
}
