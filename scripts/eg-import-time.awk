# SPDX-License-Identifier: MIT
# The times of eg-import: what a row shows becomes UTC as a record has it.
#
# Only strftime(), in the zone of the environment, knows about time zones; mktime()
# cannot tell the two passes through a repeated hour apart. Capital names are global:
# functions that return 0 have set REASON.

# Days from 1970-01-01 to a date of the Gregorian calendar, or "" with REASON set.
function day(y, m, d,   k, leap, era, in_era) {
	k = y "-" m "-" d
	if (k in DAY)
		return DAY[k]
	y += 0; m += 0; d += 0
	leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)
	REASON = "no such day"
	if (m < 1 || m > 12 || d < 1 || d > MONTH_DAYS[m] + (m == 2 && leap))
		return ""
	REASON = "the year is not in 1678..2261"
	if (y < 1678 || y > 2261)
		return ""
	if (m <= 2)
		y--
	era = int(y / 400)
	in_era = y - era * 400
	return DAY[k] = era * 146097 + in_era * 365 + int(in_era / 4) - int(in_era / 100) + \
	    int((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + d - 719469
}

function floor(x,   i) {
	i = int(x)
	return i > x ? i - 1 : i
}

# The date of a day number, as text.
function date(n,   z, era, in_era, y, d, m) {
	if (n in DATE)
		return DATE[n]
	z = n + 719468
	era = floor(z / 146097)
	in_era = z - era * 146097
	y = int((in_era - int(in_era / 1460) + int(in_era / 36524) - int(in_era / 146096)) / 365)
	d = in_era - (365 * y + int(y / 4) - int(y / 100))
	m = int((5 * d + 2) / 153)
	d = d - int((153 * m + 2) / 5) + 1
	m = m < 10 ? m + 3 : m - 9
	return DATE[n] = sprintf("%04d-%02d-%02d", y + era * 400 + (m <= 2), m, d)
}

# Sets SECONDS, as the clock of the row shows them, since 1970; 0 with REASON set
# when there is no such date or time of day.
function set_clock(d, h, m, s) {
	if (d == "")
		return 0
	REASON = "no such time of day"
	if (h + 0 > 23 || m + 0 > 59 || s + 0 > 59)
		return 0
	SECONDS = d * 86400 + h * 3600 + m * 60 + s
	return 1
}

function set_fraction(s) {
	sub(/0+$/, "", s)
	FRACTION = s
	REASON = "more than nine digits in a fraction of a second"
	return length(s) <= 9
}

# Sets OFFSET in seconds from Z, +hh:mm, +hhmm or +hh.
function set_offset(s,   h, m) {
	REASON = "not a zone offset"
	if (s == "Z" || s == "z") {
		OFFSET = 0
		return 1
	}
	if (s !~ /^[-+][0-9][0-9](:?[0-9][0-9])?$/)
		return 0
	h = substr(s, 2, 2) + 0
	m = length(s) > 3 ? substr(s, length(s) - 1) + 0 : 0
	OFFSET = (h * 3600 + m * 60) * (substr(s, 1, 1) == "-" ? -1 : 1)
	return h <= 23 && m <= 59
}

function parse_iso(s,   d, rest, sec) {
	REASON = "not an ISO 8601 date and time"
	if (s !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]/)
		return 0
	d = substr(s, 1, 10)
	rest = substr(s, 12)
	if (length(s) > 10 && s !~ /^..........[Tt ][0-9][0-9]:[0-9][0-9]/)
		return 0
	d = day(substr(d, 1, 4), substr(d, 6, 2), substr(d, 9, 2))
	if (length(s) == 10)
		return set_clock(d, 0, 0, 0)
	sec = 0
	s = substr(rest, 6)
	if (s ~ /^:[0-9][0-9]/) {
		sec = substr(s, 2, 2)
		s = substr(s, 4)
		if (match(s, /^[.,][0-9]+/)) {
			if (!set_fraction(substr(s, 2, RLENGTH - 1)))
				return 0
			s = substr(s, RLENGTH + 1)
		}
	}
	if (s != "" && !set_offset(s))
		return 0
	return set_clock(d, substr(rest, 1, 2), substr(rest, 4, 2), sec)
}

