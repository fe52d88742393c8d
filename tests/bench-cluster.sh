#!/bin/bash
# A cluster on the practice lab, from one and the same snapshot by each of these:
#   pcs       pcs, one command after the other; pcsd runs beforehand
#   crm       crm cluster init and join, then crm configure; what it lacks on Debian is put right beforehand
#   bascule   bascule apply --through cluster --proofs=later
#   check     the cluster of bascule, complete: bascule check and the same checks as in bench-lab.sh
# In the snapshot all is done that the chapter stands on: addresses, trust, LUNs formatted, both tools
# installed and asleep. The clock stops when both nodes are online, a fencing device is started and both
# watch its mailbox, the shared file system is mounted on both and the cluster's address answers: one
# probe, the same for all, asks the machines. The last column is how much longer bascule takes: above 1
# it is the slower one. KEEP=FOLDER keeps the snapshot there, and the logs. Usage:
# bench-cluster.sh [pcs] [crm] [bascule] [check]
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
: "${LIMIT:=900}"
keep=${KEEP-}
. "$top/tests/benchlab.sh"
file=$top/etc/tutorial.ini
through=cluster
declare -A took_by=() said_by=()

bench_leave()
{
	trap '' HUP INT TERM
	stop_running
	probes_stop
	[ ! -f "$work/ssh_config" ] || disconnect
	"$BASCULE" lab down --now >/dev/null 2>&1
	[ -z "$keep" ] || cp "$work"/log.* "$keep" 2>/dev/null
	rm -rf "$work"
	[ -n "$keep" ] || rm -rf "$XDG_STATE_HOME"
}

# of the cluster file: SECTION KEY
told() { awk -v s="[$1]" -v k="$2" '$0 == s { on = 1; next } /^\[/ { on = 0 } on && $1 == k { print $3 }' "$file"; }

# address NODE NETWORK: without its prefix
address()
{
	awk -v s="[node $1]" -v n="$2" '$0 == s { on = 1; next } /^\[/ { on = 0 }
		on && $1 ~ /^nic\./ && $3 == n && !done { sub(/\/.*/, "", $4); print $4; done = 1 }' "$file"
}

# card NODE NETWORK: its name
card()
{
	awk -v s="[node $1]" -v n="$2" '$0 == s { on = 1; next } /^\[/ { on = 0 }
		on && $1 ~ /^nic\./ && $3 == n && !done { sub(/^nic\./, "", $1); print $1; done = 1 }' "$file"
}

nodes='hv-1 hv-2'
name=$(told cluster name)
token=$(told cluster token)
watchdog=$(told cluster watchdog)
msgwait=$(told cluster msgwait)
cluster_address=$(told cluster address)
storage=srv-clust
# What bascule tells Pacemaker, for the others too.
properties="stonith-timeout=$((msgwait * 3))s no-quorum-policy=freeze load-threshold=1000% node-action-limit=8"

# ---- the snapshot ----------------------------------------------------------------------------

