accounts_sam=/var/lib/samba/private/sam.ldb

# The machine accounts of the directory, a line each: NAME CONTROL HOST ("-" = none yet).
accounts_list()
{
	ldbsearch -H $accounts_sam '(objectClass=computer)' sAMAccountName userAccountControl dNSHostName 2>/dev/null |
		while IFS= read -r accounts_line; do
			case $accounts_line in
			'# record '*) accounts_name=- accounts_control=0 accounts_host=- ;;
			'sAMAccountName: '*) accounts_name=${accounts_line#*: } ;;
			'userAccountControl: '*) accounts_control=${accounts_line#*: } ;;
			'dNSHostName: '*) accounts_host=${accounts_line#*: } ;;
			'') [ "$accounts_name" = - ] || echo "$accounts_name $accounts_control $accounts_host"
				accounts_name=- ;;
			esac
		done | tr '[:upper:]' '[:lower:]'
}

# accounts_holds NAME FQDN: no account, one made beforehand, or the machine's own.
accounts_holds()
{
	while read -r accounts_name accounts_control accounts_host; do
		[ "$accounts_name" = "$1\$" ] || continue
		[ $((accounts_control & 2)) -eq 0 ] || fail disabled "$1" || return
		case $accounts_host in
		- | "$2") ;;
		*) fail taken "$1" "$accounts_host" || return ;;
		esac
	done <<-EOF
	$accounts
	EOF
}

check()
{
	[ -e $accounts_sam ] || todo no-domain || return
	have ldbsearch || todo no-package || return
	accounts=$(accounts_list)
	[ -n "$accounts" ] || fail unreadable || return
	while IFS=$bascule_tab read -r accounts_node _ accounts_fqdn _; do
		[ -n "$accounts_node" ] || continue
		accounts_node=$(printf %s "$accounts_node $accounts_fqdn" | tr '[:upper:]' '[:lower:]')
		# What is longer than a NetBIOS name is cut when the machine joins.
		[ ${#accounts_node} -le $((16 + ${#accounts_fqdn})) ] ||
			fail too-long "${accounts_node%% *}" || return
		accounts_holds "${accounts_node%% *}" "${accounts_node#* }" || return
	done <<-EOF
	$nodes
	EOF
}
