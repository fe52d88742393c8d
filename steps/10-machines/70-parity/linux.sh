# The first line of /proc/cpuinfo that has this label.
parity_cpu()
{
	parity_text=$(grep -m1 "^$1[[:space:]]*:" /proc/cpuinfo)
	parity_text=${parity_text#*: }
}

parity_nics()
{
	parity_names=
	for parity_nic in /sys/class/net/*; do
		[ ! -e "$parity_nic/device" ] || parity_names="$parity_names${parity_names:+ }${parity_nic##*/}"
	done
}

check()
{
	while IFS='=' read -r parity_key parity_text; do
		[ "$parity_key" != PRETTY_NAME ] || parity_system=$parity_text
	done </etc/os-release
	parity_system=${parity_system#\"}
	value node.distribution "${parity_system%\"}"
	first_line /proc/sys/kernel/osrelease
	value node.kernel "$line"
	parity_cpu vendor_id
	value node.cpu_vendor "$parity_text"
	parity_cpu flags
	value node.cpu_flags "$parity_text"
	parity_nics
	value node.nics "$parity_names"
	# shellcheck disable=SC2016 # dpkg-query's own names
	value node.versions "$(dpkg-query -W -f='${Package} ${Version}, ' \
		corosync dlm-controld gfs2-utils open-iscsi pacemaker qemu-system-x86 sbd 2>/dev/null)"
}
