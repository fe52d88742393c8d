/* Lines to stdout, and the one line of progress that is overwritten. */
#include "cli/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int
terminal_columns(void)
{
	struct winsize size;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		return size.ws_col;
	return 80;
}

static void
line_put(void *ctx, const char *text)
{
	(void)ctx;
	printf("%s\n", text);
}

static void
status_put(void *ctx, const char *text)
{
	(void)ctx;
	printf("\r\033[K%s", text ? text : "");
	fflush(stdout);
}

struct lines_out
terminal_out(void)
{
	const char *term = getenv("TERM"), *plain = getenv("ACCESSIBLE");
	bool live = isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") && !(plain && *plain);
	return (struct lines_out){
		.line = line_put, .status = live ? status_put : NULL, .columns = terminal_columns(),
	};
}
