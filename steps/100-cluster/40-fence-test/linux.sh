# When the cluster last fenced this node, as it keeps it with its own configuration: $fenced.
fence_last()
{
	fenced=$(crm_attribute --type nodes --node "$node_name" --name bascule-fenced --query --quiet 2>/dev/null) || return
	case $fenced in
	'' | *[!0-9]*) return 1 ;;
	esac
}

# A node that was really reset has begun its present boot after that. Clocks may differ a little.
fence_reset()
{
	fence_boot=$(sed -n 's/^btime //p' /proc/stat)
	[ "$fence_boot" -ge $((fenced - 60)) ] || return
	proof_file fence-asked
	! first_line "$proof" || [ "$line" != "$(cat /proc/sys/kernel/random/boot_id)" ]
}

# Right after the restart that was asked for, the cluster is still on its way up.
fence_settle()
{
	proof_file fence-asked
	first_line "$proof" || return
	[ "$line" != "$(cat /proc/sys/kernel/random/boot_id)" ] || return
	read -r fence_up _ </proc/uptime
	[ "${fence_up%%.*}" -gt 240 ] || until_settled 150 fence_waits
}

check()
{
	cluster_nodes
	fence_settle
	cluster_need || return
	fence_last || todo never "$node_name" || return
	fence_reset || todo same-boot "$node_name"
}

fence_all_there()
{
	cluster_look && [ $quorate = yes ] || return
	for fence_node in $nodes_in; do
		case $members in
		*" $fence_node "*) ;;
		*) return 1 ;;
		esac
	done
}

# After a restart the node needs some time until it is a member again and the note has come back.
fence_waits()
{
	fence_all_there && fence_last && fence_reset
}

# What virtual machines run on this node: $fence_busy. 1 when there is none.
fence_runs()
{
	cluster_look || return
	fence_busy=
	for fence_item in $started; do
		case $fence_item in
		vm-*"@$node_name") fence_busy="$fence_busy${fence_busy:+ }${fence_item%@*}" ;;
		esac
	done
	[ -n "$fence_busy" ]
}

fence_empty() { ! fence_runs && [ -z "$fence_busy" ]; }

# Nothing that clients need may run where a node is reset on purpose: its virtual machines are moved
# away. The standby is one that the cluster itself forgets when the node leaves.
fence_standby() { crm_attribute --node "$node_name" --name standby --lifetime reboot "$@"; }

fence_drain()
{
	fence_runs || return 0
	fence_standby --update on || return
	until_settled 300 fence_empty && return
	fence_standby --delete
	fail busy "$node_name" "$fence_busy"
}

# The order is given a moment after this job has ended, so that its end is heard; the engine is told
# to expect a restart, but it is the cluster that makes it.
apply()
{
	cluster_nodes
	until_settled 120 fence_all_there || fail alone "${members# }" || return
	fence_drain || return
	proof_file fence-asked
	mkdir -p "${proof%/*}"
	cat /proc/sys/kernel/random/boot_id >"$proof" && sync "$proof"
	if ! systemd-run --quiet --collect --on-active=4 --timer-property=AccuracySec=100ms \
		stonith_admin --reboot "$node_name" --timeout 120; then
		fence_standby --delete
		fail not-asked "$node_name" || return
	fi
	: >/run/bascule/restarting
}

undo()
{
	proof_file fence-asked
	rm -f "$proof"
	! cluster_look || crm_attribute --type nodes --node "$node_name" --name bascule-fenced --delete
}
