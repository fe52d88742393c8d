function Check {
	$target = @(Get-IscsiServerTarget | Where-Object -FilterScript { $_.TargetName -eq $target_name })
	if ($target.Count -eq 0) {
		todo 'no-target' $target_name
	}
	# One that is leaving is ours, but is not asked before a change.
	$ours = @(rows $nodes | Where-Object -FilterScript { ($task_guard -ne 'yes') -or ($_[5] -ne 'leaving') })
	$known = @(@($target_console_iqn) + @($ours | ForEach-Object -Process { $_[3] }))
	foreach ($session in @($target[0].Sessions)) {
		if ($session -eq $null) {
			continue
		}
		$initiator = [string]$session.InitiatorId -replace '^IQN:', ''
		if ($known -notcontains $initiator) {
			fail 'stranger' $initiator $target_name
		}
	}
}
