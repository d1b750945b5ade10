# SPDX-License-Identifier: MIT
# The rows of eg-import: CSV fields become records. Options come in EGI_ variables.
#
# Capital names are global. Functions that return 0 or "" have set REASON.

function say(level, text) {
	text = sieve(text, " ")
	print "eg-import: " level ": " text > "/dev/stderr"
}

function quote(s,   n) {
	n = length(s) > 48 ? 48 : length(s)
	while (n < length(s) && n > 44 && substr(s, n + 1, 1) ~ /[\200-\277]/)
		n--
	return "\047" sieve(substr(s, 1, n), "?") "\047" (n < length(s) ? "..." : "")
}

# Refuses the row at hand for good.
function refuse(reason) {
	refused++
	if (REJECTS != "") {
		print "# " shown ":" line ": " reason >> REJECTS
		print raw >> REJECTS
	}
	if (spoilt != "" || refused > 20)
		return
	say("warning", shown ":" line ": " reason ": " quote(raw))
	if (refused == 20)
		say("warning", "from here on refused rows are counted, not shown")
}

# Spoils the rest of a file, whose rows are refused without a message of their own.
function spoil(reason) {
	say("warning", shown ":" line ": " reason "; its rows are refused")
	spoilt = reason
	unfit++
}

function clean(s) {
	if (s ~ /^="[^"]*"$/) # how some exports keep a spreadsheet from taking digits for a number
		s = substr(s, 3, length(s) - 3)
	if (s ~ /^[ \t]|[ \t]$/) {
		sub(/^[ \t]+/, "", s)
		sub(/[ \t]+$/, "", s)
	}
	return s
}

# Parts s into F[1..n]; returns n, or 0 with REASON set.
function cut(s,   n, i, field) {
	if (!index(s, "\""))
		return split(s, F, DELIMITER)
	for (n = 1; ; n++) {
		if (substr(s, 1, 1) != "\"") {
			i = index(s, DELIMITER)
			F[n] = i ? substr(s, 1, i - 1) : s
		} else {
			field = ""
			s = substr(s, 2)
			while ((i = index(s, "\"")) && substr(s, i + 1, 1) == "\"") {
				field = field substr(s, 1, i)
				s = substr(s, i + 2)
			}
			if (!i) {
				REASON = "a quote is not closed"
				return 0
			}
			F[n] = field substr(s, 1, i - 1)
			s = substr(s, i + 1)
			i = s == "" ? 0 : 1
			if (i && substr(s, 1, 1) != DELIMITER) {
				REASON = "text behind a closing quote"
				return 0
			}
		}
		if (!i)
			return n
		s = substr(s, i + 1)
	}
}

# Moves the decimal point of s, a number, by n places to the right.
function shift_point(s, n,   sign, i, e, whole, part) {
	if (match(s, /[eE]/))
		return substr(s, 1, RSTART) (substr(s, RSTART + 1) + n)
	sign = s ~ /^[-+]/ ? substr(s, 1, 1) : ""
	s = substr(s, length(sign) + 1)
	i = index(s, ".")
	whole = i ? substr(s, 1, i - 1) : s
	part = i ? substr(s, i + 1) : ""
	for (; n > 0; n--) {
		whole = whole (part == "" ? "0" : substr(part, 1, 1))
		part = substr(part, 2)
	}
	for (; n < 0; n++) {
		part = (whole == "" ? "0" : substr(whole, length(whole))) part
		whole = substr(whole, 1, length(whole) - 1)
	}
	sub(/^0+/, "", whole)
	return sign (whole == "" ? "0" : whole) (part == "" ? "" : "." part)
}

# Makes s, shifted by n places, VALUE; 0 with REASON set when it is not a number.
function number(s, n,   x) {
	REASON = "not a decimal number"
	if (COMMA && index(s, "."))
		return 0
	if (COMMA)
		sub(/,/, ".", s)
	if (s !~ /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$/)
		return 0
	VALUE = n ? shift_point(s, n) : s
	REASON = "the number is too long"
	if (length(VALUE) > 64)
		return 0
	REASON = "the number is too large"
	x = VALUE + 0
	return x <= 1.7976931348623157e308 && x >= -1.7976931348623157e308
}

