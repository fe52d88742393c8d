function Check {
	$system = Get-CimInstance -ClassName Win32_OperatingSystem
	value 'node.distribution' $system.Caption
	$key = 'HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
	value 'node.kernel' ($system.Version + '.' + [Microsoft.Win32.Registry]::GetValue($key, 'UBR', '0'))
	$processor = @(Get-CimInstance -ClassName Win32_Processor)[0]
	value 'node.cpu_vendor' $processor.Manufacturer
	value 'node.cpu_model' $processor.Name
	$cards = @(Get-NetAdapter -Physical | ForEach-Object -Process { $_.Name })
	[Array]::Sort($cards)
	value 'node.nics' ($cards -join ' ')
}
