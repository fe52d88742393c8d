# The roles of all the virtual machines that run where this one does: $many.
many_find()
{
	many=
	for many_item in $started; do
		case $many_item in
		vm-*"@$at") many="$many${many:+ }${many_item%@*}" ;;
		esac
	done
}

check()
{
	drill_entry || return
	[ "$at" != "${drill_to:-}" ] || todo there-already "$drill_vm" "$at" || return
	many_find
	many_snapshots=$(cibadmin --query --scope resources 2>/dev/null | grep -c ' name="snapshot"')
	for many_role in $many; do
		many_snapshots=$((many_snapshots - 1))
	done
	[ "$drill_variant" != quick ] || [ "$many_snapshots" -ge 0 ] || todo not-saved "$drill_vm" || return
	[ "$at" = "$node_name" ] || return 0
	value drill.on "$at"
	if [ "$drill_variant" = quick ]; then predict_saved; else predict_live; fi
}

many_migrate()
{
	for many_role in $many; do
		crm_resource --resource "$many_role" --meta --set-parameter allow-migrate --parameter-value "$1" >/dev/null || return
	done
}

many_arrived()
{
	cluster_look || return
	for many_role in $many; do
		case $started in
		*" $many_role@$dest "*) ;;
		*) return 1 ;;
		esac
	done
}

many_end()
{
	many_migrate true
	for many_role in $many; do
		crm_resource --clear --resource "$many_role"
	done
}

# All orders are given before one is carried out: how many go at once is the cluster's to say.
apply()
{
	drill_names
	cluster_look || fail no-cluster "$node_name" || return
	drill_where
	drill_dest
	many_find
	trap many_end EXIT
	[ "$drill_variant" != quick ] || many_migrate false || fail refused "$drill_vm" "$dest" || return
	for many_role in $many; do
		crm_resource --move --resource "$many_role" --node "$dest" || fail refused "$many_role" "$dest" || return
	done
	until_settled 400 many_arrived || fail not-there "$drill_vm" "$dest"
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
