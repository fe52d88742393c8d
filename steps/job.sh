# shellcheck disable=SC2154 # bascule_nonce, bascule_task, bascule_text are assigned by the engine
# What the engine itself needs on a node, after lib.sh and before any step: checks with a
# deadline each, jobs that outlive the console, and the lease that keeps a second console out.

: "${bascule_home:=/run/bascule}"

bascule_folder() {
	[ -d "$bascule_home/jobs" ] || (umask 077 && mkdir -p "$bascule_home/jobs")
}

# Tells which boot this is; a restart is over when it is another one.
bascule_boot() {
	read -r bascule_boot_id </proc/sys/kernel/random/boot_id
	bascule_mark boot "$bascule_boot_id"
}

# bascule_reboot BOOT: restarts the machine if it still is in that boot, once its answer is out.
bascule_reboot() {
	[ "$bascule_boot_id" = "$1" ] || return 0
	[ ! -e "$bascule_home/restarting" ] || return 0
	bascule_folder
	: >"$bascule_home/restarting"
	setsid sh -c 'sleep 1; systemctl reboot || reboot' </dev/null >/dev/null 2>&1 &
}

# ---- checks ----

# bascule_one TASK LIMIT SCRIPT PARAMETERS VERB
# The clock below sends ALRM once a second; wait(1) then returns early, and the age is looked at. What
# ends in that very moment has a code that not every shell remembers, so it tells it itself; 99 says
# that it did. A script that leaves by itself (exit, a variable that is not set) does not get there.
bascule_one() {
	bascule_mark begin "$1"
	(
		trap - ALRM
		eval "$4"
		eval "$3"
		bascule_run "$5"
		bascule_mark end "$1" "$?"
		exit 99
	) </dev/null 2>&1 &
	bascule_pid=$!
	bascule_age=0
	while :; do
		bascule_struck=no
		wait "$bascule_pid"
		bascule_code=$?
		[ "$bascule_code" -gt 128 ] && [ "$bascule_struck" = yes ] || break
		kill -0 "$bascule_pid" 2>/dev/null || return 0
		if [ "$bascule_age" -ge "$2" ]; then
			bascule_pids=
			bascule_tree "$bascule_pid"
			# shellcheck disable=SC2086 # several
			kill -KILL $bascule_pids 2>/dev/null
			wait "$bascule_pid" 2>/dev/null
			bascule_code=timeout
			break
		fi
	done
	[ "$bascule_code" = 99 ] || bascule_mark end "$1" "$bascule_code"
}

# A process and whatever it started, into $bascule_pids.
bascule_tree() {
	bascule_pids="$bascule_pids $1"
	for bascule_child in $(pgrep -P "$1"); do
		bascule_tree "$bascule_child"
	done
}

# $$ is not this shell where a script runs in a subshell; what opens the file is.
bascule_clock_start() {
	bascule_age=0
	read -r bascule_self _ </proc/self/stat
	trap 'bascule_age=$((bascule_age + 1)) bascule_struck=yes' ALRM
	(
		trap - ALRM
		while sleep 1; do kill -ALRM "$bascule_self" 2>/dev/null || exit 0; done
	) >/dev/null 2>&1 &
	bascule_clock=$!
}

bascule_clock_stop() {
	kill "$bascule_clock" 2>/dev/null
	wait "$bascule_clock" 2>/dev/null
	trap '' ALRM
}

# The check after a job that ended well: arguments as bascule_one.
bascule_verify() {
	[ "$bascule_code" = 0 ] || return 0
	bascule_clock_start
	bascule_one "$@"
	bascule_clock_stop
}

# ---- the lease ----

# bascule_lease take|renew|drop HOLDER SECONDS
# One line "HOLDER UPTIME-OF-EXPIRY". The holder's first word part (before ':') is its machine:
# a new console on the same machine has the machine's own lock and may take it over.
bascule_lease() {
	bascule_folder
	exec 9>>"$bascule_home/lease.lock"
	flock 9
	read -r bascule_up _ </proc/uptime
	bascule_up=${bascule_up%%.*}
	bascule_held='' bascule_until=0
	[ -s "$bascule_home/lease" ] && read -r bascule_held bascule_until <"$bascule_home/lease"
	case $1:$bascule_held in
	take:"$2" | renew:"$2" | renew: | drop:"$2" | take:"${2%%:*}":*) ;;
	take:*)
		if [ -n "$bascule_held" ] && [ "$bascule_until" -gt "$bascule_up" ]; then
			bascule_mark busy "$bascule_held" "$((bascule_until - bascule_up))"
			exit 75
		fi
		;;
	drop:*)
		exec 9>&-
		return 0
		;;
	*)
		bascule_mark lost "$bascule_held"
		exit 75
		;;
	esac
	if [ "$1" = drop ]; then
		rm -f "$bascule_home/lease"
	else
		printf '%s %s\n' "$2" "$((bascule_up + $3))" >"$bascule_home/lease"
	fi
	exec 9>&-
}

