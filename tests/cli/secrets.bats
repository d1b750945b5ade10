#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A secret is in nothing that a program shows, writes or leaves behind.
# shellcheck disable=SC2154,SC2314 # bats sets stderr; `!` stands only before the last command

bats_require_minimum_version 1.5.0
load ../wait

setup() {
	PATH="$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}"):$BATS_TEST_DIRNAME/../tools:$PATH"
	export PATH
	unset AMQP_URL INFLUX_HOST INFLUX_TOKEN INFLUX_TOKEN_FILE INFLUX_USERNAME INFLUX_PASSWORD \
		http_proxy all_proxy ALL_PROXY
	cd "$BATS_TEST_TMPDIR" || return 1
	CANARY=canary$RANDOM$RANDOM
	LETTERS=canaryletters # as a name of an option has them
	PID=''
	mkdir made
}

teardown() {
	[[ -z $PID ]] || kill -KILL "$PID" 2>/dev/null || true
}

# Runs a program in the folder `made` with an input that stays open, until it waits for
# its peer; asks for its counters, and looks at what /proc tells of it.
start() { # PROGRAM ARG...
	rm -f in made/err
	mkfifo in
	(
		cd made || exit 1
		ulimit -c unlimited
		exec "$@" -vv --grace 0 --progress --metrics metrics --rejects rejects <../in >out 2>err 3>&-
	) &
	PID=$!
	exec 7>in
	printf 'a:2026-01-01T00:00:00:1\nbad\n' >&7
	wait_until grep -qsE 'waiting for it|trying (again|the next)' made/err
	kill -USR1 "$PID"
	wait_until grep -q 'in .* = out' made/err
	shown
}

# What anyone, the user or root, may read of a process. (mem is its memory itself.)
shown() {
	local name
	for name in cmdline environ comm status stat maps mountinfo limits wchan; do
		cat "/proc/$PID/$name" >>made/proc 2>/dev/null || true
	done
	ps -ww -o args= -p "$PID" >>made/proc
	# There is something to be found, if it were there.
	tr '\0' '\n' <made/proc | grep -q '^PATH='
}

ended() {
	exec 7>&-
	kill -TERM "$PID"
	wait "$PID" || true
	PID=''
	! grep -rl "$CANARY" made
}

@test "a secret in the environment is not in messages, metrics, files or /proc" {
	AMQP_URL="amqp://meter:$CANARY@127.0.0.1:1,amqp://meter:$CANARY@127.0.0.1:2" start eg-publish
	ended
	INFLUX_TOKEN=$CANARY INFLUX_PASSWORD=$CANARY start eg-influx --url http://127.0.0.1:1
	ended
	INFLUX_TOKEN=$CANARY INFLUX_PASSWORD=$CANARY start eg-influx --url http://127.0.0.1:1 --db x \
		--user u
	ended
}

@test "a secret in a file is not in messages, metrics, files or /proc" {
	echo "$CANARY" >secret
	start eg-publish --url amqp://meter@127.0.0.1:1 --password-file ../secret
	ended
	start eg-influx --url http://127.0.0.1:1 --token-file ../secret
	ended
	start eg-influx --url http://127.0.0.1:1 --db x --user u --password-file ../secret
	ended
}

@test "the token of eg-serve is not in what it shows, nor in what its command gets" {
	rm -f in
	cd made
	EG_API_TOKEN=$CANARY eg-serve -vv -l 127.0.0.1:0 --metrics metrics -- \
		sh -c 'env >child; exec cat' >out 2>err 3>&- &
	PID=$!
	cd ..
	wait_until grep -q 'listen' made/err
	url=$(grep -oE '127\.0\.0\.1:[0-9]+' made/err | head -n 1)
	run curl -sS -H "Authorization: Bearer $CANARY" -d '{"sensor_id":"a","value":1}' \
		-H 'Content-Type: application/json' "http://$url/ingest"
	[[ $output == *success* ]]
	grep -q '^PATH=' made/child
	shown
	kill -TERM "$PID"
	wait "$PID" || true
	PID=''
	! grep -rl "$CANARY" made
}

@test "a server that does not accept a token does not make it known" {
	mkdir server
	faulty-http --token other server 3>&- &
	PID=$!
	wait_until test -e server/port
	INFLUX_TOKEN=$CANARY run eg-influx -v -v --url "http://127.0.0.1:$(<server/port)" <<<a:2026-01-01T00:00:00:1
	[[ $status -eq 78 && $output != *"$CANARY"* ]]
	grep -q "$CANARY" server/paths
}

