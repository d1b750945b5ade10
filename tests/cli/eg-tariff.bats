#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What eg-tariff makes of slots of energy: bands, prices, fees, and what it refuses. Needs no
# server.
# shellcheck disable=SC2154,SC2164,SC2016 # bats sets stderr; cd fails the test; bash -c expands

bats_require_minimum_version 1.5.0
load tariff

# The exact sum of the values of all records whose sensor matches $1.
total() {
	/usr/bin/python3 -c 'import sys, re
from decimal import Decimal as D
print(sum((D(l.rsplit(":", 1)[1]) for l in sys.stdin if re.search(sys.argv[1], l.split(":")[0])), D(0)))' "$1"
}

# The hours of the DSMR file, with sensors dsmr/import_t1_kwh and so on.
dsmr() {
	if [ ! -e "$DATA/dsmrreader-hour-2024.csv" ]; then
		echo "# WARNING: real data is not there: golden values NOT tested" >&3
		skip "no $DATA (set EG_SHARED)"
	fi
	eg-import dsmr-reader "$DATA/dsmrreader-hour-2024.csv" >dsmr.rec
}

# Italy's bands on the Dutch clock, and the holidays of the reference values.
reference() {
	sed -e 's|Europe/Rome|Europe/Amsterdam|; /^fee/d; /^vat/d' \
		-e 's/^holiday.*/holiday 1-1 2024-4-1 5-1 12-25 12-26/' "$TARIFFS/italy-bands.conf"
}

# A price for each hour of 2024: 0.10 and a cent for each hour of the clock in Amsterdam.
hourly_prices() {
	/usr/bin/python3 -c 'from datetime import *; from zoneinfo import ZoneInfo
zone = ZoneInfo("Europe/Amsterdam")
t = datetime(2023, 12, 31, 23, tzinfo=timezone.utc)
while t.year < 2025:
    print(f"price/nl:{t:%Y-%m-%dT%H:%M:%S}:0.{10 + t.astimezone(zone).hour}")
    t += timedelta(hours=1)'
}

@test "a year of DSMR by Italy's bands: 1125.743, 1191.904 and 1425.484 kWh, 920.79570 EUR" {
	dsmr
	reference >t.conf
	eg-tariff --bands t.conf 'dsmr/import_*' <dsmr.rec >bands
	is "$(total F1_kwh <bands) $(total F2_kwh <bands) $(total F3_kwh <bands)" "1125.743 1191.904 1425.484"
	is "$(eg-tariff t.conf 'dsmr/import_*' <dsmr.rec | total cost)" 920.79570
}

@test "low and normal by the clock: 1771.972 and 1971.159 kWh" {
	dsmr
	sed '/^holiday/d' "$TARIFFS/day-night.conf" >t.conf
	eg-tariff --bands t.conf 'dsmr/import_*' <dsmr.rec >bands
	is "$(total low_kwh <bands) $(total normal_kwh <bands)" "1771.972 1971.159"
}

@test "dynamic prices: cost 846.27995, credit 248.909530, and both days of clock changes" {
	dsmr
	hourly_prices >prices
	printf 'zone Europe/Amsterdam\nprice all dynamic\n' >t.conf
	eg-tariff --price prices t.conf 'dsmr/import_*' <dsmr.rec >cost
	eg-tariff --price prices --credit "$TARIFFS/export.conf" 'dsmr/export_*' <dsmr.rec >credit
	is "$(total _cost <cost) $(total _credit <credit)" "846.27995 248.909530"
	is "$(sed -n '/2024-03-30T23/,/2024-03-31T22/p' cost | grep -v 31T22 | total .)" 1.72336
	is "$(sed -n '/2024-10-26T22/,/2024-10-27T23/p' cost | grep -v 27T23 | total .)" 1.46004
	is "$(sed -n '/2024-10-26T22/,/2024-10-27T23/p' credit | grep -v 27T23 | total . | sed 's/0*$//')" 0.703665
	cat prices dsmr.rec | eg-tariff --price price/nl t.conf 'dsmr/import_*' >again
	cmp cost again
}

@test "a standing charge of 0.35 on each of 366 days is 128.10" {
	dsmr
	printf 'zone Europe/Amsterdam\nprice all 0.25\nfee day 0.35\n' >t.conf
	eg-tariff t.conf dsmr/import_t1_kwh <dsmr.rec >out
	is "$(grep -c _fee_day out) $(total _fee_day <out)" "366 128.10"
}

