# The record of what this program made, kept where it was made: WWID -> file system UUID.
format_record() { proof_file "made-$lun_wwid"; }

# gfs2's own names are short and plain: $table = CLUSTER:LUN.
format_table()
{
	plain_name "$cluster_name" 32
	table=$name
	plain_name "$lun_name" 30
	table=$table:$name
}

# What is on the LUN: $found = wanted, renamed (ours under another cluster's name), begun (a format
# of ours that was cut short), empty or foreign.
format_look()
{
	lun_content || fail unreadable "$lun_name" || return
	format_record
	first_line "$proof"
	format_made=${lun_fsuuid:-$line}
	found=foreign
	if [ "$content_type" = gfs2 ] && [ -n "$content_uuid" ] && [ "$content_uuid" = "$format_made" ]; then
		found=wanted
		[ "$content_label" = "$table" ] || found=renamed
		value lun.fsuuid "$content_uuid"
	elif [ "$content" = empty ]; then
		found=empty
	elif [ "$content" = unknown ] && [ -e "$proof.begun" ] && [ "$line" = "$format_made" ]; then
		found=begun
	fi
	case $found in
	empty) value lun.content empty ;;
	foreign) value lun.content "foreign:$content" ;;
	*) value lun.content own ;;
	esac
}

check()
{
	lun_need || return
	format_table
	format_look || return
	# What leaves is only let go of: its data stay.
	[ "$lun_state" != leaving ] || todo given-up "$lun_name" || return
	case $found in
	wanted) ;;
	foreign) todo foreign "$lun_name" "$content" ;;
	empty) todo empty "$lun_name" ;;
	begun) todo begun "$lun_name" ;;
	renamed) todo renamed "$lun_name" "$content_label" "$table" ;;
	esac
}

# The keys of the reservation test end here, whichever machine left the last one.
format_keys()
{
	have sg_persist || return 0
	format_key=0xba5c00000000f0f0
	sg_persist --in --read-keys --no-inquiry "$dev" 2>/dev/null | grep -q 0xba5c || return 0
	sg_persist --out --no-inquiry --register-ignore --param-sark=$format_key "$dev" >/dev/null &&
		sg_persist --out --no-inquiry --clear --param-rk=$format_key "$dev" >/dev/null
}

format_make()
{
	blkid -p "$dev" | was signature
	[ "$found" = empty ] || wipefs -q -a "$dev" || return
	read -r format_uuid </proc/sys/kernel/random/uuid
	mkdir -p "${proof%/*}" && : >"$proof.begun" || return
	printf '%s\n' "$format_uuid" | put_file "$proof" 644
	sync "$proof"
	mkfs.gfs2 -q -O -K -p lock_dlm -t "$table" -j "$cluster_journals" -J 16 -U "$format_uuid" "$dev" ||
		fail mkfs "$lun_name" || return
	rm -f "$proof.begun"
	printf '%s\n' "$cluster_journals" >"${proof%/*}/journals-$lun_wwid-$format_uuid"
	value lun.fsuuid "$format_uuid"
}

apply()
{
	lun_need || return
	lun_idle || return
	format_table
	format_look || return
	case $found in
	wanted) return ;;
	renamed)
		format_keys
		tunegfs2 -o locktable="$table" "$dev"
		return
		;;
	foreign) [ "$run_confirmed" = yes ] || fail foreign "$lun_name" "$content" || return ;;
	esac
	format_keys
	format_make || return
	udevadm trigger "/sys/block/$disk"
}

# Data goes with it, so it must be the very file system that was made here.
undo()
{
	lun_need || return
	lun_idle || return
	format_table
	format_look || return
	case $found in
	wanted | renamed) ;;
	*) return 0 ;;
	esac
	wipefs -q -a "$dev" || return
	rm -f "$proof"
}
