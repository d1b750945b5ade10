# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A Debian as a folder, for the scripts beside this one. It is made by debootstrap
# under build-next, or EG_NEXT_DIR; one that exists is used again. Needs root.
#
# Mounts and servers live in namespaces of their own, so that they go when the script
# ends, however it ends.

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." || exit 1
# shellcheck disable=SC2034 # for the scripts
TREE=$PWD

die() {
	printf 'tests/next/%s: fatal: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

readonly PROGRAMS=(rabbitmq-server rabbitmqctl rabbitmq-diagnostics rabbitmq-plugins
	rabbitmq-queues rabbitmq-streams)

# Starts the script again in namespaces of its own; sets `next`, where the folders are.
in_namespaces() { # ARGUMENT...
	((EUID == 0)) || die "needs root, for chroot(8) and mount(8)"
	mkdir -p "${EG_NEXT_DIR:-build-next}"
	next=$(realpath -- "${EG_NEXT_DIR:-build-next}")
	# Process 1 of the namespace hears only the signals that it has a trap for.
	if [[ -z ${EG_NEXT_INSIDE-} ]]; then
		EG_NEXT_INSIDE=yes exec unshare --mount --pid --fork --kill-child --mount-proc \
			"tests/next/${0##*/}" "$@"
	fi
	trap 'exit 130' INT
	trap 'exit 143' TERM
	unset TMPDIR
}

make_debian() { # SUITE PACKAGES [FOLDER]: packages joined by commas
	local folder=$next/${3-$1}
	[[ ! -e $folder ]] || return 0
	echo "# debootstrap $1 in $folder" >&2
	rm -rf "$folder.new"
	debootstrap --variant=minbase "--include=$2" "$1" "$folder.new" >"$folder.log" 2>&1 ||
		die "debootstrap failed: see $folder.log"
	mv "$folder.new" "$folder"
}

# What is mounted has the same path on both sides.
enter() { # SUITE FOLDER...
	local root=$next/$1 folder
	shift
	mount --make-rprivate /
	mount --rbind /dev "$root/dev"
	mount --bind /proc "$root/proc"
	for folder; do
		mkdir -p "$root$folder"
		mount --bind "$folder" "$root$folder"
	done
	cp -L /etc/hosts /etc/resolv.conf "$root/etc/"
}

# Programs here that run those of RabbitMQ there, for EG_LAB_RABBITMQ_BIN. eg-lab finds the plugins
# beside their folder.
make_wrappers() { # SUITE
	local home program
	home=$(echo "$next/$1"/usr/lib/rabbitmq/lib/rabbitmq_server-*)
	mkdir -p "$next/$1-lab/sbin"
	ln -sfT "$home/plugins" "$next/$1-lab/plugins"
	for program in "${PROGRAMS[@]}"; do
		printf '#!/bin/sh\nexec chroot %q %q "$@"\n' "$next/$1" \
			"${home#"$next/$1"}/sbin/$program" >"$next/$1-lab/sbin/$program"
		chmod +x "$next/$1-lab/sbin/$program"
	done
	echo "# $1: ${home##*/}"
}

# The source as dpkg wants it: what git knows of this tree, also what is not committed. Sets
# `work`, a folder beside the Debians, and `src`, the source in it.
make_source() { # FOLDER
	work=$next/$1
	local version
	version=$(sed -n '1s/.*(\(.*\)-[^-]*).*/\1/p' debian/changelog)
	src=$work/energyguard-$version
	rm -rf "$work"
	mkdir -p "$src"
	git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -C "$src"
	tar -C "$work" -czf "$work/energyguard_$version.orig.tar.gz" --exclude debian "${src##*/}"
}

# Runs commands in the Debian `suite`, in `work`. What they print goes to a log, which is shown
# when one fails.
# shellcheck disable=SC2154 # the script sets suite
# shellcheck disable=SC2016 # the shell over there expands
there() { # TITLE SCRIPT
	printf '# %s: %s\n' "$suite" "$1" >&2
	if ! chroot "$next/$suite" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
		sh -euc 'cd "$1"; eval "$2"' sh "$work" "$2" >"$work/log" 2>&1 </dev/null; then
		tail -n 50 "$work/log" >&2
		die "$suite: $1 failed"
	fi
}
