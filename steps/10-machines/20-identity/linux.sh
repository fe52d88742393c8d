identity_begin='# bascule: members of the cluster'
identity_end='# bascule: end'

# NAME ADDRESS: one line for /etc/hosts; what cannot be a host name has none.
identity_line()
{
	case ${2:--} in -) return ;; esac
	case $1 in *[!A-Za-z0-9.-]*) return ;; esac
	printf '%s\n' "$2 ${domain_name:+$1.$domain_name }$1"
}

# The block that belongs at the head of /etc/hosts: the first match wins there. The members, the
# cluster itself and its VMs, so that no name server is needed to find them.
identity_block()
{
	printf '%s\n' "$identity_begin"
	while IFS=$bascule_tab read -r id_name _ _ _ id_address _; do
		identity_line "$id_name" "$id_address"
	done <<-EOF
	$nodes
	EOF
	identity_line "$cluster_name" "$cluster_address"
	while IFS=$bascule_tab read -r id_name _ _ id_address id_state; do
		[ "$id_state" = leaving ] || identity_line "$id_name" "$id_address"
	done <<-EOF
	$vms
	EOF
	printf '%s\n' "$identity_end"
}

# What /etc/hosts has outside the block.
identity_rest()
{
	sed -e "/^$identity_begin\$/,/^$identity_end\$/d" /etc/hosts
}

# A name's own line at 127.0.1.1, as installers leave it, would make a member talk to itself.
identity_loop()
{
	grep -Eq "^127\.0\.1\.1([[:space:]].*)?[[:space:]]$node_name([.[:space:]]|\$)" /etc/hosts
}

# What hostnamectl does, without the services it starts for it: those take a minute on a busy machine.
identity_rename()
{
	printf '%s\n' "$1" | put_file /etc/hostname 644
	[ $? -ne 2 ] || return 1
	first_line /proc/sys/kernel/hostname
	[ "$line" = "$1" ] || printf '%s\n' "$1" >/proc/sys/kernel/hostname
}

check()
{
	case $node_name in
	'' | -* | *[!A-Za-z0-9-]*) fail bad-name "$node_name" || return ;;
	esac
	first_line /proc/sys/kernel/hostname
	[ "$line" = "$node_name" ] || todo name "$line" "$node_name" || return
	first_line /etc/hostname
	[ "$line" = "$node_name" ] || todo name "$line" "$node_name" || return
	identity_now=$(sed -n -e "/^$identity_begin\$/,/^$identity_end\$/p" /etc/hosts)
	[ "$identity_now" = "$(identity_block)" ] || todo hosts || return
	! identity_loop || todo loop "$node_name"
}

apply()
{
	first_line /proc/sys/kernel/hostname
	was name "$line"
	was hosts </etc/hosts
	{
		identity_block
		identity_rest | grep -Ev "^127\.0\.1\.1([[:space:]].*)?[[:space:]]$node_name([.[:space:]]|\$)"
	} | put_file /etc/hosts 644
	[ $? -ne 2 ] || fail hosts-write || return
	identity_rename "$node_name" || fail name-refused "$node_name"
}

undo()
{
	if identity_name=$(was_get name); then
		identity_rename "$identity_name" || return
	fi
	if was_get hosts >/dev/null; then
		was_get hosts | put_file /etc/hosts 644
		[ $? -ne 2 ] || return 1
	fi
	was_drop
}
