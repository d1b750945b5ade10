#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What eg-publish says to options and addresses. Needs no server.
# shellcheck disable=SC2154,SC2314 # bats sets stderr; `!` stands only before the last command

bats_require_minimum_version 1.5.0
load ../wait

setup() {
	EG_PUBLISH="$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}")/eg-publish"
	RECORD=sensor1:2026-11-23T14:18:36:55.20
	# Nobody listens on port 1.
	NOBODY=amqp://127.0.0.1:1
	unset AMQP_URL
	cd "$BATS_TEST_TMPDIR" || return 1
}

publish() { run --separate-stderr timeout 20 "$EG_PUBLISH" "$@"; }

wrong_usage() { # TEXT OPTION...: one line with TEXT, status 64, input unread
	publish "${@:2}" <<<"$RECORD"
	echo "${*:2}: $status $stderr"
	[ "$status" -eq 64 ]
	[ -z "$output" ]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	[[ $stderr == "eg-publish: fatal: "*"$1"*"; see eg-publish --help" ]]
}

@test "--help and --version go to standard output" {
	publish --help
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[[ $output == "usage: eg-publish [options]"*"Publish records to RabbitMQ."*--batch* ]]
	publish -V
	[ "$status" -eq 0 ]
	[[ $output =~ ^eg-publish\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "every option of the help is in the manual, and none besides" {
	publish --help
	sed -nE 's/^ +(-(.), )?--([a-z-]+)( ([A-Z]+))? .*/\2 \3 \5/p' <<<"$output" | sort >help
	sed -nE 's/^\.It (Fl (.) , )?Fl -([a-z-]+)( Ar ([A-Z]+))?$/\2 \3 \5/p' \
		"$BATS_TEST_DIRNAME/../../man/eg-publish.1" | sort >page
	[ "$(wc -l <help)" -ge 20 ]
	diff help page
}

@test "the manual is without a warning" {
	run mandoc -Tlint -W warning "$BATS_TEST_DIRNAME/../../man/eg-publish.1"
	[ -z "$output" ]
}

@test "wrong usage is one line on standard error and status 64" {
	wrong_usage "unknown option '--wrong'" --wrong
	wrong_usage "unknown option '-Z'" -Z
	wrong_usage "'--batch' needs an argument" --batch
	wrong_usage 'takes no operands' file
}

@test "values out of range are refused" {
	local n
	for n in 0 -1 100001 1e3 ten "" " 1" 99999999999999999999; do
		wrong_usage "--batch" --batch "$n"
		wrong_usage "--window" --window "$n"
	done
	wrong_usage "--heartbeat" --heartbeat 0
	wrong_usage "--heartbeat" --heartbeat 3601
	wrong_usage "--timeout" --timeout 0
	wrong_usage "--timeout" --timeout soon
	wrong_usage "--queue: must have 1 to 250 bytes" --queue ""
	wrong_usage "--queue" -q "$(printf '%251s' x)"
	wrong_usage "--exchange" -x "$(printf '%256s' x)"
	wrong_usage "--queue-type: want one of: classic quorum stream" -D --queue-type quorun
}

@test "a name that a broker does not take is wrong usage" {
	local name why="want UTF-8 without control characters"
	for name in $'a\xff' $'\xed\xa0\x80' $'a\nb' $'a\xc2\x85'; do
		wrong_usage "--queue: $why" -u "$NOBODY" -q "$name"
		wrong_usage "--queue: $why" -u "$NOBODY" -D -q "$name"
		wrong_usage "--to: $why" -u "$NOBODY" -Q "$name"
		wrong_usage "--exchange: $why" -u "$NOBODY" -x "$name"
		wrong_usage "--routing-key: $why" -u "$NOBODY" -x a -k "$name"
		wrong_usage "--exchange-type: $why" -u "$NOBODY" -D -x a --exchange-type "$name"
		wrong_usage "--url: not an address" -u "$NOBODY/$name"
	done
	wrong_usage "--exchange-type: must have 1 to 255 bytes" -D -x a --exchange-type "$(printf '%256s' x)"
	AMQP_URL=$NOBODY/%0a wrong_usage "AMQP_URL: not an address"
	AMQP_URL=$NOBODY/$(printf '%0256d' 0) wrong_usage "AMQP_URL: not an address"
	publish -u "$NOBODY/è" -q "è €" --timeout 300ms <<<"$RECORD"
	[ "$status" -eq 75 ]
}

@test "options that exclude or need each other are refused" {
	wrong_usage "go with --declare" --queue-type quorum
	wrong_usage "go with --declare" --exchange-type direct
	wrong_usage "go with --declare" --single-active
	wrong_usage "--exchange-type needs --exchange" -D --exchange-type direct
	wrong_usage "does not go with --queue-type stream" -D -t stream --single-active
	wrong_usage "exclude each other" -x amq.direct --by-sensor --routing-key k
	wrong_usage "need --exchange" --by-sensor
	wrong_usage "need --exchange" --routing-key k
	wrong_usage "--declare binds with --routing-key" -D -x amq.direct --by-sensor
	wrong_usage "--cert and --key go together" --cert a.pem
	wrong_usage "--cert and --key go together" --key a.key
}

@test "a password in an argument is refused, and not repeated" {
	wrong_usage "a password in an argument is seen by everyone" --url amqp://me:hunter2@127.0.0.1
	[[ $stderr != *hunter2* ]]
	wrong_usage "a password in an argument" -u "$NOBODY,amqps://me:hunter2@127.0.0.1/vhost"
	[[ $stderr != *hunter2* ]]
	wrong_usage "a password in an argument" -u "amqp://me:@127.0.0.1"
}

@test "malformed addresses are refused, and not repeated" {
	local url
	for url in http://127.0.0.1 127.0.0.1:5672 amqp:/h amqp://h:port amqp://h:99999999 \
		amqp://me:hunter2@h:x amqp://h/a/b; do
		AMQP_URL=$url wrong_usage "AMQP_URL: not an address of the form amqp[s]://"
		[[ $stderr != *hunter2* ]]
	done
	wrong_usage "--url: not an address" --url 127.0.0.1
	wrong_usage "--url: the address is empty" --url ""
	AMQP_URL=$(printf "$NOBODY,%.0s" {1..17}) wrong_usage "AMQP_URL: more than 16 addresses"
}

@test "a password file that cannot be used is status 78, and its text is not repeated" {
	publish --password-file missing <<<"$RECORD"
	[ "$status" -eq 78 ]
	[[ $stderr == "eg-publish: fatal: cannot open the file that --password-file names: No such file or directory" ]]
	printf 'hunter2\nhunter3\n' >two
	publish --password-file two <<<"$RECORD"
	[ "$status" -eq 78 ]
	[[ $stderr == *"'two' holds a control character"* ]]
	[[ $stderr != *hunter* ]]
	: >empty
	publish --password-file empty <<<"$RECORD"
	[ "$status" -eq 78 ]
	[[ $stderr == *"'empty' holds an empty secret"* ]]
}

@test "authorities, certificate or key that cannot be read are status 78, at once" {
	publish -u amqps://127.0.0.1:1 --cacert missing.pem <<<"$RECORD"
	[ "$status" -eq 78 ]
	[ "$stderr" = "eg-publish: fatal: cannot read authorities from 'missing.pem'" ]
	publish -u amqps://127.0.0.1:1 --cert a.pem --key a.key <<<"$RECORD"
	[ "$status" -eq 78 ]
	[ "$stderr" = "eg-publish: fatal: cannot use certificate 'a.pem' with key 'a.key'" ]
}

@test "with nobody there, --timeout ends the wait with status 75 and says what is left" {
	publish -u "$NOBODY" --timeout 2s <<<"$RECORD"
	[ "$status" -eq 75 ]
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" -eq 2 ]
	[ "${stderr_lines[0]}" = "eg-publish: warning: broker 127.0.0.1:1: cannot connect: Connection refused; waiting for it" ]
	[[ ${stderr_lines[1]} == *"gave up waiting for the peer with 1 records without a receipt" ]]
	publish -u "amqp://no.such.host.invalid" --timeout 100ms <<<"$RECORD"
	[ "$status" -eq 75 ]
	[[ $stderr == *"no.such.host.invalid:5672: cannot connect: "* ]]
	publish -u "$NOBODY" --declare --timeout 300ms
	[ "$status" -eq 75 ]
}

@test "every address is tried before the first pause" {
	# The first pause would be longer than the time limit; a busy machine may be, too, at times.
	tried() {
		AMQP_URL="$NOBODY,amqp://127.0.0.1:2,,amqp://[::1]:3" publish -v --timeout 100ms <<<"$RECORD"
		[[ $status -eq 75 && $stderr == *127.0.0.1:1:*127.0.0.1:2:*::1:3:* ]]
	}
	wait_until tried
}

@test "SIGTERM ends the wait for a broker with status 75 within the grace period" {
	"$EG_PUBLISH" -u "$NOBODY" --grace 200ms <<<"$RECORD" >out 2>err 3>&- &
	local pid=$! status=0
	wait_until grep -q "waiting for it" err
	counts() { kill -USR1 $pid && grep -q "in 1 = out 0" err; }
	wait_until counts
	kill -TERM $pid
	wait $pid || status=$?
	[ "$status" -eq 75 ]
	[ ! -s out ]
	grep -q "1 records without a receipt" err
}

@test "what is no record is refused while the broker is away, and is not waited for" {
	printf 'nonsense\n%s' "$RECORD" >in.txt
	publish -u "$NOBODY" --timeout 15s --rejects rejects <in.txt
	[ "$status" -eq 65 ]
	[ -z "$output" ]
	grep -q nonsense rejects
	grep -q "$RECORD" rejects
}

@test "an input without records ends well though nobody is there" {
	publish -u "$NOBODY" --timeout 15s < <(printf '\n# a note\n')
	[ "$status" -eq 0 ]
	publish -u "$NOBODY" --timeout 15s </dev/null
	[ "$status" -eq 0 ]
}

@test "standard output that is closed is status 74" {
	# shellcheck disable=SC2016 # bash -c expands
	run --separate-stderr bash -c '"$0" -u "$1" --timeout 1 <<<"$2" >&-' "$EG_PUBLISH" "$NOBODY" "$RECORD"
	[ "$status" -eq 74 ]
	[[ $stderr == *"standard output is not open"* ]]
}
