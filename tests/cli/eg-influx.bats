#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-influx without a real server: its options, and what it makes of every answer,
# played by tests/tools/faulty-http, which keeps what it "wrote".
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load ../wait

setup() {
	BIN=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd)
	FAULTY=$BATS_TEST_DIRNAME/../tools/faulty-http
	PATH=$BIN:$PATH
	unset INFLUX_HOST INFLUX_TOKEN INFLUX_TOKEN_FILE INFLUX_ORG INFLUX_BUCKET \
		INFLUX_USERNAME INFLUX_PASSWORD http_proxy all_proxy ALL_PROXY
	cd "$BATS_TEST_TMPDIR" || return 1
	SERVER=''
	make_records 20 >in
}

teardown() {
	if [[ -n $SERVER ]]; then
		kill "$SERVER" 2>/dev/null || true
		wait "$SERVER" 2>/dev/null || true
	fi
}

make_records() { # N: s1 to sN, one instant
	seq "$1" | awk '{ printf "s%d:2026-11-23T14:18:36:%d.50\n", $1, $1 }'
}

# The server with its port in $URL; the last argument are its actions.
serve() {
	local actions
	read -ra actions <<<"${*: -1}"
	mkdir -p server
	rm -f server/port
	"$FAULTY" "${@:1:$#-1}" server ${actions[@]+"${actions[@]}"} 3>&- 2>server/log &
	SERVER=$!
	wait_until test -s server/port
	URL=http://127.0.0.1:$(<server/port)
}

influx() { run --separate-stderr timeout 30 eg-influx -u "$URL" "$@"; }
feed() { # ARG...: eg-influx with the file `in` on its standard input, receipts in `out`
	run --separate-stderr timeout 30 bash -c 'exec eg-influx "$@" <in >out' - -u "$URL" "$@"
}

# What the server has, and what has a receipt, as `sensor value`.
stored() { awk '{ print $1, $3 }' server/stored | sort -u; }
receipts() { awk -F: '{ print $1, $NF }' out | sort; }
requests() { awk 'END { print NR }' server/requests; }

# Receipts are what is stored, in the order of the input; the others were refused.
exact() { # REGEX of refused lines, or nothing
	diff <(stored) <(receipts)
	if [[ -n ${1:-} ]]; then
		diff <(grep -vE "$1" in) out
	else
		diff in out
	fi
}

# --- options -----------------------------------------------------------------

