#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which of two values is newer: the stage dates batches for all nodes, and repair goes by
# these dates, or by a majority, or not at all.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load ../cluster

K=s:2026-01-01T00:00:00

up() { # NODE: it has caught up
	[[ $(eg-replicate c.conf status | awk -v n="$1" '$1 == n { print $2, $3 }') == 'up 0' ]]
}
damage() { # the hints
	rm -f c.conf.state/hints.db-*
	echo 'this is not a database, and it never was' >c.conf.state/hints.db
}
everywhere() { # VALUE...: what all three nodes hold of K
	local n
	for n in a b c; do
		diff <(printf "$K:%s\n" "$@") <(holds $n) || { echo "on $n"; return 1; }
	done
}

@test "all nodes note the same time for a value and for a deletion, also by a hint" {
	cluster 'strategy full' 'quorum 2'
	printf 'stage d tee -a d.txt\n' >>c.conf
	touch c.down
	start
	records 3 20 >&"$IN"
	await 20 lines out 60
	records 3 20 | sed 's/:[^:]*$/:1/' >&"$IN"
	await 20 lines out 120
	replicate c.conf delete s1:2026-01-01T00:00:03 2>/dev/null
	rm c.down
	await 40 up c
	finish
	[[ $(eg-store a.db dump --written | wc -l) -eq 59 ]]
	[[ $(eg-store a.db dump --written | grep -c ':0$') -eq 0 ]]
	diff <(eg-store a.db dump --written) <(eg-store b.db dump --written)
	diff <(eg-store a.db dump --written) <(eg-store c.db dump --written)
	diff <(eg-store a.db dump --deletions) <(eg-store c.db dump --deletions)
	# A node that is no store sees records alone.
	cmp out d.txt
}
