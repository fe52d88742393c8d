#!/bin/sh
# Counts test cases over the logs it is given ("ok N" and "not ok N" lines) and prints
# "N passed, N failed" as its last line. A program that failed without saying which case,
# or left no log at all, is one failure; one that passed without cases is one pass.
# Before it stand the cases that failed, with the end of what the first of each program said:
# often the last lines are all one gets to see of a run on another machine. What was skipped
# stands there as well, with what it lacked: "# SKIP REASON", or "# skipped: REASON" before the
# case (cmocka tells no reason, and some versions say "not ok N # SKIP NAME").
awk '
function skips(line)
{
	return line ~ /^[ \t]*((not )?ok [0-9]+|1\.\.0).*# *[Ss][Kk][Ii][Pp]/
}
function note_skip(line)
{
	skip++
	sub(/^.*# *[Ss][Kk][Ii][Pp][ \t]*/, "", line)
	without = without "skipped: " name ": " line (why ? ": " why : "") "\n"
	why = ""
}
function told(line)
{
	if (skips(line)) {
		telling = 0
	} else if (line ~ /^not ok [0-9]+/) {
		failures = failures "    " line "\n"
		telling = ++cases == 1
	} else if (line ~ /^ok [0-9]+/) {
		telling = 0
	} else if (telling && line ~ /^#/) {
		said[lines++ % KEPT] = line
	}
}
function finish(   i)
{
	if (result == "SKIP" && !ok && !bad) skip = skip ? skip : 1
	else if (result == "PASS" && !ok && !bad && !skip) ok = 1
	else if (result != "PASS" && result != "SKIP" && !bad) bad = 1
	if (bad) {
		print "failed: " name
		printf "%s", failures
		for (i = lines > KEPT ? lines - KEPT : 0; i < lines; i++)
			print "      " said[i % KEPT]
	}
	passed += ok; failed += bad; skipped += skip
}
BEGIN {
	KEPT = 12
	for (i = 1; i < ARGC; i++) {
		log_file = name = ARGV[i]
		ok = bad = skip = cases = telling = lines = 0
		failures = why = ""
		result = "ERROR"
		while ((getline line < log_file) > 0) {
			if (sub(/^# skipped: /, "", line)) { why = line; continue }
			if (skips(line)) note_skip(line)
			else if (line ~ /^ok [0-9]+/) ok++
			else if (line ~ /^not ok [0-9]+/) bad++
			told(line)
		}
		close(log_file)
		sub(/\.log$/, ".trs", log_file)
		while ((getline line < log_file) > 0)
			if (line ~ /^:test-result: /) {
				sub(/^:test-result: /, "", line)
				sub(/[ \t].*/, "", line)
				result = line
			}
		close(log_file)
		finish()
	}
	printf "%s", without
	printf "%d passed, %d failed", passed, failed
	if (skipped) printf ", %d skipped", skipped
	printf "\n"
	exit failed > 0
}' "$@"