tools_install()
{
	# Their services must not run while others are measured.
	"$BASCULE" lab ssh "$1" 'printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d &&
		DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io install pcs crmsh csync2 &&
		rm -f /usr/sbin/policy-rc.d /etc/systemd/system/*.wants/pcsd*.service /etc/systemd/system/*.wants/csync2* &&
		! systemctl -q is-active pcsd csync2.socket' >"$work/log.install.$1" 2>&1 </dev/null
}

snapshot()
{
	local node steps pid installs=
	[ ! -d "$state/checkpoints/before" ] || return 0
	from=$(now)
	lab reset
	lab up
	at_rest
	steps=$(bascule plan --json | jq -r 'select(.event == "planned" and .chapter != "cluster") | .step' |
		sort -u | paste -sd,)
	stoppable "$BASCULE" apply "$file" --world=lab --only="$steps" --yes >"$work/log.snapshot" 2>&1 ||
		{ cat "$work/log.snapshot"; exit 1; }
	for node in $nodes; do
		tools_install "$node" &
		installs="$installs $!"
	done
	for pid in $installs; do
		wait "$pid" || { cat "$work"/log.install.*; exit 1; }
	done
	lab save before
	echo "# the snapshot was made in $(since "$from") s"
}

# restore: the same disks, machines that are done with booting, a connection to each that stays
restore()
{
	disconnect
	lab reset --to=before
	lab up
	at_rest
	# shellcheck disable=SC2046,SC2086 # lists of names
	ssh_config $(machines)
	for node in $nodes $storage; do
		connect "$node" || { echo "$node cannot be reached"; exit 1; }
	done
}

# The disks by their lasting names: $vm_disk and $quorum_disk.
disks()
{
	eval "$(on hv-1 sh -s <<-'S'
	for disk in /dev/disk/by-id/wwn-*; do
		if [ "$(blkid -p -o value -s TYPE "$disk")" = gfs2 ]; then echo "vm_disk=$disk"
		elif sbd -d "$disk" dump >/dev/null 2>&1; then echo "quorum_disk=$disk"; fi
	done
	S
	)"
	if [ -z "${vm_disk-}" ] || [ -z "${quorum_disk-}" ]; then
		echo 'the LUNs are not there'
		exit 1
	fi
}

# ---- the probe -------------------------------------------------------------------------------

# What a machine is asked, cheapest first: waiting for each of them, or telling now.
probe_text()
{
	cat <<-S
	mounted() { grep -q '^[^ ]* /vm gfs2 ' /proc/mounts; }
	watched() { pgrep -f '^sbd: watcher: /dev/' >/dev/null; }
	monitored() { crm_mon -1 --output-as=xml 2>/dev/null; }
	online() { monitored | awk '/<node / && /online="true"/ && /pending="false"/ { n++ } END { exit n != 2 }'; }
	fenced() { monitored | awk '/resource_agent="stonith:/ && /role="Started"/ && /failed="false"/ { n++ } END { exit !n }'; }
	answers() { fping -q -r 1 -t 500 $cluster_address >/dev/null 2>&1; }
	S
	echo "for it in $2; do"
	case $1 in
	wait) echo "until \$it; do sleep 0.5; done" ;;
	tell) echo "if \$it; then echo \"\$it: yes\"; else echo \"\$it: no\"; fi" ;;
	esac
	echo 'done'
}

asked() { if [ "$1" = "$storage" ]; then echo answers; else echo mounted watched online fenced; fi; }

probes_start()
{
	probes=
	rm -f "$work"/held.*
	for node in $nodes $storage; do
		probe_text wait "$(asked "$node")" >"$work/probe.$node"
		{ on "$node" sh -s <"$work/probe.$node" >/dev/null 2>&1 && now >"$work/held.$node"; } &
		probes="$probes $!"
	done
}

probes_stop()
{
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "${probes-}" ] || { kill $probes; wait $probes; } 2>/dev/null
	probes=
}

all_held()
{
	for node in $nodes $storage; do
		[ -s "$work/held.$node" ] || return
	done
}

# What does not hold now, in one line.
holding()
{
	local missing
	missing=$(for node in $nodes $storage; do
		probe_text tell "$(asked "$node")" | timeout 60 ssh -F "$work/ssh_config" "$node" sh -s 2>&1 |
			sed -n "s/^\(.*\): yes\$//; s/^\(.*\): no\$/\1/; s/..*/$node &/p"
	done | paste -sd, | sed 's/,/, /g')
	echo "${missing:+not }${missing:-all of it holds}"
}

# ---- one of them -----------------------------------------------------------------------------

# Each line with the seconds since $from before it.
stamped()
{
	while IFS= read -r line; do
		printf '%8.2f %s\n' "$(since "$from")" "$line"
	done
}

