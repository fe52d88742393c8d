# The hypervisors' addresses on the networks of this one, and the portals that it uses, by the size
# that the card towards them sends: $sizes, and $to_SIZE of each.
paths_add()
{
	first_line "/sys/class/net/$2/mtu" || return 0
	case $1 in
	*:*) paths_size=$((line - 48)) ;;
	*) paths_size=$((line - 28)) ;;
	esac
	[ $paths_size -le 8972 ] || paths_size=8972 # a frame of 9000 bytes; only lo has more
	case " $sizes " in
	*" $paths_size "*) ;;
	*)
		sizes="$sizes $paths_size"
		eval "to_$paths_size="
		;;
	esac
	eval "case \" \$to_$paths_size \" in *\" \$1 \"*) ;; *) to_$paths_size=\"\$to_$paths_size \$1\" ;; esac"
}

# The card by which an address is reached here: $card.
paths_card()
{
	card=$(ip route get "$1" 2>/dev/null)
	card=${card#* dev }
	card=${card%% *}
}

paths_mine()
{
	case $paths_networks in
	*" $1 "*) ;;
	*) return 1 ;;
	esac
}

paths_find()
{
	sizes=
	cluster_nodes
	paths_networks=' '
	while IFS=$bascule_tab read -r _ paths_network _ paths_address _; do
		case ${paths_address:--} in -) ;; *) paths_networks="$paths_networks$paths_network " ;; esac
	done <<-EOF
	$nics
	EOF
	while IFS=$bascule_tab read -r paths_node paths_network _ _ paths_address _; do
		case " $nodes_in ",${paths_node:-},${paths_address:--} in
		*,"$node_name",* | *,-) continue ;;
		*" $paths_node "*,*) ;;
		*) continue ;;
		esac
		paths_mine "$paths_network" || continue
		paths_card "${paths_address%/*}"
		paths_add "${paths_address%/*}" "$card"
	done <<-EOF
	$addresses
	EOF
	while IFS=$bascule_tab read -r _ _ paths_portal _; do
		case ${paths_portal:--} in -) continue ;; esac
		paths_card "$paths_portal"
		paths_add "$paths_portal" "$card"
	done <<-EOF
	$targets
	EOF
}

# Whole packets of SIZE to each ADDRESS; the quickest of three answers counts, in whole milliseconds.
paths_try()
{
	paths_now=$1
	shift
	fping -q -M -b "$paths_now" -C 3 -p 50 -t 1000 "$@" 2>&1 | while read -r paths_to paths_colon paths_times; do
		[ "$paths_colon" = : ] || continue
		paths_best=
		for paths_time in $paths_times; do
			case $paths_time in
			- | *[!0-9.]*) continue ;;
			esac
			paths_time=${paths_time%%.*}
			[ -n "$paths_best" ] && [ "$paths_time" -ge "$paths_best" ] || paths_best=$paths_time
		done
		printf '%s %s\n' "$paths_to" "${paths_best:-lost}"
	done
}

paths_judge()
{
	paths_limit=$((cluster_token / 100))
	while read -r paths_to paths_best; do
		case $paths_to,$paths_best in
		,*) ;;
		*,lost)
			fping -q -r 1 -t 1000 "$paths_to" >/dev/null 2>&1 || todo silent "$node_name" "$paths_to" || return
			todo small "$(($1 + 28))" "$node_name" "$paths_to" || return
			;;
		*)
			[ "$paths_best" -le $paths_limit ] || warn slow "$node_name" "$paths_to" "$paths_best" "$paths_limit"
			printf '%s %s bytes %s ms\n' "$paths_to" "$1" "$paths_best"
			;;
		esac
	done <<-EOF
	$2
	EOF
}

# The ports of the heartbeat, where nothing of it runs here yet: a machine that is there answers that
# nobody listens. Whoever drops packets answers nothing.
paths_ports()
{
	paths_links=
	for paths_peer in $nodes_in; do
		[ "$paths_peer" != "$node_name" ] || continue
		paths_port=5405
		for paths_want in heartbeat enterprise; do
			paths_link "$paths_peer" $paths_want || continue
			paths_links="$paths_links $paths_link_at,$paths_port"
			paths_port=$((paths_port + 1))
		done
	done
	[ -n "$paths_links" ] && have perl || return 0
	# shellcheck disable=SC2086 # a list of words
	paths_closed=$(perl -MIO::Socket::IP -MSocket -MErrno -e 'for (@ARGV) {
		my ($host, $port) = /^(.*),(\d+)$/; my $heard = 0;
		my $s = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Type => SOCK_DGRAM) or next;
		for (1 .. 3) {
			my ($r, $b) = ("", "");
			defined send($s, "\0", 0) or $heard |= $!{ECONNREFUSED};
			vec($r, fileno($s), 1) = 1;
			next unless select($r, undef, undef, 0.4);
			defined recv($s, $b, 1, 0) or $heard |= $!{ECONNREFUSED};
			last;
		}
		print "$_\n" unless $heard;
	}' $paths_links)
	for paths_peer in $paths_closed; do
		warn closed "${paths_peer##*,}" "${paths_peer%,*}" "$node_name"
	done
}

# The address of NODE for a link of the cluster, in the manner of cluster/create: $paths_link_at.
paths_link()
{
	paths_link_at=
	while IFS=$bascule_tab read -r paths_node _ paths_use _ paths_address paths_role; do
		case $paths_node,$paths_use,${paths_address:--} in
		*,- | ,*) continue ;;
		"$1,$2,"*) ;;
		*) continue ;;
		esac
		[ -z "$paths_link_at" ] || [ "$paths_role" = manage ] || continue
		paths_link_at=${paths_address%/*}
	done <<-EOF
	$addresses
	EOF
	[ -n "$paths_link_at" ]
}

# The links of the cluster that runs here, as it sees them itself.
paths_running()
{
	paths_peer=
	while read -r line; do
		case $line in
		'nodeid: '*reachable*) paths_peer=${line#nodeid: } ;;
		'LINK: '*' connected'*) ;;
		'LINK: '*) fail link-down "$node_name" "${paths_peer%%[!0-9]*}" || return ;;
		esac
	done <<-EOF
	$(corosync-cfgtool -n 2>/dev/null)
	EOF
}

check()
{
	have fping || todo no-fping || return
	paths_find
	for paths_each in $sizes; do
		eval "paths_list=\$to_$paths_each"
		# shellcheck disable=SC2086 # a list of addresses
		paths_judge "$paths_each" "$(paths_try "$paths_each" $paths_list)" || return
	done
	if pidof -s corosync >/dev/null; then
		paths_running
	else
		paths_ports
	fi
}
