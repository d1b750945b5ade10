# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Waiting, for the tests that load this file.

# Until the command succeeds; WAIT_S seconds (60) at most.
wait_until() { # COMMAND...
	local end=$((SECONDS + ${WAIT_S:-60}))
	until "$@"; do
		((SECONDS < end)) || { echo "gave up waiting for: $*" >&2; return 1; }
		sleep 0.1
	done
}

# Whether a process has ended, also if its parent has not asked yet: it may go between
# the two looks.
gone() { # PID
	[[ ! -e /proc/$1/stat || $(cat "/proc/$1/stat" 2>/dev/null || true) == *") Z "* ]]
}
