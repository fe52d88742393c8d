# The sessions of one target by name: is one logged in?
reboot_session()
{
	for reboot_dir in /sys/class/iscsi_session/session*; do
		first_line "$reboot_dir/targetname" && [ "$line" = "$1" ] || continue
		first_line "$reboot_dir/state" && [ "$line" = LOGGED_IN ] && return
	done
	return 1
}

# Has this target a LUN that is to stay?
reboot_concerns()
{
	while IFS=$bascule_tab read -r _ reboot_lun_target _ _ _ _ _ reboot_state; do
		[ "$reboot_lun_target,$reboot_state" != "$1,present" ] || return 0
	done <<-EOF
	$luns
	EOF
	return 1
}

# Every target was logged in to by hand in an earlier boot, and is logged in to now.
check()
{
	first_line /proc/sys/kernel/random/boot_id
	reboot_now=$line
	while IFS=$bascule_tab read -r reboot_target reboot_iqn _; do
		reboot_concerns "$reboot_target" || continue
		proof_file "login-$reboot_target"
		first_line "$proof" || todo no-record "$reboot_target" || return
		reboot_then=$line
		[ "$reboot_then" != "$reboot_now" ] || todo same-boot "$node_name" || return
		reboot_session "$reboot_iqn" || todo not-back "$reboot_target" || return
	done <<-EOF
	$targets
	EOF
}

reboot_back() { check >/dev/null; }

apply()
{
	cluster_daemons
	[ -z "$daemons" ] || fail cluster-runs "$node_name" || return
	reboot_then=
	reboot_back && return
	# Right after a boot the sessions may just be on their way.
	case $reboot_then in
	'' | "$reboot_now") ;;
	*) until_true 60 reboot_back && return ;;
	esac
	reboot
}
