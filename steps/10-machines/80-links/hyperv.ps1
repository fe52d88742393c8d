# The others' addresses on the networks that this machine is on.
function links_peers {
	$mine = @(rows $nics | Where-Object -FilterScript { $_[3] -ne '' } | ForEach-Object -Process { $_[1] })
	foreach ($row in @(rows $addresses)) {
		if (($row[0] -ne $node_name) -and ($row[4] -ne '') -and ($mine -contains $row[1])) {
			$row[4].Split('/')[0]
		}
	}
}

# All at once: every question is sent before the first answer is awaited.
function links_silent {
	$asked = @(links_peers | ForEach-Object -Process {
		$ping = New-Object -TypeName Net.NetworkInformation.Ping
		@{ Address = $_; Answer = $ping.SendPingAsync($_, 1500) }
	})
	$silent = @()
	foreach ($one in $asked) {
		$reply = $null
		try {
			$reply = $one.Answer.Result
		} catch {
			$reply = $null
		}
		if (($reply -eq $null) -or ([string]$reply.Status -ne 'Success')) {
			$silent += $one.Address
		}
	}
	return ($silent -join ' ')
}

function Check {
	$silent = links_silent
	if ($silent -ne '') {
		todo 'silent' $node_name $silent
	}
}

# Nothing to change here: gives machines that are still on their way up some time to answer.
function Apply {
	if (-not (until_true 60 { (links_silent) -eq '' })) {
		fail 'silent' $node_name (links_silent)
	}
}
