time_limit=60 # seconds; Kerberos gives up at 300

# $offset = this clock minus the console's, in seconds; the script's own journey is part of it.
time_offset()
{
	offset=$(($(date +%s) - task_now))
}

time_source()
{
	time_source=
	for time_unit in chrony ntpsec systemd-timesyncd; do
		! systemctl -q is-active $time_unit || time_source=$time_unit
	done
}

check()
{
	time_offset
	value node.clock "$offset"
	time_source
	[ -n "$time_source" ] || warn no-source "$node_name"
	[ ${offset#-} -le $time_limit ] || todo off "$node_name" "$offset" "$time_limit"
}

apply()
{
	time_offset
	[ ${offset#-} -gt $time_limit ] || return 0
	cluster_daemons
	[ -z "$daemons" ] || fail cluster-runs "$node_name" || return
	was offset "$offset"
	date -u -s "@$(($(date +%s) - offset))" || fail refused "$node_name" || return
	! have hwclock || hwclock --systohc 2>&1 || :
}
