#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which of two values is newer: the stage dates batches for all nodes, and repair goes by
# these dates, or by a majority, or not at all.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load ../cluster

K=s:2026-01-01T00:00:00

damage() { # the hints
	rm -f c.conf.state/hints.db-*
	echo 'this is not a database, and it never was' >c.conf.state/hints.db
}
everywhere() { # VALUE...: what all three nodes hold of K
	local n
	for n in a b c; do
		diff <(for value; do echo "$K:$value"; done) <(holds $n) || { echo "on $n"; return 1; }
	done
}

@test "all nodes note the same time for a value and for a deletion, also by a hint" {
	cluster 'strategy full' 'quorum 2'
	printf 'stage d tee -a d.txt\n' >>c.conf
	touch c.down
	start
	records 3 20 >&"$IN"
	wait_until lines out 60
	records 3 20 | sed 's/:[^:]*$/:1/' >&"$IN"
	wait_until lines out 120
	replicate c.conf delete s1:2026-01-01T00:00:03 2>/dev/null
	rm c.down
	wait_until up c
	finish
	[[ $(eg-store a.db dump --written | wc -l) -eq 59 ]]
	[[ $(eg-store a.db dump --written | grep -c ':0$') -eq 0 ]]
	diff <(eg-store a.db dump --written) <(eg-store b.db dump --written)
	diff <(eg-store a.db dump --written) <(eg-store c.db dump --written)
	diff <(eg-store a.db dump --deletions) <(eg-store c.db dump --deletions)
	# A node that is no store sees records alone.
	cmp out d.txt
}

@test "repair keeps the newest value, though most nodes have an older one and the hints are lost" {
	cluster 'strategy full' 'quorum 1'
	echo $K:1 | replicate c.conf >/dev/null
	replicate c.conf fail b
	replicate c.conf fail c
	[[ $(echo $K:2 | replicate c.conf 2>/dev/null) == $K:2 ]]
	damage
	replicate c.conf recover b
	replicate c.conf recover c
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 0 && $output == '3 nodes compared; 2 records and 0 deletions sent, 0 misplaced removed' ]] || { echo "$output $stderr"; return 1; }
	everywhere 2
	# The date travels with the value: another repair, with other nodes, decides alike.
	diff <(eg-store a.db dump --written) <(eg-store b.db dump --written)
	diff <(eg-store a.db dump --written) <(eg-store c.db dump --written)
}

@test "a clock that is set back between two runs does not make an older value the newer one" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers do not work with a preload"
	cluster 'strategy full' 'quorum 1'
	replicate c.conf fail a
	echo $K:1 | replicate c.conf >/dev/null 2>&1
	replicate c.conf fail b
	replicate c.conf fail c
	damage
	replicate c.conf recover a
	mkdir faults
	echo -3600 >faults/clock
	[[ $(echo $K:2 | EG_FAULTS=$PWD/faults LD_PRELOAD=$BIN/tests/bad_libc.so \
		replicate c.conf 2>/dev/null) == $K:2 ]]
	[[ -e faults/clock.hit && $(holds a) == $K:2 && $(holds b) == $K:1 ]]
	damage
	replicate c.conf recover b
	replicate c.conf recover c
	replicate c.conf repair >/dev/null
	everywhere 2
}

@test "a deletion is later than what a stage has sent, and the stage goes on later than it" {
	cluster 'strategy full' 'quorum 2'
	start
	echo $K:1 >&"$IN"
	wait_until lines out 1
	replicate c.conf delete $K
	echo $K:2 >&"$IN"
	wait_until lines out 2
	finish
	replicate c.conf repair >/dev/null
	everywhere 2
	[[ $(<c.conf.state/order) > $(eg-store a.db dump --written | grep -oE '[0-9]+$') ]]
}

