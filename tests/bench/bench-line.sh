#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Records to line protocol: ours, a bare loop, mawk and mlr, on the same records.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-line.sh BUILD}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C TZ=UTC
readonly PEER_RECORDS=100000 # mlr is slow

"$bin/eg-sim" --rounds 40000 --start 2023-11-14T22:13:20 --step 1s --seed 1 >"$work/records"
head -n $PEER_RECORDS "$work/records" >"$work/some"

# The same conversion, checked in the same manner as far as the tool can.
with_mawk() {
	mawk '{
		sensor = $0; sub(/:.*/, "", sensor)
		value = $0; sub(/.*:/, "", value)
		time = substr($0, length(sensor) + 2, 19)
		if (value !~ /^[-+]?[0-9]+(\.[0-9]+)?$/ || time !~ /^[0-9-]+T[0-9:]+$/) next
		gsub(/[-T:]/, " ", time)
		print "energy,sensor=" sensor " value=" value " " mktime(time)
	}' "$work/some"
}

with_mlr() {
	mlr --inidx --ifs ';' --onidx put -q 'begin { @n = 0 }
		parts = splitax($1, ":");
		print "energy,sensor=" . parts[1] . " value=" . parts[5] . " " .
			strptime(parts[2] . ":" . parts[3] . ":" . parts[4], "%Y-%m-%dT%H:%M:%S")' \
		"$work/some"
}

# seconds COMMAND...: of processor time, the median of five runs.
seconds() {
	local TIMEFORMAT='%U %S'
	for _ in 1 2 3 4 5; do
		{ time "$@" >"$work/out"; } 2>&1 | awk '{ print $1 + $2 }'
	done | sort -n | sed -n 3p
}

report=$("$bin/tests/bench_line" "$work/records" || true)
echo "$report"
ours=$(awk '$1 == "ours" { print $2 }' <<<"$report")
awk '{ rate[$1] = $2 } END { if (rate["bare"] > 0)
	printf "row\tvalidate and convert\t%.1f M records/s\tbare loop\t%.2f\t0.85\n", rate["ours"],
		rate["ours"] / rate["bare"] }' <<<"$report"
for peer in mawk mlr; do
	s=$(seconds "with_$peer")
	(($(wc -l <"$work/out") == PEER_RECORDS))
	awk -v peer="$peer" -v n=$PEER_RECORDS -v s="$s" -v ours="$ours" 'BEGIN {
		rate = n / s / 1e6
		printf "%-7s %.2f M records/s\nratio ours/%s %.0f\n", peer, rate, peer, ours / rate
		printf "row\tvalidate and convert\t%s M records/s\t%s\t%.0f\t\n", ours, peer, ours / rate
	}'
done
