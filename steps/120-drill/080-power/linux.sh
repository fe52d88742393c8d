# An agent that fences the node and is no mailbox: $agent. SBD asks the node to end itself, which is no
# power cut.
power_agent()
{
	agent=
	for power_device in $(stonith_admin --list "$drill_node" --quiet 2>/dev/null); do
		line=$(cibadmin --query --xpath "//primitive[@id='$power_device']" 2>/dev/null)
		case $line in
		*sbd*) ;;
		*'<primitive '*) agent=$power_device ;;
		esac
	done
	[ -n "$agent" ]
}

check()
{
	drill_entry || return
	if [ "$drill_variant" = agent ]; then
		power_agent || todo no-agent "$drill_node" || return
		[ "$drill_node" = "$node_name" ] || value drill.on "$node_name"
	else
		value deed.by "$drill_variant"
		value deed.orders "off $drill_node"
		value deed.back "on $drill_node"
	fi
	[ "$at" != "$node_name" ] || predict_lost "$drill_node"
}

apply() { stonith_admin --fence "$drill_node" --timeout 120; }

# What was switched off from outside has been switched on from there.
undo()
{
	[ "$drill_variant" != agent ] || stonith_admin --unfence "$drill_node" --timeout 120
}

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
