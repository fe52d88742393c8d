check()
{
	drill_entry || return
	[ "$at" = "$node_name" ] || return 0
	if [ "$at" = "$drill_node" ]; then predict_live; else predict_nothing; fi
}

drain_rest() { crm_attribute --type nodes --node "$drill_node" --name standby --update "$1"; }

# Does nothing of the cluster run there any more?
drain_empty()
{
	cluster_look || return
	case $started in
	*"@$drill_node "*) return 1 ;;
	esac
}

apply()
{
	drill_names
	drain_rest on || fail refused "$drill_vm" "$drill_node" || return
	until_settled 400 drain_empty || fail not-empty "$drill_node"
}

drain_back()
{
	cluster_look || return
	case $started in
	*" $fs@$drill_node "*) ;;
	*) return 1 ;;
	esac
}

undo()
{
	drill_names
	drain_rest off || return
	until_settled 200 drain_back || fail not-mounted "$point" "$drill_node"
}

drain_watch()
{
	cluster_look || return
	watch_start || :
	drill_nodes
	case $ready in
	*" $drill_node "*) return ;;
	esac
	watch_hit
	case $started in
	*"@$drill_node "*) return ;;
	esac
	once empty "$drill_node"
	once settled
}

watch()
{
	drill_names
	until
		drain_watch
		watch_redundant
	do
		look_pause 100
	done
}
