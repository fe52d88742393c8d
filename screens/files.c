/* Cluster files: opening one by its path, making a new one out of an example. */
#include "screens/screens.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/nls.h"
#include "base/paths.h"
#include "engine/recent.h"
#include "tui/dialog.h"

enum { EXAMPLE_MAX = 1024 * 1024, PATH_BYTES = 4096 };

struct example {
	const char *file;
	const char *title;
};

static const struct example examples[] = {
	{ "etc/tutorial.ini", N_("Linux, two nodes (the tutorial)") },
	{ "etc/three-nodes.ini", N_("Linux, three nodes") },
	{ "etc/one-nic.ini", N_("Linux, one NIC for management and the virtual switch") },
	{ "etc/two-domains.ini", N_("A domain for the cluster and one for production") },
	{ "etc/hyperv.ini", N_("Windows Server with Hyper-V, two nodes") },
};
enum { NEXAMPLES = sizeof examples / sizeof *examples };

/* ---- opening ---- */

static void
mistake_count(void *ctx, int line, const struct err *err)
{
	size_t *n = ctx;
	(void)line;
	(void)err;
	(*n)++;
}

void
screen_cluster(struct wizard *w, const char *path, enum world world)
{
	struct err err = { 0 };
	size_t mistakes = 0;
	CLEANUP(freep) char *kept = xstrdup(path);
	if (w->running) {
		app_say(w->app, ROLE_WARN, "%s", _("A run is under way; its end is waited for."));
		return;
	}
	while (app_depth(w->app) > 1)
		app_pop(w->app);
	/* all steps are read and planned now: nobody looks at an empty screen meanwhile */
	app_say(w->app, ROLE_HINT, "%s", _("Reading the cluster file and the steps."));
	app_show(w->app);
	app_say(w->app, ROLE_HINT, "%s", "");
	if (!wizard_open(w, kept, world, mistake_count, &mistakes, &err)) {
		recents_add(kept, world);
		screen_chapters(w);
		wizard_look(w);
		return;
	}
	if (mistakes)
		screen_settings(w, kept, world);
	else
		wizard_tell(w, &err);
}

/* Which machines a file is meant for is no part of it: it is asked. */
struct opening {
	struct wizard *w;
	char *path;
};

static void
world_chosen(void *ctx, const struct dialog_answer *answer)
{
	static const enum world worlds[] = { WORLD_SIMULATED, WORLD_REAL, WORLD_LAB };
	struct opening *o = ctx;
	if (answer->yes)
		screen_cluster(o->w, o->path, worlds[answer->choice]);
	free(o->path);
	free(o);
}

static void
world_ask(struct wizard *w, const char *path)
{
	const char *const worlds[] = {
		_("Simulated: no machine is touched"),
		_("The real machines it describes"),
		_("The practice lab's machines"),
	};
	struct opening *o = xcalloc(1, sizeof *o);
	o->w = w;
	o->path = xstrdup(path);
	dialog_open(w->app, &(struct dialog_spec){
		.kind = DIALOG_CHOICE,
		.title = _("Which machines?"),
		.text = _("The same file serves all three; nothing is changed before you have seen it."),
		.go = _("Open"),
		.choices = worlds,
		.nchoices = sizeof worlds / sizeof *worlds,
		.done = world_chosen,
		.ctx = o,
	});
}

static int
path_readable(void *ctx, const char *text, struct err *err)
{
	(void)ctx;
	if (!access(text, R_OK))
		return 0;
	int code = err_sys(err, errno, _("cannot open '%s'"), text);
	err_hint(err, _("Give the path of an .ini file, from / or from the folder bascule was started in."));
	return code;
}

static void
path_given(void *ctx, const struct dialog_answer *answer)
{
	if (answer->yes)
		world_ask(ctx, answer->text);
}

void
screen_file_open(struct wizard *w)
{
	dialog_open(w->app, &(struct dialog_spec){
		.kind = DIALOG_INPUT,
		.title = _("Open a cluster file"),
		.label = _("Path"),
		.go = _("Open"),
		.max_bytes = PATH_BYTES,
		.check = path_readable,
		.done = path_given,
		.ctx = w,
	});
}

/* ---- making ---- */

struct making {
	struct wizard *w;
	size_t example;
};

static int
path_free(void *ctx, const char *text, struct err *err)
{
	(void)ctx;
	if (!*text)
		return err_set(err, E_INPUT, _("a path is needed"));
	if (access(text, F_OK))
		return 0;
	err_set(err, -EEXIST, _("'%s' is there already"), text);
	err_hint(err, _("Choose another name, or open that file."));
	return -EEXIST;
}

static void
example_copy(struct wizard *w, size_t i, const char *path)
{
	struct err err = { 0 };
	CLEAN_STR text = STR_INIT(EXAMPLE_MAX);
	CLEANUP(freep) char *from = paths_data(examples[i].file);
	if (file_read(from, &text, &err) || file_write(path, text.s, text.len, 0644, &err)) {
		wizard_tell(w, &err);
		return;
	}
	screen_settings(w, path, WORLD_SIMULATED);
	app_say(w->app, ROLE_HINT, "%s", _("Enter names and addresses of your machines, section by section; then F12."));
}

static void
new_path_given(void *ctx, const struct dialog_answer *answer)
{
	struct making *m = ctx;
	if (answer->yes)
		example_copy(m->w, m->example, answer->text);
	free(m);
}

static void
example_chosen(void *ctx, const struct dialog_answer *answer)
{
	if (!answer->yes)
		return;
	struct making *m = xcalloc(1, sizeof *m);
	m->w = ctx;
	m->example = answer->choice;
	dialog_open(m->w->app, &(struct dialog_spec){
		.kind = DIALOG_INPUT,
		.title = _("New cluster file"),
		.text = _("It is a copy of the example, with its comments; the forms come next."),
		.label = _("Path"),
		.initial = "cluster.ini",
		.go = _("Write it"),
		.max_bytes = PATH_BYTES,
		.check = path_free,
		.done = new_path_given,
		.ctx = m,
	});
}

void
screen_file_new(struct wizard *w)
{
	const char *titles[NEXAMPLES];
	for (size_t i = 0; i < NEXAMPLES; i++)
		titles[i] = _(examples[i].title);
	dialog_open(w->app, &(struct dialog_spec){
		.kind = DIALOG_CHOICE,
		.title = _("New cluster file"),
		.text = _("Begin with the example that is nearest to your machines."),
		.go = _("Next"),
		.choices = titles,
		.nchoices = NEXAMPLES,
		.done = example_chosen,
		.ctx = w,
	});
}
