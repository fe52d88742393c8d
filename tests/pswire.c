/* What tests/hyperv.test feeds to PowerShell: quoted strings, and the command that a transport
 * starts on a node. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "backends/wire.h"

enum { TEXT_MAX = 4096 };

/* What has a meaning in PowerShell, and enough that has none. */
static const char *const pieces[] = {
	"'",	"''",	"\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9a", "\xe2\x80\x9b", "\xe2\x80\x9c",
	"\xe2\x80\x9d", "\xe2\x80\x9e", "\"", "$",   "$(",	    "${x}", "`",    "`n",	  "\n",
	"\r\n", "\r",	"\t",	"\\",		";",		"|",	    "&",    "(",    ")",
	"{",	"}",	"@'",	"'@",		"@\"",		"<#",	    "#>",   "#",    "%",
	"--%",	"\xc3\xa9", "\xf0\x9f\x98\x80", "\xc2\xa0", "\xe2\x80\x93", "\xef\xbc\x87",
	"\xe2\x80\xb2", "\x01", "\x7f", "a", "B", "0", " ", "  ", "value", "\xe2\x80\xa8",
};

static void
print_base64(const struct str *s)
{
	CLEAN_STR coded = STR_INIT(4 * TEXT_MAX);

	str_base64(&coded, str_text(s), s->len);
	fputs(str_text(&coded), stdout);
}

static void
print_pair(const char *text)
{
	CLEAN_STR plain = STR_INIT(TEXT_MAX);
	CLEAN_STR quoted = STR_INIT(3 * TEXT_MAX);

	str_add(&plain, text);
	str_quote_ps(&quoted, text);
	print_base64(&plain);
	putchar('\t');
	print_base64(&quoted);
	putchar('\n');
}

/* Lines BASE64-OF-TEXT<tab>BASE64-OF-LITERAL: each piece alone, then mixtures. */
static void
strings(unsigned seed, int n)
{
	const size_t npieces = sizeof pieces / sizeof *pieces;

	srand(seed);
	print_pair("");
	for (size_t i = 0; i < npieces; i++)
		print_pair(pieces[i]);
	for (int i = 0; i < n; i++) {
		CLEAN_STR text = STR_INIT(TEXT_MAX);
		int length = 1 + rand() % 40;

		while (length--)
			str_add(&text, pieces[(size_t)rand() % npieces]);
		print_pair(str_text(&text));
	}
}

int
main(int argc, char **argv)
{
	CLEAN_STR command = STR_INIT(2 * WIRE_EXEC_MAX);

	if (argc == 4 && !strcmp(argv[1], "strings")) {
		strings((unsigned)strtoul(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10));
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "command")) {
		wire_command(&command, WIRE_POWERSHELL, argv[2]);
		puts(str_text(&command));
		return 0;
	}
	fputs("usage: pswire strings SEED N | command NONCE\n", stderr);
	return 2;
}
