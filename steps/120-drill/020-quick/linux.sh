# Where its memory goes when it is stopped, as the cluster was told.
quick_state()
{
	line=$(cibadmin --query --xpath "//primitive[@id='$role']//nvpair[@name='snapshot']" 2>/dev/null) || return
	xml_get value && [ "$text" = "$folder" ]
}

check()
{
	drill_entry || return
	[ "$at" != "${drill_to:-}" ] || todo there-already "$drill_vm" "$at" || return
	quick_state || todo not-saved "$drill_vm" || return
	[ ! -e "$folder/$dom.state" ] || todo state-left "$drill_vm" || return
	[ "$at" = "$node_name" ] || return 0
	value drill.on "$at"
	predict_saved
}

# The cluster itself stops and starts it, and never looks away: what dies meanwhile is its business.
apply()
{
	drill_names
	cluster_look || fail no-cluster "$node_name" || return
	drill_where
	drill_dest
	trap 'drill_migrates true' EXIT
	drill_migrates false || fail refused "$drill_vm" "$dest" || return
	drill_move
}

quick_watch()
{
	cluster_look || return
	drill_where
	case $at in
	"${drill_owner:-}") ;;
	'') [ ! -e "$folder/$dom.state" ] || once saved "${drill_owner:-}" ;;
	esac
	watch_start
}

watch()
{
	drill_names
	until
		quick_watch
		watch_redundant
	do
		look_pause 100
	done
}