@test "help and version go to standard output" {
	run --separate-stderr eg-influx --help
	[ "$status" -eq 0 ]
	[[ $output == "usage: eg-influx"* ]]
	[ -z "$stderr" ]
	run --separate-stderr eg-influx --version
	[ "$status" -eq 0 ]
	[[ $output =~ ^eg-influx\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "wrong usage is one line and 64, before anything is read" {
	local words
	for words in --nonsense --batch=0 --batch=50001 --connections=17 --connections=0 \
		--connections=some --api=v4 \
		'--api=v3 --rp=x' '--api=v3 --bucket=b' '--api=v1 --org=o' \
		'--api=v2 --db=x' --rp=x --user=x '--db=x --token-file=t' --tag=x --tag=sensor=x \
		--tag=a=x\\ '--tag=a=x --tag=a=y' --measurement=# --url=localhost:8086 \
		--url=ftp://h --url= --bucket= --request-timeout=x operand; do
		# shellcheck disable=SC2086
		run --separate-stderr eg-influx $words <in
		[ "$status" -eq 64 ]
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
	done
}

@test "a password in the address is refused, with the remedy, and never shown" {
	run --separate-stderr eg-influx -u http://me:hush@127.0.0.1:1 <in
	[ "$status" -eq 64 ]
	[[ $stderr == *--password-file* ]]
	[[ $stderr != *hush* ]]
	local url
	for url in http://me:hush@127.0.0.1:1 'http://127.0.0.1:1/?u=me&p=hush' '127.0.0.1?p=hush' \
		'http://127.0.0.1:1/#hush'; do
		INFLUX_HOST=$url run --separate-stderr eg-influx <in
		[ "$status" -eq 64 ]
		[[ $stderr == *INFLUX_HOST* && $stderr != *hush* ]]
	done
}

@test "a secret with a newline or a control character is refused and never shown" {
	printf 'hush\nhush\n' >token
	serve ''
	feed -T token
	[ "$status" -eq 78 ]
	[[ $stderr != *hush* ]]
	INFLUX_TOKEN=$'hush\nX-Evil: 1' feed
	[ "$status" -eq 78 ]
	[[ $stderr == *INFLUX_TOKEN* && $stderr != *hush* ]]
	INFLUX_PASSWORD=$'hush\a' feed --db d --user u
	[ "$status" -eq 78 ]
	[[ $stderr != *hush* ]]
	feed -T nowhere
	[ "$status" -eq 78 ]
	: >empty
	feed -T empty
	[ "$status" -eq 78 ]
	[ "$(requests)" -eq 0 ]
}

@test "address, organisation, bucket and token come from the environment" {
	serve --token secret ''
	printf 'secret\n' >token
	INFLUX_HOST=$URL INFLUX_ORG=o INFLUX_BUCKET='b c' INFLUX_TOKEN=secret \
		run --separate-stderr eg-influx <in
	[ "$status" -eq 0 ]
	grep -Fx '/api/v2/write?org=o&bucket=b%20c&precision=s Token secret' server/paths
	INFLUX_HOST=$URL INFLUX_TOKEN_FILE=token run --separate-stderr eg-influx <in
	[ "$status" -eq 0 ]
	grep -Fx '/api/v2/write?org=myorg&bucket=energy&precision=s Token secret' server/paths
	INFLUX_TOKEN=wrong feed --token-file token
	[ "$status" -eq 0 ]
}

@test "v1 sends database, retention policy, user and password" {
	serve ''
	printf 'pass\n' >password
	feed --db d --rp week --user me --password-file password
	[ "$status" -eq 0 ]
	grep -Fx "/write?db=d&rp=week&precision=s Basic $(printf me:pass | base64)" server/paths
	feed --api v1
	grep -F '/write?db=energy&precision=s -' server/paths
}

@test "v3 sends the database and a bearer token, and waits for the write-ahead log" {
	serve ''
	printf 'secret\n' >token
	feed --api v3 --db 'my home' --token-file token
	[ "$status" -eq 0 ]
	exact
	grep -Fx '/api/v3/write_lp?db=my%20home&precision=second&no_sync=false&accept_partial=true Bearer secret' \
		server/paths
	printf 's:2026-11-23T14:18:36.25:1\n' >in
	feed --api v3
	grep -Fx 's 1795443516250000000 1' server/stored
	grep -F 'db=energy&precision=nanosecond&' server/paths
	influx --api v3 --check
	[ "$status" -eq 0 ]
	[[ $output == *"takes writes for the database 'energy'"* ]]
}

# --- what is written ---------------------------------------------------------

@test "receipts are the input, byte for byte, once the server has answered" {
	serve ''
	feed
	[ "$status" -eq 0 ]
	exact
	[ -z "$stderr" ]
}

@test "a fraction in a batch makes its times nanoseconds" {
	serve ''
	printf 's:2026-11-23T14:18:36.25:1\nt:2026-11-23T14:18:36:2\n' >in
	feed
	[ "$status" -eq 0 ]
	grep -Fx 's 1795443516250000000 1' server/stored
	grep -Fx 't 1795443516000000000 2' server/stored
	grep -F 'precision=ns' server/paths
}

@test "--meters adds role and unit to known sensors, receipts and line numbers stay" {
	printf '# the house\ns1? W pv\ns2 kWh grid-import Grid\ns4 inc-Wh\tdevice\n' >meters
	sed '3s/.*/no record/' <<<"$(<in)" >bad
	serve ok
	run --separate-stderr timeout 30 bash -c 'exec eg-influx "$@" <bad >out' - -u "$URL" --meters meters
	((status == 65))
	diff <(sed 3d bad) out
	[[ $stderr == *"line 3:"* ]]
	grep -Fx 'energy,sensor=s1 value=1.50 1795443516' server/lines
	grep -Fx 'energy,role=grid-import,sensor=s2,unit=kWh value=2.50 1795443516' server/lines
	grep -Fx 'energy,role=pv,sensor=s12,unit=W value=12.50 1795443516' server/lines
	eg-influx -u "$URL" --meters meters <<<s4:2026-11-23T14:18:36:7 >out
	grep -Fx 'energy,role=device,sensor=s4,unit=inc-Wh value=7 1795443516' server/lines
}

@test "a file of meters that is wrong is 78, with the number of its line" {
	printf 's1 W pv\ns2 watts pv\n' >meters
	run --separate-stderr timeout 30 eg-influx --meters meters <in
	((status == 78))
	[[ -z $output && $stderr == *"meters:2: 'watts' is no kind: there are W, kW, "* ]]
	run --separate-stderr timeout 30 eg-influx --meters nowhere <in
	((status == 78))
	[[ $stderr == *"cannot read 'nowhere'"* ]]
	run --separate-stderr timeout 30 eg-influx --meters meters --tag unit=W <in
	((status == 78))
	printf 's1 W pv\n' >meters
	run --separate-stderr timeout 30 eg-influx --meters meters --tag unit=W <in
	((status == 64))
	[[ $stderr == *"--tag: 'unit': this key is given twice"* ]]
}

@test "a compressed body holds the same lines" {
	serve ''
	make_records 20000 >in
	feed --gzip
	[ "$status" -eq 0 ]
	exact
	awk '$4 != "gzip" || $3 > $2 * 20 { exit 1 }' server/requests
}

@test "a sensor that has no spelling in line protocol is refused, the others are written" {
	serve ''
	printf 'a\\:2026-11-23T14:18:36:1\nb\\x:2026-11-23T14:18:36:2\n' >in
	feed --rejects rejects
	[ "$status" -eq 65 ]
	[ "$(cat out)" = 'b\x:2026-11-23T14:18:36:2' ]
	[ "$(awk '{ print $1 }' server/stored)" = 'b\x' ]
	grep -Fx 'a\:2026-11-23T14:18:36:1' rejects
	printf 'a\\:2026-11-23T14:18:36:1\n' >in
	feed
	[ "$status" -eq 65 ]
}

@test "no input is no request and no error" {
	serve ''
	: >in
	feed
	[ "$status" -eq 0 ]
	[ "$(requests)" -eq 0 ]
}

@test "a full disk behind standard output is 74" {
	serve ''
	run --separate-stderr bash -c 'eg-influx -u "$1" <in >/dev/full' - "$URL"
	[ "$status" -eq 74 ]
}

@test "a reader of receipts that goes away ends it with 74" {
	serve ''
	make_records 60000 >in
	run --separate-stderr timeout 30 bash -c \
		'mkfifo pipe; exec 8<>pipe 9>pipe 8>&-; exec eg-influx -u "$1" <in >&9' - "$URL"
	[ "$status" -eq 74 ]
}

@test "a reader of receipts that goes away is noticed while nothing happens" {
	serve ''
	mkfifo feed
	eg-influx -u "$URL" <feed 2>err 3>&- > >(head -n 1 >first) &
	local pid=$! status=0
	exec 7>feed
	printf 's:2026-11-23T14:18:36:1\n' >&7
	wait_until eval '! kill -0 $pid 2>/dev/null'
	wait "$pid" || status=$?
	exec 7>&-
	[ "$status" -eq 74 ]
	[ -s first ]
}

# --- one bad record ------------------------------------------------------------

@test "400 with nothing written: the bad records are found, the others written" {
	serve --bad '=s(3|7|20) ' ''
	printf 'ok:2026-11-23T14:18:36:0\n' | cat - in >with && mv with in
	feed --rejects rejects
	[ "$status" -eq 65 ]
	exact '^s(3|7|20):'
	[ "$(grep -c '^s' rejects)" -eq 3 ]
	[[ $stderr == *"line 4: the database answers 400: unable to parse: bad number: 's3:"* ]]
}

@test "422 with the good ones written: receipts for those, the bad ones refused" {
	serve --bad '=s(1|2|11) ' --bad-status 422 ''
	feed
	[ "$status" -eq 65 ]
	exact '^s(1|2|11):'
	[[ $stderr == *'answers 422'* ]]
}

@test "400 as InfluxDB 1.x answers, whatever it says of dropped" {
	serve --bad '=s(9|10) ' --bad-status 1 ''
	feed --api v1
	[ "$status" -eq 65 ]
	exact '^s(9|10):'
}

@test "many bad ones in every batch are found" {
	serve --bad 'value=[0-9]*5\.50' ''
	make_records 2000 >in
	feed --batch 200
	[ "$status" -eq 65 ]
	exact ':[0-9]*5\.50$'
}

@test "all of the first batch refused is data when an empty request is taken" {
	serve --bad . ''
	feed --rejects rejects
	[ "$status" -eq 65 ]
	[ ! -s out ]
	[ "$(grep -c '^s' rejects)" -eq 20 ]
	# The first request, the empty one, and the first again: it named all lines.
	[ "$(requests)" -eq 3 ]
	[ "$(sed -n 2p server/requests)" = 'ok 0 0 -' ]
}

@test "what is refused even when it is empty is a wrong setting: 78, and no record is refused" {
	local action
	for action in 400 422; do
		serve "${action}x0"
		feed --rejects rejects
		[ "$status" -eq 78 ]
		[ ! -s out ]
		[ ! -s rejects ]
		[ "$(requests)" -eq 2 ]
		[[ $stderr == *"answers $action: scripted $action; an empty request is refused as well"* ]]
		kill "$SERVER"
		wait "$SERVER" || true
		rm -r server
	done
}

@test "the settings are asked for once a run, and waited for when the server is away" {
	serve --bad '=s[45] ' '422 503 cut'
	feed --batch 5 --connections 1
	[ "$status" -eq 65 ]
	exact '^s[45]:'
	[ "$(grep -c ' 0 0 -$' server/requests)" -eq 3 ]
}

@test "a run of readings that the database no longer keeps is refused, and does not stop it" {
	local status_of
	for status_of in 422 500; do
		serve --bad '=s([1-9]|1[0-5]) ' --bad-status $status_of --count-bad \
			--bad-words 'points beyond retention policy' ''
		awk -F: -v OFS=: '{ sub(/:.*/, "", $1); print $1, sprintf("2026-11-23T14:%02d:36", NR), $NF }' \
			<(make_records 20) >in
		feed --batch 10 --connections 1 --rejects rejects
		[ "$status" -eq 65 ]
		exact '^s([1-9]|1[0-5]):'
		[ "$(grep -c '^s' rejects)" -eq 15 ]
		[[ $stderr == *'points beyond retention policy'* ]]
		# The first batch, the empty one, the first again; the second, and what is new in it.
		[ "$(requests)" -eq 5 ]
		kill "$SERVER"
		wait "$SERVER" || true
		rm -r server rejects
	done
}

@test "a reason is kept whole, also what is behind 136 characters" {
	serve --bad '=s3 ' --bad-status 422 --bad-words 'field type conflict: input field "value" on measurement "energy" is type float, already exists as type integer' ''
	feed --rejects rejects
	[ "$status" -eq 65 ]
	[[ $stderr == *'already exists as type integer dropped=1'* ]]
	grep -F 'already exists as type integer' rejects
}

@test "InfluxDB 3 names the refused lines: two requests a batch, whatever their number" {
	serve --bad 'value=[0-9]*[02468]\.' --bad-status 3 ''
	make_records 5000 >in
	feed --api v3 --rejects rejects
	[ "$status" -eq 65 ]
	exact ':[0-9]*[02468]\.50$'
	[ "$(requests)" -le 12 ]
	grep -Fx '# line 2: the database answers 400: bad number' rejects
	grep -Fx '# line 5000: the database answers 400: bad number' rejects
}

@test "InfluxDB 3 through another API, naming only some lines, is understood as well" {
	serve --bad '=s(3|7|20|11) ' --bad-status 3 --name-most 2 ''
	feed
	[ "$status" -eq 65 ]
	exact '^s(3|7|20|11):'
}

@test "half of the records refused without a word on which costs one request a record" {
	serve --bad 'value=[0-9]*[02468]\.' --mute ''
	make_records 1000 >in
	feed
	[ "$status" -eq 65 ]
	exact ':[0-9]*[02468]\.50$'
	(($(requests) < 1050))
}

@test "few records refused without a word on which cost few requests" {
	serve --bad '=s(1|500|777|1000) ' --mute ''
	make_records 1000 >in
	feed
	[ "$status" -eq 65 ]
	exact '^s(1|500|777|1000):'
	(($(requests) < 100))
}

@test "a later batch may be refused as a whole" {
	serve --bad '=s(1[1-9]|20) ' ''
	feed --batch 10
	[ "$status" -eq 65 ]
	exact '^s(1[1-9]|20):'
}

@test "single refused records before the first good one are refused" {
	serve --bad '=s[123] ' ''
	feed --batch 1
	[ "$status" -eq 65 ]
	exact '^s[123]:'
}

@test "413: requests become smaller, and larger ones are tried at times" {
	serve --max-bytes 2000 ''
	make_records 2000 >in
	feed
	[ "$status" -eq 0 ]
	exact
	(($(requests) < 100))
	[ "$(awk '$3 > 2000' server/requests | wc -l)" -lt 16 ]
}

@test "a spell of 413 is waited out: no record is refused, and requests grow again" {
	serve '413x12'
	make_records 20000 >in
	feed --connections 1
	[ "$status" -eq 0 ]
	exact
	(($(requests) < 250))
	awk '$1 == 413 { most = 0 } $1 == "ok" && $2 > most { most = $2 } END { exit most <= 500 }' \
		server/requests
	[[ $stderr == *'answers 413'*'trying again'* ]]
}

@test "413 to a single record is waited for, as for a server that is away" {
	serve '413x0'
	head -n 1 in >one && mv one in
	feed --timeout 4 --rejects rejects
	[ "$status" -eq 75 ]
	[ ! -s rejects ]
	[[ $stderr == *413* ]]
}

@test "a 204 that comes before the request was sent is no success" {
	serve early
	make_records 20000 >in
	# Long lines, so that the request is larger than what the network holds.
	feed --batch 20000 --connections 1 --tag "site=$(printf 'x%.0s' {1..900})"
	[ "$status" -eq 0 ]
	exact
	[[ $stderr == *'answers 204 before it has the request'* ]]
}

# --- settings ----------------------------------------------------------------

@test "what trying again will not help ends at once with 78 and the server's words" {
	local action
	for action in 401 403 404 405 404text html redirect garbage; do
		serve "${action}x0"
		feed --rejects rejects
		[ "$status" -eq 78 ]
		[ ! -s out ]
		[ ! -s rejects ]
		[ "$(requests)" -eq 1 ]
		[ "${#stderr_lines[@]}" -eq 1 ]
		case $action in
		404text) [[ $stderr == *'--api v1'* ]] ;;
		html) [[ $stderr == *'web page'* ]] ;;
		redirect) [[ $stderr == *'not followed'* ]] ;;
		garbage) [[ $stderr == *HTTP* ]] ;;
		*) [[ $stderr == *"$action"*"scripted $action"* ]] ;;
		esac
		kill "$SERVER"
		wait "$SERVER" || true
		rm -r server
	done
}

