#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Powers to hours: eg-energy against a bare loop that checks nothing, and mawk, on the same
# records; registers, 100,000 sensors in turn and in random order, and eg-tariff with Italy's
# bands, by themselves.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-energy.sh BUILD}")
# shellcheck source=tests/bench/turns.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/turns.bash"
readonly ROUNDS=${EG_BENCH_ROUNDS:-80000} # of 15 sensors
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C TZ=UTC
tariff=$(realpath -- "$(dirname -- "$0")/../../scripts/tariffs/italy-bands.conf")
cd "$work"

"$bin/eg-sim" -p household -n 15 -r "$ROUNDS" -s 2026-01-01T00:00:00 -t 10s -S 1 |
	sort -t: -k1,1 -k2 >records
awk -F: -v OFS=: '{ sum[$1] += $NF / 360; $NF = sprintf("%.3f", sum[$1]); print }' records >registers
awk -F: -v OFS=: '{ $1 = $1 "_kwh"; $NF = sprintf("%.3f", $NF / 4000); print }' <(
	"$bin/eg-sim" -p household -n 15 -r "$ROUNDS" -s 2025-01-01T00:00:00 -t 15m -S 1 | sort -t: -k1,1 -k2) >slots
"$bin/eg-sim" -n 100000 -r 10 -s 2026-01-01T00:00:00 -t 10s -S 1 >sensors
# The rounds stay in order, the sensors of each are shuffled.
awk 'BEGIN { srand(1) } { printf "%d %.9f %s\n", (NR - 1) / 100000, rand(), $0 }' sensors |
	sort -k1,1n -k2,2 | cut -d' ' -f3- >shuffled

with_ours() { "$bin/eg-energy" -e 1h <records; }
with_bare() { "$bin/tests/bench_energy" <records; }
with_mawk() {
	mawk -F: '{ h = $2 ":00:00"; s = $3 * 60 + $4
		if ($1 == last) { d = s - before; if (d < 0) d += 3600; sum[$1 ":" hour] += value * d }
		last = $1; before = s; value = $NF; hour = h }
		END { for (k in sum) print k ":" sum[k] / 3.6e6 }' records
}
with_registers() { "$bin/eg-energy" --from Wh -e 1h <registers; }
with_tariff() { "$bin/eg-tariff" -e 15m "$tariff" <slots; }
with_shuffled() { "$bin/eg-energy" -e 1m <shuffled; }
with_sensors() { "$bin/eg-energy" -e 1m <sensors; }

# The rate of a command that has no peer: of its processor time, the least of three runs.
rate() { # NAME COMMAND FILE
	local TIMEFORMAT='%U %S'
	for _ in 1 2 3; do
		{ time "$2" >out; } 2>&1 | awk '{ print $1 + $2 }'
	done | sort -n | awk -v name="$1" -v n="$(wc -l <"$3")" '
		NR == 1 { printf "%s: %.0f records/s\n", name, n / $1 }'
}

processor_turns with_ours with_bare | report_turns eg-energy $((ROUNDS * 15)) 'bare loop'
cmp <(sort with_ours) <(sort with_bare)
processor_turns with_ours with_mawk | report_turns eg-energy $((ROUNDS * 15)) mawk
processor_turns with_shuffled with_sensors |
	report_turns 'eg-energy, 100,000 sensors in random order' 1000000 'in turn'
rate 'eg-energy, registers' with_registers registers
rate eg-tariff with_tariff slots
printf 'memory for 100,000 sensors: '
/usr/bin/time -f '%M KiB' "$bin/eg-energy" -e 1m <sensors 2>&1 >/dev/null | tail -n 1
