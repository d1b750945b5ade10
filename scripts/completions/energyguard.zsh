#compdef @PROGRAMS@
# SPDX-License-Identifier: MIT
# Completion for zsh. It reads each program's --help, which comes from the program's table
# of options, so that it fits the version that is installed.

_energyguard() {
	local -a specs match mbegin mend
	local line short long arg text
	local -i end=${words[(i)--]}
	if (( end < CURRENT )); then # the command behind `--` has its own completion
		words=("${(@)words[end+1,-1]}")
		(( CURRENT -= end ))
		_normal
		return
	fi
	for line in ${(f)"$(_call_program options $words[1] --help 2>/dev/null)"}; do
		[[ $line =~ '^ +(-([a-zA-Z0-9]), )?--([a-z0-9-]+) ([][A-Z][][A-Za-z0-9=:.,_-]*)? *(.*)$' ]] || continue
		short=$match[2] long=$match[3] arg=${match[4]//:/-} text=${${match[5]//\[/(}//\]/)}
		text=${text//:/\\:}
		case $arg in
		'') ;;
		*FILE* | DB | PATH) arg=":$arg:_files" ;;
		*DIR*) arg=":$arg:_files -/" ;;
		*) arg=":$arg: " ;;
		esac
		if [[ -n $short ]]; then
			specs+=("(-$short --$long)-${short}[$text]$arg" "(-$short --$long)--$long${arg:+=}[$text]$arg")
		else
			specs+=("--${long}${arg:+=}[$text]$arg")
		fi
	done
	_arguments -s $specs '*:file:_files'
}

_energyguard "$@"
