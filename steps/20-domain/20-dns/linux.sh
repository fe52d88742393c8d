dns_keytab=/var/lib/samba/private/secrets.keytab

# The name under which an address is looked up, in $reverse, and the zone it is in, in $zone.
dns_reverse()
{
	case $1 in
	*:*)
		reverse=$(dig @127.0.0.1 +noall +question -x "$1")
		reverse=${reverse#;}
		reverse=${reverse%%[.]"$bascule_tab"*}
		zone=$(printf %s "$reverse" | cut -c33-)
		;;
	*)
		zone=${1%.*}
		reverse=${1##*.}
		while [ -n "$zone" ]; do
			reverse=$reverse.${zone##*.}
			case $zone in *.*) zone=${zone%.*} ;; *) zone= ;; esac
		done
		reverse=$reverse.in-addr.arpa
		zone=${reverse#*.}
		;;
	esac
}

# One line for $records: NAME TYPE ADDRESS REVERSE ZONE STATE.
dns_record()
{
	case $2 in
	'' | -) return ;;
	*:*) dns_type=aaaa ;;
	*) dns_type=a ;;
	esac
	# What cannot be a host name has none.
	case $1 in *[!A-Za-z0-9.-]*) return ;; esac
	dns_reverse "$2"
	printf '%s\n' "$1.$domain_name $dns_type $2 $reverse $zone $3" | tr '[:upper:]' '[:lower:]'
}

# Every member, the cluster's own address and every VM, each with one name.
dns_records()
{
	while IFS=$bascule_tab read -r dns_name _ _ _ dns_at dns_state; do
		dns_record "$dns_name" "$dns_at" "$dns_state"
	done <<-EOF
	$nodes
	EOF
	dns_record "$cluster_name" "$cluster_address" present
	while IFS=$bascule_tab read -r dns_name _ _ dns_at dns_state; do
		dns_record "$dns_name" "$dns_at" "$dns_state"
	done <<-EOF
	$vms
	EOF
}

# Asks the name server for all of it at once: $answers, and 1 when it is silent.
dns_ask()
{
	set --
	while read -r dns_name dns_type _ reverse _; do
		set -- "$@" "$dns_name" "$dns_type" "$reverse" ptr
	done <<-EOF
	$records
	EOF
	answers=$(dig @127.0.0.1 +noall +answer +time=5 +tries=2 "$@") || return
	answers=$(printf '%s\n' "$answers" | tr '[:upper:]\t' '[:lower:] ')
}

# Does NAME TYPE lead to DATA, and to nothing else? With DATA "-": to nothing at all?
dns_leads()
{
	dns_found=-
	while read -r dns_of _ _ dns_is dns_data; do
		[ "$dns_of $dns_is" = "$1. $2" ] || continue
		[ "$dns_data" = "$3" ] || return
		dns_found=$3
	done <<-EOF
	$answers
	EOF
	[ "$dns_found" = "$3" ]
}

check()
{
	have dig && have nsupdate || todo no-package || return
	records=$(dns_records)
	dns_ask || fail silent || return
	while read -r dns_name dns_type dns_at reverse _ dns_state; do
		if [ "$dns_state" = leaving ]; then
			dns_leads "$dns_name" "$dns_type" - || todo stale "$dns_name" || return
			continue
		fi
		dns_leads "$dns_name" "$dns_type" "$dns_at" || todo record "$dns_name" "$dns_at" || return
		dns_leads "$reverse" ptr "$dns_name." || todo reverse "$dns_at" "$dns_name" || return
	done <<-EOF
	$records
	EOF
}

# The machine's own ticket suffices: a domain controller may write every zone.
dns_ticket()
{
	realm_name
	KRB5CCNAME=FILE:/run/bascule-dns.$$
	export KRB5CCNAME
	kinit -k -t $dns_keytab "$(printf %s "$node_name" | tr '[:lower:]' '[:upper:]')\$@$realm" ||
		fail no-ticket "$node_name"
}

dns_ticket_drop() { rm -f "${KRB5CCNAME#FILE:}"; }

# The zones for looking up addresses, made once.
dns_zones()
{
	dns_known=' '
	while read -r _ _ _ _ zone _; do
		case $dns_known in *" $zone "*) continue ;; esac
		dns_known="$dns_known$zone "
		[ -z "$(dig @127.0.0.1 +short "$zone" soa)" ] || continue
		samba-tool dns zonecreate "$node_fqdn" "$zone" --use-kerberos=required 2>&1 </dev/null ||
			fail no-zone "$zone" || return
	done <<-EOF
	$records
	EOF
}

# What is told to the name server, zone by zone: the old record goes, the new one comes.
dns_batch()
{
	echo "server $node_fqdn"
	while read -r dns_name dns_type dns_at reverse zone dns_state; do
		echo "zone $domain_name"
		echo "update delete $dns_name $dns_type"
		[ "$dns_state" = leaving ] || echo "update add $dns_name 900 $dns_type $dns_at"
		echo send
		echo "zone $zone"
		echo "update delete $reverse ptr"
		[ "$dns_state" = leaving ] || echo "update add $reverse 900 ptr $dns_name."
		echo send
	done <<-EOF
	$records
	EOF
}

# Samba signs its answers in a way that nsupdate does not like: it says so and ends with an error
# although all is done. The name server itself is asked instead.
dns_update()
{
	nsupdate -g 2>&1
	dns_ticket_drop
}

apply()
{
	records=$(dns_records)
	dns_ticket && dns_zones || return
	dns_batch | dns_update
	until_true 20 check >/dev/null || check
}

# The controller's own name belongs to the domain itself.
undo()
{
	[ -e $dns_keytab ] || return 0
	records=$(dns_records | sed -e "/^$node_name\\./Id" -e 's/ [a-z]*$/ leaving/')
	dns_ticket || return
	dns_batch | dns_update
	dns_ask || fail silent || return
	while read -r dns_name dns_type _; do
		dns_leads "$dns_name" "$dns_type" - || fail stale "$dns_name" || return
	done <<-EOF
	$records
	EOF
}
