# All features of a machine in one pass: each reboot saved is minutes saved.
function packages_wanted {
	foreach ($role in $node_roles.Split(',')) {
		switch ($role) {
			'dc' { @('AD-Domain-Services', 'DNS') }
			'storage' { @('FS-iSCSITarget-Server') }
			'hypervisor' { @('Hyper-V', 'Hyper-V-PowerShell', 'Failover-Clustering', 'RSAT-Clustering-PowerShell') }
		}
	}
}

function packages_state {
	return @(Get-WindowsFeature -Name @(packages_wanted))
}

function Check {
	$missing = @()
	foreach ($feature in packages_state) {
		switch ([string]$feature.InstallState) {
			'Installed' { }
			'InstallPending' { todo 'reboot-due' }
			default { $missing += $feature.Name }
		}
	}
	if ($missing.Count -gt 0) {
		todo 'missing' ($missing -join ' ')
	}
}

function Apply {
	if (cluster_runs) {
		fail 'refused' 'ClusSvc'
	}
	$missing = @(packages_state | Where-Object -FilterScript { -not $_.Installed } | ForEach-Object -Process { $_.Name })
	if ($missing.Count -gt 0) {
		was 'installed' ($missing -join ' ')
		$result = Install-WindowsFeature -Name $missing -IncludeManagementTools
		if (-not $result.Success) {
			fail 'refused' ($missing -join ' ')
		}
		if ([string]$result.RestartNeeded -eq 'No') {
			return
		}
	}
	reboot
}

function Undo {
	$ours = [string](was_get 'installed')
	if ($ours.Trim() -eq '') {
		return
	}
	if (cluster_runs) {
		fail 'refused' 'ClusSvc'
	}
	$result = Uninstall-WindowsFeature -Name @($ours.Trim().Split(' '))
	was_drop
	if ([string]$result.RestartNeeded -ne 'No') {
		reboot
	}
}
