# SPDX-License-Identifier: MIT
# The first pass of eg-plot: records to `number seconds value`, tab between, where number
# stands for the sensor; which is which, and how much each has, goes to EGP_SENSORS as
# `number count mean sensor`. Needs eg-text.awk and eg-import-time.awk beside it. Status 65 when a line
# was refused.

function refuse(why) {
	refused++
	if (refused <= 5)
		printf "eg-plot: warning: line %d: %s\n", NR, why >"/dev/stderr"
}

# A record's timestamp is stricter than what eg-import reads.
function seconds(s) {
	REASON = "not a timestamp"
	if (s !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][Tt][0-9][0-9]:[0-9][0-9]:[0-9][0-9]/)
		return 0
	if (substr(s, 20) !~ /^(\.[0-9]+)?([Zz]|[-+][0-9][0-9]:[0-9][0-9])?$/)
		return 0
	FRACTION = OFFSET = ""
	if (!parse_iso(s))
		return 0
	SECONDS -= OFFSET
	return 1
}

BEGIN {
	set_up_text()
	set_up_time("iso")
	wanted = split(ENVIRON["EGP_WANTED"], list, "\n")
	for (i = 1; i <= wanted; i++)
		want[list[i]] = 1
	OFS = "\t"
}

# The last line is the mark that was put behind the input; what stands before it there
# had no newline.
$0 == "\002" { next }
$0 == "" || /^#/ { next }
/\002$/ { refuse("the last line has no newline"); next }
length($0) > 1023 { refuse("longer than 1024 bytes"); next }
{
	first = index($0, ":")
	match($0, /:[^:]*$/)
	last = RSTART
	if (first < 2 || last <= first) { refuse("not sensor:timestamp:value"); next }
	sensor = substr($0, 1, first - 1)
	value = substr($0, last + 1)
	if (length(sensor) > 255 || sieve(sensor, ":") != sensor) { refuse("not a sensor"); next }
	if (length(value) > 64 || value !~ /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$/) {
		refuse("not a value")
		next
	}
	if (value + 0 > 1e30 || value + 0 < -1e30) { refuse("a value too large to draw"); next }
	if (!seconds(substr($0, first + 1, last - first - 1))) { refuse(REASON); next }
	if (wanted && !(sensor in want))
		next
	if (!(sensor in number)) {
		number[sensor] = ++sensors
		name[sensors] = sensor
	}
	n = number[sensor]
	count[n]++
	sum[n] += value
	printf "%d\t%.3f\t%s\n", n, SECONDS + ("0." FRACTION "0"), value + 0
}

END {
	for (i = 1; i <= sensors; i++)
		printf "%d\t%d\t%.9g\t%s\n", i, count[i], sum[i] / count[i], name[i] >ENVIRON["EGP_SENSORS"]
	if (refused > 5)
		printf "eg-plot: warning: %d lines were refused in all\n", refused >"/dev/stderr"
	exit refused ? 65 : 0
}
