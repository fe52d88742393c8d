# What every step's script may use: lines for the engine, small files, a former state, and the
# disks of LUNs. Definitions only. The engine sends a task's parameters, then this, then the
# script, then `bascule_run VERB`. Few forks: the practice machines are emulated.

bascule_tab='	'

# A script overrides the verbs it has; the others answer 3, "unknown verb".
check() { return 3; }
apply() { return 3; }
undo() { return 3; }
confirm() { return 3; }
watch() { return 3; }
audit() { return 3; }

bascule_run()
{
	set -u
	umask 022
	LC_ALL=C
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin${PATH:+:$PATH}
	export LC_ALL PATH
	case ${1:-} in
	check | apply | undo | confirm | watch | audit) "$1" ;;
	*) return 3 ;;
	esac
}

# --- lines for the engine ----------------------------------------------------------------

# One line in one write, so that nothing can come between its parts.
bascule_mark()
{
	mark_format='@%s %s'
	mark_kind=$1
	shift
	for mark_arg; do
		case $mark_arg in
		*[[:cntrl:]]*) mark_arg=$(printf %s "$mark_arg" | tr '[:cntrl:]' ' ') ;;
		esac
		mark_format="$mark_format\\t%s"
		set -- "$@" "$mark_arg"
		shift
	done
	# shellcheck disable=SC2059 # the format has one %s for each argument
	printf "$mark_format\\n" "$bascule_nonce" "$mark_kind" "$@"
}

value() { bascule_mark value "$@"; }       # NAME TEXT
progress() { bascule_mark progress "$@"; } # DONE TOTAL
reason() { bascule_mark reason "$@"; }     # ID ARG…: why the answer is what it is
warn() { bascule_mark warn "$@"; }         # ID ARG…
hint() { bascule_mark hint "$@"; }         # ID ARG…
# For `on = any` and `on = owner`: every candidate is asked, and a check that says neither of these
# is no candidate. `member quorate|no`; `owner yes|free|no`, where free means that nobody holds
# it, as this quorate member sees it.
member() { bascule_mark member "$1"; }
owner() { bascule_mark owner "$1"; }
phase() { bascule_mark phase "$@"; }       # NAME [NODE [AGE_MS]]: of a drill, reached so long ago
passed() { bascule_mark passed "$@"; }     # ID ARG…: what an audit found in order
# Once this apply has ended well, the engine restarts the machine and waits for a new boot id.
reboot() { bascule_mark reboot; }

# `todo ID ARG…; return` ends a check with "not yet"; `fail ID ARG…; return` ends anything badly.
todo()
{
	reason "$@"
	return 7
}

fail()
{
	reason "$@"
	return 1
}

# --- secrets -----------------------------------------------------------------------------

# Prints the secret NAME; 1 when it was not sent.
secret()
{
	while IFS=$bascule_tab read -r secret_name secret_data; do
		[ "$secret_name" = "$1" ] || continue
		printf '%s\n' "$secret_data"
		return
	done <"${bascule_secrets:-/dev/null}"
	return 1
}

# --- files -------------------------------------------------------------------------------

have() { command -v "$1" >/dev/null 2>&1; }

# The first line of FILE into $line, without a fork; 1 when it cannot be read or is empty.
first_line()
{
	line=
	{ read -r line <"$1"; } 2>/dev/null
	[ -n "$line" ]
}

# stdin becomes PATH, at once and only if it differs. 0 = changed, 1 = was the same, 2 = failed.
put_file()
{
	put_dir=${1%/*}
	[ -d "$put_dir" ] || mkdir -p "$put_dir" || return 2
	put_new=$1.bascule-new
	rm -f "$put_new"
	(umask 077 && cat >"$put_new") || return 2
	if cmp -s "$put_new" "$1"; then
		rm -f "$put_new"
		return 1
	fi
	if chmod "$2" "$put_new" && mv -f "$put_new" "$1"; then
		return 0
	fi
	rm -f "$put_new"
	return 2
}

# The folder that keeps the state from before this task, in $was_dir.
bascule_was()
{
	was_dir=$bascule_task
	while :; do
		case $was_dir in
		*/*) was_dir=${was_dir%%/*}+${was_dir#*/} ;;
		*) break ;;
		esac
	done
	was_dir=/var/lib/bascule/was/$was_dir
}

