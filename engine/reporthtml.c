/* The validation report as HTML that needs nothing but a browser, on a screen or on paper. */
#include "engine/reportout.h"

#include <stdio.h>
#include <string.h>
#include "base/nls.h"
#include "base/text.h"
#include "engine/explain.h"
#include "engine/journaldrill.h"
#include "engine/wording.h"
#include "engine/workspace.h"

static const char style[] =
	"body{font:15px/1.45 sans-serif;color:#1b1f24;max-width:62em;margin:2em auto;padding:0 1em}"
	"h1{font-size:1.5em;margin:0}h2{font-size:1.2em;margin:1.8em 0 .4em;border-bottom:1px solid #c5ccd3}"
	"h3{font-size:1em;margin:1.2em 0 .2em}p{margin:.3em 0}"
	"table{border-collapse:collapse;width:100%;margin:.3em 0}"
	"th,td{text-align:left;vertical-align:top;padding:.2em .5em;border-bottom:1px solid #e3e7eb}"
	"th{font-weight:600;background:#f4f6f8}code,pre{font:12px/1.4 monospace;overflow-wrap:anywhere}"
	"pre{white-space:pre-wrap;margin:.3em 0;background:#f4f6f8;padding:.3em}"
	".mark{font-weight:700;white-space:nowrap}.pass{color:#116329}.warn{color:#7d4e00}"
	".fail{color:#a40e26}.not-run{color:#4b5563}.quiet{color:#57606a;font-size:.9em}"
	"svg{display:block;max-width:100%;height:auto;margin:.4em 0}"
	"svg text{font:12px sans-serif;fill:#1b1f24}"
	"svg .pass{fill:#2da44e}svg .warn{fill:#d4a72c}svg .fail{fill:#cf222e}svg .not-run{fill:#9aa4af}"
	"svg .deed{fill:#1b1f24}svg .phase{fill:#57606a}svg .answered{fill:#aceebb}"
	"svg .predicted{fill:none;stroke:#1b1f24;stroke-dasharray:3 2}"
	"@media print{body{margin:0;max-width:none;font-size:11px}h2{break-after:avoid}"
	"h3{break-after:avoid}tr,svg{break-inside:avoid}}";

/* Text between tags or in an attribute, cleaned again: a sink trusts nobody. */
static void
text_add(struct str *out, const char *text)
{
	CLEAN_STR clean = STR_INIT(65536);
	text_clean(&clean, text, strlen(text), true);
	for (const char *c = str_text(&clean); *c; c++) {
		switch (*c) {
		case '&': str_add(out, "&amp;"); break;
		case '<': str_add(out, "&lt;"); break;
		case '>': str_add(out, "&gt;"); break;
		case '"': str_add(out, "&quot;"); break;
		case '\'': str_add(out, "&#39;"); break;
		default: str_addc(out, *c);
		}
	}
}

/* <tag class="class">text</tag> */
static void
tag_add(struct str *out, const char *tag, const char *class, const char *text)
{
	str_addf(out, "<%s", tag);
	if (class)
		str_addf(out, " class=\"%s\"", class);
	str_addc(out, '>');
	text_add(out, text);
	str_addf(out, "</%s>", tag);
}

static void
mark_add(struct str *out, const char *tag, enum report_mark mark)
{
	str_addf(out, "<%s class=\"mark %s\">", tag, report_mark_ids[mark]);
	text_add(out, _(report_mark_words[mark]));
	str_addf(out, "</%s>", tag);
}

static void
duration_cell(struct str *out, int64_t ms)
{
	CLEAN_STR text = STR_INIT(64);
	if (ms >= 0)
		duration_add(&text, ms);
	tag_add(out, "td", NULL, str_text(&text));
}

/* ---- head ---- */

static void
counts_add(struct str *out, const struct report *r)
{
	str_add(out, "<p>");
	for (int m = 0; m < REPORT__MARKS; m++) {
		str_addf(out, "%s<span class=\"mark %s\">%zu ", m ? " &#183; " : "",
			 report_mark_ids[m], r->counts[m]);
		text_add(out, _(report_mark_words[m]));
		str_add(out, "</span>");
	}
	str_add(out, "</p>\n");
}

