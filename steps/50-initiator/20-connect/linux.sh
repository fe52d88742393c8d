connect_names()
{
	portal_name "$target_portal" "$target_port"
	record=/etc/iscsi/nodes/$target_iqn/$target_portal,$target_port
	proof_file "login-$target_name"
}

# The sessions with this target that are logged in: $sessions (how many), $session (the last).
connect_sessions()
{
	sessions=0
	session=
	for connect_dir in /sys/class/iscsi_session/session*; do
		first_line "$connect_dir/targetname" && [ "$line" = "$target_iqn" ] || continue
		first_line "$connect_dir/state" && [ "$line" = LOGGED_IN ] || continue
		session=$connect_dir
		sessions=$((sessions + 1))
	done
	[ $sessions -gt 0 ]
}

# The disk that came through the session under this LUN's number: $disk.
connect_disk()
{
	disk=
	for connect_dir in "$session"/device/target*/*:*:*:"$lun_number"/block/*; do
		[ -d "$connect_dir" ] || continue
		disk=${connect_dir##*/}
		return 0
	done
	return 1
}

# Its identity, in the form of a by-id name: $wwid.
connect_wwid()
{
	first_line "/sys/block/$disk/device/wwid" || return 1
	wwid=${line#naa.}
}

connect_linked()
{
	for dev in "/dev/disk/by-id/wwn-0x$wwid" "/dev/disk/by-id/scsi-3$wwid"; do
		[ "$(readlink -f "$dev")" = "/dev/$disk" ] && return
	done
	case $wwid in
	eui.* | t10.*) ls /dev/disk/by-id/scsi-* >/dev/null 2>&1 ;;
	*) return 1 ;;
	esac
}

# The record that open-iscsi reads at boot; a folder in newer layouts, a file in old ones.
connect_record()
{
	for file in "$record",*/default "$record"; do
		[ -f "$file" ] && return
	done
	return 1
}

connect_lasting() { connect_record && grep -q '^node\.startup = automatic' "$file"; }

check()
{
	connect_names
	connect_sessions || todo no-session "$target_name" "$portal" || return
	[ $sessions -eq 1 ] || fail two-sessions "$target_name" "$sessions" || return
	connect_disk || todo no-disk "$lun_name" "$lun_number" || return
	connect_wwid || todo no-wwid "$lun_name" || return
	value lun.wwid "$wwid"
	connect_linked || todo no-link "$lun_name" "$wwid" || return
	connect_lasting || todo not-lasting "$target_name"
}

# Writes the password into the record itself: iscsiadm would want it as an argument.
connect_chap()
{
	[ -n "$target_chap_user" ] || return 0
	connect_secret=$(secret "chap.$target_name") || fail no-secret "$target_name" || return
	{
		grep -Ev '^(node\.session\.auth\.(authmethod|username|password) =|# END RECORD)' "$file"
		printf 'node.session.auth.%s\n' 'authmethod = CHAP' "username = $target_chap_user" \
			"password = $connect_secret"
		echo '# END RECORD'
	} | put_file "$file" 600
	[ $? -ne 2 ]
}

connect_login()
{
	iscsiadm -m discovery -t sendtargets -p "$portal" || fail no-discovery "$portal" || return
	connect_record || fail not-offered "$target_iqn" "$portal" || return
	connect_chap || return
	mkdir -p "${proof%/*}"
	first_line /proc/sys/kernel/random/boot_id
	printf '%s\n' "$line" | put_file "$proof" 644
	iscsiadm -m node -T "$target_iqn" -p "$portal" -l || fail refused "$target_name" "$node_iqn" || return
}

connect_ready() { connect_sessions && connect_disk && connect_wwid && connect_linked; }

apply()
{
	connect_names
	connect_sessions || connect_login || return
	if ! connect_lasting; then
		iscsiadm -m node -T "$target_iqn" -p "$portal" -o update -n node.startup -v automatic || return
	fi
	connect_sessions
	connect_disk || iscsiadm -m session -r "${session##*session}" --rescan || return
	until_true 5 connect_ready && return
	# After an interruption udev may have dropped the lasting name.
	! connect_disk || udevadm trigger --settle "/sys/block/$disk"
	until_true 25 connect_ready || fail no-disk "$lun_name" "$lun_number"
}

# Nobody on this machine counts on the disk: neither the fencing service nor any other program.
connect_let_go()
{
	lun_user
	[ -z "$user" ] || fail in-use "$lun_name" "$user" || return
	[ ! -e /etc/default/sbd ] || lun_no_mailbox || fail mailbox "$lun_name" "$node_name" || return
	until_true 10 lun_closed || fail in-use "$lun_name" "${spare_text%%
*}"
}

# Only this LUN's disk goes; the session goes with the last disk.
undo()
{
	connect_names
	connect_sessions || return 0
	if connect_disk; then
		connect_let_go || return
		echo 1 >"/sys/block/$disk/device/delete" || return
	fi
	for connect_dir in "$session"/device/target*/*:*:*:*/block/*; do
		[ ! -d "$connect_dir" ] || return 0
	done
	iscsiadm -m node -T "$target_iqn" -p "$portal" -u || return
	iscsiadm -m node -T "$target_iqn" -p "$portal" -o delete
	rm -f "$proof"
}
