#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The state folder of a cluster: it is on disk before anything rests on it, its loss is
# noticed, and a cluster has one, by whatever name its file is called.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load ../cluster

K=s:2026-01-01T00:00:00

# Runs a command under strace: the calls that make, sync and write files, in order, with
# the working folder and the process numbers taken out.
trace() { # COMMAND...
	[[ -z ${EG_SAN-} ]] || skip 'the sanitizers do not work under strace'
	strace -f -y -qq -e signal=none -o calls.raw \
		-e trace=mkdir,openat,unlink,rename,write,pwrite64,fsync,fdatasync "$@"
	sed -e "s|$PWD|.|g" -e 's/^[0-9]* *//' -e '/ENOENT/d' calls.raw >calls
}
# Whether lines that match come in this order in the file calls.
in_order() { # PATTERN...
	local at=0 n
	for pattern; do
		n=$(awk -v at="$at" -v p="$pattern" 'NR > at && $0 ~ p { print NR; exit }' calls)
		[[ -n $n ]] || { echo "behind line $at there is no $pattern in:"; cat calls; return 1; }
		at=$n
	done
}

@test "no file of the cluster's state takes refused lines or counters" {
	local option file
	cluster 'strategy full' 'quorum 1'
	echo $K:1 | replicate c.conf
	for option in --rejects --metrics; do
		for file in lock order hints.db hints.db-wal hints.db-shm; do
			run --separate-stderr replicate $option c.conf.state/$file c.conf <<<bad
			[[ $status -eq 64 && $stderr == *"'c.conf.state/$file'"* ]] || { echo "$option $file: $status $stderr"; return 1; }
		done
	done
}

