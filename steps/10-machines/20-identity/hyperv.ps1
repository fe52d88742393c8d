$identity_begin = '# bascule: members of the cluster'
$identity_end = '# bascule: end'

function identity_path {
	return [IO.Path]::Combine([Environment]::SystemDirectory, 'drivers', 'etc', 'hosts')
}

# The block that belongs at the head of the hosts file: the first match wins there.
function identity_block {
	$lines = @($identity_begin)
	foreach ($row in @(rows $nodes)) {
		if ($row[4] -eq '') {
			continue
		}
		$names = $row[0]
		if (($row[2] -ne '') -and ($row[2] -ne $row[0])) {
			$names = $row[2] + ' ' + $row[0]
		}
		$lines += ($row[4] + ' ' + $names)
	}
	return (($lines + $identity_end) -join "`r`n") + "`r`n"
}

function identity_hosts {
	$path = identity_path
	if ([IO.File]::Exists($path)) {
		return [IO.File]::ReadAllText($path)
	}
	return ''
}

function identity_rest($text) {
	$block = [regex]::Escape($identity_begin) + '[\s\S]*?' + [regex]::Escape($identity_end) + '\r?\n?'
	return [regex]::Replace($text, $block, '')
}

# The name that the next boot will bring.
function identity_next {
	$key = 'HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName'
	return [string][Microsoft.Win32.Registry]::GetValue($key, 'ComputerName', '')
}

function Check {
	if (($node_name.Length -gt 15) -or ($node_name -notmatch '^[A-Za-z0-9][A-Za-z0-9-]*$')) {
		fail 'bad-name' $node_name
	}
	$now = [Environment]::MachineName
	if ($now -ne $node_name) {
		if ((identity_next) -eq $node_name) {
			todo 'reboot-due' $node_name
		}
		todo 'name' $now $node_name
	}
	if (-not (identity_hosts).StartsWith((identity_block))) {
		todo 'hosts'
	}
}

function Apply {
	$text = identity_hosts
	was 'hosts' $text
	was 'name' ([Environment]::MachineName)
	$null = put_file (identity_path) ((identity_block) + (identity_rest $text))
	if ([Environment]::MachineName -eq $node_name) {
		return
	}
	if ((identity_next) -ne $node_name) {
		Rename-Computer -NewName $node_name -Force
	}
	reboot
}

function Undo {
	$text = was_get 'hosts'
	if ($text -ne $null) {
		$null = put_file (identity_path) $text
	}
	$name = [string](was_get 'name')
	was_drop
	if (($name -ne '') -and ($name.Trim() -ne [Environment]::MachineName)) {
		Rename-Computer -NewName $name.Trim() -Force
		reboot
	}
}
