#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The stack as far as it can be seen without Docker, InfluxDB 2 and Grafana: its files are
# what those take, and each check finds a fault that is planted.
# shellcheck disable=SC2154,SC2164,SC2016 # bats sets stderr; cd fails the test; sed and jq expand
bats_require_minimum_version 1.5.0

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
	fetch_checkers
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
}

need_checkers() {
	if [[ -n ${EG_NO_CHECKERS-} ]]; then
		echo "# WARNING: $EG_NO_CHECKERS: Flux, dashboards and alerts NOT checked" >&3
		skip "$EG_NO_CHECKERS"
	fi
}

config() { # FILE...
	(cd "$TREE/compose" && EG_METERS=$TREE/compose/meters docker-compose "${@/#/--file=}" config)
}

check_flux() { node "$CHECKS/check-flux.mjs" "$@"; }
check_dashboards() {
	node "$CHECKS/check-dashboards.mjs" compose/docker-compose.yml grafana/provisioning/datasources/influxdb.yaml "$@"
}
check_alerts() {
	node "$CHECKS/check-alerts.mjs" grafana/provisioning/datasources/influxdb.yaml \
		"${PROVIDERS:-grafana/provisioning/dashboards/energyguard.yaml}" grafana/dashboards "$@"
}

# Each line of standard input must be in the output.
all_found() {
	local text
	[[ $status -eq 1 ]]
	while IFS= read -r text; do
		[[ $output == *"$text"* ]] || { printf 'not found: %s\nin:\n%s\n' "$text" "$output"; return 1; }
	done
}

# --- compose ----------------------------------------------------------------

@test "compose takes the files in each combination, and each service waits for what it needs" {
	local files contact
	for contact in none webhook mail; do
		sed -i "s/^EG_ALERT_CONTACT=.*/EG_ALERT_CONTACT=$contact/" "$TREE/compose/.env"
		for files in docker-compose.yml "docker-compose.yml cluster.yml" "docker-compose.yml meters.yml" \
		    "docker-compose.yml meters.yml insight.yml"; do
			[[ $contact == none || $files == docker-compose.yml ]] || continue
			# shellcheck disable=SC2086 # a list
			config $files >"$BATS_TEST_TMPDIR/config"
			run tests/stack/service --facts <"$BATS_TEST_TMPDIR/config"
			[[ $status -eq 0 && -z $output ]] || { echo "$files, $contact: $output"; return 1; }
		done
	done
	sed -i "s/^EG_ALERT_CONTACT=.*/EG_ALERT_CONTACT=none/" "$TREE/compose/.env"
}

@test "with the file of meters, consumer and serve are the same but for it" {
	local name
	words() { tests/stack/service "$1" | tr -d '()' | tr ' ' '\n'; }
	config docker-compose.yml >"$BATS_TEST_TMPDIR/plain"
	config docker-compose.yml meters.yml >"$BATS_TEST_TMPDIR/meters"
	for name in consumer serve; do
		run diff <(words $name <"$BATS_TEST_TMPDIR/plain") <(words $name <"$BATS_TEST_TMPDIR/meters")
		[[ $output == *'> --meters'*'> /etc/energyguard/meters'* && $output != *'<'* ]] || { echo "$output"; return 1; }
	done
	run env EG_METERS= bash -c 'cd "$1/compose" && docker-compose -f docker-compose.yml -f meters.yml config -q' - "$TREE"
	[[ $status -ne 0 && $output == *EG_METERS* ]]
}

