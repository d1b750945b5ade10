#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Powers to hours: eg-energy against a bare loop that checks nothing, and mawk, on the same
# records; registers, 100,000 sensors in turn and in random order, and eg-tariff with Italy's
# bands, by themselves.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-energy.sh BUILD}")
readonly ROUNDS=${EG_BENCH_ROUNDS:-200000} # of 15 sensors
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C TZ=UTC

"$bin/eg-sim" -p household -n 15 -r "$ROUNDS" -s 2026-01-01T00:00:00 -t 10s -S 1 |
	sort -t: -k1,1 -k2 >"$work/records"
awk -F: -v OFS=: '{ sum[$1] += $NF / 360; $NF = sprintf("%.3f", sum[$1]); print }' "$work/records" >"$work/registers"
awk -F: -v OFS=: '{ $1 = $1 "_kwh"; $NF = sprintf("%.3f", $NF / 4000); print }' <(
	"$bin/eg-sim" -p household -n 15 -r "$ROUNDS" -s 2025-01-01T00:00:00 -t 15m -S 1 | sort -t: -k1,1 -k2) >"$work/slots"
tariff=$(dirname -- "$0")/../../scripts/tariffs/italy-bands.conf
"$bin/eg-sim" -n 100000 -r 10 -s 2026-01-01T00:00:00 -t 10s -S 1 >"$work/sensors"
# The rounds stay in order, the sensors of each are shuffled.
awk 'BEGIN { srand(1) } { printf "%d %.9f %s\n", (NR - 1) / 100000, rand(), $0 }' "$work/sensors" |
	sort -k1,1n -k2,2 | cut -d' ' -f3- >"$work/shuffled"

with_ours() { "$bin/eg-energy" -e 1h <"$work/records"; }
with_bare() { "$bin/tests/bench_energy" <"$work/records"; }
with_mawk() {
	mawk -F: '{ h = $2 ":00:00"; s = $3 * 60 + $4
		if ($1 == last) { d = s - before; if (d < 0) d += 3600; sum[$1 ":" hour] += value * d }
		last = $1; before = s; value = $NF; hour = h }
		END { for (k in sum) print k ":" sum[k] / 3.6e6 }' "$work/records"
}
with_registers() { "$bin/eg-energy" --from Wh -e 1h <"$work/registers"; }
with_tariff() { "$bin/eg-tariff" -e 15m "$tariff" <"$work/slots"; }
with_shuffled() { "$bin/eg-energy" -e 1m <"$work/shuffled"; }
with_sensors() { "$bin/eg-energy" -e 1m <"$work/sensors"; }

# seconds COMMAND: of processor time, the least of three runs.
seconds() {
	local TIMEFORMAT='%U %S'
	for _ in 1 2 3; do
		{ time "$1" >"$work/$1"; } 2>&1 | awk '{ print $1 + $2 }'
	done | sort -n | head -n 1
}

rate() { # NAME SECONDS FILE
	awk -v name="$1" -v s="$2" -v n="$(wc -l <"$3")" 'BEGIN { printf "%-9s %.1f M records/s\n", name, n / s / 1e6 }'
}

ours=$(seconds with_ours)
bare=$(seconds with_bare)
mawk=$(seconds with_mawk)
cmp <(sort "$work/with_ours") <(sort "$work/with_bare")
rate ours "$ours" "$work/records"
rate bare "$bare" "$work/records"
rate mawk "$mawk" "$work/records"
awk -v o="$ours" -v b="$bare" -v m="$mawk" 'BEGIN { printf "ratio ours/bare %.2f\nratio ours/mawk %.1f\n", b / o, m / o }'
awk -v o="$ours" -v b="$bare" -v n="$(wc -l <"$work/records")" 'BEGIN {
	printf "row\teg-energy\t%.1f M records/s\tbare loop\t%.2f\t\n", n / o / 1e6, b / o }'
rate registers "$(seconds with_registers)" "$work/registers"
sensors=$(seconds with_sensors)
shuffled=$(seconds with_shuffled)
rate sensors "$sensors" "$work/sensors"
rate shuffled "$shuffled" "$work/shuffled"
awk -v a="$sensors" -v b="$shuffled" 'BEGIN {
	printf "row\teg-energy, 100,000 sensors in random order\t%.1f M records/s\tin turn: %.1f M\t%.2f\t\n",
		1 / b, 1 / a, a / b }'
rate tariff "$(seconds with_tariff)" "$work/slots"
printf 'memory for 100,000 sensors: '
/usr/bin/time -f '%M KiB' "$bin/eg-energy" -e 1m <"$work/sensors" 2>&1 >/dev/null | tail -n 1
