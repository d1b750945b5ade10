#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-replicate over local stores, and over commands that break the rule in every way.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load ../cluster

@test "wrong usage is one line on standard error and 64" {
	local args
	cluster 'strategy full'
	while read -r -a args; do
		run --separate-stderr eg-replicate ${args[@]+"${args[@]}"} </dev/null
		[[ $status -eq 64 && -z $output && ${#stderr_lines[@]} -eq 1 ]] || { echo "${args[*]}: $stderr"; return 1; }
	done <<-END

		c.conf nonsense
		c.conf get
		c.conf get a b
		c.conf get nokey
		c.conf get s1:2026-13-01T00:00:00
		c.conf range
		c.conf range s1 yesterday
		c.conf range s1 -1h -1x
		c.conf range s1 -1h -2h
		c.conf range s1 -1h --inclusive
		c.conf get s1:2026-01-01T00:00:00 --inclusive
		c.conf where
		c.conf delete
		c.conf delete s1
		c.conf repair now
		c.conf fail
		c.conf status a
		c.conf get s1:2026-01-01T00:00:00 --json
		c.conf status --all
		c.conf range s1 --all --quorum
		--hint-limit 0 c.conf
		--node-timeout 1ms c.conf
	END
}

@test "a cluster file with a fault is 78, with the line and the reason" {
	fault() { # REASON LINE...
		printf '%s\n' "${@:2}" >c.conf
		run --separate-stderr eg-replicate c.conf </dev/null
		[[ $status -eq 78 && -z $output && $stderr == "eg-replicate: fatal: c.conf$1" ]] || { echo "$stderr"; return 1; }
		run --separate-stderr eg-replicate c.conf status
		[[ $status -eq 78 && ! -e c.conf.state ]]
	}
	fault ": no node in it" 'strategy full'
	fault ":1: 'copy': is none of strategy, copies, quorum, store, stage, node" 'copy 2' 'node a eg-store a.db'
	fault ":2: a node named 'a' stands in line 1 already" 'node a eg-store a.db' 'node a eg-store b.db'
	fault ":2: 3 copies need more than the 1 node in it" 'strategy ring' 'copies 3' 'node a eg-store a.db'
	fault ":1: a quorum of 2 is above the 1 copy of a record" 'quorum 2' 'node a eg-store a.db'
	rm c.conf
	run --separate-stderr eg-replicate c.conf
	[[ $status -eq 78 && $stderr == *"cannot open 'c.conf': No such file or directory" ]]
	run --separate-stderr eg-replicate .
	[[ $status -eq 78 && ${#stderr_lines[@]} -eq 1 ]]
}

@test "full writes every record to every node, and gives receipts in order, byte for byte" {
	local n
	cluster 'strategy full'
	{
		records 20 50
		printf 's1:2026-01-01T00:00:00.50+01:00:+1e1\n\n# skipped\nn\303\266 1:2026-01-01t00:00:00z:007\n'
	} >in
	run --separate-stderr bash -c 'eg-replicate --lag 60s c.conf <in >out'
	[[ $status -eq 0 ]]
	quiet "$stderr"
	diff <(grep -v -e '^#' -e '^$' in) out
	for n in a b c; do diff <(sort out) <(holds $n); done
}

@test "ring puts each sensor on as many nodes as copies says, on those that where names" {
	local n
	cluster 'strategy ring' 'copies 2'
	records 40 25 >in
	replicate c.conf <in >out
	cmp in out
	for n in s1 s2 s17 s40; do
		diff <(eg-replicate c.conf where $n) \
			<(for d in a b c; do ! eg-store $d.db sensors | grep -qx $n || echo $d; done)
	done
	[[ $(cat <(holds a) <(holds b) <(holds c) | sort | uniq -c | awk '$1 != 2' | wc -l) -eq 0 ]]
	diff <(sort in) <(cat <(holds a) <(holds b) <(holds c) | sort -u)
}

@test "a record comes out when a quorum of its nodes has it, and not before" {
	cluster 'strategy full' 'quorum 2'
	touch a.stuck b.stuck
	start --lag 1ms
	echo s1:2026-01-01T00:00:00:1 >&"$IN"
	wait_until grep -q 'there is no quorum of 2, records wait for' err
	wait_until eval '[[ $(holds c) == s1:2026-01-01T00:00:00:1 ]]'
	[[ ! -s out && $(grep -c 'quorum' err) -eq 1 ]]
	echo s1:2026-01-01T00:00:01:1 >&"$IN"
	rm a.stuck
	wait_until lines out 2
	grep -q 'the quorum is there again' err
	[[ ! -e b.db ]]
	[[ $(eg-replicate c.conf status | awk '$1 == "b" { print $3 }') -eq 2 ]]
	rm b.stuck
	wait_until up b
	finish
	diff out <(holds b)
}

@test "a command that is not found, prints junk, or ends at once does not stop the others" {
	local bad
	for bad in 'no-such-command' 'yes junk' 'true' 'sh -c "exit 78"' 'cat /dev/null'; do
		rm -rf ./*.db c.conf.state
		cluster 'quorum 2' 'node a eg-store a.db' 'node b eg-store b.db' "node c $bad"
		records 10 10 >in.txt
		run --separate-stderr bash -c 'timeout 30 eg-replicate c.conf <in.txt >out'
		[[ $status -eq 0 && $stderr == *"'node c'"* ]] || { echo "$bad: $stderr"; return 1; }
		cmp in.txt out
		diff <(holds a) <(holds b)
		run --separate-stderr eg-replicate --node-timeout 500ms c.conf status
		[[ $status -eq 75 && $output == *$'\nc '*' 100 '* ]] || { echo "$bad: $output"; return 1; }
	done
}

@test "without a quorum of commands that work the stage waits, until --timeout" {
	cluster 'quorum 2' 'node a eg-store a.db' 'node b no-such-command' 'node c false'
	run --separate-stderr bash -c 'echo s1:2026-01-01T00:00:00:1 | timeout 30 eg-replicate --timeout 3s c.conf'
	[[ $status -eq 75 && -z $output && $stderr == *"with 1 records without a receipt"* ]]
}

@test "a command that hangs for ever is ended after --node-timeout and tried again" {
	cluster 'quorum 2' 'node a eg-store a.db' 'node b eg-store b.db' 'node c sleep 1000'
	records 10 10 >in.txt
	run --separate-stderr bash -c 'timeout 40 eg-replicate --node-timeout 3s c.conf <in.txt >out'
	[[ $status -eq 0 && $stderr =~ "'node c': gave no receipt for "[0-9.]+" s and is ended; trying again" ]]
	cmp in.txt out
	run --separate-stderr eg-replicate --node-timeout 300ms c.conf status
	[[ $status -eq 75 && $output == *$'\nc '*down*' 100 '*"gives no answer"* ]]
}

@test "a slow node delays a receipt once for --lag, and then no more" {
	local n begun
	cluster 'quorum 2'
	touch c.stuck
	start --lag 5s
	begun=$SECONDS
	for n in {1..20}; do
		echo "s:2026-11-23T10:00:$((n + 10)):1" >&"$IN"
		wait_until lines out "$n"
	done
	((SECONDS - begun < 80)) # 100 s, if it waited each time
	rm c.stuck
	pkill -TERM -P "$STAGE"
	finish
}

@test "a record that too many nodes refuse is refused, with their names" {
	cluster 'quorum 2' 'node a eg-store a.db' 'node b grep --line-buffered -v s2:' \
		'node c grep --line-buffered -ve s2:' 'node d eg-store d.db'
	records 3 1 >in.txt
	run --separate-stderr bash -c 'timeout 60 eg-replicate --rejects rejects c.conf <in.txt'
	[[ $status -eq 0 && $output == "$(<in.txt)" ]]
	sed -i 's/quorum 2/quorum 3/' c.conf
	run --separate-stderr bash -c 'timeout 60 eg-replicate --rejects rejects c.conf <in.txt'
	[[ $status -eq 65 && $output == "$(grep -v s2: in.txt)" ]]
	grep -q "refused by node 'b' node 'c', so that there is no quorum" rejects
}

@test "status tells of each node whether it is up, behind, down or failed by hand" {
	cluster 'strategy full' 'quorum 1'
	run --separate-stderr eg-replicate c.conf status
	[[ $status -eq 0 && ${lines[0]} == 'full, 3 copies of each sensor, quorum 1; no stage runs' ]]
	[[ ${lines[2]} =~ ^a\ +up\ +0\ +-$ ]]
	touch b.down
	eg-replicate c.conf fail c
	records 2 2 | replicate c.conf >out 2>/dev/null
	rm b.down
	run --separate-stderr eg-replicate --json c.conf status
	[[ $status -eq 75 ]]
	[[ $(jq -c '[.strategy, .copies, .quorum, .stage]' <<<"$output") == '["full",3,1,false]' ]]
	[[ $(jq -c '[.nodes[] | [.name, .state, .behind]]' <<<"$output") == \
		'[["a","up",0],["b","behind",4],["c","failed",4]]' ]]
	[[ $(jq -r '.nodes[1].error' <<<"$output") == *"ended with records in flight" ]]
	touch b.down
	run --separate-stderr eg-replicate c.conf status
	[[ $status -eq 75 && ${lines[3]} =~ ^b\ +down\ +4\  && ${lines[4]} =~ ^c\ +failed\ +4\  ]]
}

@test "a node failed by hand gets nothing until it is recovered, also under a running stage" {
	cluster 'strategy full' 'quorum 2'
	start
	records 2 5 >&"$IN"
	wait_until lines out 10
	eg-replicate c.conf fail b
	wait_until grep -q "'node b' is failed by hand" err
	records 2 5 2026-02-01T00:00:00 >&"$IN"
	wait_until lines out 20
	[[ $(holds b | wc -l) -eq 10 ]]
	eg-replicate c.conf recover b
	wait_until eval '[[ $(holds b | wc -l) -eq 20 ]]'
	finish
	diff <(sort out) <(holds b)
	run --separate-stderr eg-replicate c.conf fail x
	[[ $status -eq 78 && $stderr == *"'c.conf' has no node 'x'" ]]
}

@test "get and range are answered by any node that is there and has no hints" {
	cluster 'strategy full' 'quorum 1'
	records 2 5 | replicate c.conf >out
	touch a.down
	run --separate-stderr replicate c.conf range s1
	[[ $status -eq 0 && $output == "$(grep ^s1: out)" ]]
	run --separate-stderr replicate c.conf range s1 2026-01-01T00:00:01 2026-01-01T00:00:03
	[[ $status -eq 0 && $output == "$(grep ^s1: out | sed -n 2,3p)" ]]
	run --separate-stderr replicate c.conf range --inclusive s1 2026-01-01T00:00:01 \
		2026-01-01T00:00:03
	[[ $status -eq 0 && $output == "$(grep ^s1: out | sed -n 2,4p)" ]]
	touch b.down
	run --separate-stderr replicate c.conf get s2:2026-01-01T00:00:04
	[[ $status -eq 0 && $output == "$(grep ^s2:2026-01-01T00:00:04 out)" ]]
	run --separate-stderr replicate c.conf get s2:2026-01-01T00:00:09
	[[ $status -eq 65 && -z $output ]]
	touch c.down
	run --separate-stderr replicate c.conf get s2:2026-01-01T00:00:04
	[[ $status -eq 75 && -z $output && $stderr == *"only 0 of the 1 nodes asked for answer"* ]]
}

@test "with --quorum a quorum of nodes is asked, and differences are told" {
	cluster 'strategy full' 'quorum 2'
	records 1 5 | replicate c.conf >out
	run --separate-stderr replicate --quorum c.conf range s1
	[[ $status -eq 0 && $output == "$(<out)" && -z $stderr ]]
	eg-store a.db delete s1:2026-01-01T00:00:02
	echo s1:2026-01-01T00:00:03:999999 | eg-store a.db >/dev/null
	run --separate-stderr replicate --quorum c.conf range s1
	[[ $status -eq 0 && ${#lines[@]} -eq 5 && $stderr == *"differ in 2 records"* ]]
	touch a.down b.down
	run --separate-stderr replicate --quorum c.conf range s1
	[[ $status -eq 75 && -z $output ]]
	run --separate-stderr replicate --all c.conf range s1
	[[ $status -eq 75 && $output == "$(<out)" ]]
}

@test "a node that is no store takes part in writing, and is told of elsewhere" {
	cluster 'quorum 2' 'node a eg-store a.db' 'node b eg-store b.db' 'node c tee -a c.txt'
	records 2 5 | replicate c.conf >out
	cmp out c.txt
	run --separate-stderr replicate c.conf delete s1:2026-01-01T00:00:00
	[[ $status -eq 0 && $stderr == *"node 'c' is not a store: nothing can be deleted there"* ]]
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 0 && $stderr == *"node 'c' is not a store: it cannot be compared"* ]]
	run --separate-stderr replicate --all c.conf range s2
	[[ $status -eq 0 && $output == "$(grep ^s2: out)" ]]
}

@test "the cluster file says what is a store, whatever its command is called" {
	printf '#!/bin/sh\nexec eg-store a.db "$@"\n' >mine
	chmod +x mine
	cluster 'quorum 2' 'store a ./mine' 'store b eg-store b.db' 'stage c eg-store c.db'
	records 2 5 | replicate c.conf >out
	eg-store b.db delete s1:2026-01-01T00:00:00
	echo s9:2026-01-01T00:00:00:1 | eg-store c.db >/dev/null
	run --separate-stderr replicate c.conf repair
	[[ $status -eq 0 && $stderr == *"node 'c' is not a store: it cannot be compared"* ]] || { echo "$stderr"; return 1; }
	[[ $output == '2 nodes compared; 0 records and 1 deletions sent, 0 misplaced removed' ]]
	diff <(grep -v s1:2026-01-01T00:00:00 out | sort) <(holds a)
	[[ $(holds c | wc -l) -eq 11 ]]
	run --separate-stderr replicate --all c.conf range s9
	[[ $status -eq 0 && -z $output ]]
}

@test "of two stages on one cluster the second waits, and takes over when the first ends" {
	cluster 'strategy full'
	start
	echo s1:2026-01-01T00:00:00:1 >&"$IN"
	wait_until lines out 1
	run --separate-stderr bash -c 'records=s1:2026-01-01T00:00:01:2; echo $records | timeout 30 eg-replicate --timeout 500ms c.conf'
	[[ $status -eq 75 && -z $output && $stderr == *"another eg-replicate runs on this cluster; waiting for it"* ]]
	echo s1:2026-01-01T00:00:01:2 | timeout 60 eg-replicate c.conf >out2 2>err2 3>&- {IN}>&- &
	PIDS+=($!)
	wait_until test -s err2
	[[ $(eg-replicate c.conf status | head -n 1) == *"a stage runs" ]]
	finish
	wait_until lines out2 1
}

@test "words for a far shell are quoted, whatever a sensor is called" {
	local sensor
	# A stand-in: ssh joins its words with blanks and hands them to a shell.
	printf '#!/bin/sh\nshift\nexec sh -c "$*"\n' >ssh
	chmod +x ssh
	PATH=$PWD:$PATH
	cluster 'node a ssh host eg-store a.db' 'node b eg-store b.db'
	for sensor in "it's; touch bad" '$(touch bad)' '-x' '- a "b"  c' '*'; do
		echo "$sensor:2026-01-01T00:00:00:1" >>in.txt
	done
	replicate c.conf <in.txt >out
	cmp in.txt out
	diff <(holds a) <(holds b)
	mv b.db elsewhere.db
	while IFS= read -r line; do
		run --separate-stderr replicate c.conf get -- "${line%:1}"
		[[ $status -eq 0 && $output == "$line" ]] || { echo "$line: $output $stderr"; return 1; }
		run --separate-stderr replicate c.conf range -- "${line%%:*}" 2026-01-01
		[[ $status -eq 0 && $output == "$line" ]]
	done <in.txt
	mv elsewhere.db b.db
	replicate c.conf delete -- "- a \"b\"  c:2026-01-01T00:00:00" "it's; touch bad:2026-01-01T00:00:00"
	[[ $(holds a | wc -l) -eq 3 && $(holds b | wc -l) -eq 3 && ! -e bad ]]
}

@test "SIGTERM settles what is under way; a closed standard output ends it with 74" {
	cluster 'strategy full'
	start
	records 5 10 >&"$IN"
	wait_until lines out 50
	pkill -TERM -P "$STAGE"
	wait_until eval "! kill -0 $STAGE 2>/dev/null"
	finish
	run --separate-stderr bash -c 'set -o pipefail; yes s1:2026-01-01T00:00:00:1 | timeout 30 eg-replicate c.conf | head -n 1; exit ${PIPESTATUS[1]}'
	[[ $status -eq 74 && $output == s1:2026-01-01T00:00:00:1 ]]
	run --separate-stderr bash -c 'timeout 30 eg-replicate c.conf range s1 >/dev/full'
	[[ $status -eq 74 && $stderr == *"cannot write to standard output: No space left on device" ]]
}
