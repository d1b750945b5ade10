#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The files for Kubernetes as far as they can be seen without a cluster: their fields, what they
# refer to, the commands in them, and what they rely on: the programs run as any user, without
# capabilities, on a root that is read-only, answer the probes and end in time.
# shellcheck disable=SC2154,SC2016 # bats sets output and status; the inner shell expands
bats_require_minimum_version 1.5.0

FILES=compose/kubernetes

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	BIN=$(realpath "${EG_BIN:-build}")
	PID=
	load ../wait
}

teardown() {
	[[ -z $PID ]] || { kill -KILL "$PID" && wait "$PID"; } 2>/dev/null || true
}

check() { /usr/bin/python3 tests/stack/check-kubernetes.py "$@"; }

@test "the fields are those of the API, and what a file refers to is there" {
	run check $FILES/*.yaml
	[[ $status -eq 0 && -z $output ]] || { echo "$output"; return 1; }
}

@test "each fault that is planted is found" {
	local edit text
	while IFS='|' read -r edit text; do
		rm -rf "$BATS_TEST_TMPDIR/faulty"
		cp -r $FILES "$BATS_TEST_TMPDIR/faulty"
		sed -i -E "$edit" "$BATS_TEST_TMPDIR"/faulty/*.yaml
		! diff -r $FILES "$BATS_TEST_TMPDIR/faulty" >"$BATS_TEST_TMPDIR/diff" || { echo "$edit changes nothing"; return 1; }
		run check "$BATS_TEST_TMPDIR"/faulty/*.yaml
		[[ $status -eq 1 && $output == *"$text"* ]] || { echo "$edit: $output"; return 1; }
	done <<-'END'
		s/readOnlyRootFilesystem: true/readOnlyRootFilesystem: false/|readOnlyRootFilesystem: False is not one of
		s/readOnlyRootFilesystem/readonlyRootFilesystem/|no such field
		/automountServiceAccountToken/d|automountServiceAccountToken: is missing
		s/runAsNonRoot: true/runAsUser: 0/|runAsNonRoot: is missing
		s/drop: \[ALL\]/drop: [NET_RAW]/|is not one of ['ALL']
		s/(terminationGracePeriodSeconds:).*/\1 20/|killed after 20 s, and --grace is 20 s
		s/containerPort: 9100/containerPort: 9101/|listens at 0.0.0.0:9100, not at its port 9101
		s/path: .health, port: metrics/path: \/health, port: web/|a probe's port web
		s/secretName: influxdb-consumer/secret: influxdb-consumer/|secretName: is missing
		s/\{name: influxdb, mountPath/{name: influx, mountPath/|no volume influx
		s/INFLUX_BUCKET/INFLUX_TOKEN/|INFLUX_TOKEN is in the environment
		s/name: RABBITMQ_USER/name: BROKER_USER/|AMQP_URL uses RABBITMQ_USER
		s/replicas: 3/replicas: 2/|replicas: 2 is not one of [3]
		s/value: "1000"/value: 1000/|value: 1000 has the wrong type
		s/minReplicaCount: 1/minReplicaCount: 9/|not in order
		s/^(  scaleTargetRef:)$/\1 {name: nobody}\n  pollingInterval:/|no such field
		s/rabbitmq\.energyguard\.svc/broker.energyguard.svc/|no broker at amqp://broker.
		s/- port: metrics/- port: web/|PodMonitor: no port web
		s/matchLabels: \{app.kubernetes.io.name: consumer\}/matchLabels: {app: consumer}/|selects no pod
		s/^kind: PodMonitor/kind: PodMonitors/|unknown
	END
}

@test "the images are those of compose" {
	run -0 bash -c "sed -n 's/^ *image: //p' $FILES/*.yaml | sort -u"
	local image
	for image in $output; do
		grep -q "^  *image: $image\$" compose/docker-compose.yml || { echo "compose has no $image"; return 1; }
	done
	# The user is a number: by a name Kubernetes cannot see that it is not root.
	grep -qx 'USER [1-9][0-9]*' compose/Dockerfile
}

# A container's command, and the one behind its --, are programs with these options.
@test "each command in them is a program, and has the options" {
	local args word program
	while IFS= read -r args; do
		program=
		while IFS= read -r word; do
			if [[ -z $program ]]; then
				program=$word
				"$BIN/$program" --help >"$BATS_TEST_TMPDIR/help"
			elif [[ $word == -- ]]; then
				program=
			elif [[ $word == --* ]]; then
				grep -q -e " $word\( \|\$\)" "$BATS_TEST_TMPDIR/help" || { echo "$program has no $word"; return 1; }
			fi
		done < <(jq -r '.[]' <<<"$args")
	done < <(check --containers $FILES/*.yaml | jq -c .args)
	# The programs take the values of the options, too: nobody is at the address.
	container queue
	AMQP_URL=amqp://127.0.0.1:9 run -75 timeout 20 "$BIN/eg-publish" "${ARGS[@]:1:3}" --timeout 1s
}

container() { # NAME: into CONTAINER, ARGS and GRACE
	CONTAINER=$(check --containers $FILES/*.yaml | jq -c "select(.name == \"$1\")")
	mapfile -t ARGS < <(jq -r '.args[]' <<<"$CONTAINER")
	GRACE=$(jq .grace <<<"$CONTAINER")
}

# As the pod runs it, with mounts and a network of its own: the programs are in /usr/local/bin,
# all is read-only but the volume, and the user is none that the system knows.
locked() { # COMMAND...
	exec unshare --mount --net bash -c '
		set -e
		mount --make-rprivate /
		mount --bind "$1" /usr/local/bin
		mount -t tmpfs none /run
		mkdir -p /run/secrets/{rabbitmq,influxdb}
		echo secret | tee /run/secrets/rabbitmq/password >/run/secrets/influxdb/token
		chmod -R a+rX /run/secrets
		cd /
		while read -r _ at _; do
			mount -o remount,bind,ro "$at" 2>/dev/null || true
		done < <(tac /proc/mounts)
		mount -t tmpfs -o mode=0777 none /var/lib
		ip link set lo up
		shift
		exec env -i PATH=/usr/local/bin:/usr/bin:/bin AMQP_URL=amqp://user@127.0.0.1:9 \
			INFLUX_HOST=http://127.0.0.1:9 \
			setpriv --reuid=23456 --regid=23456 --clear-groups --no-new-privs --inh-caps=-all \
			--bounding-set=-all "$@"
	' - "$BIN" "$@"
}

need_locked() {
	((EUID == 0)) && unshare --mount --net true 2>/dev/null || {
		echo '# WARNING: no mount and network namespaces here: a read-only root and another user NOT tested' >&3
		skip 'needs root and namespaces'
	}
	# It is as locked as it says.
	run -0 --separate-stderr bash -c "BIN=$BIN; $(declare -f locked); locked sh -c '
		id -u; sed -n s/^CapEff:.//p /proc/self/status
		for at in / /usr /tmp /run /var/tmp; do ! touch \$at/x || echo \$at can be written; done'"
	[[ $output == $'23456\n0000000000000000' ]] || { echo "$output"; return 1; }
}

answers() { # PATH STATUS [COMMAND...]: asked by way of the command
	local status
	status=$("${@:3}" curl -s -m 20 -o "$BATS_TEST_TMPDIR/body" -w '%{http_code}' "$URL$1")
	[[ $status == "$2" ]]
}

listens() {
	URL=$(sed -n 's/.* counters are at \(http:.*\)$/\1/p' "$BATS_TEST_TMPDIR/err")
	[[ -n $URL ]]
}

@test "the paths of the probes are answered, and no others" {
	container consumer
	"$BIN/eg-consume" -v --listen 0 --url amqp://127.0.0.1:9 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	PID=$!
	wait_until listens
	local path
	while IFS= read -r path; do
		wait_until answers "$path" 200
		answers "${path}s" 404
	done < <(jq -r '.paths[]' <<<"$CONTAINER")
}

@test "any user on a read-only root: the probes are answered, and SIGTERM ends it in time" {
	need_locked
	container consumer
	(locked "${ARGS[@]}") >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	PID=$!
	local path URL=http://127.0.0.1:9100 inside=(nsenter --target "$PID" --net)
	while IFS= read -r path; do
		wait_until answers "$path" 200 "${inside[@]}"
	done < <(jq -r '.paths[]' <<<"$CONTAINER")
	answers /metrics 200 "${inside[@]}"
	grep -q '^energyguard_alive{program="eg-consume"} 1$' "$BATS_TEST_TMPDIR/body"
	# It waits for a broker, and runs as the user.
	wait_until grep -q 127.0.0.1 "$BATS_TEST_TMPDIR/err"
	[[ $(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' "/proc/$PID/status") == 23456 ]]
	kill -TERM "$PID"
	await "$GRACE" gone "$PID"
	! grep -iE 'read-only|permission' "$BATS_TEST_TMPDIR/err"
}

@test "the database is away and a record waits: the command behind -- ends within --grace" {
	need_locked
	mkfifo "$BATS_TEST_TMPDIR/in"
	(locked eg-influx --grace 1s --token-file /run/secrets/influxdb/token) \
		<"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	PID=$!
	exec 7>"$BATS_TEST_TMPDIR/in"
	echo a:2026-11-23T14:18:36:1 >&7
	wait_until grep -q 127.0.0.1 "$BATS_TEST_TMPDIR/err"
	kill -TERM "$PID"
	wait_until gone "$PID"
	exec 7>&-
	local status=0
	wait "$PID" || status=$?
	PID=
	[[ $status -eq 75 && ! -s $BATS_TEST_TMPDIR/out ]]
}
