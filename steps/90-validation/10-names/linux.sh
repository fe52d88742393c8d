# The first address of a name, and the names of an address, as every program here would get them.
names_address()
{
	# shellcheck disable=SC2086 # no word, or two
	names_at=$(getent $names_how ahosts "$1" | head -n 1)
	names_at=${names_at%% *}
}

names_back()
{
	# shellcheck disable=SC2086 # no word, or two
	names_of=$(getent $names_how hosts "$1" | tr -s ' \t\n' '   ')
	names_of=${names_of#* }
	names_of=${names_of% }
}

# NAME ADDRESS: there, and back to the same machine.
names_pair()
{
	names_address "$1"
	[ -n "$names_at" ] || todo unknown "$node_name" "$1" || return
	[ "$names_at" = "$2" ] || todo elsewhere "$node_name" "$1" "$names_at" "$2" || return
	names_back "$2"
	case " $names_of " in
	*" $1 "* | *" ${1%%.*} "*) ;;
	*) todo nameless "$node_name" "$2" "${names_of:--}" "$1" ;;
	esac
}

# What cannot be a host name stands in no list of them.
names_skipped() { case ${2:--},$1 in -,* | *,*[!A-Za-z0-9.-]*) ;; *) return 1 ;; esac; }

names_all()
{
	while IFS=$bascule_tab read -r names_node _ names_fqdn _ names_wanted names_state; do
		[ "$names_state" = present ] && ! names_skipped "$names_node" "$names_wanted" || continue
		"$1" "$names_fqdn" "$names_wanted" || return
	done <<-EOF
	$nodes
	EOF
	names_skipped "$cluster_name" "$cluster_address" ||
		"$1" "$cluster_name${domain_name:+.$domain_name}" "$cluster_address"
}

names_dns()
{
	names_address "$1"
	[ "$names_at" = "$2" ] || warn dns "$node_name" "$1" "$2"
}

# First all ways of this machine, the own file first; then the name servers alone.
check()
{
	names_how=
	names_all names_pair || return
	dc_find || return 0
	names_how='-s hosts:dns'
	names_all names_dns
}
