#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Hints: what a node missed waits on disk, within --hint-limit, and comes to it in order.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load ../cluster

@test "what a node missed waits on disk, and comes to it in order when it is back" {
	cluster 'strategy full' 'quorum 2'
	touch c.down
	start --metrics metrics
	records 10 10 >&"$IN"
	wait_until lines out 100
	# The same keys again: the later ones have to stay.
	records 10 10 | sed 's/:[^:]*$/:1/' >&"$IN"
	wait_until lines out 200
	[[ ! -e c.db ]]
	wait_until grep -qx 'energyguard_pending_hint_records{program="eg-replicate"} 200' metrics
	[[ $(eg-replicate c.conf status | awk '$1 == "c" { print $2, $3 }') == 'down 200' ]]
	rm c.down
	wait_until eval '[[ $(eg-replicate c.conf status | awk "\$1 == \"c\" { print \$2, \$3 }") == "up 0" ]]'
	diff <(holds a) <(holds c)
	finish
	[[ $(holds c | grep -c ':1$') -eq 100 ]]
}

@test "what a node missed is not forgotten when eg-replicate is killed" {
	cluster 'strategy full' 'quorum 2'
	touch c.down
	start
	records 10 10 >&"$IN"
	wait_until lines out 100
	pkill -KILL -P "$STAGE"
	finish 137 || true
	rm c.down
	records 10 10 2026-02-01T00:00:00 | replicate c.conf >out2
	diff <(sort out out2) <(holds c)
	run eg-replicate c.conf status
	[[ $status -eq 0 ]]
}

@test "at --hint-limit the stage waits, says so once, drops nothing, and goes on" {
	cluster 'strategy full' 'quorum 2'
	touch c.down
	start --hint-limit 50
	records 10 30 >in.txt
	# One batch is allowed, however large.
	head -n 10 in.txt >&"$IN"
	wait_until lines out 10
	tail -n +11 in.txt >&"$IN"
	wait_until grep -q 'has as many hints as --hint-limit allows' err
	[[ $(wc -l <out) -lt 300 ]]
	rm c.down
	wait_until lines out 300
	finish
	cmp in.txt out
	diff <(sort in.txt) <(holds c)
	[[ $(grep -c 'hint-limit' err) -eq 1 ]]
}

@test "--timeout also ends the wait for room below --hint-limit, and a node that takes hints defers it" {
	cluster 'strategy full' 'quorum 2'
	touch c.down
	start --hint-limit 50 --timeout 1s
	records 10 1 >&"$IN"
	wait_until lines out 10
	records 10 9 2026-01-02T00:00:00 >&"$IN"
	wait_until gone "$STAGE"
	finish 75
	grep -q 'gave up waiting for ' err
	rm c.down
	records 10 1 2026-01-03T00:00:00 | replicate --hint-limit 50 --timeout 30s c.conf >out
	[[ $(wc -l <out) -eq 10 ]]
}

@test "damaged hints are set aside and told of; repair brings what they held" {
	cluster 'strategy full' 'quorum 2'
	touch c.down
	records 10 10 | replicate c.conf >out 2>/dev/null
	rm c.down
	printf 'this is not a database, and it never was' >c.conf.state/hints.db
	run --separate-stderr replicate c.conf status
	[[ $status -eq 74 && $stderr == *"are damaged: run the stage or the verb repair"* ]]
	run --separate-stderr bash -c 'timeout 30 eg-replicate c.conf </dev/null'
	[[ $status -eq 0 && $stderr == *"are damaged: set aside as 'c.conf.state/hints.db.damaged-"* ]]
	ls c.conf.state/hints.db.damaged-*
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 0 && $output == '3 nodes compared; 100 records and '* ]]
	diff <(sort out) <(holds c)
}

@test "hints of another program are not touched" {
	cluster 'strategy full'
	mkdir c.conf.state
	sqlite3 c.conf.state/hints.db 'PRAGMA application_id = 7; CREATE TABLE t (x)'
	run --separate-stderr bash -c 'timeout 30 eg-replicate c.conf </dev/null'
	[[ $status -eq 78 && $stderr == *"was not made by this version of eg-replicate" ]]
}

@test "debts to a node that left the cluster file are told of, and given up by repair" {
	cluster 'strategy full' 'quorum 2'
	touch c.down
	records 2 5 | replicate c.conf >out 2>/dev/null
	sed -i '/^store c/d' c.conf
	run --separate-stderr bash -c 'timeout 30 eg-replicate c.conf </dev/null'
	[[ $status -eq 0 && $stderr == *"10 records wait as hints for nodes that are not in 'c.conf' any more"* ]]
	replicate c.conf repair
	run --separate-stderr bash -c 'timeout 30 eg-replicate c.conf </dev/null'
	[[ $status -eq 0 && -z $stderr ]]
}

@test "a state folder or hints that cannot be written are told of with 74" {
	cluster 'strategy full'
	: >c.conf.state
	run --separate-stderr eg-replicate c.conf status
	[[ $status -eq 74 && ${#stderr_lines[@]} -eq 1 && $stderr == *"c.conf.state"* ]]
}

@test "hints of a cluster whose name SQLite would read as a URI are kept beside it" {
	cluster 'strategy full' 'quorum 1'
	mv c.conf 'file:c?mode=memory'
	: >b.down
	records 1 3 | replicate --lag 0 'file:c?mode=memory' >out
	[ "$(wc -l <out)" -eq 3 ]
	[ -s 'file:c?mode=memory.state/hints.db' ]
	rm b.down
	replicate 'file:c?mode=memory' </dev/null
	cmp <(holds b) <(sort out)
}
