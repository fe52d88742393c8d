#!/bin/bash
# Re-checks the converged practice lab, three ways in turns: bascule check; one ssh for each node
# that carries the very same script; the same checks as an ansible playbook. Brings the lab up and
# takes it through its LUNs first, and tells how long that took. Medians in seconds.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
: "${BASCULE:=$top/bascule}"
: "${BASCULE_DATADIR:=$top}"
: "${ROUNDS:=3}"
export BASCULE_DATADIR
file=$top/etc/tutorial.ini
work=$(mktemp -d)
state=${XDG_STATE_HOME:-$HOME/.local/state}/bascule/lab
trap 'rm -rf "$work"' EXIT

now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.2f", b - a }'; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
# setting NODE KEY: of the lab's own file
setting() { awk -v n="[node $1]" -v k="$2" '$0 == n { on = 1; next } /^\[/ { on = 0 } on && $1 == k { print $3 }' "$state/lab.ini"; }

"$BASCULE" lab up >/dev/null || exit 1
for run in first second; do
	from=$(now)
	"$BASCULE" apply "$file" --world=lab --yes --through luns >"$work/apply" 2>&1 || { cat "$work/apply"; exit 1; }
	printf '%-44s %8.1f s  %s\n' "apply --through luns, $run time" "$(since "$from")" "$(grep 'round trip' "$work/apply")"
done

mkdir "$work/record"
"$BASCULE" check "$file" --world=lab --through luns --record="$work/record" >"$work/check" || exit 1
nodes=$(cd "$work/record" && for log in *.log; do echo "${log%.log}"; done | grep -v console)
for node in $nodes; do
	awk '/^=== 2 /{ exit } /^--- 1 (output|ended)/{ on = 0 } on; /^--- 1 script/{ on = 1 }' \
		"$work/record/$node.log" >"$work/$node.sh"
done

by_bascule() { "$BASCULE" check "$file" --world=lab --through luns >/dev/null; }

ssh_to()
{
	ssh -F none -o BatchMode=yes -o UserKnownHostsFile="$(setting "$1" ssh.known_hosts)" \
		-i "$(setting "$1" ssh.key)" -p "$(setting "$1" ssh.port)" root@127.0.0.1 sh -s <"$work/$1.sh"
}

by_hand()
{
	for node in $nodes; do ssh_to "$node" >/dev/null 2>&1 & done
	wait
}

playbook()
{
	echo '[machines]' >"$work/hosts"
	printf -- '- hosts: machines\n  gather_facts: false\n  strategy: free\n  tasks:\n' >"$work/play.yml"
	for node in $nodes; do
		echo "$node ansible_host=127.0.0.1 ansible_user=root ansible_port=$(setting "$node" ssh.port)" \
			"ansible_ssh_private_key_file=$(setting "$node" ssh.key)" >>"$work/hosts"
		keys=$(sed -n 's/^=== 1 [^ ]* check //p' "$work/record/$node.log")
		number=0
		for key in $keys; do
			number=$((number + 1))
			step=${key%%(*}
			object=${key#*(}; object=${object%)}; object=${object#"$node"}; object=${object#,}
			"$BASCULE" script "$file" "$step" "$node" ${object:+"$object"} --verb=check --world=lab \
				>"$work/$node.$number.check" 2>/dev/null
			{ sed -n 1,400p "$BASCULE_DATADIR/steps/lib.sh"; echo 'bascule_nonce=x'; cat "$work/$node.$number.check"; } \
				>"$work/$node.$number.sh"
			cat >>"$work/play.yml" <<-Y
			    - script: $work/$node.$number.sh
			      args: { executable: /bin/sh }
			      when: inventory_hostname == "$node"
			      ignore_errors: true
			Y
		done
	done
}

by_ansible()
{
	ANSIBLE_HOST_KEY_CHECKING=False ANSIBLE_PIPELINING=True ansible-playbook -f 8 -i "$work/hosts" \
		"$work/play.yml" >"$work/ansible.log" 2>&1
}

round()
{
	from=$(now)
	"$1"
	since "$from" >>"$work/$1.times"
}

command -v ansible-playbook >/dev/null && playbook
for _ in $(seq "$ROUNDS"); do
	round by_bascule
	round by_hand
done
[ ! -f "$work/play.yml" ] || round by_ansible
own=$(median <"$work/by_bascule.times")
for way in by_bascule by_hand by_ansible; do
	[ -f "$work/$way.times" ] || continue
	took=$(median <"$work/$way.times")
	printf '%-44s %8.2f s  %5.2f x\n' "check, $way" "$took" "$(awk -v a="$took" -v b="$own" 'BEGIN { print a / b }')"
done
echo "scripts of one check, bytes: $(for n in $nodes; do wc -c <"$work/$n.sh"; done | paste -sd' ')"
