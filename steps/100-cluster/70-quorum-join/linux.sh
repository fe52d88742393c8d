check()
{
	cluster_look || todo no-cluster "$node_name" || return
	quorum_find || return
	quorum_told
	case " $boxes " in
	*" $dev "*) ;;
	*) todo not-told "$quorum_lun" "$node_name" || return ;;
	esac
	quorum_watched "$dev" || todo not-watched "$node_name" "$quorum_lun"
}

# The new mailbox beside the old one: in a move each message goes to both. Its times must be the old
# one's, and every node needs its slot before anybody listens there.
apply()
{
	quorum_find || return
	quorum_told
	cluster_nodes
	quorum_new="$sbd_watchdog,$sbd_msgwait"
	for quorum_box in $boxes; do
		[ "$quorum_box" != "$dev" ] || continue
		quorum_dev=$dev
		dev=$quorum_box
		if ! sbd_header; then
			hint stop-all
			fail no-old "$quorum_box" || return
		fi
		dev=$quorum_dev
		[ "$sbd_watchdog,$sbd_msgwait" = "$quorum_new" ] || fail times "$quorum_lun" || return
	done
	quorum_slots=$(sbd -d "$dev" list) || return
	for quorum_node in $nodes_in; do
		printf '%s\n' "$quorum_slots" | grep -q "[[:space:]]${quorum_node}[[:space:]]" ||
			sbd -d "$dev" allocate "$quorum_node" || return
	done
	case " $boxes " in
	*" $dev "*) quorum_switch "$boxes" ;;
	*) quorum_switch "$boxes${boxes:+ }$dev" ;;
	esac
}
