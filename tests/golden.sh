# Cases with a recorded output: tests/KIND/CASE/args holds one command line per line, run one
# after the other in a folder of their own with the case's other files and etc/ beside them;
# tests/KIND/CASE/expect holds what they print and end with. GENERATE=1 records anew.
# shellcheck shell=sh disable=SC2154
export LC_ALL=C.UTF-8 TERM=dumb COLUMNS=80
unset LANGUAGE ACCESSIBLE

# What differs from one folder or moment to another goes.
golden_clean()
{
	sed -e "s|$tmp/[a-z]*/|/|g" -e '/^Journal: /d' "$1"
}

# Lines of args: words for the program, "!" before one that runs anything else in the shell.
golden_lines()
{
	while IFS= read -r words; do
		case $words in
		'' | '#'*) continue ;;
		esac
		printf '$ %s\n' "$words"
		code=0
		case $words in
		'! '*) eval "${words#! }" >"$tmp/out" 2>&1 </dev/null || code=$? ;;
		*) eval "\"\$BASCULE\" $words" >"$tmp/out" 2>&1 </dev/null || code=$? ;;
		esac
		golden_clean "$tmp/out"
		echo "= $code"
	done <args
}

# golden_case FOLDER
golden_case()
{
	name=${1%/}
	name=${name##*/}
	rm -rf "$tmp/case" "$tmp/state/bascule"
	mkdir "$tmp/case"
	cp "$1"/* "$tmp/case/"
	chmod 600 "$tmp/case"/*
	ln -s "$top_srcdir/etc" "$tmp/case/etc"
	(cd "$tmp/case" && golden_lines) >"$tmp/got" 2>&1
	if [ -n "${GENERATE:-}" ]; then
		cp "$tmp/got" "$1/expect"
	fi
	if diff -u "$1/expect" "$tmp/got" >"$tmp/diff" 2>&1; then
		ok "$name"
	else
		not_ok "$name" "$tmp/diff"
	fi
}

# golden_cases KIND [CASE…]
golden_cases()
{
	kind=$1
	shift
	if [ $# -gt 0 ]; then
		for case; do
			golden_case "$top_srcdir/tests/$kind/$case"
		done
		return
	fi
	for case in "$top_srcdir/tests/$kind"/*/; do
		golden_case "${case%/}"
	done
}
