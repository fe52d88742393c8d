# The others' addresses on the networks that this machine is on: $peers.
links_peers()
{
	peers=
	links_mine=' '
	while IFS=$bascule_tab read -r _ links_network _ links_address _; do
		case ${links_address:--} in
		-) ;;
		*) links_mine="$links_mine$links_network " ;;
		esac
	done <<-EOF
	$nics
	EOF
	while IFS=$bascule_tab read -r links_node links_network _ _ links_address _; do
		case $links_node,${links_address:--} in
		"$node_name,"* | *,-) continue ;;
		esac
		case $links_mine in
		*" $links_network "*) peers="$peers ${links_address%/*}" ;;
		esac
	done <<-EOF
	$addresses
	EOF
	peers=${peers# }
}

# All peers at once, two probes each; $silent = those that did not answer.
links_silent()
{
	silent=
	[ -n "$peers" ] || return 0
	# shellcheck disable=SC2086 # a list of addresses
	silent=$(fping -q -u -r 1 -t 1000 $peers 2>/dev/null)
	silent=$(printf %s "$silent" | tr '\n' ' ')
}

links_answer()
{
	links_silent
	[ -z "$silent" ]
}

check()
{
	have fping || todo no-fping || return
	links_peers
	links_answer || todo silent "$node_name" "$silent"
}

# Nothing to change here: gives machines that are still on their way up some time to answer.
apply()
{
	links_peers
	until_true 30 links_answer || fail silent "$node_name" "$silent"
}
