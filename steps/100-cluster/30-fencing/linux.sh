# What the cluster is told, besides the device: NAME VALUE. A node that learns that it was fenced and yet
# lives (its mailbox was out of its reach) restarts at once: it would go on running what runs elsewhere.
fencing_settings()
{
	printf '%s\n' 'stonith-enabled true' "stonith-timeout ${fencing_timeout}s" 'stonith-watchdog-timeout 0' \
		'no-quorum-policy freeze' 'fence-reaction panic' 'load-threshold 1000%' 'node-action-limit 8' \
		'cluster-recheck-interval 120s' 'priority-fencing-delay 0'
}

# A fifth on top of the wait is the least; three times of it, since agents are slow on a busy machine.
fencing_names()
{
	cluster_nodes
	fencing_timeout=$((cluster_msgwait * 3))
	fencing_gap=10
	delay=
	[ "$nodes_n" -ne 2 ] || delay="${nodes_in%% *}:${fencing_gap}s;${nodes_in#* }:0s"
}

# Of two nodes the one with more virtual machines is to win from the start. After cluster_look.
fencing_favour()
{
	[ "$nodes_n" -eq 2 ] || return 0
	fencing_more=0
	for fencing_item in $started; do
		case $fencing_item in
		vm-*"@${nodes_in%% *}") fencing_more=$((fencing_more - 1)) ;;
		vm-*"@${nodes_in#* }") fencing_more=$((fencing_more + 1)) ;;
		esac
	done
	[ $fencing_more -le 0 ] || delay="${nodes_in%% *}:0s;${nodes_in#* }:${fencing_gap}s"
}

# Are these delays about the nodes that there are? More than two need none.
fencing_fits()
{
	[ "$nodes_n" -eq 2 ] || { [ -z "$1" ] && return; return 1; }
	case "$1" in
	"${nodes_in%% *}":*';'"${nodes_in#* }":* | "${nodes_in#* }":*';'"${nodes_in%% *}":*) ;;
	*) return 1 ;;
	esac
	case ${1#*;} in
	*';'*) return 1 ;;
	esac
}

# The value of a name in the cluster's configuration below an element: $text.
fencing_value()
{
	text=
	while read -r line; do
		case $line in
		*'<nvpair '*" name=\"$2\""*) xml_get value && return ;;
		esac
	done <<-EOF
	$1
	EOF
	return 1
}

# Numbers of one mailbox: $sbd_watchdog $sbd_msgwait $sbd_loop $sbd_allocate.
fencing_header()
{
	dev=$1
	sbd_header || return
	sbd_loop=
	sbd_allocate=
	while IFS=: read -r lun_key lun_text; do
		lun_text=${lun_text# }
		case $lun_key in
		*\(loop\)*) sbd_loop=$lun_text ;;
		*\(allocate\)*) sbd_allocate=$lun_text ;;
		esac
	done <<-EOF
	$lun_probe
	EOF
}

# --- the twelve relations between the times, each with its own reason -----------------------

# Of the mailbox alone.
fencing_mailbox_times()
{
	[ "$sbd_watchdog" -ge 5 ] || fail watchdog-low "$sbd_watchdog" 5 || return
	[ "$sbd_msgwait" -ge $((sbd_watchdog * 2)) ] || fail msgwait-low "$sbd_msgwait" "$sbd_watchdog" || return
	[ $((sbd_loop * 3)) -le "$sbd_watchdog" ] || fail loop-high "$sbd_loop" "$sbd_watchdog" || return
	[ "$sbd_allocate" -le "$sbd_watchdog" ] || fail allocate-high "$sbd_allocate" "$sbd_watchdog" || return
	[ "$sbd_watchdog,$sbd_msgwait" = "$cluster_watchdog,$cluster_msgwait" ] ||
		fail not-as-file "$sbd_watchdog" "$sbd_msgwait" "$cluster_watchdog" "$cluster_msgwait"
}

