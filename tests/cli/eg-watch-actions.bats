#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The examples of eg-watch(1) that act on edges, as the page has them: a webhook and mail.
# shellcheck disable=SC2154,SC2164 # bats sets stderr; cd fails the test

bats_require_minimum_version 1.5.0
load ../wait

setup() {
	PAGE=$BATS_TEST_DIRNAME/../../man/eg-watch.1
	TOOLS=$BATS_TEST_DIRNAME/../tools
	PATH=$BATS_TEST_TMPDIR/bin:$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd):$PATH
	HOOK=''
	cd "$BATS_TEST_TMPDIR"
	mkdir bin
	printf 'high * over 5\n' >rules
	: >out
	# Nine edges of three sensors, one whose name a careless shell would change.
	cat >readings <<-'END'
		house:2026-01-01T00:00:00:9
		roof/\new $HOME "a" 'b':2026-01-01T00:00:30:9
		house:2026-01-01T00:01:00:8
		house:2026-01-01T00:02:00:1
		@cellar *:2026-01-01T00:03:00:6
		roof/\new $HOME "a" 'b':2026-01-01T00:03:00:0
		house:2026-01-01T00:04:00:7
		house:2026-01-01T00:05:00:2
		@cellar *:2026-01-01T00:06:00:1
		house:2026-01-01T00:07:00:6
	END
	eg-watch rules <readings >edges
	[[ $(wc -l <edges) -eq 9 ]]
}

teardown() {
	if [[ -n $HOOK ]]; then kill "$HOOK" 2>/dev/null || true; fi
}

# The commands of the first example behind the line of the page that begins so.
example() { # TEXT
	sed -n "/^$1/,/^\\.Ed/p" "$PAGE" | sed -e '1,2d' -e '/^\.Ed/d' -e 's/\\e/\\/g'
}

same() { diff "$1" "$2" || { printf '%s\n' "$stderr"; return 1; }; }

@test "the webhook of the page: each edge once and in order, its record after the receiver's 200" {
	command -v curl >/dev/null || skip "no curl: the webhook was NOT tried"
	"$TOOLS/hook" 3>&- &
	HOOK=$!
	wait_until test -e port
	example 'A webhook' >hook.sh
	grep -q 'https://example.org/hook' hook.sh
	sed -i -e "s|https://example.org/hook|http://127.0.0.1:$(cat port)/hook|" -e 's|>done$|>out|' hook.sh
	run --separate-stderr timeout 120 sh hook.sh
	[[ $status -eq 0 ]] || { echo "$status: $stderr"; return 1; }
	same readings out
	sed -n 's/^200 //p' requests >got
	same edges got
	[[ $stderr == *"eg-watch: warning: 'sh' ended with status 75; trying again"* ]]
	# Its first request was refused, so each edge was sent again, and the first one twice.
	run grep -c '^503 ' requests
	[[ $output -eq 11 ]]
	run grep '^early' requests
	[[ $status -eq 1 ]]
	# Once more: all is known.
	timeout 60 sh hook.sh
	[[ $(wc -l <requests) -eq 20 ]]
}

@test "the mail of the page: each edge once and in order, though mail fails at times" {
	cat >bin/mail <<-'END'
		#!/bin/sh
		# Fails the first time for each edge; else keeps the mail.
		cat >body
		if ! grep -qxF -e "$2" tried; then printf '%s\n' "$2" >>tried; exit 1; fi
		printf '%s|%s|%s\n' "$2" "$3" "$(cat body)" >>mails
	END
	# In place of RabbitMQ: the readings, to the stage behind --.
	cat >bin/eg-consume <<-'END'
		#!/bin/sh
		while [ "$1" != -- ]; do shift; done
		shift
		"$@" <readings >out
	END
	chmod +x bin/mail bin/eg-consume
	: >tried
	example 'Mail each edge' >mail.sh
	run --separate-stderr timeout 120 sh mail.sh
	[[ $status -eq 0 ]] || { echo "$status: $stderr"; return 1; }
	same readings out
	while IFS= read -r edge; do printf '%s|me@example.org|%s\n' "$edge" "$edge"; done <edges >want
	same want mails
	same tried edges
	timeout 60 sh mail.sh
	same want mails
}
