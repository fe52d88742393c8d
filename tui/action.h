/* What a key can do: the list of actions.def as a table, and sets of actions. */
#ifndef TUI_ACTION_H
#define TUI_ACTION_H

#include <stdbool.h>

#define ACTION(id, name, keys, label, text, priority, where) ACTION_##id,
enum action {
	ACTION_NONE,
#include "tui/actions.def"
	ACTION__COUNT
};
#undef ACTION

enum action_where {
	WHERE_EVERYWHERE,
	WHERE_MOVING,
	WHERE_LISTS,
	WHERE_WIZARD,
	WHERE_EDITING,
	WHERE__COUNT
};

struct action_info {
	const char *name;  /* for files and scripts */
	const char *keys;  /* names of keys, a blank between them */
	const char *label; /* one or two words; give it to _() */
	const char *text;  /* a sentence without full stop; give it to _() */
	int priority;      /* 0 = never in the key bar */
	enum action_where where;
};

extern const struct action_info actions[ACTION__COUNT]; /* [ACTION_NONE] is empty */
extern const char *const action_groups[WHERE__COUNT];   /* headings; give them to _() */

/* What a screen offers at the moment, with its own word where it has a better one. */
struct action_set {
	bool has[ACTION__COUNT];
	const char *label[ACTION__COUNT]; /* translated; NULL = that of the list */
};

void action_add(struct action_set *set, enum action a);
/* label: translated already, and lives as long as the set. */
void action_add_as(struct action_set *set, enum action a, const char *label);
void action_remove(struct action_set *set, enum action a);
const char *action_label(const struct action_set *set, enum action a); /* translated */

#endif
