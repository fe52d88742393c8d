/* Filling struct err. Formatting goes through a buffer of its own, so that an error may
 * be built from the text it already holds. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nls.h"
#include "base/str.h"

/* The system's texts depend on a generated locale and start with a capital: the usual
 * ones are our own. */
static const struct {
	int errnum;
	const char *text;
} errno_texts[] = {
	{ EACCES, N_("permission denied") },
	{ EPERM, N_("not permitted") },
	{ ENOENT, N_("no such file or folder") },
	{ EEXIST, N_("it exists already") },
	{ ENOTDIR, N_("not a folder") },
	{ EISDIR, N_("it is a folder") },
	{ ENOSPC, N_("no space left") },
	{ EROFS, N_("the file system is read-only") },
	{ EFBIG, N_("too large") },
	{ EIO, N_("input/output error") },
	{ EINVAL, N_("invalid") },
	{ ENOMEM, N_("out of memory") },
	{ EMFILE, N_("too many open files") },
	{ ENAMETOOLONG, N_("the name is too long") },
	{ ELOOP, N_("too many symbolic links") },
	{ EPIPE, N_("the other side closed") },
	{ ECONNREFUSED, N_("connection refused") },
	{ ECONNRESET, N_("connection reset") },
	{ ECONNABORTED, N_("connection aborted") },
	{ ETIMEDOUT, N_("no answer in time") },
	{ EHOSTUNREACH, N_("host unreachable") },
	{ EHOSTDOWN, N_("host is down") },
	{ ENETUNREACH, N_("network unreachable") },
	{ EADDRINUSE, N_("address in use") },
	{ EADDRNOTAVAIL, N_("address not available here") },
	{ EBUSY, N_("busy") },
};

static const char *
errno_text(int errnum)
{
	for (size_t i = 0; i < sizeof errno_texts / sizeof *errno_texts; i++)
		if (errno_texts[i].errnum == errnum)
			return _(errno_texts[i].text);
	return strerror(errnum);
}

int
err_set(struct err *e, int code, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!e)
		return code;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof text, fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	e->code = code;
	e->hint[0] = '\0';
	str_put(e->what, sizeof e->what, text);
	return code;
}

int
err_sys(struct err *e, int errnum, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!e)
		return -errnum;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof text, fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	return err_set(e, -errnum, _("%s: %s"), text, errno_text(errnum));
}

void
err_hint(struct err *e, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!e)
		return;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof text, fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	str_put(e->hint, sizeof e->hint, text);
}

void
err_prefix(struct err *e, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	size_t used;

	if (!e)
		return;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof text, fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	used = strlen(text);
	str_put(text + used, sizeof text - used, _(": "));
	used = strlen(text);
	str_put(text + used, sizeof text - used, e->what);
	str_put(e->what, sizeof e->what, text);
}
