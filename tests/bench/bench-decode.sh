#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What meters send to records: eg-decode against jq, which does the same reshape, and against a bare
# loop that knows the text of the messages and checks nothing: what any decoder must do, reading,
# the time of each message, and writing.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-decode.sh BUILD}")
readonly MESSAGES=500000 PEER_MESSAGES=50000
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C TZ=UTC

awk -v n=$MESSAGES 'BEGIN { for (i = 0; i < n; i++)
	printf "{\"src\":\"shellypro3em-%d\",\"dst\":\"x/events\",\"method\":\"NotifyStatus\"," \
	    "\"params\":{\"ts\":%d,\"em:0\":{\"id\":0,\"a_act_power\":%d.5,\"a_voltage\":230.1," \
	    "\"a_current\":1.25,\"total_act_power\":%d.75}}}\n", i % 100, 1700000000 + i, i, i
}' >"$work/shelly"
awk -v n=$MESSAGES 'BEGIN { for (i = 0; i < n; i++)
	printf "{\"id\":\"meter%d\",\"at\":%d,\"ac\":{\"power\":%d.5,\"voltage\":230.1}}\n",
	    i % 100, 1700000000 + i, i
}' >"$work/json"

for what in shelly json; do head -n $PEER_MESSAGES "$work/$what" >"$work/$what.some"; done

shelly_by_jq() {
	jq -r '"\(.src)/em/0/" as $s | (.params.ts | todate[:19]) as $t | .params["em:0"] |
		"\($s)a_power:\($t):\(.a_act_power)", "\($s)a_voltage:\($t):\(.a_voltage)",
		"\($s)a_current:\($t):\(.a_current)", "\($s)total_power:\($t):\(.total_act_power)"' \
		"$1"
}
shelly_by_us() { "$bin/eg-decode" shelly2 <"$1"; }
shelly_by_loop() { "$bin/tests/bench_decode" shelly <"$1"; }

json_by_jq() {
	jq -r '(.at | todate[:19]) as $t |
		"\(.id)/power:\($t):\(.ac.power)", "\(.id)/voltage:\($t):\(.ac.voltage)"' "$1"
}
json_by_us() {
	"$bin/eg-decode" --sensor-path .id --time-path .at --value power=.ac.power \
		--value voltage=.ac.voltage json <"$1"
}
json_by_loop() { "$bin/tests/bench_decode" json <"$1"; }

# seconds COMMAND FILE: of processor time, the least of three runs.
seconds() {
	local TIMEFORMAT='%U %S'
	for _ in 1 2 3; do
		{ time "$1" "$work/$2" >"$work/$1"; } 2>&1 | awk '{ print $1 + $2 }'
	done | sort -n | head -n 1
}

# report WHAT PEER MESSAGES OURS THEIRS GOAL
report() {
	awk -v what="$1" -v peer="$2" -v n="$3" -v ours="$4" -v theirs="$5" -v goal="$6" 'BEGIN {
		printf "row\teg-decode, %s\t%.0f messages/s\t%s\t%.2f\t%s\n", what, n / ours, peer, theirs / ours, goal
		printf "%-6s ours %.0f messages/s, %s %.0f messages/s\n", what, n / ours, peer, n / theirs
		printf "ratio ours/%s %.2f\n", peer, theirs / ours }'
}

declare -A goal=([shelly]=1000000 [json]=1500000) # messages a second
for what in shelly json; do
	ours=$(seconds ${what}_by_us $what)
	theirs=$(seconds ${what}_by_loop $what)
	cmp "$work/${what}_by_us" "$work/${what}_by_loop"
	report $what 'bare loop' $MESSAGES "$ours" "$theirs" "${goal[$what]} messages/s"
	ours=$(seconds ${what}_by_us $what.some)
	theirs=$(seconds ${what}_by_jq $what.some)
	cmp "$work/${what}_by_us" "$work/${what}_by_jq"
	report $what jq $PEER_MESSAGES "$ours" "$theirs" ''
done
