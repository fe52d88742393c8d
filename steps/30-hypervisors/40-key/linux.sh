key_file=/root/.ssh/id_ed25519

# The machine's own identity, by which the others know it again: $host_key.
key_host()
{
	host_key=
	for key_kind in ed25519 ecdsa rsa; do
		first_line "/etc/ssh/ssh_host_${key_kind}_key.pub" || continue
		host_key=$line
		break
	done
	# Type and key, without the comment behind it.
	case $host_key in
	*' '*' '*) host_key=${host_key%" ${host_key#* * }"} ;;
	esac
	[ -n "$host_key" ]
}

check()
{
	have ssh-keygen || todo no-package || return
	[ -s $key_file ] && first_line $key_file.pub || todo no-key "$node_name" || return
	case $line in
	*' '*' '*) line=${line%" ${line#* * }"} ;;
	esac
	value node.root_key "$line"
	key_host || fail no-host-key "$node_name" || return
	value node.host_key "$host_key"
}

apply()
{
	[ -d /root/.ssh ] || mkdir -m 700 /root/.ssh || return
	if [ ! -s $key_file ]; then
		was made yes
		rm -f $key_file
		ssh-keygen -q -t ed25519 -N '' -C "root@$node_name" -f $key_file || return
	fi
	[ -s $key_file.pub ] || ssh-keygen -y -f $key_file </dev/null >$key_file.pub
}

# A key that was there before stays.
undo()
{
	was_get made >/dev/null || return 0
	rm -f $key_file $key_file.pub
	was_drop
}
