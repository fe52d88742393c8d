# What every step's script may use: lines for the engine, a former state, and the disks of LUNs.
# Definitions only. The engine sends a task's parameters, then this, then the script, then
# `bascule_run VERB`, which answers with the code and nothing else. PowerShell 4.0 and up;
# .NET where it does the same, so that little is needed from modules.

function Check { unknown_verb }
function Apply { unknown_verb }
function Undo { unknown_verb }
function Confirm { unknown_verb }
function Watch { unknown_verb }
function Audit { unknown_verb }

# A verb ends early by throwing; the code travels in the exception.
function end_with($code) {
	$ended = New-Object -TypeName System.Exception -ArgumentList 'bascule ends here'
	$ended.Data['bascule'] = $code
	throw $ended
}

function unknown_verb { end_with 3 }

function bascule_run($verb) {
	$ErrorActionPreference = 'Stop'
	$ProgressPreference = 'SilentlyContinue'
	$ConfirmPreference = 'None'
	$WarningPreference = 'SilentlyContinue'
	Set-StrictMode -Version 2
	if (@('check', 'apply', 'undo', 'confirm', 'watch', 'audit') -notcontains $verb) {
		return 3
	}
	try {
		& $verb | ForEach-Object -Process { [Console]::Out.WriteLine([string]$_) }
		return 0
	} catch {
		$why = $_.Exception
		while (($why -ne $null) -and -not $why.Data.Contains('bascule')) {
			$why = $why.InnerException
		}
		if ($why -ne $null) {
			return [int]$why.Data['bascule']
		}
		[Console]::Out.WriteLine($_.Exception.Message)
		[Console]::Out.WriteLine([string]$_.InvocationInfo.PositionMessage)
		return 1
	}
}

# --- lines for the engine ------------------------------------------------------------------

# One line in one write, so that nothing can come between its parts.
function bascule_mark($kind, $words) {
	$line = '@' + $bascule_nonce + ' ' + $kind
	foreach ($word in @($words)) {
		$line += "`t" + ([string]$word -replace '[\x00-\x1f\x7f]', ' ')
	}
	[Console]::Out.WriteLine($line)
}

function value { bascule_mark 'value' $args }
function progress { bascule_mark 'progress' $args }
function reason { bascule_mark 'reason' $args }
function warn { bascule_mark 'warn' $args }
function hint { bascule_mark 'hint' $args }
# For `on = any` and `on = owner`: every candidate is asked, and a check that says neither of these
# is no candidate. `member quorate|no`; `owner yes|free|no`, where free means that nobody holds
# it, as this quorate member sees it.
function member { bascule_mark 'member' $args }
function owner { bascule_mark 'owner' $args }
# Of a drill: NAME [NODE [AGE_MS]], reached so long ago.
function phase { bascule_mark 'phase' $args }
# What an audit found in order: ID ARG…
function passed { bascule_mark 'passed' $args }
# Once this apply has ended well, the engine restarts the machine and waits for another boot.
function reboot { bascule_mark 'reboot' @() }

# "Not yet" and "badly": both end the verb at once.
function todo {
	bascule_mark 'reason' $args
	end_with 7
}

function fail {
	bascule_mark 'reason' $args
	end_with 1
}

# --- secrets, rows, waiting ------------------------------------------------------------------

# The secret NAME, or $null when it was not sent.
function secret($name) {
	if ($bascule_secrets -is [Collections.IDictionary]) {
		return $bascule_secrets[$name]
	}
	return $null
}

# The rows of a collection, each an array of its columns; "-" is an empty one.
function rows($table) {
	foreach ($line in ([string]$table).Split("`n")) {
		$line = $line.TrimEnd("`r")
		if ($line -eq '') {
			continue
		}
		$columns = @($line.Split("`t") | ForEach-Object -Process {
			if ($_ -eq '-') { '' } else { $_ }
		})
		while ($columns.Count -lt 9) {
			$columns += ''
		}
		, $columns
	}
}

function have($name) {
	return [bool](Get-Command -Name $name -ErrorAction SilentlyContinue)
}

# Asks five times a second; $false when the time is over.
function until_true($seconds, [scriptblock]$question) {
	$clock = [Diagnostics.Stopwatch]::StartNew()
	while (-not (& $question)) {
		if ($clock.Elapsed.TotalSeconds -ge $seconds) {
			return $false
		}
		[Threading.Thread]::Sleep(200)
	}
	return $true
}

# Does this check hold? Its lines are not for the engine.
function holds([scriptblock]$question) {
	$console = [Console]::Out
	[Console]::SetOut([IO.TextWriter]::Null)
	try {
		$null = & $question
		return $true
	} catch {
		return $false
	} finally {
		[Console]::SetOut($console)
	}
}

# --- files ---------------------------------------------------------------------------------

