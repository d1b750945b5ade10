#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The drill from sensors to database, with servers and programs killed on the way.

bats_require_minimum_version 1.5.0
load ../wait

setup_file() {
	export PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	export EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	eg-lab --no-victoria up >&2
	eval "$(eg-lab env)"
	# Rounds, and the seed of their schedules: a bad round can be run again alone.
	export ROUNDS=${EG_DRILL_ROUNDS:-8} SEED=${EG_DRILL_SEED:-1}
	# A queue each: what was sent twice may still be in it when all is stored, and would
	# come into the next round. Made now, since the broker is killed soon.
	local seed
	for ((seed = SEED; seed < SEED + ROUNDS; seed++)); do
		eg-publish --declare -q "round$seed"
	done
}

teardown_file() {
	eg-lab down >&2
}

teardown() {
	[[ -z ${keeper-} ]] || kill "$keeper" 2>/dev/null || true
	[[ -z ${keeper-} ]] || wait "$keeper" 2>/dev/null || true
	pkill -KILL -f "^eg-consume .*$BATS_TEST_TMPDIR" || true
}

influx() {
	curl -fsS "$EG_LAB_INFLUX/query" --data-urlencode "q=$1" --data-urlencode db="$db" \
		--data-urlencode epoch=ns -H 'Accept: application/csv'
}

# What the database holds, `sensor,nanoseconds,value` with values as numbers.
stored() {
	influx 'SELECT value FROM energy GROUP BY sensor' |
		awk -F, '$1 == "energy" { sub("sensor=", "", $2); print $2 "," $3 "," $4 + 0 }' | sort
}

# The same of records.
records() {
	TZ=UTC awk '{
		sensor = $0; sub(/:.*/, "", sensor)
		value = $0; sub(/.*:/, "", value)
		time = substr($0, length(sensor) + 2, length($0) - length(sensor) - length(value) - 2)
		fraction = time; if (!sub(/^[^.]*\./, "", fraction)) fraction = ""
		gsub(/[-T:]/, " ", time); sub(/\..*/, "", time)
		printf "%s,%s%s,%s\n", sensor, mktime(time), substr(fraction "000000000", 1, 9), value + 0
	}' "$1" | sort
}

all_stored() {
	[[ $(influx 'SELECT count(value) FROM energy' | awk -F, 'END { print $4 + 0 }') -ge $1 ]]
}

# Runs eg-consume again whenever it is killed, as an init would.
keep_consuming() {
	trap 'kill "$child" 2>/dev/null; wait "$child"; exit' TERM
	while :; do
		eg-consume -q "$db" --metrics "$BATS_TEST_TMPDIR/metrics" -- \
			eg-influx --url "$EG_LAB_INFLUX" --db "$db" 2>>"$BATS_TEST_TMPDIR/err" &
		child=$!
		wait "$child" || true
	done
}

strike() {
	case $1 in
	consumer) pkill -KILL -f "^eg-consume .*$BATS_TEST_TMPDIR" ;;
	child) pkill -KILL -f "^eg-influx .*--db $db\$" ;;
	broker) eg-lab kill rabbitmq >&2 && eg-lab start rabbitmq >&2 ;;
	esac
}

# One round: a flow of readings, three blows at moments and of kinds that the seed gives.
round() {
	local seed=$1 kinds=(consumer child broker) kind
	RANDOM=$seed
	db=round$seed
	influx "CREATE DATABASE $db" >/dev/null
	keep_consuming &
	keeper=$!
	eg-sim --sensors 15 --seed "$seed" --rate 1000 --rounds 200 --precise |
		eg-publish -q "$db" >"$BATS_TEST_TMPDIR/receipts.$seed" 2>>"$BATS_TEST_TMPDIR/err" &
	local flow=$!
	for _ in 1 2 3; do
		sleep "0.$((RANDOM % 900 + 100))"
		kind=${kinds[RANDOM % 3]}
		strikes[$kind]=$((${strikes[$kind]-0} + 1))
		if strike "$kind"; then hits[$kind]=$((${hits[$kind]-0} + 1)); fi
	done
	await 60 eval "! kill -0 $flow 2>/dev/null" || return 1
	wait "$flow" || return 1
	await 60 all_stored 3000 || true
	kill "$keeper"
	wait "$keeper" 2>/dev/null || true
	keeper=
	diff <(records "$BATS_TEST_TMPDIR/receipts.$seed") <(stored) >"$BATS_TEST_TMPDIR/diff.$seed" &&
		[[ $(wc -l <"$BATS_TEST_TMPDIR/receipts.$seed") -eq 3000 ]]
}

@test "after kills of consumer, child and broker the database holds exactly what was receipted" {
	local seed kind bad=()
	declare -A strikes=() hits=()
	for ((seed = SEED; seed < SEED + ROUNDS; seed++)); do
		round "$seed" || bad+=("$seed")
	done
	tail -n 5 "$BATS_TEST_TMPDIR/err"
	for seed in "${bad[@]}"; do head -n 5 "$BATS_TEST_TMPDIR/diff.$seed" || true; done
	echo "bad rounds: ${bad[*]-none}"
	((${#bad[@]} == 0))
	# A blow now and then meets nobody; not each of a kind.
	for kind in "${!strikes[@]}"; do ((strikes[$kind] < 4 || hits[$kind] > 0)); done
}
