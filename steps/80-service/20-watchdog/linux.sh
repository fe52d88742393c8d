watchdog_load=/etc/modules-load.d/bascule-watchdog.conf

# The device that /dev/watchdog is: $watchdog, by what it calls itself.
watchdog_find()
{
	watchdog=
	[ -e /dev/watchdog ] || return 1
	first_line /sys/class/watchdog/watchdog0/identity || return 1
	watchdog=$line
}

# Somebody else who would feed it: then a node that hangs is never reset by ours.
watchdog_taken()
{
	taken=
	if grep -Eqs '^[[:space:]]*RuntimeWatchdogSec=[[:space:]]*[1-9]' /etc/systemd/system.conf /etc/systemd/system.conf.d/*; then
		taken=systemd
	elif pidof -s watchdog >/dev/null; then
		taken=watchdog
	fi
	[ -n "$taken" ]
}

check()
{
	watchdog_find || todo none "$node_name" || return
	value node.watchdog "$watchdog"
	! watchdog_taken || fail taken "$taken" || return
	case $watchdog in
	'Software Watchdog'*)
		warn software "$node_name"
		[ -e $watchdog_load ] || todo not-lasting "$node_name" || return
		;;
	esac
	# Zero and silence both mean that the driver does not say.
	first_line /sys/class/watchdog/watchdog0/max_timeout || return 0
	[ "$line" -eq 0 ] || [ "$line" -ge "$cluster_watchdog" ] || fail too-short "$watchdog" "$line" "$cluster_watchdog"
}

apply()
{
	watchdog_find || modprobe softdog || return
	until_true 5 watchdog_find || fail none "$node_name" || return
	case $watchdog in
	'Software Watchdog'*)
		echo softdog | put_file $watchdog_load 644
		[ $? -ne 2 ]
		;;
	esac
}

undo()
{
	[ -e $watchdog_load ] || return 0
	! pidof -s sbd >/dev/null || fail in-use "$node_name" || return
	rm -f $watchdog_load
	modprobe -r softdog
}
