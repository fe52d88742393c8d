#!/bin/sh
# Builds the small virtual machine that the practice lab makes highly available: a kernel of
# little more than a disk, a network card and a power button, and one program.
#
#	lab/guest/build.sh OUTPUT-FOLDER
#
# Leaves kernel and initrd there. Everything is built in a Debian of its own that is thrown away,
# so this machine needs mmdebstrap alone; the rights are those of lab/build.sh, which calls this.
set -euf
umask 022

here=$(cd "$(dirname "$0")" && pwd)
suite=bookworm
source=linux-source-6.1

[ $# = 1 ] || {
	echo 'build.sh: one argument, please: the output folder' >&2
	exit 1
}
mkdir -p "$1"
out=$(cd "$1" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/bascule-guest.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work"

fail()
{
	tail -n 5 "$out/build.log" | cut -c1-300 >&2
	printf 'build.sh: %s\nhint: all it said is in %s\n' "$1" "$out/build.log" >&2
	exit 1
}

mmdebstrap --mode=root --variant=minbase --format=directory --components=main \
	--dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-exclude=/usr/share/man/*' --aptopt='APT::Install-Recommends "false"' \
	--include="$source,gcc,libc6-dev,make,flex,bison,bc,libelf-dev,xz-utils,cpio" \
	"$suite" "$work/root" >"$out/build.log" 2>&1 || fail 'the tools could not be put together'

cp "$here/kernel.config" "$here/init.c" "$work/root/tmp/"
# Kbuild's words for "whoever built it" would make each build differ.
chroot "$work/root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/tmp \
	KBUILD_BUILD_USER=bascule KBUILD_BUILD_HOST=lab KBUILD_BUILD_TIMESTAMP=2026-01-01 \
	jobs="$(nproc)" source="$source" sh -eu >>"$out/build.log" 2>&1 <<'INSIDE' || fail 'the kernel could not be built'
mkdir -p /tmp/initrd/dev /tmp/initrd/proc
cd /tmp
gcc -std=gnu17 -Os -Wall -Wextra -Werror -static -s -o initrd/init init.c
(cd initrd && find . | cpio -o -H newc 2>/dev/null | gzip -9n >/tmp/initrd.gz)
tar -xf "/usr/src/$source.tar.xz" -C /tmp
cd "/tmp/$source"
make -s tinyconfig
scripts/kconfig/merge_config.sh -m .config /tmp/kernel.config
make -s olddefconfig
make -s -j"$jobs" vmlinux
strip -o /tmp/kernel vmlinux
INSIDE

for f in kernel initrd.gz; do
	cp "$work/root/tmp/$f" "$out/${f%.gz}.new"
	mv -f "$out/${f%.gz}.new" "$out/${f%.gz}"
done
