/* Reads ini files strictly. inih parses, but it never sees a line as it stands in the file: our
 * line reader checks each one, knows its number, and hands it on in a form that inih's habits
 * (lines cut at 200 bytes, " ;" beginning a comment, ':' separating, blanks stripped) cannot
 * change. */
#include "backends/ini.h"

#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nls.h"
#include "base/paths.h"
#include "base/str.h"
#include "base/text.h"
#include "base/vec.h"

#if !INI_ALLOW_MULTILINE
#error "inih was built without multi-line values"
#endif

/* What a line begins with on its way through inih. Control characters are refused in files, so
 * none of these can come from one. */
enum {
	MARK_VALUE = 0x02, /* a value begins */
	MARK_PIECE = 0x03, /* more of the same line */
	MARK_LINE = 0x04,  /* a continuation line */
	MARK_END = 0x05,  /* keeps what a locale takes for a blank from being stripped at the end */
	MARK_NAME = 0x06, /* the key under which a section's name travels */
	PIECE_MAX = 100,  /* bytes of value in one line for inih, whose limit is 197 */
};

/* Bytes that mean something to inih, and what stands for them meanwhile. */
static const char guarded[] = " \t;:]=";
static const char disguise[] = "\x0e\x0f\x10\x11\x12\x13";

struct seen {
	uint64_t hash;
	int line;
};

struct seen_list {
	struct seen *at;
	size_t n, cap;
};

struct scan {
	const char *at, *end; /* what is left of the text */
	int line;             /* the one at hand */
	struct str pending;   /* lines for inih made from it */
	size_t pending_at;
	bool in_section;      /* a header was read, well formed or not */
	bool in_value;        /* an indented line would continue something */

	const struct ini_sink *sink;
	field_note_fn note;
	void *ctx;
	int mistakes;

	char section[INI_KEY_MAX + 2];
	struct str name;
	bool skip; /* keys of this section are not handed on */
	char key[INI_KEY_MAX + 2]; /* "" = none open; MARK_NAME = the section's name */
	struct str value;
	int first, last;
	struct seen_list sections;
	struct seen_list keys; /* of the section at hand */
};

static void scan_note(struct scan *s, int line, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void
scan_note(struct scan *s, int line, const char *hint, const char *fmt, ...)
{
	struct err err = { 0 };
	char what[sizeof err.what];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	err_set(&err, E_INPUT, "%s", what);
	err_hint(&err, "%s", hint);
	s->mistakes++;
	s->note(s->ctx, line, &err);
}

static void
guard_add(struct str *out, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *at = memchr(guarded, bytes[i], sizeof guarded - 1);

		str_addc(out, at ? disguise[at - guarded] : bytes[i]);
	}
}

static void
unguard_add(struct str *out, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *at = memchr(disguise, bytes[i], sizeof disguise - 1);

		str_addc(out, at ? guarded[at - disguise] : bytes[i]);
	}
}

/* Value text as lines for inih: the first one follows what is pending already. */
static void
pending_value(struct scan *s, int mark, const char *text, size_t n)
{
	do {
		size_t piece = n < PIECE_MAX ? n : PIECE_MAX;

		str_addc(&s->pending, (char)mark);
		guard_add(&s->pending, text, piece);
		str_addc(&s->pending, MARK_END);
		str_addc(&s->pending, '\n');
		text += piece;
		n -= piece;
		mark = MARK_PIECE;
		if (n)
			str_addc(&s->pending, ' ');
	} while (n);
}

/* Blanks at both ends off. */
static const char *
trim(const char *text, size_t *n)
{
	while (*n && (text[*n - 1] == ' ' || text[*n - 1] == '\t'))
		--*n;
	while (*n && (*text == ' ' || *text == '\t')) {
		text++;
		--*n;
	}
	return text;
}

/* Nothing of a line that fails here is used. */
static bool
line_check_bytes(struct scan *s, const char *text, size_t n)
{
	unsigned c;
	size_t len;

	for (size_t i = 0; i < n; i += len) {
		len = text_decode(text + i, n - i, &c);
		if (!len) {
			scan_note(s, s->line, _("Save the file as UTF-8."),
				  _("this line is not UTF-8"));
			return false;
		}
		if ((c < ' ' && c != '\t') || (c >= 0x7f && c < 0xa0)) {
			scan_note(s, s->line, _("Remove it."),
				  _("a control character (%02X) stands in this line"), c);
			return false;
		}
	}
	return true;
}

