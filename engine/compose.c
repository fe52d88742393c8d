/* Composes scripts for both platforms. A dialect knows how one language quotes, assigns and
 * calls; the shape is the same. */
#include <stdio.h>
#include <string.h>
#include "base/nls.h"
#include "engine/compose.h"
#include "engine/param.h"

enum { PARAM_MAX = 1024 * 1024 };

struct dialect {
	void (*quote)(struct str *out, const char *text);
	const char *assign; /* "%s=" or "$%s = " */
	const char *call;   /* calls a verb of the script that stands before it */
	const char *comment;
	const char *load; /* runs the text in bascule_lib; NULL: the library stands there as it is */
	int lease_s;      /* several renewals long; PowerShell needs seconds to start */
};

static const struct dialect dialects[PLATFORM__COUNT] = {
	[PLATFORM_LINUX] = { str_quote_sh, "%s=", "bascule_run %s\n", "# ", NULL, 15 },
	/* checks run beside the script, where the library is loaded once more */
	[PLATFORM_HYPERV] = { str_quote_ps, "$%s = ", "bascule_run %s\n", "# ",
			      ". ([ScriptBlock]::Create($bascule_lib))\n", 60 },
};

static const struct dialect *
compose_dialect(const struct compose *c)
{
	return &dialects[c->plan->catalog->platform];
}

/* "lun.chap-user" -> "lun_chap_user" */
static void
variable_name(const char *id, struct str *out)
{
	for (; *id; id++)
		str_addc(out, *id == '.' || *id == '-' ? '_' : *id);
}

static void
compose_assign(const struct dialect *d, const char *name, const char *text, struct str *out)
{
	CLEAN_STR variable = STR_INIT(256);
	char head[300];

	variable_name(name, &variable);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(head, sizeof head, d->assign, str_text(&variable));
#pragma GCC diagnostic pop
	str_add(out, head);
	d->quote(out, text);
	str_addc(out, '\n');
}

/* "node.root_key@all" is another variable than the node's own. */
static void
compose_assign_use(const struct dialect *d, const struct use *u, const char *text, struct str *out)
{
	CLEAN_STR name = STR_INIT(256);

	str_addf(&name, "%s%s", u->id, u->all ? ".all" : "");
	compose_assign(d, str_text(&name), text, out);
}

/* How a task is asked: what its script is told beside settings and values. */
struct manner {
	bool confirmed; /* run.confirmed: the object's own name was typed */
	bool guard;     /* task.guard: asked right before another task changes the object */
	bool verify;    /* right after its apply: what it makes itself may be another by now */
};

static const struct manner plainly;

static bool
compose_own_param(const struct compose *c, const struct task *t, const char *id,
		  const struct manner *how, struct str *out)
{
	const char *extra = c->extra ? c->extra(c->extra_ctx, id) : NULL;

	if (extra)
		str_add(out, extra);
	else if (!strcmp(id, "task.nonce"))
		str_add(out, c->run_nonce);
	else if (!strcmp(id, "task.now"))
		str_addf(out, "%lld", (long long)c->now_s);
	else if (!strcmp(id, "task.guard"))
		str_add(out, how->guard ? "yes" : "");
	else if (!strcmp(id, "task.undo"))
		str_add(out, t->undo ? "yes" : "");
	else if (!strcmp(id, "run.confirmed"))
		str_add(out, how->confirmed ? "yes" : "no");
	else
		return false;
	return true;
}

/* The value of every node that has it: a line each. Whoever is being taken out counts only for the
 * tasks that take things back. */
static int
compose_all(const struct compose *c, const struct task *t, const char *id, struct str *out)
{
	struct task **of;

	vec_each(of, &c->plan->tasks) {
		CLEAN_STR key = STR_INIT(1024);
		const char *value;

		if (!step_proves((*of)->step, id) || !(*of)->node || ((*of)->undo && !t->undo))
			continue;
		values_key(id, *of, &key);
		value = values_get(c->values, str_text(&key));
		if (!value)
			return -ENOENT;
		str_addf(out, "%s\t%s\n", (*of)->node->name, value);
	}
	return 0;
}