@test "an order file of which the disk takes half, or nothing, is whole or empty afterwards" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers do not work with a preload"
	local fault
	export EG_NTH_DIR=$PWD/c.conf.state/order EG_NTH_PROGRAM=eg-replicate EG_NTH_LOG=$PWD/calls
	for fault in short eintr enospc; do
		rm -rf c.conf.state calls.hit ./*.db*
		cluster 'strategy full' 'quorum 2'
		run --separate-stderr env EG_NTH_AT="2 $fault" LD_PRELOAD="$BIN/tests/nth_call.so" \
			timeout 60 eg-replicate c.conf <<<$K:1
		grep -q '^pwrite' calls.hit
		case $fault in
		enospc) [[ $status -eq 74 && -z $output && ! -s c.conf.state/order ]] ;;
		*) [[ $status -eq 0 && $output == "$K:1" && $(wc -c <c.conf.state/order) -eq 20 ]] ;;
		esac || { echo "$fault: $status $output $stderr"; return 1; }
		[[ $(echo $K:2 | replicate c.conf) == "$K:2" ]]
	done
}

@test "an order file that is damaged ends the stage with 74, and nothing has a receipt" {
	cluster 'strategy full' 'quorum 2'
	echo $K:1 | replicate c.conf >/dev/null
	for text in 17 9223372036854775807 'not a number, and long'; do
		printf '%s' "$text" >c.conf.state/order
		run --separate-stderr replicate c.conf <<<$K:2
		[[ $status -eq 74 && -z $output && $stderr == *"c.conf.state/order' is damaged"* ]]
	done
	everywhere 1
}

@test "a value that a node got late, by a hint, is no newer for that" {
	cluster 'strategy full' 'quorum 1'
	touch b.down c.down
	start
	echo $K:1 >&"$IN"
	wait_until lines out 1
	echo $K:2 >&"$IN"
	wait_until lines out 2
	finish
	# Of the hints of b and c the first arrives, and the second is lost.
	sqlite3 c.conf.state/hints.db "delete from hint where seq not in (select min(seq) from hint group by node)"
	rm ./*.down
	replicate c.conf </dev/null
	wait_until up b
	wait_until up c
	[[ $(holds a) == $K:2 && $(holds b) == $K:1 && $(holds c) == $K:1 ]]
	replicate c.conf repair >/dev/null
	everywhere 2
}

@test "a deletion and a value written after it are kept in their order, whoever has them" {
	cluster 'strategy full' 'quorum 1'
	echo $K:1 | replicate c.conf >/dev/null
	replicate c.conf fail b
	replicate c.conf fail c
	replicate c.conf delete $K
	damage
	replicate c.conf recover b
	replicate c.conf recover c
	replicate c.conf repair >/dev/null
	everywhere
	replicate c.conf fail a
	replicate c.conf fail b
	echo $K:2 | replicate c.conf >/dev/null 2>&1
	damage
	replicate c.conf recover a
	replicate c.conf recover b
	replicate c.conf repair >/dev/null
	everywhere 2
}

@test "of a value in the wrong place and one in the right place the newest stays" {
	local holder other
	cluster 'strategy ring' 'copies 1' 'quorum 1'
	echo $K:1 | replicate c.conf >/dev/null
	holder=$(replicate c.conf where s)
	other=$(printf '%s\n' a b c | grep -vx "$holder" | sed -n 1p)
	printf '#eg-order %s\n%s\n' "$(date +%s%N)" $K:2 | eg-store "$other.db" >/dev/null
	replicate c.conf repair >/dev/null
	[[ $(holds "$holder") == $K:2 && -z $(holds "$other") ]]
	# The same, the newer one in its place.
	printf '#eg-order %s\n%s\n' "$(date +%s%N)" $K:0 | eg-store "$other.db" >/dev/null
	echo $K:3 | replicate c.conf >/dev/null
	replicate c.conf repair >/dev/null
	[[ $(holds "$holder") == $K:3 && -z $(holds "$other") ]]
}

# Stores of an older version, which know neither dates nor merge.
old_stores() {
	cat >old <<-'END'
		#!/bin/bash
		case " $* " in
		*" --written "* | *" merge "*) exit 64 ;;
		*) exec "$@" ;;
		esac
	END
	chmod +x old
	sed -i 's|\./node|./old ./node|' c.conf
	sed -i 's|\./old ./node \(.\) eg-store|./old eg-store|' c.conf
}

@test "stores without dates are repaired by a majority that is a quorum, which is reported" {
	cluster 'strategy full' 'quorum 2'
	old_stores
	echo $K:1 | replicate c.conf >/dev/null
	echo $K:2 | eg-store c.db >/dev/null
	replicate c.conf fail b
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 75 && $stderr == *"it is not known which value of '$K' is the newest"* ]] || { echo "$status $stderr"; return 1; }
	[[ $(holds a) == $K:1 && $(holds c) == $K:2 ]]
	replicate c.conf recover b
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 0 && $stderr == *"node 'a' does not know when its values were written"* ]] || { echo "$status $stderr"; return 1; }
	[[ $stderr == *'1 keys had values without known dates: that of most nodes was kept'* ]]
	everywhere 1
}

@test "without dates and a quorum that is a majority repair leaves the key, names it, ends with 65" {
	cluster 'strategy full' 'quorum 1'
	old_stores
	echo $K:1 | replicate c.conf >/dev/null
	echo $K:2 | eg-store c.db >/dev/null
	echo other:2026-01-01T00:00:00:5 | eg-store b.db >/dev/null
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 65 && $stderr == *"it is not known which value of '$K' is the newest"*'1 keys have values that cannot be ordered'* ]] || { echo "$status $stderr"; return 1; }
	[[ $(holds a | grep ^s:) == $K:1 && $(holds c | grep ^s:) == $K:2 && $(holds a | wc -l) -eq 2 ]]
	run --separate-stderr replicate --majority c.conf repair
	[[ $status -eq 0 ]] || { echo "$status $stderr"; return 1; }
	diff <(holds a) <(holds c)
	[[ $(holds c | grep ^s:) == $K:1 ]]
}

@test "one store without dates among others: what is known decides where it can" {
	cluster 'strategy full' 'quorum 1'
	sed -i 's|store c ./node c|store c ./old|' c.conf
	cat >old <<-'END'
		#!/bin/bash
		case " $* " in *" --written "* | *" merge "*) exit 64 ;; esac
		exec "$@"
	END
	chmod +x old
	echo $K:1 | replicate c.conf >/dev/null
	echo $K:2 | eg-store a.db >/dev/null
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 65 ]] || { echo "$status $stderr"; return 1; }
	[[ $(holds a) == $K:2 && $(holds b) == $K:1 ]]
	# Written again, it is everywhere.
	echo $K:3 | replicate c.conf >/dev/null
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 0 ]]
	everywhere 3
}

@test "get and range with --quorum and --all print the newest value, not that of most nodes" {
	local verb
	cluster 'strategy full' 'quorum 3'
	echo $K:1 | replicate c.conf >/dev/null
	echo $K:2 | eg-store b.db >/dev/null
	for verb in "get $K" 'range s'; do
		# shellcheck disable=SC2086  # two words
		run --separate-stderr replicate c.conf $verb --quorum
		[[ $status -eq 0 && $output == $K:2 && $stderr == *'differ in 1 records'* ]] || { echo "$verb: $status $output $stderr"; return 1; }
		# shellcheck disable=SC2086
		run --separate-stderr replicate c.conf $verb --all
		[[ $status -eq 0 && $output == $K:2 && -z $stderr ]]
	done
	# Where one does not know its dates, the number of nodes decides.
	old_stores
	run --separate-stderr replicate c.conf get $K --quorum
	[[ $status -eq 0 && $output == $K:1 ]] || { echo "$status $output $stderr"; return 1; }
}
