# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Compares texts, for the tests that load this file.

is() { # GOT WANTED
	[[ $1 == "$2" ]] || { printf 'wanted: %s\ngot:    %s\n' "$2" "$1"; return 1; }
}
