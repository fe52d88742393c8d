# Keys that initiators have registered on the LUN, none of which this program needs.
identity_keys()
{
	identity_keys=
	have sg_persist || return 0
	identity_keys=$(sg_persist --in --read-keys --no-inquiry "$dev" 2>/dev/null | sed -n 's/^ *\(0x[0-9a-f]*\) *$/\1/p' | sort -u | tr '\n' ' ')
}

# Beside a running cluster each of its members has to be asked, also one that is leaving or that the
# cluster file has forgotten.
identity_members()
{
	[ -n "$daemons" ] || return 0
	cluster_nodes
	for identity_member in $members; do
		case " $nodes_in " in
		*" $identity_member "*) ;;
		*) todo not-asked "$identity_member" "$lun_name" || return ;;
		esac
	done
}

check()
{
	lun_need || return
	first_line "/sys/block/$disk/size"
	identity_bytes=$((line * 512))
	[ "$identity_bytes" -ge "$lun_size" ] && [ "$identity_bytes" -le $((lun_size + lun_size / 100 + 1048576)) ] ||
		fail size "$lun_name" "$identity_bytes" "$lun_size" || return
	first_line "/sys/block/$disk/ro"
	[ "$line" = 0 ] || fail read-only "$lun_name" || return
	# Asked as a guard: nobody at all may use it, whatever is on it. Otherwise the cluster may, it will
	# own it one day.
	if [ "$task_guard" = yes ]; then
		lun_idle && identity_members
		return
	fi
	lun_content || fail unreadable "$lun_name" || return
	value lun.seen "$disk $identity_bytes $content"
	identity_keys
	[ -z "$identity_keys" ] || value lun.keys "$identity_keys"
	lun_user
	cluster_daemons
	[ -z "$user" ] || [ -n "$daemons" ] || warn in-use "$lun_name" "$user"
}
