#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What eg-plot draws, and what it says of bad input. Needs gnuplot.
# shellcheck disable=SC2154,SC2164 # bats sets stderr; cd fails the test
bats_require_minimum_version 1.5.0

setup() {
	PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	cd "$BATS_TEST_TMPDIR"
	export TMPDIR=$BATS_TEST_TMPDIR/work
	mkdir "$TMPDIR"
}

# Nothing is left of an eg-plot that has ended, however it did.
teardown() {
	[[ -z $(ls -A "$BATS_TEST_TMPDIR/work") ]]
}

house() { eg-sim --profile household --seed 1 --start 2026-03-27T00:00:00 --step 10m --sensors 2 --prefix house "$@"; }

is_png() { [[ $(head -c 8 "$1" | od -An -tx1) == ' 89 50 4e 47 0d 0a 1a 0a' ]]; }

# Width and height, from the picture's header.
size() { printf '%dx%d' "0x$(od -An -tx1 -j16 -N4 "$1" | tr -d ' ')" "0x$(od -An -tx1 -j20 -N4 "$1" | tr -d ' ')"; }

# How many pieces the line of the first sensor is drawn in, with its sample in the key.
pieces() { sed -n "/stroke='rgb( 59/,/'\/>/p" "$1" | grep -oE 'M[0-9.,]+ L' | wc -l; }

@test "each kind becomes a PNG of the size that is asked for, and an SVG with the sensors' names" {
	house --rounds 600 >records
	for kind in lines day heat; do
		run --separate-stderr eg-plot --kind $kind --output $kind.png --size 640x360 records
		[[ $status -eq 0 && -z $output && -z $stderr ]]
		is_png $kind.png
		[[ $(size $kind.png) == 640x360 && $(stat -c %s $kind.png) -gt 4000 ]]
		run --separate-stderr eg-plot --kind $kind --output $kind.svg --title 'a <title>' --unit VA records
		[[ $status -eq 0 && -z $stderr ]]
		python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' $kind.svg
		grep -q 'a &lt;title' $kind.svg
		grep -q 'VA' $kind.svg
	done
	grep -q 'house1' lines.svg
	grep -q 'house2' day.svg
}

