# A NIC that is a port of a bridge by now keeps its address on the bridge: $link has it then.
address_link()
{
	link=$1
	[ ! -e "/sys/class/net/$1/master" ] || link=$(basename "$(readlink "/sys/class/net/$1/master")")
}

# Does $link have the address, usable (past duplicate detection)?
address_there()
{
	address_have=$(ip -o address show dev "$link" 2>/dev/null) || return 1
	while read -r _ _ _ address_text address_flags; do
		[ "$address_text" = "$1" ] || continue
		case " $address_flags " in
		*' tentative '* | *' dadfailed '*) ;;
		*) return 0 ;;
		esac
	done <<-EOF
	$address_have
	EOF
	return 1
}

address_file() { file=/etc/systemd/network/05-bascule-$1.network; }

# NIC USE ADDRESS GATEWAY
address_text()
{
	printf '%s\n' '# Written by bascule (machines/address).' '[Match]' "Name=$1"
	[ "$2" != heartbeat ] || printf '%s\n' '[Link]' 'RequiredForOnline=no'
	printf '%s\n' '[Network]' "Address=$3" 'DHCP=no'
	[ "$2" = enterprise ] || printf '%s\n' 'IPv6AcceptRA=no'
	case ${4:--} in
	-) ;;
	*) printf '%s\n' "Gateway=$4" ;;
	esac
}

# Another manager that is told about this NIC; fighting it would end badly.
address_other()
{
	other=
	if grep -Eqs "^[[:space:]]*iface[[:space:]]+$1[[:space:]]" /etc/network/interfaces /etc/network/interfaces.d/*; then
		other=ifupdown
	elif grep -qs "^interface-name=$1\$" /etc/NetworkManager/system-connections/*; then
		other=NetworkManager
	fi
	[ -n "$other" ]
}

# NIC USE ADDRESS GATEWAY: one row; ends with a reason unless it holds.
address_holds()
{
	[ -e "/sys/class/net/$1" ] || todo no-nic "$1" "$node_name" || return
	address_link "$1"
	address_there "$3" || todo no-address "$1" "$3" || return
	[ "$link" = "$1" ] || return 0
	address_file "$1"
	address_want=$(address_text "$@")
	if [ -e "$file" ]; then
		[ "$(cat "$file")" = "$address_want" ] || todo changed "$1" "$3"
	else
		address_other "$1" || todo not-lasting "$1" "$3"
	fi
}

# A session of the console that would be cut: its address is on the NIC and not the wanted one.
address_cuts()
{
	cuts=
	while read -r _ _ cuts_local _; do
		cuts_local=${cuts_local%:*}
		cuts_local=${cuts_local#[}
		cuts_local=${cuts_local%]}
		case "$address_have" in
		*" $cuts_local/"*) [ "$cuts_local" = "${2%/*}" ] || cuts=$cuts_local ;;
		esac
	done <<-EOF
	$(ss -Htn state established '( sport = :22 )')
	EOF
	[ -n "$cuts" ]
}

check()
{
	while IFS=$bascule_tab read -r nic _ use address _ gateway; do
		case ${address:--} in
		-) continue ;;
		esac
		address_holds "$nic" "$use" "$address" "$gateway" || return
	done <<-EOF
	$nics
	EOF
}

apply()
{
	address_new=
	while IFS=$bascule_tab read -r nic _ use address _ gateway; do
		case ${address:--} in
		-) continue ;;
		esac
		address_holds "$nic" "$use" "$address" "$gateway" >/dev/null && continue
		[ -e "/sys/class/net/$nic" ] || fail no-nic "$nic" "$node_name" || return
		[ "$link" = "$nic" ] || fail bridged "$nic" "$link" "$address" || return
		! address_other "$nic" || fail other-manager "$nic" "$other" "$address" || return
		address_have=$(ip -o address show dev "$nic")
		! address_cuts "$nic" "$address" || fail would-cut "$nic" "$cuts" "$address" || return
		address_file "$nic"
		if [ -e "$file" ]; then was "$nic.network" <"$file"; fi
		address_text "$nic" "$use" "$address" "$gateway" | put_file "$file" 644
		[ $? -ne 2 ] || return 1
		address_new="$address_new $nic"
	done <<-EOF
	$nics
	EOF
	[ -n "$address_new" ] || return 0
	systemctl -q is-enabled systemd-networkd || systemctl --no-reload enable systemd-networkd 2>&1
	systemctl -q is-active systemd-networkd || systemctl start systemd-networkd || return
	networkctl reload || return
	until_true 20 check >/dev/null && return
	for nic in $address_new; do
		first_line "/sys/class/net/$nic/carrier"
		[ "$line" = 1 ] || fail no-carrier "$nic" || return
	done
	check
}

undo()
{
	while IFS=$bascule_tab read -r nic _; do
		address_file "$nic"
		[ -e "$file" ] || continue
		if was_get "$nic.network" >/dev/null; then
			was_get "$nic.network" | put_file "$file" 644
		else
			rm -f "$file"
		fi
	done <<-EOF
	$nics
	EOF
	networkctl reload || return
	was_drop
}
