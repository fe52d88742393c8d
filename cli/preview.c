/* What would be done, told before anything is: `plan` prints it, `apply` shows it for review. */
#include "cli/preview.h"

#include <string.h>
#include "base/nls.h"
#include "base/str.h"
#include "base/text.h"
#include "cli/jsonl.h"
#include "cli/terminal.h"
#include "engine/wording.h"

enum { RISKS = RISK_DESTRUCTIVE + 1 };

static void
risk_count_add(struct str *line, enum risk risk, size_t n)
{
	switch (risk) {
	case RISK_READ_ONLY:
		str_addf(line, P_("%zu read-only", "%zu read-only", n), n);
		break;
	case RISK_REVERSIBLE:
		str_addf(line, P_("%zu reversible", "%zu reversible", n), n);
		break;
	case RISK_DISRUPTIVE:
		str_addf(line, P_("%zu disruptive", "%zu disruptive", n), n);
		break;
	case RISK_DESTRUCTIVE:
		str_addf(line, P_("%zu DESTRUCTIVE", "%zu DESTRUCTIVE", n), n);
		break;
	}
}

size_t
preview_count(const struct plan *p, enum risk risk)
{
	size_t n = 0;
	for (size_t i = 0; i < p->tasks.n; i++)
		n += p->tasks.at[i]->part != PART_CONTEXT && task_risk(p->tasks.at[i]) == risk;
	return n;
}

int64_t
preview_takes_s(const struct plan *p)
{
	int64_t longest = 0;
	int64_t *end = xcalloc(p->tasks.n + 1, sizeof *end);
	for (size_t i = 0; i < p->order.n; i++) {
		const struct task *t = p->tasks.at[p->order.at[i]];
		int64_t begin = 0;
		for (size_t k = 0; k < t->after.n; k++)
			begin = end[t->after.at[k]] > begin ? end[t->after.at[k]] : begin;
		end[t->index] = begin + (t->part == PART_CONTEXT ? 0 : t->step->takes_s);
		longest = end[t->index] > longest ? end[t->index] : longest;
	}
	free(end);
	return longest;
}

struct columns {
	int where, title, risk;
};

static int
width_max(int width, const char *text)
{
	int w = text_width(text);
	return w > width ? w : width;
}

static struct columns
columns_measure(const struct plan *p)
{
	struct columns c = { .where = plan_where_width(p) };
	for (int r = 0; r < RISKS; r++)
		c.risk = width_max(c.risk, risk_sentence((enum risk)r));
	int room = terminal_columns() - 2 - c.where - 2 - 2 - c.risk - 2 - 6;
	for (size_t i = 0; i < p->tasks.n; i++) {
		CLEAN_STR title = STR_INIT(1024);
		task_title(&title, p->tasks.at[i]);
		c.title = width_max(c.title, str_text(&title));
	}
	c.title = c.title > room && room > 20 ? room : c.title;
	return c;
}

static void
task_line(FILE *to, const struct columns *c, const struct task *t)
{
	CLEAN_STR where = STR_INIT(1024);
	CLEAN_STR fit = STR_INIT(1024);
	CLEAN_STR title = STR_INIT(1024);
	CLEAN_STR short_title = STR_INIT(1024);
	CLEAN_STR line = STR_INIT(4096);
	task_where(t, &where);
	text_clip_middle(&fit, str_text(&where), c->where);
	task_title(&title, t);
	text_clip_middle(&short_title, str_text(&title), c->title);
	str_add(&line, "  ");
	text_pad(&line, str_text(&fit), c->where);
	str_add(&line, "  ");
	text_pad(&line, str_text(&short_title), c->title);
	str_add(&line, "  ");
	text_pad(&line, risk_sentence(task_risk(t)), c->risk);
	if (t->part == PART_CONTEXT)
		str_addf(&line, "  %s", _("checked only"));
	else
		str_addf(&line, _("  %4d s"), t->step->takes_s);
	fprintf(to, "%s\n", str_text(&line));
}

/* With -v: which step it is and what it waits for. */
static void
task_details(FILE *to, const struct plan *p, const struct task *t)
{
	fprintf(to, "      %s%s\n", t->key, t->undo ? _("  (undo)") : "");
	for (size_t i = 0; i < t->after.n; i++)
		fprintf(to, _("      after %s\n"), p->tasks.at[t->after.at[i]]->key);
}