# Reads seconds since 1970, or as many digits more as the unit has (3: milliseconds), which
# become seconds on their text.
function parse_epoch(s, digits,   i) {
	REASON = "not a number of " UNITS[digits] " since 1970"
	if (s !~ /^[0-9]+(\.[0-9]+)?$/ || (digits && index(s, ".")))
		return 0
	if (digits) {
		s = "000000000" s
		s = substr(s, 1, length(s) - digits) "." substr(s, length(s) - digits + 1)
	}
	i = index(s, ".")
	if (i && !set_fraction(substr(s, i + 1)))
		return 0
	s = i ? substr(s, 1, i - 1) : s
	sub(/^0+/, "", s) # busybox would take it for octal
	REASON = too_large(length(s), digits)
	if (length(s) > 11)
		return 0
	SECONDS = s + 0
	OFFSET = 0
	return 1
}

# Why a number with so many digits before the point is no time: now has ten as seconds.
function too_large(n, digits,   unit) {
	unit = digits + (n > 17 ? 9 : n > 14 ? 6 : 3)
	if (unit > 9)
		return "too large for a number of " UNITS[digits] " since 1970"
	return "too large for " UNITS[digits] "; for " UNITS[unit] ": --time-format " FORMATS[unit]
}

# Turns --time-format into steps KIND[] and, for literal text, TEXT[].
function compile(s,   c) {
	gsub(/%F/, "%Y-%m-%d", s)
	gsub(/%T/, "%H:%M:%S", s)
	gsub(/%R/, "%H:%M", s)
	while (s != "") {
		c = substr(s, 1, 1)
		s = substr(s, 2)
		KIND[++steps] = c == " " ? " " : "="
		TEXT[steps] = c
		if (c == "%") {
			c = substr(s, 1, 1)
			s = substr(s, 2)
			if (c == "" || !index("YymdbeHIpMSfzs%", c))
				return 0
			if (c != "%")
				KIND[steps] = c == "e" ? "d" : c
			HAS[c == "e" ? "d" : c] = 1
		}
	}
	return ("s" in HAS) || (("Y" in HAS || "y" in HAS) && ("m" in HAS || "b" in HAS) && "d" in HAS)
}

function month(s,   i) {
	i = index("janfebmaraprmayjunjulaugsepoctnovdec", tolower(s))
	return i % 3 == 1 ? int(i / 3) + 1 : 0
}

# Reads s by the steps of compile().
function parse_steps(s,   i, k, p, v) {
	v["H"] = v["M"] = v["S"] = 0
	for (i = 1; i <= steps; i++) {
		k = KIND[i]
		REASON = "the time is not of the form in --time-format"
		if (k == "=") {
			if (substr(s, 1, 1) != TEXT[i])
				return 0
			s = substr(s, 2)
			continue
		}
		p = k in PATTERN ? PATTERN[k] : "^[0-9][0-9]?"
		if (!match(s, p))
			return 0
		v[k] = substr(s, 1, RLENGTH)
		s = substr(s, RLENGTH + 1)
		if (k == "z" && !set_offset(v[k]) || k == "f" && !set_fraction(v[k]) || \
		    k == "s" && !parse_epoch(v[k], 0))
			return 0
	}
	if (s != "")
		return 0
	if ("s" in HAS)
		return 1
	if ("y" in HAS)
		v["Y"] = v["y"] + (v["y"] < 69 ? 2000 : 1900)
	if ("b" in HAS)
		v["m"] = month(v["b"])
	if ("I" in HAS) {
		REASON = "no such time of day"
		if (v["I"] < 1 || v["I"] > 12)
			return 0
		v["H"] = v["I"] % 12 + (tolower(v["p"]) == "pm" ? 12 : 0)
	}
	return set_clock(day(v["Y"], v["m"], v["d"]), v["H"], v["M"], v["S"])
}

# How far the clocks of the zone are ahead of UTC at instant t.
function ahead(t,   p) {
	split(strftime("%Y %m %d %H %M %S", t), p, " ")
	return day(p[1], p[2], p[3]) * 86400 + p[4] * 3600 + p[5] * 60 + p[6] - t
}

