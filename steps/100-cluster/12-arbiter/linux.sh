arbiter_store=/etc/corosync/qnetd/nssdb
arbiter_options=/etc/default/corosync-qnetd
arbiter_link=/etc/systemd/system/multi-user.target.wants/corosync-qnetd.service

arbiter_text()
{
	printf '%s\n' '# Written by bascule (cluster/arbiter): nobody is answered in the clear.' \
		'COROSYNC_QNETD_OPTIONS="-s req"'
}

arbiter_ready() { [ "$(cat $arbiter_options 2>/dev/null)" = "$(arbiter_text)" ]; }

# It answers, and whoever asks has to show a certificate.
arbiter_answers() { corosync-qnetd-tool -s 2>/dev/null | grep -q '^TLS:.*Required (client certificate required)'; }

check()
{
	! vote_cert $arbiter_store 'QNet CA' || value vote.ca "$cert"
	if [ "$task_undo" = yes ]; then
		[ -L $arbiter_link ] || systemctl -q is-active corosync-qnetd || todo stopped "$node_name"
		return
	fi
	have corosync-qnetd && have certutil || todo no-package corosync-qnetd || return
	[ -n "$cert" ] || todo no-authority "$node_name" || return
	arbiter_ready || todo open || return
	[ -L $arbiter_link ] || todo not-at-boot || return
	arbiter_answers || todo silent "$node_name"
}

# The package makes the certificates when it is installed; where they are lost they are made anew. The
# service is another user than root and reads its own.
arbiter_authority()
{
	! vote_cert $arbiter_store 'QNet CA' || return 0
	corosync-qnetd-certutil -i -G </dev/null &&
		chgrp coroqnetd $arbiter_store $arbiter_store/cert9.db $arbiter_store/key4.db &&
		vote_cert $arbiter_store 'QNet CA' || fail not-made "$node_name"
}

apply()
{
	arbiter_authority || return
	if ! arbiter_ready; then
		file_keep options $arbiter_options || return
		arbiter_text | put_file $arbiter_options 644
		[ $? -ne 2 ] || return 1
	fi
	mkdir -p "${arbiter_link%/*}" && ln -sfn /lib/systemd/system/corosync-qnetd.service $arbiter_link || return
	arbiter_answers || systemctl restart corosync-qnetd || fail silent "$node_name" || return
	until_true 30 arbiter_answers || fail silent "$node_name"
}

# The certificates stay: who has one from here can use it again.
undo()
{
	systemctl stop corosync-qnetd || return
	rm -f $arbiter_link
	file_back options $arbiter_options 644 && was_drop
}
