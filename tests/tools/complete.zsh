# SPDX-License-Identifier: MIT
# Prints what zsh completes behind a line, a word a line, with the functions of a folder.
# usage: zsh -f complete.zsh FOLDER LINE
zmodload zsh/zpty
found=$(mktemp)
zpty shell zsh -f -i
zpty -w shell "fpath=(${(q)1} \$fpath); autoload -U compinit; compinit -u -D"
zpty -w shell "compadd() { local -a x; builtin compadd -O x \"\$@\"; print -rl -- \$x >>${(q)found}; builtin compadd \"\$@\" }"
zpty -w shell "zle-line-init() { print -r -- ready >${(q)found}.\$((++lines)) }; zle -N zle-line-init"
# The second line that it reads is the one to complete.
wait_for() { # WHAT: reads what the shell writes until that is there, for 60 s
	local -i end=$((SECONDS + 60))
	local output
	until eval "$1"; do
		(( SECONDS < end )) || { print -u2 "gave up waiting for: $1"; exit 1 }
		zpty -rt shell output || sleep 0.05
	done
}
wait_for '[[ -e $found.1 ]]'
zpty -w -n shell "$2"$'\t'
wait_for '[[ -s $found ]]'
zpty -w -n shell $'\C-u : >'"${(q)found}.end"$'\n'
wait_for '[[ -e $found.end ]]'
zpty -d shell
grep . "$found" | sort -u
rm -f "$found"(|.*)