# was KEY [TEXT]: keeps TEXT, or stdin, unless KEY was kept by an earlier attempt.
was()
{
	bascule_was
	[ ! -e "$was_dir/$1" ] || return 0
	(umask 077 && mkdir -p "$was_dir") || return 1
	if [ $# -gt 1 ]; then
		printf '%s\n' "$2"
	else
		cat
	fi >"$was_dir/$1.new" && mv "$was_dir/$1.new" "$was_dir/$1"
}

was_get()
{
	bascule_was
	[ -e "$was_dir/$1" ] && cat "$was_dir/$1"
}

was_drop()
{
	bascule_was
	rm -rf "$was_dir"
}

# file_keep KEY PATH: keeps the file, or that there was none; file_back KEY PATH MODE brings it back.
file_keep()
{
	bascule_was
	[ ! -e "$was_dir/$1.none" ] || return 0
	if [ -e "$2" ]; then was "$1" <"$2"; else was "$1.none" ''; fi
}

file_back()
{
	bascule_was
	if [ -e "$was_dir/$1" ]; then
		put_file "$2" "$3" <"$was_dir/$1"
		[ $? -ne 2 ]
	elif [ -e "$was_dir/$1.none" ]; then
		rm -f "$2"
	fi
}

# Where proofs leave their evidence, by the identity of what was proven.
proof_file() { proof=/var/lib/bascule/proof/$1; }

# --- commit-confirm ------------------------------------------------------------------------

# Where this task's rollback waits, in $rollback_dir; $rollback_unit names its timer.
bascule_rollback()
{
	rollback_unit=$(printf %s "$bascule_task" | cksum)
	rollback_unit=bascule-rollback-${rollback_unit%% *}
	rollback_dir=${bascule_home:-/run/bascule}/rollback/$rollback_unit
}

# rollback_arm SECONDS COMMAND: unless `rollback_cancel` comes first, this machine runs the shell
# text COMMAND by itself. It outlives this script and its connection. Before the first change.
rollback_arm()
{
	rollback_cancel || [ $? -eq 7 ] || return 1
	rm -rf "${rollback_dir:?}"
	(umask 077 && mkdir -p "$rollback_dir") || return 1
	printf '%s\n' "$2" >"$rollback_dir/command" || return 1
	# Who makes the folder "claim" decides: this or the one that cancels.
	cat >"$rollback_dir/run" <<-'RUN' || return 1
		cd "${0%/*}" && mkdir claim || exit 0
		sh ./command >out 2>&1
		echo $? >over
	RUN
	if [ -d /run/systemd/system ]; then
		systemd-run --quiet --collect --unit="$rollback_unit" --on-active="$1" \
			--timer-property=AccuracySec=100ms sh "$rollback_dir/run" && return 0
	fi
	# shellcheck disable=SC2016 # what is quoted is for the inner shell
	setsid sh -c 'echo $$ >"$2.pid"; sleep "$1"; exec sh "$2"' rollback "$1" "$rollback_dir/run" \
		</dev/null >/dev/null 2>&1 &
	until_true 10 [ -s "$rollback_dir/run.pid" ]
}

# 0 = it does not run any more (or was never armed); 7 = it has run: the machine is as it was.
rollback_cancel()
{
	bascule_rollback
	[ -d "$rollback_dir" ] || return 0
	if mkdir "$rollback_dir/claim" 2>/dev/null; then
		[ ! -d /run/systemd/system ] || systemctl stop "$rollback_unit.timer" 2>/dev/null
		# Its session is its own; left alone, it would end the wait of the next one.
		first_line "$rollback_dir/run.pid" && kill -TERM "-$line" 2>/dev/null
		rm -rf "${rollback_dir:?}"
		return 0
	fi
	until_true 15 [ -e "$rollback_dir/over" ] || return 1
	return 7
}

# --- waiting -----------------------------------------------------------------------------

# The machine's own clock, which nobody sets: $hundredths of a second. No process is started for it.
now_hundredths()
{
	read -r now_up _ </proc/uptime
	hundredths=$((${now_up%.*} * 100 + 1${now_up#*.} - 100))
}

# look_pause LEAST: between two looks at something, in hundredths. It is twice as long as the look took, so
# that looking takes a third of one processor at most and not the time of what is looked at.
look_pause()
{
	now_hundredths
	look_rest=$(((hundredths - ${look_last:-$hundredths}) * 2))
	[ "$look_rest" -ge "$1" ] || look_rest=$1
	sleep "$((look_rest / 100)).$((look_rest / 10 % 10))$((look_rest % 10))"
	now_hundredths
	look_last=$hundredths
}

# until_paced PAUSE SECONDS COMMAND…: asks until it is so, with such pauses; 1 when the time is over. Ten
# questions are asked in any case: a machine that answers slowly does the rest slowly too. Not to be nested.
until_paced()
{
	paced_least=$1
	now_hundredths
	look_last=$hundredths
	paced_end=$((hundredths + $2 * 100))
	paced_asked=0
	shift 2
	until "$@"; do
		now_hundredths
		paced_asked=$((paced_asked + 1))
		[ "$hundredths" -lt "$paced_end" ] || [ "$paced_asked" -lt 10 ] || return 1
		look_pause "$paced_least"
	done
}

until_true() { until_paced 20 "$@"; }

# The same for what is dear to ask, as the cluster is.
until_settled() { until_paced 200 "$@"; }

# --- names -------------------------------------------------------------------------------

# TEXT when it is a plain name of at most MAX letters, else "x" and a number made from it: $name.
plain_name()
{
	name=$1
	case $name in
	'' | -* | *[!A-Za-z0-9_-]*) ;;
	*) [ ${#name} -gt "$2" ] || return 0 ;;
	esac
	name=$(printf %s "$1" | cksum)
	name=x${name%% *}
}

# $portal = ADDRESS:PORT as the kernel and ss write it.
portal_name()
{
	case $1 in
	*:*) portal=[$1]:$2 ;;
	*) portal=$1:$2 ;;
	esac
}

# --- the domain --------------------------------------------------------------------------

# The domain's controllers of $nodes: $dc_addresses of all; $dc_fqdn and $dc_address of the first
# one. 1 when there is none.
dc_find()
{
	dc_fqdn=
	dc_address=
	dc_addresses=
	while IFS=$bascule_tab read -r _ dc_roles dc_name _ dc_at dc_state; do
		case ,$dc_roles,$dc_state in
		*,dc,*present) ;;
		*) continue ;;
		esac
		dc_addresses="$dc_addresses${dc_addresses:+ }$dc_at"
		[ -z "$dc_fqdn" ] || continue
		dc_fqdn=$dc_name
		dc_address=$dc_at
	done <<-EOF
	$nodes
	EOF
	[ -n "$dc_fqdn" ]
}

