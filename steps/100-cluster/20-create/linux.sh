create_sbd=/etc/default/sbd

# The address of a node on one of the cluster's networks, without its prefix: $link. The wanted use
# first; the management address is the one of the enterprise network that is taken.
create_link()
{
	link=
	while IFS=$bascule_tab read -r link_node _ link_use _ link_address link_role; do
		[ "$link_node,$link_use" = "$1,$2" ] || continue
		case ${link_address:--} in
		-) continue ;;
		esac
		[ -z "$link" ] || [ "$link_role" = manage ] || continue
		link=${link_address%/*}
	done <<-EOF
	$addresses
	EOF
	[ -n "$link" ]
}

# A number for the node that stays its own when others come and go: from its address.
create_id()
{
	case $1 in
	*.*.*.*)
		id_low=${1##*.}
		id_rest=${1%.*}
		id=$((${id_rest##*.} * 256 + id_low))
		;;
	*) id=$2 ;;
	esac
}

create_first=heartbeat
create_uses()
{
	# Without a network for the heartbeat alone the enterprise network carries both.
	create_link "$node_name" heartbeat || create_first=enterprise
}

create_node()
{
	create_link "$1" $create_first || return
	create_id "$link" "$2"
	printf '\tnode {\n\t\tname: %s\n\t\tnodeid: %s\n\t\tring0_addr: %s\n' "$1" "$id" "$link"
	if [ $create_first = heartbeat ] && create_link "$1" enterprise; then
		printf '\t\tring1_addr: %s\n' "$link"
	fi
	printf '\t}\n'
}

# The machine with the third vote is asked over the network of the clients, where that is possible.
create_way()
{
	for create_use in enterprise heartbeat storage; do
		! create_link "$quorum_vote" $create_use || return 0
	done
	return 1
}

# While the members agree anew the device may keep them waiting, but no longer than the watchdog would:
# else the fencing service does not believe in their quorum. Of two equal halves it chooses the one
# whose virtual machines weigh more.
create_device()
{
	create_way || return
	create_patience=$cluster_watchdog
	[ "$create_patience" -le 30 ] || create_patience=30
	printf '\tdevice {\n\t\tmodel: net\n\t\tvotes: 1\n\t\tsync_timeout: %s\n' "${create_patience}000"
	printf '\t\tnet {\n\t\t\thost: %s\n\t\t\ttls: required\n\t\t\talgorithm: ffsplit\n' "$link"
	printf '\t\t\ttie_breaker: lowest\n\t\t}\n\t\theuristics {\n\t\t\tmode: sync\n'
	printf '\t\t\texec_weight: %s\n\t\t}\n\t}\n' $vote_weight
}

# With a third vote, or with more than two nodes, the majority decides. Of two alone each counts as the
# majority, but only once both have been seen.
create_votes()
{
	if [ -n "$quorum_vote" ]; then
		create_device
	elif [ "$nodes_n" -eq 2 ]; then
		printf '\ttwo_node: 1\n\twait_for_all: 1\n'
	fi
}

# corosync.conf as the cluster file wants it.
create_text()
{
	create_uses
	printf '# Written by bascule (cluster/create).\n'
	printf 'totem {\n\tversion: 2\n\tcluster_name: %s\n\ttransport: knet\n' "$create_name"
	printf '\tcrypto_cipher: aes256\n\tcrypto_hash: sha256\n\ttoken: %s\n}\n' "$cluster_token"
	printf 'nodelist {\n'
	create_place=0
	for create_peer in $nodes_in; do
		create_place=$((create_place + 1))
		create_node "$create_peer" $create_place || return
	done
	printf '}\nquorum {\n\tprovider: corosync_votequorum\n'
	create_votes || return
	printf '}\nlogging {\n\tto_logfile: no\n\tto_syslog: yes\n\ttimestamp: off\n}\n'
}

create_wanted()
{
	cluster_nodes
	plain_name "$cluster_name" 32
	create_name=$name
	[ -z "$quorum_vote" ] || create_way || fail no-way "$quorum_vote" || return
	create_want=$(create_text) || fail no-link "$nodes_in" "$create_first"
}

# The mailbox named by the cluster file. Later it is cluster/quorum that moves it.
create_mailbox_text()
{
	printf '# Written by bascule.\nSBD_DEVICE="%s"\nSBD_PACEMAKER=yes\nSBD_STARTMODE=always\n' "$1"
	printf 'SBD_DELAY_START=no\nSBD_WATCHDOG_DEV=/dev/watchdog\nSBD_WATCHDOG_TIMEOUT=%s\n' "$cluster_watchdog"
	printf 'SBD_TIMEOUT_ACTION=flush,reboot\nSBD_MOVE_TO_ROOT_CGROUP=auto\nSBD_OPTS=\n'
}

# At rest a node takes the mailbox that the cluster file names; in a cluster that runs it is moved by
# cluster/quorum. Is there another one to be left?
create_other_mailbox()
{
	! pidof -s corosync >/dev/null && lun_named "$quorum_lun" || return
	quorum_told
	[ "$boxes" != "$dev" ]
}

# The others are at rest as well, or look where this node will look: they must be able to reach it.
create_mailbox_agreed()
{
	for create_peer in $nodes_in; do
		[ "$create_peer" != "$node_name" ] || continue
		ssh -n -o BatchMode=yes -o ConnectTimeout=20 "root@$create_peer" \
			"! pidof -s corosync || grep -q '^SBD_DEVICE=.*$dev' $create_sbd" >/dev/null || return
	done
}

create_has_mailbox() { grep -Eqs '^SBD_DEVICE="?/dev/' $create_sbd; }

# What "systemctl enable" would make, without the run through the old init scripts that it adds.
create_links='multi-user.target.wants/corosync multi-user.target.wants/pacemaker corosync.service.requires/sbd
	pacemaker.service.requires/sbd dlm.service.requires/sbd'

create_lasting()
{
	for create_wants in $create_links; do
		[ -L "/etc/systemd/system/$create_wants.service" ] || return
	done
}

create_enable()
{
	for create_wants in $create_links; do
		mkdir -p "/etc/systemd/system/${create_wants%/*}" &&
			ln -sfn "/lib/systemd/system/${create_wants##*/}.service" "/etc/systemd/system/$create_wants.service" || return
	done
	systemctl daemon-reload
}

