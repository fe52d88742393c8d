quorum_record() { proof_file "made-$lun_wwid"; }

# What is on the LUN: $found = wanted, timeouts (ours, with others), begun (cut short), empty or
# foreign.
quorum_look()
{
	lun_content || fail unreadable "$lun_name" || return
	quorum_record
	first_line "$proof"
	quorum_made=${lun_fsuuid:-$line}
	found=foreign
	if [ "$content" = sbd ] && sbd_header; then
		content="sbd $sbd_uuid"
		[ "$sbd_uuid" != "$quorum_made" ] || found=timeouts
		[ "$found,$sbd_watchdog,$sbd_msgwait" != "timeouts,$cluster_watchdog,$cluster_msgwait" ] || found=wanted
		[ "$found" = foreign ] || [ ! -e "$proof.begun" ] || found=begun
	elif [ "$content" = empty ]; then
		found=empty
	elif [ "$content" = unknown ] && [ -e "$proof.begun" ]; then
		found=begun
	fi
	case $found in
	empty) value lun.content empty ;;
	foreign) value lun.content "foreign:$content" ;;
	*) value lun.content own ;;
	esac
}

quorum_values()
{
	value lun.fsuuid "$sbd_uuid"
	value lun.nonce "$sbd_uuid"
}

# Is it the mailbox of the cluster that runs here?
quorum_held()
{
	sbd_watching
	[ -n "$daemons" ] && ! lun_no_mailbox && echo yes || echo no
}

check()
{
	lun_need || return
	have sbd || todo no-sbd || return
	value lun.held "$(quorum_held)"
	quorum_look || return
	[ "$lun_state" != leaving ] || todo given-up "$lun_name" || return
	case $found in
	wanted) quorum_values ;;
	foreign) todo foreign "$lun_name" "$content" ;;
	timeouts) todo timeouts "$lun_name" "$sbd_watchdog" "$sbd_msgwait" "$cluster_watchdog" "$cluster_msgwait" ;;
	empty) todo empty "$lun_name" ;;
	begun) todo begun "$lun_name" ;;
	esac
}

quorum_keys()
{
	have sg_persist || return 0
	quorum_key=0xba5c00000000f0f0
	sg_persist --in --read-keys --no-inquiry "$dev" 2>/dev/null | grep -q 0xba5c || return 0
	sg_persist --out --no-inquiry --register-ignore --param-sark=$quorum_key "$dev" >/dev/null &&
		sg_persist --out --no-inquiry --clear --param-rk=$quorum_key "$dev" >/dev/null
}

apply()
{
	lun_need || return
	lun_idle || return
	quorum_look || return
	case $found in
	wanted) return ;;
	foreign) [ "$run_confirmed" = yes ] || fail foreign "$lun_name" "$content" || return ;;
	esac
	blkid -p "$dev" | was signature
	mkdir -p "${proof%/*}" && : >"$proof.begun" && sync "$proof.begun" || return
	quorum_keys
	[ "$found" != foreign ] || wipefs -q -a "$dev" || return
	# 255 slots are written one by one: on slow storage one of them may take longer than sbd waits.
	sbd -I 30 -d "$dev" -1 "$cluster_watchdog" -4 "$cluster_msgwait" create
	quorum_code=$?
	# A header that was begun is ours, whatever became of its slots: the next attempt may replace it.
	sbd_header || fail create "$lun_name" || return
	printf '%s\n' "$sbd_uuid" | put_file "$proof" 644
	[ $? -ne 2 ] || return 1
	[ $quorum_code -eq 0 ] || fail create "$lun_name" || return
	rm -f "$proof.begun"
	quorum_values
}

# Whoever still uses this mailbox for fencing would be cut off: it must be ours and at rest.
undo()
{
	lun_need || return
	lun_idle || return
	quorum_look || return
	case $found in
	wanted | timeouts) ;;
	*) return 0 ;;
	esac
	dd if=/dev/zero of="$dev" bs=1M count=4 oflag=direct conv=fsync 2>&1 || return
	rm -f "$proof"
}