@test "the same in the middle keeps the receipts that were earned" {
	serve 'ok 401x0'
	feed --batch 5 --connections 1
	[ "$status" -eq 78 ]
	diff out <(head -n 5 in)
	diff <(stored) <(receipts)
}

# --- a server that is away ---------------------------------------------------

@test "what may pass is waited for: the same records again, one warning, back" {
	local action
	for action in 408 429 500 502 503 504 cut lost reset half halfbody; do
		serve "${action}x2"
		feed
		[ "$status" -eq 0 ]
		exact
		[ "$(requests)" -eq 3 ]
		[ "${#stderr_lines[@]}" -eq 2 ]
		[[ ${stderr_lines[1]} == *'is back after'* ]]
		kill "$SERVER"
		wait "$SERVER" || true
		rm -r server
	done
}

@test "Retry-After in seconds is obeyed" {
	serve 429:2
	local start=$EPOCHREALTIME
	feed
	[ "$status" -eq 0 ]
	exact
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { exit !(b - a >= 2) }'
}

@test "Retry-After as a date is obeyed" {
	serve 503:date+3
	local start=$EPOCHREALTIME
	feed
	[ "$status" -eq 0 ]
	exact
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { exit !(b - a >= 1.9) }'
}

@test "a Retry-After of twenty digits asks for the longest pause" {
	serve 503:99999999999999999999x0
	feed --timeout 4
	[ "$status" -eq 75 ]
	[ "$(requests)" -eq 1 ]
}

