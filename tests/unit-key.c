/* Keys: the list of actions keeps its promises, and bytes become the right keys. */
#include "tests/unit.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/key.h"
#include "tui/keyin.h"

/* ---- the list ---------------------------------------------------------------------- */

static const char *
word_of(const char *s, char word[16])
{
	size_t n;

	s += strspn(s, " ");
	n = strcspn(s, " ");
	if (!n)
		return NULL;
	assert_true(n < 16);
	memcpy(word, s, n);
	word[n] = '\0';
	return s + n;
}

static void
test_every_action_has_keys(void **state)
{
	char word[16];

	(void)state;
	for (int a = 1; a < ACTION__COUNT; a++) {
		bool function = false, other = false;

		for (const char *s = actions[a].keys; (s = word_of(s, word));) {
			uint32_t code = key_parse(word);

			if (code == KEYC_NONE)
				fail_msg("%s: no key '%s'", actions[a].name, word);
			function |= code > KEYC_F0 && code <= KEYC_F0 + 20;
			other |= code < KEYC_F0 || code > KEYC_F0 + 20;
			/* a key stands once: it means what this row says */
			if (key_action(code) != (enum action)a)
				fail_msg("'%s' is %s and %s", word, actions[a].name,
					 actions[key_action(code)].name);
		}
		if (!other)
			fail_msg("%s has no key but a function key", actions[a].name);
		assert_true(other || !function);
	}
}

static void
test_every_action_has_words(void **state)
{
	(void)state;
	for (int a = 1; a < ACTION__COUNT; a++) {
		const struct action_info *info = &actions[a];

		assert_true(*info->name && *info->text);
		assert_in_range(text_width(info->label), 1, 14);
		assert_in_range(info->priority, 0, 9);
		assert_true(info->text[strlen(info->text) - 1] != '.');
		for (int b = 1; b < a; b++)
			assert_string_not_equal(info->name, actions[b].name);
	}
}

static void
test_unsafe_keys_are_free(void **state)
{
	(void)state;
	/* other tools kill, delete or freeze the terminal with these */
	assert_int_equal(key_action(key_parse("F9")), ACTION_NONE);
	assert_int_equal(key_action(key_parse("^S")), ACTION_NONE);
	assert_int_equal(key_action(key_parse("^Q")), ACTION_NONE);
	assert_int_equal(key_action(key_parse("F10")), ACTION_QUIT);
	assert_int_equal(key_action(key_parse("F8")), ACTION_BACK);
}

static void
test_names_there_and_back(void **state)
{
	static const char *const names[] = { "F1",  "F12",  "Up",    "PgDn", "Esc", "Space", "^C",
					     "^]", "x", "é", "Enter", "Backspace", "BackTab" };
	char name[16];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		key_label(key_parse(names[i]), name, sizeof name);
		assert_string_equal(name, names[i]);
	}
	assert_int_equal(key_parse("F0"), KEYC_NONE);
	assert_int_equal(key_parse("F21"), KEYC_NONE);
	assert_int_equal(key_parse("xx"), KEYC_NONE);
	assert_int_equal(key_parse(""), KEYC_NONE);
	assert_int_equal(key_parse("\xff"), KEYC_NONE);
}

static void
test_letters_are_text_while_editing(void **state)
{
	struct key k = key_make('q', false, false);

	(void)state;
	assert_int_equal(k.action, ACTION_QUIT);
	k = key_make('q', true, false);
	assert_int_equal(k.action, ACTION_NONE);
	assert_int_equal(k.ch, 'q');
	k = key_make(' ', true, false);
	assert_int_equal(k.action, ACTION_NONE);
	k = key_make(KEYC_F0 + 4, true, false);
	assert_int_equal(k.action, ACTION_EXPLAIN);
	k = key_make('7', false, false);
	assert_int_equal(k.action, ACTION_NODE);
	assert_int_equal(k.n, 7);
	k = key_make(0x9b, true, false);
	assert_int_equal(k.ch, 0);
}

static void
test_pasted_text_never_acts(void **state)
{
	(void)state;
	for (uint32_t c = 1; c < KEYC_F0 + 100; c += c < 300 ? 1 : 997)
		assert_int_equal(key_make(c, false, true).action, ACTION_NONE);
}

/* ---- bytes ------------------------------------------------------------------------- */

static struct keyin in;

static int
set_up(void **state)
{
	(void)state;
	memset(&in, 0, sizeof in);
	keyin_forget();
	return 0;
}

/* All keys of the bytes as names, "…" behind what is not complete. */
static const char *
keys_of(const char *bytes, size_t n, bool final)
{
	static char text[1024];
	struct keyin_event e;
	enum keyin_kind kind;
	size_t len = 0;

	text[0] = '\0';
	assert_int_equal(keyin_feed(&in, bytes, n), n);
	while ((kind = keyin_next(&in, final, &e)) == KEYIN_KEY || kind == KEYIN_MOUSE) {
		char name[16];

		key_label(e.code, name, sizeof name);
		if (kind == KEYIN_MOUSE)
			(void)snprintf(name, sizeof name, "mouse%d,%d,%d", e.y, e.x, e.wheel);
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%s%s", len ? " " : "",
					e.pasted ? "'" : "", name);
	}
	if (kind == KEYIN_PARTIAL)
		(void)snprintf(text + len, sizeof text - len, "…");
	return text;
}

