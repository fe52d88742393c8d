create_private=/var/lib/samba/private
create_conf=/etc/samba/smb.conf
create_wants=/etc/systemd/system/multi-user.target.wants

# The network card that carries the machine's own address: $nic. Samba talks on no other.
create_nic()
{
	while IFS=$bascule_tab read -r nic _ _ create_at _; do
		[ "${create_at%/*}" != "$node_address" ] || return 0
	done <<-EOF
	$nics
	EOF
	return 1
}

# Whom the name server asks for names of other domains: $forwarder, "" for nobody.
create_forwarder()
{
	forwarder=$domain_forwarder
	[ -z "$forwarder" ] || return 0
	while read -r create_word create_at _; do
		[ "$create_word" = nameserver ] || continue
		case $create_at in
		127.* | ::1 | "$node_address") ;;
		*) forwarder=$create_at && return ;;
		esac
	done <<-EOF
	$(was_get resolver || cat /etc/resolv.conf 2>/dev/null)
	EOF
}

# create_setting NAME: what smb.conf has for it, in $setting.
create_setting()
{
	setting=$(sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*//p" $create_conf 2>/dev/null)
}

create_listens()
{
	create_open=" $(ss -Hltn) "
	for create_port in 53 88 389; do
		case $create_open in
		*":$create_port "*) ;;
		*) return 1 ;;
		esac
	done
}

# Asks the directory by its protocol, and Kerberos for a ticket of the machine itself.
create_answers()
{
	create_listens &&
		ldbsearch -H "ldap://127.0.0.1" -b '' -s base defaultNamingContext >/dev/null 2>&1 &&
		KRB5CCNAME=MEMORY: kinit -k -t $create_private/secrets.keytab \
			"$(printf %s "$node_name" | tr '[:lower:]' '[:upper:]')\$@$realm" 2>/dev/null
}

# Without a service name for LDAP in the directory no machine can join. Samba registers it by
# itself, but gives up after 20 seconds, which is too soon for a slow machine.
create_named()
{
	ldbsearch -H $create_private/sam.ldb "(sAMAccountName=$node_name\$)" servicePrincipalName 2>/dev/null |
		grep -qi "^servicePrincipalName: ldap/$node_fqdn\$"
}

check()
{
	have samba-tool && have ldbsearch || todo no-package || return
	realm_name
	[ -e $create_private/sam.ldb ] && ! create_half || todo no-domain "$domain_name" || return
	create_setting realm
	[ "$setting" = "$realm" ] || fail other-domain "$setting" "$realm" || return
	create_forwarder
	create_setting 'dns forwarder'
	[ "$setting" = "$forwarder" ] || todo forwarder "${forwarder:--}" || return
	resolver_holds "$node_address" || todo resolver || return
	[ -L $create_wants/samba-ad-dc.service ] || todo not-at-boot || return
	create_answers || todo silent || return
	create_named || todo no-service-name "$node_fqdn"
}

# A provision that was begun and not finished leaves files that look like a domain.
create_half() { was_get begun >/dev/null && ! was_get provisioned >/dev/null; }

create_clear() { rm -rf /var/lib/samba/private /var/lib/samba/sysvol /var/lib/samba/*.tdb $create_conf; }

create_provision()
{
	create_password=$(secret domain.admin) || fail no-secret || return
	create_nic || fail no-address "$node_address" || return
	if create_half; then
		create_clear
	else
		file_keep smb.conf $create_conf && file_keep krb5.conf /etc/krb5.conf || return
		tar -C /var/lib -cf - samba | was samba.tar || return
		was begun yes || return
		rm -f $create_conf
	fi
	mkdir -p $create_private
	create_ip=--host-ip
	case $node_address in *:*) create_ip=--host-ip6 ;; esac
	# minutes of a processor, and disks that this machine serves do not wait for it
	renice -n 10 -p $$ >/dev/null
	printf '%s\n' "$create_password" | samba_tool domain provision --use-rfc2307 "--realm=$realm" \
		"--domain=$domain_netbios" "--host-name=$node_name" "$create_ip=$node_address" --server-role=dc \
		--dns-backend=SAMBA_INTERNAL --adminpass=@SECRET@ "--option=interfaces=lo $nic" \
		'--option=bind interfaces only=yes' 2>&1 || fail refused || return
	was provisioned yes
}

# A certificate that is there already: making its own, Samba would keep the directory shut for a
# minute or more on a slow machine.
create_certificate()
{
	create_tls=$create_private/tls
	[ ! -e $create_tls/cert.pem ] || return 0
	mkdir -p $create_tls && chmod 700 $create_tls || return
	have openssl && (umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -days 3650 -subj "/CN=$node_fqdn" -addext "subjectAltName=DNS:$node_fqdn" \
		-keyout $create_tls/key.pem -out $create_tls/cert.pem) 2>/dev/null &&
		cp $create_tls/cert.pem $create_tls/ca.pem && return
	rm -rf $create_tls
	create_set 'tls enabled' no
}

# create_set NAME VALUE: that one setting of smb.conf; "" takes it away.
create_set()
{
	create_line="/^[[:space:]]*$1[[:space:]]*=/d"
	{
		sed -e "$create_line" -e '/^\[global\]/q' $create_conf
		[ -z "$2" ] || printf '\t%s = %s\n' "$1" "$2"
		sed -e '1,/^\[global\]/d' -e "$create_line" $create_conf
	} | put_file $create_conf 644
	[ $? -ne 2 ]
}

create_start()
{
	for create_unit in smbd nmbd winbind; do
		[ ! -L $create_wants/$create_unit.service ] || was "$create_unit" yes
		rm -f $create_wants/$create_unit.service
	done
	systemctl stop smbd nmbd winbind 2>/dev/null
	[ "$(readlink /etc/systemd/system/samba-ad-dc.service)" != /dev/null ] ||
		rm -f /etc/systemd/system/samba-ad-dc.service
	ln -sf /lib/systemd/system/samba-ad-dc.service $create_wants/samba-ad-dc.service || return
	systemctl daemon-reload
	systemctl restart samba-ad-dc
}

apply()
{
	realm_name
	if [ ! -e $create_private/sam.ldb ] || create_half; then
		create_provision || return
	fi
	create_certificate || return
	resolver_put "$node_address" || return
	create_forwarder
	create_set 'dns forwarder' "$forwarder" || return
	put_file /etc/krb5.conf 644 <$create_private/krb5.conf
	[ $? -ne 2 ] || return 1
	create_start || return
	until_true 120 create_answers || fail silent || return
	create_named || samba_spnupdate 2>&1
	create_named || fail no-service-name "$node_fqdn"
}

undo()
{
	was_get provisioned >/dev/null || create_half || return 0
	systemctl stop samba-ad-dc 2>&1
	rm -f $create_wants/samba-ad-dc.service
	create_clear
	was_get samba.tar | tar -C /var/lib -xf - || return
	file_back smb.conf $create_conf 644 && file_back krb5.conf /etc/krb5.conf 644 && resolver_back || return
	for create_unit in smbd nmbd winbind; do
		[ -z "$(was_get $create_unit)" ] ||
			ln -sf /lib/systemd/system/$create_unit.service $create_wants/$create_unit.service
	done
	systemctl daemon-reload
	was_drop
}
