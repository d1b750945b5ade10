#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is installed works where it is installed, and goes again.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	make=(make -s "BUILD=$(realpath --relative-to=. "${EG_BIN:-build}")" "DESTDIR=$BATS_TEST_TMPDIR" PREFIX=/opt/eg)
	installed=$BATS_TEST_TMPDIR/opt/eg
}

@test "installed programs, scripts and pages are those of the source, and work from there" {
	run "${make[@]}" install
	[[ $status -eq 0 ]]
	run --separate-stderr env -i PATH="$installed/bin:/usr/bin:/bin" bash -c \
		'eg-sim --seed 1 --rounds 1 --delay 0 | wc -l && cd / && printf "t,v\n2026-01-01T00:00:00,1.50\n" |
			eg-import csv --time t --value v --sensor a -'
	[[ $status -eq 0 && $output == $'15\na:2026-01-01T00:00:00:1.50' && -z $stderr ]]
	run mandoc "$installed/share/man/man7/energyguard.7"
	[[ $status -eq 0 && $output == *"A record comes out of a stage"* ]]
	# These two belong to the source folder.
	[[ -z $(find "$installed" -name 'eg-setup*' -o -name 'eg-demo*') ]]
}

@test "the tables of tariffs are installed, and price an hour" {
	"${make[@]}" install
	[[ $(ls "$installed/share/energyguard/tariffs") == "$(ls scripts/tariffs)" ]]
	run --separate-stderr bash -c 'printf "a_kwh:2024-06-03T10:00:00:2\n" |
		"$0/bin/eg-tariff" "$0/share/energyguard/tariffs/day-night.conf"' "$installed"
	[[ $status -eq 0 && -z $stderr ]]
	[[ $output == $'a_fee_day:2024-06-02T22:00:00:0.35\na_cost:2024-06-03T10:00:00:0.54' ]]
}

@test "the example of the environment is installed" {
	"${make[@]}" install
	cmp scripts/systemd/environment "$installed/share/energyguard/environment"
}

@test "the maps of Modbus devices are installed" {
	"${make[@]}" install
	[[ $(ls "$installed/share/energyguard/modbus") == "$(ls scripts/modbus)" ]]
}

@test "uninstall leaves no file behind" {
	"${make[@]}" install
	[[ -n $(find "$installed" -type f) ]]
	run "${make[@]}" uninstall
	[[ $status -eq 0 && -z $(find "$installed" -type f) ]]
}

@test "a folder with blanks in its name gets all files, and no other folder any" {
	local to="$BATS_TEST_TMPDIR/a b" files
	run make -s "BUILD=$(realpath --relative-to=. "${EG_BIN:-build}")" "DESTDIR=$to" "PREFIX=/opt/e g" install
	[[ $status -eq 0 && $(ls "$BATS_TEST_TMPDIR") == 'a b' && $(ls "$to/opt") == 'e g' ]]
	[[ $(stat -c %a "$to/opt/e g/bin/eg-sim" "$to/opt/e g/lib/systemd/system/"*.service | sort -u) == $'644\n755' ]]
	"${make[@]}" install
	# All that a plain folder gets.
	files=$(cd "$installed" && find . -type f | sort)
	[[ $(cd "$to/opt/e g" && find . -type f | sort) == "$files" ]]
	run make -s "DESTDIR=$to" "PREFIX=/opt/e g" uninstall
	[[ $status -eq 0 && -z $(find "$to" -type f) ]]
}

@test "eg-setup names what is missing and installs nothing when asked to only look" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\necho "installed gcc"\n' >"$BATS_TEST_TMPDIR/bin/dpkg-query"
	chmod +x "$BATS_TEST_TMPDIR/bin/dpkg-query"
	PATH="$BATS_TEST_TMPDIR/bin:$PATH" run --separate-stderr scripts/eg-setup --dry-run demo
	[[ $status -eq 0 && $output == *rabbitmq-server* && $output == *librabbitmq-dev* ]]
	[[ ! $output =~ (^|$'\n')gcc($|$'\n') && $output != *wrk* ]]
	PATH="$BATS_TEST_TMPDIR/bin:$PATH" run --separate-stderr scripts/eg-setup --dry-run bench
	# What the benchmarks look for themselves.
	[[ $status -eq 0 && $output == *wrk* && $output == *python3-flask* && $output == *bats* ]]
}

@test "eg-setup asks for nothing when everything is there, root or not" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nexit 1\n' | tee "$BATS_TEST_TMPDIR/bin/apt-get" >"$BATS_TEST_TMPDIR/bin/sudo"
	chmod +x "$BATS_TEST_TMPDIR/bin/"*
	PATH="$BATS_TEST_TMPDIR/bin:$PATH" run --separate-stderr scripts/eg-setup check
	[[ $status -eq 0 && -z $output && -z $stderr ]]
}

@test "eg-setup runs with what the image has of the source when it calls it" {
	local files src=$BATS_TEST_TMPDIR/src
	read -r -a files <<<"$(sed -n 's|^COPY \(scripts/eg-setup.*\) /src/scripts/$|\1|p' compose/Dockerfile)"
	mkdir -p "$src/scripts"
	cp "${files[@]}" "$src/scripts"
	run --separate-stderr "$src/scripts/eg-setup" --dry-run build
	[[ $status -eq 0 && -z $stderr ]]
}