function state_folder($kind) {
	$data = [Environment]::GetEnvironmentVariable('ProgramData')
	if ([string]$data -eq '') {
		$data = [Environment]::GetFolderPath('CommonApplicationData')
	}
	$folder = [IO.Path]::Combine($data, 'bascule', $kind)
	$null = [IO.Directory]::CreateDirectory($folder)
	return $folder
}

function plain_file($name) {
	return ($name -replace '[^A-Za-z0-9_.()-]', '+')
}

# TEXT becomes PATH, at once and only if it differs; answers whether it changed.
function put_file($path, $text) {
	if ([IO.File]::Exists($path) -and ([IO.File]::ReadAllText($path) -ceq $text)) {
		return $false
	}
	$null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path))
	[IO.File]::WriteAllText($path + '.new', $text)
	if ([IO.File]::Exists($path)) {
		[IO.File]::Replace($path + '.new', $path, [NullString]::Value)
	} else {
		[IO.File]::Move($path + '.new', $path)
	}
	return $true
}

function was_file($key) {
	return [IO.Path]::Combine((state_folder ([IO.Path]::Combine('was', (plain_file $bascule_task)))), (plain_file $key))
}

# Keeps TEXT unless KEY was kept by an earlier attempt.
function was($key, $text) {
	$file = was_file $key
	if (-not [IO.File]::Exists($file)) {
		$null = put_file $file ([string]$text)
	}
}

# What was kept, or $null.
function was_get($key) {
	$file = was_file $key
	if ([IO.File]::Exists($file)) {
		return [IO.File]::ReadAllText($file)
	}
	return $null
}

function was_drop {
	$folder = [IO.Path]::GetDirectoryName((was_file 'x'))
	if ([IO.Directory]::Exists($folder)) {
		[IO.Directory]::Delete($folder, $true)
	}
}

# Evidence of what was proven, by the identity of its object.
function proof_file($name) {
	return [IO.Path]::Combine((state_folder 'proof'), (plain_file $name))
}

function proof_get($name) {
	$file = proof_file $name
	if ([IO.File]::Exists($file)) {
		return [IO.File]::ReadAllText($file).Trim()
	}
	return ''
}

function proof_put($name, $text) {
	$null = put_file (proof_file $name) ([string]$text)
}

function proof_drop($name) {
	[IO.File]::Delete((proof_file $name))
}

# --- the system ------------------------------------------------------------------------------

# When this machine was started, as text that differs from boot to boot.
function boot_time {
	return (Get-CimInstance -ClassName Win32_OperatingSystem).LastBootUpTime.ToUniversalTime().ToString('s')
}

function cluster_runs {
	$service = @(Get-Service -Name ClusSvc -ErrorAction SilentlyContinue)
	return ($service.Count -gt 0) -and ([string]$service[0].Status -eq 'Running')
}

# --- the disk of a LUN -------------------------------------------------------------------------

# The disk with the LUN's identity, by nothing else; ends the verb when it is not there once.
function lun_disk {
	if ($lun_wwid -eq '') {
		fail 'no-wwid' $lun_name
	}
	$disks = @(Get-Disk | Where-Object -FilterScript { ([string]$_.UniqueId) -eq $lun_wwid })
	if ($disks.Count -eq 0) {
		todo 'absent' $lun_name $lun_wwid
	}
	if ($disks.Count -gt 1) {
		fail 'two-paths' $lun_name $disks.Count
	}
	return $disks[0]
}

# Ends the verb unless this machine leaves the disk alone.
function lun_idle($disk) {
	if (cluster_runs) {
		todo 'cluster-up' $lun_name
	}
	if (-not $disk.IsOffline) {
		todo 'in-use' $lun_name ('disk ' + $disk.Number)
	}
}

# A disk must be writable and online to be looked into: one machine at a time, under the LUN's lock.
function lun_online($disk) {
	Set-Disk -Number $disk.Number -IsOffline $false
	Set-Disk -Number $disk.Number -IsReadOnly $false
}

function lun_offline($disk) {
	Set-Disk -Number $disk.Number -IsOffline $true
}

