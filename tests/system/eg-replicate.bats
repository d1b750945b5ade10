#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-replicate where it meets the world: nodes over ssh and behind RabbitMQ, full disks, a
# long absence, a load that is larger than memory may be.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load ../wait

setup() {
	PATH="$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd):$BATS_TEST_DIRNAME/../../scripts:$PATH"
	cd "$BATS_TEST_TMPDIR" || return 1
	PIDS=()
	MOUNTS=()
}

teardown() {
	local it
	for it in ${PIDS[@]+"${PIDS[@]}"}; do kill -KILL "$it" 2>/dev/null || true; done
	cd /
	for it in ${MOUNTS[@]+"${MOUNTS[@]}"}; do
		await 10 umount "$it" || umount -l "$it"
	done
	[[ -z ${EG_LAB_DIR-} ]] || eg-lab down >&2
}

records() { # SENSORS ROUNDS [START]
	eg-sim -n "$1" -r "$2" --start "${3:-2026-01-01T00:00:00}" --step 1s --seed 7 --prefix s
}

holds() { eg-store "$1.db" dump | sort; }

start() { # the stage, its input open as $IN
	mkfifo in
	anew out err
	timeout 600 eg-replicate c.conf <in >out 2>err 3>&- &
	STAGE=$!
	PIDS+=("$STAGE")
	exec {IN}>in
}

finish() {
	exec {IN}>&-
	wait "$STAGE" || { cat err; return 1; }
}

small_disk() { # FOLDER SIZE
	mkdir -p "$1"
	mount -t tmpfs -o "size=$2" tmpfs "$1" 2>/dev/null || skip "a small disk cannot be mounted here"
	MOUNTS+=("$PWD/$1")
}

# An sshd of our own: our port, our keys, our user.
serve_ssh() {
	local sshd port
	sshd=$(command -v sshd || echo /usr/sbin/sshd)
	[[ -x $sshd ]] || skip 'there is no sshd'
	# As root it wants a folder that Debian makes when the service starts.
	((EUID != 0)) || mkdir -p /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f host
	ssh-keygen -q -t ed25519 -N '' -f user
	chmod 700 .
	for port in $(shuf -i 20000-30000 -n 20); do
		cat >sshd_config <<-END
			Port $port
			ListenAddress 127.0.0.1
			HostKey $PWD/host
			AuthorizedKeysFile $PWD/user.pub
			StrictModes no
			PidFile none
			SetEnv PATH=$PATH
		END
		"$sshd" -D -e -f "$PWD/sshd_config" 2>sshd.log 3>&- &
		PIDS+=($!)
		wait_until grep -q -e 'Server listening' -e 'Cannot bind' sshd.log || { cat sshd.log; return 1; }
		! grep -q 'Server listening' sshd.log || break
	done
	printf '[127.0.0.1]:%s %s\n' "$port" "$(<host.pub)" >known
	cat >ssh_config <<-END
		Host far
			HostName 127.0.0.1
			Port $port
			User $(id -un)
			IdentityFile $PWD/user
			UserKnownHostsFile $PWD/known
			BatchMode yes
	END
	ssh -F ssh_config far true
}

@test "a node may be on another machine: over ssh it is written, read, deleted from and repaired" {
	serve_ssh
	printf '%s\n' 'quorum 2' 'node near eg-store near.db' "node far ssh -F ssh_config far eg-store $PWD/far.db" >c.conf
	records 10 50 >in.txt
	timeout 60 eg-replicate c.conf <in.txt >out
	cmp in.txt out
	diff <(holds near) <(holds far)
	run --separate-stderr timeout 60 eg-replicate c.conf status
	[[ $status -eq 0 && ${lines[3]} =~ ^far\ +up\ +0\ +-$ ]]
	timeout 60 eg-replicate c.conf delete s1:2026-01-01T00:00:00
	mv near.db elsewhere.db
	run --separate-stderr timeout 60 eg-replicate c.conf range s1 2026-01-01 2026-01-01T00:00:10
	[[ $status -eq 0 && $output == "$(grep ^s1: in.txt | sed -n 2,10p)" ]]
	rm -f elsewhere.db*
	run --separate-stderr timeout 60 eg-replicate c.conf repair
	[[ $status -eq 0 ]]
	diff <(grep -v s1:2026-01-01T00:00:00 in.txt | sort) <(holds near)
}

@test "when the connection is cut, the far node is behind and catches up" {
	serve_ssh
	printf '%s\n' 'quorum 1' 'node near eg-store near.db' "node far ssh -F ssh_config far eg-store $PWD/far.db" >c.conf
	start
	records 10 50 >&"$IN"
	wait_until has_lines out 500
	pkill -KILL -f "^ssh -F ssh_config far eg-store $PWD/far.db"
	records 10 50 2026-02-01T00:00:00 >&"$IN"
	wait_until has_lines out 1000
	wait_until eval '[[ $(holds far | wc -l) -eq 1000 ]]'
	finish
	diff <(sort out) <(holds far)
}