# The domain's name as Kerberos writes it: $realm.
realm_name() { realm=$(printf %s "$domain_name" | tr '[:lower:]' '[:upper:]'); }

# Where this machine is told its name servers: $resolver.
resolver_file()
{
	resolver=/etc/resolv.conf
	case $(readlink $resolver) in
	*systemd/resolve/*) resolver=/etc/systemd/resolved.conf.d/60-bascule.conf ;;
	esac
}

# The addresses given and nobody else: who asks two worlds gets two answers.
resolver_text()
{
	case $resolver in
	*/resolved.conf.d/*)
		printf '%s\n' '[Resolve]' "DNS=$*" "Domains=$domain_name"
		return
		;;
	esac
	printf '%s\n' '# Written by bascule.' "search $domain_name"
	printf 'nameserver %s\n' "$@"
	printf '%s\n' 'options timeout:2 attempts:2'
}

resolver_holds()
{
	resolver_file
	[ "$(cat "$resolver" 2>/dev/null)" = "$(resolver_text "$@")" ]
}

resolver_reload()
{
	case $resolver in
	*/resolved.conf.d/*) systemctl restart systemd-resolved ;;
	esac
}

resolver_put()
{
	resolver_file
	file_keep resolver "$resolver" || return
	resolver_text "$@" | put_file "$resolver" 644
	case $? in
	0) resolver_reload ;;
	1) ;;
	*) return 1 ;;
	esac
}

resolver_back()
{
	resolver_file
	file_back resolver "$resolver" 644 && resolver_reload
}

# samba-tool with each @SECRET@ of its arguments replaced by the first line of stdin, out of sight
# of who lists the processes.
samba_tool()
{
	python3 -c 'import runpy, shutil, sys
word = sys.stdin.readline().rstrip("\n")
sys.argv = ["samba-tool"] + [arg.replace("@SECRET@", word) for arg in sys.argv[1:]]
runpy.run_path(shutil.which("samba-tool"), run_name="__main__")' "$@"
}

# --- the disk of a LUN ---------------------------------------------------------------------

# Finds the disk by WWID and nothing else: $disk (sdb), $dev (its lasting name), $paths (how
# many disks have that WWID). 1 when there is none.
lun_find()
{
	disk=
	dev=
	paths=0
	for lun_dir in /sys/block/sd*; do
		first_line "$lun_dir/device/wwid" || continue
		case $line in
		"naa.$1" | "$1") ;;
		*) continue ;;
		esac
		disk=${lun_dir##*/}
		paths=$((paths + 1))
	done
	[ -n "$disk" ] || return 1
	for dev in "/dev/disk/by-id/wwn-0x$1" "/dev/disk/by-id/scsi-3$1" "/dev/$disk"; do
		[ -b "$dev" ] && [ "$(readlink -f "$dev")" = "/dev/$disk" ] && return 0
	done
	return 1
}

