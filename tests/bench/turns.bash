# SPDX-License-Identifier: MIT
# What two programs took for the same work, turn by turn: medians of rates and of ratios.
# The ratio of each turn counts, so a machine that is slow for a while hurts both alike.

# For awk: sorts a[1] to a[n].
readonly AWK_SORT='
	function sort(a, n,  i, j, t) {
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && a[j] < a[j - 1]; j--) {
				t = a[j]; a[j] = a[j - 1]; a[j - 1] = t
			}
	}'

# Prints `OURS PEER` for report_turns: the seconds of processor time of five turns of two commands.
# The output of each is in a file of the command's name.
processor_turns() { # OURS PEER
	local TIMEFORMAT='%U %S'
	for _ in 1 2 3 4 5; do
		{ time "$1" >"$1"; time "$2" >"$2"; } 2>&1 | awk '{ print $1 + $2 }' | paste -sd ' '
	done
}

# Prints `OURS PEER` for report_turns: what two commands print. Which of them is first takes turns:
# the second may find servers still at work for the first.
in_turn() { # RUN OURS PEER
	local ours peer
	if (($1 % 2)); then
		peer=$($3)
		ours=$($2)
	else
		ours=$($2)
		peer=$($3)
	fi
	printf '%s %s\n' "$ours" "$peer"
}

# Reads `OURS PEER`, seconds for so many records each, a turn a line. Prints the medians, and the
# row for the table of tests/bench/run.
report_turns() { # TITLE RECORDS PEER [GOAL [UNIT]]
	awk -v title="$1" -v n="$2" -v peer="$3" -v goal="${4-}" -v unit="${5:-records}" "$AWK_SORT"'
		{ ours[NR] = n / $1; other[NR] = n / $2; ratio[NR] = $2 / $1 }
		END {
			sort(ours, NR); sort(other, NR); sort(ratio, NR); m = int((NR + 1) / 2)
			printf "%s: %.0f %s/s, %s %.0f, ratio %.2f (%.2f to %.2f)\n", title, ours[m], unit,
				peer, other[m], ratio[m], ratio[1], ratio[NR]
			printf "row\t%s\t%.0f %s/s\t%s\t%.2f\t%s\n", title, ours[m], unit, peer,
				ratio[m], goal
		}'
}
