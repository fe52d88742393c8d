switch_seconds=25

# The network card that carries the switch, as the cluster file says: $nic $use $address $gateway.
switch_find()
{
	while IFS=$bascule_tab read -r nic _ use address role gateway; do
		[ "$role" != switch ] || break
	done <<-EOF
	$nics
	EOF
	[ "$role" = switch ] || fail no-card "$node_name" || return
	case $address in -) address= ;; esac
	case ${gateway:--} in -) gateway= ;; esac
	case $hypervisor_switch in
	'' | *[!A-Za-z0-9_.-]* | ????????????????*) fail bad-name "$hypervisor_switch" || return ;;
	esac
	switch_net=/sys/class/net/$hypervisor_switch
	switch_netdev=/etc/systemd/network/04-bascule-switch.netdev
	switch_network=/etc/systemd/network/04-bascule-switch.network
	switch_port=/etc/systemd/network/04-bascule-port.network
	switch_sysctl=/etc/sysctl.d/61-bascule-switch.conf
}

# The bridge has the card's own hardware address: the network around it notices nothing. It forwards
# at once, since nothing behind it can make a loop.
switch_netdev_text()
{
	first_line "/sys/class/net/$nic/address"
	printf '%s\n' '# Written by bascule (hypervisors/switch).' '[NetDev]' "Name=$hypervisor_switch" \
		'Kind=bridge' "MACAddress=$line" '[Bridge]' 'STP=no' 'ForwardDelaySec=0' 'MulticastSnooping=no'
}

switch_network_text()
{
	printf '%s\n' '# Written by bascule (hypervisors/switch).' '[Match]' "Name=$hypervisor_switch" '[Network]' \
		'DHCP=no' ${address:+"Address=$address"} ${gateway:+"Gateway=$gateway"}
	[ "$use" = enterprise ] || printf '%s\n' 'IPv6AcceptRA=no'
}

switch_port_text()
{
	printf '%s\n' '# Written by bascule (hypervisors/switch).' '[Match]' "Name=$nic" '[Network]' \
		"Bridge=$hypervisor_switch" 'DHCP=no' 'LinkLocalAddressing=no' 'IPv6AcceptRA=no'
}

# Where another card is in the same subnet, each has to answer for itself alone.
switch_sysctl_text()
{
	printf '%s\n' "net.ipv4.conf.$hypervisor_switch.arp_ignore=1" \
		"net.ipv4.conf.$hypervisor_switch.arp_announce=2"
}

