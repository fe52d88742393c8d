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
. "$top/tests/benchlab.sh"
file=$top/etc/tutorial.ini
through=luns
bench_begin

bare()
{
	lab reset
	lab up
	at_rest
}

bench_apply()
{
	need jq
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

bench_check()
{
	lab up
	check_rows
}

[ $# -gt 0 ] || set -- apply check
for part; do
	case $part in
	apply | check) "bench_$part" ;;
	*) sed -n '2,9s/^# //p' "$0"; exit 2 ;;
	esac
done