static void
line_header(struct scan *s, const char *text, size_t n)
{
	size_t len = n - 1;
	size_t kind;
	const char *name;

	s->in_section = true;
	s->in_value = false;
	/* Should the header prove wrong, its keys must not count for the section before. */
	str_add(&s->pending, "[]\n");
	while (len && text[len] != ']')
		len--;
	if (!len) {
		scan_note(s, s->line, _("Write it as [section name]."),
			  _("the section's header has no ']'"));
		return;
	}
	if (len + 1 < n) {
		scan_note(s, s->line, _("Put comments on lines of their own."),
			  _("text stands after the section's ']'"));
		return;
	}
	len--;
	text = trim(text + 1, &len);
	for (kind = 0; kind < len && text[kind] != ' ' && text[kind] != '\t';)
		kind++;
	if (!kind || kind > INI_KEY_MAX) {
		scan_note(s, s->line, _("Write it as [section name]."),
			  kind ? _("the section's first word is too long")
			       : _("the section has no name"));
		return;
	}
	str_clear(&s->pending);
	str_addc(&s->pending, '[');
	guard_add(&s->pending, text, kind);
	str_addf(&s->pending, "]\n%c%c = ", MARK_NAME, MARK_END);
	name = text + kind;
	len -= kind;
	name = trim(name, &len);
	pending_value(s, MARK_VALUE, name, len);
}

static void
line_more(struct scan *s, const char *text, size_t n)
{
	if (!s->in_value) {
		scan_note(
			s, s->line,
			_("Begin it in the first column; indented lines continue what is above."),
			_("this indented line continues nothing"));
		return;
	}
	str_addc(&s->pending, ' ');
	pending_value(s, MARK_LINE, text, n);
}

static void
line_key(struct scan *s, const char *text, size_t n)
{
	const char *equals = memchr(text, '=', n);
	const char *value = equals ? equals + 1 : NULL;
	size_t value_len = equals ? n - (size_t)(value - text) : 0;

	s->in_value = false;
	if (!equals) {
		scan_note(s, s->line,
			  memchr(text, ':', n)
				  ? _("Write 'key = value': ':' separates nothing here.")
				  : _("Write 'key = value'; comments begin with '#'."),
			  _("this line is neither a section, a setting nor a comment"));
		return;
	}
	n = (size_t)(equals - text);
	text = trim(text, &n);
	value = trim(value, &value_len);
	if (!n) {
		scan_note(s, s->line, _("Write 'key = value'."),
			  _("there is no key before the '='"));
	} else if (n > INI_KEY_MAX) {
		scan_note(s, s->line, _("Write 'key = value'."),
			  _("the key is %zu bytes long, the limit is %d"), n, INI_KEY_MAX);
	} else if (!s->in_section) {
		scan_note(s, s->line, _("Begin with a section, as [cluster]."),
			  _("'%.*s' stands before any section"), (int)n, text);
	} else {
		s->in_value = true;
		guard_add(&s->pending, text, n);
		str_addf(&s->pending, "%c = ", MARK_END);
		pending_value(s, MARK_VALUE, value, value_len);
	}
}

/* The line where the same was said before, or 0, and then it is remembered. */
static int
seen_before(struct seen_list *list, const char *text, int line)
{
	struct seen now = { hash64(text, strlen(text)), line };
	const struct seen *before;

	vec_each(before, list)
		if (before->hash == now.hash)
			return before->line;
	vec_push(list, now);
	return 0;
}

static bool
section_is_new(struct scan *s)
{
	CLEAN_STR id = STR_INIT(INI_VALUE_MAX + 64);
	int before;

	if (s->sections.n == INI_SECTIONS_MAX) {
		scan_note(s, s->first, _("Split the file or leave out what is not used."),
			  _("more than %d sections in one file"), INI_SECTIONS_MAX);
		vec_push(&s->sections, ((struct seen){ 0, s->first }));
	}
	if (s->sections.n > INI_SECTIONS_MAX)
		return false;
	str_addf(&id, "%s %s", s->section, str_text(&s->name));
	before = seen_before(&s->sections, str_text(&id), s->first);
	if (before)
		scan_note(s, s->first, _("Keep one of the two."),
			  _("section [%s] stands in line %d already"),
			  str_text(&s->name)[0] ? str_text(&id) : s->section, before);
	return !before;
}

static bool
key_is_new(struct scan *s)
{
	int before;

	if (s->keys.n >= INI_KEYS_MAX) {
		if (s->keys.n == INI_KEYS_MAX)
			scan_note(s, s->first, _("Leave out what is not used."),
				  _("more than %d keys in one section"), INI_KEYS_MAX);
		vec_push(&s->keys, ((struct seen){ 0, s->first }));
		s->skip = true;
		return false;
	}
	before = seen_before(&s->keys, s->key, s->first);
	if (before)
		scan_note(s, s->first, _("Keep one of the two."),
			  _("'%s' stands in line %d already"), s->key, before);
	return !before;
}

/* What was gathered is complete: a section's name or a key's value. */
static void
scan_flush(struct scan *s)
{
	struct ini_entry entry = { s->section,	       str_text(&s->name), s->key,
				   str_text(&s->value), s->first,	  s->last };

	if (s->value.cut) {
		scan_note(s, s->first, _("Use a shorter text."),
			  s->key[0] == MARK_NAME ? _("the section's name is longer than %d bytes")
						 : _("the value is longer than %d bytes"),
			  INI_VALUE_MAX);
		s->skip |= s->key[0] == MARK_NAME;
	} else if (s->key[0] == MARK_NAME) {
		str_clear(&s->name);
		str_add(&s->name, str_text(&s->value));
		vec_free(&s->keys);
		s->skip = !section_is_new(s) ||
			  !s->sink->section(s->ctx, s->section, str_text(&s->name), s->first);
	} else if (s->key[0] && !s->skip && key_is_new(s)) {
		s->sink->key(s->ctx, &entry);
	}
	s->key[0] = '\0';
	str_done(&s->value);
	s->value = STR_INIT(INI_VALUE_MAX);
}

