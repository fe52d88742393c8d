#!/bin/sh
# First frame, time until nothing moves, bytes for an arrow key and resident memory of the wizard and of
# full-screen programs of the field, all through the same pty. Aims: 10 ms for the first frame, 120
# bytes, 8 MiB.
. "${top_srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/lib.sh"
export LC_ALL=C.UTF-8 TERM=xterm-256color
unset NO_COLOR LANGUAGE ACCESSIBLE

one()
{
	name=$1
	shift
	if command -v "$1" >/dev/null; then
		"$top_builddir/tests/bench-tui" "$name" "$@"
	else
		printf '%-10s not installed\n' "$name"
	fi
}

printf '%-10s %11s %11s %14s %12s\n' program 'first frame' 'at rest' 'an arrow key' resident
down=$(printf '\033OB')
enter=$(printf '\rx')
export BENCH_KEYS="$down$down$down${enter%x}"
one bascule "$BASCULE"
unset BENCH_KEYS
one simulated "$BASCULE" --demo
truncate -s 64M "$tmp/disk"
printf 'label: gpt\n,4M\n,4M\n,4M\n,4M\n' | sfdisk -q "$tmp/disk" 2>/dev/null
one cfdisk cfdisk "$tmp/disk"
# shellcheck disable=SC2046
one dialog dialog --menu 'Fifty machines' 22 76 15 $(seq 1 50 | sed 's/.*/hv-& to-do/')
mkdir "$tmp/tree"
(
	cd "$tmp/tree" && git init -q . && git config user.email a@example.org && git config user.name a &&
	for i in $(seq 1 50); do git commit -q --allow-empty -m "commit $i"; done
) 2>/dev/null
cd "$tmp/tree" || exit 1
one tig tig
one htop htop -d 100