@test "bands follow the local clock through both changes" {
	tariff 'a_kwh:2024-03-31T05:00:00:1\na_kwh:2024-03-30T06:00:00:1\na_kwh:2024-10-27T06:00:00:1\n' \
		'zone Europe/Rome\nday * 7-23\nnight *\n' --bands
	is "$status$stderr" 0
	is "$output" "a_day_kwh:2024-03-31T05:00:00:1
a_day_kwh:2024-03-30T06:00:00:1
a_day_kwh:2024-10-27T06:00:00:1"
	tariff 'a_kwh:2024-03-31T04:00:00:1\na_kwh:2024-03-30T05:00:00:1\na_kwh:2024-10-27T05:00:00:1\n' \
		'zone Europe/Rome\nday * 7-23\nnight *\n' --bands
	is "$(cut -d: -f1 <<<"$output" | sort | uniq -c | sed 's/^ *//')" "3 a_night_kwh"
}

@test "another zone is another band" {
	tariff 'a_kwh:2024-06-03T06:00:00:2\n' 'zone Asia/Tokyo\nprice d 0.3\nprice n 0.1\nd mon-fri 8-20\nn *\n'
	is "$status:$output" "0:a_cost:2024-06-03T06:00:00:0.6"
	tariff 'a_kwh:2024-06-03T06:00:00:2\n' 'zone America/New_York\nprice d 0.3\nprice n 0.1\nd mon-fri 8-20\nn *\n'
	is "$status:$output" "0:a_cost:2024-06-03T06:00:00:0.2"
}

@test "many sensors, in any order, each by its own name" {
	tariff 'b_kwh:2024-06-03T06:00:00:2\na_kwh:2024-06-03T06:00:00:1\nb_kwh:2024-06-03T05:00:00:3\ngas_m3:2024-06-03T05:00:00:3\n' \
		'price all 0.25\n'
	is "$status$stderr" 0
	is "$output" "b_cost:2024-06-03T06:00:00:0.5
a_cost:2024-06-03T06:00:00:0.25
b_cost:2024-06-03T05:00:00:0.75"
}

@test "export is not billed, and credited alone" {
	in='a_kwh:2024-06-03T06:00:00:2\na_export_kwh:2024-06-03T06:00:00:1\n'
	tariff "$in" 'price all 0.25\nfee day 1\n'
	is "$output" "a_fee_day:2024-06-03T00:00:00:1
a_cost:2024-06-03T06:00:00:0.5"
	tariff "$in" 'price all 0.25\nfee day 1\n' -c
	is "$output" "a_export_credit:2024-06-03T06:00:00:0.25"
	printf '%b' "$in" | eg-tariff t.conf 'a_*' >out
	is "$(wc -l <out)" 4
}

@test "money is exact: nine digits of energy, nine of price, and VAT" {
	tariff 'a_kwh:2024-06-03T06:00:00:0.123456789\n' 'price all 0.123456789\n'
	is "$output" "a_cost:2024-06-03T06:00:00:0.015241578750190521"
	tariff 'a_kwh:2024-06-03T06:00:00:1234.567\n' 'price all 0.30\nvat 22\n'
	is "$output" "a_cost:2024-06-03T06:00:00:451.851522"
	tariff 'a_kwh:2024-06-03T06:00:00:1.5\n' 'price all 0.25\n' --digits 2
	is "$output" "a_cost:2024-06-03T06:00:00:0.38"
	tariff 'a_kwh:2024-06-03T06:00:00:-1.5\n' 'price all 0.25\n'
	is "$output" "a_cost:2024-06-03T06:00:00:-0.375"
}

@test "new prices hold from their local day" {
	tariff 'a_kwh:2024-12-31T22:00:00:1\na_kwh:2024-12-31T23:00:00:1\n' \
		'zone Europe/Rome\nprice all 0.30\nfrom 2025-01-01\nprice all 0.40\n'
	is "$output" "a_cost:2024-12-31T22:00:00:0.3
a_cost:2024-12-31T23:00:00:0.4"
}

@test "a slot without a price is refused with 65, and never 0" {
	tariff 'a_kwh:2024-12-31T22:00:00:1\na_kwh:2024-12-31T23:00:00:1\n' \
		'zone Europe/Rome\nfrom 2025-01-01\nprice all 0.40\n' --rejects rejects
	is "$status:$output" "65:a_cost:2024-12-31T23:00:00:0.4"
	[[ $stderr == *"line 1: the table begins later: 'a_kwh:2024-12-31T22:00:00:1'" ]]
	is "$(grep -v '^#' rejects)" "a_kwh:2024-12-31T22:00:00:1"
	tariff 'a_kwh:2024-06-03T06:00:00:1\n' 'price d 0.3\nd sat,sun\n'
	is "$status:$output" "65:"
	[[ $stderr == *"line 1: no rule of the table covers it"* ]]
	tariff 'a_kwh:2024-06-03T06:00:00:1\n' 'price d 0.3\nd sat,sun\nn *\n'
	is "$status:$output" "65:"
	[[ $stderr == *"line 1: the table has no price for its band"* ]]
}

