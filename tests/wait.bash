# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Waiting, for the tests that load this file.

# Until the command succeeds; SECONDS at most.
await() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS <= end)) || { echo "gave up waiting for: $*" >&2; return 1; }
		sleep 0.05
	done
}

# The same; WAIT_S seconds (60) at most.
wait_until() { # COMMAND...
	await "${WAIT_S:-60}" "$@"
}

# Empties files that a program in the background is about to write to. It empties them itself, but
# perhaps after the first look at what the one before it has left there.
anew() { # FILE...
	local file
	for file; do
		[[ -p $file ]] || : >"$file"
	done
}

# Whether a process has ended, also if its parent has not asked yet: it may go between
# the two looks.
gone() { # PID
	[[ ! -e /proc/$1/stat || $(cat "/proc/$1/stat" 2>/dev/null || true) == *") Z "* ]]
}

# For await: whether a process has ended; if not, it is signalled. A program counts two
# signals only when half a second lies between them. The process is the program itself: timeout(1)
# signals its whole group, and with it LeakSanitizer's helper, without which the program hangs.
gone_after_signal() { # PID [SIGNAL]
	gone "$1" || { kill -"${2:-TERM}" "$1" 2>/dev/null; false; }
}

# For await: whether a file is there and has N lines at least.
has_lines() { # FILE N
	[[ -e $1 ]] && (($(wc -l <"$1") >= $2))
}

# For await: whether a process is stopped; SIGSTOP does it a moment later.
stopped() { grep -q '^State:.*stopped' "/proc/$1/status"; } # PID

# For await: whether a process has become PROGRAM, which an emulator may run, and sleeps.
asleep() { # PID PROGRAM
	local exe
	exe=$(readlink "/proc/$1/exe")
	if [[ $exe == */qemu-* ]]; then exe=$(tr '\0' '\n' <"/proc/$1/cmdline" | grep "/$2\$"); fi
	[[ $exe == */"$2" ]] && grep -q '^State:.*sleeping' "/proc/$1/status"
}
