/* Prints the manual page bascule-keys(7) from the list of actions, so that the page cannot lie
 * about a key. `make -C BUILD man-pages` writes it into the source. */
#include <stdio.h>
#include <string.h>

#include "tui/action.h"

static const char head[] =
	".TH BASCULE\\-KEYS 7 \"\" bascule \"Miscellanea\"\n"
	".SH NAME\n"
	"bascule\\-keys \\- the keys of bascule's wizard\n"
	".SH DESCRIPTION\n"
	"These are the keys of\n"
	".BR bascule (8)\n"
	"on a terminal. The last row of the screen shows the keys that matter most there, and\n"
	".B F1\n"
	"all of them.\n"
	".PP\n"
	"Every function key has another key beside it, for terminals that keep function keys for\n"
	"themselves or have none; where letters are text, Alt and a digit is the function key of that\n"
	"number, Alt\\-0 is F10. Letters act only while no input field has the focus.\n"
	".B Esc\n"
	"never leaves the program. No key starts anything that destroys data: that takes a button\n"
	"and a name to be typed.\n"
	".PP\n"
	"\\fB^X\\fR is Ctrl and X.\n";

static const char tail[] =
	".SH ENVIRONMENT\n"
	".TP\n"
	".B ESCDELAY\n"
	"How many milliseconds after Esc the rest of a key may arrive. 100 unless given; a slow line\n"
	"may need more.\n"
	".TP\n"
	".B NO_COLOR\n"
	"No colours, when it is not empty.\n"
	".SH SEE ALSO\n"
	".BR bascule (8)\n";

static void
print_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '^')
			fputs("\\(ha", stdout);
		else
			putchar(*text);
	}
}

static void
print_action(const struct action_info *a)
{
	fputs(".TP\n\\fB", stdout);
	print_text(a->keys);
	fputs("\\fR\n", stdout);
	print_text(a->text);
	puts(".");
}

int
main(void)
{
	fputs(head, stdout);
	for (int where = 0; where < WHERE__COUNT; where++) {
		printf(".SH %s\n", action_groups[where]);
		for (int a = 1; a < ACTION__COUNT; a++)
			if ((int)actions[a].where == where)
				print_action(&actions[a]);
	}
	fputs(tail, stdout);
	return ferror(stdout) != 0;
}
