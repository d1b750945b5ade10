#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The OpenAPI document of eg-serve holds: each answer that it names is given, in the form
# that it names, and what the server answers is in it.
# shellcheck disable=SC2154 # bats sets some

bats_require_minimum_version 1.5.0
load ../wait

readonly DOC=$BATS_TEST_DIRNAME/../../man/eg-serve.openapi.json
readonly SOURCE=$BATS_TEST_DIRNAME/../../lib/serve/serve_request.c

setup() {
	BIN=${EG_BIN:-$BATS_TEST_DIRNAME/../../build}
	PATH=$BIN:$BIN/tests:$PATH
	unset EG_API_TOKEN http_proxy all_proxy ALL_PROXY
	cd "$BATS_TEST_TMPDIR" || return
	PIDS=()
}

teardown() {
	((${#PIDS[@]} == 0)) || kill -KILL "${PIDS[@]}" 2>/dev/null || true
	wait "${PIDS[@]}" 2>/dev/null || true
}

# Starts eg-serve under a name; its address goes into URL_name.
serve() { # NAME ARG...
	local name=$1 url=''
	shift
	: >"err.$name"
	anew "err.$name"
	eg-serve -v -l 127.0.0.1:0 "$@" >/dev/null 2>"err.$name" 3>&- &
	PIDS+=($!)
	listens() { url=$(sed -n 's/^eg-serve: info: listening at //p' "err.$name") && [[ -n $url ]]; }
	wait_until listens
	declare -g "URL_$name=$url"
}

# What brings METHOD PATH to answer STATUS: sets STATUS and the file body.
provoke() { # METHOD PATH STATUS
	local method=$1 path=$2 want=$3 url=$URL_plain good body type=application/json args=()
	good='{"sensor_id":"a","timestamp":"2026-11-23T14:18:36","value":1}'
	case $path in
	/ingest) body=$good ;;
	/ingest_bulk) body="[$good]" ;;
	*) body='e,sensor=a value=1 1764338400000000000' type=text/plain ;;
	esac
	# Paths with a parameter stand for one that is there.
	path=${path/'{key}'/a:2026-11-23T14:18:36} path=${path/'{name}'/a}
	case $want in
	400) if [[ $path == /measurement/* ]]; then path=/measurement/x
		elif [[ $method == GET ]]; then path+='?to=x'
		elif [[ $path == /ingest ]]; then body='{'
		else path+='?precision=x'; fi ;;
	401) url=$URL_tokens ;;
	403)
		if [[ $path == /health || $path == /live || $path == /ping || $path == /ready ]]; then
			args=(-H 'Host: energy.example')
		else
			url=$URL_tokens
			args=(-H 'Authorization: Bearer some-token')
		fi
		;;
	405) method=DELETE ;;
	404) if [[ $path == /measurement/* ]]; then path+=.5; else path+='?to=1999-01-01'; fi ;;
	408)
		local fd
		exec {fd}<>"/dev/tcp/127.0.0.1/${URL_slow##*:}"
		printf 'POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: 9\r\n\r\n' \
			"$path" "$type" >&"$fd"
		timeout 20 cat <&"$fd" >answer || true
		exec {fd}>&-
		STATUS=$(sed -n '1s/^HTTP.1.1 \([0-9]*\).*/\1/p' answer)
		sed '1,/^\r$/d' answer >body
		return
		;;
	411)
		STATUS=$(curl -sS -m 30 -o body -w '%{http_code}' -X POST -H 'Content-Length:' "$url$path")
		return
		;;
	413) body=$(printf '%02000d' 0) ;;
	415) args=(-H 'Content-Encoding: br') ;;
	422) if [[ $method == GET ]]; then path+='?from=2020-01-01'; path=${path/a\//many/}; fi
		body=${body/value\":1/value\":\"x\"} body=${body/value=1/value=t} ;;
	429) url=$URL_rate ;;
	503)
		url=$URL_stuck
		if [[ $path == /events ]]; then
			url=$URL_plain
			for _ in {1..64}; do
				curl -sSN "$url$path" >/dev/null 2>&1 3>&- &
				PIDS+=($!)
			done
			local limit=$((SECONDS + 60))
			# Watchers of before may still be counted: what is asked now may get a seat.
			until [[ $STATUS == 503 ]]; do
				((SECONDS <= limit)) || return 1
				STATUS=$(curl -sS -m 1 -o body -w '%{http_code}' "$url$path" 2>/dev/null) || true
			done
			return
		elif [[ $path == /measurement* || $path == /sensor* ]]; then
			url=$URL_missing
		elif [[ $path != /health && $path != /ready ]]; then
			url=$URL_full
		fi
		;;
	504) url=$URL_stuck ;;
	esac
	[[ $method != POST ]] || args+=(-H "Content-Type: $type" --data-binary "$body")
	[[ $path != /events || $want != 200 ]] || args+=(-m 5)
	STATUS=$(curl -sS -m 30 -o body -w '%{http_code}' -X "$method" "${args[@]}" "$url$path" 2>/dev/null) || true
}