@test "no receipt rests on hints that were removed or replaced: the stage ends with 74" {
	local loss
	while read -r loss; do
		rm -rf ./*.db* c.conf.state* aside in out err
		cluster 'strategy full' 'quorum 1'
		touch b.down c.down
		start --timeout 20s
		echo $K:1 >&"$IN"
		wait_until lines out 1
		bash -c "$loss"
		# It may have ended already.
		(echo $K:2 >&"$IN") 2>/dev/null || true
		wait_until gone "$STAGE" || { echo "$loss: the stage goes on"; cat out err; return 1; }
		finish 74
		[[ $(<out) == $K:1 ]] || { echo "$loss: a receipt"; cat out; return 1; }
		grep -qxE "eg-replicate: fatal: 'c.conf.state(/hints.db)?' has been removed or replaced" err || { echo "$loss:"; cat err; return 1; }
		# Another one begins anew.
		rm -f ./*.down
		run replicate c.conf </dev/null
		[[ $status -eq 0 ]]
		touch b.down c.down
	done <<-'END'
		rm -r c.conf.state
		mv c.conf.state aside
		mv c.conf.state aside; cp -r aside c.conf.state
		rm c.conf.state/hints.db
		rm c.conf.state/hints.db-wal
		cp c.conf.state/hints.db x; mv x c.conf.state/hints.db
	END
}

@test "a lock that was removed or replaced is noticed by the stage that holds it" {
	local loss
	for loss in 'rm c.conf.state/lock' ': >x; mv x c.conf.state/lock'; do
		rm -rf ./*.db* c.conf.state in out err
		cluster 'strategy full'
		start
		echo $K:1 >&"$IN"
		wait_until lines out 1
		bash -c "$loss"
		wait_until gone "$STAGE" || { echo "$loss: the stage goes on"; return 1; }
		finish 74
		grep -qxF "eg-replicate: fatal: 'c.conf.state/lock' has been removed or replaced" err || { cat err; return 1; }
	done
}

@test "the state folder and its files are on disk before a receipt rests on them" {
	cluster 'strategy full' 'quorum 1'
	touch b.down c.down
	echo $K:1 >in.txt
	trace timeout 60 eg-replicate c.conf <in.txt >out 2>err
	[[ $(<out) == $K:1 ]]
	in_order '^mkdir\("c.conf.state"' '^fsync\([0-9]+<\.>' '^openat\(.*c.conf.state/lock.*O_CREAT' \
		'^openat\(.*c.conf.state/hints.db".*O_CREAT' '^openat\(.*c.conf.state/hints.db-wal".*O_CREAT' \
		'^f(data)?sync\([0-9]+<\./c.conf.state>' '^pwrite64\([0-9]+<\./c.conf.state/hints.db-wal>' \
		'^f(data)?sync\([0-9]+<\./c.conf.state/hints.db-wal>' "^write\\(1<.*\"$K:1"
	# Between the last write to the log of hints and the receipt there is its sync.
	awk -v key="\"$K:1" '
		/hints.db-wal>/ && /^pwrite64/ { dirty = 1 }
		/^f(data)?sync.*hints.db-wal>/ { dirty = 0; any = 1 }
		# The first such line is the receipt of the node, the last that of the stage.
		/^write\(1</ && index($0, key) { bad = dirty || !any; seen = 1 }
		END { exit bad || !seen }' calls
}

@test "the mark of a node that is failed by hand, and its end, are on disk" {
	cluster 'strategy full'
	trace eg-replicate c.conf fail b
	in_order '^mkdir\("c.conf.state"' '^fsync\([0-9]+<\.>' '^openat\(.*c.conf.state/failed.b".*O_CREAT' \
		'^fdatasync\([0-9]+<\./c.conf.state/failed.b>' '^fsync\([0-9]+<\./c.conf.state>'
	trace eg-replicate c.conf recover b
	in_order '^unlink\(.*c.conf.state/failed.b"' '^fsync\([0-9]+<\./c.conf.state>'
}

@test "hints that are set aside are renamed on disk before new ones are begun" {
	cluster 'strategy full' 'quorum 1'
	mkdir c.conf.state
	echo 'this is not a database, and it never was' >c.conf.state/hints.db
	trace timeout 60 eg-replicate c.conf </dev/null 2>err
	in_order '^rename\(.*c.conf.state/hints.db"' '^fsync\([0-9]+<\./c.conf.state>' \
		'^openat\(.*c.conf.state/hints.db".*O_CREAT'
}

@test "a symbolic link to the cluster file is the same cluster: one state, one stage" {
	cluster 'strategy full' 'quorum 1'
	mkdir elsewhere
	ln -s ../c.conf elsewhere/link.conf
	touch b.down
	start
	echo $K:1 >&"$IN"
	wait_until lines out 1
	run --separate-stderr bash -c "echo $K:2 | timeout 30 eg-replicate --timeout 500ms elsewhere/link.conf"
	[[ $status -eq 75 && -z $output && $stderr == *'another eg-replicate runs on this cluster'* ]]
	[[ ! -e elsewhere/link.conf.state ]]
	[[ $(eg-replicate elsewhere/link.conf status | awk '$1 == "b" { print $3 }') == 1 ]]
	finish
}

@test "the state of a symbolic link from before is not passed over" {
	cluster 'strategy full'
	ln -s c.conf link.conf
	mkdir link.conf.state
	: >link.conf.state/lock
	for verb in '' status; do
		# shellcheck disable=SC2086  # no word or one
		run --separate-stderr timeout 30 eg-replicate link.conf $verb </dev/null
		[[ $status -eq 78 && ${#stderr_lines[@]} -eq 1 ]]
		[[ $stderr == *"'link.conf' is a link, and the state of its cluster is '$PWD/c.conf.state': move 'link.conf.state' there, or remove it" ]] || { echo "$stderr"; return 1; }
	done
}

@test "a hard link to the cluster file is not a second cluster at the same time" {
	cluster 'strategy full'
	ln c.conf hard.conf
	start
	echo $K:1 >&"$IN"
	wait_until lines out 1
	run --separate-stderr bash -c "echo $K:2 | timeout 30 eg-replicate --timeout 500ms hard.conf"
	[[ $status -eq 75 && -z $output && $stderr == *'another eg-replicate runs on this cluster'* ]]
	run --separate-stderr timeout 30 eg-replicate --timeout 500ms hard.conf repair
	[[ $status -eq 75 && -z $output ]]
	finish
}

@test "two nodes with the same store are 78: they are one copy" {
	mkdir sub
	ln -s . here
	eg-store real.db </dev/null
	ln -s real.db soft.db
	ln real.db hard.db
	while IFS='|' read -r one two; do
		printf '%s\n' 'quorum 2' "node a $one" "node b $two" >c.conf
		run --separate-stderr bash -c "echo $K:1 | timeout 30 eg-replicate --timeout 5s c.conf"
		[[ $status -eq 78 && -z $output && ${#stderr_lines[@]} -eq 1 ]] || { echo "$one | $two: $status $stderr"; return 1; }
		[[ $stderr == "eg-replicate: fatal: c.conf:3: node 'b' has the same "*" as node 'a' in line 2"* ]] || { echo "$stderr"; return 1; }
	done <<-'END'
		eg-store a.db|eg-store a.db
		eg-publish -Q q|eg-publish -Q q
		ssh far eg-store a.db|ssh far eg-store a.db
		eg-store a.db|eg-store ./a.db
		eg-store a.db|eg-store -v here/a.db
		eg-store a.db|eg-store sub/../a.db
		eg-store real.db|eg-store soft.db
		eg-store real.db|eg-store hard.db
		eg-store --keep 7d a.db|eg-store --keep=8d -- a.db
		nice -n 5 eg-store a.db|eg-store a.db
	END
	printf '%s\n' 'quorum 2' 'node a eg-store a.db' 'node b eg-store b.db' 'node c ssh far eg-store a.db' \
		'node d ssh near eg-store a.db' >c.conf
	run --separate-stderr eg-replicate c.conf where s
	[[ $status -eq 0 ]]
}

# Neither a receipt nor a signal waits for a verb that waits for a node.
@test "a stage gives receipts and hears signals while a deletion waits for a node" {
	cluster 'strategy full' 'quorum 1'
	touch a.down
	start --lag 60s
	echo $K:1 >&"$IN"
	wait_until lines out 1
	# A record waits for node a as a hint, so the deletion is one, too; node b takes it, but does
	# not end.
	touch b.stuck
	timeout 200 eg-replicate --node-timeout 150s c.conf delete $K 2>del.err 3>&- {IN}>&- &
	DELETE=$!
	PIDS+=("$DELETE")
	wait_until eval 'pgrep -P "$(pgrep -P $DELETE eg-replicate)" >/dev/null'
	for n in {1..5}; do
		echo "s:2026-01-01T00:00:0$n:1" >&"$IN"
		wait_until lines out $((n + 1)) || { echo "no receipt beside a deletion"; cat out err; return 1; }
	done
	kill -0 "$DELETE"
	pkill -TERM -P "$STAGE"
	wait_until gone "$STAGE"
	kill -0 "$DELETE"
	finish
	kill "$DELETE"
	rm b.stuck
}

@test "a stage gives receipts and hears signals while another program holds the hints" {
	cluster 'strategy full' 'quorum 1'
	start --lag 60s --grace 1s
	echo $K:1 >&"$IN"
	wait_until lines out 1
	mkfifo sql
	sqlite3 c.conf.state/hints.db <sql 3>&- {IN}>&- &
	PIDS+=($!)
	exec {SQL}>sql
	printf '%s\n' '.timeout 60000' 'begin immediate; create table held(x);' >&"$SQL"
	wait_until eval '! sqlite3 c.conf.state/hints.db "pragma busy_timeout = 0; begin immediate" >/dev/null 2>&1'
	# A node that ends with work left needs a hint, which has to wait.
	touch c.down
	pkill -KILL -P "$(pgrep -P "$STAGE")" -f "^eg-store c.db"
	echo "s:2026-01-01T00:00:01:1" >&"$IN"
	wait_until grep -q 'cannot keep hints in .*what depends on it waits' err
	[[ $(wc -l <out) -eq 1 ]]
	pkill -TERM -P "$STAGE"
	wait_until gone "$STAGE" || { echo 'the signal is not heard'; return 1; }
	finish 75
	exec {SQL}>&-
}

@test "a stage gives receipts and hears signals while a repair waits for a node" {
	cluster 'strategy full' 'quorum 1'
	start --lag 60s
	echo $K:1 >&"$IN"
	wait_until lines out 1
	touch b.stuck
	timeout 200 eg-replicate --node-timeout 150s c.conf repair 2>repair.err 3>&- {IN}>&- &
	REPAIR=$!
	PIDS+=("$REPAIR")
	wait_until eval 'pgrep -P "$(pgrep -P $REPAIR eg-replicate)" -f "node b" >/dev/null'
	for n in {1..5}; do
		echo "s:2026-01-01T00:00:0$n:1" >&"$IN"
		wait_until lines out $((n + 1)) || { echo "no receipt beside a repair"; cat out err; return 1; }
	done
	kill -0 "$REPAIR"
	pkill -TERM -P "$STAGE"
	wait_until gone "$STAGE"
	kill -0 "$REPAIR"
	finish
	pkill -TERM -P "$REPAIR"
	wait_until gone "$REPAIR"
	rm b.stuck
}

# A host by another name: ssh that is none, whose far shell starts in a folder of its own.
two_names() {
	mkdir -p bin far
	printf '%s\n' '#!/bin/sh' 'host=$1; shift; echo "$host" >>asked; cd far && exec sh -c "$*"' >bin/ssh
	chmod +x bin/ssh
	PATH=$PWD/bin:$PATH
	printf '%s\n' 'quorum 2' 'node a ssh one eg-store s.db' 'node b ssh two eg-store s.db' >c.conf
}

@test "two ssh commands that lead to one store are 78, also when the store does not exist yet" {
	two_names
	for _ in new existing; do
		run --separate-stderr bash -c "echo $K:1 | timeout 60 eg-replicate c.conf"
		[[ $status -eq 78 && -z $output && ${#stderr_lines[@]} -eq 1 ]] || { echo "$status $output $stderr"; return 1; }
		[[ $stderr == "eg-replicate: fatal: c.conf: nodes 'a' and 'b' are the same store, by two commands: "* ]]
		[[ -z $(eg-store far/s.db dump) ]]
	done
	# A copy is a file of its own.
	cp far/s.db far/t.db
	sed -i 's/two eg-store s.db/two eg-store t.db/' c.conf
	run --separate-stderr bash -c "echo $K:1 | timeout 60 eg-replicate c.conf"
	[[ $status -eq 0 && $output == "$K:1" ]]
	quiet "$stderr"
	[[ $(eg-store far/s.db dump) == "$K:1" && $(eg-store far/t.db dump) == "$K:1" ]]
}

@test "verbs that rely on several nodes end with 78 for two that are one store" {
	two_names
	cp c.conf one.conf
	sed -i '/node b/d; s/quorum 2/quorum 1/' one.conf
	echo $K:1 | eg-replicate one.conf
	for verb in status repair "get --quorum $K" "range --quorum s" "delete $K"; do
		# shellcheck disable=SC2086
		run --separate-stderr timeout 60 eg-replicate c.conf $verb
		echo "$verb: $status $output $stderr"
		[[ $status -eq 78 && $stderr == *"nodes 'a' and 'b' are the same store"* ]]
		[[ $verb != *--quorum* || -z $output ]]
	done
	# One answer is enough for the others.
	echo $K:2 | eg-replicate one.conf
	[[ $(eg-replicate c.conf get $K) == "$K:2" ]]
}

@test "a store that could not be asked at the start is asked when its node answers" {
	two_names
	sed -i 's/quorum 2/quorum 1/' c.conf
	eg-replicate c.conf fail b
	mkfifo in
	timeout 60 eg-replicate c.conf <in >out 2>err 3>&- &
	PID=$!
	exec 7>in
	echo $K:1 >&7
	wait_until grep -q "$K:1" out
	eg-replicate c.conf recover b
	status=0
	wait $PID || status=$?
	exec 7>&-
	[[ $status -eq 78 && $(<err) == *"nodes 'a' and 'b' are the same store"* ]] || { echo "$status"; cat err; return 1; }
}

@test "a command that does not know the identity, or gives no answer to it, is another store" {
	mkdir bin
	printf '%s\n' '#!/bin/sh' 'case $2 in identity) exec sleep 60;; esac' "exec $(command -v eg-store) \"\$@\"" >bin/eg-store
	printf '%s\n' '#!/bin/sh' 'exec eg-store "$1"' >bin/forced
	chmod +x bin/*
	printf '%s\n' 'quorum 3' "node a $PWD/bin/eg-store a.db" 'node b ./bin/forced b.db eg-store' 'node c eg-store c.db' >c.conf
	run --separate-stderr bash -c "echo $K:1 | timeout 60 eg-replicate --node-timeout 20s c.conf"
	[[ $status -eq 0 && $output == "$K:1" ]] && quiet "$stderr" || { echo "$status $output $stderr"; return 1; }
}
