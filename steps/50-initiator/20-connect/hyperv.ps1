function connect_sessions {
	return @(Get-IscsiSession -ErrorAction SilentlyContinue |
		Where-Object -FilterScript { ($_.TargetNodeAddress -eq $target_iqn) -and $_.IsConnected })
}

# The disk that came through the session under this LUN's number.
function connect_disk($session) {
	return @(Get-Disk -iSCSISession $session -ErrorAction SilentlyContinue |
		Where-Object -FilterScript {
			$drive = Get-CimInstance -ClassName Win32_DiskDrive -Filter ('Index=' + $_.Number)
			($drive -ne $null) -and ([int]$drive.SCSILogicalUnit -eq [int]$lun_number)
		})
}

function Check {
	$sessions = connect_sessions
	if ($sessions.Count -eq 0) {
		todo 'no-session' $target_name ($target_portal + ':' + $target_port)
	}
	if ($sessions.Count -gt 1) {
		fail 'two-sessions' $target_name $sessions.Count
	}
	$disk = connect_disk $sessions[0]
	if ($disk.Count -ne 1) {
		todo 'no-disk' $lun_name $lun_number
	}
	if ([string]$disk[0].UniqueId -eq '') {
		todo 'no-wwid' $lun_name
	}
	value 'lun.wwid' ([string]$disk[0].UniqueId).ToLowerInvariant()
	if (-not $sessions[0].IsPersistent) {
		todo 'not-lasting' $target_name
	}
}

function connect_login {
	if (@(Get-IscsiTargetPortal -ErrorAction SilentlyContinue | Where-Object -FilterScript { $_.TargetPortalAddress -eq $target_portal }).Count -eq 0) {
		$null = New-IscsiTargetPortal -TargetPortalAddress $target_portal -TargetPortalPortNumber $target_port
	} else {
		Update-IscsiTargetPortal -TargetPortalAddress $target_portal
	}
	if (@(Get-IscsiTarget -NodeAddress $target_iqn -ErrorAction SilentlyContinue).Count -eq 0) {
		fail 'not-offered' $target_iqn $target_portal
	}
	if ($target_chap_user -eq '') {
		$null = Connect-IscsiTarget -NodeAddress $target_iqn -TargetPortalAddress $target_portal -TargetPortalPortNumber $target_port -IsPersistent $true
	} else {
		$password = secret ('chap.' + $target_name)
		if ($password -eq $null) {
			fail 'no-secret' $target_name
		}
		$null = Connect-IscsiTarget -NodeAddress $target_iqn -TargetPortalAddress $target_portal -TargetPortalPortNumber $target_port -IsPersistent $true -AuthenticationType 'ONEWAYCHAP' -ChapUsername $target_chap_user -ChapSecret $password
	}
	proof_put ('login-' + $target_name) (boot_time)
}

function Apply {
	if ((connect_sessions).Count -eq 0) {
		connect_login
	}
	$session = (connect_sessions)[0]
	if (-not $session.IsPersistent) {
		Register-IscsiSession -SessionIdentifier $session.SessionIdentifier
	}
	Update-HostStorageCache
	if (-not (until_true 30 { (connect_disk (connect_sessions)[0]).Count -eq 1 })) {
		fail 'no-disk' $lun_name $lun_number
	}
}

# The session goes with its last LUN; until then the disk is only left offline.
function Undo {
	foreach ($session in connect_sessions) {
		$busy = @(Get-Disk -iSCSISession $session -ErrorAction SilentlyContinue | Where-Object -FilterScript { -not $_.IsOffline })
		if ($busy.Count -gt 0) {
			fail 'in-use' $lun_name ('disk ' + $busy[0].Number)
		}
		if ($session.IsPersistent) {
			Unregister-IscsiSession -SessionIdentifier $session.SessionIdentifier
		}
		Disconnect-IscsiTarget -SessionIdentifier $session.SessionIdentifier -Confirm:$false
	}
	proof_drop ('login-' + $target_name)
}
