# Is it mounted here, by the cluster, and is it the disk that was meant?
storage_here()
{
	lun_user
	[ "$user" = "$point" ]
}

storage_up()
{
	cluster_look || return
	for storage_node in $members; do
		case $started in
		*" $fs@$storage_node "*) ;;
		*) return 1 ;;
		esac
	done
}

# The disk the cluster was told for this file system, by its lasting name: $storage_device.
storage_told()
{
	line=$(cibadmin --query --xpath "//primitive[@id='$fs']//nvpair[@name='device']" 2>/dev/null) || return
	xml_get value || return
	storage_device=$text
}

check()
{
	cluster_need || return
	lun_need || return
	lun_point
	storage_told || todo no-resource "$lun_name" || return
	[ "$(readlink -f "$storage_device")" = "/dev/$disk" ] || fail device "$point" "$storage_device" || return
	for storage_node in $members; do
		case $started in
		*" $fs@$storage_node "*) ;;
		*) todo not-mounted "$lun_name" "$storage_node" || return ;;
		esac
	done
	storage_here || todo not-mounted "$lun_name" "$node_name" || return
	value lun.point "$point"
}

# One clone for each file system: a second one that joins must not stop what runs on the first.
storage_xml()
{
	xml_text "$point"
	cat <<-EOF
	<resources><clone id="dlm-clone"><meta_attributes id="dlm-clone-meta">
	<nvpair id="dlm-clone-interleave" name="interleave" value="true"/></meta_attributes>
	<primitive id="dlm" class="ocf" provider="pacemaker" type="controld"><operations>
	<op id="dlm-monitor" name="monitor" interval="60s" timeout="120s" on-fail="fence"/>
	<op id="dlm-start" name="start" interval="0s" timeout="120s"/>
	<op id="dlm-stop" name="stop" interval="0s" timeout="120s" on-fail="fence"/></operations></primitive></clone>
	<clone id="$fs-clone"><meta_attributes id="$fs-clone-meta">
	<nvpair id="$fs-clone-interleave" name="interleave" value="true"/></meta_attributes>
	<primitive id="$fs" class="ocf" provider="heartbeat" type="Filesystem"><instance_attributes id="$fs-attributes">
	<nvpair id="$fs-device" name="device" value="$dev"/>
	<nvpair id="$fs-directory" name="directory" value="$xml"/>
	<nvpair id="$fs-fstype" name="fstype" value="gfs2"/>
	<nvpair id="$fs-options" name="options" value="noatime"/></instance_attributes><operations>
	<op id="$fs-monitor" name="monitor" interval="30s" timeout="180s" on-fail="fence"/>
	<op id="$fs-start" name="start" interval="0s" timeout="120s"/>
	<op id="$fs-stop" name="stop" interval="0s" timeout="120s" on-fail="fence"/></operations></primitive></clone></resources>
	<constraints><rsc_order id="$fs-after-dlm" first="dlm-clone" then="$fs-clone" kind="Mandatory"/>
	<rsc_colocation id="$fs-with-dlm" rsc="$fs-clone" with-rsc="dlm-clone" score="INFINITY"/></constraints>
	EOF
}

apply()
{
	cluster_look || fail no-cluster "$node_name" || return
	lun_need || return
	lun_point
	lun_content
	[ "$content_uuid" = "$lun_fsuuid" ] || fail other "$lun_name" "$content" || return
	cib_merge "$(storage_xml)" || fail refused || return
	until_settled 240 storage_up || fail not-mounted "$lun_name" "$storage_node"
}

# The file system stays as it is; it only leaves the cluster.
undo()
{
	cluster_look || return 0
	lun_point
	storage_needed=$(cibadmin --query --xpath "//rsc_order[@first='$fs-clone']" 2>/dev/null | sed -n 's/.* then="\([^"]*\)".*/\1/p' | tr '\n' ' ')
	[ -z "$storage_needed" ] || fail needed "$storage_needed" || return
	storage_told || return 0
	crm_resource --resource "$fs-clone" --meta --set-parameter target-role --parameter-value Stopped || return
	until_settled 120 storage_down || fail needed "$fs" || return
	cib_drop "//rsc_order[@id='$fs-after-dlm']" "//rsc_colocation[@id='$fs-with-dlm']" "//clone[@id='$fs-clone']"
	cibadmin --query --xpath '//primitive[@type="Filesystem"]' >/dev/null 2>&1 || cib_drop '//clone[@id="dlm-clone"]'
}

storage_down()
{
	cluster_look || return
	case $started in
	*" $fs@"*) return 1 ;;
	esac
}
