/* Every single failure and every pair, one line each; what a single one must not do is a failure
 * of the test. */
#include "engine/whatifcheck.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/nls.h"
#include "engine/services.h"

void
whatif_memory(struct whatif *w, const struct values *values)
{
	for (size_t i = 0; i < w->n; i++) {
		char key[NAME_SIZE + 16];
		const char *text;

		snprintf(key, sizeof key, "node.memory(%s)", w->node[i]->name);
		text = values_get(values, key);
		if (text && !str_to_u64(text, &w->memory[i]))
			w->memory[i] = 0;
	}
}

static void
check_say(const struct native_call *call, const struct whatif *w, const char *name,
	  const struct whatif_loss *loss)
{
	CLEAN_STR reason = STR_INIT(512);
	CLEAN_STR line = STR_INIT(1024);

	whatif_reason(w, loss, &reason);
	str_addf(&line, _("without %s: %s"), name, str_text(&reason));
	call->say(call->ctx, str_text(&line));
}

/* A store that is there once only is a warning: the file asks for no second one. Everything else
 * that a single failure stops is what a cluster is there to prevent. */
static bool
check_single(const struct native_call *call, const struct whatif *w, const struct whatif_part *p)
{
	enum whatif_verdict v = whatif_after(w, &p->loss, NULL);
	bool alone = v == WHATIF_NO_STORAGE;
	const char *args[] = { alone ? "one-store" : whatif_verdict_ids[v], p->name };

	check_say(call, w, p->name, &p->loss);
	if (v != WHATIF_HOLDS)
		call->tell(call->ctx, alone ? "warn" : "reason", args, 2);
	return v == WHATIF_HOLDS || alone;
}

static size_t
check_pairs(const struct native_call *call, const struct whatif *w, size_t *borne)
{
	size_t all = 0;

	for (size_t i = 0; i < w->parts.n; i++)
		for (size_t k = i + 1; k < w->parts.n; k++) {
			const struct whatif_part *a = &w->parts.at[i], *b = &w->parts.at[k];
			struct whatif_loss both = whatif_both(&a->loss, &b->loss);
			CLEAN_STR names = STR_INIT(512);

			str_addf(&names, _("%s and %s"), a->name, b->name);
			check_say(call, w, str_text(&names), &both);
			all++;
			*borne += whatif_after(w, &both, NULL) == WHATIF_HOLDS;
		}
	return all;
}

struct checking {
	const struct native_call *call;
	int code;
};

static void
check_end(void *ctx)
{
	struct checking *c = ctx;
	const struct native_call *call = c->call;
	int code = c->code;

	free(c);
	call->done(call->ctx, code, NULL);
}

void
whatifcheck_cancel(void *work)
{
	struct checking *c = work;

	loop_forget(c->call->loop, c);
	free(c);
}

void *
whatifcheck(const struct native_call *call)
{
	struct checking *c = xcalloc(1, sizeof *c);
	const struct whatif_part *p;
	size_t borne = 0, all;
	struct whatif w;
	char text[48];

	*c = (struct checking){ .call = call };
	whatif_init(&w, call->model, false);
	whatif_memory(&w, call->values);
	vec_each(p, &w.parts)
		if (!check_single(call, &w, p))
			c->code = 7;
	all = check_pairs(call, &w, &borne);
	snprintf(text, sizeof text, "%zu/%zu", borne, all);
	call->tell(call->ctx, "value", (const char *[]){ "cluster.pairs_borne", text }, 2);
	if (w.platform == PLATFORM_LINUX && w.n > 2 && w.n % 2 == 0 && !w.vote)
		call->tell(call->ctx, "warn", (const char *[]){ "even" }, 1);
	whatif_done(&w);
	loop_defer(call->loop, check_end, c);
	return c;
}
