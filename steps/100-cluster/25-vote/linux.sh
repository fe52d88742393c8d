# Of two equal halves the vote goes to the one whose virtual machines weigh more: fencing waits for the
# same one, so its own wait is asked. Where there is none, whoever runs a machine is worth more.
vote_weight_text()
{
	cat <<-'WEIGHT'
	#!/bin/sh
	# Written by bascule (cluster/vote). Called by corosync-qdevice when the members have changed.
	PATH=/usr/sbin:/usr/bin:/sbin:/bin
	export PATH
	node=$(uname -n)
	delay=$(timeout 4 cibadmin --query --local --xpath "//nvpair[@name='pcmk_delay_base']" 2>/dev/null)
	case $delay in
	*[\;\"]"$node:0s"*) exit 1 ;;
	*[\;\"]"$node:"[1-9]*s*) exit 0 ;;
	esac
	pgrep -f '^[^ ]*qemu[^ ]* .*guest=' >/dev/null
	WEIGHT
}

# Where the vote is asked for, as the configuration has it: $host.
vote_host() { host=$(sed -n "s/^$bascule_tab${bascule_tab}${bascule_tab}host: //p" $corosync_conf 2>/dev/null); }

vote_asks() { corosync-qdevice-tool -s 2>/dev/null | grep -q "^QNetd host:.*[[:space:]]$host:"; }

check()
{
	if [ "$task_undo" = yes ]; then
		[ -L $vote_link ] || vote_told || todo gone "$node_name"
		return
	fi
	vote_tell
	vote_told || todo no-device || return
	[ -x $vote_weight ] && [ "$(cat $vote_weight)" = "$(vote_weight_text)" ] || todo no-weight || return
	[ -L $vote_link ] || todo not-at-boot || return
	vote_host
	vote_counts || todo not-counted "$quorum_vote" "$node_name" "$host" || return
	vote_asks || todo other-machine "$node_name" "$quorum_vote"
}

# This node's certificate among those that were signed: $mine.
vote_mine()
{
	mine=
	# shellcheck disable=SC2086 # NODE CERTIFICATE NODE CERTIFICATE …
	set -- $vote_certificates
	while [ $# -ge 2 ]; do
		[ "$1" != "$node_name" ] || mine=$2
		shift 2
	done
	[ -n "$mine" ]
}

# The tool also writes certificate and key into a file, for nodes that would share one: none does.
vote_import()
{
	! vote_cert $vote_store 'Cluster Cert' || [ "$cert" != "$mine" ] || return 0
	certutil -D -d $vote_store -n 'Cluster Cert' 2>/dev/null
	printf %s "$mine" | base64 -d >$vote_store/node.crt &&
		corosync-qdevice-net-certutil -M -c $vote_store/node.crt </dev/null
	rm -f $vote_store/node.crt $vote_store/qdevice-net-node.p12
	vote_cert $vote_store 'Cluster Cert' && [ "$cert" = "$mine" ]
}

# A configuration that was written, but never taken in.
vote_taken() { corosync-cmapctl -g quorum.device.model >/dev/null 2>&1 || corosync-cfgtool -R; }

vote_holds() { vote_counts && vote_asks; }

apply()
{
	vote_told || fail no-device || return
	vote_mine || fail no-certificate "$node_name" || return
	vote_import || fail refused "$node_name" || return
	vote_weight_text | put_file $vote_weight 755
	[ $? -ne 2 ] || return 1
	vote_taken || return
	mkdir -p "${vote_link%/*}" && ln -sfn /lib/systemd/system/corosync-qdevice.service $vote_link || return
	vote_host
	! vote_holds || return 0
	systemctl restart corosync-qdevice || fail not-started "$node_name" || return
	until_settled 90 vote_holds || fail not-counted "$quorum_vote" "$node_name" "$host"
}

# The configuration without it: two alone count by their own rule again.
vote_without()
{
	vote_rule=
	[ "$(grep -c '^[[:space:]]*nodeid:' $corosync_conf)" -ne 2 ] || vote_rule='\n\ttwo_node: 1\n\twait_for_all: 1'
	sed -e '/^\tdevice {$/,/^\t}$/d' -e "s/^\tprovider: corosync_votequorum\$/&$vote_rule/" $corosync_conf
}

# First the service, then its place: for that long two of three votes are enough. Who leaves the cluster
# touches nothing that the others share.
undo()
{
	vote_stop || return
	cluster_nodes
	case " $nodes_in " in
	*" $node_name "*) vote_told || return 0 ;;
	*) return 0 ;;
	esac
	vote_without | put_file $corosync_conf 644
	case $? in
	0) ! pidof -s corosync >/dev/null || corosync-cfgtool -R ;;
	1) ;;
	*) return 1 ;;
	esac
}
