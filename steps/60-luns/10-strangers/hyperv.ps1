function Check {
	$target = @(Get-IscsiServerTarget | Where-Object -FilterScript { $_.TargetName -eq $target_name })
	if ($target.Count -eq 0) {
		todo 'no-target' $target_name
	}
	$known = @(@($target_console_iqn) + @(rows $nodes | ForEach-Object -Process { $_[3] }))
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
