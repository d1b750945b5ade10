# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Completion for bash. It reads each program's --help, which comes from the program's table
# of options, so that it fits the version that is installed.

# Prints a line per option of a program: the name of its argument or -, then its words.
_energyguard_options() { # PROGRAM
	"$1" --help 2>/dev/null |
		sed -nE 's/^ +(-([a-zA-Z0-9]), )?--([a-z0-9-]+) ([][A-Z][][A-Za-z0-9=:.,_-]*)?.*$/\4 -\2 --\3/p' |
		sed -E 's/^ /- /; s/ - / /'
}

_energyguard() { # PROGRAM
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} i arg words all=() of=-
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -- ]] && declare -F _command_offset >/dev/null; then
			_command_offset $((i + 1)) # the command behind `--` has its own completion
			return
		fi
	done
	while read -r arg words; do
		all+=("${words##* }")
		[[ " $words " != *" $prev "* ]] || of=$arg
	done < <(_energyguard_options "$1")
	case $of in
	- | *FILE* | DB | PATH)
		if [[ $of == - && $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "${all[*]}" -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		fi
		;;
	*DIR*) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
	esac
}

complete -o filenames -F _energyguard @PROGRAM@