# Takes the bytes that a sensor cannot hold out of s, each for an underscore.
function safe(s) {
	if (s !~ /[:\200-\377]|[^ -~]|^#/)
		return s
	gsub(/:/, "_", s)
	sub(/^(#|\357\273\277)/, "_", s)
	return sieve(s, "_")
}

# The sensor of column i where base names the rows sensor; "" with REASON set.
function sensor(base, i,   key, name) {
	key = base SUBSEP i
	if (key in NAME)
		return NAME[key]
	name = base (base != "" && SUFFIX[i] != "" ? "/" : "") SUFFIX[i]
	REASON = "the sensor has no name"
	if (name == "")
		return ""
	name = PREFIX name
	key = name SUBSEP i
	name = safe(name)
	REASON = "the name of the sensor is longer than 255 bytes"
	if (length(name) > 255)
		return ""
	if (!(name in OWNER))
		OWNER[name] = key
	REASON = "two sensors would both be named " quote(name)
	if (OWNER[name] != key)
		return ""
	return NAME[base SUBSEP i] = name
}

# Whether the column named h is the one that spec asks for. The fixed formats
# have a remark in parentheses behind the name.
function is_column(h, spec) {
	return h "" == spec "" || FORMAT != "csv" && index(h, spec " (") == 1
}

# Why there is no column of that name.
function no_column(spec,   i) {
	for (i = 1; i <= width; i++)
		if (!is_utf8(HEAD[i]))
			return "the header is not UTF-8; convert the file first, as with iconv -f latin1 -t utf8"
	return "no column is named " quote(spec)
}

# The number of the column that spec names; 0 when the file is spoilt by it.
function column(spec,   i, found) {
	if (spec ~ /^[0-9]+$/) {
		if (spec + 0 >= 1 && spec + 0 <= width)
			return spec + 0
		spoil("no column " spec)
		return 0
	}
	for (i = 1; i <= width; i++)
		if (is_column(HEAD[i], spec)) {
			if (found) {
				spoil("two columns are named " quote(spec))
				return 0
			}
			found = i
		}
	if (!found)
		spoil(no_column(spec))
	return found
}

# Finds the columns in F[1..n], the header, or a row when there is none.
function set_columns(n,   i) {
	width = n
	for (i = 1; i <= n; i++)
		HEAD[i] = HEADER ? clean(F[i]) : "column" i
	if (n > 1 && HEAD[n] == "")
		width = n - 1
	if (!(time_at = column(TIME_SPEC)))
		return
	if (SENSOR_SPEC != "" && !(sensor_at = column(SENSOR_SPEC)))
		return
	for (i = 1; i <= values; i++) {
		if (!(AT[i] = column(SPEC[i])))
			return
		SUFFIX[i] = GIVEN[i] != "" || (values == 1 && SENSOR SENSOR_SPEC != "") ? GIVEN[i] : HEAD[AT[i]]
	}
	phase = ""
	if (FORMAT == "shelly-em3" && match(HEAD[AT[1]], /\(.*\)$/))
		phase = substr(HEAD[AT[1]], RSTART + 1, RLENGTH - 2)
}

# A row's records, all of them or none.
function take(n,   i, base, name, out, count, empty) {
	rows++
	if (spoilt != "") {
		refuse(spoilt)
		return
	}
	if (n == width + 1 && F[n] == "")
		n = width
	if (n != width) {
		refuse(n " columns where " width " are wanted")
		return
	}
	base = sensor_at ? clean(F[sensor_at]) : FORMAT == "shelly-em3" ? phase : SENSOR
	for (i = 1; i <= values; i++)
		empty += (CELL[i] = clean(F[AT[i]])) == ""
	if (clean(F[time_at]) == "" && empty == values) {
		blank += empty
		return
	}
	if (!instant(clean(F[time_at]), TIME_FORMAT, base)) {
		refuse(REASON)
		return
	}
	if ((FROM != "" && TIME "" < FROM "") || (TO != "" && TIME "" >= TO "")) {
		outside++
		return
	}
	for (i = 1; i <= values; i++) {
		if (CELL[i] == "")
			continue
		REASON = "the sensor has no name"
		if ((sensor_at && base == "") || (name = sensor(base, i)) == "" || !number(CELL[i], SHIFT[i])) {
			refuse(REASON)
			return
		}
		out = out name ":" TIME ":" VALUE "\n"
		count++
	}
	blank += empty
	records += count
	printf "%s", out
}

function read_line(s,   n) {
	if (line == 1) {
		sub(/^\357\273\277/, "", s)
		if (s ~ /^(\377\376|\376\377)/)
			spoil("this is UTF-16; convert it to UTF-8 first")
	}
	sub(/\r$/, "", s)
	if (s ~ /^[ \t]*$/)
		return
	n = spoilt == "" ? cut(s) : 1
	if (width == 0 && spoilt == "") {
		if (n)
			set_columns(n)
		else
			spoil(REASON)
		if (HEADER)
			return
	}
	if (n)
		take(n)
	else {
		rows++
		refuse(REASON)
	}
}

# All state that belongs to one file begins anew.
function read_file(name,   source, got, k) {
	source = name == "-" ? "/dev/stdin" : name
	shown = sieve(name, " ")
	spoilt = ""
	line = width = 0
	for (k in NAME)
		delete NAME[k]
	for (k in LAST)
		delete LAST[k]
	for (k in PASS)
		delete PASS[k]
	while ((got = (getline raw < source)) > 0) {
		line++
		read_line(raw)
	}
	if (got < 0) {
		say("fatal", "cannot read " quote(name))
		return 0
	}
	if (source != "/dev/stdin") # which mawk 1.3.4 cannot close without crashing
		close(source)
	return 1
}

# A time given with --from or --to.
function bound(option,   s) {
	s = ENVIRON["EGI_" toupper(option)]
	if (s == "")
		return ""
	if (instant(s, "iso", option))
		return TIME
	say("fatal", "--" option ": " quote(s) ": " REASON "; see eg-import --help")
	exit status = 64
}

function set_up(   i, n, k, given) {
	FORMAT = ENVIRON["EGI_FORMAT"]
	TIME_SPEC = ENVIRON["EGI_TIME"]
	SENSOR = ENVIRON["EGI_SENSOR"]
	SENSOR_SPEC = ENVIRON["EGI_SENSOR_COLUMN"]
	TIME_FORMAT = ENVIRON["EGI_TIME_FORMAT"]
	DELIMITER = ENVIRON["EGI_DELIMITER"]
	COMMA = ENVIRON["EGI_COMMA"] + 0
	HEADER = ENVIRON["EGI_HEADER"] + 0
	PREFIX = ENVIRON["EGI_PREFIX"]
	REJECTS = ENVIRON["EGI_REJECTS"]
	set_up_text()
	if (!set_up_time(TIME_FORMAT)) {
		say("fatal", "--time-format: " quote(TIME_FORMAT) ": see eg-import(1) for what it may hold")
		exit status = 64
	}
	values = split(ENVIRON["EGI_VALUES"], SPEC, "\n")
	for (i = 1; i <= values; i++) {
		if (k = index(SPEC[i], "=")) {
			GIVEN[i] = substr(SPEC[i], 1, k - 1)
			SPEC[i] = substr(SPEC[i], k + 1)
		}
		SHIFT[i] = ENVIRON["EGI_SHIFT"] + 0
		if (FORMAT != "csv" && !sub("_" ENVIRON["EGI_FROM_UNIT"] "$", "_" ENVIRON["EGI_TO_UNIT"], GIVEN[i]))
			SHIFT[i] = 0
	}
	FROM = bound("from")
	TO = bound("to")
}

BEGIN {
	set_up()
	if (ARGC == 1)
		ok = read_file("-")
	for (a = 1; a < ARGC; a++)
		if (!(ok = read_file(ARGV[a])))
			break
	if (refused > 20)
		say("warning", sprintf("%.0f rows refused in all", refused))
	if (blank)
		say("warning", sprintf("%.0f empty values skipped", blank))
	if (ENVIRON["EGI_VERBOSE"] + 0)
		say("info", sprintf("%.0f rows: %.0f records, %.0f rows outside --from and --to, %.0f refused", \
		    rows, records, outside, refused))
	exit !ok ? 74 : refused || unfit ? 65 : 0
}
