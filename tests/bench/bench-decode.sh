#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What meters send to records: eg-decode against jq, which does the same reshape.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-decode.sh BUILD}")
readonly MESSAGES=100000
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

shelly_by_jq() {
	jq -r '"\(.src)/em/0/" as $s | (.params.ts | todate[:19]) as $t | .params["em:0"] |
		"\($s)a_power:\($t):\(.a_act_power)", "\($s)a_voltage:\($t):\(.a_voltage)",
		"\($s)a_current:\($t):\(.a_current)", "\($s)total_power:\($t):\(.total_act_power)"' \
		"$work/shelly"
}
shelly_by_us() { "$bin/eg-decode" shelly2 <"$work/shelly"; }

json_by_jq() {
	jq -r '(.at | todate[:19]) as $t |
		"\(.id)/power:\($t):\(.ac.power)", "\(.id)/voltage:\($t):\(.ac.voltage)"' "$work/json"
}
json_by_us() {
	"$bin/eg-decode" --sensor-path .id --time-path .at --value power=.ac.power \
		--value voltage=.ac.voltage json <"$work/json"
}

# seconds COMMAND: of processor time, the least of three runs.
seconds() {
	local TIMEFORMAT='%U %S'
	for _ in 1 2 3; do
		{ time "$1" >"$work/$1"; } 2>&1 | awk '{ print $1 + $2 }'
	done | sort -n | head -n 1
}

declare -A goal=([shelly]=1000000 [json]=1500000) # messages a second
for what in shelly json; do
	ours=$(seconds ${what}_by_us)
	theirs=$(seconds ${what}_by_jq)
	cmp "$work/${what}_by_us" "$work/${what}_by_jq"
	awk -v what=$what -v n=$MESSAGES -v ours="$ours" -v theirs="$theirs" -v goal="${goal[$what]}" 'BEGIN {
		printf "row\teg-decode, %s\t%.0f messages/s\tjq\t%.1f\t%d messages/s\n", what, n / ours, theirs / ours, goal
		printf "%-6s ours %.0f messages/s, jq %.0f messages/s\n", what, n / ours, n / theirs
		printf "ratio ours/jq %.1f\n", theirs / ours }'
done
