/* The wizard: what all screens share. One cluster is open at a time, one run or drill goes on at a
 * time; every screen looks at the same view of it. */
#ifndef SCREENS_WIZARD_H
#define SCREENS_WIZARD_H

#include "engine/lines.h"
#include "engine/run.h"
#include "engine/view.h"
#include "engine/viewmap.h"
#include "engine/workspace.h"
#include "tui/app.h"
#include "tui/pager.h"

struct asked; /* dialogs.c */

struct wizard;

/* What differs between screens and sentences. */
struct front {
	void (*message)(struct wizard *w, const char *title, const char *text); /* to be read */
	void (*note)(struct wizard *w, const char *text); /* in passing */
	void (*changed)(struct wizard *w);  /* something that is shown */
	void (*opened)(struct wizard *w);   /* another cluster, or none */
	void (*event)(struct wizard *w, const struct event *e); /* after the view has it */
	struct lines_out (*lines)(struct wizard *w); /* where a run's lines go */
	bool verbose;                       /* with the output of every task */
	void (*run_over)(struct wizard *w, int code);
	void (*drill_line)(struct wizard *w, enum role role, const char *text); /* clean */
	void (*drill_over)(struct wizard *w, int code);
	void (*unask)(struct wizard *w);    /* open questions are answered with NULL */
};

struct wizard_setup {
	const struct services *sv;
	struct term_setup term;
	const char *file;   /* the cluster file to begin with; NULL = Welcome */
	enum world world;   /* of that file */
	const char *faults; /* of a simulated world; NULL = none */
	unsigned speed;     /* of the simulated world's clock; 0 = at once */
	bool simulate;      /* begin with the built-in simulated cluster */
	const char *shot;   /* a script of keys instead of a terminal; NULL = none */
};

struct wizard {
	const struct front *front;
	struct wizard_setup setup;
	struct loop *loop;
	struct app *app;
	struct asker asker;
	struct workspace ws;
	struct view *view;  /* of ws.plan; NULL = no cluster is open */
	struct viewmap *map; /* likewise */
	struct pings *pings; /* pings.c; NULL = nothing is probed */
	struct run *run;    /* under way, or the last one that ended */
	struct plan *run_plan;
	struct exertion *exertion; /* drills.c: the drill under way, or the last one; NULL = none */
	enum run_mode mode; /* of run */
	bool running, stopping; /* a run or a drill */
	bool leaving;       /* the program ends as soon as it has */
	VEC(struct asked *) asked; /* the engine's open questions; [0] is on the screen */
	bool unrecorded;    /* the journal can't be written any more, and that was told */
	struct lines *lines; /* writes what run tells into the log */
	struct pager log;
	enum role log_role;  /* of what is written there now */
	bool log_problem;
	char *place;         /* of the title bar */
	struct screen *chapters; /* NULL = not there */
	int code;            /* the program's exit code */
};

struct shot;
/* The script of setup.shot, which takes the place of the terminal. NULL after it was told. */
struct shot *wizard_script(struct wizard *w);
/* Plays it on the app; afterwards the exit code is that of the script. */
void wizard_play(struct wizard *w, struct shot *s);

/* The whole wizard, from the terminal taken to the terminal given back. An exit code. */
int wizard_main(const struct wizard_setup *setup);

/* Opens a cluster file and replaces the one that was open; nothing may be running. The steps of a
 * mistake: every one goes to note(), and nothing is open afterwards. 0, or err is filled. */
int wizard_open(struct wizard *w, const char *path, enum world world, field_note_fn note,
		void *ctx, struct err *err);
void wizard_close(struct wizard *w);

/* Checks everything: nothing is changed by that. */
void wizard_look(struct wizard *w);
bool wizard_looks(const struct wizard *w); /* such a run is under way */
/* Begins a run of this selection; false when one is under way or it can't begin, which was told. */
bool wizard_run(struct wizard *w, enum run_mode mode, const struct selection *sel);
/* A plan of the selection for a preview: the caller frees it. NULL after it was told. */
struct plan *wizard_plan(struct wizard *w, const struct selection *sel);
/* Counts and time of a plan, with what was found done already. */
void wizard_review(const struct wizard *w, const struct plan *p, struct view_review *ret);
/* In the run under way; false when that can't be. t: of any plan. */
bool wizard_retry(struct wizard *w, const struct task *t);
bool wizard_skip(struct wizard *w, const struct task *t);
/* First call: what runs is finished and nothing more begun; second: leave at once. */
void wizard_stop(struct wizard *w);
/* Leave at once: what runs on the machines goes on. */
void wizard_abort(struct wizard *w);

/* A message to be read, in a dialog. */
void wizard_say(struct wizard *w, const char *title, const char *text);
/* Tells a failure in a dialog: what, why, what to do. */
void wizard_tell(struct wizard *w, const struct err *err);

#endif