@test "a node may be a queue that another machine drains" {
	export EG_LAB_DIR=$PWD/lab
	eg-lab --no-influxdb --no-victoria up >&2
	eval "$(eg-lab env)"
	eg-publish --declare -Q replica
	printf '%s\n' 'quorum 2' 'node a eg-store a.db' 'node b eg-store b.db' 'node c eg-publish -Q replica' >c.conf
	start
	records 5 20 >&"$IN"
	wait_until has_lines out 100
	eg-lab kill rabbitmq >&2
	records 5 20 2026-02-01T00:00:00 >&"$IN"
	wait_until has_lines out 200
	eg-lab start rabbitmq >&2
	await 180 eval 'timeout 30 eg-consume --drain -q replica -- eg-store c.db; [[ $(holds c | wc -l) -eq 200 ]]'
	finish
	diff <(holds a) <(holds c)
}

@test "on a full disk there is neither a hint nor a receipt; with room again it goes on" {
	small_disk c.conf.state 200k
	printf '#!/bin/sh\n[ ! -e b.down ] || exit 75\nexec "$@"\n' >node
	chmod +x node
	printf '%s\n' 'quorum 1' 'node a eg-store a.db' 'node b ./node eg-store b.db' >c.conf
	touch b.down
	start
	records 100 200 >in.txt
	cat in.txt >&"$IN" &
	PIDS+=($!)
	wait_until grep -q 'database or disk is full; what depends on it waits' err
	[[ $(wc -l <out) -lt 20000 ]]
	mount -o remount,size=20m c.conf.state
	await 60 has_lines out 20000
	[[ $(grep -c 'disk is full' err) -eq 1 ]]
	grep -q 'hints can be written again' err
	rm b.down
	finish
	cmp in.txt out
	timeout 60 eg-replicate c.conf repair
	diff <(sort in.txt) <(holds b)
}

@test "on a disk that stays full --timeout gives up with 75, also when it was full at the start" {
	small_disk c.conf.state 100k
	printf '%s\n' 'quorum 1' 'node a eg-store a.db' 'node b false' >c.conf
	records 1 1 | timeout 60 eg-replicate c.conf >out 2>err
	[[ $(wc -l <out) -eq 1 ]]
	head -c 200000 /dev/zero >c.conf.state/rest || true
	run --separate-stderr timeout 60 eg-replicate --timeout 6s c.conf < \
		<(records 1 1 2026-01-02T00:00:00)
	[[ $status -eq 75 && -z $output && $stderr == *'disk is full'*'gave up waiting for'* ]] || { echo "$status $stderr"; return 1; }
	# Not even the index of the log fits.
	rm c.conf.state/rest
	mount -o remount,size=20m c.conf.state
	sqlite3 c.conf.state/hints.db 'pragma wal_checkpoint(truncate)' >/dev/null
	mount -o remount,size=100k c.conf.state
	head -c 200000 /dev/zero >c.conf.state/rest || true
	run --separate-stderr timeout 60 eg-replicate --timeout 6s c.conf < \
		<(records 1 1 2026-01-03T00:00:00)
	[[ $status -eq 75 && -z $output ]] || { echo "$status $stderr"; return 1; }
	[[ $stderr == *'No space left on device'* || $stderr == *'disk is full'* ]]
}

@test "a store on a full disk is behind, and catches up when there is room" {
	small_disk small 300k
	printf '%s\n' 'quorum 2' 'node a eg-store a.db' 'node b eg-store b.db' 'node c eg-store small/c.db' >c.conf
	start
	records 100 200 >in.txt
	cat in.txt >&"$IN"
	await 60 has_lines out 20000
	cmp in.txt out
	[[ $(eg-replicate c.conf status | awk '$1 == "c" { print $3 }') -gt 0 ]]
	mount -o remount,size=20m small
	await 60 eval '[[ $(eg-store small/c.db dump | wc -l) -eq 20000 ]]'
	finish
	diff <(sort in.txt) <(eg-store small/c.db dump | sort)
}

@test "a million records to a node that is away do not stay in memory" {
	[[ -z ${EG_SAN-} ]] || skip 'the sanitizers need memory of their own'
	printf '#!/bin/sh\n[ ! -e b.down ] || exit 75\nexec "$@"\n' >node
	chmod +x node
	printf '%s\n' 'quorum 1' 'node a cat' 'node b ./node cat' >c.conf
	touch b.down
	start
	records 1000 1000 >&"$IN"
	await 300 has_lines out 1000000
	[[ $(awk '/^VmHWM/ { print $2 }' "/proc/$(pgrep -P "$STAGE")/status") -lt $((48 * 1024)) ]]
	[[ $(eg-replicate c.conf status | awk '$1 == "b" { print $3 }') -eq 1000000 ]]
	rm b.down
	await 300 eval '[[ $(eg-replicate c.conf status | awk "\$1 == \"b\" { print \$3 }") -eq 0 ]]'
	[[ $(awk '/^VmHWM/ { print $2 }' "/proc/$(pgrep -P "$STAGE")/status") -lt $((48 * 1024)) ]]
	finish
}