@test "a program that crashes leaves no core file, since the secret would be in it" {
	[[ $(</proc/sys/kernel/core_pattern) != '|'* ]] || {
		echo "# WARNING: core files go to a program here: NOT tested" >&3
		skip "kernel.core_pattern is a pipe"
	}
	echo "$CANARY" >secret
	# This does leave one, so there would be one to be found.
	(cd made && ulimit -c unlimited && exec sleep 60 3>&-) &
	PID=$!
	wait_until grep -q sleep "/proc/$PID/comm"
	kill -SEGV "$PID"
	wait "$PID" || true
	[[ -n $(find made -name 'core*') ]] || skip "no core files here, whatever crashes"
	find made -name 'core*' -delete
	for program in "eg-publish --url amqp://meter@127.0.0.1:1 --password-file ../secret" \
		"eg-influx --url http://127.0.0.1:1 --token-file ../secret"; do
		# shellcheck disable=SC2086 # words
		start $program
		exec 7>&-
		kill -SEGV "$PID"
		wait "$PID" || true
		PID=''
		[[ -z $(find made -name 'core*') ]]
	done
}

@test "the environment of a program with secrets is root's alone" {
	((EUID == 0)) || skip "needs root, to be somebody else"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" 2>/dev/null || true
	cp "$(command -v eg-consume)" made/
	[[ -n $(setpriv --reuid 65534 --regid 65534 --clear-groups "$PWD/made/eg-consume" --version) ]] ||
		skip "another user cannot get here"
	# INFLUX_TOKEN has to stay there for the child.
	anew err
	AMQP_URL=amqp://127.0.0.1:1 INFLUX_TOKEN=$CANARY setpriv --reuid 65534 --regid 65534 \
		--clear-groups \
		"$PWD/made/eg-consume" -- cat 2>err 3>&- &
	PID=$!
	wait_until grep -q 'waiting for it' err
	! setpriv --reuid 65534 --regid 65534 --clear-groups cat "/proc/$PID/environ"
}

@test "a secret given in the wrong place is in no message" {
	local name word
	for name in eg-consume eg-influx eg-publish eg-serve eg-replicate eg-store eg-decode eg-fetch \
		eg-sim eg-import; do
		for word in "--token $CANARY" "--token=$CANARY" "--password $CANARY" "--password=$CANARY" "--passwd=$CANARY" \
			"--pass $CANARY" "--secret $CANARY" "--api-token $CANARY" "--token-file $CANARY" "--token-file=$CANARY" \
			"--password-file $CANARY" "--token$CANARY" "--token$LETTERS" "--passwd$LETTERS" "--api-key$LETTERS" "-t$CANARY" "-p$CANARY" "-p $CANARY" "-t $CANARY" "-T $CANARY" "--tokens $CANARY"; do
			# The letters mean a file's or a column's name elsewhere, which is shown.
			[[ $name-$word != \
				eg-@(import|influx|decode|store|replicate|consume)-@(-p|-t|-T|--tag)* ||
				$name-$word == eg-@(influx|consume)-@(-p|-T)* || $name-$word == eg-influx-* ]] ||
				continue
			# shellcheck disable=SC2086  # words of a command
			run --separate-stderr timeout 20 "$name" $word --timeout 100ms </dev/null
			[[ $output$stderr != *@("$CANARY"|"$LETTERS")* ]] || { echo "$name $word: $output $stderr"; return 1; }
		done
	done
	# In the place of an address.
	for word in "$CANARY" "u:$CANARY" "u:$CANARY@h" "http://u:$CANARY@h" "h?p=$CANARY" "http:// $CANARY" "http:///$CANARY" \
		"amqp://u:$CANARY@:x" "http://h/#$CANARY" "http://u:12/$CANARY@h" "amqp://u:12/$CANARY@h" "amqp://u:$CANARY/1@h"; do
		run --separate-stderr timeout 20 eg-fetch --once shelly1 "$word"
		[[ $status -eq 64 && $stderr != *"$CANARY"* ]] || { echo "eg-fetch $word: $stderr"; return 1; }
		for name in eg-influx eg-publish eg-consume; do
			run --separate-stderr timeout 20 "$name" --timeout 100ms --url "$word" </dev/null
			[[ $status -eq 64 && $stderr != *"$CANARY"* ]] || { echo "$name $word: $stderr"; return 1; }
			INFLUX_HOST=$word AMQP_URL=$word run --separate-stderr timeout 20 "$name" \
				--timeout 100ms </dev/null
			[[ $status -ne 0 && $stderr != *"$CANARY"* ]] || { echo "$name $word: $stderr"; return 1; }
		done
	done
	# A word behind the options, and one behind an option that takes none.
	for name in eg-influx eg-publish eg-sim; do
		run --separate-stderr timeout 20 "$name" "$CANARY" </dev/null
		[[ $status -eq 64 && $stderr != *"$CANARY"* ]] || { echo "$name: $stderr"; return 1; }
		run --separate-stderr timeout 20 "$name" "--progress=$CANARY" </dev/null
		[[ $status -eq 64 && $stderr != *"$CANARY"* ]]
	done
}
