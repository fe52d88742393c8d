check()
{
	drill_entry || return
	if [ "$drill_variant" = freeze ]; then
		value deed.orders "freeze $drill_node"
		value deed.back "thaw $drill_node"
	fi
	[ "$at" = "$node_name" ] || return 0
	case $drill_variant in
	ordered) if [ "$at" = "$drill_node" ]; then predict_live; else predict_nothing; fi ;;
	*) predict_lost "$drill_node" ;;
	esac
}

# Given a moment, so that this job's own end is heard.
reboot_soon()
{
	systemd-run --quiet --collect --on-active=1 --timer-property=AccuracySec=100ms "$@"
}

apply()
{
	case $drill_variant in
	panic) reboot_soon sh -c 'echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger' ;;
	*) reboot_soon systemctl reboot ;;
	esac
}

# Who was thawed believes that no time has passed. Whatever he writes now would be a lie on the disk.
reboot_thawed()
{
	[ "$drill_variant" = freeze ] || return 0
	case $members in
	*" $drill_node "*) ;;
	*) return ;;
	esac
	once thawed "$drill_node"
}

watch()
{
	drill_names
	until
		watch_node "$drill_node"
		[ "${gone:-no}" = no ] || reboot_thawed
		watch_redundant
	do
		look_pause 100
	done
}