/* One line of the file becomes any number of pending ones. */
static void
line_take(struct scan *s)
{
	const char *text = s->at;
	const char *newline = memchr(text, '\n', (size_t)(s->end - text));
	size_t n = (size_t)((newline ? newline : s->end) - text);
	const char *inside;
	size_t len;

	s->line++;
	s->at = newline ? newline + 1 : s->end;
	if (newline && n && text[n - 1] == '\r')
		n--;
	len = n;
	inside = trim(text, &len);
	/* Whatever cannot be continued is complete, so that all is told in the order of lines. */
	if (!s->in_value || !len || inside == text)
		scan_flush(s);
	if (!line_check_bytes(s, text, n)) {
		/* A header that cannot be read must not leave its keys to the section before. */
		if (*text == '[')
			str_add(&s->pending, "[]\n");
		s->in_section |= *text == '[';
		s->in_value = false;
	} else if (!len || *text == '#' || *text == ';')
		s->in_value = false;
	else if (inside != text)
		line_more(s, inside, len);
	else if (*text == '[')
		line_header(s, inside, len);
	else
		line_key(s, inside, len);
}

/* inih's reader: the next line into its buffer. */
static char *
scan_line(char *buf, int size, void *stream)
{
	struct scan *s = stream;
	const char *from;
	size_t n;

	if (s->pending_at == s->pending.len) {
		str_clear(&s->pending);
		s->pending_at = 0;
		while (!s->pending.len && s->at < s->end)
			line_take(s);
	}
	if (!s->pending.len)
		return NULL;
	from = s->pending.s + s->pending_at;
	n = strcspn(from, "\n") + 1;
	if (n >= (size_t)size)
		return NULL;
	memcpy(buf, from, n);
	buf[n] = '\0';
	s->pending_at += n;
	return buf;
}

static void
unguard_put(char *dst, size_t size, const char *text, size_t n)
{
	CLEAN_STR plain = STR_INIT(size - 1);

	unguard_add(&plain, text, n);
	str_put(dst, size, str_text(&plain));
}

/* inih's handler: called for each pending line that is not a header. */
static int
scan_entry(void *user, const char *section, const char *name, const char *value)
{
	struct scan *s = user;
	size_t n = strlen(value);

	if (value[0] == MARK_VALUE) {
		unguard_put(s->section, sizeof s->section, section, strlen(section));
		unguard_put(s->key, sizeof s->key, name, strlen(name) - 1);
		s->first = s->line;
		/* The header was wrong, which has been said. */
		s->skip |= !section[0];
	}
	/* An empty first line is no line: "key =" and the text below. */
	if (value[0] == MARK_LINE && s->value.len)
		str_addc(&s->value, '\n');
	unguard_add(&s->value, value + 1, n - 2);
	s->last = s->line;
	return 1;
}

int
ini_scan(const char *text, size_t n, const struct ini_sink *sink, field_note_fn note, void *ctx)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct scan s = {
		.at = text, .end = text + n, .sink = sink, .note = note, .ctx = ctx,
		.pending = STR_INIT((size_t)3 * INI_FILE_MAX),
		.name = STR_INIT(INI_VALUE_MAX), .value = STR_INIT(INI_VALUE_MAX),
	};
	int refused;

	if (n > INI_FILE_MAX) {
		scan_note(&s, 0, _("Leave out what is not used."),
			  _("the text is larger than %d bytes"), INI_FILE_MAX);
		return s.mistakes;
	}
	if (n >= 3 && memcmp(text, bom, 3) == 0)
		s.at += 3;
	refused = ini_parse_stream(scan_line, &s, scan_entry, &s);
	scan_flush(&s);
	if (refused)
		scan_note(&s, s.line, _("Write 'key = value'."), _("a line cannot be read"));
	str_done(&s.pending);
	str_done(&s.name);
	str_done(&s.value);
	vec_free(&s.sections);
	vec_free(&s.keys);
	return s.mistakes;
}

int
ini_read(const char *path, const struct ini_sink *sink, field_note_fn note, void *ctx)
{
	CLEAN_STR text = STR_INIT(INI_FILE_MAX);
	struct err err = { 0 };

	if (file_read(path, &text, &err)) {
		note(ctx, 0, &err);
		return 1;
	}
	return ini_scan(str_text(&text), text.len, sink, note, ctx);
}

const char *
ini_suggest(const char *word, const char *const *words)
{
	unsigned limit = strlen(word) > 4 ? 3 : 2;
	const char *near = NULL;

	for (; *words; words++) {
		unsigned d = str_distance(word, *words, limit);

		if (d <= limit && d < strlen(*words)) {
			near = *words;
			limit = d ? d - 1 : 0;
		}
	}
	return near;
}
