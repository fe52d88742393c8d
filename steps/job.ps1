# What the engine itself needs on a node, after lib.ps1 and before any step: checks with a
# deadline each, jobs that outlive the console, and the lease that keeps a second console out.

# The code page of this console is nobody's choice; the engine's lines are UTF-8.
if ([Console]::Out.Encoding.CodePage -ne 65001) {
	$bascule_utf8 = New-Object -TypeName IO.StreamWriter -ArgumentList @(
		[Console]::OpenStandardOutput(),
		(New-Object -TypeName Text.UTF8Encoding -ArgumentList $false)
	)
	$bascule_utf8.AutoFlush = $true
	[Console]::SetOut($bascule_utf8)
}
$bascule_out = [Console]::Out
$bascule_runspace = $null
$bascule_stuck = $false
$bascule_boot_id = ''
$bascule_code = ''

# SYSTEM and Administrators, by what they are called in every language; nothing inherited.
$bascule_acl = 'O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)'

function bascule_say($text) {
	[Console]::Out.WriteLine([string]$text)
}

function bascule_file($folder, $name) {
	return [IO.Path]::Combine($folder, $name)
}

# The first line of a file, or '' when it cannot be read.
function bascule_read($folder, $name) {
	try {
		return [IO.File]::ReadAllText((bascule_file $folder $name)).Trim()
	} catch {
		return ''
	}
}

# Runs the block while no other process of this machine runs one.
function bascule_locked([scriptblock]$block) {
	$path = bascule_file (state_folder 'lock') 'lock'
	$clock = [Diagnostics.Stopwatch]::StartNew()
	$lock = $null
	while ($lock -eq $null) {
		try {
			$lock = [IO.File]::Open($path, 'OpenOrCreate', 'ReadWrite', 'None')
		} catch [IO.IOException] {
			if ($clock.Elapsed.TotalSeconds -ge 30) {
				throw
			}
			[Threading.Thread]::Sleep(20)
		}
	}
	try {
		& $block
	} finally {
		$lock.Dispose()
	}
}

# --- the boot ------------------------------------------------------------------------------

