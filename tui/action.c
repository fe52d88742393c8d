/* The table made of actions.def. */
#include "tui/action.h"

#include "base/nls.h"

#define ACTION(id, name, keys, label, text, priority, where) \
	[ACTION_##id] = { name, keys, label, text, priority, WHERE_##where },
const struct action_info actions[ACTION__COUNT] = {
	[ACTION_NONE] = { "none", "", "", "", 0, WHERE_EVERYWHERE },
#include "tui/actions.def"
};
#undef ACTION

const char *const action_groups[WHERE__COUNT] = {
	[WHERE_EVERYWHERE] = N_("Everywhere"),
	[WHERE_MOVING] = N_("Moving about"),
	[WHERE_LISTS] = N_("Lists and texts"),
	[WHERE_WIZARD] = N_("Chapters and runs"),
	[WHERE_EDITING] = N_("Input fields"),
};

void
action_add(struct action_set *set, enum action a)
{
	set->has[a] = true;
}

void
action_add_as(struct action_set *set, enum action a, const char *label)
{
	set->has[a] = true;
	set->label[a] = label;
}

void
action_remove(struct action_set *set, enum action a)
{
	set->has[a] = false;
	set->label[a] = NULL;
}

const char *
action_label(const struct action_set *set, enum action a)
{
	return set && set->label[a] ? set->label[a] : _(actions[a].label);
}
