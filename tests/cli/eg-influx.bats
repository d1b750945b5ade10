#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-influx without a real server: its options, what it sends, and its messages.
# shellcheck disable=SC2016,SC2154  # bash -c has variables of its own; bats sets some

bats_require_minimum_version 1.5.0
load influx

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

@test "a constant tag or a measurement that is no text is wrong usage" {
	local bad
	for bad in $'\xff' $'a\xc3' $'\xed\xa0\x80' $'a\nb' $'a\xc2\x85'; do
		for option in "--tag=$bad=a" "--tag=a=$bad" "--measurement=$bad"; do
			run --separate-stderr -64 timeout 20 \
				eg-influx --url http://127.0.0.1:1 --timeout 300ms "$option" <in
			[[ $stderr == "eg-influx: fatal: ${option%%=*}: "*"UTF-8"* ]]
		done
	done
	run --separate-stderr -75 timeout 20 eg-influx --url http://127.0.0.1:1 --timeout 300ms \
		--token-file <(echo t) --tag "città=è" --measurement "è" <in
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
	local action wanted
	printf 'hush-token\n' >token
	printf 'hush-word\n' >password
	quoted() { # OPTION...
		serve "$action"
		feed -v "$@"
		[ "$status" -eq "$wanted" ]
		kill "$SERVER"
		wait "$SERVER" || true
		rm -r server
	}
	while read -r wanted action; do
		quoted --token-file token --rejects rejects
		[[ $stderr == *'***'* && $stderr != *hush* ]]
		quoted --db x --user me --password-file password
		[[ $stderr == *'Basic ***'* && $stderr != *"$(printf me:hush-word | base64)"* ]]
	done <<-'END'
		78 401=bad_%auth%_it_is
		78 404=no_bucket_for_%auth%
		0 503=busy_%auth%
	END
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