create_other()
{
	other=$(sed -n 's/^[[:space:]]*cluster_name:[[:space:]]*//p' $corosync_conf 2>/dev/null)
	[ -n "$other" ] && [ "$other" != "$create_name" ]
}

# Is every node of the cluster file online here?
create_complete()
{
	cluster_look && [ $quorate = yes ] || return
	for create_peer in $nodes_in; do
		case $members in
		*" $create_peer "*) ;;
		*) return 1 ;;
		esac
	done
}

# Nodes that the cluster knows and the cluster file has no place for: $gone, those that have stopped
# for certain, and $there, all others. After cluster_look.
create_strays()
{
	gone=
	there=
	while read -r line; do
		case $line in
		'<node '*' online='*) xml_get name || continue ;;
		*) continue ;;
		esac
		case " $nodes_in " in
		*" $text "*) continue ;;
		esac
		case $line in
		*' online="false"'*' pending="false"'*' unclean="false"'*) gone="$gone${gone:+ }$text" ;;
		*) there="$there${there:+ }$text" ;;
		esac
	done <<-EOF
	$cluster_xml
	EOF
}

# What is left of the cluster on a node that leaves it: 7 = nothing.
create_left()
{
	[ "$create_up" = no ] && [ ! -e $corosync_conf ] && ! pidof -s corosync >/dev/null || return 0
	todo stopped "$node_name"
}

# Whether this machine is a member now, whatever else there is to do: $create_up.
create_tell()
{
	create_up=no
	! cluster_look || create_up=yes
	case $quorate$members in
	yes*" $node_name "*) value node.member yes ;;
	*) value node.member no ;;
	esac
}

check()
{
	create_tell
	if [ "$task_undo" = yes ]; then
		create_left
		return
	fi
	create_wanted || return
	! create_other || fail other-cluster "$other" || return
	[ "$(cat $corosync_conf 2>/dev/null)" = "$create_want" ] || todo configuration || return
	create_unvoted || todo still-asks "$node_name" || return
	create_has_mailbox || todo no-mailbox || return
	! create_other_mailbox || todo other-mailbox "$boxes" "$quorum_lun" || return
	create_lasting || todo not-at-boot || return
	[ $create_up = yes ] || todo stopped "$node_name" || return
	case $quorate$members in
	yes*" $node_name "*) ;;
	*) todo alone "$node_name" "${members# }" || return ;;
	esac
	create_strays
	[ -z "$gone$there" ] || todo remembered "$gone${gone:+${there:+ }}$there" || return
	vote_tell
	create_linked || warn link-down "$node_name"
}

# A third vote that the cluster file names no longer is still asked for.
create_unvoted() { [ -n "$quorum_vote" ] || [ ! -L $vote_link ]; }

# Its service goes before the configuration forgets it: for that long two of three votes are enough.
create_unvote()
{
	create_unvoted && return
	vote_stop && vote_forget
}

# Every link to every peer is up.
create_linked() { ! corosync-cfgtool -n 2>/dev/null | grep 'LINK:' | grep -qv ' connected'; }

