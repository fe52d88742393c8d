# The card that carries the address: the NIC, or the virtual one that a switch made of it.
function address_card($nic, $address) {
	$have = @(Get-NetIPAddress -IPAddress $address -ErrorAction SilentlyContinue)
	if (($have.Count -gt 0) -and (([string]$have[0].InterfaceAlias) -like 'vEthernet*')) {
		return [string]$have[0].InterfaceAlias
	}
	return $nic
}

function address_family($address) {
	if ($address.Contains(':')) {
		return 'IPv6'
	}
	return 'IPv4'
}

# Every wanted row as an object: Nic, Card, Use, Address, Length, Role, Gateway.
function address_wanted {
	foreach ($row in @(rows $nics)) {
		if ($row[3] -eq '') {
			continue
		}
		$parts = $row[3].Split('/')
		@{
			Nic = $row[0]
			Card = (address_card $row[0] $parts[0])
			Use = $row[2]
			Address = $parts[0]
			Length = [int]$parts[1]
			Role = $row[4]
			Gateway = $row[5]
		}
	}
}

function address_holds($want) {
	if (@(Get-NetAdapter -Name $want.Card -ErrorAction SilentlyContinue).Count -eq 0) {
		todo 'no-nic' $want.Nic $node_name
	}
	$have = @(Get-NetIPAddress -InterfaceAlias $want.Card -IPAddress $want.Address -ErrorAction SilentlyContinue)
	if (($have.Count -eq 0) -or ([int]$have[0].PrefixLength -ne $want.Length) -or ([string]$have[0].AddressState -ne 'Preferred')) {
		todo 'no-address' $want.Nic $want.Address
	}
	$interface = Get-NetIPInterface -InterfaceAlias $want.Card -AddressFamily (address_family $want.Address)
	if ([string]$interface.Dhcp -eq 'Enabled') {
		todo 'not-lasting' $want.Nic $want.Address
	}
	if (($want.Role -ne 'manage') -and (Get-DnsClient -InterfaceAlias $want.Card).RegisterThisConnectionsAddress) {
		todo 'registers' $want.Nic $want.Address
	}
}

function Check {
	foreach ($want in @(address_wanted)) {
		address_holds $want
	}
}

# The console's own session, if this change would cut it off.
function address_cuts($want) {
	foreach ($session in @(Get-NetTCPConnection -LocalPort 22 -State Established -ErrorAction SilentlyContinue)) {
		$local = [string]$session.LocalAddress
		$here = @(Get-NetIPAddress -InterfaceAlias $want.Card -IPAddress $local -ErrorAction SilentlyContinue)
		if (($here.Count -gt 0) -and ($local -ne $want.Address)) {
			return $local
		}
	}
	return ''
}

function address_set($want) {
	$family = address_family $want.Address
	$cuts = address_cuts $want
	if ($cuts -ne '') {
		fail 'would-cut' $want.Nic $cuts $want.Address
	}
	$interface = Get-NetIPInterface -InterfaceAlias $want.Card -AddressFamily $family
	was ($want.Nic + '.dhcp') ([string]$interface.Dhcp)
	Set-NetIPInterface -InterfaceAlias $want.Card -AddressFamily $family -Dhcp Disabled
	$have = @(Get-NetIPAddress -InterfaceAlias $want.Card -IPAddress $want.Address -ErrorAction SilentlyContinue)
	if (($have.Count -gt 0) -and ([int]$have[0].PrefixLength -ne $want.Length)) {
		Remove-NetIPAddress -InterfaceAlias $want.Card -IPAddress $want.Address -Confirm:$false
		$have = @()
	}
	if ($have.Count -eq 0) {
		if ($want.Gateway -ne '') {
			$null = New-NetIPAddress -InterfaceAlias $want.Card -IPAddress $want.Address -PrefixLength $want.Length -DefaultGateway $want.Gateway
		} else {
			$null = New-NetIPAddress -InterfaceAlias $want.Card -IPAddress $want.Address -PrefixLength $want.Length
		}
	}
	if ($want.Role -ne 'manage') {
		Set-DnsClient -InterfaceAlias $want.Card -RegisterThisConnectionsAddress $false
	}
}

function Apply {
	foreach ($want in @(address_wanted)) {
		if (-not (holds { address_holds $want })) {
			if (@(Get-NetAdapter -Name $want.Card -ErrorAction SilentlyContinue).Count -eq 0) {
				fail 'no-nic' $want.Nic $node_name
			}
			address_set $want
		}
	}
	if (-not (until_true 20 { holds { Check } })) {
		Check
	}
}

function Undo {
	foreach ($want in @(address_wanted)) {
		$dhcp = [string](was_get ($want.Nic + '.dhcp'))
		if ($dhcp.Trim() -eq '') {
			continue
		}
		Remove-NetIPAddress -InterfaceAlias $want.Card -IPAddress $want.Address -Confirm:$false
		if ($dhcp.Trim() -eq 'Enabled') {
			Set-NetIPInterface -InterfaceAlias $want.Card -AddressFamily (address_family $want.Address) -Dhcp Enabled
		}
	}
	was_drop
}
