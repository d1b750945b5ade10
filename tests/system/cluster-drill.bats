#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The cluster drill runs to its end, and sees what is not as it should be.

bats_require_minimum_version 1.5.0

setup() {
	BIN=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd)
	DRILL=$BATS_TEST_DIRNAME/../../scripts/eg-cluster-drill
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "the drill fails and kills, and finds every reading with a receipt where it should be" {
	EG_BIN=$BIN run --separate-stderr timeout 200 "$DRILL" --rounds 40 --dir work
	[[ $status -eq 0 ]] || { echo "$output $stderr"; return 1; }
	[[ ${#lines[@]} -eq 13 && ${lines[1]} == ' 2  600 readings written, all with receipts' ]]
	[[ ${lines[3]} == ' 4  all 1200 readings read without it' ]]
	[[ ${lines[5]} =~ 'node a killed with SIGKILL after receipt '[1-9] ]]
	[[ ${lines[11]} == '12  all 2400 readings with a receipt are on both of their nodes' ]]
	[[ $(cat <("$BIN/eg-store" work/a.db dump) <("$BIN/eg-store" work/b.db dump) <("$BIN/eg-store" work/c.db dump) |
		sort | uniq -c | awk '$1 == 2' | wc -l) -eq 2400 ]]
}

@test "a store that loses a reading is found out" {
	mkdir bin
	ln -s "$BIN"/eg-* bin/
	rm bin/eg-store
	cat >bin/eg-store <<-END
		#!/bin/sh
		[ "\$2" != dump ] || { $BIN/eg-store "\$@" | sed 7d; exit; }
		exec $BIN/eg-store "\$@"
	END
	chmod +x bin/eg-store
	EG_BIN=$PWD/bin run --separate-stderr timeout 200 "$DRILL" --rounds 10
	[[ $status -eq 70 && $stderr == *'does not hold exactly its share'* ]]
}

# A stand-in for eg-replicate that runs COMMANDS before it.
stand_in() { # COMMANDS
	mkdir bin
	ln -s "$BIN"/eg-* bin/
	rm bin/eg-replicate
	printf '#!/bin/sh\n%s\nexec %s/eg-replicate "$@"\n' "$1" "$BIN" >bin/eg-replicate
	chmod +x bin/eg-replicate
}

@test "a hint that is lost is found out, though repair would mend it" {
	# Each stage begins without the hints of the one before.
	stand_in '[ $# -gt 1 ] || [ ! -e cluster.state/hints.db ] || sqlite3 cluster.state/hints.db "delete from hint"'
	EG_BIN=$PWD/bin run --separate-stderr timeout 200 "$DRILL" --rounds 10
	[[ $status -eq 70 && $stderr == *'node b does not hold exactly its share'* ]] || { echo "$status $output $stderr"; return 1; }
}

@test "a repair that has something to do after the hints is found out" {
	stand_in '[ "$2" != repair ] || echo sensor1:2025-01-01T00:00:00:1 | eg-store "$(eg-replicate cluster where sensor1 | sed -n 1p).db" >/dev/null'
	EG_BIN=$PWD/bin run --separate-stderr timeout 200 "$DRILL" --rounds 10
	[[ $status -eq 70 && $stderr == *'the hints left something to repair'* ]] || { echo "$status $output $stderr"; return 1; }
}

@test "wrong options are 64, and nothing is made" {
	local args
	mkdir empty && cd empty
	for args in '--rounds' '--rounds 0' '--sensors x' '--nonsense' 'operand' '--dir .'; do
		# shellcheck disable=SC2086  # several words
		run --separate-stderr "$DRILL" $args
		[[ $status -eq 64 && -z $output && -n $stderr ]] || { echo "$args: $status $stderr"; return 1; }
	done
	[[ -z $(ls) ]]
}
