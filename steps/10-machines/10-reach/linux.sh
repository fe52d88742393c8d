check()
{
	[ "$(id -u)" = 0 ] || fail not-root "$node_name" || return
	[ -d /run/systemd/system ] || fail no-systemd "$node_name" || return
	first_line /proc/sys/kernel/random/boot_id && value node.boot "$line"
	reach_system=unknown
	while IFS='=' read -r reach_key reach_text; do
		[ "$reach_key" != PRETTY_NAME ] || reach_system=$reach_text
	done </etc/os-release
	reach_system=${reach_system#\"}
	value node.system "${reach_system%\"}"
	for reach_tool in blkid cmp dpkg-query ip networkctl ss; do
		have "$reach_tool" || fail no-tool "$node_name" "$reach_tool" || return
	done
}