@test "an answer that never comes is waited for no longer than --request-timeout" {
	serve hang
	feed --request-timeout 0.5
	[ "$status" -eq 0 ]
	exact
	[[ $stderr == *'timed out'* ]]
}

@test "an answer without an end is not read for as long as --request-timeout" {
	serve endless
	feed --request-timeout 10m
	[ "$status" -eq 0 ]
	exact
	[[ $stderr == *'longer than 16 MiB; trying again'* ]]
}

@test "--timeout gives up with 75 on a server that is not there, or never answers" {
	serve hangx0
	local start=$SECONDS
	feed --timeout 1
	[ "$status" -eq 75 ]
	((SECONDS - start < 28)) # --request-timeout is 30 s
	[ ! -s out ]
	kill "$SERVER"
	wait "$SERVER" || true
	feed --timeout 1
	[ "$status" -eq 75 ]
	[[ $stderr == *'does not answer'* ]]
}

@test "a name that does not exist is waited for, as names come and go" {
	URL=http://nowhere.invalid feed --timeout 1
	[ "$status" -eq 75 ]
	[[ $stderr == *resolve* ]]
}

@test "with two requests in flight, faults in the middle keep the receipts exact" {
	serve --bad '=s(77|5000|9999) ' --bad-status 422 \
		'ok 503 ok lost cut ok reset ok halfbody ok 500x2 ok half'
	make_records 10000 >in
	feed --batch 500 --connections 2
	[ "$status" -eq 65 ]
	exact '^s(77|5000|9999):'
}