@test "eg-insight runs each hour on what the consumer stores, and again soon when it fails" {
	local command stubs=$BATS_TEST_TMPDIR/stubs file
	mkdir "$stubs"
	printf '#!/bin/sh\necho "$@" >>%q\nexec tee -a %q\n' "$stubs/calls" "$stubs/written" >"$stubs/eg-influx"
	printf '#!/bin/sh\necho "sleep $1" >>%q\nkill $PPID\n' "$stubs/calls" >"$stubs/sleep"
	chmod +x "$stubs/eg-influx" "$stubs/sleep"
	config docker-compose.yml meters.yml insight.yml >"$BATS_TEST_TMPDIR/config"
	# Runs the last word of a service's command, with files of this test.
	script() {
		eval "$(tests/stack/service "$1" <"$BATS_TEST_TMPDIR/config")"
		file=${command[-1]//\/var\/lib\/energyguard/$BATS_TEST_TMPDIR}
		file=${file//\/etc\/energyguard\/meters/$TREE/compose/meters}
		file=${file//\/etc\/energyguard\/tariff.conf/$BATS_TEST_TMPDIR/tariff}
		file=${file//\/etc\/energyguard\/prices/$BATS_TEST_TMPDIR/prices}
		EG_BIN=$stubs PATH=$stubs:$PWD/build:$PWD/scripts:$PATH timeout 60 bash -c "$file"
	}
	cp scripts/tariffs/italy-bands.conf "$BATS_TEST_TMPDIR/tariff"
	: >"$BATS_TEST_TMPDIR/prices"
	run script insight
	[[ $(tail -n 1 "$stubs/calls") == "sleep 60" ]]
	echo 'car W device' >>"$TREE/compose/meters"
	printf 'car:%s:3000\n' "$(date -u -d '-70 min' +%FT%H:30:00)" "$(date -u -d '-70 min' +%FT%H:40:00)" >"$BATS_TEST_TMPDIR/in"
	script consumer <"$BATS_TEST_TMPDIR/in" | diff "$BATS_TEST_TMPDIR/in" -
	[[ $(tail -n 1 "$stubs/calls") == "--token-file /tokens/consumer --meters $TREE/compose/meters" ]]
	run script insight
	[[ $(tail -n 1 "$stubs/calls") == "sleep 3600" ]] || { echo "$output"; cat "$stubs/calls"; return 1; }
	grep -q '^car_kwh:.*:0.5$' "$stubs/written"
	grep -q '^car_cost:' "$stubs/written"
	# Bands have prices, too; prices of their own are known before there is energy.
	grep -q "^price:$(date -u -d '-70 min' +%FT%H):30:00:" "$stubs/written"
	printf 'price all dynamic + 0.1\n' >"$BATS_TEST_TMPDIR/tariff"
	printf 'nl:%s:0.2\n' "$(date -u -d '-2 days' +%FT%T)" "$(date -u -d '1 day' +%FT%H:15:00)" >"$BATS_TEST_TMPDIR/prices"
	run script insight
	grep -q "^price:$(date -u -d '1 day' +%FT%H):15:00:0.3$" "$stubs/written" || { cat "$stubs/written"; return 1; }
	grep -q -- '--bucket insight --measurement insight --token-file /tokens/insight' "$stubs/calls"
}

@test "what compose must not do is found" {
	config docker-compose.yml | sed -e 's/127.0.0.1:3000/0.0.0.0:3000/' -e '/^ *mem_limit: 2g$/d' \
		-e 's/image: influxdb:2.7.12/image: influxdb:2.7/' -e 's/rules.yaml:/rulez.yaml:/' \
		-e 's/\(GF_SMTP_FROM_ADDRESS: \).*/\1energyguard@localhost/' -e '/GF_PLUGINS_PREINSTALL_DISABLED/d' \
		-e 's/\(GF_SERVER_ROOT_URL: \).*/\1localhost/' -e '/USE_BROWSER_LOCALE/d' -e '/REPORTING_DISABLED/d' \
		-e '/restart: unless-stopped/d' -e '/^  setup:/,/^  sim:/s/influxdb:$/rabbitmq:/' >"$BATS_TEST_TMPDIR/config"
	run tests/stack/service --facts <"$BATS_TEST_TMPDIR/config"
	status=1 all_found <<-END
		grafana listens everywhere
		influxdb has no memory limit
		setup runs an image of no exact version
		rulez.yaml, which is not there
		consumer is not started again
		setup does not wait for influxdb
		grafana does not start: GF_SMTP_FROM_ADDRESS
		grafana phones home: GF_PLUGINS_PREINSTALL_DISABLED
		grafana has no address for the links in alerts
		grafana shows American dates
		influxdb reports to InfluxData
	END
}

@test "without .env, or with an empty one, compose says what to run" {
	local files
	cp -r "$TREE/compose" "$TREE/without"
	rm "$TREE/without/.env"
	for files in docker-compose.yml "docker-compose.yml cluster.yml"; do
		# shellcheck disable=SC2086 # a list
		run bash -c 'cd "$1/without" && shift && docker-compose ${@/#/--file=} config -q' - "$TREE" $files
		[[ $status -ne 0 && $output == *"run scripts/eg-secrets"* ]]
	done
	echo 'EG_SECRETS=' >"$TREE/without/.env"
	run bash -c 'cd "$1/without" && docker-compose config -q' - "$TREE"
	[[ $status -ne 0 && $output == *"run scripts/eg-secrets"* ]]
}

@test "no secret is in what compose shows of the configuration, but the cluster's cookie" {
	local name
	config docker-compose.yml >"$BATS_TEST_TMPDIR/config"
	config docker-compose.yml cluster.yml >"$BATS_TEST_TMPDIR/cluster"
	for name in RABBITMQ_PASSWORD INFLUX_PASSWORD INFLUX_TOKEN GRAFANA_PASSWORD SERVE_TOKEN; do
		run grep -F "$(sed -n "s/^$name=//p" "$TREE/compose/.env")" "$BATS_TEST_TMPDIR/config" "$BATS_TEST_TMPDIR/cluster"
		[[ $status -eq 1 ]]
	done
}

@test "compose files use nothing that only one of docker-compose 1.29 and docker compose 2 takes" {
	run grep -nE '^(version|name):|start_interval|^ +develop:|required:|env_file|include:|environment: .*secret' compose/docker-compose.yml compose/cluster.yml compose/meters.yml
	[[ $status -eq 1 ]]
}

@test "make up names a port that is in use, and starts nothing" {
	local tools=$BATS_TEST_TMPDIR/bin port
	mkdir "$tools"
	printf '#!/bin/sh\necho "$*" >>"%s/docker"\n[ "$2" != ps ] || exit 0\n' "$BATS_TEST_TMPDIR" >"$tools/docker"
	chmod +x "$tools/docker"
	python3 -c 'import socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True); time.sleep(60)' >"$BATS_TEST_TMPDIR/port" &
	wait_until test -s "$BATS_TEST_TMPDIR/port"
	port=$(<"$BATS_TEST_TMPDIR/port")
	# Ports that nobody has, so that what this machine runs does not matter.
	sed -i -E 's/^(EG_PORT_[A-Z]+)=.*/\1=1/' "$TREE/compose/.env"
	sed -i "s/^EG_PORT_INFLUXDB=.*/EG_PORT_INFLUXDB=$port/" "$TREE/compose/.env"
	PATH=$tools:$PATH run make -s -C "$TREE" up
	kill %1
	[[ $status -ne 0 && $output == *"port $port is in use on 127.0.0.1"*"EG_PORT_INFLUXDB"* ]]
	run grep ' up ' "$BATS_TEST_TMPDIR/docker"
	[[ $status -eq 1 ]]
	PATH=$tools:$PATH run make -s -C "$TREE" up
	[[ $status -eq 0 && $output == *"Grafana:"* ]]
	grep -qx 'compose up -d --build' "$BATS_TEST_TMPDIR/docker"
	PATH=$tools:$PATH run make -s -C "$TREE" down
	[[ $status -eq 0 ]]
	grep -qx 'compose down' "$BATS_TEST_TMPDIR/docker"
}

# --- the image --------------------------------------------------------------

@test "the Dockerfile has two stages, no root, and nothing that swallows signals" {
	local file=compose/Dockerfile
	[[ $(grep -c '^FROM debian:${DEBIAN}-slim' $file) -eq 2 && $(grep -c '^FROM' $file) -eq 2 ]]
	[[ $(grep -E '^USER' $file) =~ ^USER\ [1-9][0-9]+$ ]]
	grep -qx 'ENTRYPOINT \["tini", "-g", "--"\]' $file
	grep -qE '^CMD \[' $file
	# Lists of packages do not stay in a layer; nothing comes from elsewhere.
	[[ $(grep -c 'rm -rf /var/lib/apt/lists' $file) -eq 2 ]]
	run grep -nE '^ADD|(curl|wget) |:latest|sudo|apt-get upgrade' $file
	[[ $status -eq 1 ]]
}

# What .dockerignore lets through, as COPY . would bring it.
context() {
	mkdir -p "$1"
	sed -n 's/^!//p' .dockerignore | xargs cp -r -t "$1"
}

@test "the build steps of the image work in a plain folder, with what .dockerignore lets through" {
	local step out=$BATS_TEST_TMPDIR/out
	context "$BATS_TEST_TMPDIR/src"
	[[ -z $(find "$BATS_TEST_TMPDIR/src" -name '.env' -o -name secrets) ]]
	step=$(sed -n 's/^RUN \(make .*\)/\1/p' compose/Dockerfile)
	[[ $step == *"install DESTDIR=/out "* ]]
	cd "$BATS_TEST_TMPDIR/src"
	run sh -c "${step//\/out/$out} CFLAGS=-O0"
	[[ $status -eq 0 ]]
	run env -i PATH=/usr/bin:/bin "$out/usr/bin/eg-consume" --version
	[[ $status -eq 0 ]]
	# Each program that the services call is in it.
	[[ -x $out/usr/bin/eg-publish && -x $out/usr/bin/eg-influx && -x $out/usr/bin/eg-sim ]]
}

# Debian 13 has other names for libraries than Debian 12: none may stand in the Dockerfile.
@test "the image finds the packages of the libraries that the programs load, of any Debian" {
	local step library out=$BATS_TEST_TMPDIR/out
	run grep -nE '\blib[a-z0-9-]+[0-9](t64)?\b' compose/Dockerfile
	[[ $status -eq 1 ]]
	mkdir -p "$out/usr/bin"
	cp "${EG_BIN:-build}"/eg-* "$out/usr/bin"
	step=$(sed -n '/^RUN ldd/,/packages$/p' compose/Dockerfile | sed 's/^RUN //; s/ *\\$//')
	run sh -c "$(tr '\n' ' ' <<<"${step//\/out\//$out/}")"
	[[ $status -eq 0 ]]
	cat "$out/packages"
	[[ $(wc -l <"$out/packages") -gt 8 ]]
	# Each is a package of this machine, and with them each library is there.
	xargs dpkg-query -L <"$out/packages" >"$BATS_TEST_TMPDIR/files"
	while read -r library; do
		grep -q "/$library$" "$BATS_TEST_TMPDIR/files" || { echo "$library is in none of them"; return 1; }
	done < <(for p in "${EG_BIN:-build}"/eg-*; do readelf -d "$p"; done |
		sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort -u | grep -vE 'lib(asan|ubsan)\.so')
}

# RabbitMQ 4.3 refuses these, or takes no notice of them.
@test "nothing asks RabbitMQ for what version 4.3 no longer has" {
	run grep -rnE 'cluster_partition_handling|queue_master_locator|x-queue-(mode|version|master-locator)|ha-mode' compose lib cmd
	echo "$output"
	[[ $status -eq 1 ]]
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

@test "the set-up makes buckets, tasks and tokens, and a second one changes nothing" {
	setup_state
	run setup_service
	[[ $status -eq 0 ]]
	run made
	echo "$output"
	[[ $output == *$'energy\t720h0m0s'* && $output == *$'energy_1m\t365d'* && $output == *$'energy_1h\t0'* && $output == *$'pipeline\t7d'* ]]
	[[ $(grep -cE '^(energy_1m|energy_1h|energy_1d|energy_1m-late|energy_1h-late|energy_1d-late|pipeline-rabbitmq|pipeline-rabbitmq2|database)-[0-9]+$' <<<"$output") -eq 9 ]]
	[[ $output == *$'settings\t0'* && $(<"$INFLUX_STATE/written") == 'settings: settings limit=4500,zone="Asia/Tokyo" 1' ]]
	# Home looks into it, with eg-insight and without.
	[[ $output == *$'insight\t0'* && ! -e $TOKENS/insight ]]
	# Grafana can read, the consumer write one bucket; neither gets more.
	[[ $output == *$'energyguard-consumer:id\t[write-bucket ]'* ]]
	[[ $output == *$'energyguard-grafana:id:id:id:id:id:id:id\t[read-bucket read-bucket read-bucket read-bucket read-bucket read-bucket read-bucket ]'* ]]
	[[ $(cut -f 4 "$INFLUX_STATE/tokens" | sort) == $(sort "$TOKENS/consumer" "$TOKENS/grafana") ]]
	[[ $(stat -c %a "$TOKENS/grafana") == 444 ]]
	made >"$BATS_TEST_TMPDIR/before"
	cat "$INFLUX_STATE/tokens" "$INFLUX_STATE/tasks" >>"$BATS_TEST_TMPDIR/before"
	rm "$INFLUX_STATE/calls"
	run setup_service
	[[ $status -eq 0 ]]
	diff <(made; cat "$INFLUX_STATE/tokens" "$INFLUX_STATE/tasks") "$BATS_TEST_TMPDIR/before"
	run grep -E 'create|delete' "$INFLUX_STATE/calls"
	[[ $status -eq 1 ]]
}

@test "with eg-insight the set-up makes a token for it" {
	setup_state
	INSIGHT=yes setup_service 2>/dev/null
	run made
	[[ $output == *$'energyguard-insight:id\t[write-bucket ]'* ]]
	[[ $output == *$'energyguard-grafana:id:id:id:id:id:id:id\t['* && -s $TOKENS/insight ]]
}

@test "a set-up that broke off anywhere is completed by the next" {
	local calls n
	setup_state
	setup_service 2>/dev/null
	calls=$(wc -l <"$INFLUX_STATE/calls")
	made >"$BATS_TEST_TMPDIR/whole"
	for ((n = 1; n <= calls; n++)); do
		setup_state
		echo "$n" >"$INFLUX_STATE/fail"
		run --separate-stderr setup_service
		[[ $status -eq 75 && $stderr == *"connection refused"* ]]
		rm "$INFLUX_STATE/fail"
		run setup_service
		[[ $status -eq 0 ]]
		diff <(made) "$BATS_TEST_TMPDIR/whole" || { echo "broken off at call $n"; return 1; }
	done
	((calls > 15))
}

@test "a task whose text has changed is replaced, and a token whose bucket was made anew" {
	setup_state
	setup_service 2>/dev/null
	cp -r compose/influxdb "$BATS_TEST_TMPDIR/changed"
	sed -i 's/^\/\/ Each minute/\/\/ Every minute/' "$BATS_TEST_TMPDIR/changed/energy_1m.flux"
	sed -i 's/^[0-9a-f]*\tenergy\t/00000000000000fe\tenergy\t/' "$INFLUX_STATE/buckets"
	run sh "$BATS_TEST_TMPDIR/changed/setup"
	[[ $status -eq 0 && $output == *"is replaced"* ]]
	[[ $(grep -c $'\tenergy_1m-[0-9]' "$INFLUX_STATE/tasks") -eq 1 && $(wc -l <"$INFLUX_STATE/tasks") -eq 9 ]]
	grep -q "energyguard-consumer:00000000000000fe.*$(<"$TOKENS/consumer")" "$INFLUX_STATE/tokens"
	# So it is with other prices; hours before stay as they were computed.
	PRICES="0.60 0.40 0.30" run setup_service
	[[ $status -eq 0 && $output == *"energy_1h-"*"is replaced"* ]]
	grep -q '^prices = \[0.60, 0.40, 0.30\]$' "$INFLUX_STATE"/energy_1h-[0-9]*.flux
	# A node that is no longer there is not looked at.
	RABBITMQ_NODES=rabbitmq setup_service 2>/dev/null
	[[ $(cut -f 2 "$INFLUX_STATE/tasks" | grep pipeline) =~ ^pipeline-rabbitmq-[0-9]+$ ]]
}

@test "a token that does not fit the volume is told apart, in a sentence that helps" {
	setup_state
	echo other >"$INFLUX_STATE/token"
	run --separate-stderr setup_service
	[[ $status -eq 78 && $stderr == *"the token does not fit"*"compose/.env"* ]]
	INFLUX_TOKEN_FILE=/nonexistent run --separate-stderr setup_service
	[[ $status -eq 78 && $stderr == *"/nonexistent"* ]]
}

# The ranges of what was run, of the task whose text has $1.
ranges() {
	awk -v what="$1" '/^start = /{start = $0} /^stop = /{stop = $0} index($0, what){print start, stop}' "$INFLUX_STATE/queries" |
		grep -oE '[0-9]{4}-[0-9T:-]+Z' | paste - - | uniq
}

@test "the set-up fills a time that was written late day by day, and refuses what is no time" {
	setup_state
	run setup_service fill 2026-01-01T00:20:00Z 2026-02-03T10:40:00Z
	[[ $status -eq 0 ]]
	run grep -cE 'option task = |now\(\), unit: 1d' "$INFLUX_STATE/queries"
	[[ $output == 0 ]]
	grep -q 'name: "Asia/Tokyo"' "$INFLUX_STATE/queries"
	run ranges 'to(bucket: "energy_1m")'
	[[ ${#lines[@]} -eq 34 && ${lines[0]} == $'2026-01-01T00:00:00Z\t2026-01-02T00:00:00Z' && ${lines[33]} == $'2026-02-03T00:00:00Z\t2026-02-03T11:00:00Z' ]]
	# The last reading of the hour before may stand longer, or shorter.
	run ranges 'to(bucket: "energy_1h")'
	[[ ${#lines[@]} -eq 34 && ${lines[0]} == $'2025-12-31T23:00:00Z\t2026-01-01T23:00:00Z' ]]
	# A day is summed whole, and no more than a month is at once.
	run ranges 'to(bucket: "energy_1d")'
	[[ ${#lines[@]} -eq 2 && ${lines[0]} == $'2025-12-31T23:00:00Z\t2026-02-01T00:00:00Z' && ${lines[1]} == *$'\t2026-02-03T11:00:00Z' ]]
	grep -q '^stop = date.truncate(t: date.add(d: 1d, to: 2026-02-03T11:00:00Z), unit: 1d)$' "$INFLUX_STATE/queries"
	for range in "yesterday today" "2026-02-01T00:00:00Z 2026-01-01T00:00:00Z" "2026-13-01T00:00:00Z 2027-01-01T00:00:00Z" nonsense; do
		# shellcheck disable=SC2086 # two words
		run setup_service fill $range
		[[ $status -eq 64 ]] || { echo "$range"; return 1; }
	done
}

# --- Flux, dashboards, alerts -------------------------------------------------

@test "the packages of the checkers are locked, and the lock file names no registry" {
	run grep -nE '"resolved"' tests/stack/package-lock.json
	[[ $status -eq 1 ]]
	[[ $(grep -c '"integrity"' tests/stack/package-lock.json) -gt 20 ]]
	run grep -E '[\^~*]' tests/stack/package.json
	[[ $status -eq 1 ]]
}

@test "all Flux in dashboards, alerts and tasks is right, also as the set-up changes it" {
	need_checkers
	setup_state
	setup_service 2>/dev/null
	run check_flux grafana/dashboards/*.json grafana/alerting/rules.yaml compose/influxdb/*.flux "$INFLUX_STATE"/*.flux
	[[ $status -eq 0 && -z $output ]]
}

# Changes the Flux of a panel: TITLE, then what to look for and what to put there.
in_panel() {
	jq --arg title "$1" --arg from "$2" --arg to "$3" '(.panels[] | select(.title == $title and .targets) | .targets[0].query) |= sub($from; $to)'
}

@test "faults of Flux are found: syntax, names, types, range, columns, integers, rows, variables" {
	need_checkers
	in_panel "Power now" 'last\(\)' 'lats()' <grafana/dashboards/live.json |
		in_panel "Highest power now" 'top\(n: 8\)' 'top(n: "8")' |
		in_panel "Part of the limit" '\(r\) => \(\{' '(r) => ({{' |
		in_panel "Highest mean of 5 min" '[|]> range\(start: -5m\)\n' '' |
		in_panel "Newest reading" 'r\._time\)\) /' 'r.tiem)) /' |
		in_panel "Readings per second" 'r\._field == "value"' 'r._field == "value" and r._value > 3' |
		in_panel Power 'aggregateWindow[^\n]*' 'yield()' |
		in_panel "Who is silent" '\$\{silent\}' '${slient}' |
		in_panel "Sensors reporting" 'columns: \["sensor"\]' 'columns: ["snesor"]' >"$BATS_TEST_TMPDIR/live.json"
	run check_flux "$BATS_TEST_TMPDIR/live.json"
	all_found <<-'END'
		Power now: A: 5: undefined identifier lats
		Highest power now: A: 10: expected int but found string
		Part of the limit: A: 11: expected RBRACE
		Highest mean of 5 min: A: no range() right behind from(bucket: "energy")
		Newest reading: A: unknown column 'tiem'
		Readings per second: A: 'r._value > 3' compares or mixes a float with 3
		Power: A: up to Infinity rows a series
		Sensors reporting: A: unknown column 'snesor'
		Who is silent: A: 10: undefined identifier slient
	END
	sed '0,/|> keep(/s/|> keep(.*/|> group()/' grafana/alerting/rules.yaml >"$BATS_TEST_TMPDIR/rules.yaml"
	sed '0,/aggregateWindow(every/s//aggregateWindow(evry/' compose/influxdb/energy_1m.flux >"$BATS_TEST_TMPDIR/t.flux"
	run check_flux "$BATS_TEST_TMPDIR/rules.yaml" "$BATS_TEST_TMPDIR/t.flux"
	all_found <<-'END'
		The database does not answer: A: an alert query must end in keep()
		t.flux: 15: found unexpected argument evry
	END
}

@test "the dashboards are as Grafana types them, with descriptions, units and links that lead somewhere" {
	need_checkers
	run check_dashboards grafana/dashboards/*.json
	[[ $status -eq 0 && -z $output ]]
}

@test "faults of dashboards are found: types, units, ids, layout, links, descriptions, sources, variables" {
	need_checkers
	jq 'def panel(title): .panels[] | select(.title == title and .targets);
		panel("Power now").fieldConfg = {} | panel("Power now").fieldConfig.defaults.unit = "wat"
		| .panels[1].id = 1 | .panels[1].gridPos.x = 5 | panel("Energy today").description = ""
		| panel("Power").fieldConfig.defaults.custom.drawStyle = "lines" | panel("Power").options.legend.displayMode = "tabel"
		| panel("Cost today").datasource.uid = "other" | panel("Highest mean of 5 min").gridPos.w = 3
		| panel("Sensors silent").fieldConfig.defaults.thresholds = {mode: "absolut", steps: [{color: "green", value: null}]}
		| panel("Sensors silent").fieldConfig.defaults.noValue = "0"
		| del(panel("Newest reading").fieldConfig.defaults.unit) | panel("Cost today").links[0].url = "/d/nowhere"
		| panel("Power").fieldConfig.defaults.decimals = 0 | panel("Power").fieldConfig.defaults.color.mode = "palette-classic-by-name"
		| panel("Highest power now").targets[0].query += "\n|> group(columns: [\"sensor\"])"
		| panel("Highest power now").options.reduceOptions.values = false
		| del(panel("Who is silent").transformations)
		| (.templating.list[] | select(.name == "limit")) |= (.name = "limt" | .skipUrlSync = false)
		| .links[0].tags = ["nobody"] | .links[1].url = "/d/energyguard-live" | .links[2].title = "This day"
		| .refresh = 5 | .templating.list[0].type = "qury"' grafana/dashboards/live.json >"$BATS_TEST_TMPDIR/live.json"
	jq 'del(.schemaVersion) | .title = "Live"' grafana/dashboards/pipeline.json >"$BATS_TEST_TMPDIR/pipeline.json"
	jq 'def panel(title): .panels[] | select(.title == title and .targets);
		.refresh = "15s" | .timepicker.refresh_intervals[0] = "500ms" | .panels |= map(select(.type != "row"))
		| panel("Mean power by hour and weekday, in kW") |= (.fieldConfig.defaults.custom.width = 56 | .gridPos.h = 8)
		| panel("Sensors").fieldConfig.overrides |= map(.properties |= map(select(.id != "fieldMinMax")))' grafana/dashboards/history.json >"$BATS_TEST_TMPDIR/history.json"
	run check_dashboards "$BATS_TEST_TMPDIR/live.json" "$BATS_TEST_TMPDIR/pipeline.json" "$BATS_TEST_TMPDIR/history.json"
	all_found <<-'END'
		"additionalProperty":"fieldConfg"
		Power now: unknown unit 'wat'
		two panels of one id
		Power now and Part of the limit overlap
		Energy today: no description
		FieldConfig/drawStyle
		Options/legend/displayMode
		unknown data source 'other'
		a hole in line 16
		/thresholds/mode
		Newest reading: no unit
		link to an unknown dashboard 'nowhere'
		link to an unused tag 'nobody'
		variable limt is not used
		hidden variable limt goes along in links
		Sensors silent: no value looks like a value: '0'
		Sensors silent: no value has the colour of a value
		Sensors silent: 'green' is too pale for white text
		Power: decimals 0 rounds whole thousands of 'watt'
		Power: two sensors may have one colour
		Highest power now: sorted by name again behind top()
		Highest power now: shows one of the rows of top()
		Who is silent: columns in the order of their names
		Highest mean of 5 min: the title does not fit 3 columns
		link 'Last hour' is no range
		no link 'Today'
		/refresh must be string
		/templating/list/0/type
		no schemaVersion
		two of one title
		never refreshes: '15s'
		refresh '500ms' is below the server's minimum
		no rows that fold
		Mean power by hour and weekday, in kW: 1434 pixels wide
		Mean power by hour and weekday, in kW: seven days do not fit
		Sensors: the bars of kWh are scaled by other columns
	END
}

@test "the alerts and contact points are as Grafana reads them" {
	need_checkers
	run check_alerts grafana/alerting/*.yaml
	[[ $status -eq 0 && -z $output ]]
}

@test "faults of alerts are found: keys, states, steps, panels, data sources, dollars, receivers" {
	need_checkers
	local faults=0 text edit
	# One fault a file, as a wrong form hides what lies behind it.
	while IFS='|' read -r edit text; do
		faults=$((faults + 1))
		sed -E "$edit" grafana/alerting/rules.yaml >"$BATS_TEST_TMPDIR/$faults-rules.yaml"
		run check_alerts "$BATS_TEST_TMPDIR/$faults-rules.yaml"
		[[ $status -eq 1 && $output == *"$text"* ]] || { echo "$edit: wanted $text, got: $output"; return 1; }
	done <<-'END'
		0,/execErrState/s//executionErrorState/|executionErrorState
		0,/noDataState: KeepLast/s//noDataState: OK/|noDataState must be equal to one of
		0,/execErrState: KeepLast/s//execErrState: Error/|execErrState must be equal to one of
		0,/execErrState: KeepLast/s//execErrState: Alerting/|2 rules tell that the database does not answer
		0,/for: 1m/s//for: 5m/|an outage is told after a minute
		0,/[{][{] if .values.B [}][}]/s///|outside of {{ if $values
		0,/__panelId__: "4"/s//__panelId__: "5"/|the link leads elsewhere
		0,/"[$]B > [$]M"/s//"$B > $Z"/|no step 'Z'
		0,/expression: A/s//expression: X/|no step 'X'
		0,/condition: C/s//condition: D/|condition 'D' is no step
		s/(anelId_*: "?)4\b/\199/|no panel 99
		0,/datasourceUid: influxdb-energy/s//datasourceUid: influx/|unknown data source 'influx'
		0,/[{]type: gt/s//{type: gte/|must be equal to one of
		0,/summary: "/s//summary: "$$/|$$ in an annotation
		0,/severity: warning/s//severity: $S/|/severity must be
		0,/uid: energyguard-silent/s//uid: energyguard-limit/|two rules of one uid
	END
	((faults == 16))
	sed '/deleteContactPoints/,$d' grafana/alerting/contact-webhook.yaml >"$BATS_TEST_TMPDIR/webhook.yaml"
	run check_alerts "$BATS_TEST_TMPDIR/webhook.yaml"
	all_found <<-'END'
		energyguard-mail stays as it was
		the policy stays as it was
	END
	sed 's/^    folder:.*/&\n    folderUid: own/' grafana/provisioning/dashboards/energyguard.yaml >"$BATS_TEST_TMPDIR/provider.yaml"
	PROVIDERS=$BATS_TEST_TMPDIR/provider.yaml run check_alerts grafana/alerting/rules.yaml
	all_found <<<"two folders named 'EnergyGuard'"
	sed '0,/receiver: energyguard/s//receiver: nobody/' grafana/alerting/contact-mail.yaml >"$BATS_TEST_TMPDIR/mail.yaml"
	run check_alerts "$BATS_TEST_TMPDIR/mail.yaml"
	all_found <<<"no contact point 'nobody'"
}

# --- the manual -----------------------------------------------------------------

@test "the manual page fits a terminal of 80 columns, and names the versions that compose runs" {
	local image
	MANWIDTH=80 run --separate-stderr man -l man/eg-stack.7
	[[ $status -eq 0 && -z $stderr ]]
	# A table whose columns are too narrow has a word a line.
	run grep -n -e '-column' man/eg-stack.7
	[[ $status -eq 1 ]]
	while read -r image; do
		image=${image#*:}
		grep -q "[ :]${image%%-*}" man/eg-stack.7 || { echo "the page does not name $image"; return 1; }
	done < <(sed -n 's/^ *image: \(.*:.*\)$/\1/p' compose/docker-compose.yml compose/cluster.yml | sort -u)
}
