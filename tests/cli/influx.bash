# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Runs eg-influx against tests/tools/faulty-http, which plays the answers of a server and keeps what
# it "wrote".
# shellcheck disable=SC2034 # status and stderr of run are for the tests

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

influx() { run --separate-stderr timeout 120 eg-influx -u "$URL" "$@"; }

feed() { # ARG...: eg-influx with the file `in` on its standard input, receipts in `out`
	run --separate-stderr timeout 120 bash -c 'exec eg-influx "$@" <in >out' - -u "$URL" "$@"
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
