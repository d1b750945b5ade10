#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# eg-replicate to three stores with a quorum of two, against three stores fed by tee; what a
# node that was away catches up with, what a repair moves, and two equal stores compared.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-replicate.sh BUILD}")
export PATH=$bin:$PATH
readonly RECORDS=200000 RUNS=5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd -- "$work"

# records NUMBER
records() { eg-sim --sensors 1000 --rounds $(($1 / 1000)) --start 2026-01-01T00:00:00 --step 1m; }

now() { echo "${EPOCHREALTIME/[.,]/}"; }
median() { sort -n | sed -n "$((RUNS / 2 + 1))p"; }
rate() { echo $((RECORDS * 1000000 / $1)); } # MICROSECONDS

cluster() { # QUORUM
	printf '%s\n' 'strategy full' "quorum $1" >c.conf
	printf 'node %s sh node %s eg-store %s.db\n' a a a b b b c c c >>c.conf
}
# shellcheck disable=SC2016  # for the script
printf '%s\n' '[ ! -e "$1.down" ] || exit 75' shift 'exec "$@"' >node
fresh() { rm -rf ./*.db* c.conf.state ./*.down; }
full() { [[ $(eg-store "$1.db" stat | awk '/^records/ { print $2 }') -eq $RECORDS ]]; }

with_tee() {
	local begin
	fresh
	begin=$(now)
	tee >(eg-store a.db >a.out; : >a.done) >(eg-store b.db >b.out; : >b.done) <in |
		eg-store c.db >c.out
	until [[ -e a.done && -e b.done ]]; do sleep 0.005; done
	rate $(($(now) - begin))
	rm a.done b.done
	full a && full b && full c
}

with_replicate() {
	local begin
	fresh
	cluster 2
	begin=$(now)
	eg-replicate c.conf <in >out
	rate $(($(now) - begin))
	cmp in out && full a && full b && full c
}

catch_up() {
	local begin
	fresh
	cluster 2
	: >c.down
	eg-replicate c.conf <in >out 2>/dev/null
	rm c.down
	begin=$(now)
	eg-replicate c.conf </dev/null
	rate $(($(now) - begin))
	full c
}

repair() { # of a node that has lost everything
	local begin
	rm -f c.db*
	begin=$(now)
	eg-replicate c.conf repair >/dev/null
	rate $(($(now) - begin))
	full c
}

compare() { # in milliseconds
	local begin
	begin=$(now)
	eg-replicate c.conf repair >/dev/null
	echo $((($(now) - begin) / 1000))
}

records $RECORDS >in
for ((run = 0; run < RUNS; run++)); do
	with_tee >>by_tee
	with_replicate >>replicate
	catch_up >>catch_up
	repair >>repair
done
fresh
records 1000000 | eg-store a.db >/dev/null
eg-store a.db backup b.db
eg-store a.db backup c.db
compare >/dev/null
for ((run = 0; run < RUNS; run++)); do compare >>compare; done
awk -v tee="$(median <by_tee)" -v replicate="$(median <replicate)" -v catch_up="$(median <catch_up)" \
	-v repair="$(median <repair)" -v compare="$(median <compare)" 'BEGIN {
	printf "tee, three eg-stores             %8d records/s\n", tee
	printf "eg-replicate, quorum 2 of 3      %8d records/s: %.2f of it (goal 0.8)\n", replicate, replicate / tee
	printf "catching up from hints           %8d records/s\n", catch_up
	printf "repair of an empty node          %8d records/s\n", repair
	printf "three equal stores of a million  %8d ms to compare (goal: well below 1000)\n", compare
	printf "row\teg-replicate, quorum 2 of 3\t%d records/s\ttee, 3 eg-store\t%.2f\t0.8\n", replicate, replicate / tee
	printf "row\tcompare stores of a million\t%d ms\t\t\t1000 ms\n", compare
}'
