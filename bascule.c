/* The program: chooses what to do by its first argument. */
#include <stdio.h>
#include <string.h>

#include "base/nls.h"

int
main(int argc, char **argv)
{
	nls_init(NULL);
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		printf("%s\n", PACKAGE_STRING);
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		printf(_("usage: %s [--version | --help]\n"), "bascule");
		return 0;
	}
	fprintf(stderr, _("usage: %s [--version | --help]\n"), "bascule");
	return 2;
}
