#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The files for Kubernetes as far as they can be seen without a cluster: their fields, what they
# refer to, and the commands in them.
# shellcheck disable=SC2154,SC2016 # bats sets output and status; the inner shell expands
bats_require_minimum_version 1.5.0

FILES=compose/kubernetes

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	BIN=$(realpath "${EG_BIN:-build}")
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

container() { # NAME: into ARGS
	mapfile -t ARGS < <(check --containers $FILES/*.yaml | jq -r "select(.name == \"$1\") | .args[]")
}
