#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The verbs of eg-store that take their operands from standard input, `-`.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load store

# --- operands from standard input -----------------------------------------------------

@test "delete - gives each key back when it is gone, as soon as it has come" {
	keep 'a:2026-11-23T10:00:00:1\na:2026-11-23T11:00:00:2\na:2026-11-23T12:00:00:3\n'
	child a.db delete -
	echo a:2026-11-23T10:00:00 >&7
	reads a:2026-11-23T10:00:00
	store a.db get a:2026-11-23T10:00:00
	[ "$status" -eq 65 ]
	printf '# a word\n\na:2026-11-23T11:00:00Z\nx:2026-11-23T00:00:00\n' >&7
	reads a:2026-11-23T11:00:00Z
	reads x:2026-11-23T00:00:00
	store a.db dump
	[ "$output" = a:2026-11-23T12:00:00:3 ]
	exec 7>&-
	ended
	[ "$status" -eq 0 ]
	[ ! -s err ]
}

@test "delete - refuses what is no key with its line, deletes the rest, and ends with 65" {
	keep 'a:2026-11-23T10:00:00:1\na:2026-11-23T11:00:00:2\n'
	feed 'a:2026-11-23T10:00:00\nnonsense\na:2026-11-23T11:00:00' a.db delete -
	[ "$status" -eq 65 ]
	[ "$output" = a:2026-11-23T10:00:00 ]
	[[ ${stderr_lines[0]} == "eg-store: warning: line 2: "*": 'nonsense'" ]]
	[[ ${stderr_lines[1]} == "eg-store: warning: line 3: the last line has no newline"* ]]
	[ "${#stderr_lines[@]}" -eq 2 ]
	store a.db dump
	[ "$output" = a:2026-11-23T11:00:00:2 ]
}

@test "a record written after the deletion stays, and the deletion's line comes out" {
	local old now
	keep 'a:2026-11-23T10:00:00:1\n'
	store a.db delete a:2026-11-23T10:00:00
	store a.db dump --deletions
	old=$output
	keep 'a:2026-11-23T10:00:00:2\n'
	feed "$old\n" a.db delete --deletions -
	[ "$status" -eq 0 ]
	[ "$output" = "$old" ]
	store a.db dump
	[ "$output" = a:2026-11-23T10:00:00:2 ]
	now=a:2026-11-23T10:00:00:$(date +%s%N)
	feed "$now\n$now.5\na:2026-11-23T10:00:00:-1\n" a.db delete --deletions -
	[ "$status" -eq 65 ]
	[ "$output" = "$now" ]
	store a.db dump
	[ "$output" = '' ]
	store a.db dump --deletions
	[ "$output" = "$now" ]
}

@test "evict - removes only what is the same text, remembers nothing, and gives each line back" {
	local text='a:2026-11-23T10:00:00:1\na:2026-11-23T11:00:00:2.0\na:2026-11-23T12:00:00Z:3\nx:2026-11-23T10:00:00:1\n'
	keep 'a:2026-11-23T10:00:00:1\na:2026-11-23T11:00:00:2\na:2026-11-23T12:00:00:3\n'
	feed "$text" a.db evict -
	[ "$status" -eq 0 ]
	[ "$output" = "$(printf "$text")" ]
	store a.db dump
	[ "$output" = $'a:2026-11-23T11:00:00:2\na:2026-11-23T12:00:00:3' ]
	store a.db dump --deletions
	[ "$output" = '' ]
	keep 'a:2026-11-23T10:00:00:1\n'
	store a.db check
	[ "$output" = 'ok: 3 records' ]
}

@test "evict --deletions - forgets a deletion that is kept with this time" {
	local kept
	store a.db delete -
	[ "$status" -eq 78 ]
	keep 'a:2026-11-23T10:00:00:1\n'
	store a.db delete a:2026-11-23T10:00:00
	store a.db dump --deletions
	kept=$output
	feed "${kept%?}\nx:2026-11-23T10:00:00:5\n" a.db evict --deletions -
	[ "$output" = "${kept%?}"$'\nx:2026-11-23T10:00:00:5' ]
	store a.db dump --deletions
	[ "$output" = "$kept" ]
	feed "$kept\n" a.db evict --deletions -
	[ "$status" -eq 0 ]
	[ "$output" = "$kept" ]
	store a.db dump --deletions
	[ "$output" = '' ]
	store a.db check
	[ "$output" = 'ok: 0 records' ]
}

@test "digest - prints the days of each sensor that comes" {
	keep 'a:2026-11-23T10:00:00:1\na:2026-11-24T11:00:00:2\nb:2026-11-23T12:00:00:3\nc:2026-11-23T12:00:00:3\n'
	feed 'b\nnone\na\n' a.db digest -
	[ "$status" -eq 0 ]
	[ "$output" = "$(eg-store a.db digest b; eg-store a.db digest a)" ]
	[ "${#lines[@]}" -eq 3 ]
	feed 'b:\na\0\n\n' a.db digest -
	[ "$status" -eq 65 ]
	[ "${#stderr_lines[@]}" -eq 2 ]
}

@test "range - prints the days that come, in their order, as digest prints them" {
	keep 'a:2026-11-23T10:00:00:1\na:2026-11-24T00:00:00+01:00:2\na:2026-11-24T00:00:00:4\nb:1677-09-21T12:00:00:3\nb:2262-04-11T23:47:16.8:9\n'
	feed 'a:2026-11-24\nb:2262-04-11\nnone:2026-11-23\nb:1677-09-21\na:2026-11-23\n' a.db range -
	[ "$status" -eq 0 ]
	[ "$output" = $'a:2026-11-24T00:00:00:4\nb:2262-04-11T23:47:16.8:9\nb:1677-09-21T12:00:00:3\na:2026-11-23T10:00:00:1\na:2026-11-24T00:00:00+01:00:2' ]
	# What digest says can be asked for, whole.
	run --separate-stderr bash -c 'eg-store a.db sensors | eg-store a.db digest - |
		cut -d: -f1,2 | eg-store a.db range - | cmp - <(eg-store a.db dump)'
	[ "$status" -eq 0 ]
	feed 'a:2026-11-31\na:2026-11-24T10:00\na\n' a.db range -
	[ "$status" -eq 65 ]
	[ "${#stderr_lines[@]}" -eq 3 ]
}

@test "range --deletions - prints the deletions of the days that come" {
	keep 'a:2026-11-23T10:00:00:1\n'
	store a.db delete a:2026-11-23T10:00:00 a:2026-11-24T00:00:00
	store a.db dump --deletions
	feed 'a:2026-11-23\n' a.db range --deletions -
	[ "$status" -eq 0 ]
	[[ ${#lines[@]} -eq 1 && $output == a:2026-11-23T10:00:00:* ]]
}

@test "get - prints the records that are there, each as soon as its key has come" {
	keep 'a:2026-11-23T10:00:00:1\na:2026-11-23T11:00:00Z:2\n'
	child a.db get -
	printf 'a:2026-11-23T12:00:00\na:2026-11-23T12:00:00+01:00\n' >&7
	reads a:2026-11-23T11:00:00Z:2
	keep 'a:2026-11-23T12:00:00:3\n'
	printf 'a:2026-11-23T12:00:00\n' >&7
	reads a:2026-11-23T12:00:00:3
	exec 7>&-
	ended
	[ "$status" -eq 0 ]
}
