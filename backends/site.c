/* The lab's folders, its machines as lab/machines.txt describes them, and small notes. */
#include "backends/site.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/nls.h"
#include "base/paths.h"

enum { ROSTER_MAX = 65536, NOTE_MAX = 4096, MEMORY_MIN_MIB = 256, MEMORY_MAX_MIB = 65536 };

static bool
roster_card(struct lab_machine *m, const char *network)
{
	struct lab_card *c = &m->cards[m->cards_n];

	if (m->cards_n == LAB_CARDS_MAX || !str_put(c->network, sizeof c->network, network))
		return false;
	snprintf(c->name, sizeof c->name, "eth%zu", m->cards_n++ % 100);
	return true;
}

/* "hv-1  hypervisor  1536  enterprise enterprise heartbeat storage" */
static bool
roster_line(struct lab_machine *m, char *line)
{
	uint64_t memory = 0;
	size_t i = 0;
	char *word;

	roster_card(m, "console");
	while ((word = strsep(&line, " \t"))) {
		bool good = true;

		if (!*word)
			continue;
		if (i == 0)
			good = str_put(m->name, sizeof m->name, word);
		else if (i == 1)
			good = str_put(m->roles, sizeof m->roles, word);
		else if (i == 2)
			good = str_to_u64(word, &memory) && memory >= MEMORY_MIN_MIB &&
			       memory <= MEMORY_MAX_MIB;
		else
			good = roster_card(m, word);
		if (!good)
			return false;
		i++;
	}
	m->memory_mib = (unsigned)memory;
	return i >= 3;
}

static int
roster_read(struct site *s, struct err *err)
{
	CLEANUP(freep) char *path = xasprintf("%s/machines.txt", s->recipe);
	CLEAN_STR text = STR_INIT(ROSTER_MAX);
	char *rest, *line;
	int n = 0;

	if (file_read(path, &text, err) < 0) {
		err_hint(err, _("Install the program again, or set BASCULE_DATADIR to its data."));
		return err->code;
	}
	for (rest = text.s; (line = strsep(&rest, "\n"));) {
		n++;
		line[strcspn(line, "#")] = '\0';
		if (!line[strspn(line, " \t")])
			continue;
		if (s->n == LAB_MACHINES_MAX || !roster_line(&s->machines[s->n], line))
			return err_set(err, -EINVAL, _("%s:%d: this is no machine"), path, n);
		s->n++;
	}
	return 0;
}

/* Unix sockets have short paths, and each state folder has a lab of its own. */
static char *
sockets_folder(const char *state, struct err *err)
{
	CLEANUP(freep) char *name = xasprintf("lab-%08x", (unsigned)hash64(state, strlen(state)));

	return paths_runtime(name, err);
}

int
site_open(struct site *s, struct err *err)
{
	s->recipe = paths_data("lab");
	s->images = paths_cache("lab", err);
	s->state = s->images ? paths_state("lab", err) : NULL;
	s->sockets = s->state ? sockets_folder(s->state, err) : NULL;
	return s->sockets ? roster_read(s, err) : err->code;
}

void
site_done(struct site *s)
{
	free(s->recipe);
	free(s->images);
	free(s->state);
	free(s->sockets);
}

void
site_say(struct site *s, const char *machine, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	s->say(s->ctx, machine, text);
}

struct lab_machine *
site_machine(struct site *s, const char *name, struct err *err)
{
	CLEAN_STR names = STR_INIT(200);

	for (size_t i = 0; i < s->n; i++) {
		if (!strcmp(s->machines[i].name, name))
			return &s->machines[i];
		str_addf(&names, "%s%s", i ? ", " : "", s->machines[i].name);
	}
	err_set(err, E_INPUT, _("the lab has no machine '%s'"), name);
	err_hint(err, _("There are: %s."), str_text(&names));
	return NULL;
}

char *
site_path(const struct site *s, const struct lab_machine *m, const char *file)
{
	return m ? xasprintf("%s/%s/%s", s->state, m->name, file)
		 : xasprintf("%s/%s", s->state, file);
}

char *
site_socket(const struct site *s, const char *name, const char *suffix)
{
	return xasprintf("%s/%s.%s", s->sockets, name, suffix);
}

char *
site_note(const struct site *s, const struct lab_machine *m, const char *file)
{
	CLEANUP(freep) char *path = site_path(s, m, file);
	CLEAN_STR text = STR_INIT(NOTE_MAX);

	if (access(path, R_OK) || file_read(path, &text, NULL) < 0)
		return xstrdup("");
	return xstrndup(str_text(&text), strcspn(str_text(&text), "\n"));
}

int
site_note_set(const struct site *s, const struct lab_machine *m, const char *file,
	      const char *text, struct err *err)
{
	CLEANUP(freep) char *path = site_path(s, m, file);
	CLEANUP(freep) char *line = xasprintf("%s\n", text);

	return file_write(path, line, strlen(line), 0600, err);
}

bool
site_has(const struct site *s, const struct lab_machine *m, const char *file)
{
	CLEANUP(freep) char *path = site_path(s, m, file);

	return !access(path, F_OK);
}
