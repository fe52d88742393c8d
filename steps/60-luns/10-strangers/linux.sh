strangers_lio=/sys/kernel/config/target

# Is this initiator one of ours? One that is leaving is ours, but is not asked before a change.
strangers_known()
{
	[ "$1" != "$target_console_iqn" ] || return 0
	while IFS=$bascule_tab read -r _ _ _ known_iqn _ known_state _; do
		[ "$1" = "$known_iqn" ] || continue
		[ "$task_guard,$known_state" != yes,leaving ]
		return
	done <<-EOF
	$nodes
	EOF
	return 1
}

check()
{
	strangers_tpg=$strangers_lio/iscsi/$target_iqn/tpgt_1
	[ -d "$strangers_tpg" ] || todo no-target "$target_name" || return
	for strangers_acl in "$strangers_tpg"/acls/*; do
		first_line "$strangers_acl/info" || continue
		case $line in
		'No active iSCSI Session'*) continue ;;
		esac
		strangers_known "${strangers_acl##*/}" || fail stranger "${strangers_acl##*/}" "$target_name" || return
	done
	if first_line "$strangers_tpg/dynamic_sessions"; then
		strangers_known "$line" || fail stranger "$line" "$target_name" || return
	fi
}
