#!/bin/bash
# The practice lab, in turns by bascule and by other means.
#   apply   three bare machines to LUNs that every node reads: bascule apply, and the script of
#           bench-hand.sh, each from `lab reset`; then what the other has made is checked
#   check   the converged lab again: bascule check; one ssh for each machine, all at once, with the
#           very same script; the same checks as an ansible playbook
# Seconds (medians of the checks), and how much longer bascule takes than the other: above 1 it is
# the slower one. Usage: bench-lab.sh [apply] [check]
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
: "${BASCULE:=$top/bascule}"
: "${BASCULE_DATADIR:=$top}"
: "${ROUNDS:=5}"
export BASCULE BASCULE_DATADIR
file=$top/etc/tutorial.ini
work=$(mktemp -d)
state=${XDG_STATE_HOME:-$HOME/.local/state}/bascule/lab
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.2f", b - a }'; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
bascule() { "$BASCULE" "$1" "$file" --world=lab --through luns "${@:2}"; }
machines() { sed -n 's/^\[node \(.*\)\]$/\1/p' "$state/lab.ini"; }
lab() { "$BASCULE" lab "$@" >"$work/lab" || { cat "$work/lab"; exit 1; }; }

# row NAME SECONDS [OWN-SECONDS [REMARK]]
row()
{
	printf '%-46s %8.1f s' "$1" "$2"
	[ -z "${3-}" ] || awk -v own="$3" -v other="$2" 'BEGIN { printf "  %5.2f", own / other }'
	printf '  %s\n' "${4-}"
}

# Bare, and done with booting: what still starts by itself would be in the way of whoever is first.
bare()
{
	lab reset
	lab up
	for node in $(machines); do
		"$BASCULE" lab ssh "$node" systemctl is-system-running --wait >/dev/null </dev/null &
	done
	wait
}

# timed COMMAND…: into $took, what it says into $work/said
timed()
{
	from=$(now)
	if ! "$@" >"$work/said" 2>&1; then
		cat "$work/said"
		exit 1
	fi
	took=$(since "$from")
}

bench_apply()
{
	command -v jq >/dev/null || { echo 'bench-lab: jq is missing'; exit 1; }
	bare
	mkdir "$work/hand"
	"$top/tests/bench-hand.sh" prepare "$file" "$work/hand" || exit 1
	timed "$top/tests/bench-hand.sh" run "$file" "$work/hand"
	hand=$took
	timed bascule check
	bare
	timed bascule apply --yes
	row 'apply --through luns of bare machines' "$took" '' "$(grep 'round trip' "$work/said")"
	row 'the same by hand, parallel, generated script' "$hand" "$took"
	timed bascule apply --yes
	row 'apply again, which changes nothing' "$took" '' "$(grep 'round trip' "$work/said")"
}

# ---- check -----------------------------------------------------------------------------------

setting()
{
	awk -v n="[node $1]" -v k="$2" '$0 == n { on = 1; next } /^\[/ { on = 0 } on && $1 == k { print $3 }' \
		"$state/lab.ini"
}

# What bascule itself sends to each machine.
record()
{
	mkdir "$work/record"
	bascule check --record="$work/record" >/dev/null || exit 1
	for node in $nodes; do
		awk '/^=== 2 /{ exit } /^--- 1 (output|errors|ended)/{ on = 0 } on; /^--- 1 script/{ on = 1 }' \
			"$work/record/$node.log" >"$work/$node.sh"
	done
}

by_bascule() { bascule check >/dev/null; }

# With the key exchange that libssh has: the other one is dear on emulated machines.
ssh_to()
{
	ssh -F none -o BatchMode=yes -o KexAlgorithms=curve25519-sha256 -o LogLevel=ERROR \
		-o UserKnownHostsFile="$(setting "$1" ssh.known_hosts)" -i "$(setting "$1" ssh.key)" \
		-p "$(setting "$1" ssh.port)" root@127.0.0.1 sh -s <"$work/$1.sh" >"$work/$1.out"
}

by_hand()
{
	for node in $nodes; do ssh_to "$node" & done
	wait
}

# keys NODE: the tasks that were asked, in turn; object NODE KEY: the LUN, target or VM of one
keys() { sed -n 's/^=== 1 [^ ]* check //p' "$work/record/$1.log" | tr ' ' '\n'; }
object() { echo "$2" | sed "s/^[^(]*(//; s/)\$//; s/^$1\$//; s/^$1,//"; }

