# A small Windows machine in the folder $STUBS: services, the task scheduler, the start of the
# system. What is kept there is one value a file.
$home_folder = [Environment]::GetEnvironmentVariable('STUBS')

function recall($name, $default) {
	$file = [IO.Path]::Combine($home_folder, $name)
	if ([IO.File]::Exists($file)) { return [IO.File]::ReadAllText($file).Trim() }
	return $default
}

function keep($name, $text) {
	$file = [IO.Path]::Combine($home_folder, $name)
	$null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($file))
	[IO.File]::WriteAllText($file, [string]$text)
}

function told($text) {
	[IO.File]::AppendAllText([IO.Path]::Combine($home_folder, 'told'), $text + "`n")
}

function Get-Acl($Path) {
	$acl = [pscustomobject]@{ Sddl = '' }
	$acl | Add-SddlMethod
	return $acl
}

filter Add-SddlMethod {
	$_.psobject.Methods.Add([psscriptmethod]::new('SetSecurityDescriptorSddlForm', { $this.Sddl = $args[0] }))
}

function Set-Acl($Path, $AclObject) {
	told ('acl ' + [IO.Path]::GetFileName($Path) + ' ' + $AclObject.Sddl)
	[IO.File]::SetUnixFileMode($Path, 'UserRead, UserWrite, UserExecute')
}

# --- the system ------------------------------------------------------------------------------

function Get-CimInstance($ClassName, $Filter, $Namespace, $Property) {
	switch ($ClassName) {
		'Win32_OperatingSystem' {
			return [pscustomobject]@{
				LastBootUpTime = [DateTime]::Parse((recall 'boot' '2026-01-01T00:00:00Z'))
				Caption = 'Microsoft Windows Server 2019'
				Version = '10.0.17763'
			}
		}
		'Win32_Service' {
			return [pscustomobject]@{
				StartMode = (recall 'service.mode' 'Manual')
				State = (recall 'service.state' 'Stopped')
			}
		}
		'MSiSCSIInitiator_MethodClass' {
			return [pscustomobject]@{ iSCSINodeName = (recall 'service.name' 'iqn.1991-05.com.microsoft:hv') }
		}
	}
	throw ('no class ' + $ClassName)
}

function Set-Service($Name, $StartupType) {
	keep 'service.mode' ($StartupType -replace 'Automatic', 'Auto')
}

function Start-Service($Name) { keep 'service.state' 'Running' }

function Get-Service($Name) {
	return [pscustomobject]@{ Name = $Name; Status = (recall 'service.state' 'Stopped') }
}

function Get-IscsiSession { }

# --- processes and the task scheduler --------------------------------------------------------

function start_apart($file, $arguments) {
	$start = [Diagnostics.ProcessStartInfo]::new('setsid', ('-f ' + $file + ' ' + $arguments))
	$start.RedirectStandardInput = $true
	$start.RedirectStandardOutput = $true
	$start.RedirectStandardError = $true
	$process = [Diagnostics.Process]::Start($start)
	$process.StandardInput.Close()
	$process.WaitForExit()
}

function Invoke-CimMethod($ClassName, $MethodName, $Arguments) {
	told ('process ' + $ClassName + ' ' + $MethodName)
	$file, $rest = $Arguments['CommandLine'].Split(' ', 2)
	start_apart $file $rest
	return [pscustomobject]@{ ReturnValue = 0 }
}

function New-ScheduledTaskAction($Execute, $Argument) { return @{ Execute = $Execute; Argument = $Argument } }
function New-ScheduledTaskPrincipal($UserId, $LogonType, $RunLevel) { return @{ UserId = $UserId } }

function New-ScheduledTaskSettingsSet([switch]$AllowStartIfOnBatteries, [switch]$DontStopIfGoingOnBatteries, [int]$Priority, [TimeSpan]$ExecutionTimeLimit) {
	return @{ Limit = $ExecutionTimeLimit.TotalSeconds }
}

function Register-ScheduledTask($TaskName, $TaskPath, $Action, $Settings, $Principal, $User, $Password, $RunLevel, [switch]$Force) {
	if ((recall 'no-tasks' '') -ne '') { throw 'the task scheduler does not run' }
	$who = $User
	if ($Principal) { $who = $Principal.UserId }
	told ('register ' + $TaskPath + ' ' + $who + ' ' + $Settings.Limit + ' ' + [bool]$Password)
	keep ('tasks/' + $TaskName) ($Action.Execute + ' ' + $Action.Argument)
}

function Start-ScheduledTask($TaskName, $TaskPath) {
	if ((recall 'refuse' '') -ne '') { return }
	$file, $rest = (recall ('tasks/' + $TaskName) '').Split(' ', 2)
	start_apart $file $rest
}

function Get-ScheduledTaskInfo($TaskName, $TaskPath) {
	return [pscustomobject]@{ LastTaskResult = [uint32](recall 'refuse' '267009') }
}

function Unregister-ScheduledTask($TaskName, $TaskPath, [switch]$Confirm) {
	$file = [IO.Path]::Combine($home_folder, 'tasks', $TaskName)
	if (-not [IO.File]::Exists($file)) { throw 'no such task' }
	[IO.File]::Delete($file)
	told 'unregister'
}
