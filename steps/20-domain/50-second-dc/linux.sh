second_private=/var/lib/samba/private
second_conf=/etc/samba/smb.conf
second_wants=/etc/systemd/system/multi-user.target.wants/samba-ad-dc.service

# The network card that carries the machine's own address: $nic.
second_nic()
{
	while IFS=$bascule_tab read -r nic _ _ second_at _; do
		[ "${second_at%/*}" != "$node_address" ] || return 0
	done <<-EOF
	$nics
	EOF
	return 1
}

# The other controllers first: what this one is told about itself it can also ask the others.
second_servers()
{
	dc_find
	servers=$node_address
	for second_at in $dc_addresses; do
		[ "$second_at" = "$node_address" ] || servers="$servers $second_at"
	done
}

second_listens()
{
	second_open=" $(ss -Hltn) "
	for second_port in 53 88 389; do
		case $second_open in
		*":$second_port "*) ;;
		*) return 1 ;;
		esac
	done
	ldbsearch -H "ldap://127.0.0.1" -b '' -s base defaultNamingContext >/dev/null 2>&1
}

# Does the copy of the directory follow the first controller's?
second_follows()
{
	case $(samba-tool drs showrepl --summary 2>/dev/null) in
	*'ALL GOOD'*) return 0 ;;
	esac
	return 1
}

second_half() { was_get begun >/dev/null && ! was_get joined >/dev/null; }

check()
{
	have samba-tool && have ldbsearch || todo no-package || return
	second_servers
	[ -e $second_private/sam.ldb ] && ! second_half || todo no-controller "$node_name" || return
	# shellcheck disable=SC2086 # a list of addresses
	resolver_holds $servers || todo resolver || return
	[ -L $second_wants ] || todo not-at-boot || return
	second_listens || todo silent || return
	second_follows || todo apart "$dc_fqdn"
}

second_clear() { rm -rf /var/lib/samba/private /var/lib/samba/sysvol /var/lib/samba/*.tdb $second_conf; }

second_join()
{
	second_password=$(secret domain.admin) || fail no-secret || return
	second_nic || fail no-address "$node_address" || return
	if second_half; then
		second_clear
	else
		file_keep smb.conf $second_conf && file_keep krb5.conf /etc/krb5.conf || return
		tar -C /var/lib -cf - samba | was samba.tar || return
		was begun yes || return
		rm -f $second_conf
	fi
	mkdir -p $second_private
	printf '%s\n' "$second_password" | samba_tool domain join "$domain_name" DC "--server=$dc_fqdn" \
		-UAdministrator --password=@SECRET@ --dns-backend=SAMBA_INTERNAL "--option=interfaces=lo $nic" \
		'--option=bind interfaces only=yes' 2>&1 || fail refused "$dc_fqdn" || return
	was joined yes
}

apply()
{
	second_servers
	if [ ! -e $second_private/sam.ldb ] || second_half; then
		# While it joins, only the first controller knows the domain.
		resolver_put "$dc_address" || return
		second_join || return
	fi
	# shellcheck disable=SC2086 # a list of addresses
	resolver_put $servers || return
	put_file /etc/krb5.conf 644 <$second_private/krb5.conf
	[ $? -ne 2 ] || return 1
	systemctl stop smbd nmbd winbind 2>/dev/null
	[ "$(readlink /etc/systemd/system/samba-ad-dc.service)" != /dev/null ] ||
		rm -f /etc/systemd/system/samba-ad-dc.service
	ln -sf /lib/systemd/system/samba-ad-dc.service $second_wants || return
	systemctl daemon-reload
	systemctl restart samba-ad-dc || return
	until_true 120 second_listens || fail silent || return
	samba_dnsupdate 2>&1
	samba_spnupdate 2>&1
	until_true 60 second_follows || fail apart "$dc_fqdn"
}

undo()
{
	was_get joined >/dev/null || second_half || return 0
	second_servers
	if second_password=$(secret domain.admin) && systemctl -q is-active samba-ad-dc; then
		printf '%s\n' "$second_password" | samba_tool domain demote "--server=$dc_fqdn" -UAdministrator \
			--password=@SECRET@ 2>&1 || warn left "$node_name"
	else
		warn left "$node_name"
	fi
	systemctl stop samba-ad-dc 2>&1
	rm -f $second_wants
	second_clear
	was_get samba.tar | tar -C /var/lib -xf - || return
	file_back smb.conf $second_conf 644 && file_back krb5.conf /etc/krb5.conf 644 && resolver_back || return
	systemctl daemon-reload
	was_drop
}
