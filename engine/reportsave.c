/* The validation report into a file of either kind. */
#include "engine/reportout.h"

#include "base/nls.h"
#include "base/paths.h"

int
report_name_check(const char *path, struct err *err)
{
	if (str_ends(path, ".html") || str_ends(path, ".json"))
		return 0;
	err_set(err, E_INPUT, _("a report ends in .html or .json"));
	err_hint(err, _("HTML is for reading and printing, JSON for programs."));
	return E_INPUT;
}

int
report_save(const struct report *r, const char *path, struct err *err)
{
	CLEAN_STR text = STR_INIT(REPORT_BYTES);
	if (report_name_check(path, err))
		return E_INPUT;
	if (str_ends(path, ".html"))
		reporthtml_write(&text, r);
	else
		reportjson_write(&text, r);
	if (text.cut)
		return err_set(err, -EFBIG, _("the report is too large for one file"));
	return file_write(path, str_text(&text), text.len, 0644, err);
}
