# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A cluster of local stores and a stage over them, for the tests that load this file.
# shellcheck disable=SC2034  # bats and the tests use some

bats_require_minimum_version 1.5.0
load ../wait

setup() {
	BIN=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd)
	PATH=$BIN:$PATH
	cd "$BATS_TEST_TMPDIR" || return 1
	PIDS=()
	# node NAME eg-store FILE [VERB...]: a store that is away while NAME.down is there,
	# and that takes nothing (nor ends) while NAME.stuck is.
	cat >node <<-'END'
		#!/bin/bash
		[[ ! -e $1.down ]] || exit 75
		while [[ -e $1.stuck ]]; do sleep 0.05; done
		shift
		exec "$@"
	END
	chmod +x node
}

teardown() {
	local pid
	for pid in ${PIDS[@]+"${PIDS[@]}"}; do kill -KILL "$pid" 2>/dev/null || true; done
	rm -f ./*.stuck
}

cluster() { # LINE...: three nodes unless there is one among the lines
	printf '%s\n' "$@" >c.conf
	grep -qE '^(node|store|stage) ' c.conf || printf 'store %s ./node %s eg-store %s.db\n' a a a b b b c c c >>c.conf
}

records() { # SENSORS ROUNDS [START]
	eg-sim -n "$1" -r "$2" --start "${3:-2026-01-01T00:00:00}" --step 1s --seed 7 --prefix s
}

# A node that is only slow, on a busy machine, is waited for: it gets no hint.
replicate() { timeout 60 eg-replicate --lag 60s "$@"; }
holds() { eg-store "$1.db" dump | sort; }
up() { # NODE: whether it has caught up
	[[ $(eg-replicate c.conf status | awk -v n="$1" '$1 == n { print $2, $3 }') == 'up 0' ]]
}
# Nothing was said, but that no quorum was there for two seconds, as on a busy machine.
quiet() { # STDERR
	! grep -vE 'there is no quorum of|the quorum is there again' <<<"$1" | grep .
}
lines() { # FILE N: whether it has as many
	[[ -e $1 && $(wc -l <"$1") -eq $2 ]]
}

# Starts the stage in the background, its input a pipe that is open as $IN.
start() { # OPTION...
	mkfifo in
	anew out err
	timeout 300 eg-replicate --lag 60s "$@" c.conf <in >out 2>err 3>&- &
	STAGE=$!
	PIDS+=("$STAGE")
	exec {IN}>in
}

finish() { # STATUS
	local status=0
	exec {IN}>&-
	wait "$STAGE" || status=$?
	[[ $status -eq ${1:-0} ]] || { echo "status $status"; cat err; return 1; }
}
