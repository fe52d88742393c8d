# What the drills share: who is where, the cluster's own times, phases as a node that looks on tells
# them, and what is left over.

# $role and $dom: the virtual machine for the cluster and for libvirt; $folder: where its disk lies;
# $memory in MiB.
drill_names()
{
	node_name=$(uname -n)
	cluster_nodes
	lun_name=
	memory=0
	while IFS=$bascule_tab read -r row_name row_memory row_lun _; do
		[ "$row_name" = "$drill_vm" ] || continue
		lun_name=$row_lun
		memory=$((row_memory / 1048576))
	done <<-EOF
	$vms
	EOF
	lun_point
	plain_name "$drill_vm" 40
	dom=$name
	role=vm-$name
	folder=$point/$dom
	mark=/run/bascule/drill-hit
}

# Where the cluster runs the virtual machine: $at, "" = nowhere, several with blanks between them.
drill_where()
{
	at=
	for where_item in $started; do
		case $where_item in
		"$role@"*) at="$at${at:+ }${where_item#*@}" ;;
		esac
	done
}

# From the answer that cluster_look got: $ready, the members that may be given work; $unclean, those of
# whom nobody knows whether they have stopped; $leaving, those that said that they stop.
drill_nodes()
{
	ready=' '
	unclean=' '
	leaving=' '
	while read -r line; do
		case $line in
		'<node '*' online='*) xml_get name || continue ;;
		*) continue ;;
		esac
		nodes_name=$text
		case $line in
		*' unclean="true"'*) unclean="$unclean$nodes_name " ;;
		*' shutdown="true"'*) leaving="$leaving$nodes_name " ;;
		*' online="false"'* | *' standby="true"'* | *' standby_onfail="true"'* | *' maintenance="true"'* | \
			*' pending="true"'*) ;;
		*) ready="$ready$nodes_name " ;;
		esac
	done <<-EOF
	$cluster_xml
	EOF
}

# What a move or a test has left in the configuration: $left, "" = nothing.
drill_left()
{
	left=
	left_cib=$(cibadmin --query --scope configuration 2>/dev/null) || return
	while read -r line; do
		case $line in
		'<rsc_location id="cli-'*) xml_get id && left=$text ;;
		*"<nvpair id=\"$role-allow-migrate\""*' value="false"'*) left="$role allow-migrate=false" ;;
		*"<op id=\"$role-monitor\""*' enabled="false"'*) left="$role monitor enabled=false" ;;
		esac
	done <<-EOF
	$left_cib
	EOF
}

# Every node is a member, has the shared file system, and fencing is there.
drill_nodes_whole()
{
	[ "$quorate" = yes ] || fail_later not-quorate "$node_name" || return
	drill_nodes
	for whole_node in $nodes_in; do
		case $ready in
		*" $whole_node "*) ;;
		*) fail_later not-clean "$whole_node" || return ;;
		esac
		case $started in
		*" $fs@$whole_node "*) ;;
		*) fail_later not-mounted "$point" "$whole_node" || return ;;
		esac
	done
	case $started in
	*' fencing@'*) ;;
	*) fail_later no-device || return ;;
	esac
	[ -z "$failed" ] || fail_later trouble "$failed"
}

# Keeps why something is not so for whoever wants to say it: fail_later ID ARG…
fail_later()
{
	why_id=$1
	why_one=${2:-}
	why_two=${3:-}
	return 1
}

# Would another failure be borne? 1 = no, and $why_id tells why.
drill_whole()
{
	cluster_look || fail_later no-cluster "$node_name" || return
	drill_whole_seen
}

# The same of what cluster_look saw last.
drill_whole_seen()
{
	drill_nodes_whole || return
	drill_where
	case $at in
	'') fail_later not-running "$drill_vm" || return ;;
	*' '*) fail_later vm-moves "$drill_vm" "$at" || return ;;
	esac
	drill_left || fail_later no-cluster "$node_name" || return
	[ -z "$left" ] || fail_later constraint-left "$left"
}

