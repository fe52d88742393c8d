/* A small catalogue and a small cluster for tests, from texts. */
#ifndef TESTS_TINY_H
#define TESTS_TINY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "backends/catalog.h"
#include "backends/inventory.h"
#include "base/paths.h"
#include "engine/plan.h"

/* Every mistake that was noted, one a line. */
static char tiny_notes[16384];

static inline void
tiny_note(void *ctx, int line, const struct err *err)
{
	size_t n = strlen(tiny_notes);

	(void)ctx;
	if (line)
		snprintf(tiny_notes + n, sizeof tiny_notes - n, "%d: %s\n", line, err->what);
	else
		snprintf(tiny_notes + n, sizeof tiny_notes - n, "%s\n", err->what);
}

static char tiny_dir[64];

/* tiny_file("10-a/10-one/step.ini", text): the chapter's own file is made as well. */
static inline void
tiny_file(const char *name, const char *text)
{
	char path[256], *slash;

	snprintf(path, sizeof path, "%s/%s", tiny_dir, name);
	slash = strrchr(path, '/');
	*slash = '\0';
	assert_int_equal(dir_make(path, 0700, NULL), 0);
	*slash = '/';
	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), 0);
}

static inline void
tiny_begin(void)
{
	snprintf(tiny_dir, sizeof tiny_dir, "/tmp/bascule-tiny.XXXXXX");
	assert_non_null(mkdtemp(tiny_dir));
	tiny_notes[0] = '\0';
	tiny_file("lib.sh", "# library\n");
	tiny_file("job.sh", "# jobs\n");
	tiny_file("lib.ps1", "# library\n");
	tiny_file("job.ps1", "# jobs\n");
	tiny_file("10-a/chapter.ini", "[chapter]\ntitle = A\n");
	tiny_file("20-b/chapter.ini", "[chapter]\ntitle = B\n");
}

/* A step of chapter a ("10-a/…") or b ("20-b/…") with an empty linux script of these verbs. */
static inline void
tiny_step(const char *place, const char *ini, const char *verbs)
{
	CLEAN_STR script = STR_INIT(4096);
	char name[128];
	const char *v;

	snprintf(name, sizeof name, "%s/step.ini", place);
	tiny_file(name, ini);
	for (v = verbs; *v; v += strcspn(v, " "), v += *v == ' ')
		str_addf(&script, "%.*s() { return 0; }\n", (int)strcspn(v, " "), v);
	snprintf(name, sizeof name, "%s/linux.sh", place);
	tiny_file(name, str_text(&script));
}

static inline struct catalog *
tiny_catalog(enum platform platform)
{
	return catalog_read_dir(tiny_dir, platform, "en", tiny_note, NULL);
}

static inline void
tiny_remove(const char *path)
{
	char **names;

	if (!unlink(path))
		return;
	names = dir_list(path, NULL);
	for (char **n = names; n && *n; n++) {
		CLEANUP(freep) char *inner = xasprintf("%s/%s", path, *n);

		tiny_remove(inner);
	}
	dir_list_free(names);
	assert_int_equal(rmdir(path), 0);
}

static inline void
tiny_end(void)
{
	tiny_remove(tiny_dir);
}

#define TINY_HEAD                                                                                \
	"[cluster]\nname = c\naddress = 10.0.0.9\n[domain]\nname = c.lan\n[quorum]\nlun = q\n"   \
	"[network e]\nuse = enterprise\nsubnet = 10.0.0.0/24\n"                                  \
	"[network h]\nuse = heartbeat\nsubnet = 10.1.0.0/24\n"                                   \
	"[network s]\nuse = storage\nsubnet = 10.2.0.0/24\n"                                     \
	"[node srv]\nroles = dc storage\nnic.a = e 10.0.0.1/24 manage\nnic.b = s 10.2.0.1/24\n"  \
	"[node n1]\nroles = hypervisor\nnic.a = e 10.0.0.2/24 switch\nnic.b = h 10.1.0.2/24\n"   \
	"nic.c = s 10.2.0.2/24\n"                                                                \
	"[target t]\nnode = srv\niqn = iqn.2026-11.lan.c:t\nportal = 10.2.0.1\n"                 \
	"[lun v]\ntarget = t\nnumber = 0\nsize = 4 GiB\nuse = vm\n"                              \
	"[lun q]\ntarget = t\nnumber = 1\nsize = 64 MiB\nuse = quorum\n"
#define TINY_N2                                                                                  \
	"[node n2]\nroles = hypervisor\nnic.a = e 10.0.0.3/24 switch\nnic.b = h 10.1.0.3/24\n"   \
	"nic.c = s 10.2.0.3/24\n"

static inline void
tiny_model(struct model *m, const char *text)
{
	model_init(m);
	/* That it is a cluster worth having is not asked here: one hypervisor does. */
	inventory_scan(m, text, strlen(text), tiny_note, NULL);
	assert_true(m->nodes.n > 1 && m->luns.n > 1);
	tiny_notes[0] = '\0';
}

#endif
