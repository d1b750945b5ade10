#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Programs, --help and manual pages say the same; the pages are well-formed.
# shellcheck disable=SC2154 # run sets stderr_lines

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	bin=${EG_BIN:-build}
	programs=$(basename -s .c -a cmd/*.c)
	scripts=$(cd scripts && printf '%s\n' eg-*)
}

run_help() {
	if [[ -x $bin/$1 ]]; then "$bin/$1" --help; else "scripts/$1" --help; fi
}

# `-x, --name ARG` of the help, a line an option, as `x name ARG`.
help_options() {
	run_help "$1" | sed -nE 's/^ +(-([a-zA-Z0-9]), )?--([a-z0-9-]+)( ([[A-Z][][A-Z0-9_,=:.a-z-]*))?( .*)?$/\2 \3 \5/p' | sort
}

# The same of `.It Fl x , -name Ar ARG`.
page_options() {
	sed -nE 's/^\.It Fl (([a-zA-Z0-9]) , )?(Fl )?-([a-z0-9-]+)( Ar (.*))?$/\2 \4 \6/p' "man/$1.1" | sort
}

@test "every program and script has its page, and the page its purpose from the source" {
	local name purpose
	for name in $programs; do
		purpose=$(sed -n '2s|^/\* \(.*\)\.\( \*/\)\?$|\1|p' "cmd/$name.c")
		[[ -n $purpose ]]
		grep -qixF ".Nd $purpose" "man/$name.1" || { echo "$name: '$purpose'"; return 1; }
	done
	for name in $scripts; do
		[[ -f man/$name.1 ]] || { echo "$name has no page"; return 1; }
	done
}

@test "options in the code, in --help and in the page are the same" {
	local name
	for name in $programs $scripts; do
		[[ -n $(help_options "$name") ]]
		diff <(help_options "$name") <(page_options "$name") || { echo "in $name"; return 1; }
	done
}

@test "every option that --help names is taken by the program" {
	local name line opt
	for name in $programs; do
		while read -r line; do
			opt=$(sed -E 's/^([a-zA-Z0-9] )? ?([a-z0-9-]+).*/\2/' <<<"$line")
			run "$bin/$name" "--$opt=" --help
			[[ $output != *"unknown option"* ]] || { echo "$name --$opt: $output"; return 1; }
		done < <(help_options "$name")
	done
}

@test "every page is clean for mandoc" {
	run mandoc -Tlint -W warning man/*.[157]
	[[ -z $output && $status -eq 0 ]]
}

@test "energyguard(7) refers to every page that is installed" {
	local page
	for page in man/*.[157]; do
		page=${page#man/}
		case $page in
		energyguard.7 | eg-demo.1 | eg-setup.1) continue ;; # itself, and the source tree's
		esac
		sed -n '/^\.Sh SEE ALSO/,$p' man/energyguard.7 |
			grep -qE "^\.Xr ${page%.*} ${page##*.}( ,)?$" || { echo "$page"; return 1; }
	done
}

@test "--version and --help say so on standard output and end with 0" {
	local name
	for name in $programs; do
		run --separate-stderr "$bin/$name" --version
		[[ $status -eq 0 && $output == "$name "[0-9]* && -z $stderr ]]
		run --separate-stderr "$bin/$name" -h
		[[ $status -eq 0 && $output == "usage: $name "* && -z $stderr ]]
		run --separate-stderr bash -c '"$1" --help >/dev/full' - "$bin/$name"
		[[ $status -eq 74 ]]
	done
	for name in $scripts; do
		run --separate-stderr "scripts/$name" --version
		[[ $status -eq 0 && $output == "$name "[0-9]* && -z $stderr ]]
		run --separate-stderr "scripts/$name" --help
		[[ $status -eq 0 && $output == *"usage: $name"* && -z $stderr ]]
		run --separate-stderr bash -c '"$1" --help >/dev/full' - "scripts/$name"
		[[ $status -eq 74 && $stderr == "$name: fatal: cannot write to standard output: "* ]]
		# A reader that is gone ends it without a word.
		run --separate-stderr bash -c 'exec 3> >(exec 0<&-); wait $!; "$1" --version >&3' - "scripts/$name"
		[[ $status -eq 74 && -z $stderr ]]
	done
}

@test "no long option can be abbreviated" {
	local name opt
	for name in $programs; do
		for opt in $(help_options "$name" | sed -E 's/^([a-zA-Z0-9] )? ?([a-z0-9-]+).*/\2/'); do
			opt=${opt%?}
			[[ -n $opt ]] || continue
			run --separate-stderr timeout 60 "$bin/$name" "--$opt" 1 --help
			# Less its last letter it may be another option's whole name. Of a name with the word of
			# a secret the message shows the front.
			[[ $status -eq 64 && $stderr == *"unknown option '--"* ]] ||
				grep -qE "^([a-zA-Z0-9] )? ?$opt " <(help_options "$name") || { echo "$name --$opt: $status $stderr"; return 1; }
		done
	done
}

@test "an unknown option is one line on standard error and 64" {
	local name
	for name in $programs; do
		run --separate-stderr "$bin/$name" --no-such-option
		[[ $status -eq 64 && -z $output && ${#stderr_lines[@]} -eq 1 && $stderr == "$name: "* ]]
	done
	for name in $scripts; do
		run --separate-stderr "scripts/$name" --no-such-option
		[[ $status -eq 64 && -z $output && ${#stderr_lines[@]} -eq 1 && $stderr == "$name: "* ]]
	done
}

@test "every page fits Debian's man at 80 and at 100 columns" {
	local page width out
	command -v man >/dev/null || skip "no man-db"
	for page in "$BATS_TEST_DIRNAME"/../../man/*.[157]; do
		for width in 80 100; do
			out=$(MANWIDTH=$width LC_ALL=C.UTF-8 man -l "$page" 2>&1 >/dev/null)
			[ -z "$out" ] || { echo "${page##*/} at $width columns: $out" | head -3; return 1; }
		done
	done
}

# A shell, and who copies them, would read two lines as two commands.
@test "a command in a page stays on its line, and the end of a line is written as it is" {
	local page shown line
	command -v man >/dev/null || skip "no man-db"
	run grep -n '[^\\]\\$' "$BATS_TEST_DIRNAME"/../../man/*.[157]
	[ -z "$output" ]
	for page in "$BATS_TEST_DIRNAME"/../../man/*.[157]; do
		shown=$(MANWIDTH=80 LC_ALL=C.UTF-8 man -l "$page" | tr -s ' ')
		while IFS= read -r line; do
			grep -qF -- "$line" <<<"$shown" || { echo "${page##*/}: $line"; return 1; }
		done < <(sed -n 's/^\.Dl //p' "$page" |
			sed 's/\\(dq/"/g; s/\\[&]//g; s/\\-/-/g; s/\\e/\\/g; s/\\ / /g' | tr -s ' ')
	done
}

@test "the version stands in the Makefile alone, and all programs and scripts have it" {
	local version name
	version=$(sed -n 's/^VERSION *:= *//p' Makefile)
	[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
	run git grep -nF "$version" -- cmd lib scripts man
	[ -z "$output" ]
	for name in $programs; do
		[ "$("$bin/$name" --version)" = "$name $version" ]
	done
	for name in $scripts; do
		[ "$("scripts/$name" --version)" = "$name $version" ]
	done
}
