@{
	RootModule = 'Microsoft.PowerShell.Utility.psm1'
	ModuleVersion = '3.1.0.0'
	FunctionsToExport = @('New-Object')
	CmdletsToExport = @()
	AliasesToExport = @()
}
