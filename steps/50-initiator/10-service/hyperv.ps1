# StartMode instead of StartType: the oldest servers do not have the latter.
function service_state {
	return Get-CimInstance -ClassName Win32_Service -Filter "Name='MSiSCSI'"
}

# The initiator's name, which is the machine's until somebody sets another.
function service_name {
	$names = @(Get-CimInstance -Namespace 'root/wmi' -ClassName MSiSCSIInitiator_MethodClass -ErrorAction SilentlyContinue)
	if ($names.Count -eq 0) {
		return ''
	}
	return [string]$names[0].iSCSINodeName
}

function Check {
	$state = service_state
	if ([string]$state.StartMode -ne 'Auto') {
		todo 'not-at-boot'
	}
	if ([string]$state.State -ne 'Running') {
		todo 'stopped'
	}
	if ((service_name) -ne $node_iqn) {
		if (@(Get-IscsiSession -ErrorAction SilentlyContinue).Count -gt 0) {
			fail 'alias' (service_name) $node_iqn
		}
		todo 'name' $node_iqn
	}
}

function Apply {
	was 'startmode' ([string](service_state).StartMode)
	Set-Service -Name MSiSCSI -StartupType Automatic
	Start-Service -Name MSiSCSI
	$name = service_name
	if ($name -ne $node_iqn) {
		if (@(Get-IscsiSession -ErrorAction SilentlyContinue).Count -gt 0) {
			fail 'alias' $name $node_iqn
		}
		was 'name' $name
		& iscsicli.exe NodeName $node_iqn
	}
}

function Undo {
	if (@(Get-IscsiSession -ErrorAction SilentlyContinue).Count -gt 0) {
		fail 'sessions' $node_name
	}
	$name = ([string](was_get 'name')).Trim()
	if ($name -ne '') {
		& iscsicli.exe NodeName $name
	}
	if (([string](was_get 'startmode')).Trim() -ne 'Auto') {
		Stop-Service -Name MSiSCSI -Force
		Set-Service -Name MSiSCSI -StartupType Manual
	}
	was_drop
}
