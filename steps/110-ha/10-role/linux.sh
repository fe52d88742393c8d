role_names()
{
	lun_point
	plain_name "$vm_name" 40
	role_dom=$name
	role=vm-$name
	folder=$point/$role_dom
	# How it is stopped when it cannot be moved: with its state kept, in order, in order but not for
	# long, or as if its plug were pulled.
	role_stop=120s
	role_force=false
	role_snapshot=
	case $vm_offline_action in
	save) role_snapshot=$folder ;;
	shutdown) role_stop=600s ;;
	forced) role_stop=45s ;;
	off) role_force=true ;;
	esac
}

# NAME VALUE, of what the agent is told and of what the cluster does with it.
role_attributes()
{
	printf '%s\t%s\n' config "$folder/$role_dom.xml" hypervisor qemu:///system migration_transport ssh \
		force_stop "$role_force"
	[ -z "$role_snapshot" ] || printf 'snapshot\t%s\n' "$role_snapshot"
}

role_meta() { printf '%s\t%s\n' allow-migrate true priority "$((vm_priority))"; }

# The value that the cluster has below this role: $text.
role_value()
{
	text=
	while read -r line; do
		case $line in
		*'<nvpair '*" name=\"$1\""*) xml_get value && return ;;
		esac
	done <<-EOF
	$role_cib
	EOF
	return 1
}

role_get() { role_cib=$(cibadmin --query --xpath "//primitive[@id='$role']" 2>/dev/null); }

check()
{
	cluster_need || return
	role_names
	role_get || todo no-role "$vm_name" || return
	while IFS=$bascule_tab read -r role_key role_want; do
		role_value "$role_key"
		[ "$text" = "$role_want" ] || todo differs "$vm_name" "$role_key" "$text" "$role_want" || return
	done <<-EOF
	$(role_attributes)
	$(role_meta)
	EOF
	[ -n "$role_snapshot" ] || ! role_value snapshot || todo differs "$vm_name" snapshot "$text" ''
}

role_pairs()
{
	while IFS=$bascule_tab read -r role_key role_want; do
		xml_text "$role_want"
		printf '<nvpair id="%s-%s" name="%s" value="%s"/>' "$role" "$role_key" "$role_key" "$xml"
	done
}

# It is made at rest: starting it is a step of its own.
role_xml()
{
	cat <<-EOF
	<resources><primitive id="$role" class="ocf" provider="heartbeat" type="VirtualDomain">
	<instance_attributes id="$role-attributes">$(role_attributes | role_pairs)</instance_attributes>
	<meta_attributes id="$role-meta">$(role_meta | role_pairs)$role_rest</meta_attributes><operations>
	<op id="$role-monitor" name="monitor" interval="15s" timeout="120s"/>
	<op id="$role-start" name="start" interval="0s" timeout="300s"/>
	<op id="$role-stop" name="stop" interval="0s" timeout="$role_stop"/>
	<op id="$role-migrate_to" name="migrate_to" interval="0s" timeout="600s"/>
	<op id="$role-migrate_from" name="migrate_from" interval="0s" timeout="180s"/></operations></primitive></resources>
	<constraints><rsc_order id="$role-after-$fs" first="$fs-clone" then="$role" kind="Mandatory"/>
	<rsc_colocation id="$role-with-$fs" rsc="$role" with-rsc="$fs-clone" score="INFINITY"/></constraints>
	EOF
}

apply()
{
	role_names
	role_rest=
	role_get || role_rest="<nvpair id=\"$role-target-role\" name=\"target-role\" value=\"Stopped\"/>"
	[ -n "$role_snapshot" ] || cib_drop "//nvpair[@id='$role-snapshot']" || return
	cib_merge "$(role_xml)" || fail refused
}

role_stopped()
{
	cluster_look || return
	case $started in
	*" $role@"*) return 1 ;;
	esac
}

undo()
{
	cluster_look || return 0
	role_names
	role_get || return 0
	crm_resource --resource "$role" --meta --set-parameter target-role --parameter-value Stopped || return
	until_settled 240 role_stopped || fail does-not-stop "$vm_name" || return
	cib_drop "//rsc_order[@then='$role']" "//rsc_colocation[@rsc='$role']" "//rsc_location[@rsc='$role']" "//primitive[@id='$role']"
}
