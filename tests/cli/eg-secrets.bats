#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The secrets of the stack: made once, kept, completed; in no message.
# shellcheck disable=SC2154,SC2164 # bats sets stderr; cd fails the test
bats_require_minimum_version 1.5.0

setup() {
	PATH="$BATS_TEST_DIRNAME/../../scripts:$PATH"
	cd "$BATS_TEST_TMPDIR"
}

secret() { sed -n "s/^$1=//p" .env; }

@test "a first run makes random secrets, for the owner alone, and files with the same" {
	run --separate-stderr eg-secrets --dir .
	[[ $status -eq 0 && -z $output && $stderr == *"wrote './.env'" ]]
	[[ $(stat -c %a .env secrets) == $'600\n700' && $(stat -c %a secrets/* | sort -u) == 444 ]]
	for name in RABBITMQ_PASSWORD RABBITMQ_COOKIE INFLUX_PASSWORD INFLUX_TOKEN GRAFANA_PASSWORD \
		SERVE_TOKEN; do
		[[ $(secret $name) =~ ^[0-9a-f]{40}$ ]]
	done
	[[ $(grep -E '(PASSWORD|TOKEN|COOKIE)=' .env | cut -d= -f2 | sort -u | wc -l) -eq 6 ]]
	[[ $(<secrets/influx-token) == "$(secret INFLUX_TOKEN)" && $(<secrets/influx-password) == "$(secret INFLUX_PASSWORD)" ]]
	[[ $(<secrets/grafana-password) == "$(secret GRAFANA_PASSWORD)" && $(<secrets/rabbitmq-password) == "$(secret RABBITMQ_PASSWORD)" ]]
	[[ $(<secrets/serve-tokens) == "stack $(secret SERVE_TOKEN)" ]]
	[[ $(<secrets/rabbitmq.conf) == $'default_user = energyguard\ndefault_pass = '"$(secret RABBITMQ_PASSWORD)" ]]
	mkdir other
	eg-secrets --dir other 2>/dev/null
	[[ $(grep INFLUX_TOKEN other/.env) != $(grep INFLUX_TOKEN .env) ]]
}

@test "a second run changes nothing, and --force makes new secrets but keeps the settings" {
	eg-secrets --dir . 2>/dev/null
	sed -i 's/^EG_PORT_GRAFANA=.*/EG_PORT_GRAFANA=3001/' .env
	echo 'OWN=thing' >>.env
	eg-secrets --dir . 2>/dev/null
	cp .env before
	run --separate-stderr eg-secrets --dir .
	[[ $status -eq 0 && -z $output && -z $stderr ]]
	cmp .env before
	eg-secrets --dir . --force 2>/dev/null
	[[ $(secret EG_PORT_GRAFANA) == 3001 && $(secret OWN) == thing ]]
	[[ $(secret INFLUX_TOKEN) != "$(sed -n 's/^INFLUX_TOKEN=//p' before)" ]]
	[[ $(<secrets/influx-token) == "$(secret INFLUX_TOKEN)" ]]
}

@test "what is missing is completed, from the secrets that are there" {
	printf 'INFLUX_TOKEN=chosen-by-myself\n' >.env
	chmod 644 .env
	eg-secrets --dir . 2>/dev/null
	[[ $(secret INFLUX_TOKEN) == chosen-by-myself && $(stat -c %a .env) == 600 ]]
	[[ $(secret GRAFANA_PASSWORD) =~ ^[0-9a-f]{40}$ && $(secret EG_BIND) == 127.0.0.1 ]]
	rm -r secrets
	run --separate-stderr eg-secrets --dir .
	[[ $status -eq 0 && -z $stderr && $(<secrets/influx-token) == chosen-by-myself ]]
}

@test "a file that is wrong is refused with its line and without its secrets, and is not touched" {
	local text
	for text in 'not a setting' 'INFLUX_TOKEN="quoted-in-vain"' 'INFLUX_TOKEN=with space' "INFLUX_TOKEN=\$dollar12"; do
		printf '# first\n%s\n' "$text" >.env
		run --separate-stderr eg-secrets --dir .
		[[ $status -eq 78 && $stderr == *"line 2"* && $stderr != *"${text#*=}"* && ! -e secrets ]]
		[[ $(sed -n 2p .env) == "$text" ]]
	done
	echo 'GRAFANA_PASSWORD=short' >.env
	run --separate-stderr eg-secrets --dir .
	[[ $status -eq 78 && $stderr == *GRAFANA_PASSWORD* && $stderr != *short* ]]
	printf 'INFLUX_TOKEN=abcdefgh' >.env
	run eg-secrets --dir .
	[[ $status -eq 0 && $(<secrets/influx-token) == abcdefgh ]]
}

@test "a setting with which Grafana does not start is refused, and an earlier default of that kind replaced" {
	local line
	printf 'EG_SMTP_FROM=energyguard@localhost\n' >.env
	eg-secrets --dir . 2>/dev/null
	[[ $(secret EG_SMTP_FROM) == energyguard@grafana.localhost ]]
	for line in EG_SMTP_FROM=grafana@host EG_ALERT_CONTACT=pigeon EG_ALERT_CONTACT=webhook \
		EG_ALERT_CONTACT=mail \
		EG_SMTP_ENABLED=yes EG_GRAFANA_URL=localhost:3000 EG_LIMIT=3.3kW \
		EG_TIME_ZONE=Rome EG_TARIFF=cheap EG_PRICE2=0,30 EG_PRICE1=1; do
		echo "$line" >.env
		run --separate-stderr eg-secrets --dir .
		[[ $status -eq 78 && $stderr == *EG_* && $(<.env) == "$line" ]] || { echo "$line: $stderr"; return 1; }
	done
	printf 'EG_ALERT_CONTACT=mail\nEG_ALERT_MAIL=a@b.example,c@localhost\nEG_SMTP_HOST=mail:25\nEG_SMTP_ENABLED=true\n' >.env
	run --separate-stderr eg-secrets --dir .
	[[ $status -eq 78 && $stderr == *EG_ALERT_MAIL* ]]
	sed -i 's/c@localhost/c@d.example/' .env
	run --separate-stderr eg-secrets --dir .
	[[ $status -eq 0 ]]
}

@test "the address in alerts follows Grafana's port, until it is set to another one" {
	eg-secrets --dir . 2>/dev/null
	[[ $(secret EG_GRAFANA_URL) == http://localhost:3000/ ]]
	sed -i 's/^EG_PORT_GRAFANA=.*/EG_PORT_GRAFANA=3001/' .env
	eg-secrets --dir . 2>/dev/null
	[[ $(secret EG_GRAFANA_URL) == http://localhost:3001/ ]]
	sed -i 's|^EG_GRAFANA_URL=.*|EG_GRAFANA_URL=https://energy.example/|' .env
	eg-secrets --dir . 2>/dev/null
	[[ $(secret EG_GRAFANA_URL) == https://energy.example/ ]]
}

@test "a folder that is not there, and one that cannot be written, are told apart" {
	run --separate-stderr eg-secrets --dir nowhere
	[[ $status -eq 78 && $stderr == *"'nowhere'"* ]]
	mkdir .env
	run --separate-stderr eg-secrets --dir .
	[[ $status -eq 74 && $stderr == *".env'"* ]]
	rmdir .env
	: >secrets
	run --separate-stderr eg-secrets --dir .
	[[ $status -eq 74 && ! -e .env ]]
	run --separate-stderr eg-secrets --dir
	[[ $status -eq 64 ]]
	run --separate-stderr eg-secrets here
	[[ $status -eq 64 ]]
}
