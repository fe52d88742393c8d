/* bascule doctor: is this console ready, and with a cluster file, does every node let us in?
 * Changes nothing anywhere. */
#include "cli/verb.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>
#include "base/nls.h"
#include "base/paths.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/text.h"
#include "cli/answers.h"
#include "cli/jsonl.h"
#include "cli/session.h"

enum verdict { PASS, WARN, FAIL };

enum { RUN_MS = 5000, LOGIN_MS = 20000, FREE_MIN_MIB = 512, NAME_COLUMNS = 14 };

struct doctor {
	struct session s;
	const struct services *sv;
	bool json;
	enum verdict worst;
	struct asker asker;
	size_t open; /* nodes not told yet */
};

static const char *const verdict_ids[] = { "pass", "warn", "fail" };

static void
row_json(const char *name, enum verdict v, const char *what, const char *hint)
{
	json_t *o = json_object();
	jsonl_text(o, "event", "doctor");
	jsonl_text(o, "name", name);
	jsonl_text(o, "verdict", verdict_ids[v]);
	jsonl_text(o, "text", what);
	jsonl_text(o, "hint", v == PASS ? NULL : hint);
	jsonl_write(stdout, o);
}

/* One row of the table; the hint is told only with a warning or a failure. */
static void __attribute__((format(printf, 5, 6)))
doctor_row(struct doctor *d, const char *name, enum verdict v, const char *hint, const char *fmt,
	   ...)
{
	const char *const words[] = { _("pass"), _("warn"), _("FAIL") };
	char what[640];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	d->worst = v > d->worst ? v : d->worst;
	if (d->json) {
		row_json(name, v, what, hint);
		return;
	}
	CLEAN_STR line = STR_INIT(4096);
	int width = 0;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		width = text_width(words[i]) > width ? text_width(words[i]) : width;
	text_pad(&line, words[v], width);
	str_add(&line, "  ");
	text_pad(&line, name, NAME_COLUMNS);
	str_add(&line, "  ");
	text_clean(&line, what, strlen(what), false);
	printf("%s\n", str_text(&line));
	if (v != PASS && hint && *hint)
		printf("%*s-> %s\n", width + NAME_COLUMNS + 4, "", hint);
}

/* First line of a command's output; false when it cannot be run or fails. */
static bool
command_line(const char *const *argv, struct str *out)
{
	if (proc_run(argv, NULL, out, RUN_MS, NULL) != 0)
		return false;
	out->len = strcspn(str_text(out), "\n");
	if (out->s)
		out->s[out->len] = '\0';
	return out->len > 0;
}

static bool
program_exists(const char *name)
{
	CLEANUP(freep) char *path = xstrdup(getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
	char *rest = path, *folder;
	while ((folder = strsep(&rest, ":"))) {
		CLEANUP(freep) char *file = xasprintf("%s/%s", *folder ? folder : ".", name);
		if (!access(file, X_OK))
			return true;
	}
	return false;
}

/* 0.10.6 is the first with a fix for CVE-2023-48795 and CVE-2023-6004. */
static bool
libssh_is_recent(const char *version)
{
	unsigned major = 0, minor = 0, patch = 0;
	if (sscanf(version, "%u.%u.%u", &major, &minor, &patch) < 2)
		return false;
	return major || minor > 10 || (minor == 10 && patch >= 6);
}

static void
check_libssh(struct doctor *d)
{
	CLEAN_STR package = STR_INIT(256);
	static const char *const query[] = { "dpkg-query", "-W", "-f", "${Version}", "libssh-4",
					     NULL };
	const char *version = d->sv->ssh_version ? d->sv->ssh_version() : NULL;
	bool packaged = command_line(query, &package);
	if (!version)
		doctor_row(d, "libssh", FAIL, NULL, "%s", _("not part of this build"));
	else if (packaged)
		doctor_row(d, "libssh", libssh_is_recent(version) ? PASS : WARN,
			   _("Versions before 0.10.6 have known holes: install updates."),
			   _("%s, package %s"), version, str_text(&package));
	else
		doctor_row(d, "libssh", libssh_is_recent(version) ? PASS : WARN,
			   _("Versions before 0.10.6 have known holes: install updates."), "%s",
			   version);
}

static void
check_programs(struct doctor *d)
{
	static const struct {
		const char *name, *why;
	} programs[] = {
		{ "ssh-keygen", N_("It reads hashed known_hosts files: install openssh-client.") },
		{ "qemu-system-x86_64", N_("Only the practice lab needs it: install "
					   "qemu-system-x86.") },
	};
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		bool there = program_exists(programs[i].name);
		doctor_row(d, i ? "qemu" : programs[i].name, there ? PASS : WARN,
			   _(programs[i].why), "%s", there ? _("is there") : _("not found"));
	}
	bool kvm = !access("/dev/kvm", R_OK | W_OK);
	doctor_row(d, "kvm", kvm ? PASS : WARN,
		   _("The practice lab works without it, about ten times slower."), "%s",
		   kvm ? _("usable") : _("not usable"));
}

static void
check_locale(struct doctor *d)
{
	bool utf8 = text_locale_is_utf8();
	doctor_row(d, _("locale"), utf8 ? PASS : WARN,
		   _("Names and frames look best in a UTF-8 locale, for example LANG=C.UTF-8."),
		   utf8 ? _("UTF-8, language '%s'") : _("not UTF-8, language '%s'"), nls_lang());
}

static void
check_data(struct doctor *d)
{
	struct err err = { 0 };
	CLEANUP(freep) char *steps = paths_data("steps");
	char **names = steps ? dir_list(steps, &err) : NULL;
	size_t n = 0;
	while (names && names[n])
		n++;
	if (n)
		doctor_row(d, _("steps"), PASS, NULL, "%s", steps);
	else
		doctor_row(d, _("steps"), FAIL,
			   _("Install the program again, or set BASCULE_DATADIR to its data."), "%s",
			   err.code ? err.what : _("no steps found"));
	dir_list_free(names);
}

