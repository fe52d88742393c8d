/* Stands in for engine/plan.c, step.c and run.c until they land: it ends the program where they
 * would be called. It goes, with its line in Makefile.am, when they come. */
#include <stdlib.h>

#define PENDING(name)       \
	void name(void);    \
	void name(void)     \
	{                   \
		abort();    \
	}

PENDING(catalog_free) PENDING(plan_build) PENDING(plan_free) PENDING(run_abort)
PENDING(run_free) PENDING(run_id) PENDING(run_mode) PENDING(run_new) PENDING(run_plan)
PENDING(run_start) PENDING(run_stats) PENDING(run_stop) PENDING(run_world)
PENDING(task_object) PENDING(task_where)
PENDING(risk_words) PENDING(step_kind_words) PENDING(task_state_ids) PENDING(task_state_words)
