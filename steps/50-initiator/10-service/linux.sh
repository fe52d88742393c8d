service_file=/etc/iscsi/initiatorname.iscsi
service_wants=/etc/systemd/system/sysinit.target.wants

# A session that was opened under another name: $service_alias.
service_alias()
{
	for service_session in /sys/class/iscsi_session/session*; do
		first_line "$service_session/initiatorname" || continue
		service_alias=$line
		[ "$line" = "$node_iqn" ] || return 0
	done
	return 1
}

service_named() { grep -qsxF "InitiatorName=$node_iqn" $service_file; }

# iscsid reads its name once, when it starts.
service_runs()
{
	first_line /run/iscsid.pid && [ -d "/proc/$line" ] &&
		[ -z "$(find $service_file -newer /run/iscsid.pid)" ]
}

service_lasting() { [ -L $service_wants/iscsid.service ] && [ -L $service_wants/open-iscsi.service ]; }

# What "systemctl enable" does, without the run through the old init scripts that it adds to it.
service_enable()
{
	mkdir -p $service_wants || return
	for service_unit in iscsid.service open-iscsi.service; do
		ln -sf "/lib/systemd/system/$service_unit" "$service_wants/$service_unit" || return
	done
}

check()
{
	have iscsiadm || todo no-package || return
	! service_alias || fail alias "$service_alias" "$node_iqn" || return
	service_named || todo name "$node_iqn" || return
	service_lasting || todo not-at-boot || return
	service_runs || todo stopped
}

apply()
{
	! service_alias || fail alias "$service_alias" "$node_iqn" || return
	if ! service_named; then
		[ ! -e $service_file ] || was initiatorname <$service_file
		printf 'InitiatorName=%s\n' "$node_iqn" | put_file $service_file 600
		[ $? -ne 2 ] || return 1
	fi
	service_enable || return
	service_runs || systemctl restart iscsid || return
	until_true 10 service_runs || fail stopped
}

undo()
{
	for service_session in /sys/class/iscsi_session/session*; do
		[ ! -d "$service_session" ] || fail sessions "$node_name" || return
	done
	systemctl disable --now open-iscsi iscsid 2>&1
	if was_get initiatorname >/dev/null; then
		was_get initiatorname | put_file $service_file 600
		[ $? -ne 2 ] || return 1
	fi
	was_drop
}