static const char *
verdict(const struct report *r)
{
	switch (report_code(r)) {
	case 0:
		return r->counts[REPORT_WARN] ? _("Every test passed; some of them with a warning.")
					      : _("Every test passed.");
	case 1:
		return _("Not valid: at least one test failed.");
	case 4:
		return _("Not proven: at least one test could not be told.");
	default:
		return _("Not proven: some tests were not run.");
	}
}

static void
head_add(struct str *out, const struct report *r)
{
	CLEAN_STR title = STR_INIT(1024);
	CLEAN_STR made = STR_INIT(128);
	CLEAN_STR line = STR_INIT(2048);
	str_addf(&title, _("Validation of %s"), r->title);
	moment_add(&made, r->made);
	str_addf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
		 "<meta name=\"viewport\" content=\"width=device-width\">\n", nls_lang());
	tag_add(out, "title", NULL, str_text(&title));
	str_addf(out, "\n<style>%s</style>\n</head>\n<body>\n", style);
	tag_add(out, "h1", NULL, str_text(&title));
	str_addf(&line, "%s · %s · %s", platform_id(r->plan->model->cluster.platform),
		 world_sentence(r->world), str_text(&made));
	if (r->run) {
		str_add(&line, " · ");
		str_addf(&line, _("up to run %lld"), (long long)r->run);
	}
	tag_add(out, "p", "quiet", str_text(&line));
	str_add(out, "\n<p><strong>");
	text_add(out, verdict(r));
	str_add(out, "</strong></p>\n");
	counts_add(out, r);
}

/* ---- charts ---- */

enum { CHART_WIDTH = 760, CHART_LEFT = 260, CHART_ROW = 20, SPANS_MAX = 200 };

static void
svg_begin(struct str *out, size_t rows, const char *label)
{
	str_addf(out, "<svg viewBox=\"0 0 %d %zu\" width=\"%d\" role=\"img\" aria-label=\"",
		 CHART_WIDTH, rows * CHART_ROW + 4, CHART_WIDTH);
	text_add(out, label);
	str_add(out, "\">\n");
}

static void
svg_label(struct str *out, size_t row, const char *text)
{
	CLEAN_STR fit = STR_INIT(1024);
	text_clip(&fit, text, 40);
	str_addf(out, "<text x=\"0\" y=\"%zu\">", row * CHART_ROW + 14);
	text_add(out, str_text(&fit));
	str_add(out, "</text>");
}

static void
svg_bar(struct str *out, size_t row, double from, double to, const char *class)
{
	double x = CHART_LEFT + from * (CHART_WIDTH - CHART_LEFT - 70);
	double width = (to - from) * (CHART_WIDTH - CHART_LEFT - 70);
	str_addf(out, "<rect x=\"%.1f\" y=\"%zu\" width=\"%.1f\" height=\"%d\" class=\"%s\"/>", x,
		 row * CHART_ROW + 3, width < 1 ? 1 : width, CHART_ROW - 6, class);
}

static void
svg_value(struct str *out, size_t row, double at, const char *text)
{
	double x = CHART_LEFT + at * (CHART_WIDTH - CHART_LEFT - 70) + 4;
	str_addf(out, "<text x=\"%.1f\" y=\"%zu\">", x, row * CHART_ROW + 14);
	text_add(out, text);
	str_add(out, "</text>\n");
}

static void
categories_chart(struct str *out, const struct report *r)
{
	size_t n[CATEGORY__COUNT][REPORT__MARKS] = { { 0 } }, total[CATEGORY__COUNT] = { 0 };
	size_t most = 1, rows = 0, row = 0;
	const struct report_test *test;
	vec_each(test, &r->tests)
		for (int m = 0; m < REPORT__MARKS; m++) {
			n[test->step->category][m] += test->counts[m];
			total[test->step->category] += test->counts[m];
		}
	for (int c = 0; c < CATEGORY__COUNT; c++) {
		most = total[c] > most ? total[c] : most;
		rows += total[c] > 0;
	}
	svg_begin(out, rows, _("Tests by category"));
	for (int c = 0; c < CATEGORY__COUNT; c++) {
		double at = 0;
		char sum[32];
		if (!total[c])
			continue;
		svg_label(out, row, _(report_categories[c]));
		for (int m = 0; m < REPORT__MARKS; m++) {
			double next = at + (double)n[c][m] / (double)most;
			if (n[c][m])
				svg_bar(out, row, at, next, report_mark_ids[m]);
			at = next;
		}
		snprintf(sum, sizeof sum, "%zu", total[c]);
		svg_value(out, row++, at, sum);
	}
	str_add(out, "</svg>\n");
}

