/* Checkpoints of the practice lab: copies of all that makes its machines, under a name. */
#include "backends/checkpoint.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "backends/tool.h"
#include "base/alloc.h"
#include "base/nls.h"
#include "base/paths.h"

enum { COPY_MS = 600000 };

bool
checkpoint_name_is_good(const char *name)
{
	return name && *name && *name != '.' && !strchr(name, '/') && strlen(name) < 64;
}

/* Copies what makes a machine: files of one folder, with shared blocks where that is possible. */
static int
machine_copy(const char *from, const char *to, struct err *err)
{
	static const char *const files[] = { "disk.qcow2", "image", "id" };

	if (dir_make(to, 0700, err))
		return err->code;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		CLEANUP(freep) char *source = xasprintf("%s/%s", from, files[i]);
		const char *argv[] = { "cp", "--reflink=auto", source, to, NULL };

		if (tool_run(argv, COPY_MS, NULL, NULL, err))
			return err->code;
	}
	return 0;
}

static char *
checkpoint_path(const struct site *s, const char *name, const struct lab_machine *m)
{
	return xasprintf("%s/checkpoints/%s/%s", s->state, name, m ? m->name : "");
}

bool
checkpoint_is_there(const struct site *s, const char *name)
{
	CLEANUP(freep) char *path = checkpoint_path(s, name, NULL);

	return checkpoint_name_is_good(name) && !access(path, R_OK);
}

int
checkpoint_save(struct site *s, const char *name, struct err *err)
{
	int saved = 0;

	for (size_t i = 0; i < s->n; i++) {
		CLEANUP(freep) char *from = site_path(s, &s->machines[i], "");
		CLEANUP(freep) char *to = checkpoint_path(s, name, &s->machines[i]);

		if (!site_has(s, &s->machines[i], "disk.qcow2"))
			continue;
		if (machine_copy(from, to, err))
			return err->code;
		saved++;
	}
	if (!saved)
		return err_set(err, -ENOENT, _("there are no machines to save"));
	site_say(s, "", P_("%d machine saved as '%s'", "%d machines saved as '%s'", saved), saved, name);
	return 0;
}

int
checkpoint_restore(struct site *s, const char *name, struct err *err)
{
	for (size_t i = 0; i < s->n; i++) {
		CLEANUP(freep) char *from = checkpoint_path(s, name, &s->machines[i]);
		CLEANUP(freep) char *to = site_path(s, &s->machines[i], "");

		if (!access(from, R_OK) && machine_copy(from, to, err))
			return err->code;
	}
	site_say(s, "", _("the machines are as in '%s'"), name);
	return 0;
}
