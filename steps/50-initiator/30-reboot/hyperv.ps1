function reboot_session($iqn) {
	return @(Get-IscsiSession -ErrorAction SilentlyContinue |
		Where-Object -FilterScript { ($_.TargetNodeAddress -eq $iqn) -and $_.IsConnected }).Count -gt 0
}

# The targets that have a LUN which is to stay.
function reboot_targets {
	$used = @(rows $luns | Where-Object -FilterScript { $_[7] -eq 'present' } | ForEach-Object -Process { $_[1] })
	foreach ($row in @(rows $targets)) {
		if ($used -contains $row[0]) {
			, $row
		}
	}
}

# Every target was logged in to by hand in an earlier boot, and is logged in to now.
function Check {
	$now = boot_time
	foreach ($row in @(reboot_targets)) {
		$then = proof_get ('login-' + $row[0])
		if ($then -eq '') {
			todo 'no-record' $row[0]
		}
		if ($then -eq $now) {
			todo 'same-boot' $node_name
		}
		if (-not (reboot_session $row[1])) {
			todo 'not-back' $row[0]
		}
	}
}

# Was the last login made in this very boot, for any of them?
function reboot_wanted {
	$now = boot_time
	foreach ($row in @(reboot_targets)) {
		if (@('', $now) -contains (proof_get ('login-' + $row[0]))) {
			return $true
		}
	}
	return $false
}

function Apply {
	if (cluster_runs) {
		fail 'cluster-runs' $node_name
	}
	# Right after a boot the sessions may just be on their way.
	if (-not (reboot_wanted) -and (until_true 60 { holds { Check } })) {
		return
	}
	reboot
}
