write_evidence() { proof_file "write-$lun_wwid-$lun_fsuuid"; }

# Once the cluster has the file system mounted here, the file can simply be read.
write_mounted()
{
	lun_user
	case $user in
	/*) first_line "$user/.bascule-proof" ;;
	*) return 1 ;;
	esac
}

check()
{
	lun_need || return
	lun_user
	case $user in
	/*) value lun.held yes ;;
	*) value lun.held no ;;
	esac
	write_evidence
	first_line "$proof" || write_mounted || todo unwritten "$lun_name" || return
	value lun.nonce "$line"
}

write_away()
{
	umount "$write_point"
	write_code=$?
	rmdir "$write_point"
	return $write_code
}

# The file system is mounted without its lock manager: on one machine at a time, or it is lost.
apply()
{
	write_evidence
	lun_need || return
	lun_idle || return
	lun_content || return
	[ "$content_uuid" = "$lun_fsuuid" ] || fail other "$lun_name" "$content" || return
	write_point=/run/bascule-proof-$lun_wwid
	mkdir -p "$write_point" "${proof%/*}" || return
	mount -t gfs2 -o lockproto=lock_nolock,noatime "$dev" "$write_point" || fail mount "$lun_name" || return
	printf '%s\n' "$task_nonce" >"$write_point/.bascule-proof" && sync -f "$write_point/.bascule-proof"
	write_done=$?
	write_away || fail umount "$lun_name" "$write_point" || return
	[ $write_done -eq 0 ] || fail write "$lun_name" || return
	printf '%s\n' "$task_nonce" | put_file "$proof" 644
	[ $? -ne 2 ] || return 1
	value lun.nonce "$task_nonce"
}

undo()
{
	write_evidence
	rm -f "$proof"
}
