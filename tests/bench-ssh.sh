#!/bin/sh
# One command on many throw-away sshds on loopback, connections warm: bascule's transport against
# ssh with ControlMaster, pdsh, clush and ansible. Medians and ratios of one run; never a test.
# Usage: bench-ssh.sh [NODES...]
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${top_builddir:=$top_srcdir}"
rounds=${ROUNDS:-11}

# The start files of the account's own shell would be most of what is measured: as root, give the
# nodes a plain one, for ourselves only.
if [ "$(id -u)" = 0 ] && [ -z "${BENCH_INSIDE-}" ]; then
	BENCH_INSIDE=1 exec unshare -m "$0" "$@"
fi
dir=$(mktemp -d /tmp/bascule-bench.XXXXXX) || exit 1
pids=
# shellcheck disable=SC2317
leave()
{
	for socket in "$dir"/cm.*; do
		[ -S "$socket" ] && ssh -o ControlPath="$socket" -O exit x 2>/dev/null
	done
	for pid in $pids; do
		kill "$pid"
	done
	rm -rf "$dir"
}
trap leave EXIT
trap 'exit 1' HUP INT TERM
export HOME="$dir"
user=$(id -un)
if [ "$(id -u)" = 0 ]; then
	mkdir -p /run/sshd
	sed 's|^\(root:.*\):[^:]*$|\1:/bin/sh|' /etc/passwd >"$dir/passwd"
	mount --bind "$dir/passwd" /etc/passwd
fi

start_nodes()
{
	ssh-keygen -q -t ed25519 -N '' -f "$dir/id"
	ssh-keygen -q -t ed25519 -N '' -f "$dir/host"
	host_key=$(cut -d' ' -f1,2 "$dir/host.pub")
	i=0
	while [ $i -lt "$1" ]; do
		port=$((22100 + i))
		printf '%s\n' "Port $port" 'ListenAddress 127.0.0.1' "HostKey $dir/host" \
			'PidFile none' 'UsePAM no' "AuthorizedKeysFile $dir/id.pub" \
			'StrictModes no' 'PermitRootLogin yes' 'MaxStartups 200' >"$dir/config.$i"
		/usr/sbin/sshd -D -f "$dir/config.$i" -E "$dir/log" &
		pids="$pids $!"
		echo "[127.0.0.1]:$port $host_key" >>"$dir/known_hosts"
		printf 'Host n%s\nHostName 127.0.0.1\nPort %s\n' $i $port >>"$dir/ssh_config"
		echo "n$i" >>"$dir/names"
		i=$((i + 1))
	done
	cat >>"$dir/ssh_config" <<-X
	Host *
	User $user
	IdentityFile $dir/id
	IdentitiesOnly yes
	UserKnownHostsFile $dir/known_hosts
	StrictHostKeyChecking yes
	LogLevel ERROR
	ControlMaster auto
	ControlPath $dir/cm.%h.%p
	ControlPersist 300
	X
	printf '#!/bin/sh\nexec ssh -F %s "$@"\n' "$dir/ssh_config" >"$dir/ssh"
	chmod +x "$dir/ssh"
	for pid in $pids; do
		until grep -q "Server listening" "$dir/log" 2>/dev/null; do :; done
	done
}

median()
{
	sort -n | awk '{ v[NR] = $1 } END { printf "%.1f\n", v[int((NR + 1) / 2)] }'
}

# once COMMAND...: its milliseconds
once()
{
	from=$(date +%s%N)
	"$@" >/dev/null 2>"$dir/err" || { cat "$dir/err" >&2; return; }
	echo "$from $(date +%s%N)" | awk '{ printf "%.2f\n", ($2 - $1) / 1e6 }'
}

by_ssh() { xargs -P "$n" -I{} ssh -F "$dir/ssh_config" {} true <"$dir/use"; }
by_pdsh() { PDSH_SSH_ARGS="-F $dir/ssh_config %h" pdsh -R ssh -f "$n" -w "^$dir/use" true; }
by_clush() { clush -f "$n" -o "-F $dir/ssh_config" --hostfile "$dir/use" true; }
by_ansible()
{
	ANSIBLE_SSH_ARGS="-F $dir/ssh_config" ANSIBLE_HOST_KEY_CHECKING=True ANSIBLE_LOCALHOST_WARNING=0 \
		ansible all -i "$dir/use" -f "$n" -m raw -a true
}
# One process for all rounds, told when by a line.
bascule_start()
{
	mkfifo "$dir/ask" "$dir/answer"
	# shellcheck disable=SC2046
	"$top_builddir/tests/bench-ssh" true "$user" "$dir/id" "$dir/known_hosts" \
		$(seq 22100 $((22099 + n))) <"$dir/ask" >"$dir/answer" &
	exec 3>"$dir/ask" 4<"$dir/answer"
	rm "$dir/ask" "$dir/answer"
	read -r cold <&4
}
bascule_round()
{
	echo >&3
	read -r ms <&4
	echo "$ms"
}

[ $# -gt 0 ] || set -- 16 64
most=0
for n in "$@"; do
	[ "$n" -le "$most" ] || most=$n
done
start_nodes "$most"
tools=
for tool in ssh pdsh clush ansible; do
	! command -v $tool >/dev/null || tools="$tools $tool"
done
printf '%-28s %6s %9s %7s\n' "'true' on N nodes, warm" N ms ratio
for n in "$@"; do
	head -n "$n" "$dir/names" >"$dir/use"
	rm -f "$dir"/ms.*
	bascule_start
	for tool in $tools; do
		once "by_$tool" >/dev/null
	done
	# in turns, so that whatever else the machine does hits all alike
	i=0
	while [ $i -lt "$rounds" ]; do
		for tool in bascule $tools; do
			if [ "$tool" = bascule ]; then
				bascule_round
			elif [ "$tool" != ansible ] || [ $i -lt 3 ]; then
				once "by_$tool"
			fi >>"$dir/ms.$tool"
		done
		i=$((i + 1))
	done
	exec 3>&- 4<&-
	own=$(median <"$dir/ms.bascule")
	printf '%-28s %6s %9s %7s   (cold: %s)\n' bascule "$n" "$own" 1 "$cold"
	for tool in $tools; do
		ms=$(median <"$dir/ms.$tool")
		printf '%-28s %6s %9s %7s\n' "$tool + ControlMaster" "$n" "$ms" \
			"$(echo "$ms $own" | awk '{ printf "%.1f", $1 / $2 }')"
	done
done
