#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What eg-plot draws as pictures, and what it says of bad input. Needs gnuplot.
# shellcheck disable=SC2154,SC2164 # bats sets stderr; cd fails the test
bats_require_minimum_version 1.5.0
load ../wait

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

house() {
	eg-sim --profile household --seed 1 --start 2026-03-27T00:00:00 --step 10m --sensors 2 \
		--prefix house "$@"
}

is_png() { [[ $(head -c 8 "$1" | od -An -tx1) == ' 89 50 4e 47 0d 0a 1a 0a' ]]; }

# Width and height, from the picture's header.
size() { printf '%dx%d' "0x$(od -An -tx1 -j16 -N4 "$1" | tr -d ' ')" "0x$(od -An -tx1 -j20 -N4 "$1" | tr -d ' ')"; }

# How many pieces the line of the first sensor is drawn in, with its sample in the key.
pieces() { sed -n "/stroke='rgb( 59/,/'\/>/p" "$1" | grep -oE 'M[0-9.,]+ L' | wc -l; }

@test "each kind becomes a PNG of the size that is asked for, and an SVG with the sensors' names" {
	house --rounds 600 >records
	for kind in lines bars calendar heat day week duration; do
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

@test "a heat map of a year is drawn, and of more sensors than a pipe holds" {
	eg-sim --profile household --seed 1 --start 2025-01-01T00:00:00 --step 1h --rounds 8760 \
		--sensors 1 >records
	# Distinct sensors make the list that is cut to the highest longer than a pipe.
	eg-sim --sensors 5000 --rounds 1 --start 2025-01-01T00:00:00 \
		--prefix a-rather-long-name-of-a-sensor- >many
	for records in records many; do
		for kind in heat lines; do
			run --separate-stderr eg-plot --kind $kind --output $kind.svg "$records"
			[[ $status -eq 0 && -s $kind.svg ]]
			rm $kind.svg
		done
	done
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
	[[ $status -eq 0 && $stderr == *"5 sensors left out"* ]]
	grep -q giant many.svg
}

@test "a sensor's name is text, whatever is in it" {
	printf '%s\n' "it's \$HOME \`id\` %s _{x} \\n \"q\" & <b>:2026-01-01T00:00:00:1" "caffè:2026-01-01T00:01:00:2" >records
	run --separate-stderr eg-plot --output names.svg records
	[[ $status -eq 0 && -z $stderr ]]
	grep -qF "it's \$HOME \`id\` %s _{x} \\n" names.svg
	grep -q 'caffè' names.svg
}

@test "bad records are told of by line, counted and kept, and the rest is drawn" {
	printf '%s\n' 'a:2026-01-01T00:00:00:1' '# note' '' nonsense 'a:2026-02-30T00:00:00:1' \
		'a:2026-01-01T00:00:00:1,5' ':2026-01-01T00:00:00:1' 'a:2026-01-01:1' 'a:2026-01-01T00:00:00:nan' \
		'a:2026-01-01T01:00:00+01:00:.5e1' 'a:2026-01-01T00:00:00:1e300' >records
	printf 'a\0b:2026-01-01T00:00:00:1\n%01100d\na:2026-01-01T00:02:00:4\r\na:2026-01-01T00:03:00:4' 0 >>records
	run --separate-stderr eg-plot --output x.png --rejects bad records
	[[ $status -eq 65 && -z $output ]]
	is_png x.png
	[[ ${stderr_lines[0]} == "eg-plot: warning: records:4: "*": 'nonsense'" ]]
	[[ ${stderr_lines[1]} == "eg-plot: warning: records:5: the timestamp's day is not in the calendar: 'a:2026-02-30T00:00:00:1'" ]]
	[[ ${#stderr_lines[@]} -eq 11 && ${stderr_lines[6]} == *"records:11: a value too large to draw: "* ]]
	[[ $(grep -ac '^# records:' bad) -eq 11 ]]
	grep -qax 'a:2026-01-01T00:00:00:1,5' bad
	run --separate-stderr eg-plot --output x.png <records
	[[ ${stderr_lines[0]} == "eg-plot: warning: line 4: "* ]]
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
	for words in '--kind pie' '--output x.jpg' '--gap 0' '--gap x' '--size 10' '--size axb' '--size 100x1' '--size 15x20' \
		'--nonsense' '--title' '--every 7h -k bars' '--every 1d' '--every 1w -k duration' '--every 1y -l -k bars' \
		'--last-year' '--aggregate sum' '--aggregate middle'; do
		# shellcheck disable=SC2086 # a list
		run --separate-stderr eg-plot $words <<<a:2026-01-01T00:00:00:1
		[[ $status -eq 64 && ${#stderr_lines[@]} -eq 1 && $stderr == "eg-plot: fatal: "* ]] || { echo "$words: $status $stderr"; return 1; }
	done
}

@test "options may stand behind files, and files are drawn together" {
	house --rounds 3 --sensors 1 >one
	eg-sim --rounds 3 --sensors 1 --start 2026-03-27T00:00:00 --prefix other >two
	run --separate-stderr eg-plot one --kind lines - --size 60x15 <two
	[[ $status -eq 0 && $output == *house1* && $output == *other1* ]]
}

@test "without gnuplot text is drawn, and a picture is not" {
	house --rounds 3 >records
	mkdir bin
	ln -s "$(command -v eg-plot)" bin/eg-plot
	run --separate-stderr env PATH="$PWD/bin" eg-plot records
	[[ $status -eq 0 ]]
	run --separate-stderr env PATH="$PWD/bin" eg-plot --output x.png records
	[[ $status -eq 78 && $stderr == *"apt install gnuplot-nox" && ! -e x.png ]]
}

@test "a gnuplot that fails or is killed leaves the old picture" {
	house --rounds 3 >records
	mkdir bin
	echo old >x.png
	printf '#!/bin/sh\necho half\nexit 3\n' >bin/gnuplot
	chmod +x bin/gnuplot
	PATH=$PWD/bin:$PATH run --separate-stderr eg-plot --output x.png records
	[[ $status -eq 70 && $stderr == "eg-plot: fatal: gnuplot ended with status 3" && $(<x.png) == old ]]
	printf '#!/bin/sh\nkill -9 $$\n' >bin/gnuplot
	PATH=$PWD/bin:$PATH run --separate-stderr eg-plot --output x.png records
	[[ $status -eq 70 && $stderr == *"signal 9"* && $(<x.png) == old ]]
	printf '#!/bin/sh\nexit 0\n' >bin/gnuplot
	PATH=$PWD/bin:$PATH run --separate-stderr eg-plot --output x.png records
	[[ $status -eq 70 && $stderr == *"no picture" && $(<x.png) == old ]]
}

@test "a signal ends it while it reads and while gnuplot draws, without a picture" {
	local pid
	mkdir bin
	mkfifo fifo
	eg-plot --output x.png - <fifo 2>err & pid=$!
	exec 5>fifo
	# It reads, since it has opened what comes before.
	wait_until asleep $pid eg-plot
	kill -TERM $pid
	wait $pid && status=0 || status=$?
	exec 5>&-
	[[ $status -eq 75 && ! -e x.png && $(<err) == *"ended by a signal"* ]]
	house --rounds 3 >records
	# It opens the FIFO, and so tells that it runs.
	printf '#!/bin/sh\nexec sleep 300 >fifo\n' >bin/gnuplot
	chmod +x bin/gnuplot
	PATH=$PWD/bin:$PATH eg-plot --output x.png records 2>err & pid=$!
	exec 5<fifo
	kill -TERM $pid
	wait $pid && status=0 || status=$?
	# The end comes when nobody is left that could write: gnuplot is gone.
	timeout 30 cat <&5
	exec 5<&-
	[[ $status -eq 75 && ! -e x.png ]]
}

@test "a sensor's name cannot add to gnuplot's script" {
	local kind
	printf '%s:2026-01-01T00:00:00:1\n' "x'; system('touch owned'); '" '`touch owned`' '"; !touch owned; "' \
		'$owned @owned \' "'" '%s%n' 'EOD' "a''b'" >records
	for kind in lines bars duration; do
		run --separate-stderr eg-plot --kind $kind --output x.svg records --title "t'; !touch owned" --unit "u\"'\`touch owned\`"
		[[ $status -eq 0 && -z $stderr && ! -e owned ]]
		python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' x.svg
		eg-plot --kind $kind --output x.gp records
		# Names stand in a block of data alone, behind a bar; gnuplot 5.4 does not read two quotes
		# in a row, so that none is to be quoted.
		[[ -z $(grep -v '^|' x.gp | grep -E "owned|''|[\`@]|%n") ]]
		grep -qxF "|x'; system('touch owned'); '" x.gp
	done
	eg-plot --output x.svg records
	grep -qF "x'; system('touch owned'); '" x.svg
	printf 'a\nset output:2026-01-01T00:00:00:1\n' >records
	run --separate-stderr eg-plot --output x.svg records
	[[ $status -eq 65 ]]
	run --separate-stderr eg-plot --output x.svg --title $'a\nb' records
	[[ $status -eq 64 ]]
	run --separate-stderr eg-plot --output x.svg --unit $'\xff' records
	[[ $status -eq 64 ]]
}

@test "of a long name the middle is left out, of many sensors the bands" {
	local n
	eg-sim --profile household --seed 1 --start 2026-01-01T00:00:00 --step 1m --rounds 3000 \
		--sensors 7 \
		--prefix 'building/floor-3/room-with-quite-a-long-name-é' >records
	eg-plot --output x.gp records
	for n in 1 7; do
		grep -qxF "|building/floor-3/ro…quite-a-long-name-é$n" x.gp
	done
	run grep -c filledcurves x.gp
	[[ $output == 0 ]]
	grep -qx '|W, mean of the 5 minutes' x.gp
	eg-plot --sensor '*1' --output x.gp records
	grep -qx '|W, mean of the 5 minutes, least to most' x.gp
	[[ $(grep -c filledcurves x.gp) -eq 1 ]]
	eg-plot --sensor '*[12]' --output x.gp records
	grep -qx '|W, mean of the 5 minutes, least to most' x.gp
	eg-plot --sensor '*[123]' --output x.gp records
	grep -qx '|W, mean of the 5 minutes' x.gp
}

@test "what turns the direction of writing is drawn as ?" {
	local rlo=$'\xe2\x80\xae' lri=$'\xe2\x81\xa6' lrm=$'\xe2\x80\x8e' out
	printf '%s\n' "a${rlo}b:2026-01-01T00:00:00:1" "c:2026-01-01T00:00:00:2" >records
	printf '%s\n' "c W device Car${lri}${lrm}éש" '* W device' >meters
	for kind in lines bars; do
		out=$(eg-plot --kind $kind --meters meters records)
		[[ $out == *'a?b'* && $out == *'Car??éש'* ]]
		[[ $out != *"$rlo"* && $out != *"$lri"* && $out != *"$lrm"* ]]
	done
	eg-plot --meters meters --output x.gp records
	grep -qx '|a?b' x.gp
	grep -qx '|Car??éש' x.gp
	for option in --title --unit; do
		run --separate-stderr -64 eg-plot $option "a${rlo}b" records
		[[ -z $output && $stderr == *"$option: takes UTF-8 without control characters"* ]]
	done
}

@test "the script of a small picture, to the character" {
	printf '%s\n' "it's:2026-01-01T00:00:00:1" "it's:2026-01-01T00:05:00:2.5" "it's:2026-01-01T12:00:00:-1" >records
	eg-plot --output x.gp --title 'A title' --gap 15m --size 800x400 records
	cat >want <<-'END'
		$text << EOD
		|A title
		|time, UTC
		|W
		|it's
		EOD
		set encoding utf8
		set terminal pngcairo noenhanced rounded size 800,400 background rgb 'white' font 'sans,10'
		set title $text[1][2:*]
		set xlabel $text[2][2:*]
		set xlabel offset 0,-1
		set bmargin 5
		set border 3 lc rgb '#888888'
		set tics nomirror out textcolor rgb '#333333'
		set key outside top center horizontal reverse Left
		set xtics ("00:00\n1 Jan 2026" 0, "02:00" 7200, "04:00" 14400, "06:00" 21600, "08:00" 28800, "10:00" 36000, "12:00" 43200)
		set ylabel $text[3][2:*]
		set xrange [0:43200]
		set yrange [-1:2.5]
		set ytics ("-1" -1, "-0.5" -0.5, "0" 0, "0.5" 0.5, "1" 1, "1.5" 1.5, "2" 2, "2.5" 2.5)
		set grid lt 1 lw 0.5 lc rgb '#e2e2e2'
		set xzeroaxis lt 1 lw 1 lc rgb '#888888'
		$curve0 << EOD
		0 1 1 1
		300 2.5 2.5 2.5

		43119 -1 -1 -1
		43281 -1 -1 -1
		EOD
		plot $curve0 using 1:2 with lines lw 1.6 lc rgb '#3b6fb6' title $text[4][2:*]
	END
	diff x.gp want
}

@test "bars in the script: stacked by sensor, the year before behind them" {
	printf '%s\n' a:2025-01-15T00:00:00:10 a:2026-01-15T00:00:00:20 a:2026-02-15T00:00:00:30 \
		b:2026-02-01T00:00:00:5 b:2026-02-03T00:00:00:-1 >records
	eg-plot --kind bars --every 1mo --last-year --unit kWh --output x.gp records
	sed -n '/^$before/,$p' x.gp >got
	cat >want <<-'END'
		$before << EOD
		9.88 10 9.48 10.28 0 10
		NaN NaN NaN NaN NaN NaN
		EOD
		$part0 << EOD
		10 20 9.6 10.4 0 20
		11 30 10.6 11.4 0 30
		NaN NaN NaN NaN NaN NaN
		EOD
		$part1 << EOD
		11 34 10.6 11.4 30 34
		NaN NaN NaN NaN NaN NaN
		EOD
		set style fill solid 1 noborder
		plot $before using 1:2:3:4:5:6 with boxxyerror lc rgb '#c9ced6' title 'a year before', \
		     $part0 using 1:2:3:4:5:6 with boxxyerror lc rgb '#3b6fb6' title $text[4][2:*], \
		     $part1 using 1:2:3:4:5:6 with boxxyerror lc rgb '#e08a2e' title $text[5][2:*]
	END
	diff got want
}

@test "the pictures of README are what their script makes" {
	local root=$BATS_TEST_DIRNAME/../.. scheme
	EG_BIN=$(dirname "$(command -v eg-plot)") "$root/scripts/pictures" .
	# Its head, with width and height; fonts differ between machines.
	cmp -n 24 house.png "$root/doc/house.png"
	[[ $(stat -c %s "$root/doc/house.png") -lt 150000 && $(stat -c %s house.png) -gt 20000 ]]
	grep -qE '^!\[.{20,}\]\(doc/house.png\)$' "$root/README.md"
	for scheme in light dark; do
		grep -qE "src(set)?=\"doc/page-$scheme.png\"" "$root/README.md"
		[[ $(stat -c %s "$root/doc/page-$scheme.png") -lt 150000 ]]
		if command -v chromium >/dev/null; then
			cmp -n 24 page-$scheme.png "$root/doc/page-$scheme.png"
			[[ $(stat -c %s page-$scheme.png) -gt 20000 ]]
		else
			echo "# WARNING: no chromium: the page of eg-serve was NOT drawn" >&3
		fi
	done
	run -64 "$root/scripts/pictures"
}