@test "a slot in which the band or the price changes is refused" {
	tariff 'a_kwh:2024-06-03T06:00:00:1\n' 'price d 0.3\nprice n 0.2\nd mon 6:30-9\nn *\n'
	is "$status:$output" "65:"
	[[ $stderr == *"the band or the price changes within the slot: use shorter slots"* ]]
	tariff 'a_kwh:2024-06-03T06:00:00:1\na_kwh:2024-06-03T06:30:00:1\n' \
		'price d 0.3\nprice n 0.2\nd mon 6:30-9\nn *\n' -e 30m
	is "$status:$output" "0:a_cost:2024-06-03T06:00:00:0.2
a_cost:2024-06-03T06:30:00:0.3"
	tariff 'a_kwh:2024-12-01T00:00:00:1\na_kwh:2025-01-01T00:00:00:1\n' \
		'price all 0.3\nfrom 2025-01-15\nprice all 0.4\n' -e 1mo
	is "$status:$output" "65:a_cost:2024-12-01T00:00:00:0.3"
	tariff 'p:2024-06-03T06:00:00:1\np:2024-06-03T06:15:00:2\na_kwh:2024-06-03T06:00:00:1\n' \
		'price all dynamic\n' --price p
	is "$status:$output" "65:"
	[[ $stderr == *"the price changes within the slot"* ]]
}

@test "round month adds up and rounds once; a half goes away from zero" {
	in='a_kwh:2024-05-31T21:00:00:1.005\na_kwh:2024-05-31T22:00:00:1.002\na_kwh:2024-06-15T22:00:00:1.003\nb_kwh:2024-05-31T22:00:00:-1.005\n'
	tariff "$in" 'zone Europe/Rome\nprice all 1\nround month 0.01\n'
	is "$status$stderr:$output" "0:a_cost:2024-04-30T22:00:00:1.01
a_cost:2024-05-31T22:00:00:2.01
b_cost:2024-05-31T22:00:00:-1.01"
	tariff "$in" 'zone Europe/Rome\nprice all 1\nround slot 0.05\n'
	is "$(cut -d: -f5 <<<"$output" | tr '\n' ' ')" "1 1 1 -1 "
	tariff "${in}a_kwh:2024-05-31T21:00:00:1\n" 'zone Europe/Rome\nprice all 1\nround month 0.01\n'
	is "$status" 65
	[[ $stderr == *"line 5: it is older than the sum"* ]]
}

@test "round: a slot that comes again replaces what it added" {
	tariff 'a_kwh:2024-06-01T00:00:00:1\na_kwh:2024-06-01T01:00:00:1\na_kwh:2024-06-01T01:00:00:5\na_kwh:2024-06-01T02:00:00:1\n' \
		'price all 1\nround month 0.01\n'
	is "$status$stderr:$output" '0:a_cost:2024-06-01T00:00:00:7'
	# Out of order it may be in the sum already: it is never counted twice.
	tariff 'a_kwh:2024-06-01T00:00:00:1\na_kwh:2024-06-01T01:00:00:1\na_kwh:2024-06-01T00:00:00:1\na_kwh:2024-06-01T01:00:00:2\n' \
		'price all 1\nround month 0.01\n'
	is "$status:$output" '65:a_cost:2024-06-01T00:00:00:3'
	[[ $stderr == *"line 3: it is older than the slot before it"* ]]
}

@test "--bands: two sensors whose bands would have one name: the second is refused" {
	printf 'off_peak mon-sun 0-12\npeak *\n' >t.conf
	printf '%s\n' a_kwh:2024-06-01T00:00:00:1 a_off_kwh:2024-06-01T13:00:00:2 \
		a_offx_kwh:2024-06-01T13:00:00:3 >input
	run --separate-stderr eg-tariff --bands t.conf <input
	is "$status:$output" '65:a_off_peak_kwh:2024-06-01T00:00:00:1
a_offx_peak_kwh:2024-06-01T13:00:00:3'
	[[ $stderr == *"line 2: what comes out would have the name of another sensor's: 'a_off_kwh:"* ]]
	# Without such bands the names differ.
	printf 'low mon-sun 0-12\npeak *\n' >t.conf
	run --separate-stderr eg-tariff --bands t.conf <input
	is "$status:${#lines[@]}" 0:3
}

@test "two sensors whose results would have one name: the second is refused" {
	local table='price all 2\n' a='a:2024-06-01T00:00:00:1\n' k='a_kwh:2024-06-01T00:00:00:5\n'
	tariff "$a$k$a" "$table" # without patterns a is no energy
	is "$status$stderr:$output" '0:a_cost:2024-06-01T00:00:00:10'
	printf '%b' "$a$k$a" >input
	run --separate-stderr eg-tariff t.conf 'a*' <input
	is "$status:$output" "65:$(printf 'a_cost:2024-06-01T00:00:00:2\n%.0s' 1 2)"
	[[ $stderr == *"line 2: what comes out would have the name of another sensor's: 'a_kwh:"* ]]
	printf '%b' "$k$a" >input
	run --separate-stderr eg-tariff t.conf 'a*' <input
	is "$status:$output" '65:a_cost:2024-06-01T00:00:00:10'
	printf '%b' "$k${k/a_kwh/a_kwh_kwh}" >input # a_cost and a_kwh_cost
	run --separate-stderr eg-tariff t.conf 'a*' <input
	is "$status" 0
}

