luns_lio=/sys/kernel/config/target
luns_saved=/etc/rtslib-fb-target/saveconfig.json

luns_names()
{
	plain_name "$lun_name" 16
	store=$name
	tpg=$luns_lio/iscsi/$target_iqn/tpgt_1
	image=$target_path/$store.img
}

# The store as the kernel has it: $so; 1 when it is not there.
luns_store()
{
	for so in "$luns_lio"/core/fileio_*/"$store"; do
		[ -d "$so" ] && return
	done
	return 1
}

luns_mine()
{
	first_line "$so/wwn/vpd_unit_serial"
	[ "${line##* }" = "$lun_serial" ]
}

# Which store hangs on this LUN's number: $mapped, "" for none.
luns_mapped()
{
	mapped=
	for luns_link in "$tpg/lun/lun_$lun_number"/*; do
		[ -L "$luns_link" ] || continue
		mapped=$(readlink "$luns_link")
		mapped=${mapped##*/}
		case $mapped in
		default_tg_pt_gp | default_lu_gp) mapped= ;;
		*) return 0 ;;
		esac
	done
	return 1
}

# The initiators that have an access entry but not this LUN, in $unmapped.
luns_unmapped()
{
	unmapped=
	for luns_acl in "$tpg"/acls/*; do
		[ -d "$luns_acl" ] || continue
		[ -d "$luns_acl/lun_$lun_number" ] || unmapped="$unmapped${unmapped:+ }${luns_acl##*/}"
	done
}

# LIO keeps reservations that shall survive a power loss in this folder, but does not make it.
luns_reservations() { ! first_line $luns_lio/dbroot || [ -d "$line/pr" ]; }

# What must not be touched because it belongs to somebody else.
luns_free()
{
	if luns_store && ! luns_mine; then
		fail store-taken "$store" "$lun_name" || return
	fi
	if luns_mapped && [ "$mapped" != "$store" ]; then
		fail number-taken "$lun_number" "$mapped" "$target_name" || return
	fi
	luns_size=$(stat -c %s "$image" 2>/dev/null) || return 0
	[ "$luns_size" = "$lun_size" ] || fail size "$image" "$luns_size" "$lun_size"
}

check()
{
	have targetcli || todo no-targetcli || return
	luns_names
	luns_free || return
	luns_store || todo no-store "$lun_name" || return
	luns_mapped || todo no-lun "$lun_number" "$target_name" || return
	luns_unmapped
	[ -z "$unmapped" ] || todo unmapped "$lun_name" "$unmapped" || return
	luns_reservations || todo no-reservations "$line" || return
	grep -qs "$lun_serial" $luns_saved || todo unsaved "$lun_name" || return
	[ -L /etc/systemd/system/multi-user.target.wants/rtslib-fb-targetctl.service ] ||
		todo not-at-boot
}

# The whole change as targetcli's own commands, only those that are still needed.
luns_commands()
{
	echo 'set global auto_add_default_portal=false auto_add_mapped_luns=false auto_save_on_exit=false'
	luns_store || echo "/backstores/fileio create name=$store file_or_dev=$image wwn=$lun_serial"
	[ -d "$tpg" ] || echo "/iscsi create $target_iqn"
	luns_mapped ||
		echo "/iscsi/$target_iqn/tpg1/luns create /backstores/fileio/$store lun=$lun_number add_mapped_luns=false"
	luns_unmapped
	for luns_initiator in $unmapped; do
		luns_readonly=0
		[ "$luns_initiator" != "$target_console_iqn" ] || luns_readonly=1
		echo "/iscsi/$target_iqn/tpg1/acls/$luns_initiator create mapped_lun=$lun_number tpg_lun_or_backstore=$lun_number write_protect=$luns_readonly"
	done
	echo '/ saveconfig'
	echo exit
}

# A machine that has a saved configuration but has not loaded it must not save an empty one over it.
luns_wake()
{
	for luns_dir in "$luns_lio"/iscsi/*/tpgt_*; do
		[ ! -d "$luns_dir" ] || break
	done
	if [ -d "$luns_dir" ]; then
		systemctl --no-reload enable rtslib-fb-targetctl 2>&1
	else
		systemctl enable --now rtslib-fb-targetctl 2>&1
	fi
}

apply()
{
	luns_names
	case $target_path in
	/*) ;;
	*) fail bad-path "$target_path" || return ;;
	esac
	case $target_path in
	*[!A-Za-z0-9._/+-]*) fail bad-path "$target_path" || return ;;
	esac
	luns_wake || fail no-service || return
	luns_reservations || (umask 077 && mkdir -p "$line/pr") || return
	luns_free || return
	if [ ! -e "$image" ]; then
		(umask 077 && mkdir -p "$target_path" && truncate -s "$lun_size" "$image") ||
			fail no-room "$image" || return
	fi
	mkdir -p /var/lib/bascule/targetcli
	luns_commands | TARGETCLI_HOME=/var/lib/bascule/targetcli targetcli
}

# The store's file stays: taking a LUN away never deletes data.
undo()
{
	luns_names
	luns_store || return 0
	luns_mine || return 0
	{
		echo 'set global auto_save_on_exit=false'
		! luns_mapped || echo "/iscsi/$target_iqn/tpg1/luns delete lun$lun_number"
		echo "/backstores/fileio delete $store"
		luns_others=0
		for luns_dir in "$tpg"/lun/lun_* "$tpg"/acls/* "$tpg"/np/*; do
			[ ! -d "$luns_dir" ] || luns_others=$((luns_others + 1))
		done
		[ ! -d "$tpg/lun/lun_$lun_number" ] || luns_others=$((luns_others - 1))
		[ $luns_others -ne 0 ] || [ ! -d "$tpg" ] || echo "/iscsi delete $target_iqn"
		echo '/ saveconfig'
		echo exit
	} | TARGETCLI_HOME=/var/lib/bascule/targetcli targetcli
	! luns_store || fail still-there "$lun_name"
}
