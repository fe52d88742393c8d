/* Names and codes of keys, and the keymap that actions.def gives. */
#include "tui/key.h"

#include <stdio.h>
#include <string.h>

#include "base/nls.h"
#include "base/str.h"
#include "base/text.h"

enum { KEYS_MAX = 160 };

static const struct {
	const char *name;
	uint32_t code;
} named[] = {
	{ N_("Up"), KEYC_UP },
	{ N_("Down"), KEYC_DOWN },
	{ N_("Left"), KEYC_LEFT },
	{ N_("Right"), KEYC_RIGHT },
	{ N_("Home"), KEYC_HOME },
	{ N_("End"), KEYC_END },
	{ N_("PgUp"), KEYC_PAGE_UP },
	{ N_("PgDn"), KEYC_PAGE_DOWN },
	{ "Tab", KEYC_TAB },
	{ "BackTab", KEYC_BACKTAB },
	{ N_("Enter"), KEYC_ENTER },
	{ N_("Esc"), KEYC_ESC },
	{ N_("Space"), ' ' },
	{ N_("Ins"), KEYC_INSERT },
	{ N_("Del"), KEYC_DELETE },
	{ N_("Backspace"), KEYC_BACKSPACE },
};

static struct {
	struct {
		uint32_t code;
		enum action action;
	} at[KEYS_MAX];
	size_t n;
} keymap;

static uint32_t
parse_function(const char *name)
{
	uint64_t n;

	if (name[0] != 'F' || !str_to_u64(name + 1, &n) || n < 1 || n > 20)
		return KEYC_NONE;
	return KEYC_F0 + (uint32_t)n;
}

uint32_t
key_parse(const char *name)
{
	size_t len = strlen(name);
	unsigned ch;

	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (!strcmp(name, named[i].name))
			return named[i].code;
	if (len == 2 && name[0] == '^' && name[1] >= '@' && name[1] <= '_')
		return (uint32_t)(name[1] & 0x1f);
	if (len && text_decode(name, len, &ch) == len && ch > ' ' && ch != 0x7f)
		return ch;
	return parse_function(name);
}

size_t
key_utf8(uint32_t ch, char out[5])
{
	size_t n = ch < 0x80 ? 1 : ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;

	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = n; i-- > 1; ch >>= 6)
		out[i] = (char)(0x80 | (ch & 0x3f));
	out[0] = (char)(first[n] | ch);
	out[n] = '\0';
	return n;
}

void
key_label(uint32_t code, char *name, size_t size)
{
	char utf8[5];

	for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
		if (code == named[i].code) {
			str_put(name, size, named[i].name);
			return;
		}
	}
	if (code > KEYC_F0 && code <= KEYC_F0 + 20) {
		(void)snprintf(name, size, "F%u", (unsigned)(code - KEYC_F0));
	} else if (code < 0x20) {
		(void)snprintf(name, size, "^%c", (char)(code | 0x40));
	} else {
		key_utf8(code < 0x110000 ? code : 0xfffd, utf8);
		str_put(name, size, utf8);
	}
}

/* The next word of a list of keys; NULL at its end. */
static const char *
next_word(const char *s, char *word, size_t size)
{
	size_t n;

	s += strspn(s, " ");
	n = strcspn(s, " ");
	if (!n || n >= size)
		return NULL;
	memcpy(word, s, n);
	word[n] = '\0';
	return s + n;
}

static void
keymap_make(void)
{
	char word[16];

	for (int a = 1; a < ACTION__COUNT; a++) {
		const char *s = actions[a].keys;

		while ((s = next_word(s, word, sizeof word)) && keymap.n < KEYS_MAX) {
			keymap.at[keymap.n].code = key_parse(word);
			keymap.at[keymap.n++].action = (enum action)a;
		}
	}
}

enum action
key_action(uint32_t code)
{
	if (!keymap.n)
		keymap_make();
	for (size_t i = 0; i < keymap.n; i++)
		if (keymap.at[i].code == code)
			return keymap.at[i].action;
	return ACTION_NONE;
}

void
key_of_action(enum action a, char *name, size_t size)
{
	char word[16] = "";

	next_word(actions[a].keys, word, sizeof word);
	str_put(name, size, word);
}

/* A word that is no key's name, such as a letter, is its own translation. */
void
key_translate(const char *names, struct str *out)
{
	char word[16];

	for (const char *s = names, *between = ""; (s = next_word(s, word, sizeof word)); between = " ") {
		const char *name = word;

		for (size_t i = 0; i < sizeof named / sizeof *named; i++)
			if (!strcmp(word, named[i].name) && word[1])
				name = _(named[i].name);
		str_add(out, between);
		str_add(out, name);
	}
}

uint32_t
key_first(enum action a)
{
	char name[16];

	key_of_action(a, name, sizeof name);
	return key_parse(name);
}

struct key
key_make(uint32_t code, bool editing, bool pasted)
{
	struct key k = { .code = code, .pasted = pasted };

	if (code >= ' ' && code < 0x110000 && (code < 0x7f || code >= 0xa0))
		k.ch = code;
	if (!pasted && !(editing && k.ch))
		k.action = key_action(code);
	if (k.action == ACTION_NODE)
		k.n = (int)(code - '0');
	return k;
}
