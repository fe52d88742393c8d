#!/bin/sh
# Builds the base image of the practice lab: one Debian 12 disk that holds the packages of
# every role, the kernel beside it, and a small initrd.
#
#	lab/build.sh OUTPUT-FOLDER
#
# Leaves base.img, kernel and initrd there. Runs as root, or as an ordinary user
# who has a range in /etc/subuid (packages uidmap and mmdebstrap): then all of it happens
# in a user namespace where that user is root.
set -euf
umask 022

here=$(cd "$(dirname "$0")" && pwd)
size=${BASCULE_LAB_DISK:-8G}
suite=bookworm

say()
{
	printf '%s\n' "$*"
}

die()
{
	printf 'build.sh: %s\n' "$1" >&2
	[ $# -lt 2 ] || printf 'hint: %s\n' "$2" >&2
	exit 1
}

need()
{
	command -v "$1" >/dev/null || PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ||
		die "$1 is missing" "install it: apt-get install $2"
}

# The packages of packages.txt: those of the image, or with "+" those of the repository.
packages()
{
	sed -e 's/#.*//' "$here/packages.txt" | while read -r _ name; do
		case $1$name in
		image+* | image) ;;
		image*) printf '%s,' "$name" ;;
		repo+*) printf '%s ' "${name#+}" ;;
		esac
	done
}

# Big things no practice machine can use: drivers of hardware that QEMU does not show it,
# and the catalogues of clouds that some fence agents speak to.
excluded()
{
	for path in drivers/gpu drivers/media drivers/infiniband drivers/iio drivers/staging \
		drivers/net/wireless drivers/net/ethernet/mellanox sound; do
		printf '%s ' "--dpkgopt=path-exclude=/lib/modules/*/kernel/$path/*"
	done
	for path in botocore/data googleapiclient/discovery_cache/documents; do
		printf '%s ' "--dpkgopt=path-exclude=/usr/lib/python3/dist-packages/$path/*"
	done
}

[ $# = 1 ] || die 'one argument, please: the output folder'
need mmdebstrap mmdebstrap
need mke2fs e2fsprogs
need xz xz-utils
mkdir -p "$1"
out=$(cd "$1" && pwd)

if [ "$(id -u)" != 0 ]; then
	need newuidmap uidmap
	grep -q "^$(id -un):" /etc/subuid ||
		die "$(id -un) has no range in /etc/subuid" \
			"as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)"
	exec unshare --map-root-user --map-auto --mount --pid --fork "$here/build.sh" "$out"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/bascule-lab.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work"

# The demo guest takes minutes to build and seldom changes: it is kept beside the images.
guest_build()
{
	guest=${out%/*}/guest-$(cat "$here/guest/build.sh" "$here/guest/init.c" "$here/guest/kernel.config" |
		sha256sum | cut -c1-16)
	if [ ! -s "$guest/initrd" ]; then
		say 'the demo guest: a small kernel and one program'
		"$here/guest/build.sh" "$guest"
	fi
}

guest_build
say "packages: Debian $suite, all roles"
# shellcheck disable=SC2046 # a list of options
BASCULE_REPO="$(packages repo)" \
mmdebstrap --mode=root --variant=minbase --format=directory \
	--components=main --skip=cleanup/apt/lists \
	--dpkgopt='force-unsafe-io' \
	--dpkgopt='force-confold' \
	--dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/info/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	$(excluded) \
	--aptopt='APT::Install-Recommends "false"' \
	--aptopt='Acquire::Languages "none"' \
	--setup-hook="'$here/image/setup' \"\$1\"" \
	--customize-hook="'$here/image/customize' \"\$1\"" \
	--include="$(packages image)systemd-sysv,linux-image-amd64,busybox-static,zstd" \
	"$suite" "$work/root" >"$out/build.log" 2>&1 || {
	grep -E '^(E|Err|dpkg: error)' "$out/build.log" | cut -c1-300 >&2 || :
	die 'mmdebstrap could not put the packages together' \
		"all it said is in $out/build.log; most often the Debian mirror cannot be reached"
}

# An uncompressed kernel saves each emulated start ten seconds; QEMU starts it by its PVH entry.
unpack_kernel()
{
	for at in $(LC_ALL=C grep -abo "$(printf '\375\067zXZ')" "$1" | cut -d: -f1); do
		tail -c "+$((at + 1))" "$1" | xz -dcq 2>/dev/null >"$2" || :
		[ "$(head -c 4 "$2" | tail -c 3)" != ELF ] || return 0
	done
	cp "$1" "$2"
}

mkdir -p "$work/root/usr/local/share/bascule/guest"
cp "$guest/kernel" "$guest/initrd" "$work/root/usr/local/share/bascule/guest/"

say 'kernel and initrd'
mv "$work/root/boot/bascule-initrd" "$out/initrd.new"
unpack_kernel "$(find "$work/root/boot" -name 'vmlinuz-*')" "$out/kernel.new"
find "$work/root/boot" -mindepth 1 -delete
rm -f "$work/root/vmlinuz" "$work/root/vmlinuz.old" "$work/root/initrd.img" "$work/root/initrd.img.old"

say "disk: $size, sparse"
rm -f "$out/base.img.new"
PATH=$PATH:/usr/sbin:/sbin mke2fs -q -t ext4 -L bascule-lab -m 0 -d "$work/root" \
	-E lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0 -O ^orphan_file \
	-J size=32 "$out/base.img.new" "$size" >/dev/null ||
	die 'mke2fs could not fill the disk' 'is there room in the cache folder?'
chmod 444 "$out/base.img.new"
for f in kernel initrd base.img; do
	mv -f "$out/$f.new" "$out/$f"
done
say "done: $(du -h "$out/base.img" | cut -f1) on disk"