/* 0, or -ENOENT when it is a value that is not known yet. */
static int
compose_param(const struct compose *c, const struct task *t, const struct use *u,
	      const struct manner *how, struct str *out, struct err *err)
{
	CLEAN_STR key = STR_INIT(1024);
	const char *id = u->id;
	const char *value;
	int code;

	if (u->all)
		return compose_all(c, t, id, out);
	if (compose_own_param(c, t, id, how, out))
		return 0;
	code = param_text(c->plan->model, t->node, t->lun, t->target, t->vm, id, out, err);
	if (code != -ENOENT)
		return code;
	values_key(id, t, &key);
	value = values_get(c->values, str_text(&key));
	if (!value)
		return -ENOENT;
	str_add(out, value);
	return 0;
}

bool
compose_ready(const struct compose *c, const struct task *t, const char **missing)
{
	const struct use *u;

	vec_each(u, &t->step->uses) {
		CLEAN_STR text = STR_INIT(PARAM_MAX);

		if (!u->optional && compose_param(c, t, u, &plainly, &text, NULL) == -ENOENT) {
			if (missing)
				*missing = u->id;
			return false;
		}
	}
	return true;
}

bool
step_proves(const struct step *s, const char *id)
{
	const struct sim_value *v;

	vec_each(v, &s->sim_values)
		if (v->text && !strcmp(v->name, id))
			return true;
	return false;
}

const char *
compose_giver(const struct compose *c, const char *value)
{
	struct step **s;

	vec_each(s, &c->plan->catalog->steps)
		if (step_proves(*s, value))
			return (*s)->id;
	return NULL;
}

static int
compose_params(const struct compose *c, const struct task *t, const struct manner *how,
	       struct str *out, struct err *err)
{
	const struct dialect *d = compose_dialect(c);
	const struct use *u;

	compose_assign(d, "bascule_task", t->key, out);
	vec_each(u, &t->step->uses) {
		CLEAN_STR text = STR_INIT(PARAM_MAX);
		bool stale = how->verify && u->optional && step_pins(t->step, u->id);
		int code = stale ? -ENOENT : compose_param(c, t, u, how, &text, err);

		if (code == -ENOENT && !u->optional) {
			err_set(err, E_STEP, _("%s needs the value '%s', which is not known yet"),
				t->key, u->id);
			return E_STEP;
		}
		if (code && code != -ENOENT)
			return code;
		compose_assign_use(d, u, str_text(&text), out);
	}
	return 0;
}

/* ---- the head: nonce, library, lease, taken jobs ---- */

static void
compose_list_prefix(const struct plan *p, char out[JOB_NAME_SIZE])
{
	char title[HOST_SIZE];

	model_title(p->model, title);
	snprintf(out, JOB_NAME_SIZE, "bascule-%08x-", (unsigned)hash64(title, strlen(title)));
}

void
compose_job_name(const struct plan *p, const struct task *t, enum verb verb, char out[JOB_NAME_SIZE])
{
	char prefix[JOB_NAME_SIZE];
	CLEAN_STR key = STR_INIT(4096);

	str_addf(&key, "%s %s", verb_words[verb], t->key);
	compose_list_prefix(p, prefix);
	snprintf(out, JOB_NAME_SIZE, "%.17s%016llx", prefix,
		 (unsigned long long)hash64(str_text(&key), key.len));
}

static void
compose_lib(const struct compose *c, struct str *out)
{
	const struct catalog *cat = c->plan->catalog;
	const struct dialect *d = compose_dialect(c);

	if (d->load) {
		compose_assign(d, "bascule_lib", cat->lib, out);
		str_add(out, d->load);
	} else {
		str_addf(out, "%s\n", cat->lib);
	}
	str_addf(out, "%s\n", cat->job ? cat->job : "");
}