# Whether the file body has the members that the schema of the answer requires, and no
# others than it names.
fits() { # METHOD PATH STATUS
	jq -en --arg m "$1" --arg p "$2" --arg s "$3" --slurpfile d "$DOC" --rawfile b body '
		def deref: if has("$ref") then (.["$ref"][2:] / "/") as $k | $d[0] | getpath($k) else . end;
		$d[0].paths[$p][$m].responses[$s] | deref | .content // {} |
		if has("application/json") then
			.["application/json"].schema | deref | . as $schema | ($b | fromjson) as $v |
			($schema.required - ($v | keys) == []) and 
				(($v | keys) - ($schema.properties | keys) == [])
			and all($schema.properties | to_entries[] | select(.value.enum);
				.value.enum as $e | $v[.key] as $x | any($e[]; . == $x))
		else true end' >/dev/null
}

@test "every answer that the document names is given, and in its form" {
	printf 'some some-token nothing\n' >tokens
	{
		echo a:2026-11-23T14:18:36:55.21
		seq 200001 | awk '{
			t = 200001 - $1
			printf "many:2020-01-%02dT%02d:%02d:%02d:%d\n", 1 + t / 86400, t / 3600 % 24, t / 60 % 60,
				t % 60, $1
		}'
	} | eg-store db >/dev/null
	serve plain --max-body 1000 --store db
	serve tokens --tokens tokens --store db
	serve slow --patience 3s
	serve rate --rate 0.001 --store db
	serve missing --store missing
	serve stuck --wait 100ms -- passthrough --hold 1000000
	serve full --max-pending 1 --max-body 1000
	curl -sS "$URL_rate/metrics" >/dev/null
	curl -sS "$URL_stuck/ingest" -H 'Content-Type: application/json' \
		-d '{"sensor_id":"a","value":1}' >/dev/null
	stuck() { [[ $(curl -sS "$URL_stuck/health" | jq -r .status) == fail ]]; }
	wait_until stuck
	local method path status n=0
	while read -r method path status; do
		provoke "${method^^}" "$path" "$status"
		[ "$STATUS" = "$status" ] || { echo "$method $path: $STATUS, not $status: $(<body)"; return 1; }
		fits "$method" "$path" "$status" || { echo "$method $path $status: $(<body)"; return 1; }
		n=$((n + 1))
	done < <(jq -r '.paths | to_entries[] | .key as $p | .value | to_entries[] | .key as $m |
		.value.responses | keys[] | "\($m) \($p) \(.)"' "$DOC")
	((n > 90))
}

@test "every path and method of the server is in the document, and no other" {
	# A route that ends with a slash has a parameter behind it.
	diff <(jq -r '.paths | to_entries[] | .key as $p | .value | keys[] |
			"\($p | sub("\\{.*"; "")) \(.)"' "$DOC" | sort -u) \
		<(sed -nE 's/^\t\{ "([^"]+)", EG_SERVE_(GET|POST),.*/\1 \L\2/p' "$SOURCE" | sort)
}

@test "the document is one that its references hold together" {
	jq -e '. as $d | [.. | objects | .["$ref"]? // empty] | all((.[2:] / "/") as $k | $d | getpath($k) != null)' "$DOC"
	[ "$(jq -r .info.version "$DOC")" = @VERSION@ ] # `make install` writes it
}
