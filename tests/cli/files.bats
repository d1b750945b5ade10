#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Files that a program replaces: a device, a FIFO, a link stay what they are.

# shellcheck disable=SC2030,SC2031,SC2154  # bats: subshells, and what run sets
bats_require_minimum_version 1.5.0

setup() {
	load ../wait
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work" || return 1
	bin=$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}")
	PATH="$bin:$bin/tests:$PATH"
	good=a:2026-01-01T00:00:00:1
}

# A stage with these counters, a minute at most.
counted() { # FILE [REDIRECTIONS are the caller's]
	timeout 60 passthrough --metrics "$1" <<<"$good"
}

@test "counters for a device are written to it, and it stays a device" {
	# A null device of our own: the machine's is not risked.
	mknod null c 1 3 2>/dev/null && : 2>/dev/null >null || skip 'no device can be made here'
	counted null >out
	[[ -c null && $(<out) == "$good" && $(stat -c %t:%T null) == 1:3 ]]
	# The same through a link.
	ln -s null link
	counted link >out
	[[ -L link && -c null ]]
}

@test "counters for a FIFO go to its reader, and without one nothing waits" {
	mkfifo fifo
	counted fifo >out
	[[ -p fifo && $(<out) == "$good" ]]
	exec 8<>fifo
	counted fifo >out
	read -rt 60 line <&8
	exec 8>&-
	[[ -p fifo && $line == '# HELP energyguard_records_in_total '* ]]
}

@test "counters behind a link replace the file that it leads to, with its permissions" {
	mkdir folder
	echo '# HELP energyguard_old' >folder/file
	chmod 640 folder/file
	ln -s folder/file link
	counted link >out
	[[ -L link && $(stat -c %a folder/file) == 640 && $(ls folder) == file ]]
	grep -q '^energyguard_records_out_total{program="passthrough"} 1$' folder/file
	ln -s nowhere broken
	run --separate-stderr -74 counted broken
	[[ -L broken && ! -e nowhere && $stderr == *"cannot write 'broken': No such file or directory"* ]]
}

@test "counters for standard error are written there, for standard output refused" {
	# Links of our own: the machine's are not risked.
	ln -s /proc/self/fd/1 stdout
	ln -s /proc/self/fd/2 stderr
	counted stderr >out 2>err
	grep -q '^energyguard_records_out_total{program="passthrough"} 1$' err
	# The file is the one that was opened, with all that was written to it.
	[[ $(<out) == "$good" && $(grep -c 'HELP energyguard_records_in_total' err) -eq 2 ]]
	run --separate-stderr -64 counted stdout
	[[ -z $output && $stderr == *"'stdout' is standard output, where records go"* ]]
	status=0
	counted stdout >file || status=$?
	[[ $status -eq 64 && ! -s file && -L stdout && -L stderr ]]
}

@test "a new file has the permissions of the umask, and nothing stays beside it" {
	(umask 027 && counted new >out)
	[[ $(stat -c %a new) == 640 && $(find . -name 'new*' | wc -l) -eq 1 ]]
}

@test "an offset is kept in a regular file, or not at all" {
	mkfifo fifo
	for file in fifo .; do
		run --separate-stderr -78 timeout 60 eg-consume --url amqp://127.0.0.1:1 --timeout 300ms \
			--offset-file $file <<<1
		[[ $stderr == *"'$file' is not a regular file"* ]]
	done
	[[ -p fifo ]]
}

@test "a file that cannot be written is found before anything is read or done" {
	local file=none/file
	printf 'h * over 10\n' >rules
	printf 'a:2024-01-01T01:05:00:50\n' >in
	for command in '' '-- tee acted'; do
		# shellcheck disable=SC2086
		run --separate-stderr -74 timeout 60 eg-watch --state $file rules $command <in
		[[ -z $output && ! -e acted && $stderr == *"cannot write '$file': No such file or directory"* ]]
	done
	run --separate-stderr -74 timeout 60 eg-consume --url amqp://127.0.0.1:1 --timeout 300ms \
		--offset-file $file
	[[ $stderr == *"cannot write '$file': "* ]]
	for option in --metrics --rejects; do
		run --separate-stderr -74 timeout 60 passthrough $option $file <in
		[[ -z $output ]]
	done
	echo 00112233445566778899aabbccddeeff >key
	run --separate-stderr -74 timeout 60 eg-decode --meter-key key --counter-file $file dlms <in
	run --separate-stderr -74 timeout 60 eg-plot --output $file.png <in
	[[ -z $output && ! -e none ]]
}

