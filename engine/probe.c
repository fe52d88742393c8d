/* Verdicts on LUNs: what a probe saw, turned into "empty" or a reason to keep away. */
#include "engine/probe.h"

#include <string.h>
#include "base/nls.h"
#include "base/str.h"

struct probe_result *
probe_result_new(void)
{
	return xcalloc(1, sizeof(struct probe_result));
}

struct probe_result *
probe_result_free(struct probe_result *r)
{
	struct probe_target *t;
	char **portal;

	if (!r)
		return NULL;
	vec_each(t, &r->targets) {
		vec_each(portal, &t->portals)
			free(*portal);
		vec_free(&t->portals);
		vec_free(&t->luns);
	}
	vec_free(&r->targets);
	free(r);
	return NULL;
}

static bool
seen_everything(const struct probe_lun *lun)
{
	const struct probe_evidence *e = &lun->seen;

	return e->head_read && e->tail_read && e->searched && e->samples_read == e->samples &&
	       lun->size_bytes > 0;
}

enum lun_verdict
lun_verdict(const struct probe_lun *lun)
{
	if (lun->pr.total || lun->pr.nkeys || lun->pr.reserved)
		return LUN_RESERVED;
	if (lun->nsigns)
		return LUN_SIGNED;
	if (lun->seen.nonzero)
		return LUN_UNKNOWN_DATA;
	if (lun->err.code || !lun->pr.known || !seen_everything(lun))
		return LUN_UNREADABLE;
	return LUN_EMPTY;
}

static const char *const verdict_words[LUN__VERDICTS] = {
	[LUN_EMPTY] = N_("empty"),
	[LUN_SIGNED] = N_("in use"),
	[LUN_UNKNOWN_DATA] = N_("unknown data"),
	[LUN_RESERVED] = N_("reserved"),
	[LUN_UNREADABLE] = N_("not told"),
};

const char *
lun_verdict_word(enum lun_verdict v)
{
	return verdict_words[v];
}

static const struct pr_type {
	unsigned type;
	const char *text;
} pr_types[] = {
	{ 1, N_("write exclusive") },
	{ 3, N_("exclusive access") },
	{ 5, N_("write exclusive, registrants only") },
	{ 6, N_("exclusive access, registrants only") },
	{ 7, N_("write exclusive, all registrants") },
	{ 8, N_("exclusive access, all registrants") },
};

const char *
probe_pr_type(unsigned type)
{
	for (size_t i = 0; i < sizeof pr_types / sizeof *pr_types; i++)
		if (pr_types[i].type == type)
			return _(pr_types[i].text);
	return _("a type unknown here");
}

static void
reserved_reason(struct str *out, const struct probe_pr *pr)
{
	str_addf(out, P_("%zu key is registered", "%zu keys are registered", pr->total), pr->total);
	if (pr->reserved)
		str_addf(out, _("; reserved: %s"), probe_pr_type(pr->type));
}

static void
empty_reason(struct str *out, const struct probe_lun *lun)
{
	str_addf(out, _("no signature, no registration, and all %llu KiB read are zero"),
		 (unsigned long long)lun->seen.bytes_read >> 10);
}

static void
unreadable_reason(struct str *out, const struct probe_lun *lun)
{
	if (lun->err.code)
		str_add(out, lun->err.what);
	else if (!lun->pr.known)
		str_add(out, _("its registrations could not be read"));
	else
		str_add(out, _("not all that must be read was read"));
}

void
lun_verdict_reason(struct str *out, const struct probe_lun *lun)
{
	switch (lun_verdict(lun)) {
	case LUN_RESERVED:
		reserved_reason(out, &lun->pr);
		break;
	case LUN_SIGNED:
		lun_content(out, lun);
		break;
	case LUN_UNKNOWN_DATA:
		str_addf(out, _("no known signature, but byte %llu is not zero"),
			 (unsigned long long)lun->seen.nonzero_at);
		break;
	case LUN_EMPTY:
		empty_reason(out, lun);
		break;
	default:
		unreadable_reason(out, lun);
	}
}

static void
signature_text(struct str *out, const struct probe_signature *s)
{
	str_add(out, s->kind);
	if (s->label[0])
		str_addf(out, " %s", s->label);
	if (s->note[0])
		str_addf(out, " (%s)", s->note);
	if (s->damaged)
		str_addf(out, " (%s)", _("damaged"));
}

void
lun_content(struct str *out, const struct probe_lun *lun)
{
	for (size_t i = 0; i < lun->nsigns; i++) {
		str_add(out, i ? ", " : "");
		signature_text(out, &lun->signs[i]);
	}
	if (lun->nsigns)
		return;
	if (lun->seen.nonzero)
		str_add(out, _("data of an unknown kind"));
	else
		str_add(out, seen_everything(lun) ? _("nothing") : _("not known"));
}

static int
portal_port(const char *text, int *ret_port, struct err *err)
{
	uint64_t port;

	if (!str_to_u64(text, &port) || port < 1 || port > 65535) {
		err_set(err, E_INPUT, _("'%s' is not a port"), text);
		err_hint(err, _("A port is a number from 1 to 65535; 3260 when left out."));
		return E_INPUT;
	}
	*ret_port = (int)port;
	return 0;
}

static int
portal_bad(const char *text, struct err *err)
{
	err_set(err, E_INPUT, _("'%s' is not a portal"), text);
	err_hint(err, _("Write HOST, HOST:PORT or [IPv6]:PORT."));
	return E_INPUT;
}

/* A name or an address holds nothing but these; it is shown to people as it is. */
static bool
host_is_sane(const char *host)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:%";

	return host[0] && host[0] != '-' && host[strspn(host, good)] == '\0';
}

int
probe_portal_parse(const char *text, char host[256], int *ret_port, struct err *err)
{
	const char *start = text, *end, *rest;

	*ret_port = PROBE_PORT;
	if (text[0] == '[') {
		start++;
		end = strchr(start, ']');
		if (!end)
			return portal_bad(text, err);
		rest = end + 1;
	} else {
		end = strrchr(text, ':');
		if (!end || strchr(text, ':') != end) /* none, or a bare IPv6 address */
			end = text + strlen(text);
		rest = end;
	}
	if (end - start > 255 || (*rest && *rest != ':'))
		return portal_bad(text, err);
	memcpy(host, start, (size_t)(end - start));
	host[end - start] = '\0';
	if (!host_is_sane(host))
		return portal_bad(text, err);
	return *rest ? portal_port(rest + 1, ret_port, err) : 0;
}
