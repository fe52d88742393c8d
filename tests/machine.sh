# A machine made of stand-ins: steps' scripts run on it for real, below a folder of their own.
# shellcheck shell=sh disable=SC2016,SC2154,SC2034

steps=$top_srcdir/steps

# The text that the engine makes of a step: the library, what the chapter shares, its own.
composed()
{
	cat "$steps/lib.sh"
	[ ! -f "${1%/*/*}/linux.sh" ] || cat "${1%/*/*}/linux.sh"
	cat "$1"
}

# The scripts' absolute folders move below $root; commands come from $tmp/bin and are noted. What
# would still name a folder of this machine is not run at all, and nothing runs as root.
root=$tmp/root
as_nobody=
if [ "$(id -u)" = 0 ]; then
	command -v setpriv >/dev/null || skip_all "there is no setpriv to step down from root with"
	as_nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'
fi
mkdir -p "$tmp/bin" "$root/etc" "$root/dev" "$root/var/lib" "$root/sys/block" "$root/run/systemd/system" \
	"$root/proc/self" "$root/proc/sys/kernel/random" "$root/usr/sbin" || exit 99
ln -s /dev/null "$root/dev/null"
ln -s /dev/zero "$root/dev/zero"
: >"$root/proc/self/mountinfo"
ln -s /proc/uptime "$root/proc/uptime"
echo 11111111-2222-3333-4444-555555555555 >"$root/proc/sys/kernel/random/boot_id"
echo 99999999-8888-7777-6666-555555555555 >"$root/proc/sys/kernel/random/uuid"

# stand_in COMMAND: what it does is read from stdin
stand_in()
{
	{
		printf '#!/bin/sh\nprintf "%%s\\n" "%s $*" >>%s\n' "$1" "$tmp/called"
		cat
	} >"$tmp/bin/$1"
	chmod 755 "$tmp/bin/$1"
}

for command in apt-get blockdev date hostnamectl hwclock mkfs.gfs2 mount networkctl targetcli tunegfs2 umount \
	wipefs udevadm sg_persist systemctl iscsiadm sbd blkid pidof fping ss ip dpkg-query reboot; do
	stand_in $command </dev/null
done
echo 'exit 1' | stand_in pidof
echo 'exit 2' | stand_in blkid

# verb STEP VERB [PARAMETER…]: runs it on that machine; $code, $tmp/out, $tmp/called
verb()
{
	step=$1
	verb=$2
	shift 2
	{
		composed "$(echo "$steps"/*-"${step%/*}"/*-"${step#*/}"/linux.sh)" |
			sed -E -e "s#(^|[^A-Za-z0-9_.}])/(etc|sys|proc|dev|var/lib|run|usr/sbin|usr/local/sbin)/#\1$root/\2/#g" \
				-e "s#^(	PATH=).*#\1$tmp/bin:/usr/sbin:/usr/bin:/sbin:/bin#" \
				-e 's#\[ -b "#[ -e "#g' -e 's#until_(true|settled) [0-9]+#until_paced 1 0#' \
				-e 's#iflag=direct,#iflag=#' # files stand for disks: not every file system can
		printf '%s\n' 'bascule_nonce=N' "bascule_task='$step'"
		for parameter; do
			printf "%s='%s'\n" "${parameter%%=*}" "$(printf %s "${parameter#*=}" | sed "s/'/'\\\\''/g")"
		done
	} >"$tmp/script"
	sed -e 's/^[[:space:]]*#.*//' -e "s#${root}[a-z/]*##g" -e '/^	PATH=/d' "$tmp/script" |
		grep -E '(^|[^A-Za-z0-9_.}])/(etc|sys|proc|dev|var|run|usr|srv)/' >"$tmp/left"
	if [ -s "$tmp/left" ]; then
		not_ok "$step: a folder of this machine is named" "$tmp/left"
		code=99
		return
	fi
	printf 'bascule_run %s\n' "$verb" >>"$tmp/script"
	: >"$tmp/called"
	[ -z "$as_nobody" ] || chown -hR 65534:65534 "$tmp"
	# shellcheck disable=SC2086 # a command and its options, or nothing
	run $as_nobody sh "$tmp/script"
}

# What $root looks like, to see whether anything changed.
picture()
{
	(cd "${root:?}" && find . -type f -exec cksum {} + && find . ! -type f) | sort
}

reasons()
{
	sed -n 's/^@N reason	//p' "$tmp/out"
}

values()
{
	sed -n 's/^@N value	//p' "$tmp/out"
}

# disk NAME WWID BYTES MINOR
disk()
{
	mkdir -p "$root/sys/block/$1/device" "$root/sys/block/$1/holders"
	echo "naa.$2" >"$root/sys/block/$1/device/wwid"
	echo "$(($3 / 512))" >"$root/sys/block/$1/size"
	echo 0 >"$root/sys/block/$1/ro"
	echo "8:$4" >"$root/sys/block/$1/dev"
	truncate -s "$3" "${root:?}/dev/$1"
}
