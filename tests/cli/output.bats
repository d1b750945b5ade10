#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Standard output that is a terminal nobody reads, or a socket. Needs no server.

# shellcheck disable=SC2154  # what run sets
bats_require_minimum_version 1.5.0

setup() {
	load ../wait
	cd "$BATS_TEST_TMPDIR" || return 1
	bin=$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}")
	PATH="$bin:$bin/tests:$PATH"
	cat >on <<-'END'
		# on KIND COMMAND...: runs it with a standard output of that kind and acts; prints
		# the status and, in brackets, what became of it. tty: a terminal whose output is
		# stopped; both: its standard error as well; nonblock: with O_NONBLOCK; hup: a socket whose reader goes
		# away; part: a socket whose reader takes all, slowly.
		import fcntl, os, pty, signal, socket, subprocess, sys, termios, threading, time, tty
		kind, command = sys.argv[1], sys.argv[2:]

		def ticks(pid):
		    f = open(f'/proc/{pid}/stat').read().rsplit(')', 1)[1].split()
		    return int(f[11]) + int(f[12])

		def until(what, seconds=60):
		    end = time.monotonic() + seconds
		    while not what():
		        if time.monotonic() > end:
		            p.kill()
		            sys.exit('waited in vain')
		        time.sleep(0.02)

		def quiet():
		    # Nothing is used while it waits: it sleeps, for half a second in a row.
		    def asleep():
		        before = ticks(p.pid)
		        time.sleep(0.5)
		        return p.poll() is not None or ticks(p.pid) == before
		    until(asleep)

		if kind in ('tty', 'both', 'nonblock'):
		    master, out = pty.openpty()
		    tty.setraw(out)
		    if kind == 'nonblock':
		        fcntl.fcntl(out, fcntl.F_SETFL, os.O_NONBLOCK)
		else:
		    ours, theirs = socket.socketpair()
		    # Smaller than a piece: a write takes a part.
		    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4608)
		    out = theirs.fileno()
		stdin = open(os.environ['INPUT']) if 'INPUT' in os.environ else subprocess.PIPE
		p = subprocess.Popen(command, stdin=stdin, stdout=out, stderr=out if kind == 'both' else open('err', 'w'))
		if kind in ('tty', 'both', 'nonblock'):
		    # It has begun to write; a terminal that nobody reads takes no more in the end.
		    os.read(master, 1)
		    termios.tcflow(out, termios.TCOOFF)
		    quiet()
		    p.send_signal(signal.SIGTERM)
		    until(lambda: p.poll() is not None)
		elif kind == 'hup':
		    theirs.close()
		    # With unread bytes left, its end would be an error of its own.
		    got = b''
		    while got.count(b'\n') < 3:
		        got += ours.recv(1000)
		    ours.close()
		    until(lambda: p.poll() is not None)
		else:
		    theirs.close()
		    with open('read', 'wb') as f:
		        while data := ours.recv(1000):
		            f.write(data)
		print(p.wait())
	END
	awk 'BEGIN { for (i = 0; i < 20000; i++)
		printf "sensor%d:2026-11-23T%02d:%02d:%02d:%d.5\n", i % 15, i / 3600 % 24, i / 60 % 60, i % 60, i }' >records
}

on() { timeout 120 python3 on "$@"; }

@test "a stage whose terminal is stopped ends after the grace period, and does not spin" {
	for kind in tty nonblock; do
		INPUT=records run on $kind passthrough --grace 1s
		echo "$kind: $output $(<err)"
		[[ $output == 75 ]]
		grep -q 'ended by a signal with .* records without a receipt' err
	done
}

@test "a stage whose messages go to the stopped terminal ends as well, also when each line is bad" {
	INPUT=records run on both passthrough --grace 1s
	[[ $output == 75 ]]
	awk 'BEGIN { for (i = 0; i < 20000; i++) print i % 2 ? "bad" : "a:2026-01-01T00:00:00:" i }' >mixed
	INPUT=mixed run on both passthrough --grace 1s -v
	[[ $output == 75 ]]
}

@test "eg-sim whose terminal is stopped ends at the first signal" {
	for kind in tty nonblock; do
		run on $kind eg-sim --start 2026-01-01T00:00:00 --rounds 10000
		echo "$kind: $output $(<err)"
		[[ $output == 0 && ! -s err ]]
	done
}

@test "eg-decode whose terminal is stopped ends after the grace period" {
	awk 'BEGIN { for (i = 0; i < 20000; i++)
		printf "{\"last_seen\":%d000,\"power\":1}\n", 1700000000 + i }' >documents
	for kind in tty nonblock; do
		INPUT=documents run on $kind eg-decode --sensor s zigbee2mqtt
		echo "$kind: $output $(<err)"
		[[ $output == 75 ]]
		grep -q 'ended by a signal' err
	done
}

@test "a socket that takes parts of writes gets every byte once, in order" {
	INPUT=records run on part passthrough
	[[ $output == 0 ]]
	cmp records read
	run on part eg-sim --start 2026-01-01T00:00:00 --rounds 1000 --seed 1
	[[ $output == 0 ]]
	eg-sim --start 2026-01-01T00:00:00 --rounds 1000 --seed 1 | cmp - read
}

@test "a socket whose reader is gone ends a quiet stage with 74, and without a word" {
	# Its input is a pipe that stays open: nothing but the socket ends it.
	mkfifo in
	(exec 9<>in; head -n 3 records >&9; exec sleep 100 9>&9) 3>&- &
	feeder=$!
	INPUT=in run on hup passthrough
	[[ $output == 74 && ! -s err ]]
	INPUT=in run on hup eg-sim --sensors 3 --rounds 0 --delay 1h
	[[ $output == 0 && ! -s err ]]
	kill $feeder
}

@test "a verb of eg-replicate waits for the reader of a pipe that another has made non-blocking" {
	printf 'quorum 1\nstrategy full\nnode a eg-store %s/a.db\n' "$PWD" >cluster
	eg-sim --start 2026-01-01T00:00:00 -n 1 --rounds 1000 --seed 1 >one
	eg-replicate cluster <one >receipts
	run --separate-stderr timeout 120 python3 - eg-replicate cluster range sensor1 <<-'END'
		import fcntl, os, subprocess, sys, time
		r, w = os.pipe()
		fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096)
		fcntl.fcntl(w, fcntl.F_SETFL, os.O_NONBLOCK)
		p = subprocess.Popen(sys.argv[1:], stdout=w)
		# Full, but for what it has written.
		while True:
		    time.sleep(0.02)
		    n = fcntl.ioctl(r, 0x541b, b'\0' * 4) # FIONREAD
		    if int.from_bytes(n, sys.byteorder) == 4096 or p.poll() is not None:
		        break
		os.close(w)
		with open('read', 'wb') as f:
		    while data := os.read(r, 65536):
		        f.write(data)
		sys.exit(p.wait())
	END
	[[ $status -eq 0 && -z $stderr ]]
	cmp one read
}
