request_file=$vote_store/qdevice-net-node.crq

check()
{
	have corosync-qdevice-net-certutil && have certutil || todo no-package corosync-qdevice || return
	[ -s "$request_file" ] && vote_cert $vote_store 'QNet CA' || todo no-key "$node_name" || return
	[ "$cert" = "$vote_ca" ] || todo other-authority "$node_name" || return
	value node.vote_request "$(base64 -w0 "$request_file")"
}

# A store that trusts nobody, or somebody else, is made anew; its key is of no use to anyone.
request_store()
{
	! vote_cert $vote_store 'QNet CA' || [ "$cert" != "$vote_ca" ] || return 0
	vote_forget && mkdir -p "${vote_store%/*}" || return
	printf %s "$vote_ca" | base64 -d >$vote_authority &&
		corosync-qdevice-net-certutil -i -c $vote_authority </dev/null &&
		vote_cert $vote_store 'QNet CA' && [ "$cert" = "$vote_ca" ]
}

apply()
{
	request_store || fail not-made "$node_name" || return
	[ ! -s "$request_file" ] || return 0
	plain_name "$cluster_name" 32
	corosync-qdevice-net-certutil -r -n "$name" </dev/null && [ -s "$request_file" ] ||
		fail not-made "$node_name"
}

undo() { vote_forget; }
