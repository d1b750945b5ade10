#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The rooms of lib/: who may include whom (tests/rooms).
bats_require_minimum_version 1.5.0

setup() {
	readonly ROOMS=$BATS_TEST_DIRNAME/../rooms
	cd "$BATS_TEST_TMPDIR" || return
	git init -q tree
	mkdir -p tree/lib/base tree/lib/amqp tree/build/lib/base
}

rooms() {
	git -C tree add -A
	EG_TREE=$BATS_TEST_TMPDIR/tree run "$ROOMS" "$@"
}

@test "no file of the library includes a header that its room may not" {
	"$ROOMS"
}

@test "no two files of the library call each other" {
	[ -z "${EG_SAN-}" ] || skip "the sanitizers' objects have symbols of their own"
	"$ROOMS" "$EG_BIN"
}

@test "an include against the direction is found" {
	echo '#include "amqp/connection.h"' >tree/lib/base/planted.c
	echo '#include "base/diag.h"' >tree/lib/amqp/right.c
	rooms
	[ "$status" -eq 1 ]
	[ "$output" = 'lib/base/planted.c: base may not include amqp/connection.h' ]
}

@test "a file that prints, exits or complains of usage is found; messages are not" {
	printf '%s\n' 'eg_warn("exit");' 'snprintf(a, 1, "b"); fprintf(f, "c");' \
		'MHD_queue(puts_all, eg_exit(1));' >tree/lib/base/right.c
	rooms
	[ "$status" -eq 0 ]
	for line in 'exit(1);' '  printf("x");' 'fprintf(stderr, "x");' 'fputs("x", stdout);' 'abort();'; do
		echo "$line" >tree/lib/base/wrong.c
		rooms
		[ "$status" -eq 1 ]
		[[ $output == "lib/base/wrong.c:1:"*"neither prints nor exits" ]]
	done
	echo 'eg_usage("x");' >tree/lib/base/wrong.c
	rooms
	[[ $status -eq 1 && $output == *"for tables of options" ]]
	mv tree/lib/base/wrong.c tree/lib/amqp/amqp_options.c
	rooms
	[ "$status" -eq 0 ]
}

@test "a call of poll is found, in a program as well; functions and comments of that name are not" {
	mkdir -p tree/cmd
	printf '%s\n' 'eg_http_poll(h, &fd, &due); s->poll(s, fds); /* after poll(2) */' >tree/lib/base/right.c
	rooms
	[ "$status" -eq 0 ]
	echo '	if (poll(&p, 1, 0) > 0)' >tree/cmd/wrong.c
	rooms
	[[ $status -eq 1 && $output == *"cmd/wrong.c:1:"*"eg_wait_fds instead" ]]
}

@test "a file without a room, and a room without a rule, are found" {
	touch tree/lib/flat.c
	mkdir tree/lib/cellar
	echo '#include "base/diag.h"' >tree/lib/cellar/x.c
	rooms
	[ "$status" -eq 1 ]
	[[ $output == *'lib/flat.c: not in a room'* ]]
	[[ $output == *'lib/cellar/x.c: the room cellar has no rule'* ]]
}

@test "two files that call each other are found" {
	echo 'void b(void); void a(void) { b(); }' >a.c
	echo 'void a(void); void b(void) { a(); }' >b.c
	cc -c -o tree/build/lib/base/a.o a.c
	cc -c -o tree/build/lib/base/b.o b.c
	rooms build
	[ "$status" -eq 1 ]
	[[ $output == *'circle: base/a'*'circle: base/b'* ]]
}

# A figure of Debian 12's compiler on amd64: another one's code has another size.
@test "no program has 200,000 bytes when it is stripped" {
	[[ -z ${EG_SAN-} ]] || skip "a build with sanitizers"
	[[ $(cc -dumpversion) == 12 && $(uname -m) == x86_64 ]] || skip "the limit is for gcc 12 on amd64"
	local program
	for program in "$EG_BIN"/eg-*; do
		[[ -x $program && -f $program ]] || continue
		strip -o stripped "$program"
		printf '%s %s\n' "$(stat -c %s stripped)" "${program##*/}"
	done >sizes
	[ -s sizes ]
	awk '$1 >= 200000 { print; wrong = 1 } END { exit wrong }' sizes
}
