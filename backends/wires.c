/* The client side of bascule-switch: see wires.h. */
#include "backends/wires.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "backends/tool.h"
#include "base/alloc.h"
#include "base/nls.h"
#include "base/paths.h"
#include "base/vec.h"

enum { ANSWER_MAX = 65536, ANSWER_S = 5, START_MS = 10000 };

/* One line out, the whole answer in. */
static int
wires_ask(const struct site *s, const char *line, struct str *out, struct err *err)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = ANSWER_S };
	CLEANUP(freep) char *path = xasprintf("%s/switch", s->sockets);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char part[4096];
	ssize_t n = -1;

	if (fd >= 0 && str_put(a.sun_path, sizeof a.sun_path, path) &&
	    !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) &&
	    !connect(fd, (struct sockaddr *)&a, sizeof a) &&
	    send(fd, line, strlen(line), MSG_NOSIGNAL) > 0)
		while ((n = recv(fd, part, sizeof part, 0)) > 0)
			str_addn(out, part, (size_t)n);
	if (fd >= 0)
		close(fd);
	if (!n)
		return 0;
	err_set(err, E_LOST, _("the lab's switch does not answer"));
	err_hint(err, _("It runs while the lab is up: bascule lab up."));
	return err->code;
}

int
wires_start(struct site *s, struct err *err)
{
	CLEANUP(freep) char *program = paths_libexec("bascule-switch");
	CLEAN_STR out = STR_INIT(ANSWER_MAX);
	VEC(const char *) argv = { 0 };
	size_t fixed;
	int code;

	if (!wires_ask(s, "list\n", &out, &(struct err){ 0 }))
		return 0;
	vec_push(&argv, program);
	vec_push(&argv, s->sockets);
	fixed = argv.n;
	for (size_t i = 0; i < s->n; i++)
		for (size_t c = 1; c < s->machines[i].cards_n; c++)
			vec_push(&argv, xasprintf("%s.%s=%s", s->machines[i].name,
						  s->machines[i].cards[c].name,
						  s->machines[i].cards[c].network));
	vec_push(&argv, NULL);
	code = tool_run(argv.at, START_MS, NULL, NULL, err);
	for (size_t i = fixed; i < argv.n; i++)
		free((char *)argv.at[i]);
	vec_free(&argv);
	return code;
}

void
wires_stop(struct site *s)
{
	CLEAN_STR out = STR_INIT(ANSWER_MAX);

	wires_ask(s, "quit\n", &out, &(struct err){ 0 });
}

/* "port hv-1.eth3 heartbeat cut 10 12 0" */
static void
card_read(struct site *s, char *port, const char *state)
{
	char *card = strrchr(port, '.');
	struct lab_machine *m;

	if (!card || !state)
		return;
	*card++ = '\0';
	m = site_machine(s, port, NULL);
	for (size_t i = 0; m && i < m->cards_n; i++)
		if (!strcmp(m->cards[i].name, card))
			m->cards[i].cut = !strcmp(state, "cut");
}

/* "part hv-1 hv-2 heartbeat"; two cards in one network give the same line twice. */
static void
part_read(struct lab_status *st, const char *a, const char *b, const char *network)
{
	struct lab_part p = { .a = "" };

	if (!network || !str_put(p.a, sizeof p.a, a) || !str_put(p.b, sizeof p.b, b) ||
	    !str_put(p.network, sizeof p.network, network))
		return;
	for (size_t i = 0; i < st->parts_n; i++)
		if (!strcmp(st->parts[i].a, a) && !strcmp(st->parts[i].b, b) &&
		    !strcmp(st->parts[i].network, network))
			return;
	if (st->parts_n < LAB_PARTS_MAX)
		st->parts[st->parts_n++] = p;
}

void
wires_read(struct site *s, struct lab_status *st)
{
	CLEAN_STR out = STR_INIT(ANSWER_MAX);
	char *rest, *line;

	if (wires_ask(s, "list\n", &out, &(struct err){ 0 }))
		return;
	for (rest = out.s; (line = strsep(&rest, "\n"));) {
		char *kind = strsep(&line, " "), *first = strsep(&line, " ");
		char *second = strsep(&line, " "), *third = strsep(&line, " ");

		if (first && !strcmp(kind, "port"))
			card_read(s, first, third);
		else if (first && st && !strcmp(kind, "part"))
			part_read(st, first, second, third);
	}
}

static int
wires_count(struct site *s, const char *line, struct err *err)
{
	CLEAN_STR out = STR_INIT(ANSWER_MAX);
	uint64_t n = 0;

	if (wires_ask(s, line, &out, err))
		return err->code;
	out.s[strcspn(out.s, "\n")] = '\0';
	return str_to_u64(out.s, &n) ? (int)n : 0;
}

int
wires_cut(struct site *s, const char *machine, const char *what, bool cut, struct err *err)
{
	CLEANUP(freep) char *line = xasprintf("cut %s %s %d\n", machine, what, cut);

	return wires_count(s, line, err);
}

int
wires_part(struct site *s, const char *a, const char *b, const char *network, bool cut,
	   struct err *err)
{
	CLEANUP(freep) char *line = xasprintf("part %s %s %s %d\n", a, b, network, cut);

	return wires_count(s, line, err);
}
