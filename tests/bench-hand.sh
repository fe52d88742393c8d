#!/bin/bash
# What a careful administrator would have written for `apply --through luns`: every task's check,
# apply, check over ssh, all at once but for what has to wait, one connection for each machine that
# stays open. The commands and what waits for what are generated from `bascule script` and `bascule
# plan`, so that like stays compared with like; there is no journal, no job that outlives the
# console, no lease, no question asked twice. The console's own look at the target has no script and
# is left out. Needs jq. For bench-lab.sh.
# Usage: bench-hand.sh prepare|run FILE FOLDER
set -u
mode=${1:?} file=${2:?} work=${3:?}
: "${BASCULE:?}" "${BASCULE_DATADIR:?}"
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/benchlab.sh"
declare -a keys=() nodes=() objects=() afters=() locks=() restarts=()
declare -A done_is=() held=() pid_of=()

# step_setting STEP KEY: as the step's description has it, for all platforms alike
step_setting()
{
	awk -v k="$2" '/^\[/ { on = $0 == "[step]" } on && $1 == k { sub(/^[^=]*= */, ""); print }' \
		"$BASCULE_DATADIR"/steps/*-"${1%/*}"/*-"${1#*/}"/step.ini
}

# ---- prepare: a script for each task, with room for the values that others will tell ----------

# The same verbs of the same step, one after the other, in one connection; 7 = has yet to restart.
task_script()
{
	echo 'bascule_nonce=x'
	cat "$BASCULE_DATADIR/steps/lib.sh"
	sed '$d' "$1" # all but the call of the verb
	# shellcheck disable=SC2016 # it is for the machine's shell
	printf '%s\n' 'by_hand() { (bascule_run "$1") </dev/null; }' \
		'by_hand check; code=$?; [ $code = 7 ] || exit $code' 'by_hand apply || exit 1'
	[ "$2" ] || echo 'by_hand check'
}

prepare()
{
	"$BASCULE" plan "$file" --world=lab --through luns --json |
		jq -r 'select(.event == "planned") |
			[.task, .step, .node // "-", .lun // .target // "-", (.after | join(" "))] | join("|")' \
			>"$work/tasks" || exit 1
	n=0
	while IFS='|' read -r _ step node object _; do
		if [ "$node" != - ]; then
			of=("$object")
			[ "$object" != - ] || of=()
			"$BASCULE" script "$file" "$step" "$node" "${of[@]}" --verb=check --world=lab --lang=en \
				>"$work/preview" || exit 1
			task_script "$work/preview" "$(step_setting "$step" reboots)" >"$work/task.$n"
			sed -n "s/^\([a-z_]*\)='<.*>'\$/\1/p" "$work/preview" >"$work/wants.$n"
		fi
		n=$((n + 1))
	done <"$work/tasks"
	# shellcheck disable=SC2046 # a list of names
	ssh_config $(cut -d'|' -f3 "$work/tasks" | sort -u | grep -v '^-$')
}

# ---- run -------------------------------------------------------------------------------------

# Its script with what the tasks before it have told; what nobody told is empty.
filled()
{
	local edits='' name value=
	while read -r name; do
		case $name in
		task_nonce) value=$nonce ;;
		task_now) value=$(date +%s) ;;
		*) value=$(cat "$work/value.$name.$2" "$work/value.$name.$3" 2>/dev/null | head -n 1) ;;
		esac
		edits="$edits;s|^$name='<.*>'\$|$name='$value'|"
	done <"$work/wants.$1"
	sed "${edits#;}" "$work/task.$1"
}

# Until it answers in another boot than the one before.
restart()
{
	local boot='cat /proc/sys/kernel/random/boot_id' before now=
	before=$(on "$1" "$boot")
	on "$1" 'systemctl reboot' >/dev/null 2>&1
	on -O exit "$1" 2>/dev/null
	until [ -n "$now" ] && [ "$now" != "$before" ]; do
		sleep 0.2
		now=$(on -o ControlPath=none "$1" "$boot" 2>/dev/null </dev/null)
	done
	connect "$1"
}

