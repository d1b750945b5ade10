#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bash, zsh and fish complete each option that a program's --help names, in the shells
# themselves, from the folders that `make install` fills.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	make -s "BUILD=$(realpath --relative-to=. "${EG_BIN:-build}")" "DESTDIR=$BATS_FILE_TMPDIR" PREFIX=/eg install
	cd "$BATS_FILE_TMPDIR/eg/bin" && PROGRAMS=$(ls) && export PROGRAMS
}

setup() {
	share=$BATS_FILE_TMPDIR/eg/share
	export PATH=$BATS_FILE_TMPDIR/eg/bin:$PATH HOME=$BATS_TEST_TMPDIR
	cd "$BATS_TEST_TMPDIR" || return
	printf '' >some-file
	mkdir some-folder
}

in_bash() { # LINE
	XDG_DATA_DIRS=$share bash --norc -c '
		. /usr/share/bash-completion/bash_completion
		read -r -a COMP_WORDS <<<"$1"
		[[ $1 != *" " ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$1 COMP_POINT=${#1}
		. "$2/bash-completion/completions/${COMP_WORDS[0]}"
		_energyguard "${COMP_WORDS[0]}" "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$1" "$share" 2>/dev/null | sort -u
}

in_zsh() { # LINE
	timeout 240 zsh -f "$BATS_TEST_DIRNAME/../tools/complete.zsh" "$share/zsh/site-functions" "$1"
}

in_fish() { # LINE
	timeout 60 fish --no-config -c 'set -p fish_complete_path $argv[2]; complete -C $argv[1]' \
		"$1" "$share/fish/vendor_completions.d" | cut -f 1 | sort -u
}

options() { # PROGRAM: its long options
	"$1" --help | sed -nE 's/^ +(-[a-zA-Z0-9], )?(--[a-z0-9-]+) .*/\2/p' | sort -u
}

each_option() { # IN_SHELL
	local name
	for name in $PROGRAMS; do
		[[ -n $(options "$name") ]]
		diff <(options "$name") <("$1" "$name --") || { echo "of $name"; return 1; }
	done
}

# A file, a value that nobody can guess, and the options of a command behind `--`.
arguments() { # IN_SHELL
	[[ $("$1" 'eg-influx --metrics some-f') == some-file*some-folder* ]]
	[[ $("$1" 'eg-consume -- eg-influx --tok') == --token-file ]]
}

@test "bash completes each option, files, and the command behind --" {
	each_option in_bash
	arguments in_bash
	[[ -z $(in_bash 'eg-influx --bucket some-') ]]
}

@test "zsh completes each option, files, and the command behind --" {
	each_option in_zsh
	arguments in_zsh
}

@test "fish completes each option, files, and the command behind --" {
	each_option in_fish
	arguments in_fish
	[[ -z $(in_fish 'eg-influx --bucket some-') ]]
}