static void
compose_head(const struct compose *c, const struct compose_head *h, struct str *out)
{
	static const char *const lease_words[] = { "", "take", "renew", "drop" };
	const struct dialect *d = compose_dialect(c);
	char prefix[JOB_NAME_SIZE];

	compose_assign(d, "bascule_nonce", h->nonce, out);
	compose_lib(c, out);
	if (h->lease != LEASE_NONE) {
		str_addf(out, "bascule_lease %s ", lease_words[h->lease]);
		d->quote(out, c->console);
		str_addf(out, " %d\n", d->lease_s);
	}
	if (h->ntaken) {
		str_add(out, "bascule_take");
		for (size_t i = 0; i < h->ntaken; i++)
			str_addf(out, " %s", h->taken[i]);
		str_addc(out, '\n');
	}
	str_add(out, "bascule_boot\n");
	if (h->reboot_from) {
		str_add(out, "bascule_reboot ");
		d->quote(out, h->reboot_from);
		str_addc(out, '\n');
	}
	if (h->list_jobs) {
		compose_list_prefix(c->plan, prefix);
		str_addf(out, "bascule_list %s\n", prefix);
	}
}

static int
compose_end(struct str *out, struct err *err)
{
	if (!out->cut)
		return 0;
	return err_set(err, -E2BIG, _("the script for the node is larger than %d MiB"),
		       SCRIPT_MAX / 1024 / 1024);
}

int
compose_head_only(const struct compose *c, const struct compose_head *h, struct str *out,
		  struct err *err)
{
	compose_head(c, h, out);
	return compose_end(out, err);
}

/* In the simulated world a step may lack its script: the simulation answers for it. */
static const char *
step_script(const struct step *s)
{
	return s->script ? s->script : "";
}

/* "bascule_one 17 20 "$bascule_s3" 'parameters' check": the step's text stands in the script once. */
static int
compose_one(const struct compose *c, const struct task *t, enum verb verb, const char *function,
	    const char *variable, const struct manner *how, struct str *out, struct err *err)
{
	int limit_s = verb == VERB_WATCH ? t->step->limit_s : t->step->check_limit_s;
	CLEAN_STR params = STR_INIT(PARAM_MAX);
	int code = compose_params(c, t, how, &params, err);

	if (code)
		return code;
	str_addf(out, "%s %zu %d \"$%s\" ", function, t->index, limit_s, variable);
	compose_dialect(c)->quote(out, str_text(&params));
	str_addf(out, " %s\n", verb_words[verb]);
	return 0;
}

int
compose_checks(const struct compose *c, const struct compose_head *h, struct task *const *tasks,
	       const bool *as_guard, size_t n, struct str *out, struct err *err)
{
	const struct dialect *d = compose_dialect(c);
	int code = 0;

	compose_head(c, h, out);
	str_add(out, "bascule_clock_start\n");
	for (size_t i = 0; i < n && !code; i++) {
		char variable[32];
		size_t first = i;

		for (size_t k = 0; k < i; k++)
			if (tasks[k]->step == tasks[i]->step) {
				first = k;
				break;
			}
		snprintf(variable, sizeof variable, "bascule_s%zu", first);
		if (first == i)
			compose_assign(d, variable, step_script(tasks[i]->step), out);
		code = compose_one(c, tasks[i], VERB_CHECK, "bascule_one", variable,
				   &(struct manner){ .guard = as_guard && as_guard[i] },
				   out, err);
	}
	str_add(out, "bascule_clock_stop\n");
	return code ? code : compose_end(out, err);
}

int
compose_verb(const struct compose *c, const struct compose_head *h, const struct task *t,
	     enum verb verb, struct str *out, struct err *err)
{
	int code;

	compose_head(c, h, out);
	str_add(out, "bascule_clock_start\n");
	compose_assign(compose_dialect(c), "bascule_s0", step_script(t->step), out);
	code = compose_one(c, t, verb, "bascule_one", "bascule_s0", &plainly, out, err);
	str_add(out, "bascule_clock_stop\n");
	return code ? code : compose_end(out, err);
}

/* The job's own script: it runs alone in its folder, with a library of its own. */
static int
compose_job_text(const struct compose *c, const struct compose_head *h, const struct task *t,
		 enum verb verb, bool confirmed, struct str *out, struct err *err)
{
	int code;