# lun_find and the refusals that every step on a LUN shares; ends a check or an apply.
lun_need()
{
	[ -n "$lun_wwid" ] || fail no-wwid "$lun_name" || return
	lun_find "$lun_wwid" || todo absent "$lun_name" "$lun_wwid" || return
	[ $paths -eq 1 ] || fail two-paths "$lun_name" "$paths"
}

# What uses $disk on this machine, in $user: a mount point, a device above it, or "".
lun_user()
{
	user=
	lun_majors=' '
	for lun_part in "/sys/block/$disk" "/sys/block/$disk/$disk"*; do
		first_line "$lun_part/dev" && lun_majors="$lun_majors$line "
		for lun_holder in "$lun_part"/holders/*; do
			[ ! -e "$lun_holder" ] || user=${lun_holder##*/}
		done
	done
	while read -r _ _ lun_major _ lun_point _; do
		case $lun_majors in
		*" $lun_major "*) user=$lun_point ;;
		esac
	done </proc/self/mountinfo
}

# The cluster's processes that run on this machine, in $daemons.
cluster_daemons()
{
	daemons=$(pidof -s dlm_controld corosync pacemakerd)
	[ -n "$daemons" ] || sbd_watching
}

# The same of sbd alone, which is a tool as well: only the one that watches belongs to the cluster.
sbd_watching()
{
	daemons=
	for daemon_pid in $(pidof sbd); do
		case $(tr '\0' ' ' 2>/dev/null <"/proc/$daemon_pid/cmdline") in
		'sbd: '* | *' watch '*) daemons=$daemon_pid ;;
		esac
	done
}

# Ends with a reason unless this machine leaves the LUN alone: no mount, no lockspace, no cluster.
lun_idle()
{
	lun_user
	[ -z "$user" ] || todo in-use "$lun_name" "$user" || return
	plain_name "$lun_name" 30
	[ ! -e "/sys/kernel/dlm/$name" ] || todo lockspace "$lun_name" "$name" || return
	cluster_daemons
	[ -z "$daemons" ] || lun_spare || todo cluster-up "$lun_name"
}

