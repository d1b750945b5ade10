#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What eg-plot draws in the terminal, to the character.
# shellcheck disable=SC2154,SC2164 # bats sets stderr; cd fails the test
bats_require_minimum_version 1.5.0

setup() {
	PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	cd "$BATS_TEST_TMPDIR"
}

# The picture has to be the text on standard input.
is() { # OPTION...
	eg-plot "$@" >got
	diff - got
}

# The same value each hour.
hours() { # FROM N SENSOR VALUE
	eg-sim --range "$4,$4" --decimals 0 --start "$1" --step 1h --rounds "$2" --sensors 1 --prefix x | sed "s/^x1:/$3:/"
}

@test "lines: a panel for each sensor, midnights and a date below, a gap is empty" {
	hours 2026-03-28T18:00:00 12 a 10 >records
	hours 2026-03-29T12:00:00 6 a 30 >>records
	hours 2026-03-28T18:00:00 24 b 20 >>records
	is --size 60x16 --tz Europe/Rome --title 'A title' records <<-'END'
		A title
		W by time, Europe/Rome
		a  from 10 to 30, mean 16.67 W
		30┤                                            ⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉
		  │
		  │⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠄
		 0┤
		b  from 20 to 20, mean 20 W
		30┤
		  │⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒
		  │
		 0┤
		  └────────────┬───────────┬──────────────┬──────────────┬──
		             00:00       06:00          12:00          18:00
		             29 Mar 2026
	END
}

@test "lines: of more readings than characters the mean of a day, on its span" {
	eg-sim --profile household --seed 1 --start 2026-01-01T00:00:00 --step 1h --rounds 2160 \
		--sensors 1 --prefix house >records
	is --size 60x14 records <<-'END'
		W, mean of the day, least to most, by time, UTC
		house1  from 162.7 to 4891, mean 383.5 W
		5000┤                                          ⠠
		    │                                          ⠨
		    │          ⡀                               ⠨
		    │  ⠨⡂⡠    ⠠⡪⡀    ⠠ ⡀⡀ ⡂⡀     ⡂⠠⡀⡠⡢⡀    ⡀  ⡂⠨⡀⡂   ⡀  ⡀⠠⠠
		2500┤ ⡂⠨⡪⡪    ⡪⡪⡂ ⠨⡂ ⠨ ⡂⡂ ⡂⡂ ⠨   ⡂⠨⡂⡪⡪⡂    ⡂  ⡪⡪⡂⡪⠨  ⡂⠨ ⡂⠨⠨
		    │ ⡂⠨⡪⡪    ⡪⡪⡢ ⠨⡂ ⠨⡂⡂⡂ ⡂⡂ ⠨   ⡪⠨⡂⡪⡪⡂   ⠠⡂  ⡪⡪⡂⡪⠨⡀ ⡢⠨ ⡂⠨⠨
		    │ ⡂⠨⡪⡪   ⠨⡪⡪⡪ ⠨⡪ ⠨⡂⡂⡂ ⡂⡂⡀⠨   ⡪⡨⡂⡪⡪⡂  ⡀⠨⡂  ⡪⡪⡂⡪⠨⡂ ⡪⠨⡀⡪⠨⠨
		    │⠨⡢⡪⡪⡪⡨⡢⡢⡨⣪⣪⡪⡂⡪⡪⡠⡪⡢⡢⡢⡢⡂⡪⡪⡨⡀⡠⡠⡪⡪⡢⡪⡪⡪⡠⡢⡪⡪⡢⡢⡪⡪⡪⡢⡪⡪⡢⡢⡪⡪⡢⡪⡨⡪⡂
		   0┤⠸⠫⠫⠫⠪⠪⠺⠺⠪⠫⠪⠻⠺⠪⠫⠻⠪⠺⠻⠻⠺⠻⠫⠫⠪⠺⠺⠫⠻⠪⠻⠫⠫⠻⠺⠪⠻⠪⠻⠪⠫⠫⠫⠺⠫⠪⠺⠺⠫⠫⠺⠻⠪⠫⠂
		    └──┬────────┬───────┬────────┬───────┬────────┬───────┬─
		     5 Jan   19 Jan   2 Feb   16 Feb   2 Mar   16 Mar 30 Mar
		     2026
	END
}