	compose_assign(compose_dialect(c), "bascule_nonce", h->nonce, out);
	str_addf(out, "%s\n", c->plan->catalog->lib);
	code = compose_params(c, t, &(struct manner){ .confirmed = confirmed }, out, err);
	if (code)
		return code;
	str_addf(out, "%s\nbascule_run %s\n", step_script(t->step), verb_words[verb]);
	return 0;
}

static void
compose_follow(const char *name, uint64_t offset, struct str *out)
{
	str_addf(out, "bascule_follow %s %llu\n", name, (unsigned long long)offset);
}

int
compose_job(const struct compose *c, const struct compose_head *h, const struct task *t,
	    enum verb verb, unsigned attempt, bool confirmed, bool verify, struct str *out,
	    struct err *err)
{
	const struct dialect *d = compose_dialect(c);
	CLEAN_STR text = STR_INIT(SCRIPT_MAX);
	char name[JOB_NAME_SIZE];
	int code = compose_job_text(c, h, t, verb, confirmed, &text, err);

	if (code)
		return code;
	compose_job_name(c->plan, t, verb, name);
	compose_head(c, h, out);
	compose_assign(d, "bascule_task", t->key, out);
	compose_assign(d, "bascule_text", str_text(&text), out);
	str_addf(out, "bascule_job %s %u %d\n", name, attempt, t->step->limit_s);
	compose_follow(name, 0, out);
	if (verify) {
		compose_assign(d, "bascule_s0", step_script(t->step), out);
		code = compose_one(c, t, VERB_CHECK, "bascule_verify", "bascule_s0",
				   &(struct manner){ .verify = true }, out, err);
	}
	return code ? code : compose_end(out, err);
}

int
compose_attach(const struct compose *c, const struct compose_head *h, const struct task *t,
	       enum verb verb, uint64_t offset, struct str *out, struct err *err)
{
	char name[JOB_NAME_SIZE];

	compose_job_name(c->plan, t, verb, name);
	compose_head(c, h, out);
	compose_follow(name, offset, out);
	return compose_end(out, err);
}

/* ---- preview ---- */

static void
preview_param(const struct compose *c, const struct task *t, const struct use *u, struct str *out)
{
	const struct dialect *d = compose_dialect(c);
	CLEAN_STR text = STR_INIT(PARAM_MAX);
	CLEAN_STR said = STR_INIT(512);
	const char *giver, *id = u->id;

	if (!strcmp(id, "task.nonce") || !strcmp(id, "task.now")) {
		compose_assign_use(d, u, _("<new for each run>"), out);
		return;
	}
	if (!compose_param(c, t, u, &plainly, &text, NULL)) {
		compose_assign_use(d, u, str_text(&text), out);
		return;
	}
	giver = compose_giver(c, id);
	str_addf(&said, _("<known after %s>"), giver ? giver : "?");
	compose_assign_use(d, u, str_text(&said), out);
}

int
compose_preview(const struct compose *c, const struct task *t, enum verb verb, struct str *out,
		struct err *err)
{
	const struct dialect *d = compose_dialect(c);
	const struct use *u;
	const struct secret_ref *secret;

	if (!t->step->script)
		return err_set(err, E_INPUT, _("%s runs no script: it is done by %s"), t->key,
			       t->step->run == RUN_NATIVE ? _("the program itself") : _("hand"));
	if (!(t->step->verbs & (1u << verb)))
		return err_set(err, E_INPUT, _("%s has no '%s'"), t->key, verb_words[verb]);
	compose_assign(d, "bascule_task", t->key, out);
	vec_each(u, &t->step->uses)
		preview_param(c, t, u, out);
	vec_each(secret, &t->step->secrets) {
		str_add(out, d->comment);
		CLEAN_STR name = STR_INIT(256);

		task_secret(t, secret->name, &name);
		str_addf(out, _("secret %s travels apart from this text"), str_text(&name));
		str_addc(out, '\n');
	}
	str_addf(out, "%s\nbascule_run %s\n", t->step->script, verb_words[verb]);
	return compose_end(out, err);
}
