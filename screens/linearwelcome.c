/* Welcome in sentences. */
#include "screens/linearpriv.h"

#include <stdio.h>
#include "base/nls.h"
#include "base/paths.h"
#include "engine/wording.h"

static void
path_show(struct linear *l)
{
	(void)l;
	linear_prompt(_("Path of the cluster file:"));
}

static void
path_answer(struct linear *l, const char *text)
{
	CLEANUP(freep) char *path = xstrdup(text);
	l->depth--;
	if (*path)
		linear_open(l, path, l->w.setup.world);
	else
		page_show(l);
}

static void
welcome_show(struct linear *l)
{
	recents_done(&l->recents);
	recents_read(&l->recents);
	linear_say(_("Welcome"));
	printf("  1  %s\n", _("Look around a simulated cluster"));
	printf("  2  %s\n", _("Practice lab: real machines in QEMU"));
	printf("  3  %s\n", _("Open a cluster file"));
	for (size_t i = 0; i < l->recents.list.n; i++)
		printf("  %zu  %s (%s)\n", i + 4, l->recents.list.at[i].path,
		       world_sentence(l->recents.list.at[i].world));
	linear_say(_("A number chooses, ? says this again, q leaves. Enter alone takes what stands in [ ]."));
	linear_prompt("[1]:");
}

static void
welcome_answer(struct linear *l, const char *text)
{
	static const struct page path_page = { path_show, path_answer };
	CLEANUP(freep) char *tutorial = paths_data("etc/tutorial.ini");
	size_t n = linear_number(*text ? text : "1", l->recents.list.n + 3);
	if (n == 1)
		linear_open(l, tutorial, WORLD_SIMULATED);
	else if (n == 2)
		linear_open(l, tutorial, WORLD_LAB);
	else if (n == 3)
		page_push(l, &path_page);
	else if (n)
		linear_open(l, l->recents.list.at[n - 4].path, l->recents.list.at[n - 4].world);
	else
		linear_refuse(l);
}

const struct page linear_welcome = { welcome_show, welcome_answer };