# measure NAME COMMAND…: what it says goes to log.NAME; the seconds until all of it held to took_by
measure()
{
	local who=$1 code='' spent='' ended=''
	probes_start
	from=$(now)
	"${@:2}" >"$work/log.$who" 2>&1 &
	running=$!
	until all_held; do
		sleep 0.2
		spent=$(since "$from")
		if [ -n "$running" ] && ! kill -0 "$running" 2>/dev/null; then
			wait "$running"
			code=$?
			running=
			ended=$spent
		fi
		[ "${code:-0}" = 0 ] || break
		awk -v t="$spent" -v l="$LIMIT" 'BEGIN { exit t > l }' || break
	done
	if all_held; then
		took_by[$who]=$(between "$from" "$(sort -n "$work"/held.* | tail -n 1)")
		said_by[$who]=${ended:+the last command ended after $ended s}
		echo "# $who: ${took_by[$who]} s; then: $(holding)"
	else
		probes_stop
		said_by[$who]="given up after $spent s, ended with ${code:-nothing}: $(holding)"
		echo "# $who: ${said_by[$who]}"
		tail -n 40 "$work/log.$who" | sed 's/^/# | /'
		stop_running
	fi
	probes_stop
}

# finish: what was measured may have more to do
finish()
{
	[ -z "$running" ] || wait "$running"
	running=
}

# timeline NAME: what each command took, from the log with its stamps
timeline()
{
	awk '$2 == "+" { if (last != "") printf "#   %7.1f s at %7.1f  %s\n", $1 - at, at, last
		at = $1; $1 = $2 = ""; last = substr($0, 3) }
		END { if (last != "") printf "#           at %7.1f  %s\n", at, last }' "$work/log.$1"
}

# Commands for a node, each told before it begins; the first that fails ends it.
commands()
{
	cat <<-'S'
	step() { echo "+ $*" | sed 's/ -p [^ ]*//'; "$@" </dev/null 2>&1 || { echo "failed with $?"; exit 1; }; }
	S
	cat
	echo 'echo "+ end"'
}

# on_node NODE FILE: with stamps, and the code of the commands
on_node()
{
	set -o pipefail
	on "$1" sh -s <"$2" 2>&1 | stamped
}

# ---- pcs -------------------------------------------------------------------------------------

pcs_before()
{
	pcs_password=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
	local node starts=
	for node in $nodes; do
		on "$node" "echo hacluster:$pcs_password | chpasswd && systemctl start pcsd &&
			until ss -ltn | grep -q :2224; do sleep 0.5; done" </dev/null &
		starts="$starts $!"
	done
	# shellcheck disable=SC2086 # a list of numbers
	wait $starts
}

pcs_commands()
{
	commands <<-S
	step pcs host auth hv-1 hv-2 -u hacluster -p $pcs_password
	step pcs cluster setup $name hv-1 addr=$(address hv-1 heartbeat) addr=$(address hv-1 enterprise) \
		hv-2 addr=$(address hv-2 heartbeat) addr=$(address hv-2 enterprise) \
		transport knet crypto cipher=aes256 hash=sha256 totem token=$token quorum wait_for_all=1 --force
	step pcs stonith sbd enable device=$quorum_disk watchdog=/dev/watchdog SBD_WATCHDOG_TIMEOUT=$watchdog \
		SBD_STARTMODE=always SBD_DELAY_START=no
	step pcs cluster enable --all
	step pcs cluster start --all --wait=180
	step pcs property set stonith-enabled=true $properties
	step pcs stonith create fencing fence_sbd devices=$quorum_disk pcmk_delay_base=hv-1:10s\;hv-2:0s \
		op monitor interval=600s timeout=120s
	step pcs resource create dlm ocf:pacemaker:controld op monitor interval=60s timeout=120s on-fail=fence \
		clone interleave=true
	step pcs resource create fs-vm ocf:heartbeat:Filesystem device=$vm_disk directory=/vm fstype=gfs2 \
		options=noatime op monitor interval=30s timeout=180s on-fail=fence clone interleave=true
	step pcs constraint order start dlm-clone then fs-vm-clone
	step pcs constraint colocation add fs-vm-clone with dlm-clone
	step pcs resource create cluster-ip ocf:heartbeat:IPaddr2 ip=$cluster_address cidr_netmask=24 \
		nic=$(card hv-1 enterprise) op monitor interval=20s timeout=60s
	S
}

