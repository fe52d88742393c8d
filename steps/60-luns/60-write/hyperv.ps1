function write_proof {
	return 'write-' + $lun_wwid + '-' + $lun_fsuuid
}

function Check {
	$null = lun_disk
	$nonce = proof_get (write_proof)
	if ($nonce -eq '') {
		todo 'unwritten' $lun_name
	}
	value 'lun.nonce' $nonce
}

# Online here alone: the disk is offline on every other machine, or it would be lost.
function Apply {
	$disk = lun_disk
	lun_idle $disk
	$look = lun_look $disk
	if ($look.Found -ne 'wanted') {
		fail 'other' $lun_name $look.Text
	}
	lun_online $disk
	try {
		$root = $lun_letter + ':\'
		if (-not (until_true 20 { [IO.Directory]::Exists($root) })) {
			fail 'mount' $lun_name
		}
		[IO.File]::WriteAllText(($root + 'bascule-proof.txt'), $task_nonce)
		Write-VolumeCache -DriveLetter $lun_letter
	} finally {
		lun_offline $disk
	}
	proof_put (write_proof) $task_nonce
	value 'lun.nonce' $task_nonce
}

function Undo {
	proof_drop (write_proof)
}