@test "bars: a row a month, stacked by sensor, with a legend and totals" {
	hours 2026-01-01T00:00:00 1416 a_kwh 1 >records
	hours 2026-02-01T00:00:00 672 b_kwh 2 >>records
	is --kind bars --every 1mo --size 60x24 records <<-'END'
		kWh a month, UTC
		█ a_kwh  ▓ b_kwh
		2026-01 █████████████████                                744
		2026-02 ████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓ 2016
	END
	# Of one sensor to an eighth of a character; weeks begin on Monday.
	is --kind bars --every 1w --size 40x24 --sensor a_kwh records <<-'END'
		kWh a week, UTC
		2025-12-29 █████████████▏           96.0
		2026-01-05 ███████████████████████ 168.0
		2026-01-12 ███████████████████████ 168.0
		2026-01-19 ███████████████████████ 168.0
		2026-01-26 ███████████████████████ 168.0
		2026-02-02 ███████████████████████ 168.0
		2026-02-09 ███████████████████████ 168.0
		2026-02-16 ███████████████████████ 168.0
		2026-02-23 ███████████████████▊    144.0
	END
}

@test "bars: days of the zone, 23 and 25 hours long, and one without readings" {
	hours 2026-03-27T23:00:00 24 a_kwh 1 >records
	hours 2026-03-28T23:00:00 23 a_kwh 1 >>records
	hours 2026-03-30T22:00:00 1 a_kwh 1 >>records
	is --kind bars --every 1d --size 60x24 --tz Europe/Rome records <<-'END'
		kWh a day, Europe/Rome
		2026-03-28 Sat ███████████████████████████████████████ 24.00
		2026-03-29 Sun █████████████████████████████████████▍  23.00
		2026-03-30 Mon                                             -
		2026-03-31 Tue █▋                                       1.00
	END
}

@test "bars: of two records with the same key the later one counts, however far apart" {
	hours 2026-01-01T00:00:00 48 a_kwh 1 >records
	hours 2026-01-01T00:00:00 24 a_kwh 1 >>records
	hours 2026-01-02T00:00:00 12 a_kwh 3 >>records
	is --kind bars --size 60x24 records <<-'END'
		kWh a day, UTC
		2026-01-01 Thu ███████████████████▌                    24.00
		2026-01-02 Fri ███████████████████████████████████████ 48.00
	END
}

@test "a value that was replaced is neither the greatest nor the least one" {
	printf '%s\n' a:2026-01-01T00:00:00:10 a:2026-01-01T01:00:00:9999 b:2026-01-01T01:00:00:15 \
		a:2026-01-01T01:00:00:20 b:2026-01-01T01:00:00:-7 b:2026-01-01T01:00:00:15 >records
	is --kind bars --aggregate max --sensor a --size 60x24 records <<-'END'
		W, maximum of the day, UTC
		2026-01-01 Thu ███████████████████████████████████████ 20.00
	END
	is --kind bars --aggregate min --sensor b --size 60x24 records <<-'END'
		W, minimum of the day, UTC
		2026-01-01 Thu ███████████████████████████████████████ 15.00
	END
	for kind in heat calendar duration lines day week; do
		run eg-plot --kind $kind --sensor a records
		[[ $status -eq 0 && $output != *9999* ]]
	done
}

@test "bars: the last year, and the year before" {
	hours 2025-01-01T00:00:00 2160 a_kwh 1 >records
	hours 2026-01-01T00:00:00 1416 a_kwh 2 >>records
	is --kind bars --every 1mo --last-year --size 60x24 records <<-'END'
		kWh a month, UTC
		│ and the second number: a year before
		2025-03 █████████████████████                       744    -
		2025-04                                               -    -
		2025-05                                               -    -
		2025-06                                               -    -
		2025-07                                               -    -
		2025-08                                               -    -
		2025-09                                               -    -
		2025-10                                               -    -
		2025-11                                               -    -
		2025-12                                               -    -
		2026-01 █████████████████████│████████████████████ 1488  744
		2026-02 ███████████████████│█████████████████▉     1344  672
	END
}

@test "bars: what is below 0 goes to the left, and the grid's export by the file of meters" {
	hours 2026-01-01T00:00:00 48 in_kwh 3 >records
	hours 2026-01-01T00:00:00 24 out_kwh 1 >>records
	printf '%s\n' 'in* inc-kWh grid-import From the grid' 'out* inc-kWh grid-export' >meters
	is --kind bars --size 60x24 --meters meters records <<-'END'
		kWh a day, UTC
		█ From the grid  ▓ out_kwh
		2026-01-01 Thu ▓▓▓▓▓▓▓▓▓▓████████████████████████████  48.00
		2026-01-02 Fri           ████████████████████████████  72.00
	END
}

