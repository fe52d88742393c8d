/* Drills in sentences: which there are, what happens to whom, and then as it goes. */
#include "screens/linearpriv.h"

#include <stdio.h>
#include <string.h>
#include "base/nls.h"
#include "engine/wording.h"

static const struct drill_offer *
offer_of(const struct linear *l)
{
	return &l->offers.at.at[l->offer];
}

static void
begin(struct linear *l)
{
	str_put(l->args.variant, sizeof l->args.variant, offer_of(l)->variant);
	if (!exertion_begin(&l->w, offer_of(l)->step, &l->args))
		page_show(l);
}

/* ---- the node ---- */

static const struct node *
victim(const struct linear *l, size_t number)
{
	const struct node *n;
	vec_each(n, &l->w.ws.model.nodes)
		if ((n->roles & ROLE_HYPERVISOR) && n->state == PRESENT && number-- == 0)
			return n;
	return NULL;
}

static void
node_show(struct linear *l)
{
	linear_say(_("Which node shall it happen to?"));
	for (size_t i = 0; victim(l, i); i++)
		printf("  %zu  %s\n", i + 1, victim(l, i)->name);
	linear_prompt("[<]:");
}

static void
node_answer(struct linear *l, const char *text)
{
	size_t n = linear_number(text, NODES_MAX);
	const struct node *node = n ? victim(l, n - 1) : NULL;
	if (!*text) {
		page_back(l);
	} else if (!node) {
		linear_refuse(l);
	} else {
		str_put(l->args.node, sizeof l->args.node, node->name);
		l->depth--;
		begin(l);
	}
}

static void
node_ask(struct linear *l)
{
	static const struct page page = { node_show, node_answer };
	l->args.node[0] = '\0';
	if (drill_has_victim(offer_of(l)->step))
		page_push(l, &page);
	else
		begin(l);
}

/* ---- the VM ---- */

static void
vm_show(struct linear *l)
{
	linear_say(_("Which VM shall be measured?"));
	for (size_t i = 0; i < l->w.ws.model.vms.n; i++)
		printf("  %zu  %s\n", i + 1, l->w.ws.model.vms.at[i].name);
	linear_prompt("[<]:");
}

static void
vm_answer(struct linear *l, const char *text)
{
	size_t n = linear_number(text, l->w.ws.model.vms.n);
	if (!*text) {
		page_back(l);
	} else if (!n) {
		linear_refuse(l);
	} else {
		str_put(l->args.vm, sizeof l->args.vm, l->w.ws.model.vms.at[n - 1].name);
		l->depth--;
		node_ask(l);
	}
}

/* ---- one drill ---- */

static void
drill_show(struct linear *l)
{
	const struct drill_offer *o = offer_of(l);
	CLEAN_STR past = STR_INIT(512);
	linear_say("");
	linear_say(o->step->title);
	str_addf(&past, _("Risk: %s. Last time: "), risk_sentence(o->step->risk));
	drill_offer_past(o, &past);
	linear_say(str_text(&past));
	if (o->step->why)
		linear_say(o->step->why);
	linear_say(_("b begins: the entry conditions are checked and what is expected is told; then it asks. "
		     "< goes back."));
	linear_prompt("[<]:");
}

static void
drill_answer(struct linear *l, const char *text)
{
	static const struct page page = { vm_show, vm_answer };
	const struct model *m = &l->w.ws.model;
	if (!*text) {
		page_back(l);
	} else if (strcmp(text, "b") != 0) {
		linear_refuse(l);
	} else if (m->vms.n > 1) {
		page_push(l, &page);
	} else {
		str_put(l->args.vm, sizeof l->args.vm, m->vms.n ? m->vms.at[0].name : "");
		node_ask(l);
	}
}

/* ---- all of them ---- */

static void
drills_show(struct linear *l)
{
	drill_offers_fill(&l->w, &l->offers);
	linear_say("");
	linear_say(_("Drills"));
	for (size_t i = 0; i < l->offers.at.n; i++) {
		const struct drill_offer *o = &l->offers.at.at[i];
		CLEAN_STR line = STR_INIT(1024);
		str_addf(&line, "  %zu  %s", i + 1, o->step->title);
		if (*o->variant)
			str_addf(&line, " (%s)", o->variant);
		str_add(&line, ": ");
		drill_offer_past(o, &line);
		linear_line(NULL, str_text(&line));
	}
	linear_say(_("A number chooses a drill, < goes back."));
	linear_prompt("[<]:");
}

static void
drills_answer(struct linear *l, const char *text)
{
	static const struct page page = { drill_show, drill_answer };
	size_t n = linear_number(text, l->offers.at.n);
	if (n) {
		l->offer = n - 1;
		l->args = (struct drill_args){ 0 };
		page_push(l, &page);
	} else if (!*text) {
		page_back(l);
	} else {
		linear_refuse(l);
	}
}

const struct page linear_drills = { drills_show, drills_answer };
