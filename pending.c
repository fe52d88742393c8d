/* Stands in for engine/plan.c, step.c and run.c until they land: it ends the program where they
 * would be called. It goes, with its line in Makefile.am, when they come. */
#include <stdlib.h>

#define PENDING(name)       \
	void name(void);    \
	void name(void)     \
	{                   \
		abort();    \
	}

/* These are called with NULL on every way out. */
#define NOTHING(name)       \
	void *name(void);   \
	void *name(void)    \
	{                   \
		return 0;   \
	}

NOTHING(catalog_free) NOTHING(plan_free) NOTHING(run_free)
PENDING(plan_build) PENDING(run_abort) PENDING(run_id) PENDING(run_mode) PENDING(run_new) PENDING(run_plan)
PENDING(run_start) PENDING(run_stats) PENDING(run_stop) PENDING(run_world)
PENDING(task_object) PENDING(task_where)
PENDING(risk_words) PENDING(step_kind_words) PENDING(task_state_ids) PENDING(task_state_words)
