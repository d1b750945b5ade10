#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# TLS: who is trusted, and that a refusal says which fault it is.
# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0
load ../wait

setup_file() {
	PATH="$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}"):$BATS_TEST_DIRNAME/../tools:$PATH"
	export PATH
	cd "$BATS_FILE_TMPDIR" || return 1
	authority ca
	authority stranger
	certificate good ca localhost 30
	certificate wrong ca other.example 30
	certificate expired ca localhost -1
	certificate unknown stranger localhost 30
	# What a machine may allow for its other programs.
	printf '%s\n' 'openssl_conf = a' '[a]' 'ssl_conf = b' '[b]' 'system_default = c' '[c]' \
		'MinProtocol = TLSv1' 'CipherString = ALL:@SECLEVEL=0' >weak.cnf
}

authority() { # NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
		-subj "/CN=the authority $1" -addext keyUsage=critical,keyCertSign \
		-keyout "$1.key" -out "$1.pem" 2>/dev/null
}

certificate() { # NAME AUTHORITY HOST DAYS
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$1.key" -out "$1.csr" 2>/dev/null
	openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "$4" \
		-out "$1.pem" -extfile <(printf '%s\n' "subjectAltName=DNS:$3") 2>/dev/null
}

setup() {
	unset AMQP_URL INFLUX_HOST INFLUX_TOKEN INFLUX_TOKEN_FILE INFLUX_PASSWORD \
		SSL_CERT_FILE SSL_CERT_DIR OPENSSL_CONF http_proxy https_proxy all_proxy ALL_PROXY
	cd "$BATS_FILE_TMPDIR" || return 1
	CA=(--cacert ca.pem)
	PIDS=()
}

teardown() {
	((${#PIDS[@]} == 0)) || kill "${PIDS[@]}" 2>/dev/null || true
}

serve() { # CERTIFICATE OPTIONS...: a server that speaks TLS, on $PORT
	# The last one's would tell its port.
	rm -f served
	openssl s_server -www -accept 127.0.0.1:0 -cert "$1.pem" -key "$1.key" "${@:2}" >served 2>&1 3>&- &
	PIDS+=($!)
	wait_until grep -qs ^ACCEPT served
	PORT=$(sed -n 's/^ACCEPT .*://p' served)
}

tried() { # EXPECTED-TEXT PROGRAM: status 78, no receipt, and a line that says why
	local options=(eg-influx --url "https://localhost:$PORT")
	[[ $2 == eg-influx ]] || options=("$2" --url "amqps://localhost:$PORT")
	run --separate-stderr timeout 30 "${options[@]}" "${CA[@]}" --timeout 20s <<<a:2026-01-01T00:00:00:1
	echo "$2: $status: $stderr"
	[[ $status -eq 78 && -z $output && $stderr == *"$1"* && ${#stderr_lines[@]} -eq 1 ]]
}

refused() { # TEXT-OF-AMQP TEXT-OF-INFLUX
	tried "$1" eg-publish
	tried "$1" eg-consume
	tried "$2" eg-influx
}

@test "a certificate for another host is refused, by name" {
	serve wrong
	refused 'hostname mismatch' "no alternative certificate subject name matches target host name 'localhost'"
}

@test "an expired certificate is refused, as such" {
	serve expired
	refused 'certificate has expired' 'certificate has expired'
}

@test "a certificate of an unknown authority is refused, as such" {
	serve unknown
	refused 'unable to get local issuer certificate' 'unable to get local issuer certificate'
}

@test "a server that wants a client certificate is told of, with either version of TLS" {
	serve good -Verify 1 -verify_return_error -CAfile ca.pem -tls1_2
	refused 'wants a client certificate' 'wants a client certificate'
	serve good -Verify 1 -verify_return_error -CAfile ca.pem -tls1_3
	refused 'wants a client certificate' 'wants a client certificate'
}

@test "TLS 1.1 is refused, also where the machine allows it" {
	export OPENSSL_CONF=weak.cnf
	serve good -tls1_1 -cipher ALL:@SECLEVEL=0
	# The client of OpenSSL shows that the machine does allow it.
	openssl s_client -connect "127.0.0.1:$PORT" -tls1_1 </dev/null 2>&1 | grep -q 'Protocol *: TLSv1.1'
	refused 'no TLS of version 1.2 or later' 'no TLS of version 1.2 or later'
}

@test "a port without TLS is told of" {
	mkdir -p plain
	faulty-http plain 3>&- &
	PIDS+=($!)
	wait_until test -e plain/port
	PORT=$(<plain/port)
	tried 'no TLS is spoken at this port' eg-influx
}

@test "without --cacert the system's store is asked" {
	CA=()
	serve good
	refused 'unable to get local issuer certificate' 'unable to get local issuer certificate'
	# OpenSSL's own store is where this says; behind the good handshake nobody is there.
	behind_tls 1
	SSL_CERT_FILE=ca.pem run --separate-stderr eg-publish --url "amqps://localhost:$PORT" --timeout 1s \
		<<<a:2026-01-01T00:00:00:1
	[[ $status -eq 75 && $stderr != *certificate* ]]
	unshare -m true 2>/dev/null || {
		echo '# WARNING: no mount namespaces here: the store of eg-influx NOT tested' >&3
		skip 'needs a mount namespace'
	}
	mkdir -p store stored
	cp ca.pem store/ca-certificates.crt
	faulty-http stored 3>&- &
	PIDS+=($!)
	wait_until test -e stored/port
	behind_tls "$(<stored/port)"
	# shellcheck disable=SC2016 # the inner shell expands
	run --separate-stderr unshare -m bash -c 'mount --bind store /etc/ssl/certs && exec eg-influx "$@"' - \
		--url "https://localhost:$PORT" <<<a:2026-01-01T00:00:00:1
	[[ $status -eq 0 && $output == a:2026-01-01T00:00:00:1 ]]
}

behind_tls() { # PORT of a server: $PORT speaks TLS before it
	rm -rf net commands
	mkdir net
	mkfifo commands
	bad-network --tls good.pem good.key net "door=127.0.0.1:$1" <commands 3>&- &
	PIDS+=($!)
	exec 7>commands
	wait_until test -e net/door
	PORT=$(<net/door)
}

@test "eg-influx writes over TLS to a server that it trusts" {
	mkdir -p trusted
	faulty-http trusted 3>&- &
	PIDS+=($!)
	wait_until test -e trusted/port
	behind_tls "$(<trusted/port)"
	eg-sim --start 2026-01-01T00:00:00 --step 1s --rounds 200 >in
	run --separate-stderr bash -c 'exec eg-influx "$@" <in >out' - --url "https://localhost:$PORT" "${CA[@]}"
	[[ $status -eq 0 && -z $stderr ]]
	cmp in out
	[ "$(wc -l <trusted/stored)" -eq 3000 ]
}
