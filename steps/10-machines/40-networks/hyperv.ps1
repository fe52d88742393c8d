# Cards of this machine that share a subnet with another of its cards.
function networks_twins {
	$seen = @{}
	$twins = @()
	foreach ($row in @(rows $nics)) {
		if ($row[3] -eq '') {
			continue
		}
		if ($seen.ContainsKey($row[1])) {
			$twins += @($seen[$row[1]], $row[0])
		} else {
			$seen[$row[1]] = $row[0]
		}
	}
	return ($twins -join ' ')
}

# The echo rules by their fixed names; the displayed ones are translated.
function networks_echo {
	return @(Get-NetFirewallRule -Name @('FPS-ICMP4-ERQ-In', 'FPS-ICMP6-ERQ-In') -ErrorAction SilentlyContinue)
}

function Check {
	$uses = @(rows $networks | ForEach-Object -Process { $_[1] })
	if ($uses -notcontains 'enterprise') {
		warn 'no-enterprise'
	}
	if ($uses -notcontains 'heartbeat') {
		warn 'no-heartbeat'
	}
	if ($uses -notcontains 'storage') {
		warn 'no-storage'
	}
	$twins = networks_twins
	if ($twins -ne '') {
		warn 'same-subnet' $node_name $twins
	}
	foreach ($rule in networks_echo) {
		if ([string]$rule.Enabled -ne 'True') {
			todo 'deaf' $node_name
		}
	}
}

function Apply {
	foreach ($rule in networks_echo) {
		was $rule.Name ([string]$rule.Enabled)
		Enable-NetFirewallRule -Name $rule.Name
	}
}

function Undo {
	foreach ($rule in networks_echo) {
		if (([string](was_get $rule.Name)).Trim() -eq 'False') {
			Disable-NetFirewallRule -Name $rule.Name
		}
	}
	was_drop
}