# A handle on the disk itself: .NET's own opening functions refuse device names.
function disk_stream($disk) {
	if (-not ('Bascule.Disk' -as [type])) {
		Add-Type -Namespace Bascule -Name Disk -MemberDefinition @'
[DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
public static extern Microsoft.Win32.SafeHandles.SafeFileHandle CreateFile(string name, uint access,
	uint share, IntPtr security, uint disposition, uint flags, IntPtr template);
'@
	}
	# GENERIC_READ, shared with readers and writers, OPEN_EXISTING
	$handle = [Bascule.Disk]::CreateFile(('\\.\PhysicalDrive' + $disk.Number), 2147483648, 3, [IntPtr]::Zero, 3, 0, [IntPtr]::Zero)
	if ($handle.IsInvalid) {
		throw ('the disk ' + $disk.Number + ' could not be opened')
	}
	return New-Object -TypeName IO.FileStream -ArgumentList @($handle, [IO.FileAccess]::Read, 1048576)
}

# Are the first and the last 4 MiB of the disk zeroes? Compared by hash: a loop over bytes takes minutes here.
function lun_zero($disk) {
	$stream = disk_stream $disk
	try {
		return (stream_zero $stream ([long]$disk.Size) 4194304)
	} finally {
		$stream.Dispose()
	}
}

function stream_zero($stream, [long]$size, [long]$window) {
	$hash = [Security.Cryptography.SHA256]::Create()
	$buffer = New-Object -TypeName byte[] -ArgumentList 1048576
	$zeroes = New-Object -TypeName byte[] -ArgumentList 1048576
	$window = [Math]::Min($window, $size)
	foreach ($start in @([long]0, ($size - $window))) {
		$null = $stream.Seek($start, [IO.SeekOrigin]::Begin)
		$left = $window
		while ($left -gt 0) {
			$got = $stream.Read($buffer, 0, [int][Math]::Min(1048576, $left))
			if ($got -le 0) {
				throw 'the disk ends too early'
			}
			$have = [Convert]::ToBase64String($hash.ComputeHash($buffer, 0, $got))
			if ($have -cne [Convert]::ToBase64String($hash.ComputeHash($zeroes, 0, $got))) {
				return $false
			}
			$left -= $got
		}
	}
	return $true
}

# What is on the LUN: @{ Found = wanted|begun|empty|foreign; Text; Id }. The evidence of a format
# is the disk's GUID, kept where it was made and pinned by the console: the disk is offline
# between uses, so its partition table is all that shows without touching it.
function lun_look($disk) {
	$made = $lun_fsuuid
	if ($made -eq '') {
		$made = proof_get ('made-' + $lun_wwid)
	}
	$id = ([string]$disk.Guid).Trim('{}').ToLowerInvariant()
	$text = [string]$disk.PartitionStyle
	if (($made -ne '') -and ($id -eq $made)) {
		$found = 'wanted'
	} elseif ($text -ne 'RAW') {
		$found = 'foreign'
	} elseif (lun_zero $disk) {
		$found = 'empty'
	} elseif ((proof_get ('begun-' + $lun_wwid)) -ne '') {
		$found = 'begun'
	} else {
		$found = 'foreign'
		$text = 'data without a partition table'
	}
	if ($found -eq 'empty') {
		value 'lun.content' 'empty'
	} elseif ($found -eq 'foreign') {
		value 'lun.content' ('foreign:' + $text)
	} else {
		value 'lun.content' 'own'
		value 'lun.fsuuid' $id
	}
	return @{ Found = $found; Text = $text; Id = $id }
}

# The rest of luns/format and luns/quorum, which differ in nothing on this platform.
function lun_format_check {
	$look = lun_look (lun_disk)
	# What leaves is only let go of: its data stay.
	if ($lun_state -eq 'leaving') {
		todo 'given-up' $lun_name
	}
	switch ($look.Found) {
		'empty' { todo 'empty' $lun_name }
		'begun' { todo 'begun' $lun_name }
		'foreign' { todo 'foreign' $lun_name $look.Text }
	}
}

function lun_format_apply {
	$disk = lun_disk
	lun_idle $disk
	$look = lun_look $disk
	if ($look.Found -eq 'wanted') {
		return
	}
	if (($look.Found -eq 'foreign') -and ($run_confirmed -ne 'yes')) {
		fail 'foreign' $lun_name $look.Text
	}
	if (@(Get-Volume -DriveLetter $lun_letter -ErrorAction SilentlyContinue).Count -gt 0) {
		fail 'letter-taken' $lun_name $lun_letter
	}
	proof_put ('begun-' + $lun_wwid) 'begun'
	lun_online $disk
	try {
		if ($look.Found -ne 'empty') {
			Clear-Disk -Number $disk.Number -RemoveData -RemoveOEM -Confirm:$false
		}
		Initialize-Disk -Number $disk.Number -PartitionStyle GPT
		$part = New-Partition -DiskNumber $disk.Number -UseMaximumSize -DriveLetter $lun_letter
		$null = Format-Volume -Partition $part -FileSystem NTFS -NewFileSystemLabel $lun_label -Confirm:$false
		$id = ([string](Get-Disk -Number $disk.Number).Guid).Trim('{}').ToLowerInvariant()
	} finally {
		lun_offline $disk
	}
	proof_put ('made-' + $lun_wwid) $id
	proof_drop ('begun-' + $lun_wwid)
	value 'lun.fsuuid' $id
}

# Data goes with it, so it must be the very disk that was prepared here.
function lun_format_undo {
	$disk = lun_disk
	lun_idle $disk
	$look = lun_look $disk
	if ($look.Found -ne 'wanted') {
		return
	}
	lun_online $disk
	try {
		Clear-Disk -Number $disk.Number -RemoveData -RemoveOEM -Confirm:$false
	} finally {
		lun_offline $disk
	}
	proof_drop ('made-' + $lun_wwid)
}
