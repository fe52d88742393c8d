sign_folder=/var/lib/bascule/vote
sign_store=/etc/corosync/qnetd/nssdb

# Is this request of the node signed, and by the authority of today? The certificate is in $line.
sign_have()
{
	first_line "$sign_folder/authority" && [ "$line" = "$vote_ca" ] &&
		first_line "$sign_folder/$1.request" && [ "$line" = "$2" ] && first_line "$sign_folder/$1.certificate"
}

check()
{
	signed=
	while IFS=$bascule_tab read -r sign_node sign_request; do
		[ -n "$sign_node" ] || continue
		sign_have "$sign_node" "$sign_request" || todo unsigned "$sign_node" || return
		signed="$signed${signed:+ }$sign_node $line"
	done <<-EOF
	$node_vote_request_all
	EOF
	value vote.certificates "$signed"
}

# NODE REQUEST: none of it is secret.
sign_one()
{
	plain_name "$cluster_name" 32
	rm -f "$sign_store/cluster-$name.crt"
	printf %s "$2" | base64 -d >"$sign_folder/$1.crq" || return
	corosync-qnetd-certutil -s -c "$sign_folder/$1.crq" -n "$name" </dev/null || return
	sign_text=$(base64 -w0 "$sign_store/cluster-$name.crt") && [ -n "$sign_text" ] || return
	printf '%s\n' "$sign_text" >"$sign_folder/$1.certificate" && printf '%s\n' "$2" >"$sign_folder/$1.request"
}

apply()
{
	mkdir -p $sign_folder || return
	if ! first_line $sign_folder/authority || [ "$line" != "$vote_ca" ]; then
		rm -f "${sign_folder:?}"/*
		printf '%s\n' "$vote_ca" >$sign_folder/authority || return
	fi
	while IFS=$bascule_tab read -r sign_node sign_request; do
		[ -n "$sign_node" ] || continue
		sign_have "$sign_node" "$sign_request" || sign_one "$sign_node" "$sign_request" ||
			fail refused "$sign_node" || return
	done <<-EOF
	$node_vote_request_all
	EOF
}

undo() { rm -rf "${sign_folder:?}"; }
