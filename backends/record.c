/* The transcript: every script that is sent to a node, and all that comes back, in one file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "backends/filter.h"
#include "base/log.h"
#include "base/nls.h"
#include "engine/plan.h"

enum { PIECE_MAX = 8 * 1024 * 1024 };

struct record {
	struct transport base;
	struct transport *inner;
	FILE *file;
	unsigned long count;
};

struct exec {
	struct record *record;
	struct exec_req req;
	struct exec *carried;
	unsigned long number;
};

/* Known secrets never reach the file, whoever printed them. */
static void
record_text(struct record *r, const char *text, size_t n)
{
	CLEAN_STR safe = STR_INIT(PIECE_MAX);

	log_redact(&safe, text, n);
	fwrite(str_text(&safe), 1, safe.len, r->file);
}

static void
record_head(const struct exec *e)
{
	FILE *f = e->record->file;
	char when[32];
	time_t now = time(NULL);
	struct tm tm;

	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	fprintf(f, "=== %lu %s %s", e->number, when, verb_words[e->req.verb]);
	for (size_t i = 0; i < e->req.ntasks; i++)
		fprintf(f, " %s", e->req.tasks[i]->key);
	fprintf(f, "\n--- %lu script, %zu bytes, %zu secrets apart from it\n", e->number,
		e->req.script_len, e->req.nsecrets);
	record_text(e->record, e->req.script, e->req.script_len);
	fputc('\n', f);
}

static void
record_out(void *ctx, int stream, const char *data, size_t n)
{
	struct exec *e = ctx;

	fprintf(e->record->file, "--- %lu %s, %zu bytes\n", e->number, stream == 1 ? "output" : "errors",
		n);
	record_text(e->record, data, n);
	if (n && data[n - 1] != '\n')
		fputc('\n', e->record->file);
	e->req.on_out(e->req.ctx, stream, data, n);
}

static void
record_done(void *ctx, int status, const struct err *err)
{
	struct exec *e = ctx;
	struct exec_req req = e->req;

	if (err->code)
		fprintf(e->record->file, "--- %lu failed: %s\n", e->number, err->what);
	else
		fprintf(e->record->file, "--- %lu ended with code %d\n", e->number, status);
	fflush(e->record->file);
	free(e);
	req.on_done(req.ctx, status, err);
}

static struct exec *
record_exec(struct transport *t, const struct exec_req *req)
{
	struct record *r = (struct record *)t;
	struct exec *e = xcalloc(1, sizeof *e);
	struct exec_req through = *req;

	e->record = r;
	e->req = *req;
	e->number = ++r->count;
	record_head(e);
	r->inner->on_link = t->on_link;
	r->inner->link_ctx = t->link_ctx;
	through.on_out = record_out;
	through.on_done = record_done;
	through.ctx = e;
	e->carried = r->inner->ops->exec(r->inner, &through);
	return e;
}

static void
record_cancel(struct transport *t, struct exec *e)
{
	struct record *r = (struct record *)t;

	r->inner->ops->cancel(r->inner, e->carried);
}

static void
record_forward(struct transport *t, const char *host, int port,
	       void (*done)(void *ctx, int local_port, const struct err *err), void *ctx)
{
	struct record *r = (struct record *)t;
	struct err err = { 0 };

	fprintf(r->file, "=== forward to %s port %d\n", host, port);
	if (r->inner->ops->forward) {
		r->inner->ops->forward(r->inner, host, port, done, ctx);
		return;
	}
	err_set(&err, -ENOSYS, _("this connection forwards nothing"));
	done(ctx, 0, &err);
}

static void
record_close(struct transport *t)
{
	struct record *r = (struct record *)t;

	r->inner->ops->close(r->inner);
	fclose(r->file);
	free(r);
}

static const struct transport_ops record_ops = {
	.name = "record",
	.exec = record_exec,
	.cancel = record_cancel,
	.forward = record_forward,
	.close = record_close,
};

static FILE *
record_open(const char *dir, const char *node, struct err *err)
{
	CLEANUP(freep) char *path = xasprintf("%s/%s.log", dir, node);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "a");

	if (!file) {
		err_sys(err, errno, _("cannot write the transcript '%s'"), path);
		err_hint(err, _("Name an existing folder that you may write to."));
		if (fd >= 0)
			close(fd);
	}
	return file;
}

struct transport *
record_new(struct transport *take_inner, const char *dir, const char *node, struct err *err)
{
	FILE *file = record_open(dir, node, err);
	struct record *r;

	if (!file) {
		take_inner->ops->close(take_inner);
		return NULL;
	}
	r = xcalloc(1, sizeof *r);
	r->base.ops = &record_ops;
	r->inner = take_inner;
	r->file = file;
	return &r->base;
}