# What the checks have told, as OBJECT NAME VALUE: some have to be told what others found.
values()
{
	for node in $nodes; do
		for key in $(keys "$node"); do object "$node" "$key"; done |
			awk -F'\t' 'NR == FNR { object[NR] = $1; next } / begin\t/ { n++ }
				/ value\t/ { gsub(/[.-]/, "_", $2); print object[n] "\t" $2 "\t" $3 }' - "$work/$node.out"
	done >"$work/values"
}

# one_check NODE KEY: a script of its own
one_check()
{
	of=$(object "$1" "$2")
	echo 'bascule_nonce=x'
	cat "$BASCULE_DATADIR/steps/lib.sh"
	"$BASCULE" script "$file" "${2%%(*}" "$1" ${of:+"$of"} --verb=check --world=lab --lang=en |
		awk -F'\t' -v of="$of" -v q="'" 'NR == FNR { if ($1 == of) told[$2] = $3; next }
			match($0, "^[a-z_]*=" q "<.*>" q "$") { name = $0; sub(/=.*/, "", name)
				$0 = name "=" q told[name] q } { print }' "$work/values" -
}

# Each check is a task of its own there; every machine goes through its list at its own speed.
playbook()
{
	values
	echo '[machines]' >"$work/hosts"
	for node in $nodes; do
		number=0
		for key in $(keys "$node"); do
			number=$((number + 1))
			one_check "$node" "$key" >"$work/$node.$number.sh"
		done
		echo "$node ansible_host=127.0.0.1 ansible_user=root ansible_port=$(setting "$node" ssh.port)" \
			"ansible_ssh_private_key_file=$(setting "$node" ssh.key) checks=$number" >>"$work/hosts"
	done
	cat >"$work/play.yml" <<-Y
	- hosts: machines
	  gather_facts: false
	  strategy: free
	  tasks:
	    - script: $work/{{ inventory_hostname }}.{{ item }}.sh
	      args: { executable: /bin/sh }
	      loop: "{{ range(1, checks | int + 1) | list }}"
	      changed_when: false
	      failed_when: false
	Y
}

by_ansible()
{
	ANSIBLE_HOST_KEY_CHECKING=False ANSIBLE_PIPELINING=True ANSIBLE_LOCALHOST_WARNING=0 \
		ANSIBLE_SSH_ARGS='-o ControlMaster=auto -o ControlPersist=60s -o KexAlgorithms=curve25519-sha256' \
		ansible-playbook -f 8 -i "$work/hosts" "$work/play.yml" >"$work/ansible.log" 2>&1
}

turn()
{
	timed "$1"
	echo "$took" >>"$work/$1.times"
}

bench_check()
{
	lab up
	nodes=$(machines)
	record
	for _ in $(seq "$ROUNDS"); do
		turn by_bascule
		turn by_hand
	done
	if command -v ansible-playbook >/dev/null; then
		playbook
		turn by_ansible
	fi
	own=$(median <"$work/by_bascule.times")
	row 'check of what holds' "$own" '' "$(paste -sd' ' "$work/by_bascule.times")"
	row 'the same script by one ssh for each machine' "$(median <"$work/by_hand.times")" "$own" \
		"$(paste -sd' ' "$work/by_hand.times")"
	[ ! -s "$work/by_ansible.times" ] ||
		row 'the same checks as an ansible playbook' "$(cat "$work/by_ansible.times")" "$own"
	for node in $nodes; do
		echo "# $node: $(grep -c '^=== ' "$work/record/$node.log") round trip(s), $(wc -c <"$work/$node.sh") bytes sent;" \
			"$(grep -cE '^@[0-9a-f]+ end	[0-9]+	0$' "$work/$node.out") of $(keys "$node" | wc -l) checks hold by hand"
	done
	[ ! -f "$work/ansible.log" ] || echo "# ansible: $(grep -c '^ok:' "$work/ansible.log") checks ran"
}

[ $# -gt 0 ] || set -- apply check
for part; do
	case $part in
	apply | check) "bench_$part" ;;
	*) sed -n '2,9s/^# //p' "$0"; exit 2 ;;
	esac
done
