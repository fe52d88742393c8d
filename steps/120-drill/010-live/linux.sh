check()
{
	drill_entry || return
	[ "$at" != "${drill_to:-}" ] || todo there-already "$drill_vm" "$at" || return
	[ "$at" = "$node_name" ] || return 0
	value drill.on "$at"
	predict_live
}

# "Data processed: 12.3 MiB" and "Data total: 64.0 MiB" of libvirt's account, in tenths of a MiB.
live_amount()
{
	amount=
	while read -r amount_one amount_two amount_number amount_unit; do
		[ "$amount_one $amount_two" = "Data $1:" ] || continue
		amount_tenth=${amount_number#*.}
		amount=${amount_number%%.*}
		case $amount_unit in
		KiB) amount=0 ;;
		MiB) amount=$((amount * 10 + ${amount_tenth%"${amount_tenth#?}"})) ;;
		GiB) amount=$((amount * 10240)) ;;
		*) amount= ;;
		esac
		return
	done <<-EOF
	$live_job
	EOF
}

# Tells how far it is until the machine has left this node; nothing waits for it.
live_progress()
{
	while vm_runs "$dom"; do
		live_job=$(virsh domjobinfo "$dom" 2>/dev/null) || return
		live_amount processed
		live_done=$amount
		live_amount total
		[ -z "$live_done" ] || [ "${amount:-0}" -eq 0 ] || progress "$live_done" "$amount"
		sleep 1
	done
}

apply()
{
	drill_names
	cluster_look || fail no-cluster "$node_name" || return
	drill_where
	drill_dest
	live_progress &
	live_pid=$!
	drill_move
	live_code=$?
	kill $live_pid 2>/dev/null
	return $live_code
}

watch()
{
	drill_names
	until
		cluster_look && watch_start
		watch_redundant
	do
		sleep 1
	done
}
