trust_begin='# bascule: nodes of the cluster'
trust_end='# bascule: end'
trust_keys=/root/.ssh/authorized_keys
trust_hosts=/etc/ssh/ssh_known_hosts

# trust_addresses NODE [USE]: all its addresses, or all but those for the disks, with commas between.
trust_addresses()
{
	trust_list=
	while IFS=$bascule_tab read -r trust_node _ trust_use _ trust_at _; do
		[ "$trust_node" = "$1" ] && [ "$trust_at" != - ] && [ "$trust_use" != "${2:-}" ] || continue
		trust_list="$trust_list${trust_list:+,}${trust_at%/*}"
	done <<-EOF
	$addresses
	EOF
}

# Root of each other node is let in, from its own addresses only.
trust_keys_block()
{
	printf '%s\n' "$trust_begin"
	while IFS=$bascule_tab read -r trust_peer trust_key; do
		[ -n "$trust_peer" ] && [ "$trust_peer" != "$node_name" ] || continue
		trust_addresses "$trust_peer"
		printf '%s\n' "from=\"$trust_list\" $trust_key bascule:$trust_peer"
	done <<-EOF
	$node_root_key_all
	EOF
	printf '%s\n' "$trust_end"
}

# Every node by each name and address that may be used for it; the storage network is for disks.
trust_hosts_block()
{
	printf '%s\n' "$trust_begin"
	while IFS=$bascule_tab read -r trust_peer trust_key; do
		[ -n "$trust_peer" ] || continue
		trust_addresses "$trust_peer" storage
		trust_names=$trust_peer
		while IFS=$bascule_tab read -r trust_node _ trust_fqdn _; do
			[ "$trust_node" != "$trust_peer" ] || [ "$trust_fqdn" = "$trust_peer" ] ||
				trust_names=$trust_fqdn,$trust_peer
		done <<-EOF
		$nodes
		EOF
		printf '%s\n' "$trust_names${trust_list:+,$trust_list} $trust_key"
	done <<-EOF
	$node_host_key_all
	EOF
	printf '%s\n' "$trust_end"
}

trust_now() { sed -n -e "/^$trust_begin\$/,/^$trust_end\$/p" "$1" 2>/dev/null; }
trust_rest() { sed -e "/^$trust_begin\$/,/^$trust_end\$/d" "$1" 2>/dev/null; }

# Two machines with one host key prove nothing to each other: $trust_twin has it.
trust_twins()
{
	trust_seen=' '
	while IFS=$bascule_tab read -r trust_peer trust_key; do
		[ -n "$trust_peer" ] || continue
		trust_twin=$trust_peer
		case $trust_seen in *" ${trust_key#* } "*) return 0 ;; esac
		trust_seen="$trust_seen${trust_key#* } "
	done <<-EOF
	$node_host_key_all
	EOF
	return 1
}

check()
{
	! trust_twins || fail twins "$trust_twin" || return
	[ "$(trust_now $trust_keys)" = "$(trust_keys_block)" ] || todo not-let-in "$node_name" || return
	[ "$(trust_now $trust_hosts)" = "$(trust_hosts_block)" ] || todo not-known "$node_name"
}

apply()
{
	! trust_twins || fail twins "$trust_twin" || return
	[ -d /root/.ssh ] || mkdir -m 700 /root/.ssh || return
	{
		trust_rest $trust_keys
		trust_keys_block
	} | put_file $trust_keys 600
	[ $? -ne 2 ] || return 1
	{
		trust_rest $trust_hosts
		trust_hosts_block
	} | put_file $trust_hosts 644
	[ $? -ne 2 ]
}

undo()
{
	for trust_file in $trust_keys $trust_hosts; do
		[ -n "$(trust_now "$trust_file")" ] || continue
		trust_mode=644
		[ "$trust_file" != $trust_keys ] || trust_mode=600
		trust_left=$(trust_rest "$trust_file")
		if [ -n "$trust_left" ]; then
			printf '%s\n' "$trust_left" | put_file "$trust_file" "$trust_mode"
			[ $? -ne 2 ] || return 1
		else
			rm -f "$trust_file"
		fi
	done
}
