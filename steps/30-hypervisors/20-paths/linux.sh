# Is something mounted on the path? Its kind is then in $paths_kind.
paths_mounted()
{
	paths_kind=
	while read -r _ paths_on paths_type _; do
		[ "$paths_on" != "$hypervisor_path" ] || paths_kind=$paths_type
	done </proc/self/mounts
	[ -n "$paths_kind" ]
}

# Files that would vanish from sight as soon as a LUN is mounted over them.
paths_hidden() { ! paths_mounted && [ -n "$(find "$hypervisor_path" -mindepth 1 -maxdepth 1 2>/dev/null | head -n 1)" ]; }

check()
{
	case $hypervisor_path in
	/ | /*/../* | /*/.. | /*//*) fail bad-path "$hypervisor_path" || return ;;
	/*) ;;
	*) fail bad-path "$hypervisor_path" || return ;;
	esac
	[ ! -L "$hypervisor_path" ] || fail is-link "$hypervisor_path" || return
	[ ! -e "$hypervisor_path" ] || [ -d "$hypervisor_path" ] || fail no-folder "$hypervisor_path" || return
	[ -d "$hypervisor_path" ] || todo absent "$hypervisor_path" || return
	! paths_hidden || warn hidden "$hypervisor_path"
	paths_mounted
	case $paths_kind in
	'' | gfs2 | ocfs2 | nfs*) ;;
	*) warn own-disk "$hypervisor_path" "$paths_kind" ;;
	esac
	value node.vm_path "$hypervisor_path"
}

apply()
{
	[ ! -d "$hypervisor_path" ] || return 0
	was made yes
	mkdir -p "$hypervisor_path" && chmod 711 "$hypervisor_path"
}

undo()
{
	was_get made >/dev/null || return 0
	! paths_mounted || fail mounted "$hypervisor_path" || return
	! paths_hidden || fail in-use "$hypervisor_path" || return
	rmdir "$hypervisor_path" || return
	was_drop
}
