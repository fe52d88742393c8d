readback_evidence() { proof_file "readback-$lun_wwid-$lun_fsuuid"; }

readback_mounted()
{
	lun_user
	case $user in
	/*) first_line "$user/.bascule-proof" && [ "$line" = "$lun_nonce" ] ;;
	*) return 1 ;;
	esac
}

# A running cluster holds it, and this machine is to join: nobody mounts it here before. That the
# head of this very file system or mailbox can be read has to do, until the cluster mounts it.
readback_beside()
{
	[ "$lun_held,$task_undo" = yes, ] && lun_content || return
	[ "$content" != sbd ] || { sbd_header && content_uuid=$sbd_uuid; }
	[ "$content_uuid" = "$lun_fsuuid" ]
}

check()
{
	lun_need || return
	readback_evidence
	# Without a word from the first node in this run, evidence for this very file system is enough.
	first_line "$proof" && [ "$line" = "${lun_nonce:-$line}" ] || readback_mounted || readback_beside ||
		todo unread "$lun_name" "$node_name"
}

# The file that the first node left, through a mount without the lock manager: $line.
readback_file()
{
	readback_point=/run/bascule-proof-$lun_wwid
	mkdir -p "$readback_point" || return
	blockdev --flushbufs "$dev"
	mount -t gfs2 -o lockproto=lock_nolock,noatime "$dev" "$readback_point" ||
		fail mount "$lun_name" || return
	first_line "$readback_point/.bascule-proof"
	umount "$readback_point" || fail umount "$lun_name" "$readback_point" || return
	rmdir "$readback_point"
}

apply()
{
	readback_evidence
	lun_need || return
	lun_idle || return
	lun_content || fail unreadable "$lun_name" || return
	if [ "$content" = sbd ]; then
		sbd_header
		line=$sbd_uuid
	else
		[ "$content_uuid" = "$lun_fsuuid" ] || fail other "$lun_name" "$content" || return
		readback_file || return
	fi
	[ "$line" = "$lun_nonce" ] || fail differs "$lun_name" "$line" "$lun_nonce" || return
	mkdir -p "${proof%/*}"
	printf '%s\n' "$line" | put_file "$proof" 644
	[ $? -ne 2 ]
}

undo()
{
	readback_evidence
	rm -f "$proof"
}