# A name that lasts as long as the boot: it stands in a key of the registry that Windows keeps in
# memory only. The time of the start is no name, since it moves with the clock that a step sets.
function bascule_boot_name {
	try {
		return bascule_locked {
			$key = [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey('SOFTWARE\bascule-boot',
				[Microsoft.Win32.RegistryKeyPermissionCheck]::ReadWriteSubTree,
				[Microsoft.Win32.RegistryOptions]::Volatile)
			try {
				$name = [string]$key.GetValue('id')
				if ($name -eq '') {
					$name = [Guid]::NewGuid().ToString()
					$key.SetValue('id', $name)
				}
			} finally {
				$key.Dispose()
			}
			$name
		}
	} catch {
		return (boot_time)
	}
}

function bascule_boot {
	if ($bascule_boot_id -eq '') {
		$script:bascule_boot_id = bascule_boot_name
	}
	bascule_mark 'boot' $bascule_boot_id
}

# Restarts the machine if it still is in that boot, once.
function bascule_reboot($boot) {
	if ($bascule_boot_id -ne $boot) {
		return
	}
	$flag = bascule_file (bascule_home) 'restarting'
	if ([IO.File]::Exists($flag)) {
		return
	}
	[IO.File]::WriteAllText($flag, '')
	$going = [Diagnostics.Process]::Start('shutdown.exe', '/r /t 2 /d p:4:1')
	$going.WaitForExit()
	if ($going.ExitCode -ne 0) {
		[IO.File]::Delete($flag)
		bascule_say ('shutdown.exe ended with code ' + $going.ExitCode)
		exit 71
	}
}

# The folder of this boot, as /run is elsewhere: what an earlier boot left is over.
function bascule_home {
	if ($bascule_boot_id -eq '') {
		$script:bascule_boot_id = bascule_boot_name
	}
	$run = state_folder 'run'
	$mine = bascule_file $run (plain_file $bascule_boot_id)
	if (-not [IO.Directory]::Exists($mine)) {
		bascule_private ([IO.Path]::GetDirectoryName($run))
		bascule_private $run
		foreach ($old in [IO.Directory]::GetDirectories($run)) {
			bascule_forget_boot $old
		}
		$null = [IO.Directory]::CreateDirectory((bascule_file $mine 'jobs'))
	}
	return $mine
}

function bascule_forget_boot($folder) {
	try {
		$jobs = bascule_file $folder 'jobs'
		if ([IO.Directory]::Exists($jobs)) {
			foreach ($job in [IO.Directory]::GetDirectories($jobs)) {
				bascule_drop $job
			}
		}
		[IO.Directory]::Delete($folder, $true)
	} catch {
		bascule_say $_.Exception.Message
	}
}

function bascule_private($folder) {
	$acl = Get-Acl -Path $folder
	$acl.SetSecurityDescriptorSddlForm($bascule_acl)
	Set-Acl -Path $folder -AclObject $acl
}

# --- checks --------------------------------------------------------------------------------

# Checks share one runspace, since modules take a second to load, but no variable and no function
# of one is seen by the next. The library is there once.
function bascule_worker {
	if ($bascule_runspace -ne $null) {
		return $bascule_runspace
	}
	$state = [Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()
	$runspace = [Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace($state)
	$runspace.Open()
	$shell = [PowerShell]::Create()
	$shell.Runspace = $runspace
	$null = $shell.AddScript($bascule_lib).Invoke()
	$shell.Dispose()
	$script:bascule_runspace = $runspace
	return $runspace
}

# bascule_one TASK LIMIT SCRIPT PARAMETERS VERB
function bascule_one($task, $limit, $script, $parameters, $verb) {
	bascule_mark 'begin' $task
	# A check that was given up may still talk: then its lines have lost their nonce.
	$nonce = New-Object -TypeName Text.StringBuilder -ArgumentList $bascule_nonce
	$code = 1
	try {
		$runspace = bascule_worker
		$runspace.SessionStateProxy.SetVariable('bascule_nonce', $nonce)
		$shell = [PowerShell]::Create()
		$shell.Runspace = $runspace
		$null = $shell.AddScript(($parameters + "`n" + $script + "`nbascule_run '" + $verb + "'"), $true)
		$asked = $shell.BeginInvoke()
		if ($asked.AsyncWaitHandle.WaitOne([TimeSpan]::FromSeconds($limit))) {
			$code = bascule_answer $shell $asked
		} else {
			$code = 'timeout'
			$null = $nonce.Clear()
			bascule_give_up $shell
		}
	} catch {
		bascule_say $_.Exception.GetBaseException().Message
	}
	[Console]::SetOut($bascule_out)
	$script:bascule_code = [string]$code
	bascule_mark 'end' @($task, $code)
}

# Its code is the last thing that comes out; what PowerShell noted beside it is log.
function bascule_answer($shell, $asked) {
	$code = 1
	try {
		foreach ($last in $shell.EndInvoke($asked)) {
			$code = $last
		}
	} finally {
		foreach ($record in $shell.Streams.Error) {
			bascule_say $record
		}
		$shell.Dispose()
	}
	return $code
}

# It may be in the middle of a call that nothing can end: another runspace serves the rest.
function bascule_give_up($shell) {
	$stopped = $shell.BeginStop($null, $null)
	$script:bascule_runspace = $null
	if (-not $stopped.AsyncWaitHandle.WaitOne(2000)) {
		$script:bascule_stuck = $true
	}
}

function bascule_clock_start { }

# A check that could not be ended must not keep this process from ending.
function bascule_clock_stop {
	if ($bascule_stuck) {
		[Console]::Out.Flush()
		[Environment]::Exit(0)
	}
}

# The check after a job that ended well: arguments as bascule_one.
function bascule_verify($task, $limit, $script, $parameters, $verb) {
	if ($bascule_code -eq '0') {
		bascule_one $task $limit $script $parameters $verb
		bascule_clock_stop
	}
}

# --- the lease -----------------------------------------------------------------------------

# Seconds since the machine was started: nobody can set that clock.
function bascule_uptime {
	return [long][Math]::Floor([Diagnostics.Stopwatch]::GetTimestamp() / [Diagnostics.Stopwatch]::Frequency)
}

# bascule_lease take|renew|drop HOLDER SECONDS
# One line "HOLDER UPTIME-OF-EXPIRY". The holder's first part (before ':') is its machine: a new
# console on the same machine has the machine's own lock and may take it over.
function bascule_lease($word, $holder, $seconds) {
	$folder = bascule_home
	$refusal = @(bascule_locked { bascule_lease_change $folder $word $holder $seconds })
	if ($refusal.Count -gt 0) {
		bascule_mark $refusal[0] $refusal[1..($refusal.Count - 1)]
		exit 75
	}
}

# Changes the file, or answers why not: busy HOLDER SECONDS, or lost HOLDER.
function bascule_lease_change($folder, $word, $holder, $seconds) {
	$file = bascule_file $folder 'lease'
	$now = bascule_uptime
	$parts = @((bascule_read $folder 'lease').Split(' '))
	$held = $parts[0]
	$until = [long]0
	if ($parts.Count -gt 1) {
		$until = [long]$parts[1]
	}
	$mine = ($held -ceq $holder)
	if ($word -eq 'drop') {
		if ($mine) {
			[IO.File]::Delete($file)
		}
		return
	}
	if ($word -eq 'take') {
		$mine = $mine -or ($held.Split(':')[0] -ceq $holder.Split(':')[0])
		if (-not $mine -and ($held -ne '') -and ($until -gt $now)) {
			return @('busy', $held, ($until - $now))
		}
	} elseif (-not $mine -and ($held -ne '')) {
		return @('lost', $held)
	}
	[IO.File]::WriteAllText($file, ($holder + ' ' + ($now + $seconds)))
}

# --- jobs ----------------------------------------------------------------------------------

function bascule_jobs {
	return (bascule_file (bascule_home) 'jobs')
}

# Names of jobs whose result the console has: NAME…
function bascule_take {
	foreach ($name in $args) {
		$dir = bascule_file (bascule_jobs) $name
		if ([IO.File]::Exists((bascule_file $dir 'code'))) {
			bascule_forget $dir
		}
	}
}

# The folder, and what the task scheduler knows of it.
function bascule_drop($dir) {
	bascule_untask ([IO.Path]::GetFileName($dir))
	[IO.Directory]::Delete($dir, $true)
}

# The same where it can wait: a file may still be open for a moment.
function bascule_forget($dir) {
	try {
		bascule_drop $dir
	} catch {
		bascule_say $_.Exception.GetBaseException().Message
	}
}

# Tells every job folder of one cluster: PREFIX
function bascule_list($prefix) {
	foreach ($dir in [IO.Directory]::GetDirectories((bascule_jobs), ($prefix + '*'))) {
		if (-not [IO.File]::Exists((bascule_file $dir 'nonce'))) {
			continue
		}
		bascule_mark 'left' @([IO.Path]::GetFileName($dir), (bascule_state $dir))
	}
}

# Its code, or running, or dead: gone without a word.
function bascule_state($dir) {
	$alive = bascule_alive $dir
	$code = bascule_read $dir 'code'
	if ($code -ne '') {
		return $code
	}
	if ($alive) {
		return 'running'
	}
	return 'dead'
}

# The job holds a file open as long as it lives. Before that it has a minute to begin.
function bascule_alive($dir) {
	$file = bascule_file $dir 'alive'
	if (-not [IO.File]::Exists($file)) {
		$age = [DateTime]::UtcNow - [IO.File]::GetLastWriteTimeUtc((bascule_file $dir 'nonce'))
		return ([Math]::Abs($age.TotalSeconds) -lt 60)
	}
	try {
		[IO.File]::Open($file, 'Open', 'ReadWrite', 'None').Dispose()
		return $false
	} catch [IO.IOException] {
		return $true
	}
}

# bascule_job NAME ATTEMPT LIMIT: starts the job unless it is there already. The script is in
# $bascule_text, the secrets in $bascule_secrets.
function bascule_job($name, $attempt, $limit) {
	$dir = bascule_file (bascule_jobs) $name
	if ([IO.Directory]::Exists($dir) -and ((bascule_state $dir) -ne 'running') -and
		((bascule_read $dir 'attempt') -ne [string]$attempt)) {
		bascule_drop $dir
	}
	if ([IO.Directory]::Exists($dir) -or -not (bascule_job_folder $dir $attempt)) {
		return
	}
	try {
		bascule_start $name $dir $limit
	} catch {
		bascule_say $_.Exception.GetBaseException().Message
		if (bascule_claim $dir) {
			bascule_forget $dir
			bascule_mark 'nojob' $name
			exit 70
		}
	}
}

# Filled under another name, so that a folder of the right name is a whole one; answers whether it
# is ours and not that of another console.
function bascule_job_folder($dir, $attempt) {
	$new = $dir + '.new.' + $PID
	$null = [IO.Directory]::CreateDirectory($new)
	[IO.File]::WriteAllText((bascule_file $new 'nonce'), [string]$bascule_nonce)
	[IO.File]::WriteAllText((bascule_file $new 'attempt'), [string]$attempt)
	[IO.File]::WriteAllText((bascule_file $new 'script'), $bascule_text)
	[IO.File]::WriteAllText((bascule_file $new 'out'), '')
	[IO.File]::WriteAllText((bascule_file $new 'run'), (bascule_runner))
	[IO.File]::WriteAllText((bascule_file $new 'secrets'), (bascule_secret_lines))
	try {
		[IO.Directory]::Move($new, $dir)
		return $true
	} catch [IO.IOException] {
		[IO.Directory]::Delete($new, $true)
		if ([IO.Directory]::Exists($dir)) {
			return $false
		}
		throw
	}
}

# Takes the place of a job that has not begun, so that it never will.
function bascule_claim($dir) {
	try {
		[IO.File]::Open((bascule_file $dir 'alive'), 'CreateNew', 'ReadWrite', 'None').Dispose()
		return $true
	} catch [IO.IOException] {
		return $false
	}
}

# NAME<tab>BASE64 a line; who the job runs as is no business of the job.
function bascule_secret_lines {
	$lines = ''
	foreach ($name in @($bascule_secrets.Keys)) {
		if (@('task.user', 'task.password') -notcontains $name) {
			$bytes = [Text.Encoding]::UTF8.GetBytes([string]$bascule_secrets[$name])
			$lines += $name + "`t" + [Convert]::ToBase64String($bytes) + "`n"
		}
	}
	return $lines
}

# What the job's own process runs, with $bascule_dir set. The first one that makes the file is the
# job: a second start does nothing.
function bascule_runner {
	return @'
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$bascule_alive = [IO.File]::Open([IO.Path]::Combine($bascule_dir, 'alive'), 'CreateNew', 'ReadWrite', 'None')
$bascule_log = [IO.File]::Open([IO.Path]::Combine($bascule_dir, 'out'), 'Append', 'Write', 'ReadWrite')
$bascule_out = New-Object -TypeName IO.StreamWriter -ArgumentList @(
	$bascule_log,
	(New-Object -TypeName Text.UTF8Encoding -ArgumentList $false)
)
$bascule_out.AutoFlush = $true
$bascule_out.NewLine = "`n"
[Console]::SetOut($bascule_out)
$bascule_code = 70
try {
	$bascule_secrets = @{}
	$bascule_path = [IO.Path]::Combine($bascule_dir, 'secrets')
	foreach ($bascule_line in [IO.File]::ReadAllLines($bascule_path)) {
		$bascule_part = $bascule_line.Split("`t")
		$bascule_bytes = [Convert]::FromBase64String($bascule_part[1])
		$bascule_secrets[$bascule_part[0]] = [Text.Encoding]::UTF8.GetString($bascule_bytes)
	}
	[IO.File]::Delete($bascule_path)
	[Environment]::SetEnvironmentVariable('BASCULE_JOB', '1')
	$bascule_script = [ScriptBlock]::Create([IO.File]::ReadAllText([IO.Path]::Combine($bascule_dir, 'script')))
	foreach ($bascule_last in @(. $bascule_script)) {
		$bascule_code = $bascule_last
	}
} catch {
	[Console]::Out.WriteLine($_.Exception.GetBaseException().Message)
	$bascule_code = 1
} finally {
	$bascule_path = [IO.Path]::Combine($bascule_dir, 'code')
	[IO.File]::WriteAllText(($bascule_path + '.new'), [string]$bascule_code)
	[Console]::SetOut([IO.TextWriter]::Null)
	$bascule_log.Dispose()
	[IO.File]::Move(($bascule_path + '.new'), $bascule_path)
	$bascule_alive.Dispose()
}
exit 0
'@
}

# Encoded, since a policy may refuse script files but not this, and nothing is left to quote.
function bascule_arguments($dir) {
	$text = "`$bascule_dir = '" + $dir.Replace("'", "''") + "'`n" +
		". ([ScriptBlock]::Create([IO.File]::ReadAllText([IO.Path]::Combine(`$bascule_dir, 'run'))))"
	return '-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand ' +
		[Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
}

# As a scheduled task: what a session starts dies with it. A task of SYSTEM, or, where another
# machine must be reached, one of the user whose password was sent for that.
function bascule_start($name, $dir, $limit) {
	$user = [string]$bascule_secrets['task.user']
	if ($user -ne '') {
		bascule_task $name $dir $limit $user
		return
	}
	try {
		bascule_task $name $dir $limit ''
	} catch {
		bascule_say $_.Exception.GetBaseException().Message
		bascule_process $dir
	}
}

function bascule_task($name, $dir, $limit, $user) {
	$action = New-ScheduledTaskAction -Execute 'powershell.exe' -Argument (bascule_arguments $dir)
	$settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries `
		-Priority 5 -ExecutionTimeLimit ([TimeSpan]::FromSeconds($limit))
	if ($user -eq '') {
		$system = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount -RunLevel Highest
		$null = Register-ScheduledTask -TaskName $name -TaskPath '\bascule\' -Action $action `
			-Settings $settings -Principal $system -Force
	} else {
		$null = Register-ScheduledTask -TaskName $name -TaskPath '\bascule\' -Action $action `
			-Settings $settings -User $user -Password ([string]$bascule_secrets['task.password']) `
			-RunLevel Highest -Force
	}
	$null = Start-ScheduledTask -TaskName $name -TaskPath '\bascule\'
}

# Windows' own service starts it: a process of its own, outside of what the session takes along.
function bascule_process($dir) {
	$words = @{ CommandLine = ('powershell.exe ' + (bascule_arguments $dir)) }
	$answer = Invoke-CimMethod -ClassName 'Win32_Process' -MethodName 'Create' -Arguments $words
	if ($answer.ReturnValue -ne 0) {
		throw ('the process could not be started: ' + $answer.ReturnValue)
	}
}

function bascule_untask($name) {
	try {
		Unregister-ScheduledTask -TaskName $name -TaskPath '\bascule\' -Confirm:$false
	} catch {
		return # it never was one, or is gone
	}
}

# What the task scheduler says of a job that did not begin, or '': 267009 is running, 267011 is
# not begun yet, 267045 is queued.
function bascule_refusal($name) {
	try {
		$result = (Get-ScheduledTaskInfo -TaskName $name -TaskPath '\bascule\').LastTaskResult
	} catch {
		return ''
	}
	if (@(0, 267009, 267011, 267045) -contains $result) {
		return ''
	}
	return ('the task scheduler ended it with 0x{0:x8}' -f $result)
}

# bascule_follow NAME OFFSET: its output from there on, then its code (or that it died).
function bascule_follow($name, $offset) {
	$dir = bascule_file (bascule_jobs) $name
	if (-not [IO.File]::Exists((bascule_file $dir 'nonce'))) {
		$script:bascule_code = 'gone'
		bascule_mark 'jobgone' $name
		return
	}
	bascule_mark 'job' @($name, (bascule_read $dir 'attempt'), (bascule_read $dir 'nonce'))
	bascule_begun $name $dir
	$offset = [long]$offset
	do {
		$state = bascule_state $dir
		$offset = bascule_copy $dir $offset
		if ($state -eq 'running') {
			[Threading.Thread]::Sleep(100)
		}
	} while ($state -eq 'running')
	bascule_say ''
	if ($state -eq 'dead') {
		$state = 'died'
	}
	$script:bascule_code = $state
	bascule_untask $name
	bascule_mark 'jobend' @($name, $state)
}

# Waits until it has begun, or makes sure that it never will.
function bascule_begun($name, $dir) {
	$clock = [Diagnostics.Stopwatch]::StartNew()
	$refusal = ''
	while (-not [IO.File]::Exists((bascule_file $dir 'alive'))) {
		if ($clock.Elapsed.TotalSeconds -ge 1) {
			$refusal = bascule_refusal $name
			$clock.Restart()
		}
		if ((($refusal -ne '') -or -not (bascule_alive $dir)) -and (bascule_claim $dir)) {
			bascule_say $refusal
		}
		[Threading.Thread]::Sleep(50)
	}
}

# The bytes of the output from there on, as they are; answers where they end.
function bascule_copy($dir, [long]$offset) {
	$file = [IO.File]::Open((bascule_file $dir 'out'), 'Open', 'Read', 'ReadWrite, Delete')
	try {
		if ($file.Length -gt $offset) {
			$to = [Console]::OpenStandardOutput()
			[Console]::Out.Flush()
			$null = $file.Seek($offset, [IO.SeekOrigin]::Begin)
			$file.CopyTo($to)
			$to.Flush()
		}
		return [Math]::Max($file.Position, $offset)
	} finally {
		$file.Dispose()
	}
}
