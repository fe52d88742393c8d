# The cmdlets of this module that the engine package lacks and that the scripts use.
function New-Object([string]$TypeName, [object[]]$ArgumentList) {
	$type = [Management.Automation.LanguagePrimitives]::ConvertTo($TypeName, [type])
	$arguments = @(foreach ($one in $ArgumentList) {
		if ($one -is [psobject]) { , $one.psobject.BaseObject } else { , $one }
	})
	return , $type::new.Invoke($arguments)
}
