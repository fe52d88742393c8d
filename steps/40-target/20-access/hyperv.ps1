function access_target {
	return @(Get-IscsiServerTarget | Where-Object -FilterScript { $_.TargetName -eq $target_name })
}

# Everybody who may come in: the hypervisors that stay, and the console for its probe.
function access_wanted {
	'IQN:' + $target_console_iqn
	foreach ($row in @(rows $nodes)) {
		if (($row[1].Split(',') -contains 'hypervisor') -and ($row[5] -ne 'leaving')) {
			'IQN:' + $row[3]
		}
	}
}

function access_have($target) {
	return @($target.InitiatorIds | ForEach-Object -Process { [string]$_ })
}

# Other addresses on which the target service answers: they may serve others, so only a warning.
function access_stray {
	$setting = Get-IscsiTargetServerSetting
	return @(@($setting.Portals) | Where-Object -FilterScript { $_.Enabled -and ([string]$_.IPAddress -ne $target_portal) } |
		ForEach-Object -Process { [string]$_.IPAddress })
}

function Check {
	$target = access_target
	if ($target.Count -eq 0) {
		todo 'no-target' $target_name
	}
	$have = access_have $target[0]
	foreach ($initiator in @(access_wanted)) {
		if ($have -notcontains $initiator) {
			todo 'no-entry' $initiator
		}
	}
	if ([bool]$target[0].EnableChap -ne ($target_chap_user -ne '')) {
		todo 'chap-differs' $target_name
	}
	foreach ($address in access_stray) {
		warn 'stray-portal' $address
	}
	$listens = @(Get-NetTCPConnection -LocalPort $target_port -State Listen -ErrorAction SilentlyContinue)
	if ($listens.Count -eq 0) {
		todo 'silent' ($target_portal + ':' + $target_port)
	}
}

function Apply {
	if ((access_target).Count -eq 0) {
		$null = New-IscsiServerTarget -TargetName $target_name
	}
	$wanted = @(@(access_have (access_target)[0]) + @(access_wanted))
	$ids = @($wanted | ForEach-Object -Begin { $seen = @{} } -Process {
		if (-not $seen.ContainsKey($_)) {
			$seen[$_] = $true
			$_
		}
	})
	if ($target_chap_user -ne '') {
		$password = secret ('chap.' + $target_name)
		if ($password -eq $null) {
			fail 'no-secret' $target_name
		}
		$safe = New-Object -TypeName Security.SecureString
		foreach ($letter in $password.ToCharArray()) {
			$safe.AppendChar($letter)
		}
		$chap = New-Object -TypeName Management.Automation.PSCredential -ArgumentList @($target_chap_user, $safe)
		Set-IscsiServerTarget -TargetName $target_name -InitiatorIds $ids -EnableChap $true -Chap $chap
	} else {
		Set-IscsiServerTarget -TargetName $target_name -InitiatorIds $ids -EnableChap $false
	}
}

function Undo {
	$target = access_target
	if ($target.Count -eq 0) {
		return
	}
	$leaving = @(access_wanted)
	$rest = @((access_have $target[0]) | Where-Object -FilterScript { $leaving -notcontains $_ })
	if (($rest.Count -eq 0) -and (@($target[0].LunMappings).Count -eq 0)) {
		Remove-IscsiServerTarget -TargetName $target_name
	} else {
		Set-IscsiServerTarget -TargetName $target_name -InitiatorIds $rest
	}
}
