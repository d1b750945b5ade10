# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the scripts share: exit statuses (energyguard(7)), the version, the last message.
# Source it after NAME is set.

# shellcheck disable=SC2034 # each script uses some
readonly USAGE=64 DATA=65 BUG=70 IO=74 TEMPORARY=75 CONFIG=78

# `make install` writes the version here; in the source tree the Makefile has it.
VERSION=@VERSION@
[[ $VERSION != @* ]] ||
	VERSION=$(sed -n 's/^VERSION *:= *//p' "$(dirname -- "${BASH_SOURCE[0]}")/../Makefile" 2>/dev/null) ||
	VERSION=unknown
readonly VERSION

# Prints a message and ends with the status. Control characters become blanks.
die() { # STATUS TEXT...
	local status=$1
	shift
	printf '%s: fatal: %s\n' "$NAME" "${*//[[:cntrl:]]/ }" >&2
	exit "$status"
}

# Runs a command that writes to standard output. If that cannot be written, it ends with 74, and
# says why unless the reader has gone.
print() { # COMMAND...
	local why
	{ why=$(trap '' PIPE; LC_ALL=C "$@" 2>&1 >&3); } 3>&1 && return
	[[ $why == *'Broken pipe'* ]] || die $IO "cannot write to standard output: ${why##*: }"
	exit $IO
}

# The value of a word in a table of eg-tariff, whose lines may end in a carriage return.
table_word() { # WORD TABLE
	awk -v word="$1" '{ sub(/\r$/, "") } $1 == word { print $2; exit }' "$2"
}

# A pipe can be read once, and scripts read some files more than once: makes the variable the path
# of a copy in the folder if its file is no regular one.
keep_pipe() { # VARIABLE FOLDER
	local -n path=$1
	[[ -e $path && ! -f $path && ! -d $path ]] || return 0
	cat -- "$path" >"$2/$1" 2>/dev/null || die $IO "cannot copy '$path' to $2"
	path=$2/$1
}

# With set -e: where a tool such as awk or sort fails, as on a full disk, the script ends with 74.
# The tool has said why. The programs here keep their status.
tools_may_fail() {
	set -E
	trap '[[ $? == 6[4-9] || $? == 7[0-8] ]] || die $IO "a tool has failed"' ERR
}
