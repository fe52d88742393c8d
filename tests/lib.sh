# For shell tests: `. "$top_srcdir/tests/lib.sh"`, then `ok`, `not_ok`, `is`, `run` and
# at the end `finish`. Everything written goes to $tmp, which is gone afterwards.
# shellcheck shell=sh disable=SC2034

: "${top_srcdir:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${top_builddir:=$top_srcdir}"
: "${BASCULE:=$top_builddir/bascule}"
: "${BASCULE_DATADIR:=$top_srcdir}"
export top_srcdir top_builddir BASCULE BASCULE_DATADIR

tmp=$(mktemp -d "${TMPDIR:-/tmp}/bascule-test.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
export HOME="$tmp/home" XDG_STATE_HOME="$tmp/state" XDG_CACHE_HOME="$tmp/cache"
export XDG_RUNTIME_DIR="$tmp/run"
mkdir -m 700 "$HOME" "$XDG_STATE_HOME" "$XDG_CACHE_HOME" "$XDG_RUNTIME_DIR"

test_count=0
test_failed=0

ok()
{
	test_count=$((test_count + 1))
	echo "ok $test_count - $*"
}

# not_ok NAME [FILE with what went wrong]
not_ok()
{
	test_count=$((test_count + 1))
	test_failed=$((test_failed + 1))
	echo "not ok $test_count - $1"
	[ $# -lt 2 ] || sed 's/^/# /' "$2"
}

skip()
{
	test_count=$((test_count + 1))
	echo "ok $test_count # SKIP $*"
}

# All of this file is skipped.
skip_all()
{
	echo "1..0 # SKIP $*"
	exit 77
}

# is NAME GOT WANTED
is()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		printf 'got:    %s\nwanted: %s\n' "$2" "$3" >"$tmp/.is"
		not_ok "$1" "$tmp/.is"
	fi
}

# run COMMAND...: output and errors in $tmp/out and $tmp/err, the code in $code
run()
{
	code=0
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null || code=$?
}

# Tests that need the machine for themselves come one after the other.
serial()
{
	exec 9>"$top_builddir/tests/serial.lock"
	flock 9
}

finish()
{
	echo "1..$test_count"
	[ "$test_failed" = 0 ]
	exit
}

# Is the image of the practice machines there? 1 = no, 2 = of an older recipe: good enough for who has no
# time to build, not for who asked for the whole (BASCULE_TEST_LAB=1).
lab_image()
{
	"$BASCULE" lab status --json >"$tmp/image" 2>/dev/null
	grep -q '"built":true' "$tmp/image" || return 1
	[ "${BASCULE_TEST_LAB:-}" != 1 ] || grep -q '"stale":false' "$tmp/image" || return 2
}