static void
timeline_add(struct str *out, const struct report *r)
{
	size_t n = r->spans.n < SPANS_MAX ? r->spans.n : SPANS_MAX;
	int64_t wall = r->wall_ms;
	if (!n)
		return;
	for (size_t i = 0; i < n; i++)
		wall = r->spans.at[i].to_ms > wall ? r->spans.at[i].to_ms : wall;
	wall = wall > 0 ? wall : 1;
	tag_add(out, "h2", NULL, _("Timeline of the last run"));
	svg_begin(out, n, _("Timeline of the last run"));
	for (size_t i = 0; i < n; i++) {
		const struct report_span *s = &r->spans.at[i];
		CLEAN_STR label = STR_INIT(2048);
		CLEAN_STR took = STR_INIT(64);
		double to = (double)s->to_ms / (double)wall;
		str_addf(&label, "%s · %s", s->node, s->title);
		duration_add(&took, s->to_ms - s->from_ms);
		svg_label(out, i, str_text(&label));
		svg_bar(out, i, (double)s->from_ms / (double)wall, to, report_mark_ids[s->mark]);
		svg_value(out, i, to, str_text(&took));
	}
	str_add(out, "</svg>\n");
	if (n < r->spans.n) {
		CLEAN_STR more = STR_INIT(128);
		str_addf(&more, _("and %zu more"), r->spans.n - n);
		tag_add(out, "p", "quiet", str_text(&more));
	}
}

/* ---- tests ---- */

static void
evidence_add(struct str *out, const struct report_claim *c)
{
	CLEAN_STR at = STR_INIT(64);
	moment_add(&at, c->at);
	str_add(out, "<td><code>");
	text_add(out, c->command);
	str_add(out, "</code>");
	if (at.len) {
		str_add(out, "<br><span class=\"quiet\">");
		text_add(out, str_text(&at));
		if (*c->output) {
			str_add(out, "</span><br><span class=\"quiet\">");
			text_add(out, _("SHA-256 of its output:"));
			str_addf(out, " <code>%s</code>", c->output);
		}
		str_add(out, "</span>");
	}
	str_add(out, "</td>");
}

static void
where_cell(struct str *out, const struct report_claim *c)
{
	CLEAN_STR where = STR_INIT(2048);
	if (c)
		str_addf(&where, "%s%s%s", c->node, *c->object ? ", " : "", c->object);
	tag_add(out, "td", NULL, str_text(&where));
}

static void
claim_add(struct str *out, const struct report_claim *c)
{
	str_add(out, "<tr>");
	mark_add(out, "td", c->mark);
	where_cell(out, c);
	str_add(out, "<td>");
	text_add(out, c->reason);
	if (*c->fix) {
		str_add(out, "<br><strong>");
		text_add(out, _("To do:"));
		str_add(out, "</strong> ");
		text_add(out, c->fix);
	}
	if (*c->tail)
		tag_add(out, "pre", NULL, c->tail);
	str_add(out, "</td>");
	evidence_add(out, c);
	str_add(out, "</tr>\n");
}

static void
row_head(struct str *out, const char *const *titles)
{
	str_add(out, "<table>\n<thead><tr>");
	for (; *titles; titles++)
		tag_add(out, "th", NULL, _(*titles));
	str_add(out, "</tr></thead>\n<tbody>\n");
}

