/* What surrounds every screen: title bar, hint line, key bar. */
#ifndef TUI_CHROME_H
#define TUI_CHROME_H

#include "tui/action.h"
#include "tui/paint.h"

enum { CHROME_BADGES = 4, CHROME_ROWS_MIN = 18, CHROME_COLUMNS_MIN = 60, CHROME_COLUMNS_FULL = 80,
       CHROME_KEYS = 8 };

/* The title bar says where one is: words that live as long as they are shown. */
struct chrome {
	const char *program;
	const char *place;                 /* "cluster-1.cluster.lan", may be NULL */
	const char *detail;                /* "linux", may be NULL */
	const char *badges[CHROME_BADGES]; /* "SIMULATED", "READ ONLY"; NULL = none */
};

void chrome_title(const struct area *row, const struct chrome *c, const char *title);
void chrome_hint(const struct area *row, const char *hint, enum role r);
void chrome_keys(const struct area *row, const struct action_set *set);
/* The action whose label was painted at column x of the key bar of that width. */
enum action chrome_key_at(int width, const struct action_set *set, int x);
void chrome_too_small(const struct area *a);

#endif