# --- entry conditions ----------------------------------------------------------------------

# How often a node of this cluster was fenced and came back, as far as it was ever proven.
drill_proven()
{
	proven=$(cibadmin --query --xpath '//nvpair[@name="bascule-fenced"]' 2>/dev/null | grep -c 'name="bascule-fenced"')
	[ "$proven" -ge "$nodes_n" ]
}

# Does this node have room for it, if it may come here?
drill_room()
{
	[ "$at" != "$node_name" ] || return 0
	[ -z "${drill_to:-}" ] || [ "$drill_to" = "$node_name" ] || return 0
	while read -r room_key room_kib _; do
		[ "$room_key" != MemAvailable: ] || break
	done </proc/meminfo
	[ "$room_kib" -gt $(((memory + 64) * 1024)) ] || todo no-room "$node_name" "$drill_vm"
}

# Are this node's VMs run by a processor of their own, and not by a program that plays one?
drill_kvm()
{
	[ -w /dev/kvm ]
}

drill_entry()
{
	drill_names
	mkdir -p /run/bascule
	rm -f "$mark"
	cluster_need || return
	drill_kvm || value emulated yes
	drill_whole || todo "$why_id" "$why_one" "$why_two" || return
	drill_proven || todo no-fencing || return
	owner_word=no
	[ "$at" != "$node_name" ] || owner_word=yes
	owner $owner_word
	drill_room
}

# --- times -----------------------------------------------------------------------------------

# In ms, as the running cluster has them: $token, $consensus, $msgwait, $watchdog; $delay before the
# node NAME may be shot; $start, how long the cluster last took to start the machine; $boot, what a guest
# may need until it answers.
drill_times()
{
	token=0
	consensus=0
	while read -r times_key _ _ times_value; do
		case $times_key in
		runtime.config.totem.token) token=$times_value ;;
		runtime.config.totem.consensus) consensus=$times_value ;;
		esac
	done <<-EOF
	$(corosync-cmapctl runtime.config.totem. 2>/dev/null)
	EOF
	drill_mailbox
	drill_delay "$1"
	start=8000
	boot=10000
	[ -w /dev/kvm ] || boot=30000
	line=$(cibadmin --query --xpath "//lrm_resource[@id='$role']/lrm_rsc_op[@operation='start']" 2>/dev/null | grep -m 1 exec-time)
	! xml_get exec-time || [ "$text" -lt 500 ] || start=$text
}

