#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Files that a program replaces: a device, a FIFO, a link stay what they are.

# shellcheck disable=SC2030,SC2031,SC2154  # bats: subshells, and what run sets
bats_require_minimum_version 1.5.0

setup() {
	load ../wait
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work" || return 1
	bin=$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}")
	PATH="$bin:$bin/tests:$PATH"
	good=a:2026-01-01T00:00:00:1
}

# A stage with these counters, ten seconds at most.
counted() { # FILE [REDIRECTIONS are the caller's]
	timeout 10 passthrough --metrics "$1" <<<"$good"
}

@test "counters for a device are written to it, and it stays a device" {
	# A null device of our own: the machine's is not risked.
	mknod null c 1 3 2>/dev/null && : 2>/dev/null >null || skip 'no device can be made here'
	counted null >out
	[[ -c null && $(<out) == "$good" && $(stat -c %t:%T null) == 1:3 ]]
	# The same through a link.
	ln -s null link
	counted link >out
	[[ -L link && -c null ]]
}

@test "counters for a FIFO go to its reader, and without one nothing waits" {
	mkfifo fifo
	counted fifo >out
	[[ -p fifo && $(<out) == "$good" ]]
	exec 8<>fifo
	counted fifo >out
	read -rt 10 line <&8
	exec 8>&-
	[[ -p fifo && $line == '# HELP energyguard_records_in_total '* ]]
}

@test "counters behind a link replace the file that it leads to, with its permissions" {
	mkdir folder
	echo old >folder/file
	chmod 640 folder/file
	ln -s folder/file link
	counted link >out
	[[ -L link && $(stat -c %a folder/file) == 640 && $(ls folder) == file ]]
	grep -q '^energyguard_records_out_total{program="passthrough"} 1$' folder/file
	ln -s nowhere broken
	run --separate-stderr -74 counted broken
	[[ -L broken && ! -e nowhere && $stderr == *"cannot write 'broken': No such file or directory"* ]]
}

@test "counters for standard error are written there, for standard output refused" {
	# Links of our own: the machine's are not risked.
	ln -s /proc/self/fd/1 stdout
	ln -s /proc/self/fd/2 stderr
	counted stderr >out 2>err
	grep -q '^energyguard_records_out_total{program="passthrough"} 1$' err
	# The file is the one that was opened, with all that was written to it.
	[[ $(<out) == "$good" && $(grep -c 'HELP energyguard_records_in_total' err) -eq 2 ]]
	run --separate-stderr -64 counted stdout
	[[ -z $output && $stderr == *"'stdout' is standard output, where records go"* ]]
	status=0
	counted stdout >file || status=$?
	[[ $status -eq 64 && ! -s file && -L stdout && -L stderr ]]
}

@test "a new file has the permissions of the umask, and nothing stays beside it" {
	(umask 027 && counted new >out)
	[[ $(stat -c %a new) == 640 && $(find . -name 'new*' | wc -l) -eq 1 ]]
}

@test "an offset is kept in a regular file, or not at all" {
	mkfifo fifo
	for file in fifo .; do
		run --separate-stderr -78 timeout 10 eg-consume --url amqp://127.0.0.1:1 --timeout 300ms --offset-file $file <<<1
		[[ $stderr == *"'$file' is not a regular file"* ]]
	done
	[[ -p fifo ]]
}
