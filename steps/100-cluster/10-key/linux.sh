key_file=/etc/corosync/authkey

check()
{
	[ -s $key_file ] || todo no-key "$node_name" || return
	key_sum=$(sha256sum $key_file)
	key_sum=${key_sum%% *}
	value cluster.key "${key_sum%"${key_sum#????????????}"}"
}

key_ask() { ssh -n -o BatchMode=yes -o ConnectTimeout=20 "root@$1" "$2"; }

# The key of whichever node has one already: 0 = got it, 1 = none has, 2 = somebody is silent.
key_fetch()
{
	for key_peer in $nodes_in; do
		[ "$key_peer" != "$node_name" ] || continue
		key_text=$(key_ask "$key_peer" "[ ! -s $key_file ] || base64 -w0 $key_file; echo .") || return 2
		key_text=${key_text%.}
		key_text=${key_text%"
"}
		[ -n "$key_text" ] || continue
		printf %s "$key_text" | base64 -d | put_file $key_file 400
		[ $? -ne 2 ] || return 2
		return 0
	done
	return 1
}

apply()
{
	[ ! -s $key_file ] || return 0
	cluster_nodes
	key_fetch
	case $? in
	0) return ;;
	2) fail refused "$key_peer" || return ;;
	esac
	(umask 077 && corosync-keygen -l -k $key_file.new) || fail not-made || return
	chmod 400 $key_file.new && mv $key_file.new $key_file
}

undo()
{
	cluster_daemons
	[ -z "$daemons" ] || fail cluster-runs "$node_name" || return
	rm -f $key_file
}
