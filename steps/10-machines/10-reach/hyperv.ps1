# Which kind of logon the SSH service gave us: only some may go on to another machine.
function reach_logon {
	$id = ''
	foreach ($line in @(& klist.exe)) {
		if ($line -match '0:0x([0-9a-fA-F]+)') {
			$id = [Convert]::ToUInt64($Matches[1], 16)
			break
		}
	}
	if ($id -eq '') {
		return 'unknown'
	}
	$session = @(Get-CimInstance -ClassName Win32_LogonSession -Filter ("LogonId='" + $id + "'"))
	if ($session.Count -eq 0) {
		return 'unknown'
	}
	switch ([int]$session[0].LogonType) {
		3 { return 'network' }
		4 { return 'batch' }
		8 { return 'password' }
		10 { return 'remote desktop' }
	}
	return 'other'
}

function Check {
	if ($PSVersionTable.PSVersion.Major -lt 4) {
		fail 'old-shell' $node_name $PSVersionTable.PSVersion
	}
	$me = New-Object -TypeName Security.Principal.WindowsPrincipal -ArgumentList ([Security.Principal.WindowsIdentity]::GetCurrent())
	if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
		fail 'not-root' $node_name
	}
	value 'node.boot' (boot_time)
	$system = Get-CimInstance -ClassName Win32_OperatingSystem
	value 'node.system' ($system.Caption + ' ' + $system.Version)
	value 'node.logon' (reach_logon)
}