@test "bars: of temperatures there is a mean, side by side" {
	hours 2026-01-01T00:00:00 24 a 10 >records
	hours 2026-01-01T12:00:00 24 b 20 >>records
	is --kind bars --size 60x24 --unit °C records <<-'END'
		°C, mean of the day, UTC
		█ b  ▓ a
		2026-01-01 Thu ███████████████████████████████████████ 20.00
		               ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓                    10.00
		2026-01-02 Fri ███████████████████████████████████████ 20.00
		                                                           -
	END
}

@test "calendar: a row a month, and no more days than it has" {
	hours 2026-01-30T00:00:00 696 a_kwh 1 >records
	hours 2026-02-10T00:00:00 24 b_kwh 1 >>records
	is --kind calendar records <<-'END'
		kWh a day, UTC
		         1       5         10        15        20        25        30
		Jan 2026                                                           ▁▁▁▁
		Feb 2026 ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁██▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
		▁ from 24, █ to 48 kWh
	END
}

@test "heat: a row a day, a hole for what is not there" {
	for h in 00 01 02 03; do
		echo "a:2026-03-29T$h:30:00:10"
	done >records
	echo 'a:2026-03-31T23:00:00:90' >>records
	is --kind heat records <<-'END'
		W, mean of the hour; hours by days, UTC
		           00    03    06    09    12    15    18    21
		2026-03-29 ▁▁▁▁▁▁▁▁
		2026-03-30
		2026-03-31                                               ██
		▁ from 10, █ to 90 W
	END
	# At 2 in Rome the clock was put forward: there is no such hour.
	run --separate-stderr eg-plot --kind heat --tz Europe/Rome <records
	[[ ${lines[2]} == '2026-03-29   ▁▁  ▁▁▁▁▁▁' ]]
}

@test "heat: hours of several sensors are added up, after the mean of each; of temperatures the mean" {
	printf 'a:2026-01-01T00:%02d:00:10\n' 0 20 40 >records
	printf 'b:2026-01-01T00:%02d:00:%d\n' 0 1 30 3 >>records
	run --separate-stderr eg-plot --kind heat <records
	[[ ${lines[3]} == '▁ from 12, █ to 12 W' ]]
	run --separate-stderr eg-plot --kind heat --unit °C <records
	[[ ${lines[3]} == '▁ from 6, █ to 6 °C' ]]
	run --separate-stderr eg-plot --kind heat --unit Wh <records
	[[ ${lines[3]} == '▁ from 34, █ to 34 Wh' ]]
}

