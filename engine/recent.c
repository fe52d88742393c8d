/* The list of recent cluster files: one line each, "WORLD<TAB>PATH". */
#include "engine/recent.h"

#include <string.h>
#include <unistd.h>
#include "base/paths.h"
#include "base/str.h"
#include "engine/workspace.h"

enum { RECENT_FILE_MAX = 64 * 1024 };

static char *
recents_path(void)
{
	CLEANUP(freep) char *folder = paths_state("", NULL);
	return folder ? xasprintf("%s/recent", folder) : NULL;
}

static void
line_read(struct recents *r, const char *line, size_t n)
{
	const char *tab = memchr(line, '\t', n);
	if (!tab || r->list.n == RECENT_MAX)
		return;
	CLEANUP(freep) char *word = xstrndup(line, (size_t)(tab - line));
	CLEANUP(freep) char *path = xstrndup(tab + 1, n - (size_t)(tab + 1 - line));
	for (enum world w = 0; w < WORLD__COUNT; w++)
		if (!strcmp(word, world_id(w)) && !access(path, R_OK))
			vec_push(&r->list, ((struct recent){ w, xstrdup(path) }));
}

void
recents_read(struct recents *r)
{
	CLEANUP(freep) char *path = recents_path();
	CLEAN_STR text = STR_INIT(RECENT_FILE_MAX);
	*r = (struct recents){ 0 };
	if (!path || file_read(path, &text, NULL))
		return;
	for (const char *at = str_text(&text); *at;) {
		size_t n = strcspn(at, "\n");
		line_read(r, at, n);
		at += n + (at[n] == '\n');
	}
}

void
recents_done(struct recents *r)
{
	struct recent *x;
	vec_each(x, &r->list)
		free(x->path);
	vec_free(&r->list);
}

void
recents_add(const char *path, enum world world)
{
	CLEANUP(freep) char *file = recents_path();
	CLEANUP(freep) char *full = realpath(path, NULL);
	CLEAN_STR out = STR_INIT(RECENT_FILE_MAX);
	struct recents r;
	if (!file || !full || strpbrk(full, "\t\n"))
		return;
	recents_read(&r);
	str_addf(&out, "%s\t%s\n", world_id(world), full);
	for (size_t i = 0; i < r.list.n && i + 1 < RECENT_MAX; i++)
		if (r.list.at[i].world != world || strcmp(r.list.at[i].path, full))
			str_addf(&out, "%s\t%s\n", world_id(r.list.at[i].world), r.list.at[i].path);
	recents_done(&r);
	if (!out.cut)
		file_write(file, out.s, out.len, 0600, NULL);
}
