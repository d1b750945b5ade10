# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Runs eg-import on CSV files, for the tests that load this file.
# shellcheck disable=SC2016,SC2034,SC2154,SC2164 # bats and the tests use some

load is

setup() {
	PATH="$EG_BIN:$PATH"
	DATA="${EG_SHARED:-$BATS_TEST_DIRNAME/../../../shared}/data"
	cd "$BATS_TEST_TMPDIR"
}

# Runs `eg-import csv` with the arguments; standard input is $1.
import() {
	local input=$1
	shift
	printf '%b' "$input" >input.csv
	run --separate-stderr eg-import csv "$@" input.csv
}

need_data() {
	if [ ! -e "$DATA/$1" ]; then
		echo "# WARNING: $1 is not there: real data NOT tested" >&3
		skip "no $DATA/$1 (set EG_SHARED)"
	fi
}

# Adds the values of the sensors matching $1 in hundredths or, with $2, other parts.
sum() {
	awk -F: -v sensor="$1" -v parts="${2:-100}" '$1 ~ sensor { split($NF, p, ".")
		f = substr(p[2] "000", 1, length(parts) - 1); s += p[1] * parts + (1 f) - parts; n++ }
		END { printf "%d %.0f\n", n, s }'
}

shelly() {
	need_data "shelly_em3_phase$1.csv"
	eg-import --sort --unique --to 2025-05-19 shelly-em3 "$DATA/shelly_em3_phase$1.csv" >out
	is "$(sum import_wh <out)" "50976 $2"
	is "$(sum export_wh <out)" "50976 0"
	is "$(head -n 1 out)" "shelly/$1/export_wh:2024-05-30T00:00:00:0.00"
	is "$(tail -n 1 out | cut -d: -f1-4)" "shelly/$1/import_wh:2025-05-18T23:50:00"
	is "$(cut -d: -f2-4 out | LC_ALL=C sort -c 2>&1)" ""
	is "$(cut -d: -f1-4 out | sort | uniq -d)" ""
}