static void
tests_add(struct str *out, const struct report *r)
{
	static const char *const titles[] = { N_("Answer"), N_("Where"), N_("Reason"),
					      N_("Evidence"), NULL };
	enum step_category category = CATEGORY_NONE;
	const struct report_test *test;
	const struct report_claim *c;
	vec_each(test, &r->tests) {
		if (test->step->category != category) {
			category = test->step->category;
			tag_add(out, "h2", NULL, _(report_categories[category]));
			str_addc(out, '\n');
		}
		str_add(out, "<h3>");
		mark_add(out, "span", test->mark);
		str_add(out, " ");
		text_add(out, test->title);
		str_add(out, "</h3>\n");
		row_head(out, titles);
		vec_each(c, &test->claims)
			claim_add(out, c);
		str_add(out, "</tbody>\n</table>\n");
	}
}

/* ---- drills and differences ---- */

static void
drills_chart(struct str *out, const struct report *r)
{
	const struct report_drill *d;
	int64_t most = 1;
	size_t row = 0;
	vec_each(d, &r->drills) {
		most = d->outage_ms > most ? d->outage_ms : most;
		most = d->predicted_ms > most ? d->predicted_ms : most;
	}
	svg_begin(out, r->drills.n, _("Outage, with the predicted one dashed"));
	vec_each(d, &r->drills) {
		CLEAN_STR label = STR_INIT(1024);
		CLEAN_STR took = STR_INIT(64);
		str_addf(&label, "%s · %s", d->name, d->object);
		svg_label(out, row, str_text(&label));
		if (d->predicted_ms >= 0)
			svg_bar(out, row, 0, (double)d->predicted_ms / (double)most, "predicted");
		if (d->outage_ms >= 0) {
			duration_add(&took, d->outage_ms);
			svg_bar(out, row, 0, (double)d->outage_ms / (double)most,
				report_mark_ids[d->mark]);
			svg_value(out, row, (double)d->outage_ms / (double)most, str_text(&took));
		}
		row++;
	}
	str_add(out, "</svg>\n");
}

/* Where this moment stands in the strip of one drill, 0 to 1. */
static double
strip_at(const struct report_drill *d, int64_t ms)
{
	ms = ms < d->from_ms ? d->from_ms : ms > d->to_ms ? d->to_ms : ms;
	return (double)(ms - d->from_ms) / (double)(d->to_ms - d->from_ms);
}

/* Two marks that would touch get no number of their own. */
static void
strip_marks(struct str *out, const struct report_drill *d)
{
	const double hair = 0.002;
	double last = -1;
	svg_bar(out, 0, strip_at(d, 0), strip_at(d, 0) + hair, "deed");
	for (size_t i = 0; i < d->nphases; i++) {
		double at = strip_at(d, d->phases[i].at_ms);
		char number[32];
		svg_bar(out, 0, at, at + hair, "phase");
		snprintf(number, sizeof number, "%zu", i + 1);
		if (at - last > 0.04)
			svg_value(out, 1, at - 0.01, number);
		last = at - last > 0.04 ? at : last;
	}
}

/* Every time in which no probe was answered, from the first probe to the last. */
static void
strip_add(struct str *out, const struct report_drill *d)
{
	CLEAN_STR label = STR_INIT(1024);
	CLEAN_STR took = STR_INIT(64);
	if (d->to_ms <= d->from_ms)
		return;
	str_addf(&label, "%s · %s", d->name, d->object);
	duration_add(&took, d->to_ms - d->from_ms);
	svg_begin(out, 2, _("What its probes met: answered, or silence"));
	svg_label(out, 0, str_text(&label));
	svg_bar(out, 0, 0, 1, "answered");
	for (size_t i = 0; i < d->nsilences; i++)
		svg_bar(out, 0, strip_at(d, d->silences[i].from_ms), strip_at(d, d->silences[i].to_ms),
			"fail");
	strip_marks(out, d);
	svg_value(out, 0, 1, str_text(&took));
	str_add(out, "</svg>\n");
}

/* "1 · 5.0 s noticed · 2 · 8.1 s started hv-2" */
static void
phases_add(struct str *out, const struct report_drill *d)
{
	CLEAN_STR line = STR_INIT(8192);
	for (size_t i = 0; i < d->nphases; i++) {
		const struct report_phase *p = &d->phases[i];
		str_addf(&line, "%s%zu: ", i ? " · " : "", i + 1);
		duration_add(&line, p->at_ms);
		str_addf(&line, " %s%s%s", p->title, *p->node ? " " : "", p->node);
	}
	if (line.len)
		tag_add(out, "p", "quiet", str_text(&line));
	str_addc(out, '\n');
}

