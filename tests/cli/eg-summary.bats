#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What eg-summary tells of a store, as text and as a page in a browser. Needs no server.
# shellcheck disable=SC2154,SC2164 # bats sets stderr; cd fails the test
bats_require_minimum_version 1.5.0
load is

setup() {
	PATH="$EG_BIN:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	cd "$BATS_TEST_TMPDIR"
	printf '%s\n' 'roof W pv' 'house W house' 'old W device' >meters
	printf '%s\n' 'price all 0.25' >tariff
}

# power SENSOR W FROM TO: a reading each 10 minutes, TO included.
power() {
	/usr/bin/python3 -c 'import sys
from datetime import *
t, end = (datetime.fromisoformat(a) for a in sys.argv[3:])
while t <= end:
    print(f"{sys.argv[1]}:{t:%Y-%m-%dT%H:%M:%S}:{sys.argv[2]}")
    t += timedelta(minutes=10)' "$@"
}

# Wednesday, 18 March 2026, is the day of the summary; the month before it has 28 days.
fill() {
	{ power house 1000 2026-02-01T00:00 2026-03-15T23:50
		power house 2000 2026-03-16T00:00 2026-03-17T17:50
		power house 3000 2026-03-17T18:00 2026-03-17T19:00
		power house 2000 2026-03-17T19:10 2026-03-18T12:00
		power roof 500 2026-02-01T00:00 2026-03-15T12:00; echo old:2026-01-05T00:00:00:1
		echo house:2026-03-18T13:00:00:9000000; } | eg-store a.db >/dev/null
}

@test "the week and the month against the last, by the same time, from known sums" {
	fill
	run --separate-stderr eg-summary -a '2026-03-18 12:00' -M meters -t tariff a.db
	[[ $status -eq 0 && -z $stderr ]]
	[[ ${lines[0]} == 'Energy on Wednesday, 18 March 2026, 12:00, UTC' ]]
	# 60 hours of 2 kW, and one more kW for 70 minutes: 19:00 stands until 19:10.
	week=$(sed -n '/^This week, from Monday, 16 March/,/^This month/p' <<<"$output")
	[[ $week =~ house\ +121.2\ +60.0\ +\+102\ %\ +30.29\ +15.00 ]]
	[[ $week =~ roof\ +-\ +30.0\ +-\ +-\ +- ]]
	# 15 days of 24 kWh and the week; the last month up to the 18th, 12:00.
	month=$(sed -n '/^This month, from 1 March/,/^Load/p' <<<"$output")
	[[ $month =~ house\ +481.2\ +420.0\ +\+15\ %\ +120.29\ +105.00 ]]
	[[ $month =~ roof\ +174.0\ +210.0\ +-17\ %\ +-\ +- ]]
	[[ $output =~ house\ +3.00\ +Tue\ 17\ Mar\ 18:00\ +1.00 ]]
	silent=$(sed -n '/^Silent/,/^The last/p' <<<"$output")
	[[ $silent =~ old\ +before\ +1\ Feb\ 2026 && $silent =~ roof\ +Sun\ 15\ Mar\ 12:00 &&
		$silent != *house* ]]
	# What is later than the summary is not in it; what has no cost is not in the bars.
	[[ $output != *9000* && $output =~ 2026-03-18\ Wed\ .*\ 24.00 ]]
}

@test "the cost has the table's tax and fees, and sums are exact to a cent" {
	fill
	printf '%s\n' 'price all 0.25' 'fee day 0.5' 'fee month 10' 'vat 22' >tariff
	run --separate-stderr eg-summary -a '2026-03-18 12:00' -M meters -t tariff a.db
	[[ $status -eq 0 && -z $stderr ]]
	# 121.1667 kWh * 0.25 + 3 * 0.5, and 60 * 0.25 + 3 * 0.5, with 22 %.
	week=$(sed -n '/^This week/,/^This month/p' <<<"$output")
	[[ $week =~ house\ +121.2\ +60.0\ +\+102\ %\ +38.79\ +20.13 ]]
	# 481.1667 * 0.25 + 18 * 0.5 + 10, and 420 * 0.25 + 18 * 0.5 + 10.
	month=$(sed -n '/^This month/,/^Load/p' <<<"$output")
	[[ $month =~ house\ +481.2\ +420.0\ +\+15\ %\ +169.94\ +151.28 ]]
}

