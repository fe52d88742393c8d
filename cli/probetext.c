/* Tables and JSON of a probe. */
#include "cli/probetext.h"

#include <string.h>
#include "base/nls.h"
#include "base/text.h"
#include "cli/jsonl.h"

enum { COLUMNS = 80, INDENT = 6, TAIL = 16, SERIAL_COLUMNS = 16, WORD_COLUMNS = 12 };

/* "40 MiB", "1.5 TiB": never rounded up to more than there is. */
static void
add_size(struct str *out, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	size_t unit = 0;
	uint64_t whole = bytes, tenths = 0;

	while (whole >= 1024 && unit < 6) {
		tenths = whole % 1024 * 10 / 1024;
		whole /= 1024;
		unit++;
	}
	if (tenths)
		str_addf(out, "%llu.%llu %s", (unsigned long long)whole, (unsigned long long)tenths,
			 units[unit]);
	else
		str_addf(out, "%llu %s", (unsigned long long)whole, units[unit]);
}

static void
add_right(struct str *out, const char *text, int columns)
{
	for (int i = text_width(text); i < columns; i++)
		str_addc(out, ' ');
	str_add(out, text);
}

/* The end of an identity tells two LUNs apart; its beginning is the maker's. */
static void
add_tail(struct str *out, const char *id)
{
	size_t n = strlen(id);

	str_add(out, n > TAIL ? "…" : " ");
	text_pad(out, n > TAIL ? id + n - TAIL : id, TAIL);
}

static void
add_wrapped(void *ctx, const char *line)
{
	str_addf(ctx, "%*s%s\n", INDENT, "", line);
}

static void
add_paragraph(struct str *out, const char *text)
{
	text_wrap(text, COLUMNS - INDENT, add_wrapped, out);
}

static void
lun_row(struct str *out, const struct probe_lun *lun)
{
	CLEAN_STR size = STR_INIT(64);
	CLEAN_STR reason = STR_INIT(2048);
	char number[16], keys[24];

	add_size(&size, lun->size_bytes);
	snprintf(number, sizeof number, "%u", lun->number);
	snprintf(keys, sizeof keys, "%zu", lun->pr.total);
	str_add(out, "  ");
	add_right(out, number, 5);
	add_right(out, lun->size_bytes ? str_text(&size) : "?", 11);
	str_add(out, "  ");
	add_tail(out, lun->wwid);
	str_add(out, "  ");
	text_pad(out, lun->serial, SERIAL_COLUMNS);
	add_right(out, lun->pr.known ? keys : "?", 6);
	str_addf(out, "  %s\n", _(lun_verdict_word(lun->verdict)));
	lun_verdict_reason(&reason, lun);
	if (lun->verdict == LUN_RESERVED) {
		str_add(&reason, _("; on it: "));
		lun_content(&reason, lun);
	}
	add_paragraph(out, str_text(&reason));
}

static void
trouble_add(struct str *out, const struct err *err)
{
	CLEAN_STR text = STR_INIT(1024);

	str_add(&text, err->what);
	if (err->hint[0])
		str_addf(&text, ". %s", err->hint);
	add_paragraph(out, str_text(&text));
}

static void
head_row(struct str *out)
{
	str_add(out, "  ");
	add_right(out, _("LUN"), 5);
	add_right(out, _("size"), 11);
	str_add(out, "  ");
	text_pad(out, _("WWID ends in"), TAIL + 1);
	str_add(out, "  ");
	text_pad(out, _("serial"), SERIAL_COLUMNS);
	add_right(out, _("keys"), 6);
	str_addf(out, "  %s\n", _("verdict"));
}

static void
target_table(struct str *out, const struct probe_target *t)
{
	const struct probe_lun *lun;
	char *const *portal;

	str_addf(out, "\n%s\n", t->iqn);
	vec_each(portal, &t->portals)
		str_addf(out, "  %s %s\n", _("portal"), *portal);
	if (t->err.code)
		trouble_add(out, &t->err);
	if (t->luns.n)
		head_row(out);
	else if (!t->err.code)
		str_addf(out, "  %s\n", _("no LUN is shown to this initiator"));
	vec_each(lun, &t->luns)
		lun_row(out, lun);
}

void
probetext_table(struct str *out, const struct probe_result *r, const char *initiator)
{
	const struct probe_target *t;

	str_addf(out, P_("%s: %zu target (%lld ms)\n", "%s: %zu targets (%lld ms)\n", r->targets.n),
		 r->portal, r->targets.n, (long long)r->took_ms);
	str_addf(out, _("asked as %s\n"), initiator);
	vec_each(t, &r->targets)
		target_table(out, t);
}

/* --- JSON --- */

