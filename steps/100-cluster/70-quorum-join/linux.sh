quorum_file=/etc/default/sbd

# The mailboxes that the fencing service is told, one name each: $boxes; and those it watches now.
quorum_told()
{
	boxes=
	quorum_rest=$(sed -n 's/^SBD_DEVICE="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' $quorum_file 2>/dev/null)\;
	while [ -n "$quorum_rest" ] && [ "$quorum_rest" != ';' ]; do
		boxes="$boxes${boxes:+ }${quorum_rest%%;*}"
		quorum_rest=${quorum_rest#*;}
	done
}

# Does a watcher of this disk run?
quorum_watched()
{
	quorum_real=$(readlink -f "$1") || return
	for quorum_pid in $(pidof sbd); do
		quorum_line=$(tr '\0' ' ' <"/proc/$quorum_pid/cmdline") || continue
		case $quorum_line in
		'sbd: watcher: '*) ;;
		*) continue ;;
		esac
		quorum_line=${quorum_line#'sbd: watcher: '}
		[ "$(readlink -f "${quorum_line%% *}")" != "$quorum_real" ] || return 0
	done
	return 1
}

quorum_watching()
{
	for quorum_box in $1; do
		quorum_watched "$quorum_box" || return
	done
}

# Only the fencing service starts anew, under a cluster that goes on. A message that came in the
# seconds between must not be lost: with -S 1 the service refuses to start over one, and then
# this machine does what the message says.
quorum_restart()
{
	quorum_drop=/run/systemd/system/sbd.service.d
	mkdir -p $quorum_drop &&
		printf '[Service]\nExecStop=\nExecStart=\nExecStart=/usr/sbin/sbd -S 1 -p /run/sbd.pid watch\n' >$quorum_drop/bascule-move.conf &&
		systemctl daemon-reload || return
	sync
	systemctl kill --kill-who=main -s TERM sbd || return
	until_true 30 quorum_stopped || return
	systemctl start sbd || echo b >/proc/sysrq-trigger
	rm -f $quorum_drop/bascule-move.conf
	systemctl daemon-reload
}

quorum_stopped() { ! systemctl -q is-active sbd && ! pidof -s sbd >/dev/null; }

# LIST: the mailboxes that shall be watched from now on.
quorum_switch()
{
	was "sbd" <$quorum_file
	quorum_list=$(printf %s "$1" | tr ' ' ';')
	sed "s#^SBD_DEVICE=.*#SBD_DEVICE=\"$quorum_list\"#" $quorum_file | put_file $quorum_file 644
	[ $? -ne 2 ] || return 1
	quorum_watching "$1" && [ "$(pidof sbd | wc -w)" -eq $(($(printf %s "$1" | wc -w) + 3)) ] && return 0
	quorum_restart || fail no-restart "$node_name" || return
	until_true 30 quorum_watching "$1" || fail not-watched "$node_name" "$quorum_box"
}

quorum_find()
{
	lun_named "$quorum_lun" || fail no-lun "$quorum_lun" || return
	sbd_header || fail no-header "$quorum_lun"
}

check()
{
	cluster_look || todo no-cluster "$node_name" || return
	quorum_find || return
	quorum_told
	case " $boxes " in
	*" $dev "*) ;;
	*) todo not-told "$quorum_lun" "$node_name" || return ;;
	esac
	quorum_watched "$dev" || todo not-watched "$node_name" "$quorum_lun"
}

# The new mailbox beside the old one: in a move each message goes to both. Its times must be the old
# one's, and every node needs its slot before anybody listens there.
apply()
{
	quorum_find || return
	quorum_told
	cluster_nodes
	quorum_new="$sbd_watchdog,$sbd_msgwait"
	for quorum_box in $boxes; do
		[ "$quorum_box" != "$dev" ] || continue
		quorum_dev=$dev
		dev=$quorum_box
		sbd_header || fail no-old "$quorum_box" || return
		dev=$quorum_dev
		[ "$sbd_watchdog,$sbd_msgwait" = "$quorum_new" ] || fail times "$quorum_lun" || return
	done
	quorum_slots=$(sbd -d "$dev" list) || return
	for quorum_node in $nodes_in; do
		printf '%s\n' "$quorum_slots" | grep -q "[[:space:]]${quorum_node}[[:space:]]" ||
			sbd -d "$dev" allocate "$quorum_node" || return
	done
	case " $boxes " in
	*" $dev "*) quorum_switch "$boxes" ;;
	*) quorum_switch "$boxes${boxes:+ }$dev" ;;
	esac
}