@test "days and times are those of the zone" {
	fill
	run --separate-stderr eg-summary -a '2026-03-18 13:00' -z Europe/Rome -M meters a.db
	[[ ${lines[0]} == *'13:00, Europe/Rome' && $output =~ house\ +3.00\ +Tue\ 17\ Mar\ 19:00 ]]
	# Monday began an hour earlier, with 1 kW; without prices there is no cost.
	[[ $output =~ house\ +122.2\ +61.0\ +\+100\ % && $output != *cost* ]]
}

@test "while an hour is running, the last week and month end at the same minute, and it is no load" {
	power house 1000 2026-02-01T00:00 2026-03-01T05:30 | eg-store a.db >/dev/null
	printf '%s\n' 'price all 0.25' 'fee day 1' >tariff
	run --separate-stderr eg-summary -a '2026-03-01 05:30' -t tariff a.db
	[[ $status -eq 0 && -z $stderr ]]
	is "$(grep -E '^  house +[0-9]' <<<"$output")" '  house   149.5      149.5     0 %  44.38      44.38
  house   5.5         5.5     0 %  2.38        2.38
  house      1.00  Sun  1 Mar 04:00       1.00'
	# In the first hour of a month fees count once.
	power house 1000 2026-01-01T00:00 2026-02-01T00:10 | eg-store b.db >/dev/null
	run --separate-stderr eg-summary -a '2026-02-01 00:10' -t tariff b.db
	[[ $status -eq 0 && -z $stderr && $output =~ house\ +0\.2\ +0\.2\ +0\ %\ +1\.04\ +1\.04 ]]
	[[ $(sed -n '/^Load/,/^Silent/p' <<<"$output") == *none* ]]
}

@test "what is later than the summary changes nothing: a price of tomorrow, a clock that is ahead" {
	power c 1000 2024-10-01T00:00 2024-11-05T00:00 >readings
	printf '%s\n' 'c W device' 'price* none none' 'ahead W device' >meters
	awk '$0 <= "c:2024-10-28T14:20:00:1000"' readings | eg-store then.db >/dev/null
	eg-store all.db <readings >/dev/null
	cp then.db price.db
	echo price/nl:2024-10-28T23:00:00:0.25 | eg-store price.db >/dev/null
	cp then.db ahead.db
	power ahead 100 2024-10-28T15:00 2024-10-28T15:10 | eg-store ahead.db >/dev/null
	eg-summary -M meters -a '2024-10-28 14:20' then.db >want
	grep -q '^  c  *14\.3  *14\.3  *0 %$' want
	for db in all price ahead; do
		eg-summary -M meters -a '2024-10-28 14:20' $db.db | diff want -
	done
	# Before a sensor's first reading it is not silent: it is not known.
	run --separate-stderr eg-summary -M meters -a '2024-09-05 12:00' all.db
	[[ $status -eq 0 && $output != *before* && $output != *'  c '* ]]
}

@test "after a clock change the last week ends at the same time of its days" {
	power c 1000 2024-10-20T00:00 2024-11-04T00:00 | eg-store a.db >/dev/null
	# 27 October had 25 hours.
	run --separate-stderr eg-summary -z Europe/Rome -a '2024-11-03 14:00' a.db
	[[ $status -eq 0 && $output =~ '  c '\ +158\.0\ +159\.0\ +-1\ % ]]
}

@test "at midnight it is the week and the month that have ended" {
	power c 1000 2024-08-20T00:00 2024-10-02T00:00 | eg-store a.db >/dev/null
	run --separate-stderr eg-summary -a '2024-09-30 00:00' a.db
	[[ $status -eq 0 && $output == *'This week, from Monday, 23 September'* ]]
	[[ $output =~ '  c '\ +168\.0\ +168\.0\ +0\ % ]]
	run --separate-stderr eg-summary -a '2024-10-01 00:00' a.db
	[[ $output == *'This month, from 1 September'* && $output =~ '  c '\ +720\.0\ +288\.0\ +\+150\ % ]]
}

