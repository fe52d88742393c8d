define_names()
{
	lun_point
	plain_name "$vm_name" 40
	define_dom=$name
	folder=$point/$define_dom
	file=$folder/$define_dom.xml
}

# Identity of the machine and of its card, made from its name: the same wherever it starts.
define_identity()
{
	define_sum=$(printf '%s' "$lun_wwid/$vm_name" | sha256sum)
	define_uuid=$(printf %s "$define_sum" | sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-4\3-8\4-\5/')
	define_mac=$(printf %s "$define_sum" | sed -E 's/^.{40}(..)(..)(..).*/52:54:00:\1:\2:\3/')
}

define_bits()
{
	bits=24
	while IFS=$bascule_tab read -r _ bits_use bits_subnet _; do
		[ "$bits_use" != enterprise ] || bits=${bits_subnet#*/}
	done <<-EOF
	$networks
	EOF
}

# One model of processor that every node can offer, or a machine could not move between them.
define_processor()
{
	if [ -w /dev/kvm ]; then
		define_type=kvm
		define_cpu='<cpu mode="custom" match="exact"><model fallback="forbid">qemu64</model></cpu>'
		grep -qw ssse3 /proc/cpuinfo && grep -qw popcnt /proc/cpuinfo &&
			define_cpu='<cpu mode="custom" match="exact"><model fallback="allow">Nehalem</model></cpu>'
	else
		define_type=qemu
		define_cpu='<cpu mode="custom" match="exact"><model fallback="forbid">qemu64</model></cpu>'
	fi
}

# The demo guest is started from its kernel; anything else from its disk.
define_boot()
{
	if [ -n "$vm_image" ]; then
		echo '<boot dev="hd"/>'
		return
	fi
	define_bits
	printf '<kernel>%s/kernel</kernel><initrd>%s/initrd</initrd><cmdline>%s</cmdline>' "$define_folder" "$define_folder" \
		"quiet console=ttyS0 tsc=reliable lpj=1000000 no_timer_check noapic pci=nomsi acpi=noirq i8042.nokbd reboot=t panic=5 bascule.address=$vm_address/$bits"
}

define_text()
{
	define_identity
	define_processor
	xml_text "$define_dom"
	define_title=$xml
	xml_text "$folder"
	define_folder=$xml
	cat <<-EOF
	<domain type="$define_type">
	<name>$define_title</name>
	<uuid>$define_uuid</uuid>
	<memory unit="b">$vm_memory</memory>
	<vcpu>1</vcpu>
	<os><type arch="x86_64" machine="pc-i440fx-7.2">hvm</type>$(define_boot)</os>
	<features><acpi/><apic/></features>
	$define_cpu
	<clock offset="utc"/>
	<on_poweroff>destroy</on_poweroff>
	<on_reboot>restart</on_reboot>
	<on_crash>destroy</on_crash>
	<devices>
	<emulator>/usr/bin/qemu-system-x86_64</emulator>
	<disk type="file" device="disk">
	<driver name="qemu" type="raw" cache="none" io="native"/>
	<source file="$define_folder/disk.img"/>
	<target dev="vda" bus="virtio"/>
	</disk>
	<controller type="usb" model="none"/>
	<interface type="bridge">
	<mac address="$define_mac"/>
	<source bridge="$hypervisor_switch"/>
	<model type="virtio"/>
	<rom enabled="no"/>
	</interface>
	<serial type="file"><source path="/var/log/libvirt/qemu/$define_title-console.log"/></serial>
	<memballoon model="none"/>
	</devices>
	</domain>
	EOF
}

define_autostart() { [ -e "/etc/libvirt/qemu/autostart/$define_dom.xml" ]; }

check()
{
	define_names
	vm_owner "$define_dom"
	vm_mounted || return
	[ -s "$file" ] || todo no-definition "$vm_name" || return
	[ "$(cat "$file")" = "$(define_text)" ] || todo differs "$vm_name" || return
	! define_autostart || todo autostart "$vm_name" "$node_name"
}

apply()
{
	define_names
	vm_mounted || return
	define_text >"$file.new" || return
	if have virt-xml-validate && ! virt-xml-validate "$file.new" domain; then
		rm -f "$file.new"
		fail invalid "$vm_name" || return
	fi
	! vm_runs "$define_dom" || warn next-start "$vm_name"
	sync "$file.new" && mv "$file.new" "$file" || return
	! define_autostart || virsh autostart --disable "$define_dom"
}

undo()
{
	define_names
	vm_mounted || return
	! vm_runs "$define_dom" || fail runs "$vm_name" || return
	rm -f "$file"
}