# The cluster runs here: may this LUN be made ready beside it? Only if it is certain that the cluster
# has nothing to do with it. Every other node is asked the same. Who cannot tell says no.
lun_spare()
{
	line=
	for spare_ask in spare_quorate lun_no_mailbox spare_resources spare_keys spare_closed; do
		$spare_ask && continue
		# for who reads the log
		printf '%s %s: %s: no: %s\n' "$lun_name" "$dev" $spare_ask "$line"
		return 1
	done
}

spare_quorate() { cluster_look && [ "$quorate" = yes ]; }

# After each write to a disk udev looks into it for a moment.
spare_closed() { until_true 10 lun_closed; }

# Is each device named in this text another than the LUN? A name that leads nowhere may mean it.
spare_others()
{
	while read -r spare_name; do
		case $spare_name in
		'') continue ;;
		/dev/*) [ -b "$spare_name" ] || return ;;
		*) return 1 ;;
		esac
		case $(readlink -f "$spare_name") in
		'' | "/dev/$disk" | "/dev/$disk"[0-9]*) return 1 ;;
		esac
	done <<-EOF
	$(printf %s "$1" | tr "\t ,;\"'" '\n')
	EOF
}

# The fencing service of this node is told other mailboxes.
lun_no_mailbox()
{
	spare_text=$(sed -n 's/^[[:space:]]*\(export[[:space:]]*\)\{0,1\}SBD_DEVICE=//p' /etc/default/sbd 2>/dev/null) &&
		spare_others "$spare_text"
}

# The cluster's resources use other disks, also those that are stopped. A kind that is not known
# here may use any, and so may a virtual machine whose definition is not within reach.
spare_resources()
{
	spare_cib=$(cibadmin --query --scope resources 2>/dev/null) || return
	while read -r line; do
		case $line in
		'<bundle '*) return 1 ;;
		'<primitive '* | '<template '*)
			xml_get type || return
			case $text in
			fence_scsi | fence_mpath) return 1 ;;
			controld | external/* | fence_* | Filesystem | IPaddr2 | VirtualDomain) ;;
			*) return 1 ;;
			esac
			;;
		'<nvpair '*' name="config"'*)
			xml_get value || return
			grep -Eq '<hostdev|<source [^>]*(dev|pool)=' "$text" 2>/dev/null
			[ $? -eq 1 ] || return
			;;
		'<nvpair '*' name="'*device*) xml_get value && spare_others "$text" || return ;;
		esac
	done <<-EOF
	$spare_cib
	EOF
}

# Nobody has registered a key on it but the reservation test. What knows no reservations has none.
spare_keys()
{
	spare_text=$(sg_persist --in --read-keys --no-inquiry "$dev" 2>/dev/null)
	case $? in
	0) ;;
	5 | 9) return 0 ;;
	*) return 1 ;;
	esac
	! printf '%s\n' "$spare_text" | grep -E '^[[:space:]]*0x' | grep -qv 0xba5c
}

# No process of this machine has it open: none that watches it, none that is a virtual machine.
lun_closed()
{
	spare_text=$(find /proc/[0-9]*/fd \( -lname "/dev/$disk" -o -lname "/dev/${disk}[0-9]*" \) 2>/dev/null)
	[ $? -le 1 ] && [ -z "$spare_text" ]
}

# What is on $dev, in $content: "empty", "unknown" (something that has no signature), or TYPE
# LABEL; $content_type and $content_uuid with it. 1 when the disk cannot be read.
lun_content()
{
	content_type=
	content_uuid=
	content_label=
	lun_probe=$(blkid -p -o export "$dev" 2>&1)
	case $? in
	0 | 8) ;;
	2) lun_probe= ;;
	*) return 1 ;;
	esac
	while IFS='=' read -r lun_key lun_text; do
		case $lun_key in
		TYPE | PTTYPE) content_type=${content_type:-$lun_text} ;;
		UUID) content_uuid=$lun_text ;;
		LABEL) content_label=$lun_text ;;
		esac
	done <<-EOF
	$lun_probe
	EOF
	content="$content_type${content_label:+ $content_label}"
	[ -z "$content" ] || return 0
	if lun_zero; then
		content=empty
	else
		lun_code=$?
		[ $lun_code -eq 1 ] || return 1
		lun_sbd || content=unknown
	fi
}