@test "of two records with one key in two requests the later one wins" {
	# The first request is written when it is sent again: without care after the second.
	serve 'ok cut ok'
	printf 'a:2026-11-23T14:18:36:0\ns:2026-11-23T14:18:36:1\ns:2026-11-23T14:18:36:2\n' >in
	feed --batch 1 --connections 2
	[ "$status" -eq 0 ]
	diff in out
	[ "$(grep '^s ' server/stored | tail -n 1)" = 's 1795443516000000000 2' ]
	[ "$(grep -c '^s .* 1$' server/stored)" -eq 1 ]
}

@test "SIGTERM settles what is in flight and ends with 0" {
	serve 'ok 503:1'
	mkfifo feed
	eg-influx -u "$URL" <feed >out 2>err 3>&- &
	local pid=$! status=0
	exec 7>feed
	printf 's:2026-11-23T14:18:36:1\n' >&7
	wait_until test -s out
	printf 's:2026-11-23T14:18:37:2\n' >&7
	wait_until grep -q 503 server/requests
	kill -TERM "$pid"
	wait "$pid" || status=$?
	exec 7>&-
	[ "$status" -eq 0 ]
	[ "$(wc -l <out)" -eq 2 ]
}

@test "SIGTERM while the server is away gives up after --grace with 75" {
	URL=http://127.0.0.1:1
	mkfifo feed
	eg-influx -u "$URL" --grace 0.3 <feed >out 2>err 3>&- &
	local pid=$! status=0
	exec 7>feed
	printf 's:2026-11-23T14:18:36:1\n' >&7
	wait_until grep -q 'does not answer' err
	kill -TERM "$pid"
	wait "$pid" || status=$?
	exec 7>&-
	[ "$status" -eq 75 ]
	[ ! -s out ]
}

