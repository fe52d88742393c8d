function readback_proof {
	return 'readback-' + $lun_wwid + '-' + $lun_fsuuid
}

function Check {
	$null = lun_disk
	if ((proof_get (readback_proof)) -ne $lun_nonce) {
		todo 'unread' $lun_name $node_name
	}
}

# The same letter on every node, as the tutorial insists.
function readback_letter($disk) {
	$part = @(Get-Partition -DiskNumber $disk.Number | Where-Object -FilterScript { [string]$_.Type -eq 'Basic' })
	if ($part.Count -ne 1) {
		fail 'other' $lun_name ('' + $part.Count)
	}
	if (([string]$part[0].DriveLetter) -ne $lun_letter) {
		Set-Partition -DiskNumber $disk.Number -PartitionNumber $part[0].PartitionNumber -NewDriveLetter $lun_letter
	}
}

function Apply {
	Update-HostStorageCache
	$disk = lun_disk
	lun_idle $disk
	$read = ''
	lun_online $disk
	try {
		readback_letter $disk
		$file = $lun_letter + ':\bascule-proof.txt'
		if (-not (until_true 20 { [IO.File]::Exists($file) })) {
			fail 'mount' $lun_name
		}
		$read = [IO.File]::ReadAllText($file).Trim()
	} finally {
		lun_offline $disk
	}
	if ($read -cne $lun_nonce) {
		fail 'differs' $lun_name $read $lun_nonce
	}
	proof_put (readback_proof) $read
}

function Undo {
	proof_drop (readback_proof)
}