# Makes SECONDS, shown by the clocks of the zone, an instant. key stands for the
# rows whose order tells the first pass through a repeated hour from the second.
function from_local(key,   n, d1, d2, was1, was2) {
	n = floor(SECONDS / 86400)
	if (!(n in BEFORE)) { # the offset on both sides of the day, wherever the zone is
		BEFORE[n] = ahead(n * 86400 - 54000)
		AFTER[n] = ahead(n * 86400 + 140400)
	}
	d1 = BEFORE[n]
	d2 = AFTER[n]
	REASON = "awk cannot convert local times so far away"
	if (d1 * d1 > 1e10 || d2 * d2 > 1e10)
		return 0
	if (d1 != d2) {
		was1 = ahead(SECONDS - d1) == d1
		was2 = ahead(SECONDS - d2) == d2
		REASON = "no such local time: the clocks were put forward"
		if (!was1 && !was2)
			return 0
		if (was1 && was2)
			return from_repeated(key, d1, d2)
		if (was2)
			d1 = d2
	}
	LAST[key] = SECONDS
	PASS[key] = 0
	SECONDS -= d1
	return 1
}

# The same for a time that the clocks showed twice, first d1 and then d2 ahead of
# UTC. Rows that come newest first go through it backwards.
function from_repeated(key, d1, d2,   back) {
	if (PASS[key] == 0 || LAST[key] - SECONDS > 86400 || SECONDS - LAST[key] > 86400) {
		BACKWARDS[key] = (key in LAST) && LAST[key] > SECONDS && LAST[key] - SECONDS < 86400
		PASS[key] = 1
	} else if (BACKWARDS[key] ? SECONDS >= LAST[key] : SECONDS <= LAST[key])
		PASS[key]++
	REASON = "a local time that the clocks show twice comes a third time"
	if (PASS[key] > 2)
		return 0
	LAST[key] = SECONDS
	back = BACKWARDS[key]
	SECONDS -= (PASS[key] == 1) != back ? d1 : d2
	return 1
}

# Reads a time into TIME, as records have it; 0 with REASON set when it is none.
function instant(s, format, key,   ok, n) {
	FRACTION = OFFSET = ""
	if (format == "iso")
		ok = parse_iso(s)
	else if (format in DIGITS)
		ok = parse_epoch(s, DIGITS[format])
	else
		ok = parse_steps(s)
	if (!ok)
		return 0
	if (OFFSET != "")
		SECONDS -= OFFSET
	else if (LOCAL && !from_local(key))
		return 0
	REASON = "the time is out of the range 1678..2261"
	if (SECONDS < -9214560000 || SECONDS >= 9214646400)
		return 0
	n = floor(SECONDS / 86400)
	SECONDS -= n * 86400
	if (!(SECONDS in CLOCK))
		CLOCK[SECONDS] = sprintf("T%02d:%02d:%02d", int(SECONDS / 3600), \
		    int(SECONDS / 60) % 60, SECONDS % 60)
	TIME = date(n) CLOCK[SECONDS] (FRACTION == "" ? "" : "." FRACTION)
	return 1
}

function set_up_unit(digits, format, name) {
	DIGITS[format] = digits
	FORMATS[digits] = format
	UNITS[digits] = name
}

# Call once before all else; 0 when format is not one.
function set_up_time(format) {
	set_up_unit(0, "epoch", "seconds")
	set_up_unit(3, "epoch-ms", "milliseconds")
	set_up_unit(6, "epoch-us", "microseconds")
	set_up_unit(9, "epoch-ns", "nanoseconds")
	LOCAL = ENVIRON["TZ"] != "UTC"
	split("31 28 31 30 31 30 31 31 30 31 30 31", MONTH_DAYS, " ")
	PATTERN[" "] = "^[ \t]+"
	PATTERN["Y"] = "^[0-9][0-9][0-9][0-9]"
	PATTERN["b"] = "^[A-Za-z][A-Za-z][A-Za-z]"
	PATTERN["p"] = "^[AaPp][Mm]"
	PATTERN["f"] = "^[0-9]+"
	PATTERN["s"] = "^[0-9]+"
	PATTERN["z"] = "^([Zz]|[-+][0-9][0-9](:?[0-9][0-9])?)"
	return format == "iso" || (format in DIGITS) || compile(format)
}
