# Windows has no command for a reservation of one's own: Test-Cluster's storage tests make and
# break them on every disk that is offline, from all nodes. Their report is the evidence.
function reservation_report {
	return 'reservation-' + $lun_wwid
}

function Check {
	$null = lun_disk
	if ((proof_get (reservation_report)) -eq '') {
		todo 'unproven' $lun_name $node_name
	}
}

function Apply {
	$disk = lun_disk
	lun_idle $disk
	$members = @(rows $nodes | Where-Object -FilterScript { $_[1].Split(',') -contains 'hypervisor' } | ForEach-Object -Process { $_[0] })
	$path = [IO.Path]::Combine((state_folder 'reports'), (reservation_report))
	$report = Test-Cluster -Node $members -Include 'Storage' -Disk @($disk.Number) -ReportName $path -WarningVariable warned
	foreach ($line in @($warned)) {
		[Console]::Out.WriteLine([string]$line)
		if (([string]$line) -match 'ClusterFailed|ClusterSkippedTestsCompleted') {
			fail 'not-holder' $lun_name
		}
	}
	proof_put (reservation_report) $report.FullName
}

function Undo {
	proof_drop (reservation_report)
}
