function Check {
	$disk = lun_disk
	$bytes = [uint64]$disk.Size
	$wanted = [uint64]$lun_size
	if (($bytes -lt $wanted) -or ($bytes -gt ($wanted + $wanted / 100 + 1048576))) {
		fail 'size' $lun_name $bytes $wanted
	}
	value 'lun.seen' ('disk ' + $disk.Number + ' ' + $bytes + ' ' + $disk.PartitionStyle)
	# Asked as a guard: nobody at all may use it. Otherwise the cluster may, it will own it one day.
	if ($task_guard -eq 'yes') {
		lun_idle $disk
	} elseif ((-not $disk.IsOffline) -and -not (cluster_runs)) {
		warn 'in-use' $lun_name ('disk ' + $disk.Number)
	}
}
