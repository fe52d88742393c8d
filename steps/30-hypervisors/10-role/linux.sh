role_units='libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket virtlogd.socket'
role_wants=/etc/systemd/system/sockets.target.wants

# With the processor's help or by emulation: $acceleration. Emulation works, twenty times slower.
role_acceleration()
{
	acceleration=emulation
	[ ! -c /dev/kvm ] || acceleration=KVM
	[ "$acceleration" = emulation ] || return 0
	if grep -Eqm1 '^flags[[:space:]]*:.*[[:space:]](vmx|svm)([[:space:]]|$)' /proc/cpuinfo; then
		warn kvm-asleep "$node_name"
	else
		warn emulated "$node_name"
	fi
}

check()
{
	have virsh && have qemu-system-x86_64 || todo no-package || return
	for role_unit in $role_units; do
		[ -L "$role_wants/$role_unit" ] || todo not-at-boot "$role_unit" || return
	done
	[ -S /run/libvirt/libvirt-sock ] && [ -S /run/libvirt/virtlogd-sock ] || todo silent || return
	role_acceleration
	value node.acceleration "$acceleration"
	# shellcheck disable=SC2016 # dpkg-query's own names
	value node.hypervisor "$(dpkg-query -W -f='${Package} ${Version}, ' libvirt-daemon qemu-system-x86 2>/dev/null)"
}

# Links instead of "systemctl enable", which runs through the old init scripts as well.
apply()
{
	role_new=
	mkdir -p $role_wants
	for role_unit in $role_units; do
		[ ! -L "$role_wants/$role_unit" ] || continue
		[ -e "/lib/systemd/system/$role_unit" ] || fail no-unit "$role_unit" || return
		role_new="$role_new $role_unit"
		ln -s "/lib/systemd/system/$role_unit" "$role_wants/$role_unit" || return
	done
	[ -z "$role_new" ] || was units "$role_new"
	# shellcheck disable=SC2086 # a list of units
	systemctl start $role_units || return
	until_true 60 virsh -q -c qemu:///system version || fail silent
}

undo()
{
	role_ours=$(was_get units) || return 0
	role_guests=$(virsh -q -c qemu:///system list --name 2>/dev/null)
	[ -z "$role_guests" ] || fail guests "$role_guests" || return
	for role_unit in $role_ours; do
		rm -f "$role_wants/$role_unit"
	done
	# shellcheck disable=SC2086 # a list of units
	systemctl stop libvirtd.service virtlogd.service $role_ours 2>&1
	was_drop
}
