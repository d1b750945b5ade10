#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What meters send to records: eg-decode against jq, which does the same reshape, and against a bare
# loop that knows the text of the messages and checks nothing: what any decoder must do, reading,
# the time of each message, and writing.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-decode.sh BUILD}")
# shellcheck source=tests/bench/turns.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/turns.bash"
readonly MESSAGES=300000 PEER_MESSAGES=20000 # jq is slow
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C TZ=UTC
cd "$work"

awk -v n=$MESSAGES 'BEGIN { for (i = 0; i < n; i++)
	printf "{\"src\":\"shellypro3em-%d\",\"dst\":\"x/events\",\"method\":\"NotifyStatus\"," \
	    "\"params\":{\"ts\":%d,\"em:0\":{\"id\":0,\"a_act_power\":%d.5,\"a_voltage\":230.1," \
	    "\"a_current\":1.25,\"total_act_power\":%d.75}}}\n", i % 100, 1700000000 + i, i, i
}' >shelly
awk -v n=$MESSAGES 'BEGIN { for (i = 0; i < n; i++)
	printf "{\"id\":\"meter%d\",\"at\":%d,\"ac\":{\"power\":%d.5,\"voltage\":230.1}}\n",
	    i % 100, 1700000000 + i, i
}' >json

for what in shelly json; do head -n $PEER_MESSAGES $what >$what.some; done

# All of a file by us and the loop, some of it by us and jq.
shelly_by_us() { "$bin/eg-decode" shelly2 <shelly; }
shelly_by_loop() { "$bin/tests/bench_decode" shelly <shelly; }
shelly_some() { "$bin/eg-decode" shelly2 <shelly.some; }
shelly_by_jq() {
	jq -r '"\(.src)/em/0/" as $s | (.params.ts | todate[:19]) as $t | .params["em:0"] |
		"\($s)a_power:\($t):\(.a_act_power)", "\($s)a_voltage:\($t):\(.a_voltage)",
		"\($s)a_current:\($t):\(.a_current)", "\($s)total_power:\($t):\(.total_act_power)"' \
		shelly.some
}

json() {
	"$bin/eg-decode" --sensor-path .id --time-path .at --value power=.ac.power \
		--value voltage=.ac.voltage json
}
json_by_us() { json <json; }
json_by_loop() { "$bin/tests/bench_decode" json <json; }
json_some() { json <json.some; }
json_by_jq() {
	jq -r '(.at | todate[:19]) as $t |
		"\(.id)/power:\($t):\(.ac.power)", "\(.id)/voltage:\($t):\(.ac.voltage)"' json.some
}

declare -A goal=([shelly]=1000000 [json]=1500000) # messages a second
for what in shelly json; do
	processor_turns ${what}_by_us ${what}_by_loop |
		report_turns "eg-decode, $what" $MESSAGES 'bare loop' "${goal[$what]} messages/s" messages
	cmp ${what}_by_us ${what}_by_loop
	processor_turns ${what}_some ${what}_by_jq |
		report_turns "eg-decode, $what" $PEER_MESSAGES jq '' messages
	cmp ${what}_some ${what}_by_jq
done
