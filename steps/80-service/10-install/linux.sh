install_agent=/usr/local/sbin/bascule-alert

# UNIT: what it has to know beyond its package.
install_text()
{
	case $1 in
	sbd.service)
		printf '%s\n' '# The fencing mailbox lies on iSCSI; and the mailbox may move while the cluster runs.' \
			'[Unit]' 'After=open-iscsi.service iscsid.service' 'RefuseManualStart=no'
		;;
	resource-agents-deps.target)
		printf '%s\n' '# What the resources need: so it starts before the cluster and stops after it.' \
			'[Unit]' 'After=libvirtd.service virtlogd.service open-iscsi.service iscsid.service' \
			'Wants=libvirtd.service open-iscsi.service'
		;;
	esac
}

install_units='sbd.service resource-agents-deps.target'
install_file() { file=/etc/systemd/system/$1.d/bascule.conf; }

# Two nodes that lose sight of each other shoot at the same moment unless one of them waits. The
# agent gives the longer wait to whoever would shoot the node with the weightier virtual machines;
# and it notes who was fenced, so that there is evidence.
install_agent_text()
{
	cat <<-'AGENT'
	#!/bin/sh
	# Written by bascule (service/install). Called by Pacemaker when something has happened.
	PATH=/usr/sbin:/usr/bin:/sbin:/bin
	export PATH
	[ "${CRM_alert_rc:-1}" = 0 ] || exit 0

	fenced()
	{
		[ -n "$CRM_alert_node" ] || return 0
		crm_attribute --type nodes --node "$CRM_alert_node" --name bascule-fenced --update "$(date +%s)"
	}

	# The node with the greatest sum of weights: 1 and the priority of each VM that runs there.
	heaviest()
	{
		cibadmin --query --scope resources 2>/dev/null >"$work.cib" || return
		crm_mon -1 --output-as=xml 2>/dev/null | awk -v cib="$work.cib" '
			function get(key) {
				if (!match($0, " " key "=\"[^\"]*\""))
					return ""
				return substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 4)
			}
			BEGIN {
				while ((getline <cib) > 0) {
					if ($1 == "<primitive")
						rsc = get("id")
					else if ($1 == "<nvpair" && get("name") == "priority")
						weight[rsc] = get("value")
				}
			}
			$1 == "<resource" {
				vm = ""
				if (get("resource_agent") ~ /:VirtualDomain$/ && get("role") == "Started")
					vm = get("id")
			}
			$1 == "<node" && vm != "" { sum[get("name")] += 1 + weight[vm] }
			END {
				for (node in sum)
					if (sum[node] > most || (sum[node] == most && node < best)) {
						most = sum[node]
						best = node
					}
				print best
			}'
	}

	follow()
	{
		case $CRM_alert_rsc,$CRM_alert_task in
		vm-*,start | vm-*,migrate_from | vm-*,stop) ;;
		*) return 0 ;;
		esac
		work=$(mktemp) || return
		best=$(heaviest)
		rm -f "$work" "$work.cib"
		[ -n "$best" ] || return 0
		delay=$(crm_resource --resource fencing --get-parameter pcmk_delay_base 2>/dev/null) || return
		seconds=$(printf '%s\n' "$delay" | tr ';:' '\n\n' | sed -n 's/^\([1-9][0-9]*\)s$/\1/p' | head -n 1)
		[ -n "$seconds" ] || return 0
		new=$(printf '%s\n' "$delay" | tr ';' '\n' | sed -e 's/:.*//' | while read -r node; do
			[ "$node" = "$best" ] && printf '%s:%ss;' "$node" "$seconds" || printf '%s:0s;' "$node"
		done)
		new=${new%;}
		[ "$new" = "$delay" ] || crm_resource --resource fencing --set-parameter pcmk_delay_base --parameter-value "$new"
	}

	case $CRM_alert_kind in
	fencing) fenced ;;
	resource) follow ;;
	esac
	AGENT
}

check()
{
	for install_tool in corosync pacemakerd sbd dlm_controld mkfs.gfs2 cibadmin crm_mon; do
		have $install_tool || todo no-package "$install_tool" || return
	done
	[ -e /usr/lib/stonith/plugins/external/sbd ] || todo no-package cluster-glue || return
	[ -e /usr/lib/ocf/resource.d/heartbeat/VirtualDomain ] || todo no-package resource-agents || return
	for install_unit in $install_units; do
		install_file "$install_unit"
		[ "$(cat "$file" 2>/dev/null)" = "$(install_text "$install_unit")" ] || todo order "$install_unit" || return
	done
	[ -x $install_agent ] && [ "$(cat $install_agent)" = "$(install_agent_text)" ] || todo agent || return
	[ ! -L /etc/systemd/system/multi-user.target.wants/libvirt-guests.service ] || todo guests
}

apply()
{
	install_changed=
	for install_unit in $install_units; do
		install_file "$install_unit"
		install_text "$install_unit" | put_file "$file" 644
		case $? in
		0) install_changed=yes ;;
		2) return 1 ;;
		esac
	done
	install_agent_text | put_file $install_agent 755
	[ $? -ne 2 ] || return 1
	systemctl --no-reload disable libvirt-guests 2>&1 || :
	[ -z "$install_changed" ] || systemctl daemon-reload
}

undo()
{
	cluster_daemons
	[ -z "$daemons" ] || fail cluster-runs "$node_name" || return
	for install_unit in $install_units; do
		install_file "$install_unit"
		rm -f "$file"
		rmdir "${file%/*}" 2>/dev/null
	done
	rm -f $install_agent
	systemctl daemon-reload
}
