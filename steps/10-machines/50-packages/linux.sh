# What each role is made of. Whatever the cluster starts itself must not start at boot.
packages_of()
{
	case $1 in
	dc) echo samba samba-ad-dc samba-ad-provision samba-dsdb-modules samba-vfs-modules attr winbind \
		krb5-user smbclient ldb-tools bind9-dnsutils bind9-host ;;
	storage) echo targetcli-fb python3-rtslib-fb ;;
	hypervisor) echo open-iscsi sg3-utils gfs2-utils dlm-controld corosync pacemaker pacemaker-cli-utils \
		sbd resource-agents libvirt-daemon-system libvirt-clients libvirt-daemon-driver-qemu \
		qemu-system-x86 qemu-utils adcli sssd-ad sssd-tools libnss-sss libpam-sss krb5-user \
		libsasl2-modules-gssapi-mit ;;
	esac
}

packages_asleep='corosync.service pacemaker.service sbd.service dlm.service libvirt-guests.service'

packages_wanted()
{
	wanted=fping
	packages_roles=$node_roles,
	while [ -n "$packages_roles" ]; do
		wanted="$wanted $(packages_of "${packages_roles%%,*}")"
		packages_roles=${packages_roles#*,}
	done
	case $node_vote in
	gives) wanted="$wanted corosync-qnetd" ;;
	has) wanted="$wanted corosync-qdevice" ;;
	esac
}

packages_missing()
{
	missing=
	# shellcheck disable=SC2086 # a list of words
	packages_have=" $(dpkg-query -W -f='${Package}=${db:Status-Status} ' $wanted 2>/dev/null) "
	for package in $wanted; do
		case $packages_have in
		*" $package=installed "*) ;;
		*) missing="$missing${missing:+ }$package" ;;
		esac
	done
}

# The first of the cluster's services that would start on its own; none once there is a cluster.
packages_awake()
{
	awake=
	[ ! -e /etc/corosync/authkey ] || return 1
	for package_unit in $packages_asleep; do
		for package_link in /etc/systemd/system/*.wants/"$package_unit" /etc/systemd/system/*.requires/"$package_unit"; do
			[ ! -L "$package_link" ] || awake=$package_unit
		done
	done
	[ -n "$awake" ]
}

check()
{
	packages_wanted
	packages_missing
	[ -z "$missing" ] || todo missing "$missing" || return
	! packages_awake || todo awake "$awake"
}

# Installs without starting anything: this file tells the packages' scripts so.
packages_quietly()
{
	packages_policy=
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		packages_policy=/usr/sbin/policy-rc.d
		printf '%s\n' '#!/bin/sh' 'exit 101' >$packages_policy
		chmod 755 $packages_policy
		trap 'rm -f "$packages_policy"' EXIT
		trap 'exit 143' INT TERM HUP
	fi
	packages_get "$@"
	packages_code=$?
	[ -z "$packages_policy" ] || rm -f "$packages_policy"
	return $packages_code
}

# apt-get with its progress as ours.
packages_get()
{
	{
		DEBIAN_FRONTEND=noninteractive apt-get -y -q -o APT::Status-Fd=1 -o Acquire::Retries=3 \
			-o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confdef \
			-o Dpkg::Options::=--force-confold "$@" 2>&1
		echo "packages_code:$?"
	} | {
		packages_code=1
		while IFS= read -r packages_line; do
			case $packages_line in
			packages_code:*) packages_code=${packages_line#*:} ;;
			dlstatus:* | pmstatus:*)
				packages_line=${packages_line#*:*:}
				progress "${packages_line%%.*}" 100
				;;
			*) printf '%s\n' "$packages_line" ;;
			esac
		done
		return "$packages_code"
	}
}

apply()
{
	packages_wanted
	packages_missing
	if [ -n "$missing" ]; then
		was installed "$missing"
		packages_get update || warn no-update
		# shellcheck disable=SC2086 # a list of words
		packages_quietly install --no-install-recommends $missing || fail refused "$missing" || return
	fi
	packages_awake || return 0
	# shellcheck disable=SC2086 # a list of words
	systemctl --no-reload disable $packages_asleep 2>&1 || :
}

undo()
{
	packages_ours=$(was_get installed) || return 0
	# shellcheck disable=SC2086 # a list of words
	packages_quietly remove $packages_ours || fail refused "$packages_ours" || return
	was_drop
}
