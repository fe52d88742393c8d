networks_file=/etc/sysctl.d/60-bascule-arp.conf

# The NICs of this machine that share a subnet with another of its NICs: $twins.
networks_twins()
{
	twins=
	twin_seen=' '
	while IFS=$bascule_tab read -r twin_nic twin_network _ twin_address _; do
		case ${twin_address:--} in
		-) continue ;;
		esac
		case $twin_seen in
		*" $twin_network="*)
			twin_first=${twin_seen#* "$twin_network"=}
			twin_first=${twin_first%% *}
			case " $twins " in
			*" $twin_first "*) ;;
			*) twins="$twins $twin_first" ;;
			esac
			twins="$twins $twin_nic"
			;;
		*) twin_seen="$twin_seen$twin_network=$twin_nic " ;;
		esac
	done <<-EOF
	$nics
	EOF
	twins=${twins# }
}

# One line for each setting: the NIC answers for its own addresses alone.
networks_lines()
{
	for twin in $twins; do
		printf '%s\n' "net.ipv4.conf.$twin.arp_ignore=1" "net.ipv4.conf.$twin.arp_announce=2"
	done
}

networks_advice()
{
	advice_uses=' '
	while IFS=$bascule_tab read -r advice_name advice_use _; do
		[ -n "$advice_name" ] || continue
		advice_uses="$advice_uses$advice_use "
	done <<-EOF
	$networks
	EOF
	case $advice_uses in *' enterprise '*) ;; *) warn no-enterprise ;; esac
	case $advice_uses in *' heartbeat '*) ;; *) warn no-heartbeat ;; esac
	case $advice_uses in *' storage '*) ;; *) warn no-storage ;; esac
	[ -z "$twins" ] || warn same-subnet "$node_name" "$twins"
}

check()
{
	networks_twins
	networks_advice
	[ -n "$twins" ] || return 0
	[ "$(cat "$networks_file" 2>/dev/null)" = "$(networks_lines)" ] || todo arp "$twins" || return
	for twin in $twins; do
		first_line "/proc/sys/net/ipv4/conf/$twin/arp_ignore"
		[ "$line" = 1 ] || todo arp "$twin" || return
		first_line "/proc/sys/net/ipv4/conf/$twin/arp_announce"
		[ "$line" = 2 ] || todo arp "$twin" || return
	done
}

apply()
{
	networks_twins
	[ -n "$twins" ] || return 0
	networks_lines | put_file "$networks_file" 644
	[ $? -ne 2 ] || return 1
	for twin in $twins; do
		echo 1 >"/proc/sys/net/ipv4/conf/$twin/arp_ignore" || return
		echo 2 >"/proc/sys/net/ipv4/conf/$twin/arp_announce" || return
	done
}

undo()
{
	networks_twins
	rm -f "$networks_file"
	for twin in $twins; do
		echo 0 >"/proc/sys/net/ipv4/conf/$twin/arp_ignore"
		echo 0 >"/proc/sys/net/ipv4/conf/$twin/arp_announce"
	done
}
