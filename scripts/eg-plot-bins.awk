# SPDX-License-Identifier: MIT
# The second pass of eg-plot: `number seconds value`, sorted by both, to what gnuplot
# draws. Only the zone of the environment knows local time; see eg-import-time.awk.
#
# lines: `seconds value`, a sensor a block, an empty line where the line breaks; what
#        falls on one point of the picture becomes its mean
# day:   `hour mean least most`, quarter-hours, a sensor a block
# heat:  `hour day value`, all sensors added up, with the days as numbers since 1970

# How far the clock is ahead of UTC; zones change at quarter-hours.
function shift(t,   k) {
	k = int(t / 900)
	if (!(k in AHEAD))
		AHEAD[k] = ahead(k * 900)
	return AHEAD[k]
}

function put() {
	if (n == 0)
		return
	x = at / n
	if (run && (x - was > gap || x + shift(x) < drawn))
		end_run()
	drawn = x + shift(x)
	height = sum / n
	printf "%.3f %.9g\n", drawn, height
	was = x
	run++
	n = 0
}

# A line of one point would not be seen: it is made a short one.
function end_run() {
	if (run == 1)
		printf "%.3f %.9g\n", drawn + dot, height
	print ""
	run = 0
}

function end_sensor(   i) {
	if (kind == "lines") {
		put()
		end_run()
	}
	if (kind == "day")
		for (i = 0; i < 96; i++)
			if (i in count) {
				printf "%.2f %.9g %.9g %.9g\n", (i + 0.5) / 4, total[i] / count[i], least[i], most[i]
			} else
				print ""
	if (kind != "heat")
		print "\n"
	split("", count)
	split("", total)
}

BEGIN {
	set_up_time("iso")
	kind = ENVIRON["EGP_KIND"]
	gap = ENVIRON["EGP_GAP"] + 0
	width = ENVIRON["EGP_BIN"] + 0
	dot = ENVIRON["EGP_DOT"] + 0
	if (gap < 2 * width) # points are that far apart by themselves
		gap = 2 * width
}

$1 != current {
	if (NR > 1)
		end_sensor()
	current = $1
}

kind == "lines" {
	bin = width ? int($2 / width) : NR
	if (n && bin != in_bin)
		put()
	if (n == 0)
		at = sum = 0
	in_bin = bin
	at += $2
	sum += $3
	n++
	next
}

kind == "day" {
	t = $2 + shift($2)
	i = int((t - floor(t / 86400) * 86400) / 900)
	if (!(i in count) || $3 < least[i]) least[i] = $3
	if (!(i in count) || $3 > most[i]) most[i] = $3
	count[i]++
	total[i] += $3
	next
}

# The mean of a sensor's hour, then the sum over sensors.
{
	h = int(($2 + shift($2)) / 3600)
	if (h != hour || $1 != whose)
		add()
	hour = h
	whose = $1
	hour_sum += $3
	hour_n++
}

function add() {
	if (hour_n)
		heat[hour] += hour_sum / hour_n
	hour_sum = hour_n = 0
}

END {
	if (kind != "heat") {
		end_sensor()
		exit
	}
	add()
	for (h in heat)
		printf "%d %d %.9g\n", h % 24, int(h / 24), heat[h]
}
