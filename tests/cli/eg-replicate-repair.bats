#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Deletions, repair and what is misplaced, over local stores and nodes that are away.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load ../cluster

@test "what is deleted is deleted on every node, and stays so when one was away" {
	local n
	cluster 'strategy full' 'quorum 2'
	records 2 5 | replicate c.conf >out
	touch c.down
	run --separate-stderr replicate c.conf delete s1:2026-01-01T00:00:02 s2:2026-01-01T00:00:00Z
	[[ $status -eq 0 && $stderr == *"it gets the deletion by a hint"* ]]
	grep -v -e s1:2026-01-01T00:00:02 -e s2:2026-01-01T00:00:00 out | sort >left
	diff left <(holds a)
	rm c.down
	# The deletion waits for it as a hint, so it is not asked as long as others are there.
	run --separate-stderr replicate c.conf get s1:2026-01-01T00:00:02
	[[ $status -eq 65 ]]
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 0 && -z $stderr ]]
	for n in a b c; do diff left <(holds $n); done
	touch b.down c.down
	run --separate-stderr replicate c.conf delete s1:2026-01-01T00:00:03
	[[ $status -eq 75 && $stderr == *"no quorum yet"* ]]
	rm b.down c.down
	# A record written after its deletion lives.
	grep s1:2026-01-01T00:00:02 out | replicate c.conf >/dev/null
	replicate c.conf repair >/dev/null
	sort left <(grep s1:2026-01-01T00:00:02 out) | grep -v s1:2026-01-01T00:00:03 >wanted
	for n in a b c; do diff wanted <(holds $n); done
}

@test "what was deleted does not come back by repair when the hint of it is lost" {
	cluster 'strategy full' 'quorum 2'
	records 2 5 | replicate c.conf >out
	touch c.down
	replicate c.conf delete s1:2026-01-01T00:00:02 2>/dev/null
	rm -r c.down c.conf.state
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 0 && $output == '3 nodes compared; 0 records and 1 deletions sent, 0 misplaced removed' ]]
	for n in a b c; do diff <(grep -v s1:2026-01-01T00:00:02 out | sort) <(holds $n); done
}

@test "repair sends what differs, and nothing else" {
	local n
	cluster 'strategy full' 'quorum 2'
	records 5 20 | replicate c.conf >out
	rm b.db*
	echo s9:2026-01-01T00:00:00:1 | eg-store c.db >/dev/null
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 0 && -z $stderr ]]
	[[ $output == '3 nodes compared; 102 records and 0 deletions sent, 0 misplaced removed' ]]
	diff <(sort out - <<<s9:2026-01-01T00:00:00:1) <(holds a)
	diff <(holds a) <(holds b)
	diff <(holds a) <(holds c)
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 0 && $output == '3 nodes compared; 0 records and 0 deletions sent, 0 misplaced removed' ]]
	for n in a b; do diff <(eg-store $n.db digest) <(eg-store c.db digest); done
}

@test "repair moves what is misplaced after a change of nodes, copies or strategy" {
	local n change
	cluster 'strategy ring' 'copies 2' 'quorum 1'
	records 30 10 | replicate c.conf >out
	replicate c.conf delete s3:2026-01-01T00:00:05
	grep -v s3:2026-01-01T00:00:05 out | sort >left
	# Who holds what is what the cluster file says, and nothing else is anywhere.
	right() {
		local n s
		for n in $(sed -n 's/^\(node\|store\) \([a-z]*\) .*/\2/p' c.conf); do
			for s in $(cut -d: -f1 left | sort -u); do
				! eg-replicate c.conf where "$s" | grep -qx "$n" || grep "^$s:" left
			done | sort >should
			diff should <(holds "$n") || return 1
		done
	}
	for change in '$ a node d eg-store d.db' 's/copies 2/copies 3/' 's/copies 3/copies 1/' \
		's/strategy ring/strategy full/; /copies/d' 's/strategy full/strategy ring/' '/^store c/d'; do
		[[ $change != '/^store c'* ]] || { replicate c.conf fail c; replicate c.conf recover c; }
		sed -i "$change" c.conf
		if [[ $change != '/^store c'* ]] && right >/dev/null; then
			echo "$change moves nothing"
			return 1
		fi
		run --separate-stderr replicate c.conf repair
		[[ $status -eq 0 && -z $stderr ]] || { echo "$change: $stderr"; return 1; }
		right || { echo "after $change"; return 1; }
	done
}

@test "what is misplaced stays until all that should hold it have it" {
	cluster 'strategy ring' 'copies 1' 'quorum 1'
	records 30 4 | replicate c.conf >out
	echo 'node d ./node d eg-store d.db' >>c.conf
	touch d.down
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 75 && $stderr == *"not all nodes took part"* ]]
	diff <(sort out) <(cat <(holds a) <(holds b) <(holds c) | sort)
	rm d.down
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 0 && $output == '4 nodes compared; '*' records and 0 deletions sent, '* ]]
	diff <(sort out) <(cat <(holds a) <(holds b) <(holds c) <(holds d) | sort)
	[[ $(holds d | wc -l) -gt 0 ]]
}

@test "a running stage pauses for a repair, and goes on" {
	cluster 'strategy full' 'quorum 2'
	start
	records 5 10 >&"$IN"
	wait_until lines out 50
	eg-store b.db delete s1:2026-01-01T00:00:02
	pkill -STOP -P "$STAGE"
	replicate c.conf repair >repaired 2>repair.err 3>&- {IN}>&- &
	REPAIR=$!
	PIDS+=("$REPAIR")
	wait_until grep -q "a stage that runs on this cluster has to pause; waiting for it" repair.err
	pkill -CONT -P "$STAGE"
	wait "$REPAIR"
	[[ $(<repaired) == '3 nodes compared; 0 records and 2 deletions sent, 0 misplaced removed' ]]
	records 5 10 2026-02-01T00:00:00 >&"$IN"
	wait_until lines out 100
	finish
	diff <(grep -v s1:2026-01-01T00:00:02 out | sort) <(holds c)
}
