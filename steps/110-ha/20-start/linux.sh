start_guest_port=1717

start_names()
{
	plain_name "$vm_name" 40
	role=vm-$name
}

# The node where the cluster runs it: $start_node.
start_where()
{
	cluster_look || return
	case $started in
	*" $role@"*) ;;
	*) return 1 ;;
	esac
	start_node=${started#*" $role@"}
	start_node=${start_node%% *}
}

start_ping() { [ -z "$vm_address" ] || fping -q -r 3 -t 700 "$vm_address" >/dev/null 2>&1; }

# A ping costs a starting machine less than a question to its cluster, so it comes first.
start_lives() { start_ping && start_where; }

# The demo guest tells a number once it is on its disk: "N NONCE NUMBER".
start_number()
{
	[ -z "$vm_image" ] && [ -n "$vm_address" ] || return 0
	# shellcheck disable=SC2016 # bash's own
	start_told=$(timeout 15 bash -c 'exec 3<>"/dev/tcp/$1/$2" && echo "?" >&3 && head -n 1 <&3' \
		bash "$vm_address" $start_guest_port 2>/dev/null) || return
	case $start_told in
	'N '*' '[0-9]*) ;;
	*) return 1 ;;
	esac
}

check()
{
	cluster_need || return
	start_names
	start_where || todo stopped "$vm_name" || return
	value vm.node "$start_node"
	start_ping || todo silent "$vm_name" "$vm_address" || return
	start_number || todo no-number "$vm_name"
}

# A node where it failed to start before is out of the question for the cluster until it is told to forget.
apply()
{
	start_names
	crm_resource --cleanup --resource "$role" 2>&1 || return
	crm_resource --resource "$role" --meta --set-parameter target-role --parameter-value Started || return
	until_settled 420 start_lives || start_where || fail trouble "$vm_name" || return
	start_ping || fail silent "$vm_name" "$vm_address" || return
	until_settled 60 start_number || fail no-number "$vm_name"
}

start_stopped()
{
	cluster_look && ! start_where
}

undo()
{
	cluster_look || return 0
	start_names
	crm_resource --resource "$role" --meta --set-parameter target-role --parameter-value Stopped || return
	until_settled 240 start_stopped || fail does-not-stop "$vm_name"
}