static json_t *
signature_json(const struct probe_signature *s)
{
	json_t *o = json_object();

	jsonl_text(o, "kind", s->kind);
	jsonl_text(o, "usage", s->usage);
	jsonl_text(o, "label", s->label);
	jsonl_text(o, "uuid", s->uuid);
	jsonl_text(o, "note", s->note);
	if (s->damaged)
		json_object_set_new(o, "damaged", json_true());
	return o;
}

static json_t *
key_json(uint64_t key)
{
	char text[24];

	snprintf(text, sizeof text, "0x%llx", (unsigned long long)key);
	return json_string(text);
}

static json_t *
pr_json(const struct probe_pr *pr)
{
	json_t *o = json_object(), *keys = json_array();

	json_object_set_new(o, "known", json_boolean(pr->known));
	json_object_set_new(o, "supported", json_boolean(pr->supported));
	if (pr->told) {
		json_object_set_new(o, "types", json_integer(pr->types));
		json_object_set_new(o, "persists", json_boolean(pr->persists));
	}
	json_object_set_new(o, "registered", json_integer((json_int_t)pr->total));
	for (size_t i = 0; i < pr->nkeys; i++)
		json_array_append_new(keys, key_json(pr->keys[i]));
	json_object_set_new(o, "keys", keys);
	if (pr->reserved) {
		json_object_set_new(o, "holder", key_json(pr->holder));
		json_object_set_new(o, "type", json_integer(pr->type));
	}
	return o;
}

static json_t *
names_json(const struct probe_lun *lun)
{
	json_t *list = json_array(), *o;

	for (size_t i = 0; i < lun->nnames; i++) {
		o = json_object();
		json_object_set_new(o, "type", json_integer(lun->names[i].type));
		jsonl_text(o, "text", lun->names[i].text);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *
lun_json(const struct probe_target *t, const struct probe_lun *lun)
{
	json_t *o = json_object(), *signs = json_array();
	CLEAN_STR reason = STR_INIT(2048);

	lun_verdict_reason(&reason, lun);
	jsonl_text(o, "event", "lun");
	jsonl_text(o, "target", t->iqn);
	json_object_set_new(o, "lun", json_integer(lun->number));
	jsonl_text(o, "verdict", lun_verdict_word(lun->verdict));
	jsonl_text(o, "reason", str_text(&reason));
	json_object_set_new(o, "size", json_integer((json_int_t)lun->size_bytes));
	json_object_set_new(o, "block", json_integer(lun->block_size));
	json_object_set_new(o, "physical_block", json_integer(lun->physical_size));
	json_object_set_new(o, "thin", json_boolean(lun->thin));
	jsonl_text(o, "vendor", lun->vendor);
	jsonl_text(o, "product", lun->product);
	jsonl_text(o, "revision", lun->revision);
	jsonl_text(o, "serial", lun->serial);
	jsonl_text(o, "wwid", lun->wwid);
	jsonl_text(o, "scsi_id", lun->scsi_id);
	json_object_set_new(o, "names", names_json(lun));
	json_object_set_new(o, "pr", pr_json(&lun->pr));
	for (size_t i = 0; i < lun->nsigns; i++)
		json_array_append_new(signs, signature_json(&lun->signs[i]));
	json_object_set_new(o, "signatures", signs);
	if (lun->err.code)
		json_object_set_new(o, "error", jsonl_err(&lun->err));
	return o;
}

static json_t *
target_json(const struct probe_target *t)
{
	json_t *o = json_object(), *portals = json_array();
	char *const *portal;

	jsonl_text(o, "event", "target");
	jsonl_text(o, "target", t->iqn);
	vec_each(portal, &t->portals)
		json_array_append_new(portals, json_text(*portal, strlen(*portal)));
	json_object_set_new(o, "portals", portals);
	json_object_set_new(o, "auth_needed", json_boolean(t->auth_needed));
	json_object_set_new(o, "auth_failed", json_boolean(t->auth_failed));
	json_object_set_new(o, "luns", json_integer((json_int_t)t->luns.n));
	if (t->err.code)
		json_object_set_new(o, "error", jsonl_err(&t->err));
	return o;
}

void
probetext_json(FILE *to, const struct probe_result *r, const char *initiator, const struct err *err)
{
	const struct probe_target *t;
	const struct probe_lun *lun;
	json_t *o = json_object();

	vec_each(t, &r->targets) {
		jsonl_write(to, target_json(t));
		vec_each(lun, &t->luns)
			jsonl_write(to, lun_json(t, lun));
	}
	jsonl_text(o, "event", "probe");
	jsonl_text(o, "portal", r->portal);
	jsonl_text(o, "initiator", initiator);
	json_object_set_new(o, "targets", json_integer((json_int_t)r->targets.n));
	json_object_set_new(o, "ms", json_integer(r->took_ms));
	if (err->code)
		json_object_set_new(o, "error", jsonl_err(err));
	jsonl_write(to, o);
}