@test "a file of counters replaces no other file, and refused lines go into no database" {
	echo notes >notes
	run --separate-stderr -64 counted notes
	[[ $(<notes) == notes && $stderr == *"'notes' holds no counters"* ]]
	: >empty
	counted empty >out
	counted empty >out
	[[ $(<out) == "$good" ]]
	eg-store a.db <<<"$good" >out
	cp a.db before
	run --separate-stderr -64 passthrough --rejects a.db <<<bad
	[[ $stderr == *"--rejects: 'a.db' is a database"* ]]
	cmp a.db before
}

# The command ends with 64 and says so, prints nothing, and leaves the files as they are.
refuses() { # TEXT COMMAND...
	local status=0
	timeout 60 "${@:2}" <in >out 2>err || status=$?
	[[ $status -eq 64 && ! -s out && $(<err) == *"$1"* ]] || { echo "${*:2}: $status"; cat err; return 1; }
	cat -- "${files[@]}" 2>/dev/null | cmp - before
	[[ -z ${new-} || ! -e $new ]]
}

# With each option that names a file that is written.
refuses_each() { # WHAT FILE COMMAND...: the options stand behind the program's name
	local option
	for option in --metrics --rejects; do
		[[ $option == --metrics ]] || "$3" --help | grep -q -- ' --rejects ' || continue
		refuses "$option and $1 name the same file, '$2'" "$3" $option "$2" "${@:4}"
	done
}

@test "no program writes refused lines or counters to a file that it uses otherwise" {
	echo "$good" >in
	printf 'strategy full\nquorum 1\nnode a eg-store n.db\n' >cluster
	printf 'rate a:*  limit 1\n' >rules
	printf 'time,value\n' >table.csv
	for f in token rules map urls tokens cert key secret meters; do echo "# $f" >"$f"; done
	ln cluster hard
	ln -s rules soft
	files=(cluster rules table.csv token map urls tokens cert key secret meters)
	cat "${files[@]}" >before
	# It does not exist yet: neither does it when that was refused.
	new=new.db
	refuses_each "the store" ./new.db eg-store new.db
	refuses_each "the store" new.db-wal eg-store new.db
	refuses_each "--store" new.db eg-serve --store ./new.db
	refuses_each "the store" new.db-wal eg-serve --store ./new.db
	refuses_each "the cluster" hard eg-replicate cluster
	refuses_each "the cluster" cluster.state/lock eg-replicate cluster
	[[ ! -e cluster.state ]]
	refuses_each "the rules" soft eg-watch rules
	refuses_each "the table" table.csv eg-tariff table.csv
	refuses_each "--price" token eg-tariff --price token table.csv
	refuses_each "the map" map eg-modbus map 127.0.0.1
	refuses_each "an input" table.csv eg-import csv --time time --value value table.csv
	refuses_each "an input" table.csv eg-plot table.csv
	refuses_each "--output" new.svg eg-plot --output ./new.svg
	# Options whose argument is FILE are found by it.
	refuses_each "--urls" urls eg-fetch --urls urls shelly1
	refuses_each "--token-file" token eg-influx --token-file token
	INFLUX_TOKEN_FILE=token refuses_each INFLUX_TOKEN_FILE token eg-influx
	refuses_each "--meters" meters eg-energy --meters meters
	refuses_each "--tokens" tokens eg-serve --tokens tokens
	refuses_each "--password-file" secret eg-publish --password-file secret
	refuses_each "--key" key eg-mqtt --key key topic
	refuses_each "--key" key eg-mqtt-publish --key key
	refuses_each "--meter-key" key eg-decode --meter-key key dlms
	refuses_each "--offset-file" token eg-consume --offset-file token
	refuses_each "--state" new.state eg-watch --state ./new.state rules
	# The other files that are written.
	refuses "--state: 'in' is standard input" eg-watch --state in rules
	refuses "--offset-file: 'in' is standard input" eg-consume --offset-file in
	refuses "--state and the rules name the same file" eg-watch --state rules rules
	refuses "--offset-file and --password-file name the same file" eg-consume --offset-file secret --password-file secret
	refuses "--output and an input name the same file" eg-plot --output new.svg new.svg
}

@test "each program with --rejects or --metrics has such a test" {
	for program in "$bin"/eg-*; do
		[[ -x $program ]] || continue
		"$program" --help | grep -qE -- ' --(rejects|metrics) ' || continue
		case ${program##*/} in
		eg-health | eg-sim | eg-sum) ;; # they use no other file
		*) grep -q "refuses_each .* ${program##*/}\( \|$\)" "$BATS_TEST_FILENAME" ;;
		esac
	done
}

@test "a device may be named several times" {
	echo "$good" >in
	passthrough --rejects /dev/null <in >out
	[[ $(<out) == "$good" ]]
	mknod null c 1 3 2>/dev/null && : 2>/dev/null >null || skip 'no device can be made here'
	passthrough --rejects null --metrics null <in >out
	[[ $(<out) == "$good" ]]
}