create_sbd_file()
{
	if create_has_mailbox; then
		create_other_mailbox || return 0
		create_mailbox_agreed || fail not-agreed "$create_peer" "$quorum_lun" || return
	fi
	lun_named "$quorum_lun" || fail no-quorum-lun "$quorum_lun" || return
	[ ! -e $create_sbd ] || was sbd <$create_sbd
	create_mailbox_text "$dev" | put_file $create_sbd 644
	[ $? -ne 2 ]
}

create_start()
{
	for create_module in dlm gfs2; do
		modprobe $create_module || return
	done
	create_lasting || create_enable || return
	systemctl start pacemaker || fail not-started "$node_name"
}

# A running cluster takes the new list of its nodes in when every node has it.
create_reload()
{
	pidof -s corosync >/dev/null || return 0
	corosync-cfgtool -R
}

create_member()
{
	cluster_look || return
	case $quorate$members in
	yes*" $node_name "*) ;;
	*) return 1 ;;
	esac
}

# Another node's cluster is at rest, or it counts on this node already. A node that it does not know
# would be heard by some of the members and not by others.
create_awaited()
{
	for create_peer in $nodes_in; do
		[ "$create_peer" != "$node_name" ] || continue
		ssh -n -o BatchMode=yes -o ConnectTimeout=20 "root@$create_peer" \
			"! pidof -s corosync || corosync-cmapctl nodelist. | grep -q 'name (str) = $node_name\$'" >/dev/null || return
	done
}

# The list of a running cluster gets shorter only by nodes that have stopped for certain: another one
# would be taken for lost, and shot.
create_shorten()
{
	create_strays
	[ -z "$there" ] || fail still-there "$there"
}

# Pacemaker keeps what it knows of a node until it is told to forget it, and may learn it anew from a
# member whose list is still the longer one.
create_forget()
{
	cluster_look || return
	create_strays
	[ -n "$gone" ] || return 0
	for create_peer in $gone; do
		crm_node --force --remove "$create_peer" 2>&1
	done
	cluster_look || return
	create_strays
	[ -z "$gone" ]
}

apply()
{
	create_wanted || return
	! create_other || fail other-cluster "$other" || return
	create_ran=no
	if cluster_look; then
		create_ran=yes
		create_shorten || return
	fi
	[ ! -e $corosync_conf ] || was corosync.conf <$corosync_conf
	create_sbd_file || return
	create_unvote || return
	printf '%s\n' "$create_want" | put_file $corosync_conf 644
	case $? in
	0) create_reload || return ;;
	2) return 1 ;;
	esac
	if [ $create_ran = yes ]; then
		create_lasting || create_enable || return
		until_settled 240 create_member || fail alone "$node_name" "${members# }" || return
		until_settled 60 create_forget || fail remembered "$gone"
		return
	fi
	until_settled 240 create_awaited || fail not-awaited "$create_peer" "$node_name" || return
	create_start || return
	until_settled 240 create_complete || fail alone "$node_name" "${members# }"
}

# What the cluster still runs on this node.
create_busy()
{
	busy=
	cluster_look || return 1
	for create_item in $started; do
		case $create_item in
		fencing@*) ;;
		*"@$node_name") busy="$busy${busy:+ }${create_item%@*}" ;;
		esac
	done
	[ -n "$busy" ]
}

create_idle() { ! create_busy && [ "$quorate" = yes ] && [ -z "$busy" ]; }

create_standby() { crm_attribute --node "$node_name" --name standby --lifetime reboot "$@"; }

# Who leaves while others stay hands its work over to them; nothing is taken from under it. The
# standby is one that the cluster itself forgets when the node has left.
create_drain()
{
	create_busy || return 0
	cluster_nodes
	case " $nodes_in " in
	*" $node_name "*) fail resources "$busy" || return ;;
	esac
	[ "$quorate" = yes ] && [ "$nodes_n" -gt 0 ] || fail resources "$busy" || return
	create_standby --update on || return
	until_settled 600 create_idle && return
	create_standby --delete
	fail stays "$busy" "$node_name"
}

undo()
{
	create_drain || return
	for create_wants in $create_links; do
		rm -f "/etc/systemd/system/$create_wants.service"
	done
	systemctl stop pacemaker corosync || return
	systemctl daemon-reload
	rm -f $corosync_conf
	(umask 077 && mkdir -p /var/lib/bascule/saved) && cp -p /var/lib/pacemaker/cib/cib.xml /var/lib/bascule/saved/ 2>/dev/null
	rm -f /var/lib/pacemaker/cib/cib*
	if was_get sbd >/dev/null; then
		was_get sbd | put_file $create_sbd 644
		[ $? -ne 2 ] || return 1
	else
		rm -f $create_sbd
	fi
	was_drop
}
