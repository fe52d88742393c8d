access_lio=/sys/kernel/config/target

access_names()
{
	tpg=$access_lio/iscsi/$target_iqn/tpgt_1
	portal_name "$target_portal" "$target_port"
	chap=0
	[ -z "$target_chap_user" ] || chap=1
}

# Everybody who may come in: the hypervisors that stay, and the console for its probe.
access_wanted()
{
	initiators=$target_console_iqn
	while IFS=$bascule_tab read -r _ access_roles _ access_iqn _ access_state; do
		case ,$access_roles, in
		*,hypervisor,*) [ "$access_state" = leaving ] || initiators="$initiators $access_iqn" ;;
		esac
	done <<-EOF
	$nodes
	EOF
}

# The entries of nodes that leave: $left.
access_left()
{
	left=
	while IFS=$bascule_tab read -r _ _ _ access_iqn _ access_state; do
		[ "$access_state" = leaving ] && [ -d "$tpg/acls/$access_iqn" ] || continue
		left="$left${left:+ }$access_iqn"
	done <<-EOF
	$nodes
	EOF
}

# One that is still logged in may be writing.
access_left_free()
{
	access_left
	for initiator in $left; do
		first_line "$tpg/acls/$initiator/info"
		case $line in
		'No active iSCSI Session'*) ;;
		*) fail connected "$initiator" || return ;;
		esac
	done
}

access_attribute() { first_line "$tpg/attrib/$1" && [ "$line" = "$2" ]; }

# A portal that nobody asked for makes every LUN appear twice: $stray.
access_stray()
{
	for stray in "$tpg"/np/*; do
		[ -d "$stray" ] || continue
		stray=${stray##*/}
		[ "$stray" = "$portal" ] || return 0
	done
	return 1
}

# The LUNs that the access entry $1 lacks: $lacking (numbers).
access_lacking()
{
	lacking=
	for access_lun in "$tpg"/lun/lun_*; do
		[ -d "$access_lun" ] || continue
		access_lun=${access_lun##*/lun_}
		[ -d "$tpg/acls/$1/lun_$access_lun" ] || lacking="$lacking${lacking:+ }$access_lun"
	done
}

access_entry()
{
	[ -d "$tpg/acls/$1" ] || todo no-entry "$1" || return
	access_lacking "$1"
	[ -z "$lacking" ] || todo no-mapping "$1" "$lacking" || return
	[ "$chap" = 0 ] && return
	first_line "$tpg/acls/$1/auth/userid"
	[ "$line" = "$target_chap_user" ] || todo no-chap "$1"
}

check()
{
	access_names
	[ -d "$tpg" ] || todo no-target "$target_name" || return
	[ -d "$tpg/np/$portal" ] || todo no-portal "$portal" || return
	! access_stray || todo stray-portal "$stray" || return
	first_line "$tpg/enable"
	[ "$line" = 1 ] || todo disabled "$target_name" || return
	access_attribute authentication "$chap" || todo chap-differs "$target_name" || return
	access_attribute generate_node_acls 0 || todo open-door "$target_name" || return
	access_wanted
	for initiator in $initiators; do
		access_entry "$initiator" || return
	done
	access_left
	[ -z "$left" ] || todo still-let-in "$left" || return
	case "$(ss -Hltn) " in
	*" $portal "*) ;;
	*) todo silent "$portal" || return ;;
	esac
	grep -qs "${initiators##* }" /etc/rtslib-fb-target/saveconfig.json || todo unsaved
}

# targetcli puts the brackets of an IPv6 address itself.
access_unportal()
{
	access_host=${1%:*}
	access_host=${access_host#[}
	echo "/iscsi/$target_iqn/tpg1/portals delete ${access_host%]} ${1##*:}"
}

access_commands()
{
	access_path=/iscsi/$target_iqn/tpg1
	echo 'set global auto_add_default_portal=false auto_add_mapped_luns=false auto_save_on_exit=false'
	[ -d "$tpg" ] || echo "/iscsi create $target_iqn"
	for stray in "$tpg"/np/*; do
		[ -d "$stray" ] || continue
		stray=${stray##*/}
		[ "$stray" = "$portal" ] || access_unportal "$stray"
	done
	[ -d "$tpg/np/$portal" ] || echo "$access_path/portals create $target_portal $target_port"
	echo "$access_path set attribute authentication=$chap generate_node_acls=0 demo_mode_write_protect=1"
	for initiator in $initiators; do
		[ -d "$tpg/acls/$initiator" ] || echo "$access_path/acls create $initiator add_mapped_luns=false"
		access_readonly=0
		[ "$initiator" != "$target_console_iqn" ] || access_readonly=1
		access_lacking "$initiator"
		for access_lun in $lacking; do
			echo "$access_path/acls/$initiator create mapped_lun=$access_lun tpg_lun_or_backstore=$access_lun write_protect=$access_readonly"
		done
	done
	for initiator in $left; do
		echo "$access_path/acls delete $initiator"
	done
	echo "$access_path enable"
}

# Straight into the kernel: targetcli would keep the password in its history.
access_chap()
{
	access_secret=$(secret "chap.$target_name") || fail no-secret "$target_name" || return
	for initiator in $initiators; do
		printf %s "$target_chap_user" >"$tpg/acls/$initiator/auth/userid" &&
			printf %s "$access_secret" >"$tpg/acls/$initiator/auth/password" || return
	done
}

access_cli() { TARGETCLI_HOME=/var/lib/bascule/targetcli targetcli; }

apply()
{
	access_names
	access_wanted
	access_left_free || return
	(umask 077 && mkdir -p /var/lib/bascule/targetcli)
	{
		access_commands
		[ "$chap" = 1 ] || echo '/ saveconfig'
		echo exit
	} | access_cli || return
	[ "$chap" = 1 ] || return 0
	access_chap || return
	printf '%s\n' '/ saveconfig' exit | access_cli
}

undo()
{
	access_names
	access_wanted
	[ -d "$tpg" ] || return 0
	{
		echo 'set global auto_save_on_exit=false'
		for initiator in $initiators; do
			[ ! -d "$tpg/acls/$initiator" ] || echo "/iscsi/$target_iqn/tpg1/acls delete $initiator"
		done
		[ ! -d "$tpg/np/$portal" ] || access_unportal "$portal"
		ls -d "$tpg"/lun/lun_* >/dev/null 2>&1 || echo "/iscsi delete $target_iqn"
		echo '/ saveconfig'
		echo exit
	} | access_cli
	[ ! -d "$tpg/np/$portal" ] || fail still-there "$portal"
}
