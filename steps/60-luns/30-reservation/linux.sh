# Keys of this test begin like this; anybody else's key is a reason to stay away.
reservation_mark=ba5c

reservation_evidence() { proof_file "reservation-$lun_wwid"; }

# The keys on the LUN: $ours (of an earlier node's turn) and $foreign.
reservation_keys()
{
	ours=
	foreign=
	reservation_list=$(sg_persist --in --read-keys --no-inquiry "$dev") || return
	for reservation_word in $reservation_list; do
		case $reservation_word in
		"0x$reservation_mark"????????????) ours=$reservation_word ;;
		0x*,) ;;
		0x*) foreign=$reservation_word ;;
		esac
	done
}

# What the holder's key must be now; nothing to say for a LUN that nobody holds.
reservation_holder()
{
	sg_persist --in --read-reservation --no-inquiry "$dev" | grep -Eiq "key ?= ?$1"
}

pr_out() { sg_persist --out --no-inquiry "$@" "$dev" >/dev/null; }

check()
{
	reservation_evidence
	lun_need || return
	[ -e "$proof" ] || todo unproven "$lun_name" "$node_name"
}

# Register, reserve, take over from the machine whose turn it was before, let go. The key stays
# registered for the next machine to take away; a key without a reservation stops nobody.
reservation_turn()
{
	read -r reservation_id </proc/sys/kernel/random/uuid
	reservation_id=${reservation_id##*-}
	key=0x$reservation_mark$reservation_id
	pr_out --register-ignore --param-sark="$key" || fail no-register "$lun_name" || return
	pr_out --reserve --param-rk="$key" --prout-type=5 || fail no-reserve "$lun_name" || return
	reservation_holder "$key" || fail not-holder "$lun_name" || return
	if [ -n "$ours" ]; then
		pr_out --preempt --param-rk="$key" --param-sark="$ours" --prout-type=5 ||
			fail no-preempt "$lun_name" || return
		reservation_before=$ours
		reservation_keys || return
		[ "$ours" != "$reservation_before" ] || fail no-preempt "$lun_name" || return
	fi
	pr_out --release --param-rk="$key" --prout-type=5 || fail no-release "$lun_name"
}

apply()
{
	reservation_evidence
	have sg_persist || fail no-tool || return
	lun_need || return
	lun_idle || return
	reservation_keys || fail unsupported "$lun_name" || return
	[ -z "$foreign" ] || fail foreign "$lun_name" "$foreign" || return
	reservation_turn || {
		reservation_code=$?
		pr_out --clear --param-rk="$key"
		return $reservation_code
	}
	printf '%s\n' "$key" | put_file "$proof" 644
	[ $? -ne 2 ]
}

undo()
{
	reservation_evidence
	first_line "$proof" || return 0
	if lun_find "$lun_wwid"; then
		pr_out --register --param-rk="$line" --param-sark=0 2>/dev/null
	fi
	rm -f "$proof"
}