@test "heat: of a year there is a row a week, from Monday on" {
	eg-sim --profile household --seed 1 --start 2025-01-01T00:00:00 --step 1h --rounds 8760 \
		--sensors 1 >records
	run --separate-stderr eg-plot --kind heat records
	[[ $status -eq 0 && ${#lines[@]} -eq 56 && ${lines[0]} == *"weeks, their mean"* ]]
	[[ ${lines[2]} == 2024-12-30* && ${lines[54]} == 2025-12-29* ]]
}

@test "day, week and duration" {
	hours 2026-03-28T18:00:00 24 a 20 >records
	hours 2026-03-29T06:30:00 6 a 50 >>records
	is --kind day --size 60x10 records <<-'END'
		W by time of day, UTC
		a  from 20 to 50, mean 26 W
		50┤               ⡸⡄⢀⢇ ⡼⡀⡸⡄⢀⢇ ⡼⡀
		  │               ⡇⢣⢸⢸⢠⠃⡇⡇⢣⢸⢸⢠⠃⡇
		25┤⢀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣰⠁⠘⡎⠈⡞ ⢱⠁⠘⡎⠈⡞ ⢱⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀
		  │
		 0┤
		  └┬──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────┬
		 00:00  03:00  06:00  09:00  12:00  15:00  18:00  21:00
	END
	is --kind week --size 60x10 records <<-'END'
		W by time of the week, UTC
		a  from 20 to 50, mean 26 W
		50┤                                                  ⢸⣿⣿
		  │                                                  ⢸⣿⣿
		25┤                                              ⢀⣀⣀⣀⣸⣿⣿⣀⡀
		  │
		 0┤
		  └┬───────┬───────┬───────┬───────┬───────┬───────┬────────
		  Mon     Tue     Wed     Thu     Fri     Sat     Sun
	END
	is --kind duration --size 60x10 records <<-'END'
		W, mean of the hour, by hours at or above the value
		a  from 20 to 35, mean 23.75 W
		35┤  ⠈⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠱⡀
		  │               ⠘⡄
		  │                ⠈⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉
		  │
		 0┤
		  └┬───────────┬──────────┬───────────┬───────────┬────────┬
		   0           5         10          15          20       25
	END
}

@test "it is as wide as is asked for, and 80 columns without a terminal" {
	eg-sim --profile household --seed 1 --start 2026-01-01T00:00:00 --step 10m --rounds 600 \
		--sensors 2 \
		--prefix 'a-rather-long-name-of-a-sensor-that-does-not-fit-into-a-row-of-a-terminal-' >records
	for kind in lines bars calendar heat day week duration; do
		for size in 25x10 60x15 80x24 200x50; do
			run --separate-stderr eg-plot --kind $kind --size $size records
			[[ $status -eq 0 && -z $stderr ]]
			[[ $kind == heat || $kind == calendar || $(wc -L <<<"$output") -le ${size%x*} ]] ||
				{ echo "$kind $size"; return 1; }
			[[ $output != *' '$'\n'* ]]
		done
		run --separate-stderr eg-plot --kind $kind records
		[[ $(wc -L <<<"$output") -le 80 ]]
	done
	run --separate-stderr eg-plot --size 60x15 records
	[[ ${#lines[@]} -le 15 ]]
}

@test "a sensor whose name a terminal would obey is refused, a name in UTF-8 is drawn" {
	printf '%b:2026-01-01T00:00:00:1\n' 'a\xc2\x9b31m' 'a\x9b31m' 'a\x1b[31m' potência >records
	run --separate-stderr eg-plot --size 60x15 records
	[[ $status -eq 65 && ${#stderr_lines[@]} -eq 3 && $output == *potência* && $output != *31m* ]]
}

@test "units: of the option, the file of meters, the sensor's name; one in a picture; large ones with a prefix" {
	hours 2026-01-01T00:00:00 3 a_kwh 1 >records
	hours 2026-01-01T00:00:00 3 boiler 20000 >>records
	hours 2026-01-01T00:00:00 3 room 20 >>records
	run --separate-stderr eg-plot records
	[[ $status -eq 0 && ${lines[0]} == 'kWh by time, UTC' ]]
	[[ $stderr == "eg-plot: warning: 2 sensors not in kWh left out, as 'boiler'; choose with --sensor" ]]
	run --separate-stderr eg-plot --sensor 'b*' records
	[[ -z $stderr && ${lines[0]} == 'kW by time, UTC' && ${lines[1]} == *'mean 20 kW' ]]
	printf '%s\n' 'room C none Kitchen' 'boiler Wh none' >meters
	run --separate-stderr eg-plot --sensor room --meters meters records
	[[ ${lines[0]} == 'C by time, UTC' && ${lines[1]} == Kitchen* ]]
	# A register is drawn as a line alone.
	run --separate-stderr eg-plot --sensor boiler --meters meters records
	[[ $status -eq 0 && ${lines[0]} == 'kWh by time, UTC' ]]
	run --separate-stderr eg-plot --kind bars --sensor boiler --meters meters records
	[[ $status -eq 65 && $stderr == *"1 register left out, as 'boiler': draw what eg-energy makes of it"* ]]
	echo 'room Q none' >meters
	run --separate-stderr eg-plot --meters meters records
	[[ $status -eq 78 && $stderr == *meters*1* ]]
}

@test "a closed pipe ends it quietly, a full disk does not" {
	hours 2026-01-01T00:00:00 3 a 1 >records
	# The reader has gone before anything is written.
	run --separate-stderr bash -c 'exec 3> >(exec true); wait $!; eg-plot records >&3'
	[[ $status -eq 74 && -z $stderr ]]
	run --separate-stderr bash -c 'eg-plot records >/dev/full'
	[[ $status -eq 74 && $stderr == *"standard output"* ]]
	run --separate-stderr bash -c 'eg-plot records >&-'
	[[ $status -eq 74 && $stderr == *"standard output"* ]]
}
