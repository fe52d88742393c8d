# What the benches of the practice lab share: its machines, how to reach them, rows of the table, and
# the same checks by bascule and by other means. For bash; nothing happens by reading it.
# shellcheck shell=bash disable=SC2154 # the bench says what $top, $file and $through are

: "${BASCULE:=$top/bascule}"
: "${BASCULE_DATADIR:=$top}"
: "${ROUNDS:=5}"
export BASCULE BASCULE_DATADIR
state=${XDG_STATE_HOME:-$HOME/.local/state}/bascule/lab

# bench_begin: a folder of this run, $work; bench_leave is called at its end, however it comes
bench_begin()
{
	running=
	work=$(mktemp -d) || exit 1
	trap bench_leave EXIT
	trap 'exit 1' HUP INT TERM
}

bench_leave()
{
	stop_running
	rm -rf "$work"
}

# stoppable COMMAND…: in the background, so that a signal does not have to wait for its end
stoppable()
{
	local code
	"$@" &
	running=$!
	wait "$running"
	code=$?
	running=
	return $code
}

stop_running()
{
	[ -n "$running" ] || return 0
	# Twice: at the first bascule would end what it has begun.
	kill "$running" 2>/dev/null && sleep 0.5 && kill "$running" 2>/dev/null
	wait "$running"
	running=
}

need() { command -v "$1" >/dev/null || { echo "${0##*/}: $1 is missing"; exit 1; }; }
now() { date +%s.%N; }
between() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", b - a }'; }
since() { between "$1" "$(now)"; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
machines() { sed -n 's/^\[node \(.*\)\]$/\1/p' "$state/lab.ini"; }
lab() { stoppable "$BASCULE" lab "$@" >"$work/lab" || { cat "$work/lab"; exit 1; }; }

# bascule VERB WORD…: on the lab, as far as $through
bascule() { "$BASCULE" "$1" "$file" --world=lab --through "$through" "${@:2}"; }

# row NAME SECONDS [OWN-SECONDS [REMARK]]
row()
{
	printf '%-46s %8.1f s' "$1" "$2"
	[ -z "${3-}" ] || awk -v own="$3" -v other="$2" 'BEGIN { printf "  %5.2f", own / other }'
	printf '  %s\n' "${4-}"
}

# timed COMMAND…: into $took, what it says into $work/said
timed()
{
	from=$(now)
	if ! stoppable "$@" >"$work/said" 2>&1; then
		cat "$work/said"
		exit 1
	fi
	took=$(since "$from")
}

# at_rest: done with booting. What still starts by itself would be in the way of whoever is first.
at_rest()
{
	local node
	local -a waited=()
	for node in $(machines); do
		"$BASCULE" lab ssh "$node" systemctl is-system-running --wait >/dev/null </dev/null &
		waited+=($!)
	done
	wait "${waited[@]}"
}

# setting NODE KEY: of the lab's own file
setting()
{
	awk -v n="[node $1]" -v k="$2" '$0 == n { on = 1; next } /^\[/ { on = 0 } on && $1 == k { print $3 }' \
		"$state/lab.ini"
}

# ssh_config NODE…: for `on`, one connection each that may stay open
ssh_config()
{
	local node
	for node; do
		printf '%s\n' "Host $node" 'HostName 127.0.0.1' "Port $(setting "$node" ssh.port)" \
			"IdentityFile $(setting "$node" ssh.key)" \
			"UserKnownHostsFile $(setting "$node" ssh.known_hosts)"
	done >"$work/ssh_config"
	# The key exchange that libssh has, or the emulated machines would pay for the dearer one.
	printf '%s\n' 'Host *' 'User root' 'BatchMode yes' 'IdentitiesOnly yes' 'LogLevel ERROR' \
		'KexAlgorithms curve25519-sha256' 'ConnectTimeout 5' "ControlPath $work/cm.%n" \
		>>"$work/ssh_config"
}

on() { ssh -F "$work/ssh_config" "$@"; }
connect() { on -M -N -f -o ControlPersist=yes "$1" </dev/null >/dev/null 2>&1; }

disconnect()
{
	local socket
	for socket in "$work"/cm.*; do
		[ ! -S "$socket" ] || on -O exit "${socket##*/cm.}" 2>/dev/null
	done
}

# ---- the same checks by bascule, by one ssh for each machine, and by ansible ------------------

# What bascule itself sends to each machine.
record()
{
	rm -rf "$work/record"
	mkdir "$work/record"
	bascule check --record="$work/record" >"$work/said" || { cat "$work/said"; exit 1; }
	for node in $nodes; do
		awk '/^=== 2 /{ exit } /^--- 1 (output|errors|ended)/{ on = 0 } on; /^--- 1 script/{ on = 1 }' \
			"$work/record/$node.log" >"$work/$node.sh"
	done
}

by_bascule() { bascule check >/dev/null; }
ssh_to() { on -o ControlPath=none "$1" sh -s <"$work/$1.sh" >"$work/$1.out"; }

by_hand()
{
	local -a waited=()
	for node in $nodes; do
		ssh_to "$node" &
		waited+=($!)
	done
	wait "${waited[@]}"
}

# keys NODE: the tasks that were asked, in turn
keys() { sed -n 's/^=== 1 [^ ]* check //p' "$work/record/$1.log" | tr ' ' '\n'; }

# object NODE KEY: the LUN, target or VM of a task
object()
{
	case $2 in
	*"($1)") echo ;;
	*"($1,"*) echo "$2" | sed 's/^[^,]*,//; s/)$//' ;;
	*'('*) echo "$2" | sed 's/^[^(]*(//; s/)$//' ;;
	*) echo ;;
	esac
}

# What the checks have told, as NODE OBJECT NAME VALUE: some have to be told what others found.
values()
{
	for node in $nodes; do
		for key in $(keys "$node"); do object "$node" "$key"; done |
			awk -F'\t' -v node="$node" 'NR == FNR { object[NR] = $1; next } / begin\t/ { n++ }
				/ value\t/ { gsub(/[.-]/, "_", $2); print node "\t" object[n] "\t" $2 "\t" $3 }' - "$work/$node.out"
	done >"$work/values"
}

# one_check NODE KEY: a script of its own
one_check()
{
	of=$(object "$1" "$2")
	echo 'bascule_nonce=x'
	cat "$BASCULE_DATADIR/steps/lib.sh"
	"$BASCULE" script "$file" "${2%%(*}" "$1" ${of:+"$of"} --verb=check --world=lab --lang=en |
		awk -F'\t' -v of="$of" -v node="$1" -v q="'" '
			NR == FNR {
				if ($2 == of && (of != "" || $1 == node))
					told[$3] = $4
				if ($2 == of)
					told[$3 "_all"] = told[$3 "_all"] $1 "\t" $4 "\n"
				next
			}
			match($0, "^[a-z_]*=" q "<.*>" q "$") {
				name = $0
				sub(/=.*/, "", name)
				$0 = name "=" q told[name] q
			}
			{ print }' "$work/values" -
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
		ansible-playbook -v -f 8 -i "$work/hosts" "$work/play.yml" >"$work/ansible.log" 2>&1
}

turn()
{
	timed "$1"
	echo "$took" >>"$work/$1.times"
}

# check_rows: of machines that are up and hold
check_rows()
{
	nodes=$(machines)
	# shellcheck disable=SC2086 # a list of names
	ssh_config $nodes
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
