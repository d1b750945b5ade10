#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-fetch against devices of tests/tools/device-http, good and bad.
# shellcheck disable=SC2030,SC2031,SC2154 # run sets output, status and stderr

bats_require_minimum_version 1.5.0
load ../wait

setup() {
	FETCH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}/eg-fetch"
	cd "$BATS_TEST_TMPDIR" || return
	unset http_proxy https_proxy all_proxy
	JSON=(--value .power --now json)
	echo 'open sesame' >secret
	DEVICES=
	PID=
	serve .
}

teardown() {
	local pid
	for pid in $DEVICES $PID; do end "$pid"; done
}

end() { # PID
	kill -9 "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

# A folder of devices: SERVER is the process, URL the address.
serve() { # FOLDER [PORT]
	mkdir -p "$1"
	rm -f "$1/port"
	python3 "$BATS_TEST_DIRNAME/../tools/device-http" "$@" 3>&- 2>>"$1/devices.err" &
	SERVER=$!
	DEVICES+=" $SERVER"
	wait_until test -s "$1/port"
	URL=http://127.0.0.1:$(<"$1/port")
}

once() { # OPTIONS... PATH: of the first device
	run --separate-stderr timeout 60 "$FETCH" --once -R 50s "${@:1:$#-1}" "${JSON[@]}" "$URL/${*: -1}"
}

start() { # ARGUMENTS
	anew out err
	"$FETCH" "$@" >out 2>err 3>&- &
	PID=$!
}

finish() { # [SIGNAL]
	kill -"${1:-TERM}" "$PID"
	status=0
	wait "$PID" || status=$?
	PID=
}

more_than() { # N TEXT FILE
	(($(count "$2" "$3") > $1))
}

count() { # TEXT FILE
	grep -cF -- "$1" "$2" || true
}

has_reading() {
	[[ $status -eq 0 && -z $stderr ]]
	[[ $output =~ ^127\.0\.0\.1:20[0-9-]{8}T[0-9:.]+:21\.5$ ]]
}

fails() { # STATUS TEXT PATH [OPTIONS...]
	once "${@:4}" "$3"
	echo "$3: $status, $output, $stderr"
	[[ $status -eq $1 && -z $output && ${#stderr_lines[@]} -eq 1 ]]
	[[ $stderr == "eg-fetch: warning: '$URL/${3%%\?*}' $2"* ]]
}

@test "what makes no sense is wrong usage" {
	local args
	while read -ra args; do
		run --separate-stderr timeout 20 "$FETCH" "${args[@]}"
		echo "${args[*]}: $status $stderr"
		[[ $status -eq 64 && -z $output && $stderr == "eg-fetch: fatal: "* && $stderr != *sesame* ]]
	done <<-'END'
		--once
		--once shelly1
		--once unknown http://a
		--once shelly1 ftp://a
		--once shelly1 http://u:sesame@a
		--once shelly1 http://a/#sesame
		--once --every 1s shelly1 http://a
		--every 1s --jitter 1s shelly1 http://a
		--every 0 shelly1 http://a
		--once --user a shelly1 http://a
		--once --password-file secret shelly1 http://a
		--once --auth basic shelly1 http://a
		--once --user a:sesame --password-file secret shelly1 http://a
		--once --user a --password-file secret --token-file secret shelly1 http://a
		--once --sensor x shelly1 http://a http://b
		--once --value .power json http://a
	END
}

@test "an answer becomes records, named after the host, the option or the file" {
	once power
	has_reading
	once gzip
	has_reading
	once slow
	has_reading
	once moved
	has_reading
	once --sensor 'my meter' --prefix home/ power
	[[ $status -eq 0 && $output == 'home/my meter:20'*:21.5 ]]
	printf '# devices\n\n%s/power\tcellar: heat pump\r\n%s/power\n' "$URL" "$URL" >urls
	run --separate-stderr timeout 60 "$FETCH" --once --urls urls "${JSON[@]}"
	[[ $status -eq 0 && ${#lines[@]} -eq 2 ]]
	[[ $(cut -d: -f1 <<<"$output" | sort) == $'127.0.0.1\ncellar%3A heat pump' ]]
}

@test "a file of addresses is refused with the line" {
	printf '%s/power a\nhttp://u:sesame@b c\n' "$URL" >urls
	run --separate-stderr timeout 20 "$FETCH" --once --urls urls "${JSON[@]}"
	[[ $status -eq 78 && -z $output && $stderr == "eg-fetch: fatal: urls:2: "*password* ]]
	[[ $stderr != *sesame* && ! -e requests ]]
	: >urls
	run --separate-stderr timeout 20 "$FETCH" --once --urls urls "${JSON[@]}"
	[[ $status -eq 78 && $stderr == *"no URL given" ]]
	run --separate-stderr timeout 20 "$FETCH" --once --urls none "${JSON[@]}"
	[[ $status -eq 78 ]]
	{ printf '%s/' "$URL"; head -c 5000 /dev/zero | tr '\0' a; } >urls
	run --separate-stderr timeout 20 "$FETCH" --once --urls urls "${JSON[@]}"
	[[ $status -eq 78 && $stderr == *"urls:1: "*"longer than 2000 bytes" ]]
}

@test "bad answers make no record, one message each, and a status that says what to do" {
	fails 65 'sends more than 1 MiB' bomb
	fails 65 'sends more than 1 MiB' long
	fails 65 'sends more than 1 MiB' stream
	fails 65 'gives an answer that is refused: not JSON' text
	fails 65 'answers nothing' empty
	fails 75 'gives no whole answer: ' cut
	fails 75 'gives no whole answer: ' garbage
	fails 75 'gives no whole answer: a header of the answer is too long, or memory ran out' header
	fails 75 'gives no whole answer: ' drip -R 500ms
	fails 75 'gives no whole answer: ' hang -R 500ms
	fails 75 'answers 503' busy
	fails 75 'answers 500' 500
	fails 78 'answers 404' '404?key=sesame'
	fails 78 'answers 304' unasked
	fails 78 'redirects more than three times' loop
	fails 78 "answers 302: it redirects to 'http://***@localhost:${URL##*:}/power', another server" away
	[[ $(count /loop requests) -eq 4 ]]
	once null
	[[ $status -eq 0 && -z $output$stderr ]]
}

@test "of several devices the good ones are read, and one that is away decides the status" {
	run --separate-stderr timeout 60 "$FETCH" --once -R 5s "${JSON[@]}" "$URL/404" "$URL/power" \
		http://127.0.0.1:1/ "$URL/hang" "$URL/text"
	[[ $status -eq 75 && ${#lines[@]} -eq 1 && ${#stderr_lines[@]} -eq 4 ]]
	[[ $stderr == *"'http://127.0.0.1:1/' gives no whole answer: "* ]]
	run --separate-stderr timeout 60 "$FETCH" --once "${JSON[@]}" "$URL/404" "$URL/power" "$URL/text"
	[[ $status -eq 78 && ${#lines[@]} -eq 1 ]]
}

@test "refused answers are kept with --rejects" {
	once --rejects rejects text
	[[ $status -eq 65 ]]
	[[ $(head -1 rejects) == "# "*"'$URL/text': not JSON"* ]]
	[[ $(count '<body>Log in</body>' rejects) -eq 1 ]]
}

@test "passwords and tokens come from files, and are in no message" {
	local kind
	for kind in digest basic; do
		once --user reader --password-file secret --auth $kind $kind
		has_reading
		fails 78 'answers 401' $kind
		fails 78 'answers 401' $kind --user other --password-file secret --auth $kind
	done
	# Without its challenge, the password is not sent.
	fails 78 'answers 401' basic --user reader --password-file secret
	[[ $(count 'Authorization=Basic' requests) -eq 2 && $(count 'Authorization=Digest' requests) -eq 2 ]]
	once --token-file secret bearer
	has_reading
	once --token-file none bearer
	[[ $status -eq 78 && -z $output ]]
	once --cacert none power
	[[ $status -eq 78 && $stderr == "eg-fetch: fatal: cannot read 'none'"* ]]
	# Another server gets neither.
	fails 78 'answers 302' away --token-file secret
	[[ $(count 'localhost' requests) -eq 0 ]]
}

# NAME.pem: a certificate of our CA for a host, valid for DAYS from now, with its key.
certificate() { # NAME HOST DAYS
	openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$2" 2>/dev/null
	openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "$3" -out "$1.crt" \
		-extfile <(echo "subjectAltName=$2") 2>/dev/null
	cat "$1.crt" "$1.key" >"$1.pem"
}

@test "https: a certificate of a CA of one's own is trusted when it is named, others are 78" {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj '/CN=our CA' 2>/dev/null
	certificate good IP:127.0.0.1 2
	certificate other DNS:meter.invalid 2
	certificate old IP:127.0.0.1 -1
	serve good 0 good.pem
	URL=https://127.0.0.1:$(<good/port)
	once --cacert ca.pem power
	has_reading
	# The system's certificates do not hold that CA.
	fails 78 'is not trusted: ' power
	echo 'no certificate' >junk
	fails 78 'is not trusted: ' power --cacert junk
	[[ $(wc -l <good/requests) -eq 1 ]]
	serve other 0 other.pem
	URL=https://127.0.0.1:$(<other/port)
	fails 78 'is not trusted: ' power --cacert ca.pem
	serve old 0 old.pem
	URL=https://127.0.0.1:$(<old/port)
	fails 78 'is not trusted: ' power --cacert ca.pem
	[[ $stderr == *expired* && ! -e other/requests && ! -e old/requests ]]
	# It is told once, and taken as soon as it is right.
	start --every 200ms --jitter 0 --cacert ca.pem "${JSON[@]}" "$URL/power"
	wait_until has_lines err 1
	end "$SERVER"
	serve old "$(<old/port)" good.pem
	wait_until has_lines out 1
	[[ $(grep -c 'is not trusted' err) -eq 1 ]]
	grep -q 'is back' err
}

@test "each beat of the clock asks once" {
	start --every 1s --jitter 0 "${JSON[@]}" "$URL/power"
	wait_until has_lines out 3
	finish
	[[ $status -eq 0 && ! -s err ]]
	# Never before the beat, and no beat twice. How late depends on the machine.
	[[ $(cut -d. -f1 requests | sort | uniq -d) == '' ]]
	(($(wc -l <requests) >= 3))
}

@test "an answer that has not changed gives no record, and is no failure" {
	local kind
	for kind in etag:If-None-Match modified:If-Modified-Since; do
		: >requests
		start --every 100ms --metrics metrics "${JSON[@]}" "$URL/${kind%:*}"
		wait_until has_lines requests 4
		finish
		[[ $status -eq 0 && ! -s err ]]
		[[ $(wc -l <out) -eq 1 ]]
		[[ $(head -1 requests) != *If-* && $(sed -n 2,4p requests | grep -c "${kind#*:}") -eq 3 ]]
		grep -qE '^energyguard_answers_unchanged_total\{?.* [1-9]' metrics
	done
}

@test "a device that is away is told once, holds up no other, and is told when it is back" {
	local before told good=$URL
	serve second
	printf '%s\n' "$good/power good" "$URL/power other" "$good/hang silent" "$good/drip slow" >urls
	start --every 200ms -R 2s --urls urls "${JSON[@]}"
	wait_until has_lines out 4
	end "$SERVER"
	wait_until grep -q "'$URL/power' gives no whole answer" err
	before=$(count good: out)
	wait_until has_lines out $((before + 20))
	wait_until grep -q "/hang' gives no whole answer" err
	wait_until grep -q "/drip' gives no whole answer" err
	serve second "${URL##*:}"
	wait_until grep -q "is back after" err
	before=$(count other: out)
	wait_until more_than "$before" other: out
	finish
	[[ $status -eq 0 ]]
	[[ $(count "/hang' gives no" err) -eq 1 && $(count "/drip' gives no" err) -eq 1 ]]
	# On a busy machine another device may be late: it is told once, and told when it is back.
	told=$(count "/power' gives no whole answer" err)
	[[ $(count 'is back after' err) -eq $told && $(count warning err) -eq $((2 + 2 * told)) ]]
	[[ $(count 'trying again' err) -eq $((2 + told)) ]]
	[[ $(grep -cvE '^(good|other):20[0-9T:.-]+:21\.5$' out) -eq 0 ]]
}

@test "Retry-After is waited for" {
	start --every 100ms "${JSON[@]}" "$URL/busy" "$URL/power"
	wait_until has_lines out 10
	finish
	[[ $(count /busy requests) -eq 1 ]]
}

@test "a closed pipe, a full disk and signals end it" {
	local signal
	run bash -c '"$@" | head -1; exit "${PIPESTATUS[0]}"' - timeout 60 "$FETCH" --every 100ms "${JSON[@]}" "$URL/power"
	[[ $status -eq 74 && ${#lines[@]} -eq 1 ]]
	run --separate-stderr timeout 60 bash -c '"$@" >/dev/full' - "$FETCH" --every 100ms "${JSON[@]}" "$URL/power"
	[[ $status -eq 74 && $stderr == *"cannot write to standard output"* ]]
	run --separate-stderr timeout 60 bash -c '"$@" >&-' - "$FETCH" --once "${JSON[@]}" "$URL/power"
	[[ $status -eq 74 ]]
	for signal in INT TERM; do
		start --every 1d "${JSON[@]}" "$URL/power"
		wait_until asleep "$PID" eg-fetch
		finish $signal
		[[ $status -eq 0 && ! -s out && ! -s err ]]
	done
	# What hangs does not hold up the end; of --once that is no success.
	start --once "${JSON[@]}" "$URL/hang"
	wait_until grep -q /hang requests
	finish
	[[ $status -eq 75 ]]
}

answer() { # FORMAT BODY SENSOR [OPTIONS...]: the first sensor of a host without a name
	printf '%s' "$2" >body
	run --separate-stderr timeout 60 "$FETCH" --once "${@:4}" "$1" "$URL/file"
	echo "$1: $status, $output, $stderr"
	[[ $status -eq 0 && -z $stderr && ${output%%:*} == "$3" ]]
}

@test "answers of each kind of device are read, under the host's name where they have none" {
	local host=127.0.0.1
	answer shelly1 '{"emeters":[{"power":12.5,"is_valid":true,"total":3}]}' $host/emeter/0/power
	answer shelly2 '{"switch:0":{"apower":12.5},"sys":{"unixtime":1790000000}}' $host/switch/0/power
	answer shelly2 '{"src":"em-1","method":"NotifyStatus","params":{"ts":1790000000.5,"switch:0":{"apower":12.5}}}' em-1/switch/0/power
	answer tasmota '{"StatusSNS":{"Time":"2026-11-23T14:18:36","ENERGY":{"Power":12}}}' $host/power --tz UTC
	answer homewizard '{"active_power_w":12}' $host/power
	answer opendtu '{"inverters":[],"total":{"Power":{"v":12,"u":"W"}}}' $host/total/power
	answer fronius '{"Body":{"Data":{"Site":{"P_Grid":12}}},"Head":{"Status":{"Code":0},"Timestamp":"2026-11-23T14:18:36+01:00"}}' \
		$host/power_grid
	answer senml '[{"bn":"a/","bt":1790000000,"n":"power","u":"W","v":12}]' a/power
	# The same document over several lines.
	answer json $'{\n "power": 12\n}\n' $host/p --value p=.power --now
}

@test "a last line without its end is refused where only the closed connection ends the answer" {
	local body path points='m,sensor=a value=5 1790000000000000000' \
		rows=$'_time,_value,sensor\n2026-11-23T14:18:36Z,5,a'
	lines() { # FORMAT PATH
		run --separate-stderr timeout 60 "$FETCH" --once --rejects rejects "$1" "$URL/$2"
		echo "$1 $2: $status, $output, $stderr"
	}
	for body in "influx $points" "influx-csv $rows"; do
		printf '%s' "${body#* }" >body
		for path in file chunks; do
			lines "${body%% *}" $path
			[[ $status -eq 0 && -z $stderr && $output == a*:5 ]]
		done
		for path in open identity; do
			rm -f rejects
			lines "${body%% *}" $path
			[[ $status -eq 65 && -z $output ]]
			[[ $stderr == *'refused: the last line has no newline and may be cut short' ]]
			[[ $(tail -n +2 rejects) == "${body#* }" ]]
		done
		echo >>body
		lines "${body%% *}" open
		[[ $status -eq 0 && -z $stderr && $output == a*:5 ]]
	done
	# JSON has an end of its own.
	printf '{"power": 21.5}' >body
	once open
	has_reading
	printf '{"power": 21.5' >body
	fails 65 'gives an answer that is refused: the JSON is cut short' open
}