drill_mailbox()
{
	dev=
	msgwait=0
	watchdog=0
	while IFS='=' read -r times_key times_value; do
		[ "$times_key" != SBD_DEVICE ] || dev=$times_value
	done </etc/default/sbd
	dev=${dev#\"}
	dev=${dev%\"}
	dev=${dev%%;*}
	sbd_header || return
	msgwait=$((sbd_msgwait * 1000))
	watchdog=$((sbd_watchdog * 1000))
}

drill_delay()
{
	delay=0
	line=$(cibadmin --query --xpath "//nvpair[@name='pcmk_delay_base']" 2>/dev/null)
	xml_get value || return 0
	delay_rest=$text\;
	while [ -n "$delay_rest" ]; do
		delay_one=${delay_rest%%;*}
		delay_rest=${delay_rest#*;}
		[ "${delay_one%%:*}" = "$1" ] || continue
		delay_one=${delay_one#*:}
		delay=$((${delay_one%s} * 1000))
	done
}

# What is to be expected when the node NAME falls silent: noticed, shot, the machine started anew.
predict_lost()
{
	drill_times "$1"
	value predict.detect $((token + consensus))
	value predict.fence $((delay + msgwait + 5000))
	if [ "$at" != "$1" ]; then
		predict_nothing
		return
	fi
	value predict.start $((start + 5000))
	value predict.answer $boot
	value predict.outage $((token + consensus + delay + msgwait + 5000 + start + 5000 + boot))
	value predict.limit $((token + consensus + delay + msgwait + start + boot + 60000))
	value expect.nonce new
}

# Clients are to notice nothing.
predict_nothing()
{
	value predict.outage 0
	value predict.limit 3000
	value expect.nonce same
	value expect.connection kept
}

# It moves while it runs. The last part, when it stands still, is bounded; then its new place has to
# become known to the network.
predict_live()
{
	pause=$(virsh migrate-getmaxdowntime "$dom" 2>/dev/null)
	case $pause in
	'' | *[!0-9]*) pause=300 ;;
	esac
	value predict.outage $((pause + 1000))
	value predict.limit $((pause + 8000))
	value expect.nonce same
	value expect.connection kept
}

# Its memory is written to the shared disk and read again, and four times the cluster has to be told.
predict_saved()
{
	pace=10
	overhead=5000
	[ -w /dev/kvm ] || {
		pace=50
		overhead=15000
	}
	value predict.outage $((memory * pace + overhead))
	value predict.limit $((memory * pace * 3 + overhead * 3))
	value expect.nonce same
}

# --- deeds -------------------------------------------------------------------------------------

# Where it is to go: $dest.
drill_dest()
{
	dest=${drill_to:-}
	[ -z "$dest" ] || return 0
	for dest in $nodes_in; do
		[ "$dest" = "$at" ] || return 0
	done
	return 1
}

drill_migrates()
{
	crm_resource --resource "$role" --meta --set-parameter allow-migrate --parameter-value "$1" >/dev/null
}

# Has it arrived, and left where it was?
drill_arrived()
{
	cluster_look || return
	drill_where
	[ "$at" = "$dest" ]
}

# Sends it off and takes the order back once it is there, or once nothing comes of it.
drill_move()
{
	crm_resource --move --resource "$role" --node "$dest" || fail refused "$drill_vm" "$dest" || return
	until_settled 400 drill_arrived
	move_code=$?
	crm_resource --clear --resource "$role"
	[ $move_code -eq 0 ] || fail not-there "$drill_vm" "$dest"
}

# --- looking on ----------------------------------------------------------------------------------

# A watch that was begun anew knows by a note that the deed has had its effect.
watch_hit() { [ -e "$mark" ] || : >"$mark"; }

# once NAME [NODE]: the phase is told the first time only.
watched=' '
once()
{
	case $watched in
	*" $1@${2:-} "*) return ;;
	esac
	watched="$watched$1@${2:-} "
	watch_hit
	phase "$@"
}

# Where the machine runs now, if that is another place than before.
watch_start()
{
	drill_where
	case $at in
	'' | *' '* | "${drill_owner:-}") return 1 ;;
	esac
	once start "$at"
}

# All is well again: the last phase. Only once something has happened.
watch_redundant()
{
	[ -e "$mark" ] && drill_whole_seen || return
	phase redundant
}

# What becomes of a node that falls silent, or stops, and of the machine that ran there.
watch_node()
{
	if cluster_look; then
		drill_nodes
		watch_lost "$1"
		watch_start || :
		watch_settled "$1"
	fi
}

watch_lost()
{
	case $unclean$leaving in
	*" $1 "*) once detect ;;
	esac
	case $members in
	*" $1 "*) return ;;
	esac
	once detect
	gone=yes
	case $unclean in
	*" $1 "*) ;;
	*) once fence "$1" ;;
	esac
}

# The cluster has done what it can: the node is off its list, the machine runs.
watch_settled()
{
	[ "${gone:-no}" = yes ] || return
	case $unclean in
	*" $1 "*) return ;;
	esac
	drill_where
	case $at in
	'' | *' '* | "$1") return ;;
	esac
	once settled
}

# --- what is left over -----------------------------------------------------------------------------

# Says what is not as it should be.
audit_fails()
{
	audit_bad=7
	reason "$@"
}

