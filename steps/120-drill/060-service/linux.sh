check()
{
	drill_entry || return
	[ "$at" = "$node_name" ] || return 0
	case $drill_variant in
	killed) predict_lost "$drill_node" ;;
	*) if [ "$at" = "$drill_node" ]; then predict_live; else predict_nothing; fi ;;
	esac
}

# In order, pacemaker moves everything away first. Killed, the node is without a word from then on, and its
# own watchdog must end it.
apply()
{
	case $drill_variant in
	killed) kill -KILL "$(pidof -s corosync)" ;;
	*) systemctl stop pacemaker && systemctl stop corosync ;;
	esac
}

undo() { systemctl start pacemaker; }

watch()
{
	drill_names
	until
		watch_node "$drill_node"
		watch_redundant
	do
		look_pause 100
	done
}