@test "fees of days, months and years, with VAT, once each" {
	tariff 'a_kwh:2024-05-31T21:00:00:1\na_kwh:2024-05-31T22:00:00:1\na_kwh:2024-05-31T23:00:00:1\n' \
		'zone Europe/Rome\nprice all 1\nfee day 0.5\nfee month 10\nfee year 100\nvat 10\n'
	is "$(grep fee <<<"$output")" "a_fee_day:2024-05-30T22:00:00:0.55
a_fee_month:2024-04-30T22:00:00:11
a_fee_year:2023-12-31T23:00:00:110
a_fee_day:2024-05-31T22:00:00:0.55
a_fee_month:2024-05-31T22:00:00:11"
	# One that has become 0 replaces what an earlier run wrote; others are not written.
	tariff 'a_kwh:2024-05-31T21:00:00:1\na_kwh:2024-05-31T22:00:00:1\n' \
		'price all 1\nfee day 0.5\nfrom 2024-05-31\nfee day 0\n'
	is "$(grep fee <<<"$output")" a_fee_day:2024-05-31T00:00:00:0
}

@test "CO2 goes the same way, under its own name" {
	printf 'co2:2024-06-03T06:00:00:412.5\n' >intensity
	printf 'a_kwh:2024-06-03T06:00:00:2\n' >input
	run --separate-stderr eg-tariff --name '%_co2' --price intensity "$TARIFFS/co2.conf" <input
	is "$status:$output" "0:a_co2:2024-06-03T06:00:00:825"
}

@test "the tariffs that are installed price a day each" {
	printf 'p:2024-06-01T00:00:00:0.08\n' >prices
	for h in {0..21}; do printf 'a_kwh:2024-06-03T%02d:00:00:1\na_export_kwh:2024-06-03T%02d:00:00:1\n' "$h" "$h"; done >input
	# The local hours 2 to 23: 11 in F1, 5 in F2, 6 in F3, with 10 % of VAT.
	is "$(eg-tariff "$TARIFFS/italy-bands.conf" <input | total cost)" "6.325"
	is "$(eg-tariff "$TARIFFS/day-night.conf" <input | total cost)" "5.64"
	is "$(eg-tariff -p prices "$TARIFFS/dynamic.conf" <input | total cost)" "5.930936"
	is "$(eg-tariff -c -p prices "$TARIFFS/export.conf" <input | total credit)" "0.88"
	is "$(eg-tariff -n %_co2 -p prices "$TARIFFS/co2.conf" <input | total co2)" "1.76"
	is "$(ls "$TARIFFS" | tr '\n' ' ')" "co2.conf day-night.conf dynamic.conf export.conf italy-bands.conf "
}

@test "by the roles of meters, what is made, stored or sold has no price, and what is sold a credit" {
	printf '%s\n' 'roof W pv' 'out kWh grid-export' 'cell* W battery' 'in kWh grid-import' 'net W grid' >meters
	tariff 'roof_kwh:2024-06-03T10:00:00:1\nout_kwh:2024-06-03T10:00:00:2\ncell1_kwh:2024-06-03T10:00:00:3\nin_kwh:2024-06-03T10:00:00:4\nnet_kwh:2024-06-03T10:00:00:5\nnet_export_kwh:2024-06-03T10:00:00:6\nlamp_kwh:2024-06-03T10:00:00:7\n' \
		'price all 1\n' --meters meters
	is "$output" $'in_cost:2024-06-03T10:00:00:4\nnet_cost:2024-06-03T10:00:00:5\nlamp_cost:2024-06-03T10:00:00:7'
	[ "$status" -eq 0 ]
	run --separate-stderr eg-tariff --meters meters --credit t.conf <input
	is "$output" $'out_credit:2024-06-03T10:00:00:2\nnet_export_credit:2024-06-03T10:00:00:6'
	# A sensor that is named is taken whatever its role is.
	run --separate-stderr eg-tariff --meters meters t.conf roof_kwh <input
	is "$output" 'roof_cost:2024-06-03T10:00:00:1'
	echo 'roof W sun' >meters
	run --separate-stderr eg-tariff --meters meters t.conf <input
	[ "$status" -eq 78 ]
	[[ $stderr == *"meters"*1*"'sun' is no role"* ]]
}
