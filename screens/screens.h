/* The screens: each function shows one, on top of what is there. */
#ifndef SCREENS_SCREENS_H
#define SCREENS_SCREENS_H

#include "screens/wizard.h"

void screen_welcome(struct wizard *w);
/* Opens the cluster file and shows its chapters; with mistakes in it, these. */
void screen_cluster(struct wizard *w, const char *path, enum world world);
/* Asks for a path. */
void screen_file_open(struct wizard *w);
void screen_file_new(struct wizard *w);
/* The forms of a cluster file, with its mistakes. */
void screen_settings(struct wizard *w, const char *path, enum world world);
void screen_chapters(struct wizard *w);
/* While something runs: what, and how it is stopped. */
const char *working_hint(const struct wizard *w);
/* Takes the focus of the chapters there; NULL = leaves it. */
void chapters_show(struct wizard *w, const struct task *t);
/* The focus on the last chapter, in the list. */
void chapters_show_last(struct wizard *w);
void screen_explain(struct wizard *w, const struct task *t);
void screen_review(struct wizard *w, enum run_mode mode, const struct selection *sel);
void screen_log(struct wizard *w);
void screen_map(struct wizard *w);
void screen_lab(struct wizard *w);
/* The LUNs, and which of them may be touched; chosen gets the name of the one that is taken, and
 * NULL: nothing is to be chosen. */
void screen_luns(struct wizard *w, void (*chosen)(void *ctx, const char *lun), void *ctx);
/* The drills to choose from, or the one under way; vm: the one to be measured, NULL = it is asked. */
void screen_drills(struct wizard *w, const char *vm);
void screen_drill(struct wizard *w); /* the one under way, or the last one */

/* What every test said last. */
void screen_report(struct wizard *w);
/* Runs of the past, the tasks of one, and two side by side. */
void screen_journal(struct wizard *w);
void screen_journal_run(struct wizard *w, int64_t run);
void screen_compare(struct wizard *w, int64_t a, int64_t b);
/* A shell on a machine, beside what this step wants there. node == NULL: the console. */
void screen_console(struct wizard *w, const struct node *node, const struct task *t);
void screen_guide(struct wizard *w);
/* A text to be read: the caller fills the pager. heading: copied, as cleaned text. */
struct pager *screen_text(struct wizard *w, const char *title, const char *heading);

/* The engine's questions, as dialogs. */
void question_ask(void *wizard, const struct ask *question, ask_answer_fn answer, void *ctx);
/* Every open question is answered with NULL: the run is being stopped. */
void question_cancel(struct wizard *w);

#endif