# --- the rest ------------------------------------------------------------------

@test "VictoriaMetrics is recognised, and what its answer is worth is said once" {
	serve victoriax0
	feed --batch 1
	[ "$status" -eq 0 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == *VictoriaMetrics*'before anything is on disk'* ]]
}

@test "--check says in one sentence whether the settings are right" {
	serve --token secret ok
	INFLUX_TOKEN=secret influx --check
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == *"takes writes for the bucket 'energy'"* ]]
	[ "$(cat server/requests)" = 'ok 0 0 -' ]
	INFLUX_TOKEN=wrong influx --check
	[ "$status" -eq 78 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == *401* && $stderr != *wrong* ]]
	kill "$SERVER"
	wait "$SERVER" || true
	influx --check
	[ "$status" -eq 75 ]
	serve '404=bucket 503 hang'
	influx --check
	[ "$status" -eq 78 ]
	influx --check
	[ "$status" -eq 75 ]
	influx --check --request-timeout 0.3
	[ "$status" -eq 75 ]
}

@test "the metrics file counts requests, retries and searches" {
	serve --bad '=s3 ' --mute 503
	feed --metrics metrics
	[ "$status" -eq 65 ]
	grep -Fx 'energyguard_records_out_total{program="eg-influx"} 19' metrics
	grep -Fx 'energyguard_retries_total{program="eg-influx"} 1' metrics
	grep -E '^energyguard_splits_total\{program="eg-influx"\} [1-9]' metrics
	grep -Fx "energyguard_requests_total{program=\"eg-influx\"} $(requests)" metrics
}

