# There are never fewer than there once were: whoever made them has left a note.
journals_note() { proof_file "journals-$lun_wwid-$lun_fsuuid"; }

journals_noted()
{
	first_line "$proof" || return
	journals=$line
	[ "$journals" -ge "$cluster_journals" ] 2>/dev/null
}

# How many journals the file system has: $journals. The tool opens the disk for writing, although it
# only reads, so it is not asked without need.
journals_count()
{
	journals_list=$(gfs2_edit -p jindex "$dev" 2>/dev/null) || return
	journals=$(printf '%s\n' "$journals_list" | grep -c '[[:space:]]journal[0-9][0-9]*[[:space:]]*$')
	[ "$journals" -gt 0 ]
}

check()
{
	lun_need || return
	lun_content || fail unreadable "$lun_name" || return
	[ "$content_type,$content_uuid" = "gfs2,$lun_fsuuid" ] || todo other "$lun_name" "$content" || return
	journals_note
	journals_noted || journals_count || fail unreadable "$lun_name" || return
	value lun.journals "$journals"
	[ "$journals" -ge "$cluster_journals" ] || todo few "$lun_name" "$journals" "$cluster_journals"
}

# Only who has it mounted can add to it, and only the cluster mounts it.
journals_add()
{
	lun_user
	case $user in
	/*) ;;
	*) fail not-mounted "$lun_name" "$node_name" || return ;;
	esac
	gfs2_jadd -j $((cluster_journals - journals)) -J 16 "$user" 2>&1 || fail no-room "$lun_name" || return
	sync -f "$user"
}

# A file system that was just made has them all, and nobody has mounted it yet.
apply()
{
	lun_need || return
	lun_content
	[ "$content_uuid" = "$lun_fsuuid" ] || fail other "$lun_name" "$content" || return
	journals_count || fail unreadable "$lun_name" || return
	[ "$journals" -ge "$cluster_journals" ] || journals_add || return
	journals_note
	printf '%s\n' "$cluster_journals" | put_file "$proof" 644
	[ $? -ne 2 ]
}
