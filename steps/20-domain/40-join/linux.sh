join_conf=/etc/sssd/sssd.conf
join_unit=/etc/systemd/system/sssd.service
join_wants=/etc/systemd/system/multi-user.target.wants/sssd.service

join_sssd()
{
	printf '%s\n' '# Written by bascule (domain/join).' '[sssd]' "domains = $domain_name" 'services = nss, pam' \
		"[domain/$domain_name]" 'id_provider = ad' 'access_provider = ad' "ad_server = _srv_, $dc_fqdn" \
		"ad_hostname = $node_fqdn" 'dyndns_update = false' 'use_fully_qualified_names = false' \
		'fallback_homedir = /home/%u' 'default_shell = /bin/bash' 'cache_credentials = true'
}

join_krb5()
{
	printf '%s\n' '# Written by bascule (domain/join).' '[libdefaults]' "	default_realm = $realm" \
		'	dns_lookup_realm = false' '	dns_lookup_kdc = true'
}

# The unit of the package, taken off the way to the cluster: as it comes, everything that asks for a
# user name at boot waits for it, and the cluster with it.
join_service()
{
	sed -e '/^Before=/d' -e '/^Wants=nss-user-lookup/d' \
		-e '/^\[Unit\]/a # Written by bascule (domain/join).' -e '/^\[Unit\]/a After=pacemaker.service' \
		/lib/systemd/system/sssd.service
}

join_files()
{
	# shellcheck disable=SC2086 # a list of addresses
	resolver_holds $dc_addresses && [ "$(cat /etc/krb5.conf 2>/dev/null)" = "$(join_krb5)" ] &&
		[ "$(cat $join_conf 2>/dev/null)" = "$(join_sssd)" ] &&
		[ "$(cat $join_unit 2>/dev/null)" = "$(join_service)" ]
}

join_valid() { [ -e /etc/krb5.keytab ] && adcli testjoin -D "$domain_name" -S "$dc_fqdn" >/dev/null 2>&1; }

# The administrator as this machine knows him: the same number on all of them, or files on a shared
# disk would belong to different people.
join_known()
{
	join_person=$(getent passwd administrator) || return
	join_person=${join_person#*:*:}
	join_person=${join_person%%:*}
}

check()
{
	have adcli && [ -e /lib/systemd/system/sssd.service ] || todo no-package || return
	realm_name
	dc_find
	join_files || todo settings || return
	if ! join_valid; then
		adcli info -S "$dc_fqdn" >/dev/null 2>&1 || fail no-controller "$dc_fqdn" || return
		todo no-member "$node_name" "$domain_name" || return
	fi
	[ -L $join_wants ] || todo not-at-boot || return
	join_known || todo nobody || return
	value node.administrator "$join_person"
}

join_put()
{
	join_text=$($1)
	file_keep "$2" "$3" || return
	printf '%s\n' "$join_text" | put_file "$3" "$4"
	[ $? -ne 2 ]
}

apply()
{
	join_password=$(secret domain.admin) || fail no-secret || return
	realm_name
	dc_find
	# shellcheck disable=SC2086 # a list of addresses
	resolver_put $dc_addresses || return
	join_put join_krb5 krb5.conf /etc/krb5.conf 644 || return
	if ! join_valid; then
		file_keep krb5.keytab /etc/krb5.keytab || return
		rm -f /etc/krb5.keytab
		printf %s "$join_password" | adcli join -D "$domain_name" -S "$dc_fqdn" -U Administrator \
			--stdin-password --host-fqdn "$node_fqdn" 2>&1 || fail refused "$node_name" || return
	fi
	join_put join_sssd sssd.conf $join_conf 600 || return
	join_put join_service sssd.service $join_unit 644 || return
	ln -sf $join_unit $join_wants || return
	systemctl daemon-reload
	systemctl restart sssd || fail no-service || return
	until_true 60 join_known || fail nobody
}

# Without the controller the account stays there, disabled by nobody: that is told, and no reason to
# leave this machine half a member.
undo()
{
	bascule_was
	[ -d "$was_dir" ] || return 0
	dc_find
	if join_password=$(secret domain.admin); then
		printf %s "$join_password" | adcli delete-computer -D "$domain_name" -S "$dc_fqdn" -U Administrator \
			--stdin-password "$node_name" 2>&1 || warn account-left "$node_name"
	else
		warn account-left "$node_name"
	fi
	systemctl stop sssd 2>&1
	rm -f $join_wants /var/lib/sss/db/* /var/lib/sss/mc/*
	file_back sssd.conf $join_conf 600 && file_back sssd.service $join_unit 644 &&
		file_back krb5.keytab /etc/krb5.keytab 600 && file_back krb5.conf /etc/krb5.conf 644 &&
		resolver_back || return
	systemctl daemon-reload
	was_drop
}