bench_pcs()
{
	restore
	disks
	pcs_before
	pcs_commands >"$work/pcs.sh"
	measure pcs on_node hv-1 "$work/pcs.sh"
	finish
	timeline pcs
}

# ---- crm -------------------------------------------------------------------------------------

# What Debian's crmsh 4.4 takes for granted and is not there: a template of SUSE's, a home that hacluster
# may write to, the folder where it looks for csync2's files, an scp that lets the other side's shell
# expand braces, certificates for csync2, a machine that tells its maker, a join that knows the
# transport that its init has chosen. With a second link corosync refuses its configuration, which
# has no names of nodes: it gets one.
crm_before()
{
	local node starts=
	for node in $nodes; do
		on "$node" sh -s <<-S >"$work/log.before.$node" 2>&1 &
		set -e
		mkdir -p /usr/share/fillup-templates /etc/csync2
		install -d -m 700 -o hacluster -g haclient ~hacluster/.ssh
		cp /etc/default/sbd /usr/share/fillup-templates/sysconfig.sbd
		ln -sf /etc/csync2.cfg /etc/csync2/csync2.cfg
		ln -sf /etc/csync2.key_hagroup /etc/csync2/key_hagroup
		printf '#!/bin/sh\nexec /usr/bin/scp -O "\$@"\n' >/usr/local/bin/scp
		chmod 755 /usr/local/bin/scp
		dmidecode -s system-version || { printf '#!/bin/sh\necho QEMU\n' >/usr/local/sbin/dmidecode; chmod 755 /usr/local/sbin/dmidecode; }
		openssl req -batch -new -x509 -nodes -days 3650 -newkey rsa:2048 -subj /CN=csync2 \
			-keyout /etc/csync2_ssl_key.pem -out /etc/csync2_ssl_cert.pem
		sed -i 's/== "udpu"/in ("udpu", "knet")/' /usr/lib/python3/dist-packages/crmsh/corosync.py
		sed -i -e 's/^\(  corosync.totem.token:\).*/\1 $token/' -e 's/^\(  corosync.totem.crypto_hash:\).*/\1 sha256/' \
			-e 's/^\(  sbd.watchdog_timeout:\).*/\1 $watchdog/' /etc/crm/profiles.yml
		S
		starts="$starts $!"
	done
	# shellcheck disable=SC2086 # a list of numbers
	wait $starts
}

crm_init()
{
	commands <<-S
	step crm cluster init -y -n $name -i $(card hv-1 heartbeat) -w /dev/watchdog \
		-s $quorum_disk -A $cluster_address
	S
}

crm_join()
{
	commands <<-S
	step crm cluster join -y -c hv-1 -i $(card hv-2 heartbeat)
	S
}

crm_rest()
{
	cat <<-S
	echo '+ crm configure'
	crm -F configure 2>&1 <<'C' || exit
	property stonith-enabled=true $properties
	primitive dlm ocf:pacemaker:controld op monitor interval=60s timeout=120s on-fail=fence op start timeout=120s interval=0 op stop timeout=120s interval=0
	clone dlm-clone dlm meta interleave=true
	primitive fs-vm ocf:heartbeat:Filesystem params device=$vm_disk directory=/vm fstype=gfs2 options=noatime op monitor interval=30s timeout=180s on-fail=fence op start timeout=120s interval=0 op stop timeout=120s interval=0
	clone fs-vm-clone fs-vm meta interleave=true
	order fs-after-dlm Mandatory: dlm-clone fs-vm-clone
	colocation fs-with-dlm inf: fs-vm-clone dlm-clone
	commit
	C
	echo '+ end'
	S
}

