check()
{
	drill_entry || return
	[ "$at" != "${drill_to:-}" ] || todo there-already "$drill_vm" "$at" || return
	[ "$at" = "$node_name" ] || return 0
	value drill.on "$at"
	value drill.follow "$at"
	value drill.domain "$dom"
	predict_live
}

apply()
{
	drill_names
	cluster_look || fail no-cluster "$node_name" || return
	drill_where
	drill_dest
	drill_move
}

watch()
{
	drill_names
	until
		cluster_look && watch_start
		watch_redundant
	do
		look_pause 100
	done
}
