# Who comes up first: $first, and $rest, with commas between the orders.
cold_nodes()
{
	first=$at
	off=
	rest=
	for cold_node in $nodes_in; do
		off="$off${off:+, }off $cold_node"
		[ "$cold_node" = "$first" ] || rest="$rest${rest:+, }on $cold_node"
	done
}

# With a third vote the first node is the majority: it waits for nobody.
cold_voted() { corosync-quorumtool -s 2>/dev/null | grep -Eq ' A,V,.*[(]local[)]'; }

check()
{
	drill_entry || return
	cold_nodes
	[ "$first" != "$node_name" ] || {
		read -r cold_boot </proc/sys/kernel/random/boot_id
		value drill.boot "$cold_boot"
	}
	value drill.on "$first"
	value drill.watcher "$first"
	value deed.orders "$off, on $first"
	value deed.back "$rest"
	cold_asks=0
	cold_voted || {
		value deed.then alone
		cold_asks=150000
	}
	[ "$at" = "$node_name" ] || return 0
	drill_times "$at"
	value predict.start $((msgwait + start + 30000))
	value predict.answer $boot
	value predict.outage $((30000 + cold_asks + msgwait + start + 30000 + boot))
	value predict.limit 900000
	value expect.nonce new
}

# Two votes of which one counts as the majority, but only once both were seen: that is what is overruled here. The
# others are shot all the same before anything starts.
apply()
{
	drill_names
	: >"$mark"
	corosync-cmapctl -s quorum.cancel_wait_for_all u8 1
}

undo() { return 0; }

cold_watch()
{
	cluster_look || return
	read -r cold_up _ </proc/uptime
	once off '' $((${cold_up%%.*} * 1000))
	drill_where
	case $quorate,$at in
	no,)
		cold_waits=$((${cold_waits:-0} + 1))
		[ $cold_waits -lt 10 ] || once alone "$node_name"
		;;
	yes,"$node_name")
		once start "$node_name"
		once settled
		;;
	esac
}

# Whoever looks on has been off himself: until then there is nothing to be seen.
watch()
{
	drill_names
	read -r cold_boot </proc/sys/kernel/random/boot_id
	until
		[ "$cold_boot" = "${drill_boot:-}" ] || cold_watch
		watch_redundant
	do
		look_pause 100
	done
}