task()
{
	local n=$1 node=${nodes[$1]}
	filled "$n" "$node" "${objects[$n]}" >"$work/send.$n"
	on "$node" sh -s <"$work/send.$n" >"$work/out.$n" 2>&1 || return
	[ "${restarts[$n]}" ] || return 0
	! grep -q '^@x reboot' "$work/out.$n" || restart "$node"
	sed 's/by_hand apply || exit 1/exit 1/' "$work/send.$n" | on "$node" sh -s >>"$work/out.$n" 2>&1
}

# What it told goes to the tasks of the same object, or of the same machine.
told()
{
	local n=$1 name value object
	while IFS=$'\t' read -r name value; do
		case $name in
		'') continue ;;
		lun.*) object=${objects[$n]} ;;
		*) object=${nodes[$n]} ;;
		esac
		name=${name//[.-]/_}
		echo "$value" >"$work/value.$name.$object"
	done <<<"$(sed -n 's/^@x value\t//p' "$work/out.$n")"
}

# may_start N: all before it are done, and nobody holds what it needs for itself
may_start()
{
	local before lock node=${nodes[$1]}
	for before in ${afters[$1]}; do
		[ "${done_is[$before]-}" ] || return
	done
	for lock in ${locks[$1]}; do
		[ -z "${held[$lock]-}" ] || return
	done
	[ "${held[alone:$node]:-0}" = 0 ] || return
	[ -z "${restarts[$1]}" ] || [ "${held[some:$node]:-0}" = 0 ]
}

# hold N 1|'': takes or gives back
hold()
{
	local lock node=${nodes[$1]} by=${2:--1}
	for lock in ${locks[$1]}; do
		held[$lock]=$2
	done
	held[some:$node]=$((${held[some:$node]:-0} + by))
	[ -z "${restarts[$1]}" ] || held[alone:$node]=$((${held[alone:$node]:-0} + by))
}

read_tasks()
{
	local key step node object after n=0 lock
	while IFS='|' read -r key step node object after; do
		keys+=("$key")
		nodes+=("$node")
		objects+=("$object")
		afters+=("$after")
		restarts+=("$(step_setting "$step" reboots)")
		local mine=
		for lock in $(step_setting "$step" lock); do
			case $lock in
			cluster) mine="$mine cluster" ;;
			lun) mine="$mine lun:$object" ;;
			*) mine="$mine $lock:$node" ;;
			esac
		done
		locks+=("$mine")
		n=$((n + 1))
	done <"$work/tasks"
	total=$n
}

start_what_may()
{
	local n again=1
	while [ "$again" ]; do
		again=
		for ((n = 0; n < total; n++)); do
			[ -z "${started[$n]-}" ] || continue
			may_start "$n" || continue
			started[n]=1
			if [ "${nodes[$n]}" = - ]; then
				done_is[${keys[$n]}]=1
				left=$((left - 1))
				again=1
				continue
			fi
			hold "$n" 1
			task "$n" &
			pid_of[$!]=$n
		done
	done
}

run()
{
	local pid code n
	local -a started=()
	rm -f "$work"/value.* "$work"/out.*
	nonce=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
	read_tasks
	left=$total
	for node in $(printf '%s\n' "${nodes[@]}" | sort -u); do
		[ "$node" = - ] || connect "$node" &
	done
	wait
	while [ "$left" -gt 0 ]; do
		start_what_may
		[ "$left" -gt 0 ] || break
		wait -n -p pid
		code=$?
		n=${pid_of[$pid]-}
		[ "$n" ] || continue
		hold "$n" ''
		told "$n"
		if [ $code -ne 0 ]; then
			echo "by hand, ${keys[$n]} ended with $code:" >&2
			cat "$work/out.$n" >&2
			wait
			return 1
		fi
		done_is[${keys[$n]}]=1
		left=$((left - 1))
	done
}

case $mode in
prepare) prepare ;;
run)
	trap disconnect EXIT
	run
	;;
esac
