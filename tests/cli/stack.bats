#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The stack as far as it can be seen without Docker, InfluxDB 2 and Grafana: its files are
# what those take, and each check finds a fault that is planted.
# shellcheck disable=SC2154,SC2164,SC2016 # bats sets stderr; cd fails the test; sed and jq expand

bats_require_minimum_version 1.5.0
load stack

config() { # FILE...
	(cd "$TREE/compose" && EG_METERS=$TREE/compose/meters docker-compose "${@/#/--file=}" config)
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
	local command stubs=$BATS_TEST_TMPDIR/stubs file hour tomorrow
	hour=$(date -u -d '-70 min' +%FT%H) tomorrow=$(date -u -d '1 day' +%FT%H)
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
	printf 'car:%s:3000\n' "$hour:30:00" "$hour:40:00" >"$BATS_TEST_TMPDIR/in"
	script consumer <"$BATS_TEST_TMPDIR/in" | diff "$BATS_TEST_TMPDIR/in" -
	[[ $(tail -n 1 "$stubs/calls") == "--token-file /tokens/consumer --meters $TREE/compose/meters" ]]
	run script insight
	[[ $(tail -n 1 "$stubs/calls") == "sleep 3600" ]] || { echo "$output"; cat "$stubs/calls"; return 1; }
	grep -q '^car_kwh:.*:0.5$' "$stubs/written"
	grep -q '^car_cost:' "$stubs/written"
	# Bands have prices, too; prices of their own are known before there is energy.
	grep -q "^price:$hour:30:00:" "$stubs/written"
	printf 'price all dynamic + 0.1\n' >"$BATS_TEST_TMPDIR/tariff"
	printf 'nl:%s:0.2\n' "$(date -u -d '-2 days' +%FT%T)" "$tomorrow:15:00" >"$BATS_TEST_TMPDIR/prices"
	run script insight
	grep -q "^price:$tomorrow:15:00:0.3$" "$stubs/written" || { cat "$stubs/written"; return 1; }
	grep -q -- '--bucket insight --measurement insight --token-file /tokens/insight' "$stubs/calls"
}

@test "what compose must not do is found" {
	config docker-compose.yml | sed -e 's/127.0.0.1:3000/0.0.0.0:3000/' -e '/^ *mem_limit: 2g$/d' \
		-e 's/image: influxdb:2.7.12/image: influxdb:2.7/' -e 's/rules.yaml:/rulez.yaml:/' \
		-e 's/\(GF_SMTP_FROM_ADDRESS: \).*/\1energyguard@localhost/' -e '/GF_PLUGINS_PREINSTALL_DISABLED/d' \
		-e 's/\(GF_SERVER_ROOT_URL: \).*/\1localhost/' -e '/USE_BROWSER_LOCALE/d' -e '/REPORTING_DISABLED/d' \
		-e '0,/^ *read_only: true$/{/^ *read_only/d}' -e '/restart: unless-stopped/d' -e '/^  setup:/,/^  sim:/s/influxdb:$/rabbitmq:/' >"$BATS_TEST_TMPDIR/config"
	run tests/stack/service --facts <"$BATS_TEST_TMPDIR/config"
	status=1 all_found <<-END
		grafana listens everywhere
		influxdb has no memory limit
		setup runs an image of no exact version
		consumer may write to its image, or gain privileges
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
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True)
time.sleep(300)' >"$BATS_TEST_TMPDIR/port" &
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
	[[ $(grep -c '^FROM ${BASE}' $file) -eq 2 && $(grep -c '^FROM' $file) -eq 2 ]]
	grep -qx 'ARG BASE=debian:${DEBIAN}-slim' $file
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