@test "the last reading of a sensor is an instant, in whatever zone it was written" {
	printf '%s\n' west:2026-03-18T03:00:00-08:00:1 east:2026-03-18T14:00:00+09:00:1 \
		utc:2026-03-18T10:30:00.5Z:1e300 plain:2026-03-18T03:00:00:1 | eg-store a.db >/dev/null
	run --separate-stderr eg-summary -q 6 -a '2026-03-18 13:00' -z Europe/Rome a.db
	[[ $status -eq 0 || $status -eq 65 ]]
	is "$(sed -n '/^Silent/,/^The last/p' <<<"$output" | grep :)" \
		$'  east    Wed 18 Mar 06:00\n  plain   Wed 18 Mar 04:00'
}

@test "files of meters and prices may be pipes, and have the line ends of Windows" {
	fill
	printf 'zone Europe/Rome\r\nprice all 0.25\r\n' >crlf
	run --separate-stderr eg-summary -a '2026-03-18 13:00' -M meters -t crlf a.db
	[[ $status -eq 0 && -z $stderr && ${lines[0]} == *'13:00, Europe/Rome' ]]
	[[ $output =~ house\ +122.2\ +61.0\ +\+100\ %\ +30.54\ +15.25 ]]
	local whole=$output
	run --separate-stderr eg-summary -a '2026-03-18 13:00' -M <(cat meters) -t <(cat crlf) a.db
	[[ $status -eq 0 && -z $stderr && $output == "$whole" ]]
}

@test "the page of HTML is one file that a browser shows, and no name breaks it" {
	fill
	power 'a<b>&"c"' 100 2026-03-17T00:00 2026-03-18T12:00 | eg-store a.db >/dev/null
	eg-summary -H -a '2026-03-18 12:00' -t tariff a.db >page.html
	[[ $(grep -c '<table>' page.html) -eq 4 && $(grep -c '^<p><img alt="' page.html) -eq 1 ]]
	[[ $(grep -c 'prefers-color-scheme: dark' page.html) -eq 1 ]]
	run grep -E 'https?://|a<b>' page.html
	[[ $status -eq 1 ]]
	command -v chromium >/dev/null || skip "no chromium: the page was NOT seen in a browser"
	timeout 120 chromium --headless --no-sandbox --disable-gpu --dump-dom "file://$PWD/page.html" >dom 2>/dev/null 3>&-
	grep -qF '<tr><th scope="row">a&lt;b&gt;&amp;"c"</th><td>3.6</td>' dom
}

@test "what turns the direction of writing is ? in the page" {
	local rlo=$'\xe2\x80\xae' pdi=$'\xe2\x81\xa9'
	for sensor in "a${rlo}b" c; do power "$sensor" 100 2026-03-17T00:00 2026-03-18T12:00; done |
		eg-store a.db >/dev/null
	printf '%s\n' "c W device Café – Σ${pdi}ש" '* W device' >named
	for form in '' -H; do
		# shellcheck disable=SC2086 # an option or none
		run --separate-stderr eg-summary $form -a '2026-03-18 12:00' -M named a.db
		[[ $status -eq 0 && $output == *'a?b'* && $output == *'Café – Σ?ש'* ]]
		[[ $output != *"$rlo"* && $output != *"$pdi"* ]]
	done
}