@test "a server that quotes the request does not show the token or the password" {
	local action
	printf 'hush-token\n' >token
	printf 'hush-word\n' >password
	for action in '401=bad_%auth%_it_is' '404=no_bucket_for_%auth%' '503=busy_%auth%'; do
		serve "${action}x0"
		feed -v --token-file token --rejects rejects --timeout 0.5
		[ "$status" -ge 75 ]
		[[ $stderr == *'***'* && $stderr != *hush* ]]
		feed -v --db x --user me --password-file password --timeout 0.5
		[[ $stderr == *'Basic ***'* && $stderr != *"$(printf me:hush-word | base64)"* ]]
		kill "$SERVER"
		wait "$SERVER" || true
		rm -r server
	done
	serve --bad-words 'no good: Token hush-token' --bad '=s3 ' --bad-status 3 ''
	feed --token-file token --rejects rejects
	[ "$status" -eq 65 ]
	[[ $stderr == *'no good: Token ***'* ]]
	grep -F 'no good: Token ***' rejects
	run ! grep hush rejects
}

@test "the token is not in the arguments, the messages or the metrics" {
	serve '401x0'
	printf 'hush\n' >token
	feed -v --token-file token --metrics metrics
	[ "$status" -eq 78 ]
	[[ $stderr != *hush* ]]
	run ! grep -q hush metrics
}
