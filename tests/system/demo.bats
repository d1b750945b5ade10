#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a stranger runs first, and the pipelines of README and manual.
# shellcheck disable=SC2154 # run sets stderr

bats_require_minimum_version 1.5.0

setup_file() {
	export PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	export EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
}

teardown_file() {
	eg-lab down >&2
}

@test "the demonstration shows 45 readings from the database, and its servers go on" {
	run --separate-stderr eg-demo "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}"
	echo "$output"
	[[ $status -eq 0 ]]
	[[ $output == *"45 readings made, 45 with a receipt"* ]]
	[[ $output == *"in the database: 45 readings"* ]]
	[[ $output =~ "from making to visible: min "[0-9.]+", median "[0-9.]+", max "[0-9.]+" ms" ]]
	[[ $(grep -cE '^sensor[0-9]+ .* W .* W .* W ' <<<"$output") -eq 15 ]]
	run eg-lab status
	[[ $status -eq 0 && $output == *rabbitmq*running* ]]
}

@test "a drill of other numbers says how many got a receipt" {
	eval "$(eg-lab env)"
	run --separate-stderr eg-drill --sensors 7 --rounds 2 --delay 0 -- --batch 10
	[[ $status -eq 0 && $output == "14 readings made, 14 with a receipt, in "*" s" ]]
	run --separate-stderr eg-drill --rounds 0
	[[ $status -eq 64 && $stderr == *--rounds* ]]
	run --separate-stderr eg-drill -- --queue-type nonsense
	[[ $status -eq 64 ]]
}

# The recipe stands in energyguard(7); what is tested is what is printed there.
recipe() {
	mandoc -Tutf8 "$BATS_TEST_DIRNAME/../../man/energyguard.7" | sed 's/.\x08//g' |
		sed -n '/for f in \*.eg/,/^ *done/p'
}

@test "the manual's recipe for cron keeps readings until the broker is back, each once" {
	eval "$(eg-lab env)"
	cd "$BATS_TEST_TMPDIR"
	recipe >send
	[[ $(wc -l <send) -ge 8 ]]
	sed -i 's/--timeout 50s/--timeout 2s/' send
	eg-lab ctl -q purge_queue misurazioni >&2
	echo 'a:2026-01-01T00:00:00:1' >1.eg
	eg-lab stop rabbitmq >&2
	echo 'a:2026-01-01T00:01:00:2' >2.eg
	run flock -n lock sh send
	[[ -f 1.eg && -f 2.eg ]]
	eg-lab start rabbitmq >&2
	sed -i 's/--timeout 2s/--timeout 50s/' send
	printf 'a:2026-01-01T00:02:00:3\na:2026-02-30T00:00:00:4\n' >3.eg
	run flock -n lock sh send
	[[ $status -eq 0 && -z $(ls ./*.eg 2>/dev/null) ]]
	grep -q 'a:2026-02-30T00:00:00:4' refused
	run --separate-stderr eg-consume --drain
	[[ $status -eq 0 ]]
	[[ $output == $'a:2026-01-01T00:00:00:1\na:2026-01-01T00:01:00:2\na:2026-01-01T00:02:00:3' ]]
}