# Of the service on this machine: SBD_WATCHDOG_TIMEOUT, SBD_DELAY_START, systemd's patience, the
# hardware's limit (0 = not told).
fencing_service_times()
{
	[ "$1" = "$sbd_watchdog" ] || fail service-differs "$1" "$sbd_watchdog" || return
	case $2 in
	no) ;;
	yes) [ "$3" -ge "$sbd_msgwait" ] || fail start-late "$3" "$sbd_msgwait" || return ;;
	*)
		[ "$2" -ge "$sbd_msgwait" ] || fail start-early "$2" "$sbd_msgwait" || return
		[ "$3" -ge "$2" ] || fail start-late "$3" "$2" || return
		;;
	esac
	[ "$4" -eq 0 ] || [ "$4" -ge "$sbd_watchdog" ] || fail hardware-short "$4" "$sbd_watchdog"
}

# Of the cluster: stonith-timeout, stonith-watchdog-timeout, the delays, how many nodes.
fencing_cluster_times()
{
	[ $(($1 * 5)) -ge $((sbd_msgwait * 6)) ] || fail stonith-low "$1" "$sbd_msgwait" || return
	[ "$2" -eq 0 ] || [ "$2" -ge $((sbd_watchdog * 2)) ] || fail self-fencing "$2" "$sbd_watchdog" || return
	fencing_delays "$3" "$4"
}

# Only two nodes can tie. The one that is to win must have fired before the other's turn.
fencing_delays()
{
	delay_low=
	delay_high=0
	delay_rest=$1\;
	while [ -n "$delay_rest" ] && [ "$delay_rest" != ';' ]; do
		delay_one=${delay_rest%%;*}
		delay_rest=${delay_rest#*;}
		delay_one=${delay_one##*:}
		delay_one=${delay_one%s}
		[ "$delay_one" -le "$delay_high" ] || delay_high=$delay_one
		[ -n "$delay_low" ] && [ "$delay_low" -le "$delay_one" ] || delay_low=$delay_one
	done
	[ "$delay_high" -le "$sbd_msgwait" ] || fail delay-high "$delay_high" "$sbd_msgwait" || return
	[ "$2" -ne 2 ] || [ $((delay_high - ${delay_low:-0})) -ge 5 ] || fail delay "$1" 5
}

# --- gathering --------------------------------------------------------------------------------

fencing_sysconfig()
{
	sbd_devices=
	sbd_service=5
	sbd_delay=no
	while IFS='=' read -r sbd_key sbd_text; do
		sbd_text=${sbd_text#\"}
		sbd_text=${sbd_text%\"}
		case $sbd_key in
		SBD_DEVICE) sbd_devices=$sbd_text ;;
		SBD_WATCHDOG_TIMEOUT) sbd_service=$sbd_text ;;
		SBD_DELAY_START) sbd_delay=$sbd_text ;;
		esac
	done </etc/default/sbd
}

fencing_devices()
{
	device_first=
	device_rest=$sbd_devices\;
	while [ -n "$device_rest" ] && [ "$device_rest" != ';' ]; do
		fencing_header "${device_rest%%;*}" || fail no-mailbox "${device_rest%%;*}" || return
		device_rest=${device_rest#*;}
		device_times=$sbd_watchdog,$sbd_msgwait,$sbd_loop,$sbd_allocate
		[ "${device_first:=$device_times}" = "$device_times" ] || fail differ || return
	done
	[ -n "$device_first" ] || fail no-mailbox "$quorum_lun"
}

fencing_relations()
{
	fencing_sysconfig
	fencing_devices || return
	fencing_mailbox_times || return
	fencing_patience=90
	first_line /sys/class/watchdog/watchdog0/max_timeout || line=0
	fencing_service_times "$sbd_service" "$sbd_delay" $fencing_patience "$line" || return
	fencing_value "$fencing_cib" pcmk_delay_base
	fencing_cluster_times "$fencing_timeout" 0 "$text" "$nodes_n"
}

check()
{
	cluster_need || return
	fencing_names
	fencing_cib=$(cibadmin --query --scope configuration) || return
	case $fencing_cib in
	*'<primitive id="fencing"'*) ;;
	*) todo no-device || return ;;
	esac
	while read -r fencing_name fencing_want; do
		fencing_value "$fencing_cib" "$fencing_name"
		[ "$text" = "$fencing_want" ] || todo setting "$fencing_name" "$text" "$fencing_want" || return
	done <<-EOF
	$(fencing_settings)
	EOF
	fencing_value "$fencing_cib" pcmk_delay_base
	fencing_fits "$text" || todo setting pcmk_delay_base "$text" "$delay" || return
	case $fencing_cib in
	*'<alert id="bascule"'*) ;;
	*) todo setting alert '' /usr/local/sbin/bascule-alert || return ;;
	esac
	case $started in
	*' fencing@'*) ;;
	*) todo not-started || return ;;
	esac
	fencing_relations
}