crm_run()
{
	on_node hv-1 "$work/crm.init" && on_node hv-2 "$work/crm.join" && on_node hv-1 "$work/crm.rest"
}

bench_crm()
{
	restore
	disks
	crm_before
	crm_init >"$work/crm.init"
	crm_join >"$work/crm.join"
	crm_rest >"$work/crm.rest"
	measure crm crm_run
	finish
	timeline crm
	[ "${took_by[crm]-}" ] || for node in $nodes; do
		echo "# the last of $node's /var/log/crmsh/crmsh.log:"
		on "$node" 'tail -n 12 /var/log/crmsh/crmsh.log' </dev/null | cut -c1-200 | sed 's/^/# | /'
	done
}

# ---- bascule ---------------------------------------------------------------------------------

# When each task of its own ran, until the clock stopped: from the events of the run.
own_timeline()
{
	jq -rs --argjson until "${took_by[bascule]-$LIMIT}" '
		(map(select(.event == "run-start"))[0].at_ms) as $t
		| map(select(.event == "task" and .step != null))
		| (map(select(.state == "applying"))[0].at_ms) as $first
		| "# looking at what holds, until the first change: \(($first - $t) / 100 | round / 10) s",
		(group_by(.task)[] | {task: .[0].task,
			from: ((map(select(.state == "applying"))[0].at_ms // null)),
			to: ((map(select(.state == "changed" or .state == "failed"))[-1].at_ms // null))}
			| select(.from != null and (.from - $t) / 1000 < $until)
			| [(.from - $t) / 1000, ((.to // .from) - $t) / 1000, .task] | @tsv)' "$work/log.bascule" |
		sort -k1,1n | awk -F'\t' '/^#/ { print; next } { printf "#   %7.1f s at %7.1f  %s\n", $2 - $1, $1, $3 }'
}

bench_bascule()
{
	restore
	measure bascule "$BASCULE" apply "$file" --world=lab --through=$through --proofs=later --yes --json
	own_timeline
}

# The run of bascule goes on to the proof that each node can be fenced.
bench_check()
{
	if [ -n "$running" ]; then
		wait "$running"
		code=$?
		running=
		whole=$(jq -r 'select(.event == "run-end") | .wall_ms / 1000' "$work/log.bascule")
		row 'bascule apply, each node fenced once by then' "${whole:-0}" '' "ended with $code"
	else
		lab up
		timed bascule apply --yes
	fi
	check_rows
}

# ---- all of them -----------------------------------------------------------------------------

rows()
{
	row_of bascule 'bascule apply --through cluster'
	row_of pcs 'pcs, command by command'
	row_of crm 'crm cluster init, join, configure'
}

row_of()
{
	if [ "${took_by[$1]-}" ]; then
		row "$2" "${took_by[$1]}" "$([ "$1" = bascule ] || echo "${took_by[bascule]-}")" "${said_by[$1]-}"
	elif [ "${said_by[$1]-}" ]; then
		printf '%-46s %8s    %s\n' "$2" - "${said_by[$1]}"
	fi
}

[ $# -gt 0 ] || set -- pcs crm bascule check
for part; do
	case $part in
	pcs | crm | bascule | check) ;;
	*) sed -n '2,13s/^# //p' "$0"; exit 2 ;;
	esac
done
need jq
XDG_STATE_HOME=${keep:-$(mktemp -d "${TMPDIR:-/tmp}/bascule-cluster.XXXXXX")} || exit 1
export XDG_STATE_HOME
state=$XDG_STATE_HOME/bascule/lab
bench_begin
snapshot
for part; do
	[ "$part" != check ] || rows
	"bench_$part"
done
case $* in
*check*) ;;
*) rows ;;
esac
