# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A copy of the stack and the programs that check it, for the tests that load this file.
# shellcheck disable=SC2016,SC2034,SC2154,SC2164 # bats and the tests use some

load ../wait

CHECKS=$BATS_TEST_DIRNAME/../stack

# The checkers come from npm, once: again only when the lock file has changed.
fetch_checkers() {
	local sum
	sum=$(sha256sum <"$CHECKS/package-lock.json")
	[[ $(cat "$CHECKS/node_modules/.fetched" 2>/dev/null) != "$sum" ]] || return 0
	local status=0
	(cd "$CHECKS" && timeout 120 npm ci --no-audit --no-fund --ignore-scripts --fetch-retries=1) >"$BATS_FILE_TMPDIR/npm" 2>&1 ||
		status=$?
	if ((status != 0)); then
		if ((status == 124)) || grep -qE 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|E5[0-9][0-9]' "$BATS_FILE_TMPDIR/npm"; then
			export EG_NO_CHECKERS="npm cannot reach its registry"
			return 0
		fi
		cat "$BATS_FILE_TMPDIR/npm" >&2
		return 1
	fi
	echo "$sum" >"$CHECKS/node_modules/.fetched"
}

# A copy of what the stack is made of, with secrets of its own.
setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export TREE=$BATS_FILE_TMPDIR/tree
	mkdir "$TREE"
	cp -r compose grafana scripts Makefile "$TREE"
	rm -rf "$TREE/compose/.env" "$TREE/compose/secrets"
	echo 'solar* W pv' >"$TREE/compose/meters"
	"$TREE/scripts/eg-secrets" 2>/dev/null
	exec {lock}<"$CHECKS/package-lock.json"
	flock "$lock" # files of tests run at the same time
	fetch_checkers
	exec {lock}<&-
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
}

# Each line of standard input must be in the output.
all_found() {
	local text
	[[ $status -eq 1 ]]
	while IFS= read -r text; do
		[[ $output == *"$text"* ]] || { printf 'not found: %s\nin:\n%s\n' "$text" "$output"; return 1; }
	done
}

# --- the set-up of InfluxDB ---------------------------------------------------

setup_state() {
	export INFLUX_STATE=$BATS_TEST_TMPDIR/influx TOKENS=$BATS_TEST_TMPDIR/tokens
	export INFLUX_HOST=http://influxdb:8086 INFLUX_ORG=myorg RABBITMQ_NODES="rabbitmq rabbitmq2" LIMIT=4500
	export TIME_ZONE=Asia/Tokyo TARIFF=night PRICES="0.50 0.40 0.30"
	export INFLUX_TOKEN_FILE=$TREE/compose/secrets/influx-token
	rm -rf "$INFLUX_STATE" "$TOKENS"
	mkdir "$INFLUX_STATE" "$TOKENS"
	cp "$INFLUX_TOKEN_FILE" "$INFLUX_STATE/token"
	printf '%s\tenergy\t\t720h0m0s\t24h0m0s\tfeed\timplicit\n' 00000000000000ff >"$INFLUX_STATE/buckets"
	PATH="$BATS_TEST_DIRNAME/../stack:$PATH"
}

# As the container runs it: the entry point of the service, in the image's shell.
# shellcheck disable=SC2120 # run gives arguments
setup_service() { sh compose/influxdb/setup "$@"; }

# What is there in the end, without the numbers that differ from run to run.
made() {
	cut -f 2,4 "$INFLUX_STATE/buckets" | sort
	cut -f 2 "$INFLUX_STATE/tasks" | sort
	cut -f 2,7 "$INFLUX_STATE/tokens" | sed -E 's/:[0-9a-f]{16}/:id/g; s/bucket [0-9a-f]{16}/bucket/g' | sort
	ls "$TOKENS"
}
