move_state()
{
	line=$(cibadmin --query --xpath "//primitive[@id='$role']//nvpair[@name='snapshot']" 2>/dev/null) || return
	xml_get value && [ "$text" = "$folder" ]
}

check()
{
	drill_entry || return
	[ "$at" != "${drill_to:-}" ] || todo there-already "$drill_vm" "$at" || return
	[ "$drill_variant" != save ] || move_state || todo not-saved "$drill_vm" || return
	[ "$at" = "$node_name" ] || return 0
	value drill.on "$at"
	if [ "$drill_variant" = save ]; then
		predict_saved
		return
	fi
	drill_times "$at"
	value predict.start $((start + 5000))
	value predict.answer $boot
	value predict.outage $((start + boot + 20000))
	value predict.limit $((start + boot + 90000))
	value expect.nonce new
}

# The cluster goes on keeping watch over nodes, but for these seconds not over this machine: it would start it
# again where it stands.
move_unseen()
{
	cibadmin --modify --scope resources --xml-text "<op id=\"$role-monitor\" enabled=\"$1\"/>"
}

move_gone() { ! vm_runs "$dom"; }

# It is asked to end; asked, but not for long; or its plug is pulled.
move_stop()
{
	case $drill_variant in
	shutdown | forced)
		virsh shutdown "$dom" || return
		move_patience=120
		[ "$drill_variant" = shutdown ] || move_patience=5
		! until_true $move_patience move_gone || return 0
		[ "$drill_variant" = forced ] || fail does-not-stop "$drill_vm" || return
		;;
	esac
	virsh destroy "$dom" && until_true 20 move_gone
}

move_back()
{
	drill_migrates true
	[ "$drill_variant" = save ] || move_unseen true
}

apply()
{
	drill_names
	cluster_look || fail no-cluster "$node_name" || return
	drill_where
	drill_dest
	trap move_back EXIT
	drill_migrates false || fail refused "$drill_vm" "$dest" || return
	if [ "$drill_variant" != save ]; then
		move_unseen false && move_stop || return
	fi
	drill_move
}

# The cluster believes that it runs until it is told to move it: the probes know better when it ended.
move_watch()
{
	cluster_look || return
	drill_where
	case $at in
	'') once stopped "${drill_owner:-}" ;;
	esac
	watch_start
}

watch()
{
	drill_names
	until
		move_watch
		watch_redundant
	do
		look_pause 100
	done
}
