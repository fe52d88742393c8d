/* bascule probe: looks at an iSCSI portal from this console, or through a node. Changes nothing. */
#include "cli/verb.h"

#include <string.h>
#include "base/nls.h"
#include "base/str.h"
#include "cli/answers.h"
#include "cli/probetext.h"
#include "cli/secrets.h"
#include "cli/session.h"
#include "engine/probe.h"

/* Under which name targets see us when nobody said otherwise; their access lists must have it. */
static const char default_initiator[] = "iqn.2026-11.bascule:console";

struct prober {
	struct session s;
	struct options file_options; /* the words behind PORTAL */
	const struct services *sv;
	const struct options *o;
	struct secrets *secrets;
	struct answers *answers;
	struct asker asker;
	struct transport *transport; /* to the node of --via */
	char host[256];
	int port;
	const char *initiator;
	char console_iqn[IQN_SIZE];
	const char *user;
	char *chap_secret;
	const struct target *target; /* of the cluster file, when it has this portal */
	int code;
};

static void probe_begin(struct prober *p, const char *via_host, int via_port);

static void
give_up(struct prober *p, const struct err *err)
{
	err_print(err);
	p->code = err_exit(err);
	loop_stop(p->s.ws.loop);
}

/* --- the end --- */

static bool
all_was_told(const struct probe_result *r)
{
	const struct probe_target *t;
	const struct probe_lun *lun;

	vec_each(t, &r->targets) {
		if (t->err.code)
			return false;
		vec_each(lun, &t->luns)
			if (lun->verdict == LUN_UNREADABLE)
				return false;
	}
	return true;
}

/* Logouts end by themselves when the way through a node is gone, and the loop with them. */
static void
way_end(void *ctx)
{
	struct prober *p = ctx;

	if (p->transport)
		p->transport->ops->close(p->transport);
	p->transport = NULL;
}

static void
on_done(void *ctx, struct probe_result *take_result, const struct err *err)
{
	struct prober *p = ctx;
	CLEAN_STR table = STR_INIT(4 << 20);

	if (p->o->json) {
		probetext_json(stdout, take_result, p->initiator, err);
	} else if (take_result->targets.n) {
		probetext_table(&table, take_result, p->initiator);
		fputs(str_text(&table), stdout);
	}
	p->code = all_was_told(take_result) ? EXIT_DONE : EXIT_UNTOLD;
	if (err->code) {
		if (!p->o->json)
			err_print(err);
		p->code = err_exit(err);
	}
	probe_result_free(take_result);
	loop_defer(p->s.ws.loop, way_end, p);
}

static void
probe_begin(struct prober *p, const char *via_host, int via_port)
{
	struct err err = { 0 };
	struct probe_request req = {
		.host = p->host,
		.port = p->port,
		.via_host = via_host,
		.via_port = via_port,
		.initiator = p->initiator,
		.target = p->o->target,
		.chap_user = p->user,
		.chap_secret = p->chap_secret,
		.timeout_ms = 1000LL * p->o->timeout_s,
		.on_done = on_done,
		.ctx = p,
	};

	if (!p->sv->probe->start(p->s.ws.loop, &req, &err))
		give_up(p, &err);
}

/* --- the way there --- */

static void
on_forwarded(void *ctx, int local_port, const struct err *err)
{
	struct prober *p = ctx;

	if (err && err->code)
		give_up(p, err);
	else
		probe_begin(p, "127.0.0.1", local_port);
}

static void
way_begin(struct prober *p)
{
	struct err err = { 0 };
	const struct node *node;

	if (!p->o->via) {
		probe_begin(p, NULL, 0);
		return;
	}
	node = model_node(&p->s.ws.model, p->o->via);
	if (!node) {
		err_set(&err, E_INPUT, _("the cluster file has no node '%s'"), p->o->via);
		err_hint(&err, _("--via wants the name of one of its nodes."));
		give_up(p, &err);
		return;
	}
	p->transport = p->sv->connect(p->s.ws.loop, &p->s.ws.model, (enum world)p->o->world, node,
				      &p->asker, &err);
	if (p->transport && !p->transport->ops->forward) {
		err_set(&err, E_INPUT, _("nothing can be forwarded through '%s' in this world"),
			p->o->via);
		err_hint(&err, _("Only real and lab machines have an iSCSI target to probe."));
		give_up(p, &err);
	} else if (p->transport) {
		p->transport->ops->forward(p->transport, p->host, p->port, on_forwarded, p);
	} else {
		give_up(p, &err);
	}
}

/* --- the CHAP secret --- */

static const char *
secret_given(void *ctx, const char *name)
{
	struct prober *p = ctx;

	return secrets_get(p->secrets ? p->secrets : p->s.secrets, name);
}

static const char *
secret_find(struct prober *p, const char *name)
{
	CLEANUP(freep) char *full = xasprintf("chap.%s", name);

	return secret_given(p, full);
}