# An SBD header has no signature that blkid knows.
lun_sbd()
{
	lun_probe=$(dd if="$dev" bs=8 count=1 2>/dev/null | tr -d '\0')
	[ "$lun_probe" = SBD_SBD_ ] || return 1
	content_type=sbd
	content=sbd
}

# Are the first and the last 4 MiB of $dev zeroes? 1 = no, 2 = could not be read.
lun_zero()
{
	first_line "/sys/block/$disk/size" || return 2
	lun_bytes=$((line * 512))
	lun_window=4194304
	[ $lun_window -le $lun_bytes ] || lun_window=$lun_bytes
	lun_zero_at 0 && lun_zero_at $((lun_bytes - lun_window))
}

lun_zero_at()
{
	lun_read "$1" | cmp -s -n "$lun_window" - /dev/zero && return
	lun_read "$1" >/dev/null || return 2
	return 1
}

# Past the page cache: another machine may have written since this one last looked.
lun_read() { dd if="$dev" bs=1M skip="$1" count=4 iflag=direct,skip_bytes 2>/dev/null; }

# The header of an SBD device: $sbd_uuid $sbd_watchdog $sbd_msgwait; 1 when there is none.
sbd_header()
{
	sbd_uuid=
	sbd_watchdog=
	sbd_msgwait=
	lun_probe=$(sbd -d "$dev" dump 2>/dev/null) || return 1
	while IFS=: read -r lun_key lun_text; do
		lun_text=${lun_text# }
		case $lun_key in
		UUID*) sbd_uuid=$lun_text ;;
		*\(watchdog\)*) sbd_watchdog=$lun_text ;;
		*\(msgwait\)*) sbd_msgwait=$lun_text ;;
		esac
	done <<-EOF
	$lun_probe
	EOF
	[ -n "$sbd_uuid" ]
}

# --- the cluster ---------------------------------------------------------------------------

# The text between quotes after KEY= in $line: $text; 1 when it is not there.
xml_get()
{
	case $line in
	*" $1=\""*) ;;
	*) return 1 ;;
	esac
	text=${line#*" $1=\""}
	text=${text%%\"*}
}

# Whether Pacemaker runs here; its service is asked first, for that takes no process.
cluster_up()
{
	first_line /sys/fs/cgroup/system.slice/pacemaker.service/cgroup.procs || pidof -s pacemakerd >/dev/null
}

# The cluster as this machine sees it, by one question: $quorate (yes, no), $members (those online),
# $started (RESOURCE@NODE …), $failed (resources in trouble). 1 when it does not run here.
cluster_look()
{
	quorate=no
	members=' '
	started=' '
	failed=
	cluster_up || return 1
	cluster_xml=$(crm_mon -1 --output-as=xml 2>/dev/null) || return 1
	cluster_item=
	while read -r line; do
		case $line in
		'<current_dc '*' with_quorum="true"'*) quorate=yes ;;
		'<node '*' online="true"'*' pending="false"'*) xml_get name && members="$members$text " ;;
		'<resource '*)
			cluster_item=
			xml_get id && cluster_id=$text
			case $line in
			*' failed="true"'* | *' blocked="true"'*) failed="$failed${failed:+ }$cluster_id" ;;
			# what stops or migrates has not left yet
			*' role="Started"'* | *' role="Stopping"'* | *' role="Migrating"'*) cluster_item=$cluster_id ;;
			esac
			;;
		# nodes are named after the resources too, for other reasons
		'</resource'*) cluster_item= ;;
		'<node '*' online='*) ;;
		'<node '*) [ -z "$cluster_item" ] || ! xml_get name || started="$started$cluster_item@$text " ;;
		esac
	done <<-EOF
	$cluster_xml
	EOF
	[ -n "$cluster_xml" ]
}

