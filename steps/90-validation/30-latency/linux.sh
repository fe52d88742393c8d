latency_good=50   # ms for one read
latency_box=1000  # the fencing service looks into its mailbox that often
latency_reads=32

# This moment in hundredths of a second, without a fork: $hundredths.
latency_now()
{
	first_line /proc/uptime
	line=${line%% *}
	hundredths=${line%.*}${line#*.}
}

# The blocks at its head, one after the other, past every cache of this machine.
check()
{
	lun_need || return
	latency_now
	latency_began=$hundredths
	dd if="$dev" of=/dev/null bs=4096 count=$latency_reads iflag=direct 2>/dev/null ||
		fail unreadable "$lun_name" "$node_name" || return
	latency_now
	latency=$(((hundredths - latency_began) * 10 / latency_reads))
	printf '%s: %s ms\n' "$lun_name" "$latency"
	if [ "$lun_use" = quorum ] && [ $latency -ge $latency_box ]; then
		todo too-slow "$lun_name" "$latency" "$node_name"
	elif [ $latency -gt $latency_good ]; then
		warn slow "$lun_name" "$latency" "$node_name"
	fi
}
