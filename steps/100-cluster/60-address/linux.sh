# The card that carries the address, $nic, and its prefix length, $bits: the one that manages this
# machine. A card that is the switch's port has its addresses on the switch.
address_nic()
{
	nic=
	bits=
	while IFS=$bascule_tab read -r nic_node _ nic_use nic_name nic_address nic_role; do
		[ "$nic_node,$nic_use" = "$node_name,enterprise" ] || continue
		case ${nic_address:--} in
		-) continue ;;
		esac
		[ -z "$nic" ] || [ "$nic_role" = manage ] || continue
		nic=$nic_name
		bits=${nic_address#*/}
		[ ! -e "/sys/class/net/$nic/master" ] || nic=$hypervisor_switch
	done <<-EOF
	$addresses
	EOF
	[ -n "$nic" ] || fail no-nic "$node_name" "$cluster_address"
}

address_told()
{
	address_xml=$(cibadmin --query --xpath "//primitive[@id='cluster-ip']" 2>/dev/null) || return
	told_ip=
	told_nic=
	while read -r line; do
		case $line in
		*' name="ip"'*) xml_get value && told_ip=$text ;;
		*' name="nic"'*) xml_get value && told_nic=$text ;;
		esac
	done <<-EOF
	$address_xml
	EOF
}

address_answers() { fping -q -r 2 -t 500 "$cluster_address" >/dev/null 2>&1; }

address_up()
{
	cluster_look || return
	case $started in
	*' cluster-ip@'*) address_answers ;;
	*) return 1 ;;
	esac
}

check()
{
	cluster_need || return
	address_nic || return
	address_told || todo no-resource "$cluster_address" || return
	[ "$told_ip,$told_nic" = "$cluster_address,$nic" ] ||
		todo differs "$told_ip" "$told_nic" "$cluster_address" "$nic" || return
	case $started in
	*' cluster-ip@'*) ;;
	*) todo not-started "$cluster_address" || return ;;
	esac
	address_answers || todo silent "$cluster_address" "$node_name"
}

address_xml()
{
	cat <<-EOF
	<resources><primitive id="cluster-ip" class="ocf" provider="heartbeat" type="IPaddr2">
	<instance_attributes id="cluster-ip-attributes">
	<nvpair id="cluster-ip-ip" name="ip" value="$cluster_address"/>
	<nvpair id="cluster-ip-cidr" name="cidr_netmask" value="$bits"/>
	<nvpair id="cluster-ip-nic" name="nic" value="$nic"/></instance_attributes><operations>
	<op id="cluster-ip-monitor" name="monitor" interval="20s" timeout="60s"/>
	<op id="cluster-ip-start" name="start" interval="0s" timeout="60s"/>
	<op id="cluster-ip-stop" name="stop" interval="0s" timeout="60s"/></operations></primitive></resources>
	EOF
}

apply()
{
	cluster_look || fail no-cluster "$node_name" || return
	address_nic || return
	address_told || ! address_answers || fail taken "$cluster_address" || return
	cib_merge "$(address_xml)" || fail refused || return
	until_settled 90 address_up || fail silent "$cluster_address" "$node_name"
}

undo()
{
	cluster_look || return 0
	cib_drop '//primitive[@id="cluster-ip"]'
	until_true 60 address_gone
}

address_gone() { ! address_answers; }
