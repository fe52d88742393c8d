/* The validation report as JSON: ids and words are English and stable, sentences translated. */
#include <string.h>
#include "base/json.h"
#include "engine/explain.h"
#include "engine/reportout.h"
#include "engine/workspace.h"

static void
text_member(json_t *o, const char *key, const char *text)
{
	json_put_text(o, key, text, text ? strlen(text) : 0);
}

static void
int_member(json_t *o, const char *key, int64_t value)
{
	json_object_set_new(o, key, json_integer(value));
}

/* Nothing where the figure was not had. */
static void
figure_member(json_t *o, const char *key, int64_t value)
{
	if (value >= 0)
		int_member(o, key, value);
}

static json_t *
counts_json(const size_t *counts)
{
	json_t *o = json_object();
	for (int m = 0; m < REPORT__MARKS; m++)
		int_member(o, report_mark_ids[m], (int64_t)counts[m]);
	return o;
}

static json_t *
claim_json(const struct report_claim *c)
{
	json_t *o = json_object();
	text_member(o, "task", c->task);
	text_member(o, "node", c->node);
	text_member(o, "object", c->object);
	text_member(o, "mark", report_mark_ids[c->mark]);
	if (c->untold)
		json_object_set_new(o, "untold", json_true());
	text_member(o, "reason", c->reason);
	text_member(o, "fix", c->fix);
	text_member(o, "tail", c->tail);
	text_member(o, "command", c->command);
	text_member(o, "script_sha256", c->script);
	text_member(o, "output_sha256", c->output);
	int_member(o, "output_bytes", c->output_bytes);
	int_member(o, "run", c->run);
	int_member(o, "at", c->at);
	return o;
}

static json_t *
test_json(const struct report_test *test)
{
	json_t *o = json_object(), *claims = json_array();
	const struct report_claim *c;
	text_member(o, "step", test->step->id);
	text_member(o, "title", test->title);
	text_member(o, "category", step_category_words[test->step->category]);
	text_member(o, "mark", report_mark_ids[test->mark]);
	vec_each(c, &test->claims)
		json_array_append_new(claims, claim_json(c));
	json_object_set_new(o, "claims", claims);
	return o;
}

static json_t *
phases_json(const struct report_drill *d)
{
	json_t *all = json_array();
	for (size_t i = 0; i < d->nphases; i++) {
		json_t *o = json_object();
		text_member(o, "phase", d->phases[i].name);
		text_member(o, "node", d->phases[i].node);
		int_member(o, "at_ms", d->phases[i].at_ms);
		json_array_append_new(all, o);
	}
	return all;
}

/* Pairs of ms since the deed. */
static json_t *
silences_json(const struct report_drill *d)
{
	json_t *all = json_array();
	for (size_t i = 0; i < d->nsilences; i++) {
		json_t *pair = json_array();
		json_array_append_new(pair, json_integer(d->silences[i].from_ms));
		json_array_append_new(pair, json_integer(d->silences[i].to_ms));
		json_array_append_new(all, pair);
	}
	return all;
}

static json_t *
drill_json(const struct report_drill *d)
{
	json_t *o = json_object();
	text_member(o, "drill", d->name);
	text_member(o, "step", d->step);
	text_member(o, "variant", d->variant);
	text_member(o, "object", d->object);
	text_member(o, "verdict", d->verdict);
	int_member(o, "at", d->at);
	figure_member(o, "predicted_ms", d->predicted_ms);
	figure_member(o, "outage_ms", d->outage_ms);
	figure_member(o, "redundant_ms", d->redundant_ms);
	int_member(o, "sent", (int64_t)d->sent);
	int_member(o, "lost", (int64_t)d->lost);
	json_object_set_new(o, "phases", phases_json(d));
	json_object_set_new(o, "silences", silences_json(d));
	if (d->nearlier) {
		int_member(o, "earlier", (int64_t)d->nearlier);
		int_member(o, "earlier_outage_ms", d->earlier_ms);
	}
	return o;
}

static json_t *
span_json(const struct report_span *s)
{
	json_t *o = json_object();
	text_member(o, "task", s->task);
	text_member(o, "node", s->node);
	text_member(o, "mark", report_mark_ids[s->mark]);
	int_member(o, "from_ms", s->from_ms);
	int_member(o, "to_ms", s->to_ms);
	return o;
}

static json_t *
change_json(const struct report_change *c)
{
	json_t *o = json_object();
	text_member(o, "task", c->task);
	text_member(o, "before", c->before == REPORT__MARKS ? "absent" : report_mark_ids[c->before]);
	text_member(o, "after", c->after == REPORT__MARKS ? "absent" : report_mark_ids[c->after]);
	return o;
}

static void
lists_add(json_t *o, const struct report *r)
{
	json_t *tests = json_array(), *drills = json_array(), *spans = json_array();
	const struct report_test *test;
	const struct report_drill *d;
	const struct report_span *s;
	vec_each(test, &r->tests)
		json_array_append_new(tests, test_json(test));
	vec_each(d, &r->drills)
		json_array_append_new(drills, drill_json(d));
	vec_each(s, &r->spans)
		json_array_append_new(spans, span_json(s));
	json_object_set_new(o, "tests", tests);
	json_object_set_new(o, "drills", drills);
	json_object_set_new(o, "timeline", spans);
}

void
reportjson_write(struct str *out, const struct report *r)
{
	json_t *o = json_object();
	const struct report_change *c;
	text_member(o, "report", "bascule-validation");
	int_member(o, "format", 1);
	text_member(o, "cluster", r->title);
	text_member(o, "platform", platform_id(r->plan->model->cluster.platform));
	text_member(o, "world", world_id(r->world));
	int_member(o, "made", r->made);
	int_member(o, "run", r->run);
	int_member(o, "code", report_code(r));
	json_object_set_new(o, "counts", counts_json(r->counts));
	lists_add(o, r);
	if (r->compared) {
		json_t *changes = json_array();
		vec_each(c, &r->changes)
			json_array_append_new(changes, change_json(c));
		int_member(o, "compared", r->compared);
		json_object_set_new(o, "changes", changes);
	}
	json_line(out, o);
}
