function Check {
	lun_format_check
}

function Apply {
	lun_format_apply
}

function Undo {
	lun_format_undo
}
