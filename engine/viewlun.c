/* Rows of a LUN picker: each LUN with what is known of it, and whether it may be touched. */
#include <string.h>
#include "base/nls.h"
#include "base/text.h"
#include "engine/viewmap.h"

static void
tail_copy(char tail[WWID_TAIL + 1], const char *wwid)
{
	size_t n = strlen(wwid);
	str_put(tail, WWID_TAIL + 1, n > WWID_TAIL ? wwid + n - WWID_TAIL : wwid);
}

/* The nodes' word on the content is of today; a probe's is the evidence of every byte it read. */
static enum lun_allowed
row_allowed(const struct lun_row *row)
{
	const char *content = row->lun ? row->lun->content : "";
	if (!row->lun || str_starts(content, "foreign"))
		return ALLOWED_NO;
	if (!strcmp(content, "own"))
		return ALLOWED_OWN;
	if (row->probed)
		return row->probed->verdict == LUN_EMPTY ? ALLOWED_YES : ALLOWED_NO;
	return !strcmp(content, "empty") ? ALLOWED_YES : ALLOWED_UNKNOWN;
}

static size_t
keys_count(const char *keys)
{
	size_t n = 0;
	for (keys += strspn(keys, " "); *keys; keys += strspn(keys, " ")) {
		keys += strcspn(keys, " ");
		n++;
	}
	return n;
}

static void
row_add(struct lun_rows *out, const struct map_lun *l, const struct probe_lun *probed)
{
	struct lun_row *row = vec_add(&out->rows);
	const struct map_hold *h;
	row->lun = l;
	row->probed = probed;
	row->size_bytes = probed ? probed->size_bytes : l->lun->size;
	tail_copy(row->tail, probed && *probed->wwid ? probed->wwid : l ? l->wwid : "");
	row->registered = probed ? probed->pr.total : 0;
	if (l)
		vec_each(h, &l->holds) {
			size_t keys = keys_count(h->keys);
			row->logged_in += h->logged_in == TELL_YES;
			row->registered = keys > row->registered ? keys : row->registered;
		}
	row->allowed = row_allowed(row);
}

static bool
probed_is_known(const struct viewmap *m, const struct probe_target *t, const struct probe_lun *p)
{
	const struct map_lun *l;
	vec_each(l, &m->luns)
		if (l->target && !strcmp(l->target->iqn, t->iqn) && l->lun->number == p->number)
			return true;
	return false;
}

void
lun_rows_fill(const struct viewmap *m, const struct probe_result *r, struct lun_rows *out)
{
	const struct map_lun *l;
	const struct probe_target *t;
	const struct probe_lun *p;
	out->rows.n = 0;
	vec_each(l, &m->luns)
		row_add(out, l, l->probed);
	if (!r)
		return;
	vec_each(t, &r->targets)
		vec_each(p, &t->luns)
			if (!probed_is_known(m, t, p))
				row_add(out, NULL, p);
}

void
lun_rows_done(struct lun_rows *rows)
{
	vec_free(&rows->rows);
}

void
lun_row_name(const struct lun_row *row, struct str *out)
{
	if (row->lun)
		str_add(out, row->lun->lun->name);
	else
		str_addf(out, _("number %u"), row->probed->number);
}

void
lun_row_content(const struct lun_row *row, struct str *out)
{
	const char *content = row->lun ? row->lun->content : "";
	const struct map_hold *h;
	if (row->probed) {
		lun_content(out, row->probed);
		return;
	}
	if (!strcmp(content, "empty")) {
		str_add(out, _("nothing"));
		return;
	}
	if (str_starts(content, "foreign:")) {
		str_add(out, content + strlen("foreign:"));
		return;
	}
	if (row->lun)
		vec_each(h, &row->lun->holds)
			if (*h->content) {
				str_add(out, h->content);
				return;
			}
	str_add(out, !strcmp(content, "own") ? _("what this cluster put there") : _("not known"));
}

void
lun_row_reason(const struct lun_row *row, struct str *out)
{
	switch (row->allowed) {
	case ALLOWED_YES:
		str_add(out, _("It is proven empty."));
		break;
	case ALLOWED_OWN:
		str_add(out, _("It holds what this cluster put there: nothing has to be done to it."));
		break;
	case ALLOWED_UNKNOWN:
		str_add(out, _("Nobody has looked at it yet: it is not touched before."));
		break;
	case ALLOWED_NO:
		if (!row->lun)
			str_add(out, _("The cluster file does not name it: it belongs to somebody else."));
		else if (row->probed && row->probed->verdict != LUN_EMPTY)
			lun_verdict_reason(out, row->probed);
		else
			str_add(out, _("Something that is not this cluster's is on it: only its own "
				       "name, typed, allows to destroy that."));
		break;
	}
}
