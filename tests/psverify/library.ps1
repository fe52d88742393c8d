# Runs after steps/lib.ps1 in the hosted engine: what its functions say and answer.

$bascule_nonce = 'n0nce'
$bascule_task = 'luns/format(a "b" c)'
$bascule_secrets = @{ 'chap.nas' = 's3cret' }
$scratch = [IO.Path]::Combine([IO.Path]::GetTempPath(), 'psverify-' + [Diagnostics.Process]::GetCurrentProcess().Id)
$script:number = 0

function state_folder($kind) {
	$folder = [IO.Path]::Combine($scratch, $kind)
	$null = [IO.Directory]::CreateDirectory($folder)
	return $folder
}

function same($name, $got, $want) {
	$script:number++
	if ([string]$got -ceq [string]$want) {
		[Console]::Out.WriteLine('ok ' + $script:number + ' - ' + $name)
	} else {
		[Console]::Out.WriteLine('not ok ' + $script:number + ' - ' + $name + ': got <' + $got + '>, wanted <' + $want + '>')
		$script:bad = $true
	}
}

# What a block writes for the engine.
function said([scriptblock]$block) {
	$console = [Console]::Out
	$text = New-Object -TypeName IO.StringWriter
	[Console]::SetOut($text)
	try {
		$script:answer = & $block
	} finally {
		[Console]::SetOut($console)
	}
	return $text.ToString().Replace("`r", '').TrimEnd("`n")
}

$script:bad = $false
$tab = "`t"
same 'a value' (said { value 'lun.wwid' '6001405a' }) ('@n0nce value' + $tab + 'lun.wwid' + $tab + '6001405a')
same 'tabs and line ends become blanks' (said { warn 'id' "a`tb`nc" }) ('@n0nce warn' + $tab + 'id' + $tab + 'a b c')
same 'a reboot' (said { reboot }) '@n0nce reboot'
same 'progress' (said { progress 1 2 }) ('@n0nce progress' + $tab + '1' + $tab + '2')

same 'an unknown verb' (bascule_run 'explode') '3'
same 'a verb the script lacks' (bascule_run 'watch') '3'
function Check { 'a line of the log'; value 'x' 1 }
same 'a log line and a marker' (said { bascule_run 'check' }) ('a line of the log' + "`n" + '@n0nce value' + $tab + 'x' + $tab + '1')
same 'a check that holds' $script:answer '0'
function Check { todo 'empty' 'a b'; 'never here' }
same 'a check with work to do says why' (said { bascule_run 'check' }) ('@n0nce reason' + $tab + 'empty' + $tab + 'a b')
same 'and answers 7' $script:answer '7'
function Check { deeper }
function deeper { fail 'broken' }
$null = said { bascule_run 'CHECK' }
same 'a failure from a function below' $script:answer '1'
function Check { throw 'out of the blue' }
$null = said { bascule_run 'check' }
same 'an exception could not tell' $script:answer '1'
function Check { $undefined_thing }
$null = said { bascule_run 'check' }
same 'an unset variable could not tell' $script:answer '1'

same 'a secret' (secret 'chap.nas') 's3cret'
same 'a secret that was not sent' (secret 'chap.san') ''
$table = "hv-1`tdc,storage`t-`tiqn.x:1`nhv 2`thypervisor`tf`t-`n"
$got = @(rows $table)
same 'rows' $got.Count '2'
same 'an empty column' $got[0][2] ''
same 'a name with a blank' $got[1][0] 'hv 2'
same 'one row stays a row' @(rows "a`tb")[0][1] 'b'
same 'no rows' @(rows '').Count '0'

was 'key' 'first'
was 'key' 'second'
same 'the former state is kept once' (was_get 'key') 'first'
was_drop
same 'and dropped' (was_get 'key') ''
$file = [IO.Path]::Combine($scratch, 'file')
same 'a file is written' (put_file $file 'text') 'True'
same 'and left alone when it is the same' (put_file $file 'text') 'False'
same 'and replaced' (put_file $file 'other') 'True'
same 'with what was asked' ([IO.File]::ReadAllText($file)) 'other'
proof_put 'made-6001' 'uuid'
same 'a proof' (proof_get 'made-6001') 'uuid'
proof_drop 'made-6001'
same 'no proof' (proof_get 'made-6001') ''

same 'until_true' (until_true 5 { $true }) 'True'
same 'until_true gives up' (until_true 0 { $false }) 'False'
same 'holds' (holds { 1 }) 'True'
same 'does not hold' (holds { todo 'x' }) 'False'

$size = 10485760
$disk = New-Object -TypeName IO.MemoryStream -ArgumentList $size
$disk.SetLength($size)
same 'a zeroed disk is empty' (stream_zero $disk $size 4194304) 'True'
$null = $disk.Seek(5242880, [IO.SeekOrigin]::Begin)
$disk.WriteByte(1)
same 'the middle is not looked at' (stream_zero $disk $size 4194304) 'True'
$null = $disk.Seek($size - 1, [IO.SeekOrigin]::Begin)
$disk.WriteByte(1)
same 'the last byte is' (stream_zero $disk $size 4194304) 'False'
same 'a disk smaller than the window' (stream_zero $disk 1000 4194304) 'True'

# The disk of a LUN, with a stand-in for the machine.
$script:disks = @(@{ Number = 3; UniqueId = '6001405AAAA'; Size = 1048576; PartitionStyle = 'RAW'; Guid = ''; IsOffline = $true })
function Get-Disk { $script:disks }
function cluster_runs { $script:cluster }
function lun_zero($disk) { $script:zero }
$script:cluster = $false
$script:zero = $true
$lun_name = 'vm'
$lun_state = 'present'
$lun_wwid = '6001405aaaa'
$lun_fsuuid = ''
$run_confirmed = 'no'
function Check { lun_format_check }
same 'an empty LUN is found by its identity' (said { bascule_run 'check' }) ('@n0nce value' + $tab + 'lun.content' + $tab + "empty`n" + '@n0nce reason' + $tab + 'empty' + $tab + 'vm')
$lun_state = 'leaving'
same 'what leaves is not made ready' (said { bascule_run 'check' }).Split("`n")[1] ('@n0nce reason' + $tab + 'given-up' + $tab + 'vm')
$lun_state = 'present'
$script:zero = $false
same 'data without a signature is foreign' (said { bascule_run 'check' }).Split("`n")[1] ('@n0nce reason' + $tab + 'foreign' + $tab + 'vm' + $tab + 'data without a partition table')
function Apply { lun_format_apply }
$null = said { bascule_run 'apply' }
same 'and is not overwritten' $script:answer '1'
$script:disks[0].PartitionStyle = 'GPT'
$script:disks[0].Guid = '{1234ABCD-0000-0000-0000-000000000000}'
$null = said { bascule_run 'apply' }
same 'nor is a strange partition table' $script:answer '1'
$lun_fsuuid = '1234abcd-0000-0000-0000-000000000000'
$null = said { bascule_run 'check' }
same 'the recorded one holds' $script:answer '0'
$script:disks[0].IsOffline = $false
$null = said { bascule_run 'apply' }
same 'a disk that is online is not touched' $script:answer '7'
$script:disks += $script:disks[0]
$null = said { bascule_run 'check' }
same 'one identity on two paths is refused' $script:answer '1'
$script:disks = @()
$null = said { bascule_run 'check' }
same 'a missing disk is work to do' $script:answer '7'

[IO.Directory]::Delete($scratch, $true)
[Console]::Out.WriteLine('1..' + $script:number)
if ($script:bad) {
	throw 'some of them failed'
}
