/* bascule plan: the preview. Opens no socket and writes nothing. */
#include "cli/verb.h"

#include "cli/preview.h"

int
verb_plan(const struct services *sv, int argc, char **argv)
{
	struct options o;
	struct session s = { .ws.lock = -1 };
	int code = EXIT_INPUT;
	if (options_parse(&o, argc, argv) && !(code = session_read(&s, sv, &o)) &&
	    !(code = session_plan(&s, false))) {
		if (o.json)
			preview_json(stdout, &s);
		else
			preview_print(stdout, &s);
	}
	session_done(&s);
	options_done(&o);
	return code;
}
