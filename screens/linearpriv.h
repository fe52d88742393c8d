/* What the files of the wizard in sentences share. */
#ifndef SCREENS_LINEARPRIV_H
#define SCREENS_LINEARPRIV_H

#include <termios.h>
#include "base/str.h"
#include "engine/recent.h"
#include "screens/drills.h"
#include "screens/lunlook.h"
#include "screens/wizard.h"

enum { LINE_MAX_BYTES = 64 * 1024, LINEAR_COLUMNS = 78, DEPTH_MAX = 8 };

struct linear;

/* One question and what its answer leads to. */
struct page {
	void (*show)(struct linear *l);
	void (*answer)(struct linear *l, const char *text);
};

struct linear {
	struct wizard w; /* first: the front's functions get it */
	struct page stack[DEPTH_MAX];
	size_t depth;
	struct str typed;
	struct recents recents;
	size_t chapter, row;
	enum view_scope scope;
	struct drill_offers offers; /* the drills as they were listed, the one chosen, and for whom */
	size_t offer;
	struct drill_args args;
	int64_t run; /* of the journal, that is told */
	struct lunlook *look; /* while it reads; else NULL */
	/* The engine's question: it comes before any page's. */
	VEC(struct query *) questions;
	bool asking, hidden;
	struct termios saved;
	char *path;
	bool person; /* types, and no file stands there instead */
	bool waiting; /* for an answer from outside: what is typed waits as well */
	bool over;   /* nothing more is typed */
	bool ended;
};

/* ---- linear.c ---- */

void linear_line(void *ctx, const char *text); /* as it is */
void linear_say(const char *text);             /* cleaned, and broken at words */
void linear_prompt(const char *text);
/* Says the topmost page again, unless something runs or is asked. */
void page_show(struct linear *l);
void page_push(struct linear *l, const struct page *p);
void page_back(struct linear *l);
void linear_end(struct linear *l);
/* Takes what was typed meanwhile, soon: after a run, and when something is asked. */
void linear_resume(struct linear *l);
/* The number that was typed, 1..n, else 0. */
size_t linear_number(const char *text, size_t n);
/* What was typed is no choice of this page. */
void linear_refuse(struct linear *l);

/* ---- linearask.c ---- */

void linear_ask(void *linear, const struct ask *q, ask_answer_fn answer, void *ctx);
void linear_unask(struct wizard *w);                     /* all of them, with NULL */
void linear_answer(struct linear *l, const char *text); /* to the one that is open */
void linear_echo(struct linear *l, bool shown);         /* of what is typed */

/* ---- linearrecords.c: said, then the page goes on ---- */

void linear_report(struct linear *l);
void linear_guide(void);

/* ---- the pages ---- */

extern const struct page linear_welcome, linear_drills, linear_journal;
void linear_open(struct linear *l, const char *path, enum world world);
void linear_map(struct linear *l);
void linear_luns(struct linear *l);

#endif