static void
secret_take(struct prober *p, const char *secret)
{
	p->chap_secret = xstrdup(secret);
	way_begin(p);
}

static void
on_secret(void *ctx, const char *answer)
{
	struct prober *p = ctx;

	if (answer && *answer) {
		secret_take(p, answer);
		return;
	}
	p->code = EXIT_INPUT;
	loop_stop(p->s.ws.loop);
}

/* By the target's name in the cluster file, as a run reads it, else by the user's. */
static void
secret_begin(struct prober *p)
{
	const char *secret = p->target ? secret_find(p, p->target->name) : NULL;
	CLEANUP(freep) char *id = NULL, *title = NULL;

	if (!p->user) {
		way_begin(p);
		return;
	}
	if (!secret)
		secret = secret_find(p, p->user);
	if (secret) {
		secret_take(p, secret);
		return;
	}
	id = xasprintf("secret:chap.%s", p->target ? p->target->name : p->user);
	title = xasprintf(_("CHAP secret of '%s'"), p->user);
	ask_put(&p->asker, &(struct ask){ .type = ASK_SECRET, .id = id, .title = title }, on_secret,
		p);
}

/* --- the command line --- */

static int
file_read_words(struct prober *p)
{
	struct target *t;
	int code;

	p->file_options = *p->o;
	p->file_options.words.at++;
	p->file_options.words.n--;
	code = session_read(&p->s, p->sv, &p->file_options);
	if (code)
		return code;
	vec_each(t, &p->s.ws.model.targets)
		if (strcmp(t->portal, p->host) == 0)
			p->target = t;
	if (p->target) {
		model_console_iqn(p->target, p->console_iqn);
		p->initiator = p->console_iqn;
	}
	if (p->target && p->target->chap_user[0])
		p->user = p->target->chap_user;
	return EXIT_DONE;
}

static int
input_error(const char *what, const char *hint)
{
	struct err err = { 0 };

	err_set(&err, E_INPUT, "%s", what);
	err_hint(&err, "%s", hint);
	err_print(&err);
	return EXIT_INPUT;
}

static int
secrets_read(struct prober *p)
{
	CLEAN_STR warning = STR_INIT(1024);
	struct err err = { 0 };

	if (!p->o->secrets || p->s.secrets) /* with a cluster file they were read already */
		return EXIT_DONE;
	p->secrets = secrets_load(p->o->secrets, &warning, &err);
	if (warning.len)
		fprintf(stderr, _("bascule: %s\n"), str_text(&warning));
	if (p->secrets)
		return EXIT_DONE;
	err_print(&err);
	return EXIT_INPUT;
}

static int
words_read(struct prober *p)
{
	const struct options *o = p->o;
	struct err err = { 0 };
	int code = EXIT_DONE;

	if (!o->words.n || o->words.n > 2)
		return input_error(_("name one portal"),
				   _("For example: bascule probe 10.10.20.100"));
	if (probe_portal_parse(o->words.at[0], p->host, &p->port, &err)) {
		err_print(&err);
		return EXIT_INPUT;
	}
	if (o->via && o->words.n < 2)
		return input_error(_("--via needs the cluster file that has the node"),
				   _("For example: bascule probe 10.10.20.100 cluster.ini --via=hv-1"));
	if (o->words.n == 2)
		code = file_read_words(p);
	if (!code)
		code = secrets_read(p);
	p->user = o->chap_user ? o->chap_user : p->user;
	p->initiator = o->initiator ? o->initiator : p->initiator;
	return code;
}

static int
probe_run(struct prober *p)
{
	struct answers_spec spec = { .o = p->o,
				     .tty = session_has_tty() && !p->o->json,
				     .secret = secret_given,
				     .secret_ctx = p };

	if (!p->s.ws.loop)
		workspace_init(&p->s.ws, p->sv, NULL);
	p->answers = answers_new(p->s.ws.loop, &spec);
	p->asker = (struct asker){ answers_ask, p->answers };
	p->code = EXIT_FAILED;
	secret_begin(p);
	loop_run(p->s.ws.loop);
	way_end(p);
	answers_free(p->answers);
	return p->code;
}

int
verb_probe(const struct services *sv, int argc, char **argv)
{
	struct options o;
	struct prober p = { .sv = sv, .o = &o, .s.ws.lock = -1, .initiator = default_initiator };
	int code = EXIT_INPUT;

	if (options_parse(&o, argc, argv)) {
		code = words_read(&p);
		if (!code)
			code = probe_run(&p);
	}
	if (p.chap_secret)
		explicit_bzero(p.chap_secret, strlen(p.chap_secret));
	free(p.chap_secret);
	secrets_free(p.secrets);
	session_done(&p.s);
	options_done(&o);
	return code;
}
