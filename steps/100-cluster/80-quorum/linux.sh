check()
{
	cluster_look || todo no-cluster "$node_name" || return
	quorum_find || return
	quorum_told
	[ "$boxes" = "$dev" ] || todo others "$node_name" "$boxes" || return
	quorum_watched "$dev" || todo not-watched "$node_name" "$quorum_lun"
}

# Every node listens at the new mailbox by now: the old one may go, on one node after the other.
apply()
{
	quorum_find || return
	quorum_told
	case " $boxes " in
	*" $dev "*) ;;
	*) fail not-told "$quorum_lun" "$node_name" || return ;;
	esac
	quorum_switch "$dev"
}
