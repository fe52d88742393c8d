/* Programs the lab calls: see tool.h. */
#include "backends/tool.h"

#include <errno.h>
#include <string.h>

#include "base/nls.h"
#include "base/proc.h"
#include "base/str.h"

enum { LINE_BYTES = 4096, COMPLAINT_BYTES = 16384 };

struct tool {
	struct str line, complaint;
	tool_line_fn fn;
	void *ctx;
	int status;
};

static const struct {
	const char *program, *package;
} packages[] = {
	{ "qemu-system-x86_64", "qemu-system-x86" },
	{ "qemu-img", "qemu-utils" },
	{ "ssh-keygen", "openssh-client" },
	{ "ssh", "openssh-client" },
	{ "mmdebstrap", "mmdebstrap" },
};

static void
on_out(void *ctx, int stream, const char *data, size_t n)
{
	struct tool *t = ctx;

	if (stream == 2) {
		str_addn(&t->complaint, data, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (data[i] != '\n') {
			str_addc(&t->line, data[i]);
			continue;
		}
		if (t->fn)
			t->fn(t->ctx, str_text(&t->line));
		str_clear(&t->line);
	}
}

static void
on_done(void *ctx, int status)
{
	struct tool *t = ctx;

	t->status = status;
}

/* What it said last, and the hint a script gives on a line of its own. */
static int
tool_failed(const struct tool *t, const char *program, struct err *err)
{
	CLEANUP(freep) char *text = xstrdup(str_text(&t->complaint));
	char *rest = text, *line, *last = NULL, *hint = NULL;

	while ((line = strsep(&rest, "\n"))) {
		if (str_starts(line, "hint: "))
			hint = line + 6;
		else if (*line)
			last = line;
	}
	if (t->status < 0)
		err_set(err, -EINTR, _("'%s' was ended by signal %d"), program, -t->status);
	else
		err_set(err, -EIO, _("'%s' failed: %s"), program, last ? last : _("no reason given"));
	if (hint)
		err_hint(err, "%s", hint);
	return err->code;
}

static int
tool_missing(const char *program, struct err *err)
{
	err_set(err, -ENOENT, _("the program '%s' is not installed"), program);
	for (size_t i = 0; i < sizeof packages / sizeof *packages; i++)
		if (!strcmp(packages[i].program, program))
			err_hint(err, _("Install it: apt-get install %s."), packages[i].package);
	return err->code;
}

int
tool_run(const char *const *argv, int limit_ms, tool_line_fn line, void *ctx, struct err *err)
{
	static const struct proc_ops ops = { .out = on_out, .done = on_done };
	const char *program = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	struct proc_spec spec = { .argv = argv, .limit_ms = limit_ms };
	struct tool t = { .line = STR_INIT(LINE_BYTES), .complaint = STR_INIT(COMPLAINT_BYTES),
			  .fn = line, .ctx = ctx };
	struct err start = { 0 };
	struct loop *loop = loop_new();
	int code = 0;

	if (proc_start(loop, &spec, &ops, &t, &start))
		loop_run(loop);
	loop_free(loop);
	if (start.code == -ENOENT)
		code = tool_missing(program, err);
	else if (start.code)
		code = err_set(err, start.code, "%s", start.what);
	else if (t.status)
		code = tool_failed(&t, program, err);
	str_done(&t.line);
	str_done(&t.complaint);
	return code;
}