# ---- jobs ----

# Names of jobs whose result the console has: NAME… One that runs again stays.
bascule_take() {
	for bascule_name; do
		bascule_dir=${bascule_home:?}/jobs/$bascule_name
		if [ -e "$bascule_dir/code" ] || ! bascule_alive "$bascule_dir"; then
			rm -rf "$bascule_dir"
		fi
	done
}

# Tells every job folder of one cluster: PREFIX
bascule_list() {
	for bascule_dir in "$bascule_home/jobs/$1"*; do
		[ -e "$bascule_dir/nonce" ] || continue
		bascule_code=running
		[ ! -e "$bascule_dir/code" ] || read -r bascule_code <"$bascule_dir/code"
		[ "$bascule_code" != running ] || bascule_alive "$bascule_dir" || bascule_code=dead
		bascule_mark left "${bascule_dir##*/}" "$bascule_code"
	done
}

# A job without a code whose process is gone died without a word (killed, out of memory).
bascule_alive() {
	[ -s "$1/pid" ] || return 0
	read -r bascule_pid <"$1/pid"
	kill -0 "$bascule_pid" 2>/dev/null
}

# bascule_job NAME ATTEMPT LIMIT: starts the job unless it is there already. The script is
# in bascule_text, the secrets' file in bascule_secrets.
bascule_job() {
	bascule_folder
	bascule_dir=$bascule_home/jobs/$1
	if [ -e "$bascule_dir/code" ] || { [ -d "$bascule_dir" ] && ! bascule_alive "$bascule_dir"; }; then
		read -r bascule_was 2>/dev/null <"$bascule_dir/attempt"
		[ "$bascule_was" = "$2" ] || rm -rf "$bascule_dir"
	fi
	[ ! -d "$bascule_dir" ] || return 0
	bascule_new=$bascule_dir.new.$$
	# A script that could not be written whole must not run.
	(
		umask 077
		rm -rf "$bascule_new"
		mkdir "$bascule_new" &&
			printf '%s\n' "$bascule_nonce" >"$bascule_new/nonce" &&
			printf '%s\n' "$2" >"$bascule_new/attempt" &&
			printf '%s\n' "$bascule_text" >"$bascule_new/script" &&
			: >"$bascule_new/out" || exit 1
		if [ -n "${bascule_secrets:-}" ] && [ -f "$bascule_secrets" ]; then
			mv "$bascule_secrets" "$bascule_new/secrets" || exit 1
		else
			: >"$bascule_new/secrets" || exit 1
		fi
		cat >"$bascule_new/run" <<-'RUN' || exit 1
			cd "${0%/*}" || exit 1
			echo $$ >pid.new && mv pid.new pid
			exec 3<secrets </dev/null >>out 2>&1
			rm -f secrets
			bascule_secrets=/proc/self/fd/3 BASCULE_JOB=1
			export bascule_secrets BASCULE_JOB
			sh ./script
			echo $? >code.new
			mv code.new code
		RUN
		mv -T "$bascule_new" "$bascule_dir"
	) || {
		rm -rf "$bascule_new"
		[ -d "$bascule_dir" ] && return 0
		bascule_mark nojob "$1"
		exit 70
	}
	if [ -d /run/systemd/system ]; then
		systemd-run --quiet --collect --unit="$1" --description="bascule: $bascule_task" \
			--property=RuntimeMaxSec="$3" --property=KillMode=mixed \
			sh "$bascule_dir/run" && return 0
	fi
	setsid sh "$bascule_dir/run" </dev/null >/dev/null 2>&1 &
}

# bascule_follow NAME OFFSET: its output from there on, then its code (or that it died).
bascule_follow() {
	bascule_dir=$bascule_home/jobs/$1
	if [ ! -e "$bascule_dir/nonce" ]; then
		bascule_mark jobgone "$1"
		return 0
	fi
	read -r bascule_was <"$bascule_dir/nonce"
	read -r bascule_try <"$bascule_dir/attempt"
	bascule_mark job "$1" "$bascule_try" "$bascule_was"
	bascule_wait=0
	until [ -s "$bascule_dir/pid" ] || [ -e "$bascule_dir/code" ] || [ "$bascule_wait" -ge 100 ]; do
		sleep 0.1
		bascule_wait=$((bascule_wait + 1))
	done
	if [ ! -e "$bascule_dir/code" ] && [ -s "$bascule_dir/pid" ]; then
		read -r bascule_pid <"$bascule_dir/pid"
		tail -c "+$(($2 + 1))" -s 0.1 --pid="$bascule_pid" -f "$bascule_dir/out" 2>/dev/null
	else
		tail -c "+$(($2 + 1))" "$bascule_dir/out" 2>/dev/null
	fi
	bascule_code=died
	[ ! -e "$bascule_dir/code" ] || read -r bascule_code <"$bascule_dir/code"
	printf '\n'
	bascule_mark jobend "$1" "$bascule_code"
}