# Another manager that looks after the card; the bridge is to be made there, then.
switch_other()
{
	other=
	if grep -Eqs "^[[:space:]]*iface[[:space:]]+($nic|$hypervisor_switch)[[:space:]]" /etc/network/interfaces \
		/etc/network/interfaces.d/*; then
		other=ifupdown
	elif grep -Eqs "^interface-name=($nic|$hypervisor_switch)\$" /etc/NetworkManager/system-connections/*; then
		other=NetworkManager
	fi
	[ -n "$other" ]
}

# The address, on LINK, and usable?
switch_address_on()
{
	while read -r _ _ _ switch_have switch_flags; do
		[ "$switch_have" = "$address" ] || continue
		case " $switch_flags " in
		*' tentative '* | *' dadfailed '*) ;;
		*) return 0 ;;
		esac
	done <<-EOF
	$(ip -o address show dev "$1" 2>/dev/null)
	EOF
	return 1
}

# The bridge as it is now.
switch_now()
{
	[ -d "$switch_net/bridge" ] || todo no-switch "$hypervisor_switch" || return
	[ -e "$switch_net/brif/$nic" ] || todo no-port "$nic" "$hypervisor_switch" || return
	[ -z "$address" ] || switch_address_on "$hypervisor_switch" ||
		todo no-address "$address" "$hypervisor_switch" || return
	first_line "$switch_net/bridge/stp_state"
	[ "$line" = 0 ] || todo settings "$hypervisor_switch"
}

switch_same() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

switch_lasting()
{
	switch_same "$switch_netdev" "$(switch_netdev_text)" &&
		switch_same "$switch_network" "$(switch_network_text)" &&
		switch_same "$switch_port" "$(switch_port_text)" &&
		switch_same "$switch_sysctl" "$(switch_sysctl_text)"
}

check()
{
	switch_find || return
	[ -e "/sys/class/net/$nic" ] || fail no-nic "$nic" || return
	switch_now || return
	switch_lasting || switch_other || todo not-lasting "$hypervisor_switch" || return
	first_line "$switch_net/mtu"
	value node.switch "$hypervisor_switch, MTU $line"
}

# Does the console come in through the card, or the cluster file say that it might? Then the address
# moves with a safety line. The session's own address tells; and the machine's own one.
switch_carries()
{
	[ "${address%/*}" != "$node_address" ] || return 0
	switch_on=" $(ip -o address show dev "$nic" 2>/dev/null) "
	while read -r _ _ switch_local _; do
		switch_local=${switch_local%:*}
		switch_local=${switch_local#[}
		switch_local=${switch_local%]}
		case $switch_on in *" $switch_local/"*) return 0 ;; esac
	done <<-EOF
	$(ss -Htn state established '( sport = :22 )')
	EOF
	return 1
}

# The way back as commands of their own: this script and its connection may be gone by then.
switch_back_text()
{
	bascule_was
	for switch_file in netdev network port sysctl; do
		eval "switch_path=\$switch_$switch_file"
		if [ -e "$was_dir/$switch_file" ]; then
			printf '%s\n' "cp $was_dir/$switch_file $switch_path"
		else
			printf '%s\n' "rm -f $switch_path"
		fi
	done
	[ -n "$(was_get bridge)" ] || printf '%s\n' "ip link delete $hypervisor_switch"
	printf '%s\n' 'networkctl reload' "networkctl reconfigure $nic"
}

switch_write()
{
	file_keep "$1" "$2" || return
	printf '%s\n' "$3" | put_file "$2" 644
	[ $? -ne 2 ]
}

# Ends an apply that came to nothing: what was begun is taken back now and not later.
switch_retreat()
{
	switch_back_text >/run/bascule-switch.sh
	sh /run/bascule-switch.sh 2>&1
	rm -f /run/bascule-switch.sh
	rollback_cancel
	return 1
}

apply()
{
	switch_find || return
	[ -e "/sys/class/net/$nic" ] || fail no-nic "$nic" || return
	! switch_other || fail other-manager "$nic" "$other" "$hypervisor_switch" || return
	if [ -e "$switch_net" ]; then
		[ -d "$switch_net/bridge" ] || fail taken "$hypervisor_switch" || return
		[ -e "$switch_netdev" ] || was bridge yes
	fi
	if [ -e "/sys/class/net/$nic/master" ] && [ ! -e "$switch_net/brif/$nic" ]; then
		fail bound "$nic" "$(basename "$(readlink "/sys/class/net/$nic/master")")" || return
	fi
	# The texts come first: they are made from the card as it is.
	switch_a=$(switch_netdev_text)
	switch_b=$(switch_network_text)
	switch_c=$(switch_port_text)
	file_keep netdev "$switch_netdev" && file_keep network "$switch_network" &&
		file_keep port "$switch_port" && file_keep sysctl "$switch_sysctl" || return
	if switch_carries; then
		rollback_arm $switch_seconds "$(switch_back_text)" || fail no-line || return
	fi
	switch_write sysctl "$switch_sysctl" "$(switch_sysctl_text)" &&
		switch_write netdev "$switch_netdev" "$switch_a" &&
		switch_write network "$switch_network" "$switch_b" &&
		switch_write port "$switch_port" "$switch_c" && networkctl reload || switch_retreat || return
	until_true 15 switch_now >/dev/null || { switch_now; switch_retreat; } || return
	! have sysctl || sysctl -q -p "$switch_sysctl" 2>&1
}

# Over a new connection: so the machine is still reached, and keeps what it has.
confirm()
{
	rollback_cancel
	case $? in
	0) ;;
	7) todo taken-back "$hypervisor_switch" ;;
	*) fail no-line ;;
	esac
}

# The way back has its own way back: what is there now, if nobody comes through any more.
switch_forth_text()
{
	switch_keep=/run/bascule/switch
	rm -rf "${switch_keep:?}"
	mkdir -p "$switch_keep" || return
	cp "$switch_netdev" "$switch_network" "$switch_port" "$switch_sysctl" "$switch_keep/" || return
	printf '%s\n' "cp $switch_keep/*.net* /etc/systemd/network/" "cp $switch_keep/*.conf /etc/sysctl.d/" \
		'networkctl reload' "networkctl reconfigure $nic"
}

undo()
{
	bascule_was
	[ -d "$was_dir" ] || return 0
	switch_find || return
	for switch_guest in "$switch_net"/brif/*; do
		switch_guest=${switch_guest##*/}
		case $switch_guest in
		'*' | "$nic") ;;
		*) fail in-use "$hypervisor_switch" "$switch_guest" || return ;;
		esac
	done
	if switch_carries || switch_address_on_us; then
		switch_text=$(switch_forth_text) && rollback_arm $switch_seconds "$switch_text" || fail no-line || return
	fi
	switch_back_text >/run/bascule-switch.sh
	sh /run/bascule-switch.sh 2>&1
	rm -f /run/bascule-switch.sh
	was_drop
	until_true 15 switch_gone || fail still-there "$hypervisor_switch"
}

# The session may have come in by the bridge.
switch_address_on_us()
{
	switch_card=$nic
	nic=$hypervisor_switch
	switch_carries
	switch_answer=$?
	nic=$switch_card
	return $switch_answer
}

switch_gone()
{
	[ ! -e "$switch_net" ] || return
	[ -z "$address" ] || switch_address_on "$nic"
}
