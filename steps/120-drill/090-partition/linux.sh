# The names of the networks by their use, the first of each: $heart, $lan, $san.
partition_networks()
{
	heart=
	lan=
	san=
	while IFS=$bascule_tab read -r net_name net_use _; do
		case $net_use in
		heartbeat) heart=${heart:-$net_name} ;;
		enterprise) lan=${lan:-$net_name} ;;
		storage) san=${san:-$net_name} ;;
		esac
	done <<-EOF
	$networks
	EOF
}

# Adds one order and the one that takes it back.
partition_order()
{
	orders="$orders${orders:+, }$1 $3"
	back="$back${back:+, }$2 $3"
}

# The lab's own words name its networks; so does the cluster file, or this cannot be done to it.
partition_orders()
{
	orders=
	back=
	partition_networks
	case $drill_variant in
	heartbeat) [ -z "$heart" ] || partition_order pull plug "$drill_node $heart" ;;
	clients) [ -z "$lan" ] || partition_order pull plug "$drill_node $lan" ;;
	storage) [ -z "$san" ] || partition_order pull plug "$drill_node $san" ;;
	nodes)
		for peer in $nodes_in; do
			[ "$peer" != "$drill_node" ] || continue
			for net in $heart $lan; do
				partition_order part join "$drill_node $peer $net"
			done
		done
		;;
	esac
	[ -n "$orders" ]
}

# When the nodes were shot last, all in a row: $shots.
partition_shots()
{
	shots=$(cibadmin --query --xpath '//nvpair[@name="bascule-fenced"]' 2>/dev/null | sed -n 's/.* value="\([0-9]*\)".*/\1/p' | sort | tr '\n' ' ')
}

check()
{
	drill_entry || return
	partition_shots
	value drill.shots "$shots"
	partition_orders || todo no-network "$drill_variant" || return
	value deed.orders "$orders"
	value deed.back "$back"
	[ "$at" = "$node_name" ] || return 0
	partition_predict
}

# Between equals the side of the virtual machine wins, so that its clients notice nothing; only who
# cannot reach its disk has to give it up.
partition_predict()
{
	case $drill_variant in
	storage) predict_lost "$drill_node" ;;
	clients)
		drill_times "$drill_node"
		predict_live
		;;
	nodes)
		drill_times "$drill_node"
		value predict.detect $((token + consensus))
		value predict.fence $((msgwait + 15000))
		predict_nothing
		;;
	*) predict_nothing ;;
	esac
}

apply() { return 0; }

partition_linked() { ! corosync-cfgtool -n 2>/dev/null | grep 'LINK:' | grep -qv ' connected'; }

# The cables are plugged in again by whoever pulled them; a node that was shot is still on its way up.
undo()
{
	until_settled 300 partition_linked || fail not-linked
}

partition_watch()
{
	partition_linked || once detect
	watch_node "$drill_node"
	partition_stays || return
	[ -e "$mark" ] || return
	partition_age=$((${partition_age:-0} + 1))
	[ "$partition_age" -lt 20 ] || once settled
}

# A link alone was lost: both sides go on, for a while at least.
partition_stays()
{
	case $drill_variant in
	heartbeat | clients) [ "$quorate" = yes ] ;;
	*) return 1 ;;
	esac
}

partition_whole()
{
	partition_linked && watch_redundant
}

watch()
{
	drill_names
	until
		partition_watch
		partition_whole
	do
		look_pause 100
	done
}

# Of two sides that could not hear each other exactly one was shot.
audit_own()
{
	[ "$drill_variant" = nodes ] || return 0
	partition_shots
	new=0
	for shot in $shots; do
		case " ${drill_shots:-} " in
		*" $shot "*) ;;
		*) new=$((new + 1)) ;;
		esac
	done
	if [ $new -eq 1 ]; then
		passed one-side
	elif [ $new -eq 0 ]; then
		audit_fails both-sides
	else
		audit_fails no-side
	fi
}
