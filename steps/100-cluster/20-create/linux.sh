create_conf=/etc/corosync/corosync.conf
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

# corosync.conf as the cluster file wants it. With two nodes each counts as the majority, but only
# once both have been seen; with more the majority decides.
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
	[ "$nodes_n" -ne 2 ] || printf '\ttwo_node: 1\n\twait_for_all: 1\n'
	printf '}\nlogging {\n\tto_logfile: no\n\tto_syslog: yes\n\ttimestamp: off\n}\n'
}

create_wanted()
{
	cluster_nodes
	plain_name "$cluster_name" 32
	create_name=$name
	create_want=$(create_text) || fail no-link "$nodes_in" "$create_first"
}

# The mailbox named by the cluster file. Later it is cluster/quorum that moves it.
create_mailbox_text()
{
	printf '# Written by bascule.\nSBD_DEVICE="%s"\nSBD_PACEMAKER=yes\nSBD_STARTMODE=always\n' "$1"
	printf 'SBD_DELAY_START=no\nSBD_WATCHDOG_DEV=/dev/watchdog\nSBD_WATCHDOG_TIMEOUT=%s\n' "$cluster_watchdog"
	printf 'SBD_TIMEOUT_ACTION=flush,reboot\nSBD_MOVE_TO_ROOT_CGROUP=auto\nSBD_OPTS=\n'
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
	other=$(sed -n 's/^[[:space:]]*cluster_name:[[:space:]]*//p' $create_conf 2>/dev/null)
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
	create_wanted || return
	! create_other || fail other-cluster "$other" || return
	[ "$(cat $create_conf 2>/dev/null)" = "$create_want" ] || todo configuration || return
	create_has_mailbox || todo no-mailbox || return
	create_lasting || todo not-at-boot || return
	[ $create_up = yes ] || todo stopped "$node_name" || return
	case $quorate$members in
	yes*" $node_name "*) ;;
	*) todo alone "$node_name" "${members# }" || return ;;
	esac
	create_linked || warn link-down "$node_name"
}

# Every link to every peer is up.
create_linked() { ! corosync-cfgtool -n 2>/dev/null | grep 'LINK:' | grep -qv ' connected'; }

create_sbd_file()
{
	create_has_mailbox && return
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

apply()
{
	create_wanted || return
	! create_other || fail other-cluster "$other" || return
	[ ! -e $create_conf ] || was corosync.conf <$create_conf
	create_sbd_file || return
	printf '%s\n' "$create_want" | put_file $create_conf 644
	case $? in
	0) create_reload || return ;;
	2) return 1 ;;
	esac
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

undo()
{
	! create_busy || fail resources "$busy" || return
	for create_wants in $create_links; do
		rm -f "/etc/systemd/system/$create_wants.service"
	done
	systemctl stop pacemaker corosync || return
	systemctl daemon-reload
	rm -f $create_conf
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