# Ends a check with a reason unless this machine is a member of a quorate cluster, and says which.
cluster_need()
{
	if ! cluster_look; then
		member no
		todo no-cluster "$node_name"
		return
	fi
	case $quorate$members in
	yes*" $node_name "*) member quorate ;;
	*)
		member no
		todo not-quorate "$node_name"
		;;
	esac
}

# The hypervisors of the cluster file that are to stay: $nodes_in, in its order, and $nodes_n.
cluster_nodes()
{
	nodes_in=
	nodes_n=0
	while IFS=$bascule_tab read -r in_name in_roles _ _ _ in_state _; do
		case ,$in_roles,:$in_state in
		*,hypervisor,*:present) ;;
		*) continue ;;
		esac
		nodes_in="$nodes_in${nodes_in:+ }$in_name"
		nodes_n=$((nodes_n + 1))
	done <<-EOF
	$nodes
	EOF
}

# Merges configuration into the cluster's, by the ids in it; the one from before is kept.
cib_merge()
{
	cib_keep || return
	cibadmin --modify --allow-create --scope configuration --xml-text "<configuration>$1</configuration>"
}

cib_keep()
{
	cib_kept=/var/lib/bascule/saved
	(umask 077 && mkdir -p $cib_kept) || return
	cibadmin --query >$cib_kept/cib.new && mv $cib_kept/cib.new "$cib_kept/cib-$(date +%s)-${bascule_task%%/*}.xml"
}

# Takes elements out of the configuration, if they are there: XPATH…
cib_drop()
{
	cib_keep || return
	for cib_path; do
		cibadmin --query --xpath "$cib_path" >/dev/null 2>&1 || continue
		cibadmin --delete --force --xpath "$cib_path" || return
	done
}

# Text as an attribute of XML: $xml.
xml_text()
{
	xml=$1
	case $xml in
	*[\&\<\>\"]*) xml=$(printf %s "$xml" | sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g' -e 's/"/\&quot;/g') ;;
	esac
}

# Finds the disk of a LUN by its name, through its target's session and its number: $disk, $dev and
# $lun_wwid. 1 when it is not connected.
lun_named()
{
	lun_wwid=
	while IFS=$bascule_tab read -r named_lun named_target named_number _; do
		[ "$named_lun" = "$1" ] || continue
		while IFS=$bascule_tab read -r named_name named_iqn _; do
			[ "$named_name" = "$named_target" ] || continue
			for named_dir in /sys/class/iscsi_session/session*; do
				first_line "$named_dir/targetname" && [ "$line" = "$named_iqn" ] || continue
				for named_disk in "$named_dir"/device/target*/*:*:*:"$named_number"/block/*; do
					first_line "$named_disk/device/wwid" && lun_wwid=${line#naa.}
				done
			done
		done <<-EOF
		$targets
		EOF
	done <<-EOF
	$luns
	EOF
	[ -n "$lun_wwid" ] && lun_find "$lun_wwid"
}

# Where the cluster mounts the LUN: $point, and the names made of its own: $fs.
lun_point()
{
	plain_name "$lun_name" 30
	fs=fs-$name
	point=$hypervisor_path-$name
	while IFS=$bascule_tab read -r point_lun _ _ point_use _; do
		[ "$point_use" = vm ] || continue
		[ "$point_lun" != "$lun_name" ] || point=$hypervisor_path
		break
	done <<-EOF
	$luns
	EOF
}

# Who is to be asked about a virtual machine: the node where it runs; while it runs nowhere, any that
# has its file system ($point) mounted. NAME
vm_owner()
{
	vm_there=no
	if vm_runs "$1"; then
		vm_there=yes
	elif cluster_look && [ $quorate = yes ]; then
		case $started in
		*" vm-$1@"*) ;;
		*) ! vm_mounted >/dev/null || vm_there=free ;;
		esac
	fi
	owner $vm_there
}

vm_runs() { pgrep -f -- "^[^ ]*qemu[^ ]* .*guest=$1," >/dev/null; }

# Files below the path would land on this machine's own disk if the LUN were not mounted there.
vm_mounted()
{
	lun_need || return
	lun_user
	[ "$user" = "$point" ] || todo not-mounted "$point" "$lun_name"
}
