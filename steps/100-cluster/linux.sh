# What several steps share. Of a quorum move: which mailboxes the fencing service is told, which it
# watches, and how it is started again alone. Of the third vote: whether it counts, and certificates.

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

# --- the third vote ------------------------------------------------------------------------

corosync_conf=/etc/corosync/corosync.conf
vote_store=/etc/corosync/qdevice/net/nssdb
vote_authority=/etc/corosync/qdevice/net/qnetd.crt
vote_weight=/usr/local/sbin/bascule-vote
vote_link=/etc/systemd/system/multi-user.target.wants/corosync-qdevice.service

# Is it cast for this node? Corosync is asked, not the service that says so.
vote_counts() { corosync-quorumtool -s 2>/dev/null | grep -Eq ' A,V,.*[(]local[)]'; }

vote_told() { grep -qs "^${bascule_tab}device {\$" $corosync_conf; }

# One that the others are counted with, but that is not cast, is as good as a vote against.
vote_tell()
{
	if vote_counts; then
		value cluster.vote yes
	elif vote_told; then
		value cluster.vote lost
	else
		value cluster.vote no
	fi
}

# STORE NAME: that certificate as one word, $cert; 1 when it is not there.
vote_cert()
{
	cert=$(certutil -L -d "$1" -n "$2" -r 2>/dev/null | base64 -w0)
	[ -n "$cert" ]
}

vote_stop()
{
	systemctl stop corosync-qdevice || return
	rm -f $vote_link $vote_weight
}

# This node's key, and whom it trusts.
vote_forget() { rm -rf "${vote_store:?}" $vote_authority; }