static void
tasks_print(FILE *to, const struct session *s)
{
	const struct chapter *chapter = NULL;
	struct columns c = columns_measure(s->ws.plan);
	for (size_t i = 0; i < s->ws.plan->tasks.n; i++) {
		const struct task *t = s->ws.plan->tasks.at[i];
		if (t->part == PART_CONTEXT && !s->o->verbose)
			continue;
		if (t->step->chapter != chapter) {
			chapter = t->step->chapter;
			fprintf(to, "\n%d  %s\n", chapter->number, chapter->title);
		}
		task_line(to, &c, t);
		if (s->o->verbose)
			task_details(to, s->ws.plan, t);
	}
}

/* An estimate is told in quarters of a minute, then in minutes. */
static int64_t
duration_round_ms(int64_t s)
{
	int64_t step = s < 60 ? 5 : s < 300 ? 15 : 60;
	return (s + step - 1) / step * step * 1000;
}

static void
totals_print(FILE *to, const struct plan *p)
{
	CLEAN_STR line = STR_INIT(512);
	CLEAN_STR took = STR_INIT(64);
	size_t total = 0;
	for (int r = 0; r < RISKS; r++)
		total += preview_count(p, (enum risk)r);
	str_addf(&line, P_("%zu task", "%zu tasks", total), total);
	for (int r = 0, first = 1; r < RISKS; r++) {
		size_t n = preview_count(p, (enum risk)r);
		if (!n)
			continue;
		str_add(&line, first ? _(": ") : ", ");
		risk_count_add(&line, (enum risk)r, n);
		first = 0;
	}
	duration_add(&took, duration_round_ms(preview_takes_s(p)));
	fprintf(to, "\n%s\n", str_text(&line));
	fprintf(to, _("Expected: about %s if all of it is still to do.\n"), str_text(&took));
}

void
preview_print(FILE *to, const struct session *s)
{
	CLEAN_STR title = STR_INIT(1024);
	cluster_title(&title, &s->ws.model, (enum world)s->o->world);
	fprintf(to, "%s\n", str_text(&title));
	tasks_print(to, s);
	totals_print(to, s->ws.plan);
}

static void
task_json(FILE *to, const struct plan *p, const struct task *t)
{
	static const char *const parts[] = { "wanted", "needed", "context" };
	json_t *o = jsonl_task(t), *after = json_array(), *gives = json_array();
	jsonl_text(o, "event", "planned");
	jsonl_text(o, "chapter", t->step->chapter->id);
	jsonl_text(o, "risk", risk_words[task_risk(t)]);
	jsonl_text(o, "kind", step_kind_words[t->step->kind]);
	jsonl_text(o, "part", parts[t->part]);
	json_object_set_new(o, "takes_s", json_integer(t->step->takes_s));
	for (size_t i = 0; i < t->after.n; i++)
		json_array_append_new(after, json_string(p->tasks.at[t->after.at[i]]->key));
	for (size_t i = 0; i < t->gives.n; i++)
		json_array_append_new(gives, json_string(t->gives.at[i]));
	json_object_set_new(o, "after", after);
	json_object_set_new(o, "gives", gives);
	jsonl_write(to, o);
}

void
preview_json(FILE *to, const struct session *s)
{
	char title[HOST_SIZE];
	json_t *end = json_object();
	for (size_t i = 0; i < s->ws.plan->tasks.n; i++)
		task_json(to, s->ws.plan, s->ws.plan->tasks.at[i]);
	model_title(&s->ws.model, title);
	jsonl_text(end, "event", "plan-end");
	jsonl_text(end, "cluster", title);
	jsonl_text(end, "world", world_id((enum world)s->o->world));
	for (int r = 0; r < RISKS; r++)
		json_object_set_new(end, risk_words[r],
				    json_integer((json_int_t)preview_count(s->ws.plan, (enum risk)r)));
	json_object_set_new(end, "takes_s", json_integer(preview_takes_s(s->ws.plan)));
	jsonl_write(to, end);
}