fencing_xml()
{
	printf '<crm_config><cluster_property_set id="cib-bootstrap-options">'
	fencing_settings | while read -r fencing_name fencing_want; do
		printf '<nvpair id="bascule-%s" name="%s" value="%s"/>' "$fencing_name" "$fencing_name" "$fencing_want"
	done
	printf '</cluster_property_set></crm_config>'
	printf '<resources><primitive id="fencing" class="stonith" type="external/sbd">'
	# A delay that has begun to follow the virtual machines stays as it is.
	fencing_value "$fencing_cib" pcmk_delay_base
	if [ -n "$delay" ] && ! fencing_fits "$text"; then
		printf '<instance_attributes id="fencing-attributes"><nvpair id="fencing-delay" name="pcmk_delay_base" value="%s"/></instance_attributes>' "$delay"
	fi
	printf '<operations><op id="fencing-monitor" name="monitor" interval="600s" timeout="120s"/>'
	printf '<op id="fencing-start" name="start" interval="0s" timeout="120s"/></operations></primitive></resources>'
	printf '<alerts><alert id="bascule" path="/usr/local/sbin/bascule-alert"/></alerts>'
	printf '<rsc_defaults><meta_attributes id="rsc-defaults"><nvpair id="rsc-stickiness" name="resource-stickiness" value="100"/></meta_attributes></rsc_defaults>'
}

fencing_slots()
{
	fencing_sysconfig
	device_rest=$sbd_devices\;
	while [ -n "$device_rest" ] && [ "$device_rest" != ';' ]; do
		slots=$(sbd -d "${device_rest%%;*}" list) || fail no-mailbox "${device_rest%%;*}" || return
		for fencing_node in $nodes_in; do
			printf '%s\n' "$slots" | grep -q "[[:space:]]${fencing_node}[[:space:]]" ||
				sbd -d "${device_rest%%;*}" allocate "$fencing_node" || fail no-slot "$fencing_node" || return
		done
		device_rest=${device_rest#*;}
	done
}

fencing_up()
{
	cluster_look || return
	case $started in
	*' fencing@'*) ;;
	*) return 1 ;;
	esac
}

apply()
{
	fencing_names
	cluster_look || fail no-cluster "$node_name" || return
	fencing_slots || return
	fencing_cib=$(cibadmin --query --scope configuration) || return
	fencing_favour
	[ -n "$delay" ] || cib_drop "//primitive[@id='fencing']//nvpair[@name='pcmk_delay_base']" || return
	cib_merge "$(fencing_xml)" || fail refused || return
	until_settled 120 fencing_up || fail not-started
}

# The device goes only when nothing is left that it protects; that the cluster wants fencing stays.
undo()
{
	cluster_look || return 0
	fencing_busy=
	for fencing_item in $started; do
		case $fencing_item in
		fencing@*) ;;
		*) fencing_busy="$fencing_busy ${fencing_item%@*}" ;;
		esac
	done
	[ -z "$fencing_busy" ] || fail resources "${fencing_busy# }" || return
	cib_drop '//alert[@id="bascule"]' '//primitive[@id="fencing"]'
}