#define KEYS(bytes, final) keys_of(bytes, sizeof bytes - 1, final)

static void
test_sequences(void **state)
{
	(void)state;
	assert_string_equal(KEYS("ab\r\t\x7f\x03", false), "a b Enter Tab Backspace ^C");
	assert_string_equal(KEYS("\033[A\033OB\033[5~\033[Z", false), "Up Down PgUp BackTab");
	assert_string_equal(KEYS("\033OP\033[11~\033[[A\033[24~", false), "F1 F1 F1 F12");
	assert_string_equal(KEYS("\xc3\xa9\xe2\x82\xac", false), "é €");
	assert_string_equal(KEYS("\0331\0330", false), "F1 F10");
	assert_string_equal(KEYS("\033[<0;10;5M\033[<65;1;1M\033[<0;10;5m", false),
			    "mouse4,9,0 mouse0,0,1");
}

static void
test_escape_alone(void **state)
{
	(void)state;
	assert_string_equal(KEYS("\033", false), "…");
	assert_string_equal(KEYS("", true), "Esc");
	assert_string_equal(KEYS("\033\033[A", false), "Esc Up");
	assert_string_equal(KEYS("\033\033", true), "Esc Esc");
}

/* Bytes of one key come in two parts, wherever the network cut them. */
static void
test_split_sequences(void **state)
{
	static const char *const sequences[] = { "\033[A", "\033OP", "\033[[A", "\033[24~",
						 "\033[1~", "\xe2\x82\xac", "\033[<0;10;5M" };

	(void)state;
	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
		const char *s = sequences[i];
		char whole[32];

		(void)snprintf(whole, sizeof whole, "%s", keys_of(s, strlen(s), false));
		assert_true(*whole && strcmp(whole, "…") != 0);
		for (size_t cut = 1; cut < strlen(s); cut++) {
			assert_string_equal(keys_of(s, cut, false), "…");
			assert_string_equal(keys_of(s + cut, strlen(s) - cut, false), whole);
		}
	}
}

/* Nothing of a sequence we do not know may arrive as letters: they would act. */
static void
test_unknown_sequences_vanish(void **state)
{
	(void)state;
	assert_string_equal(KEYS("\033[1;5Aq", false), "q");
	assert_string_equal(KEYS("\033[?62;22cq", false), "q");
	assert_string_equal(KEYS("\033Ozq", false), "q");
	assert_string_equal(KEYS("\033]11;rgb:ffff/ffff/ffff\007q", false), "q");
	assert_string_equal(KEYS("\033P1$r0m\033\\q", false), "q");
	assert_string_equal(KEYS("\033xq", false), "q");
	assert_string_equal(KEYS("\xff\xc0q", false), "q");
	assert_string_equal(KEYS("\033[12", false), "…");
	assert_string_equal(KEYS("", true), "");
}

static void
test_paste(void **state)
{
	(void)state;
	assert_string_equal(KEYS("a\033[200~q\033[Aé\r\033[201~b", false),
			    "a 'q '[ 'A 'é 'Enter b");
	assert_string_equal(KEYS("\033[200~x\033[20", false), "'x…");
	assert_string_equal(KEYS("1~y", false), "y");
}

static void
test_own_sequences_win(void **state)
{
	(void)state;
	keyin_define("\033[A~", KEYC_F0 + 3);
	keyin_define("no", KEYC_F0 + 3);
	assert_string_equal(KEYS("\033[A~", false), "F3");
	assert_string_equal(KEYS("\033[A", false), "Up");
	assert_string_equal(KEYS("no", false), "n o");
}

static void
test_any_bytes_end(void **state)
{
	struct keyin_event e;
	char bytes[64];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t n = unit_random() % sizeof bytes;

		for (size_t i = 0; i < n; i++)
			bytes[i] = unit_random() % 4 ? "\033[O~;<0M12]\007"[unit_random() % 13]
						     : (char)unit_random();
		keyin_feed(&in, bytes, n);
		while (keyin_next(&in, round % 2, &e) >= KEYIN_KEY)
			assert_true(e.code <= 0x10ffff || key_make(e.code, false, false).ch == 0);
		if (round % 2)
			assert_int_equal(in.n, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_action_has_keys),
		cmocka_unit_test(test_every_action_has_words),
		cmocka_unit_test(test_unsafe_keys_are_free),
		cmocka_unit_test(test_names_there_and_back),
		cmocka_unit_test(test_letters_are_text_while_editing),
		cmocka_unit_test(test_pasted_text_never_acts),
		cmocka_unit_test_setup(test_sequences, set_up),
		cmocka_unit_test_setup(test_escape_alone, set_up),
		cmocka_unit_test_setup(test_split_sequences, set_up),
		cmocka_unit_test_setup(test_unknown_sequences_vanish, set_up),
		cmocka_unit_test_setup(test_paste, set_up),
		cmocka_unit_test_setup(test_own_sequences_win, set_up),
		cmocka_unit_test_setup(test_any_bytes_end, set_up),
	};

	setlocale(LC_ALL, "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
