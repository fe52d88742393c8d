@{
	RootModule = 'Stubs.psm1'
	ModuleVersion = '1.0'
	FunctionsToExport = @(
		'Get-Acl', 'Set-Acl', 'Get-CimInstance', 'Invoke-CimMethod', 'Get-Service', 'Set-Service',
		'Start-Service', 'Get-IscsiSession', 'New-ScheduledTaskAction', 'New-ScheduledTaskPrincipal',
		'New-ScheduledTaskSettingsSet', 'Register-ScheduledTask', 'Start-ScheduledTask',
		'Get-ScheduledTaskInfo', 'Unregister-ScheduledTask'
	)
	CmdletsToExport = @()
	AliasesToExport = @()
}
