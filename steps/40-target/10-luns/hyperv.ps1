function luns_path {
	$name = $lun_name -replace '[^A-Za-z0-9_-]', '_'
	return [IO.Path]::Combine($target_path, ($name + '.vhdx'))
}

function luns_disk {
	$path = luns_path
	return @(Get-IscsiVirtualDisk | Where-Object -FilterScript { $_.Path -eq $path })
}

function luns_target {
	return @(Get-IscsiServerTarget | Where-Object -FilterScript { $_.TargetName -eq $target_name })
}

# The path that hangs on this LUN's number, or "".
function luns_mapped($target) {
	foreach ($mapping in @($target.LunMappings)) {
		if (($mapping -ne $null) -and ([int]$mapping.Lun -eq [int]$lun_number)) {
			return [string]$mapping.Path
		}
	}
	return ''
}

# What must not be touched because it belongs to somebody else.
function luns_free {
	$disk = luns_disk
	if (($disk.Count -gt 0) -and ([uint64]$disk[0].Size -ne [uint64]$lun_size)) {
		fail 'size' (luns_path) $disk[0].Size $lun_size
	}
	$target = luns_target
	if ($target.Count -gt 0) {
		$mapped = luns_mapped $target[0]
		if (($mapped -ne '') -and ($mapped -ne (luns_path))) {
			fail 'number-taken' $lun_number $mapped $target_name
		}
	}
}

function Check {
	if (-not (have 'Get-IscsiVirtualDisk')) {
		todo 'no-role'
	}
	luns_free
	if ((luns_disk).Count -eq 0) {
		todo 'no-store' $lun_name
	}
	$target = luns_target
	if (($target.Count -eq 0) -or ((luns_mapped $target[0]) -eq '')) {
		todo 'no-lun' $lun_number $target_name
	}
}

function Apply {
	luns_free
	$path = luns_path
	if ((luns_disk).Count -eq 0) {
		if ([IO.File]::Exists($path)) {
			$null = Import-IscsiVirtualDisk -Path $path
		} else {
			$null = [IO.Directory]::CreateDirectory($target_path)
			$null = New-IscsiVirtualDisk -Path $path -SizeBytes $lun_size
		}
	}
	if ((luns_target).Count -eq 0) {
		$null = New-IscsiServerTarget -TargetName $target_name
	}
	if ((luns_mapped (luns_target)[0]) -eq '') {
		Add-IscsiVirtualDiskTargetMapping -TargetName $target_name -Path $path -Lun $lun_number
	}
}

# The file stays: taking a LUN away never deletes data.
function Undo {
	$target = luns_target
	if (($target.Count -gt 0) -and ((luns_mapped $target[0]) -eq (luns_path))) {
		Remove-IscsiVirtualDiskTargetMapping -TargetName $target_name -Path (luns_path)
	}
	if ((luns_disk).Count -gt 0) {
		Remove-IscsiVirtualDisk -Path (luns_path)
	}
}