static void
check_state(struct doctor *d)
{
	struct err err = { 0 };
	struct statvfs fs;
	CLEANUP(freep) char *folder = paths_state("", &err);
	if (!folder || access(folder, W_OK)) {
		doctor_row(d, _("state folder"), FAIL, err.hint, "%s",
			   folder ? folder : err.what);
		return;
	}
	doctor_row(d, _("state folder"), PASS, NULL, "%s", folder);
	if (statvfs(folder, &fs))
		return;
	unsigned long long mib = (unsigned long long)fs.f_bavail * fs.f_frsize >> 20;
	doctor_row(d, _("free space"), mib >= FREE_MIN_MIB ? PASS : WARN,
		   _("A journal of a large run may need some hundred MiB there."), _("%llu MiB"),
		   mib);
}

static void
check_clock(struct doctor *d)
{
	struct timex t = { .modes = 0 };
	bool exact = adjtimex(&t) != TIME_ERROR && !(t.status & STA_UNSYNC);
	doctor_row(d, _("clock"), exact ? PASS : WARN,
		   _("Kerberos refuses clocks that differ by more than 5 minutes: set up NTP."), "%s",
		   exact ? _("kept by NTP") : _("nobody keeps it exact"));
}

/* Nodes: one script that does nothing, through the very way a run takes. */

struct visit {
	struct doctor *d;
	const struct node *node;
	struct transport *transport;
	char nonce[33];
	int64_t began_ms;
	bool told;
};

static void
visit_told(struct visit *v, const struct err *err)
{
	struct doctor *d = v->d;
	long long ms = loop_now_ms(d->s.ws.loop) - v->began_ms;
	v->told = true;
	d->open--;
	if (err && err->code)
		doctor_row(d, v->node->name, FAIL, err->hint, "%s", err->what);
	else
		doctor_row(d, v->node->name, PASS, NULL,
			   _("reached, host key known, logged in (%lld ms)"), ms);
	if (!d->open)
		loop_stop(d->s.ws.loop);
}

static void
visit_output(void *ctx, int stream, const char *data, size_t n)
{
	(void)ctx, (void)stream, (void)data, (void)n;
}

static void
visit_done(void *ctx, int status, const struct err *err)
{
	struct err failed = { 0 };
	if (err && err->code)
		failed = *err;
	else if (status)
		err_set(&failed, E_REMOTE, _("logged in, but a script ended with code %d"), status);
	visit_told(ctx, &failed);
}

static void
visit_begin(struct doctor *d, struct visit *v, const struct node *n)
{
	static const char script[] = "exit 0\n";
	struct err err = { 0 };
	*v = (struct visit){ .d = d, .node = n, .began_ms = loop_now_ms(d->s.ws.loop) };
	v->transport = d->sv->connect(d->s.ws.loop, &d->s.ws.model, (enum world)d->s.o->world, n,
				      &d->asker, &err);
	if (!v->transport) {
		visit_told(v, &err);
		return;
	}
	random_hex(v->nonce, 16);
	struct exec_req req = {
		.verb = VERB_CHECK,
		.nonce = v->nonce,
		.script = script,
		.script_len = strlen(script),
		.deadline_ms = LOGIN_MS,
		.on_out = visit_output,
		.on_done = visit_done,
		.ctx = v,
	};
	v->transport->ops->exec(v->transport, &req);
}

static void
check_nodes(struct doctor *d)
{
	const struct model *m = &d->s.ws.model;
	struct answers_spec spec = { .o = d->s.o, .tty = session_has_tty() && !d->json,
				     .secret = session_secret, .secret_ctx = &d->s };
	struct err err = { 0 };
	enum world world = (enum world)d->s.o->world;
	if (d->sv->world_open(d->s.ws.loop, m, &(struct world_way){ .world = world }, &err)) {
		doctor_row(d, world_id(world), FAIL, err.hint, "%s", err.what);
		return;
	}
	if (world == WORLD_SIMULATED)
		loop_clock_virtual(d->s.ws.loop, 0);
	struct visit *visits = xcalloc(m->nodes.n + 1, sizeof *visits);
	struct answers *answers = answers_new(d->s.ws.loop, &spec);
	d->asker = (struct asker){ answers_ask, answers };
	d->open = m->nodes.n;
	for (size_t i = 0; i < m->nodes.n; i++)
		visit_begin(d, &visits[i], &m->nodes.at[i]);
	if (d->open)
		loop_run(d->s.ws.loop);
	for (size_t i = 0; i < m->nodes.n; i++)
		if (visits[i].transport)
			visits[i].transport->ops->close(visits[i].transport);
	d->sv->world_close();
	answers_free(answers);
	free(visits);
}

static int
doctor_run(struct doctor *d, const struct options *o)
{
	if (o->words.n) {
		int code = session_read(&d->s, d->sv, o);
		if (code)
			return code;
	}
	check_libssh(d);
	check_programs(d);
	check_locale(d);
	check_data(d);
	check_state(d);
	check_clock(d);
	if (o->words.n)
		check_nodes(d);
	return d->worst == FAIL ? EXIT_FAILED : EXIT_DONE;
}

int
verb_doctor(const struct services *sv, int argc, char **argv)
{
	struct options o;
	struct doctor d = { .sv = sv, .s.ws.lock = -1 };
	int code = EXIT_INPUT;
	if (options_parse(&o, argc, argv)) {
		d.json = o.json;
		code = doctor_run(&d, &o);
	}
	session_done(&d.s);
	options_done(&o);
	return code;
}
