# SPDX-License-Identifier: MIT
# eg-plot --kind heat in characters: `hour day value`, sorted by day, to a row a day and
# two columns an hour. Needs eg-import-time.awk beside it.

{
	value[$2, $1] = $3
	if (NR == 1) {
		least = most = $3
		first = $2
	}
	if ($3 < least) least = $3
	if ($3 > most) most = $3
	last = $2
}

END {
	marks = split(". : - = + * # %", mark, " ")
	print "            00    03    06    09    12    15    18    21"
	for (d = first; d <= last; d++) {
		row = date(d) "  "
		for (h = 0; h < 24; h++) {
			if (!((d, h) in value)) {
				row = row "  "
				continue
			}
			part = most > least ? (value[d, h] - least) / (most - least) : 0
			row = row mark[int(part * (marks - 0.001)) + 1] " "
		}
		sub(/ +$/, "", row)
		print row
	}
	printf "%s from %.4g, %s to %.4g %s\n", mark[1], least, mark[marks], most, ENVIRON["UNIT"]
}
