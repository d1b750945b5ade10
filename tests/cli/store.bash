# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Runs eg-store, for the tests that load this file.
# shellcheck disable=SC2016,SC2034,SC2154 # the tests read some; bats sets some; inner shells expand

load ../wait

setup() {
	PATH=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd):$PATH
	# bats keeps files of its own in the test's folder.
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work" || return 1
	CHILD=''
}

teardown() {
	[[ -z $CHILD ]] || { kill -KILL "$CHILD" && wait "$CHILD"; } 2>/dev/null || true
	[[ -z ${SERVER-} ]] || { kill "$SERVER" && wait "$SERVER"; } 2>/dev/null || true
	[[ -z ${ROOM-} ]] || rm -rf "$ROOM"
}

store() { run --separate-stderr timeout 60 eg-store "$@"; }

feed() { # TEXT ARG...: eg-store with the text, escapes and all, on its standard input
	run --separate-stderr timeout 60 bash -c 'printf "$1" | eg-store "${@:2}"' - "$@"
}

keep() { # TEXT: into a.db
	printf "$1" | timeout 60 eg-store a.db >/dev/null
}

# Starts eg-store as a child that is written to at 7 and read from at 8.
child() {
	mkfifo to from
	anew from err
	eg-store "$@" <to >from 2>err 3>&- &
	CHILD=$!
	exec 7>to 8<from
}

reads() { # LINE: the next that comes, in half a minute
	local line
	read -rt 30 -u 8 line
	[[ $line == "$1" ]] || { echo "came: $line"; return 1; }
}

ended() { # waits for the child; its status in $status
	wait_until gone "$CHILD"
	status=0
	wait "$CHILD" || status=$?
	CHILD=''
}

# --- files that are not as they should be -------------------------------------------

# Every way to open the file has this status and message, and leaves it as it is.
refuses() { # FILE STATUS TEXT
	local way before
	before=$(cat "$1" 2>/dev/null | cksum)
	for way in '' dump stat digest 'delete a:2026-11-23T10:00:00' 'expire now' check 'backup copy'; do
		# shellcheck disable=SC2086
		run --separate-stderr bash -c 'echo a:2026-11-23T10:00:00:1 | eg-store "$@"' - "$1" $way
		[[ $status -eq $2 && $stderr == *"$3"* && -z $output && ${#stderr_lines[@]} -eq 1 ]] ||
			{ echo "$way: $status, $stderr, $output"; return 1; }
		[ "$before" = "$(cat "$1" 2>/dev/null | cksum)" ]
	done
	[ ! -e copy ]
}
