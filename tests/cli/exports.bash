# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Runs eg-import on exports, for the tests that load this file.
# shellcheck disable=SC2034,SC2154 # the tests read some; bats sets some

setup() {
	load ../wait
	PATH="$EG_BIN:$PATH"
	cd "$BATS_TEST_TMPDIR" || return
}

# Whether each sensor of the output is in the file of meters of the known format among the
# arguments, where --meters prints one.
meters_know() { # OUTPUT ARG...
	local format sensor pattern found
	for format in "${@:2}"; do
		[[ $format != -* ]] && eg-import --meters "$format" >meters 2>/dev/null || continue
		while IFS=: read -r sensor _; do
			found=
			[[ " ${*:2} " != *" -S $sensor "* ]] || continue # the user's own name
			while read -r pattern _; do
				# shellcheck disable=SC2053 # it is a pattern
				[[ $pattern == '#' || $sensor != $pattern ]] || found=1
			done <meters
			[[ $found ]] || { echo "$format --meters has no line for $sensor"; return 1; }
		done <<<"$1"
	done
}

# Runs eg-import with the arguments on $1, and compares with $2.
gives() {
	printf '%b' "$1" >input.csv
	run --separate-stderr eg-import "${@:3}" input.csv
	if [ "$status:$output" != "0:$(printf '%b' "$2")" ]; then
		printf 'wanted: 0:%b\ngot: %s:%s\n%s\n' "$2" "$status" "$output" "$stderr"
		return 1
	fi
	meters_know "$output" "${@:3}"
	[[ $BATS_TEST_DESCRIPTION != 'known exports: '* ]] || is_guessed "${BATS_TEST_DESCRIPTION#*: }"
}

# Whether guess proposes the format for input.csv.
is_guessed() { # FORMAT
	if ! eg-import guess input.csv >proposed 2>understood ||
	    ! grep -qE "^eg-import (-d [^ ]+ )?$1 input.csv\$" proposed; then
		cat proposed understood
		return 1
	fi
}

# The same for a file of which some rows are refused.
refuses() {
	printf '%b' "$1" >input.csv
	run --separate-stderr eg-import "${@:3}" input.csv
	if [ "$status:$output" != "65:$(printf '%b' "$2")" ]; then
		printf 'wanted: 65:%b\ngot: %s:%s\n%s\n' "$2" "$status" "$output" "$stderr"
		return 1
	fi
}
