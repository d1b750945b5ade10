#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-energy on two real houses, against numbers that another implementation computed from the
# same files in exact arithmetic. Needs no server.
# shellcheck disable=SC2154,SC2164 # bats sets stderr_lines; cd fails the test
bats_require_minimum_version 1.5.0
load is

setup() {
	PATH="$EG_BIN:$PATH"
	DATA="${EG_SHARED:-$BATS_TEST_DIRNAME/../../../shared}/data"
	cd "$BATS_TEST_TMPDIR"
	if [[ ! -d $DATA ]]; then
		echo "# WARNING: $DATA is not there: real data NOT tested" >&3
		skip "no $DATA (set EG_SHARED)"
	fi
}

# The phase's increments in Wh, a reading each 10 min, of a year from 2024-05-30. Of two rows
# of the same time the later one counts.
phase() { # A, B or C
	eg-import --sort --to 2025-05-19 shelly-em3 "$DATA/shelly_em3_phase$1.csv" | grep import |
		awk -F: '{ key = substr($0, 1, length($0) - length($NF) - 1) }
			key != last && NR > 1 { print line } { last = key; line = $0 } END { print line }'
}

# The same as power: 6 times the Wh of 10 min.
watts() {
	phase "$1" | awk -F: -v OFS=: '{ split($NF, v, "."); wh = (v[1] v[2]) * 6
		$NF = sprintf("%d.%02d", wh / 100, wh % 100); print }'
}

# The register of the other house, 1000.000 kWh and what was drawn from the grid in 2024, a
# reading at the start of each hour. The awk program may change `wh`, the reading, at `t`.
register() { # [AWK]
	eg-import dsmr-reader "$DATA/dsmrreader-hour-2024.csv" | grep import_ |
		awk -F: '{ split($NF, v, "."); t = $2 ":" $3 ":" $4; wh = v[1] * 1000 + substr(v[2] "000", 1, 3)
			if (t != last) at[n++] = t; last = t; add[t] += wh }
		END { wh = 1000000; for (i = 0; i <= n; i++) {
			print i, i < n ? at[i] : "2024-12-31T23:00:00", wh; wh += add[at[i]] } }' |
		awk "{ i = \$1; t = \$2; wh = \$3; ${1-} printf \"meter:%s:%d.%03d\\n\", t, wh / 1000, wh % 1000 }"
}

# Slots' values added up, in units of 10^-9.
total() {
	awk -F: '{ split($NF, v, "."); sum += v[1] * 1e9 + substr(v[2] "000000000", 1, 9) }
		END { printf "%d.%09d\n", sum / 1e9, sum % 1e9 }'
}

day() { # ISO-TIME < slots
	sed -n "s/^[^:]*:$1:00:00://p"
}

@test "increments: a year of three phases, and the days of 25 and of 23 hours" {
	local p want
	while read -r p want; do
		phase "$p" >in
		eg-energy --from inc-Wh -z Europe/Amsterdam <in >days
		is "$(wc -l <days) $(total <days) $(day 2024-05-29T22 <days) $(day 2024-10-25T22 <days) \
$(day 2024-10-26T22 <days) $(day 2024-10-27T23 <days) $(day 2025-03-29T23 <days) \
$(day 2025-03-30T22 <days)" "$want"
	done <<-END
		A 355 1761.885400000 1.1649 2.7143 5.4864 3.5089 3.391 4.5488
		B 355 1501.303100000 1.8277 3.3955 3.2008 3.7093 3.4536 3.6172
		C 355 2098.914200000 4.7848 5.892 5.7731 5.5971 4.4805 6.1027
	END
}

@test "increments: the months of three phases" {
	local p want
	while read -r p want; do
		is "$(phase "$p" | eg-energy --from inc-Wh -e 1mo -z Europe/Amsterdam | cut -d: -f5 | xargs)" "$want"
	done <<-END
		A 5.0707 186.0197 193.8308 201.6902 202.5329 146.8399 123.2534 132.0696 133.7609 109.0874 123.9109 120.207 83.612
		B 4.7177 164.5532 173.9701 174.7319 180.7892 107.9536 111.0273 123.6667 104.3839 89.9744 100.3072 94.3437 70.8842
		C 9.4879 174.476 197.9424 188.5902 185.0297 176.5441 177.0752 184.9781 186.3833 179.2826 178.0477 160.8778 100.1992
	END
}

@test "power: by the value on the left and by trapezoids, and what is covered" {
	local p rule want
	while read -r p rule want; do
		watts "$p" >in
		eg-energy --covered --digits 9 --rule "$rule" -z Europe/Amsterdam <in >days
		grep _kwh: days >kwh
		grep _covered: days >covered
		is "$(total <kwh) $(total <covered) \
$(day 2024-10-26T22 <kwh) $(day 2024-10-26T22 <covered) \
$(day 2025-03-29T23 <kwh) $(day 2025-03-29T23 <covered)" "$want"
	done <<-END
		A left 1761.512700000 30585000.000000000 5.4864 90000 3.391 82800
		A trapezoid 1761.696550000 30585000.000000000 5.4845 90000 3.392 82800
		B left 1500.956000000 30585000.000000000 3.2008 90000 3.4536 82800
		B trapezoid 1501.127200000 30585000.000000000 3.20675 90000 3.45165 82800
		C left 2098.555800000 30585000.000000000 5.7731 90000 4.4805 82800
		C trapezoid 2098.726800000 30585000.000000000 5.76865 90000 4.47895 82800
	END
}

