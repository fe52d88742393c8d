disk_guest=/usr/local/share/bascule/guest

disk_names()
{
	lun_point
	plain_name "$vm_name" 40
	disk_dom=$name
	folder=$point/$disk_dom
	image=$folder/disk.img
}

check()
{
	disk_names
	vm_owner "$disk_dom"
	vm_mounted || return
	[ ! -e "$image.part" ] || todo half "$vm_name" || return
	[ -s "$image" ] || todo no-disk "$vm_name" || return
	value vm.image "$image"
	[ -n "$vm_image" ] && return
	[ -s "$folder/kernel" ] && [ -s "$folder/initrd" ] || todo no-disk "$vm_name"
}

# $disk_size: what the file says, else what the image has, else enough for the demo guest.
disk_measure()
{
	disk_source=0
	if [ -n "$vm_image" ]; then
		disk_source=$(qemu-img info --output=json "$vm_image" 2>/dev/null | sed -n 's/^ *"virtual-size": \([0-9]*\).*/\1/p' | tail -n 1)
		[ -n "$disk_source" ] || fail no-image "$vm_image" || return
	fi
	disk_size=$vm_disk
	case ${disk_size:-0} in
	0) disk_size=$disk_source ;;
	esac
	[ "$disk_size" -ne 0 ] || disk_size=16777216
	[ "$disk_size" -ge "$disk_source" ] || fail too-small "$disk_source" "$vm_name" "$disk_size" || return
	disk_free=$(($(stat -f -c '%a * %S' "$point")))
	[ "$disk_free" -gt $((disk_size + 67108864)) ] || fail no-room "$vm_name" "$disk_size" "$point" "$disk_free"
}

# qemu-img's "(12.34/100%)" as progress.
disk_convert()
{
	{
		qemu-img convert -p -t none -T none -O raw "$vm_image" "$image.part" 2>&1
		printf '\rdisk_code:%s\r' $?
	} | tr '\r' '\n' | {
		disk_code=1
		disk_last=
		while read -r line; do
			case $line in
			disk_code:*) disk_code=${line#*:} ;;
			'('*/100%')')
				line=${line#(}
				[ "$disk_last" = "${line%%.*}" ] || progress "${line%%.*}" 100
				disk_last=${line%%.*}
				;;
			?*) printf '%s\n' "$line" ;;
			esac
		done
		return "$disk_code"
	}
}

# The demo guest's disk is empty, but every block of it is there: a write must not run out of room.
disk_empty()
{
	progress 0 100
	dd if=/dev/zero of="$image.part" bs=1M count=$((disk_size / 1048576)) conv=fsync status=none || return
	progress 100 100
}

disk_make()
{
	[ -e "$image" ] || : >"$image.part" || return
	if [ -n "$vm_image" ]; then
		disk_convert || return
	else
		disk_empty || return
	fi
	[ "$(stat -c %s "$image.part")" -ge "$disk_size" ] || truncate -s "$disk_size" "$image.part" || return
	sync "$image.part" && mv -T "$image.part" "$image" && sync "$folder"
}

apply()
{
	disk_names
	vm_mounted || return
	! vm_runs "$disk_dom" || fail runs "$vm_name" || return
	mkdir -p "$folder" || return
	if [ -z "$vm_image" ]; then
		for disk_file in kernel initrd; do
			[ -r $disk_guest/$disk_file ] || fail no-guest $disk_guest/$disk_file || return
			cp $disk_guest/$disk_file "$folder/$disk_file.new" && sync "$folder/$disk_file.new" &&
				mv "$folder/$disk_file.new" "$folder/$disk_file" || fail copy "$vm_name" || return
		done
	fi
	[ ! -s "$image" ] || [ -e "$image.part" ] || return 0
	disk_measure || return
	disk_make || fail copy "$vm_name"
}

undo()
{
	disk_names
	vm_mounted || return
	! vm_runs "$disk_dom" || fail runs "$vm_name" || return
	rm -f "$image" "$image.part" "$folder/kernel" "$folder/initrd"
	rmdir "$folder" 2>/dev/null || :
}