@test "without an output it draws in the terminal, as large as is asked for" {
	house --rounds 50 >records
	run --separate-stderr eg-plot --size 60x15 records
	[[ $status -eq 0 && -z $stderr && ${#lines[@]} -le 15 ]]
	[[ $output == *house1* && $output == *house2* && $output == *"time, UTC"* ]]
	[[ $(wc -L <<<"$output") -le 60 ]]
	run --separate-stderr eg-plot --kind day --size 60x15 - <records
	[[ $status -eq 0 && $output == *"time of day"* ]]
}

@test "a heat map of a year is drawn, and of more sensors than a pipe holds" {
	eg-sim --profile household --seed 1 --start 2025-01-01T00:00:00 --step 1h --rounds 8760 --sensors 1 >records
	# Distinct sensors make the list that is cut to the highest longer than a pipe.
	eg-sim --sensors 5000 --rounds 1 --start 2025-01-01T00:00:00 --prefix a-rather-long-name-of-a-sensor- >many
	for records in records many; do
		for kind in heat lines; do
			run --separate-stderr eg-plot --kind $kind --output $kind.svg "$records"
			[[ $status -eq 0 && -s $kind.svg ]]
			rm $kind.svg
		done
	done
}

@test "a sensor whose name a terminal would obey is refused, a name in UTF-8 is drawn" {
	printf '%b:2026-01-01T00:00:00:1\n' 'a\xc2\x9b31m' 'a\x9b31m' 'a\x1b[31m' potência >records
	run --separate-stderr eg-plot --size 60x15 records
	[[ $status -eq 65 && ${#stderr_lines[@]} -eq 3 && $output == *potência* && $output != *31m* ]]
}

@test "what a picture replaces keeps its kind: a link, a FIFO" {
	house --rounds 6 >records
	mkdir pictures
	echo old >pictures/old.svg
	ln -s pictures/old.svg link.svg
	mkfifo fifo.svg
	eg-plot --output link.svg records
	[[ -L link.svg ]]
	grep -q '<svg' pictures/old.svg
	[[ $(ls pictures) == old.svg && $(stat -c %a pictures/old.svg) == "$(printf %o $((0666 & ~$(umask))))" ]]
	timeout 30 cat fifo.svg >got & reader=$!
	timeout 30 eg-plot --output fifo.svg records
	wait $reader
	[[ -p fifo.svg ]]
	grep -q "<svg" got
}

@test "the heat map in characters has a row a day, and a hole for what is not there" {
	for h in 00 01 02 03; do
		echo "a:2026-03-29T$h:30:00:10"
	done >records
	echo 'a:2026-03-31T23:00:00:90' >>records
	run --separate-stderr eg-plot --kind heat <records
	[[ $status -eq 0 && ${#lines[@]} -eq 6 ]]
	[[ ${lines[2]} == '2026-03-29  . . . .' ]]
	[[ ${lines[3]} == '2026-03-30' ]]
	[[ ${lines[4]} == "2026-03-31  $(printf '  %.0s' {1..23})%" ]]
	[[ ${lines[5]} == '. from 10, % to 90 W' ]]
	# At 2 in Rome the clock was put forward: there is no such hour.
	run --separate-stderr eg-plot --kind heat --tz Europe/Rome <records
	[[ ${lines[2]} == '2026-03-29    .   . . .' ]]
}

@test "hours of several sensors are added up, after the mean of each" {
	printf 'a:2026-01-01T00:%02d:00:10\n' 0 20 40 >records
	printf 'b:2026-01-01T00:%02d:00:%d\n' 0 1 30 3 >>records
	run --separate-stderr eg-plot --kind heat <records
	[[ ${lines[3]} == '. from 12, % to 12 W' ]]
}

@test "a line breaks where readings are missing, and only there" {
	for m in 00 05 10 15 50 55; do
		echo "a:2026-01-01T00:$m:00:$((10#$m))"
	done >records
	eg-plot --output gap.svg records
	eg-plot --output whole.svg --gap 3600 records
	eg-plot --output all.svg --gap 60 records
	# A reading alone is a point.
	[[ $(pieces whole.svg) -eq 2 && $(pieces gap.svg) -eq 3 && $(pieces all.svg) -eq 7 ]]
	# The order of the input does not matter.
	sort -r records | eg-plot --output reverse.svg
	diff <(grep -v gnuplot gap.svg) <(grep -v gnuplot reverse.svg)
}

@test "only the sensors that are asked for are drawn, and of many the highest" {
	house --rounds 3 >records
	eg-plot --sensor house2 --output one.svg records
	run grep -c 'house1' one.svg
	[[ $output == 0 ]]
	grep -q 'house2' one.svg
	run --separate-stderr eg-plot --sensor nobody records
	[[ $status -eq 65 && $stderr == *"no record of that sensor"* ]]
	eg-sim --sensors 20 --rounds 1 --delay 0 >many
	echo 'giant:2026-01-01T00:00:00:9999' >>many
	run --separate-stderr eg-plot --output many.svg many
	[[ $status -eq 0 && $stderr == *"5 sensors are left out"* ]]
	grep -q giant many.svg
}

@test "a sensor's name is text, whatever is in it" {
	printf '%s\n' "it's \$HOME \`id\` %s _{x} \\n \"q\" & <b>:2026-01-01T00:00:00:1" "caffè:2026-01-01T00:01:00:2" >records
	run --separate-stderr eg-plot --output names.svg records
	[[ $status -eq 0 && -z $stderr ]]
	grep -qF "it's \$HOME \`id\` %s _{x} \\n" names.svg
	grep -q 'caffè' names.svg
}

@test "bad records are told of by line, counted, and the rest is drawn" {
	printf '%s\n' 'a:2026-01-01T00:00:00:1' '# note' '' nonsense 'a:2026-02-30T00:00:00:1' \
		'a:2026-01-01T00:00:00:1,5' ':2026-01-01T00:00:00:1' 'a:2026-01-01:1' 'a:2026-01-01T00:00:00:nan' \
		'a:2026-01-01T01:00:00+01:00:.5e1' >records
	echo 'a:2026-01-01T00:00:00:1e300' >>records
	printf 'a\0b:2026-01-01T00:00:00:1\n%01100d\na:2026-01-01T00:03:00:4' 0 >>records
	run --separate-stderr eg-plot --output x.png records
	[[ $status -eq 65 && -z $output ]]
	is_png x.png
	[[ ${stderr_lines[0]} == "eg-plot: warning: line 4: not sensor:timestamp:value" ]]
	[[ ${stderr_lines[1]} == "eg-plot: warning: line 5: no such day" ]]
	[[ ${#stderr_lines[@]} -eq 6 && ${stderr_lines[5]} == *"10 lines were refused in all" ]]
}

@test "nothing to draw is no picture" {
	run --separate-stderr eg-plot --output x.png </dev/null
	[[ $status -eq 65 && ! -e x.png && $stderr == "eg-plot: fatal: no record to draw" ]]
	echo old >x.png
	run --separate-stderr eg-plot --output x.png <<<nonsense
	[[ $status -eq 65 && $(<x.png) == old ]]
}

@test "what cannot be written or read is told of" {
	house --rounds 3 >records
	run --separate-stderr eg-plot --output /nowhere/x.png records
	[[ $status -eq 74 && $stderr == *"'/nowhere/x.png'"* ]]
	run --separate-stderr bash -c 'eg-plot records >/dev/full'
	[[ $status -eq 74 && $stderr == *"standard output"* ]]
	run --separate-stderr eg-plot missing
	[[ $status -eq 74 && $stderr == *"'missing'"* ]]
	run --separate-stderr eg-plot .
	[[ $status -eq 74 ]]
	run --separate-stderr eg-plot --tz Nowhere/Atall records
	[[ $status -eq 78 && $stderr == *Nowhere* ]]
}

@test "wrong options are one line and 64" {
	for words in '--kind pie' '--output x.jpg' '--gap 0' '--gap 1h' '--size 10' '--size axb' '--nonsense' '--title'; do
		# shellcheck disable=SC2086 # a list
		run --separate-stderr eg-plot $words
		[[ $status -eq 64 && ${#stderr_lines[@]} -eq 1 && $stderr == "eg-plot: fatal: "*"--help" ]]
	done
}
