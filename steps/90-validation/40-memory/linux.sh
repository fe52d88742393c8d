# What the machine keeps for itself: a quarter, but no more than 2 GiB.
memory_keep=2097152

check()
{
	first_line /proc/meminfo
	line=${line#*:}
	line=${line% kB}
	memory=${line##* }
	[ $((memory / 4)) -ge $memory_keep ] || memory_keep=$((memory / 4))
	memory=$((memory - memory_keep))
	value node.memory $((memory * 1024))
	printf '%s: %s MiB for virtual machines\n' "$node_name" $((memory / 1024))
	while IFS=$bascule_tab read -r memory_vm memory_want _ _ memory_state; do
		[ "${memory_state:-}" = present ] || continue
		[ $((memory_want / 1024)) -le $memory ] || todo too-large "$memory_vm" \
			$((memory_want / 1048576)) "$node_name" $((memory / 1024)) || return
	done <<-EOF
	$vms
	EOF
}
