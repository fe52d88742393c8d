# Every name and address by which migration and cluster may go: the full name, and the heartbeat
# network's addresses.
way_targets()
{
	while IFS=$bascule_tab read -r way_node way_roles way_fqdn _ _ way_state; do
		case ,$way_roles, in *,hypervisor,*) ;; *) continue ;; esac
		[ "$way_node" != "$node_name" ] && [ "$way_state" = present ] || continue
		printf '%s\n' "$way_node $way_fqdn"
	done <<-EOF
	$nodes
	EOF
	while IFS=$bascule_tab read -r way_node _ way_use _ way_at _; do
		[ "$way_use" = heartbeat ] && [ "$way_node" != "$node_name" ] && [ "$way_at" != - ] || continue
		case " $way_peers " in
		*" $way_node "*) printf '%s\n' "$way_node ${way_at%/*}" ;;
		esac
	done <<-EOF
	$addresses
	EOF
}

# The nodes that stay and are not this one.
way_find()
{
	way_peers=
	while IFS=$bascule_tab read -r way_node way_roles _ _ _ way_state; do
		case ,$way_roles,$way_state in
		*,hypervisor,*present) [ "$way_node" = "$node_name" ] || way_peers="$way_peers $way_node" ;;
		esac
	done <<-EOF
	$nodes
	EOF
}

check()
{
	[ -s /root/.ssh/id_ed25519 ] && [ -s /etc/ssh/ssh_known_hosts ] || todo no-trust "$node_name" || return
	way_find
	while read -r way_peer way_to; do
		[ -n "$way_peer" ] || continue
		way_name=$(ssh -n -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=20 \
			-o ServerAliveInterval=10 -o ServerAliveCountMax=2 "root@$way_to" uname -n 2>&1)
		case $way_name in
		"$way_peer") ;;
		*'Permission denied'*) todo not-let-in "$way_to" || return ;;
		*'Host key verification failed'*) todo not-known "$way_to" || return ;;
		*) fail unreached "$way_to" "$way_name" || return ;;
		esac
	done <<-EOF
	$(way_targets)
	EOF
}
