$time_limit = 60

# This clock minus the console's, in seconds.
function time_offset {
	$epoch = New-Object -TypeName DateTime -ArgumentList @(1970, 1, 1, 0, 0, 0, [DateTimeKind]::Utc)
	return [long]([DateTime]::UtcNow - $epoch).TotalSeconds - [long]$task_now
}

function time_service {
	return Get-Service -Name W32Time
}

function Check {
	$offset = time_offset
	value 'node.clock' $offset
	if ([string](time_service).Status -ne 'Running') {
		warn 'no-source' $node_name
	}
	if ([Math]::Abs($offset) -gt $time_limit) {
		todo 'off' $node_name $offset $time_limit
	}
}

function Apply {
	$offset = time_offset
	if ([Math]::Abs($offset) -gt $time_limit) {
		if (cluster_runs) {
			fail 'cluster-runs' $node_name
		}
		was 'offset' $offset
		$null = Set-Date -Adjust ([TimeSpan]::FromSeconds(-$offset))
	}
	Set-Service -Name W32Time -StartupType Automatic
	Start-Service -Name W32Time
}
