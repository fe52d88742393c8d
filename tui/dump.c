/* The screen as a text file. */
#include "tui/dump.h"

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/paths.h"
#include "base/str.h"
#include "tui/paint.h"

char *
dump_screen(struct err *e)
{
	CLEAN_STR text = STR_INIT(1 << 20);
	CLEANUP(freep) char *folder = paths_state("", e);
	struct area all = paint_screen();
	char *path;

	if (!folder)
		return NULL;
	for (int y = 0; y < all.h; y++) {
		paint_row_text(y, &text);
		str_addc(&text, '\n');
	}
	path = xasprintf("%s/screen-%lld.txt", folder, (long long)time(NULL));
	if (file_write(path, str_text(&text), text.len, 0600, e) == 0)
		return path;
	free(path);
	return NULL;
}