@test "power: every third reading and two hours are missing" {
	local gap rule want
	watts A | awk 'NR % 3 != 0' | grep -vE ':2024-10-27T0[01]:' >in
	while read -r gap rule want; do
		eg-energy --covered --digits 9 --rule "$rule" -g "$gap" -z Europe/Amsterdam <in >days
		is "$(grep _kwh: days | day 2024-10-26T22) $(grep _covered: days | day 2024-10-26T22) \
$(grep _kwh: days | total) $(grep _covered: days | total)" "$want"
	done <<-END
		15m left 1.8337 27600 585.217100000 10192800.000000000
		15m trapezoid 1.769 27600 578.102750000 10192800.000000000
		20m left 5.2247 81600 1726.429100000 30576000.000000000
		20m trapezoid 5.2878 81600 1733.914250000 30576000.000000000
		1h left 5.2247 81600 1726.429100000 30576000.000000000
		1h trapezoid 5.2878 81600 1733.914250000 30576000.000000000
		3h left 5.3479 90000 1726.552300000 30584400.000000000
		3h trapezoid 5.3956 90000 1734.022050000 30584400.000000000
	END
}

@test "increments of two tariffs: the year of a smart meter" {
	eg-import dsmr-reader "$DATA/dsmrreader-hour-2024.csv" >in
	eg-energy --from inc-kWh -e 1y -z Europe/Amsterdam <in >years
	is "$(cut -d: -f5 years | xargs)" "1828.818 1914.313 651.104 1477.279 621.827"
	eg-energy --from inc-kWh -z Europe/Amsterdam <in >days
	is "$(grep -E '2024-(03-30T23|10-26T22)' days | cut -d: -f5 | xargs)" "7.28 0 0 0 2.706 6.852 0 6.233 0 0.1"
	eg-energy --from inc-kWh -e 1h -z Europe/Amsterdam <in >hours
	is "$(grep -E 'import_t1.*2024-03-3(0T23|1T0[01])' hours | cut -d: -f5 | xargs)" "0.129 0.126 0.123"
	is "$(grep -E 'import_t1.*2024-10-2(6T2[23]|7T0[012])' hours | cut -d: -f5 | xargs)" "0.234 0.21 0.207 0.515 0.537"
}

# The total of a register's days, four of them, and the first event.
counted() { # OPTION... < records
	eg-energy --from kWh -z Europe/Amsterdam --digits 9 "$@" >days 2>events
	printf '%s %s %s %s %s %s\n' "$(total <days)" "$(day 2024-03-15T23 <days)" "$(day 2024-03-16T23 <days)" \
		"$(day 2024-03-30T23 <days)" "$(day 2024-10-26T22 <days)" \
		"$(sed -n '1s/^eg-energy: warning: //p' events)"
}

readonly days='4.9146 1.8834 7.28 6.852'

@test "registers: clean, and with a hole of 30 hours that is spread over its two days" {
	is "$(register | counted)" "3743.131000000 $days "
	register | eg-energy --from kWh -e 1y -z Europe/Amsterdam >year
	is "$(cat year)" meter_kwh:2023-12-31T23:00:00:3743.131
}

@test "registers: a reading of 0 and one times 10 are left out and named" {
	is "$(register 'if (t == "2024-06-15T12:00:00") wh = 0;' | counted)" \
		"3743.131000000 $days 'meter' at 2024-06-15T12:00:00: glitch: 0 is left out"
	is "$(register 'if (t == "2024-06-15T12:00:00") wh *= 10;' | counted)" \
		"3743.131000000 $days 'meter' at 2024-06-15T12:00:00: glitch: 23877.66 is left out"
}

@test "registers: set back, and another meter" {
	is "$(register 'if (t == "2024-07-01T00:00:00") z = wh; wh -= z;' | counted)" \
		"3742.998000000 $days 'meter' at 2024-07-01T00:00:00: reset: 0 is counted on from"
	is "$(register 'if (t == "2024-08-01T00:00:00") z = wh - 52345678; wh -= z;' | counted)" \
		"3742.722000000 $days 'meter' at 2024-08-01T00:00:00: exchanged meter: 52345.678 is counted on from"
}

@test "registers: a modulus, with and without --modulus" {
	register 'wh %= 3000000;' >in
	is "$(counted --modulus 3000 <in)" "3743.131000000 $days "
	eg-energy -v --from kWh --modulus 3000 <in 2>&1 >/dev/null | grep -q "'meter' at 2024-09-25T03:00:00: rollover"
	is "$(counted <in)" \
		"3743.017000000 $days 'meter' at 2024-09-25T03:00:00: reset: 0.936 is counted on from"
}

@test "registers: 88 dips of 1 Wh" {
	register 'if (i % 100 == 50) wh -= 1;' >in
	is "$(counted <in | cut -d ' ' -f 1)" 3743.131000000
	is "$(wc -l <events)" 2
	is "$(eg-energy --from kWh -e 1y -z Europe/Amsterdam <in 2>events)" meter_kwh:2023-12-31T23:00:00:3743.131
}