audit_nodes()
{
	if drill_nodes_whole; then
		passed nodes-back
	elif [ "$why_id" = not-clean ]; then
		audit_fails node-missing "$why_one"
	else
		audit_fails "$why_id" "$why_one" "$why_two"
	fi
}

# The machine itself, on every node, and not only what the cluster believes of it.
audit_vm()
{
	drill_where
	runs=
	untold=
	for audit_node in $nodes_in; do
		if [ "$audit_node" = "$node_name" ]; then
			! vm_runs "$dom" || runs="$runs${runs:+ }$audit_node"
			continue
		fi
		audit_said=$(timeout 30 ssh -n -o BatchMode=yes -o ConnectTimeout=10 "$audit_node" \
			"pgrep -f -- '^[^ ]*qemu[^ ]* .*guest=$dom,' >/dev/null && echo runs || echo rests" 2>/dev/null)
		case $audit_said in
		runs) runs="$runs${runs:+ }$audit_node" ;;
		rests) ;;
		*) untold=$audit_node ;;
		esac
	done
	if [ -n "$untold" ]; then
		audit_fails no-answer "$untold"
	elif [ -z "$runs" ] || [ -z "$at" ]; then
		audit_fails not-running "$drill_vm"
	elif [ "$runs" != "$at" ]; then
		audit_fails vm-twice "$drill_vm" "$runs" "$at"
	else
		passed vm-once "$drill_vm"
	fi
}

# A file system that has found a fault in itself withdraws.
audit_files()
{
	audit_code=0
	for audit_file in /sys/fs/gfs2/*/withdraw; do
		[ ! -e "$audit_file" ] || { first_line "$audit_file" && [ "$line" = 0 ]; } || audit_code=1
	done
	case $(timeout 30 stat -f -c %T "$point" 2>/dev/null) in
	gfs2 | gfs/gfs2) ;;
	*) audit_code=1 ;;
	esac
	if [ $audit_code -eq 0 ]; then
		passed files-good "$point"
	else
		audit_fails files-bad "$point"
	fi
	[ ! -e "$folder/$dom.state" ] || audit_fails state-left "$drill_vm"
}

# The demo guest keeps its number in two places in turn, each with a checksum: the greater one counts.
audit_disk()
{
	disk_number=
	for disk_slot in 0 1; do
		line=$(timeout 30 dd if="$folder/disk.img" bs=4096 count=1 skip=$disk_slot iflag=direct 2>/dev/null | head -n 1 | tr -d '\0')
		disk_line "$line"
	done
	[ -z "$disk_number" ] || value guest.disk "$disk_number"
}

disk_line()
{
	# shellcheck disable=SC2086 # its words
	set -- $1
	[ "${1:-}" = bascule-guest ] && [ $# -eq 4 ] || return 0
	case $2$3 in
	*[!0-9]*) return 0 ;;
	esac
	[ "$(disk_sum "$2" "$3")" = "$4" ] || return 0
	[ -n "$disk_number" ] && [ "$disk_number" -ge "$2" ] || disk_number=$2
}

# FNV-1a over both numbers, eight bytes each, the lowest first.
disk_sum()
{
	sum=-3750763034362895579
	for sum_number; do
		for _ in 1 2 3 4 5 6 7 8; do
			sum=$(((sum ^ (sum_number & 255)) * 1099511628211))
			sum_number=$((sum_number >> 8))
		done
	done
	printf '%016x' "$sum"
}

# What only one of the drills looks at.
audit_own() { :; }

audit()
{
	drill_names
	audit_bad=0
	audit_disk
	if ! cluster_look; then
		reason no-cluster "$node_name"
		return 7
	fi
	audit_vm
	audit_nodes
	audit_files
	audit_own
	drill_left || left='?'
	if [ -z "$left" ]; then
		passed no-constraint
	else
		audit_fails constraint-left "$left"
	fi
	rm -f "$mark"
	return $audit_bad
}