static void
earlier_cell(struct str *out, const struct report_drill *d)
{
	CLEAN_STR took = STR_INIT(64);
	CLEAN_STR text = STR_INIT(128);
	duration_add(&took, d->earlier_ms);
	if (d->nearlier)
		str_addf(&text, P_("%s (%zu run)", "%s (%zu runs)", d->nearlier), str_text(&took),
			 d->nearlier);
	tag_add(out, "td", NULL, str_text(&text));
}

/* Drill by drill: when it was silent, and what happened meanwhile. */
static void
strips_add(struct str *out, const struct report *r)
{
	const struct report_drill *d;
	tag_add(out, "p", "quiet",
		_("A strip for each drill, from its first probe to its last: green was answered, red was "
		  "silence. The dark line is the deed; the numbers are the phases, counted from it."));
	str_addc(out, '\n');
	vec_each(d, &r->drills) {
		strip_add(out, d);
		phases_add(out, d);
	}
	if (r->drills_more) {
		CLEAN_STR more = STR_INIT(128);
		str_addf(&more, _("and %zu more"), r->drills_more);
		tag_add(out, "p", "quiet", str_text(&more));
	}
}

static void
drills_add(struct str *out, const struct report *r)
{
	static const char *const titles[] = { N_("Answer"), N_("Drill"), N_("When"), N_("Predicted"),
					      N_("Outage"), N_("Earlier, median"),
					      N_("Redundant again"), N_("Lost probes"), NULL };
	const struct report_drill *d;
	if (!r->drills.n)
		return;
	tag_add(out, "h2", NULL, _("Drills"));
	drills_chart(out, r);
	row_head(out, titles);
	vec_each(d, &r->drills) {
		CLEAN_STR name = STR_INIT(1024);
		CLEAN_STR at = STR_INIT(64);
		str_addf(&name, "%s, %s", d->name, d->object);
		moment_add(&at, d->at);
		str_add(out, "<tr>");
		str_addf(out, "<td class=\"mark %s\">", report_mark_ids[d->mark]);
		text_add(out, drill_verdict_word(d->verdict));
		str_add(out, "</td>");
		tag_add(out, "td", NULL, str_text(&name));
		tag_add(out, "td", NULL, str_text(&at));
		duration_cell(out, d->predicted_ms);
		duration_cell(out, d->outage_ms);
		earlier_cell(out, d);
		duration_cell(out, d->redundant_ms);
		str_addf(out, "<td>%llu / %llu</td></tr>\n", (unsigned long long)d->lost,
			 (unsigned long long)d->sent);
	}
	str_add(out, "</tbody>\n</table>\n");
	strips_add(out, r);
}

static void
changes_add(struct str *out, const struct report *r)
{
	static const char *const titles[] = { N_("Test"), N_("Where"), N_("Before"), N_("Now"), NULL };
	const struct report_change *c;
	CLEAN_STR title = STR_INIT(256);
	if (!r->compared)
		return;
	str_addf(&title, _("Compared with run %lld"), (long long)r->compared);
	tag_add(out, "h2", NULL, str_text(&title));
	if (!r->changes.n) {
		tag_add(out, "p", NULL, _("Every answer is the same."));
		return;
	}
	row_head(out, titles);
	vec_each(c, &r->changes) {
		str_add(out, "<tr>");
		tag_add(out, "td", NULL, c->test ? c->test->title : c->task);
		where_cell(out, c->claim);
		for (int i = 0; i < 2; i++) {
			enum report_mark mark = i ? c->after : c->before;
			if (mark == REPORT__MARKS)
				tag_add(out, "td", NULL, _("not there"));
			else
				mark_add(out, "td", mark);
		}
		str_add(out, "</tr>\n");
	}
	str_add(out, "</tbody>\n</table>\n");
}

void
reporthtml_write(struct str *out, const struct report *r)
{
	head_add(out, r);
	categories_chart(out, r);
	changes_add(out, r);
	tests_add(out, r);
	drills_add(out, r);
	timeline_add(out, r);
	str_add(out, "</body>\n</html>\n");
}