@test "names of the file of meters stand in place of sensors, in text and in HTML" {
	fill
	power 'a[b] c' 100 2026-03-17T00:00 2026-03-18T12:00 | eg-store a.db >/dev/null
	power d1 100 2026-03-17T00:00 2026-03-18T12:00 | eg-store a.db >/dev/null
	power d2 100 2026-03-17T00:00 2026-03-18T12:00 | eg-store a.db >/dev/null
	power own 100 2026-03-17T00:00 2026-03-18T12:00 | eg-store a.db >/dev/null
	# The first line that matches counts, with a name or without; two sensors have one name.
	printf '%b\n' '# pattern kind role name' 'ro[!x]f\tW pv\tRoof <b>&"1"' 'h* W house House, all \r' 'own W device' \
		'house W house Wrong' 'a\\[b]\\ c W device  Caf\xc3\xa9' 'd? W device Twin' '* W none old' >named
	run --separate-stderr eg-summary -a '2026-03-18 12:00' -M named a.db
	[[ $status -eq 0 && -z $stderr ]]
	week=$(sed -n '/^This week, from Monday, 16 March/,/^This month/p' <<<"$output")
	[[ $week =~ '  House, all   '\ +121.2\ +60.0 && $week =~ '  Roof <b>&"1" '\ +-\ +30.0 ]]
	[[ $week =~ '  Café '\ +3.6 && $week =~ '  d1 '\ +3.6 && $week =~ '  d2 '\ +3.6 && $week =~ '  own '\ +3.6 ]]
	[[ $output =~ 'House, all   '\ +3.00\ +Tue\ 17\ Mar\ 18:00 && $output =~ 'Roof <b>&"1"'\ +Sun\ 15\ Mar ]]
	[[ $output != *Twin* && $output != *Wrong* && $output =~ old\ +before ]]
	# The bars have them, too.
	[[ $output != *house* && $output != *roof* && $(grep -c 'House, all' <<<"$output") -eq 4 ]]
	run --separate-stderr eg-summary -s -H -a '2026-03-18 12:00' -M named a.db
	[[ $status -eq 0 && $output == *'<th scope="row">Roof &lt;b&gt;&amp;&quot;1&quot;</th><td>-</td><td>30.0</td>'* ]]
	[[ $output == *'<th scope="row">Café</th><td>3.6</td>'* && $output != *'Roof <b>'* && $output != *'>roof<'* ]]
	[[ $output == *'<th scope="row">Café_export</th><td>0.0</td>'* ]]
}

@test "sensors that look like numbers are told apart" {
	for sensor in 0 1 01 1.0; do power $sensor 100 2026-03-17T00:00 2026-03-18T12:00; done |
		eg-store a.db >/dev/null
	run --separate-stderr eg-summary -a '2026-03-18 12:00' a.db
	[[ $status -eq 0 && -z $stderr ]]
	[[ $(grep -cE '^  (0|1|01|1\.0) +0\.10  Wed 18 Mar 11:00 +0\.10$' <<<"$output") -eq 4 ]]
}

@test "a sensor whose name ends in _export is its own, and the longest has a name, too" {
	local long
	long=$(printf '%0251d' 0)
	for sensor in a a_export "$long"; do
		power "$sensor" 100 2026-03-17T00:00 2026-03-18T12:00
	done | eg-store a.db >/dev/null
	printf '%s\n' 'a W device Car' '0* W device Long' '* W device' >named
	run --separate-stderr eg-summary -a '2026-03-18 12:00' -M named a.db
	[[ $status -eq 0 && $output == *'  Car '* && $output == *'  a_export '* &&
		$output == *'  Long '* && $output != *Car_* && $output != *000000* ]]
	printf '%s\n' 'a W device Car' 'a_export W device Feed' >named
	run --separate-stderr eg-summary -a '2026-03-18 12:00' -M named a.db
	[[ $status -eq 0 && $output == *'  Car '* && $output == *'  Feed '* && $output != *_export* ]]
}

@test "an empty month, a store without readings and output that is full" {
	fill
	run --separate-stderr eg-summary -a '2027-03-18 12:00' -M meters a.db
	[[ $status -eq 0 && $output == *'none'* && $output =~ house\ +before ]]
	run eg-summary -H -a '2027-03-18 12:00' -M meters a.db
	[[ $status -eq 0 && $output == *'<p>None.</p>'* && $output != *'<img'* ]]
	run bash -c 'eg-summary -M meters a.db >/dev/full'
	[[ $status -eq 74 ]]
	run --separate-stderr eg-summary none.db
	[[ $status -eq 78 && -z $output && $stderr == *none.db* ]]
	run --separate-stderr eg-summary -z Nowhere/X a.db
	[[ $status -eq 78 && -z $output && $stderr == *Nowhere/X* ]]
	run --separate-stderr eg-summary -M none a.db
	[[ $status -eq 78 && -z $output && $stderr == *none* ]]
}

@test "wrong usage is one line and 64" {
	local args
	while IFS= read -r args; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr eg-summary $args
		[[ $status -eq 64 && -z $output && ${#stderr_lines[@]} -eq 1 ]] || { echo "$args: $status $stderr"; return 1; }
	done <<-'END'

		--nonsense a.db
		a.db b.db
		-a
		-a nonsense a.db
		-q 0 a.db
	END
}
