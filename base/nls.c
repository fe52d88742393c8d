/* Message catalogues. The .mo file is read here and not by libintl: libintl gives no
 * French on a machine where no French locale was generated, which is how most servers
 * are, and has no way to name the catalogue of a program run from its source tree.
 * Layout of a .mo file: GNU gettext manual, "The Format of GNU MO Files". The hash table
 * in it is not used; the strings are sorted, so binary search does. */
#include "base/nls.h"

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/paths.h"
#include "base/str.h"

#ifndef LOCALEDIR
#define LOCALEDIR "/usr/local/share/locale"
#endif

enum { MO_MAX = 8 << 20, MO_HEADER = 28 };

static struct {
	char *data; /* NUL-terminated copy of the file */
	size_t size;
	uint32_t n, ids, texts; /* strings; offsets of the two tables */
	bool swapped;
	char lang[3];
} catalogue = { .lang = "en" };

static uint32_t
mo_u32(size_t at)
{
	uint32_t v;

	memcpy(&v, catalogue.data + at, sizeof v);
	return catalogue.swapped ? __builtin_bswap32(v) : v;
}

/* String i of a table, or NULL when the file ends before it does. */
static const char *
mo_string(uint32_t table, uint32_t i, size_t *ret_len)
{
	uint32_t len = mo_u32(table + (size_t)i * 8), at = mo_u32(table + (size_t)i * 8 + 4);

	if (at >= catalogue.size || len >= catalogue.size - at || catalogue.data[at + len])
		return NULL;
	*ret_len = len;
	return catalogue.data + at;
}

static void
catalogue_drop(void)
{
	free(catalogue.data);
	catalogue.data = NULL;
	catalogue.size = catalogue.n = 0;
}

int
nls_load(const void *mo, size_t n)
{
	uint32_t magic;

	catalogue_drop();
	if (n < MO_HEADER || n > MO_MAX)
		return -EINVAL;
	memcpy(&magic, mo, sizeof magic);
	if (magic != 0x950412de && magic != 0xde120495)
		return -EINVAL;
	catalogue.swapped = magic == 0xde120495;
	catalogue.data = xcalloc(n + 1, 1);
	catalogue.size = n;
	memcpy(catalogue.data, mo, n);
	catalogue.n = mo_u32(8);
	catalogue.ids = mo_u32(12);
	catalogue.texts = mo_u32(16);
	if (catalogue.n > n / 16 || catalogue.ids > n || catalogue.texts > n ||
	    n - catalogue.ids < catalogue.n * 8 || n - catalogue.texts < catalogue.n * 8) {
		catalogue_drop();
		return -EINVAL;
	}
	return 0;
}

/* The translation of msgid: all plural forms, one after the other. NULL if there is none.
 * The id of a plural is "one\0many", which compares like "one". */
static const char *
catalogue_find(const char *msgid, size_t *ret_len)
{
	uint32_t low = 0, high = catalogue.n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		size_t len;
		const char *id = mo_string(catalogue.ids, middle, &len), *text;
		int order = id ? strcmp(msgid, id) : 0;

		if (!id)
			return NULL;
		if (order == 0) {
			text = mo_string(catalogue.texts, middle, ret_len);
			return text && *ret_len ? text : NULL;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *
nls_get(const char *msgid)
{
	size_t len;
	const char *text = *msgid ? catalogue_find(msgid, &len) : NULL;

	return text ? text : msgid;
}

const char *
nls_get_plural(const char *one, const char *many, unsigned long n)
{
	size_t len = 0, first;
	const char *text = catalogue_find(one, &len);
	/* nought is singular in French */
	bool plural = strcmp(catalogue.lang, "fr") ? n != 1 : n > 1;

	if (!text)
		return n == 1 ? one : many;
	first = strlen(text);
	return plural && first < len ? text + first + 1 : text;
}

const char *
nls_lang(void)
{
	return catalogue.lang;
}

static int
catalogue_read(char *take_path)
{
	CLEANUP(freep) char *path = take_path;
	CLEAN_STR mo = STR_INIT(MO_MAX);
	int code = file_read(path, &mo, NULL);

	return code ? code : nls_load(str_text(&mo), mo.len);
}

/* Reads the catalogue beside the executable (source or build tree), of the prefix the
 * program was moved to, or where it was installed. */
static int
catalogue_open(const char *lang)
{
	static const char file[] = "LC_MESSAGES/bascule.mo";
	char exe[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	int code;

	exe[n > 0 ? n : 0] = '\0';
	slash = strrchr(exe, '/');
	if (slash)
		*slash = '\0';
	code = catalogue_read(xasprintf("%s/po/%s.gmo", exe, lang));
	if (code)
		code = catalogue_read(xasprintf("%s/../share/locale/%s/%s", exe, lang, file));
	if (code)
		code = catalogue_read(xasprintf("%s/%s/%s", LOCALEDIR, lang, file));
	return code;
}

/* The language the environment asks for, in gettext's order; "C" when it asks for none. */
static const char *
lang_of_environment(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	const char *locale = NULL, *list = getenv("LANGUAGE");

	for (size_t i = 0; i < sizeof names / sizeof *names && !(locale && *locale); i++)
		locale = getenv(names[i]);
	if (!locale || !*locale || !strcmp(locale, "C") || str_starts(locale, "C.") ||
	    !strcmp(locale, "POSIX"))
		return "C";
	return list && *list ? list : locale;
}

/* True for "fr", "fr_CA.UTF-8" and "fr:…", but not for "fro". */
static bool
lang_is(const char *name, const char *lang)
{
	return str_starts(name, lang) && !(name[2] >= 'a' && name[2] <= 'z');
}

/* The first language of a list like "de:fr" that the program speaks; "" if none. */
static const char *
lang_choose(const char *list)
{
	for (; *list; list += strcspn(list, ":"), list += *list == ':') {
		if (lang_is(list, "fr"))
			return "fr";
		if (lang_is(list, "en"))
			return "en";
	}
	return "";
}

static void
charset_choose(const char *lang)
{
	const char *env = lang_of_environment();

	if (setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "ANSI_X3.4-1968") != 0)
		return;
	/* A locale that was named but never generated, or a language asked for by option:
	 * the terminal is taken at its user's word. Plain LANG=C stays ASCII. */
	if (lang || strcmp(env, "C") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

int
nls_init(const char *lang)
{
	const char *chosen = lang_choose(lang ? lang : lang_of_environment());
	bool french = !strcmp(chosen, "fr");

	charset_choose(lang);
	setlocale(LC_TIME, "");
	setlocale(LC_MESSAGES, !french ? "C" : lang ? "fr_FR.UTF-8" : "");
	catalogue_drop();
	str_put(catalogue.lang, sizeof catalogue.lang, "en");
#if !defined ENABLE_NLS || ENABLE_NLS
	if (french && catalogue_open("fr") == 0)
		str_put(catalogue.lang, sizeof catalogue.lang, "fr");
	else if (french && lang)
		return -EINVAL;
#else
	(void)catalogue_open;
	(void)french;
#endif
	return lang && !*chosen ? -EINVAL : 0;
}
