/* Splits remote output into the engine's own lines and log lines. A marker is a line
 * "@NONCE kind<TAB>argument<TAB>…" with the right nonce; anything else is only text. */
#include <string.h>
#include "engine/marker.h"

void
marker_init(struct marker_reader *r, const char *nonce)
{
	memset(r, 0, sizeof *r);
	str_put(r->nonces[0], sizeof r->nonces[0], nonce);
	r->line = STR_INIT(MARKER_LINE_MAX + 1);
}

void
marker_done(struct marker_reader *r)
{
	str_done(&r->line);
}

const char *
marker_arg(const struct marker *m, size_t i)
{
	return i < m->nargs ? m->args[i] : "";
}

/* What follows "@NONCE ", or NULL when the line is not one of ours. */
static char *
marker_body(const struct marker_reader *r, char *line, size_t len)
{
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(r->nonces[i]);

		if (n && len > n + 2 && line[0] == '@' && !memcmp(line + 1, r->nonces[i], n) &&
		    line[1 + n] == ' ')
			return line + n + 2;
	}
	return NULL;
}

static void
marker_line(struct marker_reader *r)
{
	struct marker m = { 0 };
	char *body;

	if (r->line.len && r->line.s[r->line.len - 1] == '\r')
		r->line.s[--r->line.len] = '\0';
	body = r->line.len ? marker_body(r, r->line.s, r->line.len) : NULL;
	if (!body) {
		r->on_log(r->ctx, str_text(&r->line), r->line.len);
		str_clear(&r->line);
		return;
	}
	m.kind = body;
	for (char *tab = strchr(body, '\t'); tab && m.nargs < MARKER_ARGS_MAX;
	     tab = strchr(tab, '\t')) {
		*tab++ = '\0';
		m.args[m.nargs++] = tab;
	}
	r->on_marker(r->ctx, &m);
	str_clear(&r->line);
}

void
marker_feed(struct marker_reader *r, const char *data, size_t n)
{
	while (n) {
		const char *end = memchr(data, '\n', n);
		size_t part = end ? (size_t)(end - data) : n;
		size_t room = MARKER_LINE_MAX - r->line.len;

		if (part > room) {
			str_addn(&r->line, data, room);
			data += room;
			n -= room;
			r->whole = r->fed += room;
			marker_line(r);
			continue;
		}
		str_addn(&r->line, data, part);
		data += part;
		n -= part;
		r->fed += part;
		if (end) {
			r->whole = ++r->fed;
			marker_line(r);
			data++;
			n--;
		}
	}
}

void
marker_end(struct marker_reader *r)
{
	if (r->line.len)
		marker_line(r);
}
