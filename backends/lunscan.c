/* One LUN: who it says it is, who has registered, what its bytes say. Three rounds, the commands
 * of each travelling together: is it a disk, its identity, its data. */
#include "backends/lunscan.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "backends/scsi.h"
#include "backends/signature.h"
#include "base/nls.h"
#include "base/str.h"

enum {
	CHUNK = 64 << 10,  /* bytes of one read: larger ones cost both ends more page faults */
	IN_FLIGHT = 16,    /* reads at a time */
	ANSWER = 4096,     /* room for an answer that is not data */
	SENSE_NOT_READY = 2,
	SENSE_ILLEGAL_REQUEST = 5,
};

enum round { ROUND_DISK, ROUND_IDENTITY, ROUND_DATA, ROUND_END };
enum part { PART_HEAD, PART_TAIL, PART_SAMPLE };

struct piece {
	struct lunscan *scan;
	enum part part;
	uint64_t at; /* byte offset on the LUN */
	uint32_t n;
	unsigned char *into; /* a slot, while it is being read */
};

enum { QUERIES = 9 };

/* Which query an answer belongs to. */
struct asking {
	struct lunscan *scan;
	const struct query *query;
};

struct lunscan {
	struct loop *loop;
	struct biscsi *session;
	enum round round;
	size_t in_flight;
	bool with_data, is_disk, is_other, has_serial, has_names, not_ready;
	unsigned pr_told; /* of keys and holder */
	struct asking askings[QUERIES];
	struct window window;
	unsigned char *memory; /* of the slots, which are used again and again */
	unsigned char *slots[IN_FLIGHT]; /* free ones; the last given back is the next taken */
	size_t nslots;
	VEC(struct piece) pieces; /* complete before the first is read: their addresses stay */
	size_t next_piece;
	unsigned missing[3]; /* pieces not read, by part */
	lunscan_fn done;
	void *ctx;
	struct probe_lun lun;
};

struct query {
	enum round round;
	void (*make)(unsigned char cdb[SCSI_CDB], unsigned argument);
	unsigned argument;
	uint16_t room;
	bool (*wanted)(const struct lunscan *scan); /* NULL = always */
	void (*take)(struct lunscan *scan, const struct biscsi_answer *a);
};

static void round_next(struct lunscan *scan);

static void
scan_free(struct lunscan *scan)
{
	loop_forget(scan->loop, scan);
	window_done(&scan->window);
	free(scan->memory);
	vec_free(&scan->pieces);
	free(scan);
}

/* The first trouble is the one that tells most. */
static void
scan_trouble(struct lunscan *scan, const struct err *err)
{
	if (!scan->lun.err.code)
		scan->lun.err = *err;
}

/* --- queries --- */

static void
make_inquiry(unsigned char cdb[SCSI_CDB], unsigned argument)
{
	(void)argument;
	scsi_inquiry_cdb(cdb, -1, 255);
}

static void
make_ready(unsigned char cdb[SCSI_CDB], unsigned argument)
{
	(void)argument;
	memset(cdb, 0, SCSI_CDB); /* TEST UNIT READY is all zero */
}

static void
make_page(unsigned char cdb[SCSI_CDB], unsigned page)
{
	scsi_inquiry_cdb(cdb, (int)page, page ? ANSWER : 255);
}

static void
make_capacity(unsigned char cdb[SCSI_CDB], unsigned argument)
{
	(void)argument;
	scsi_capacity_cdb(cdb, 32);
}

static void
make_pr(unsigned char cdb[SCSI_CDB], unsigned action)
{
	scsi_pr_in_cdb(cdb, action, ANSWER);
}

static void
take_inquiry(struct lunscan *scan, const struct biscsi_answer *a)
{
	if (!a->ok)
		scan_trouble(scan, &a->err);
	else if (scsi_inquiry_parse(&scan->lun, a->data, a->n, &scan->is_disk))
		scan->is_other = !scan->is_disk;
}

static void
take_ready(struct lunscan *scan, const struct biscsi_answer *a)
{
	if (a->ok || a->conflict)
		return;
	scan->not_ready = true;
	scan_trouble(scan, &a->err);
}

static void
take_pages(struct lunscan *scan, const struct biscsi_answer *a)
{
	scan->has_serial = a->ok && scsi_pages_has(a->data, a->n, 0x80);
	scan->has_names = a->ok && scsi_pages_has(a->data, a->n, 0x83);
}

static bool
wants_serial(const struct lunscan *scan)
{
	return scan->has_serial;
}

static bool
wants_names(const struct lunscan *scan)
{
	return scan->has_names;
}

static void
take_serial(struct lunscan *scan, const struct biscsi_answer *a)
{
	if (a->ok)
		scsi_serial_parse(&scan->lun, a->data, a->n);
	else if (a->sense != SENSE_ILLEGAL_REQUEST)
		scan_trouble(scan, &a->err);
}

static void
take_names(struct lunscan *scan, const struct biscsi_answer *a)
{
	if (a->ok)
		scsi_names_parse(&scan->lun, a->data, a->n);
	else if (a->sense != SENSE_ILLEGAL_REQUEST)
		scan_trouble(scan, &a->err);
}

static void
capacity_trouble(struct lunscan *scan, const struct biscsi_answer *a)
{
	struct err err;

	if (!a->ok) {
		scan_trouble(scan, &a->err);
		return;
	}
	err_set(&err, E_REMOTE, _("the LUN tells a size that makes no sense"));
	err_hint(&err, _("Look at the target's configuration of this LUN."));
	scan_trouble(scan, &err);
}

static void
take_capacity10(void *ctx, const struct biscsi_answer *a)
{
	struct lunscan *scan = ctx;

	if (!a->ok || !scsi_capacity10_parse(&scan->lun, a->data, a->n))
		capacity_trouble(scan, a);
	scan->in_flight--;
	round_next(scan);
}

static void
take_capacity(struct lunscan *scan, const struct biscsi_answer *a)
{
	static const unsigned char old[SCSI_CDB] = { 0x25 }; /* READ CAPACITY (10) */

	if (a->sense == SENSE_ILLEGAL_REQUEST) {
		scan->in_flight++;
		biscsi_command(scan->session, scan->lun.number, old, NULL, 8, take_capacity10, scan);
	} else if (!a->ok || !scsi_capacity16_parse(&scan->lun, a->data, a->n)) {
		capacity_trouble(scan, a);
	}
}

/* A LUN without persistent reservations answers ILLEGAL REQUEST: nobody can be registered. */
static void
pr_told(struct lunscan *scan, const struct biscsi_answer *a, bool parsed)
{
	if (parsed || a->sense == SENSE_ILLEGAL_REQUEST)
		scan->lun.pr.known = ++scan->pr_told == 2;
	else if (!a->ok)
		scan_trouble(scan, &a->err);
}

static void
take_pr_keys(struct lunscan *scan, const struct biscsi_answer *a)
{
	pr_told(scan, a, a->ok && scsi_pr_keys_parse(&scan->lun.pr, a->data, a->n));
}

static void
take_pr_holder(struct lunscan *scan, const struct biscsi_answer *a)
{
	/* an old RESERVE(6) by another initiator answers with a conflict */
	scan->lun.pr.reserved |= a->conflict;
	pr_told(scan, a, a->ok && scsi_pr_holder_parse(&scan->lun.pr, a->data, a->n));
}

static void
take_pr_types(struct lunscan *scan, const struct biscsi_answer *a)
{
	if (a->ok)
		scsi_pr_types_parse(&scan->lun.pr, a->data, a->n);
}

static const struct query queries[QUERIES] = {
	{ ROUND_DISK, make_inquiry, 0, 255, NULL, take_inquiry },
	{ ROUND_DISK, make_ready, 0, 0, NULL, take_ready },
	{ ROUND_DISK, make_page, 0x00, 255, NULL, take_pages },
	{ ROUND_IDENTITY, make_page, 0x80, ANSWER, wants_serial, take_serial },
	{ ROUND_IDENTITY, make_page, 0x83, ANSWER, wants_names, take_names },
	{ ROUND_IDENTITY, make_capacity, 0, 32, NULL, take_capacity },
	{ ROUND_IDENTITY, make_pr, 0, ANSWER, NULL, take_pr_keys },
	{ ROUND_IDENTITY, make_pr, 1, ANSWER, NULL, take_pr_holder },
	{ ROUND_IDENTITY, make_pr, 2, ANSWER, NULL, take_pr_types },
};

static void
on_answer(void *ctx, const struct biscsi_answer *a)
{
	struct asking *asking = ctx;
	struct lunscan *scan = asking->scan;

	asking->query->take(scan, a);
	scan->in_flight--;
	round_next(scan);
}

static void
round_ask(struct lunscan *scan)
{
	unsigned char cdb[SCSI_CDB];
	struct asking *asking;

	for (const struct query *q = queries; q < queries + QUERIES; q++) {
		if (q->round != scan->round || (q->wanted && !q->wanted(scan)))
			continue;
		asking = &scan->askings[q - queries];
		*asking = (struct asking){ scan, q };
		q->make(cdb, q->argument);
		scan->in_flight++;
		biscsi_command(scan->session, scan->lun.number, cdb, NULL, q->room, on_answer, asking);
	}
}

/* --- data --- */

static void
add_piece(struct lunscan *scan, enum part part, uint64_t at, uint64_t n)
{
	vec_push(&scan->pieces, ((struct piece){ scan, part, at, (uint32_t)n, NULL }));
}

static void
add_window(struct lunscan *scan, enum part part, uint64_t at, size_t len)
{
	for (size_t done = 0; done < len; done += CHUNK)
		add_piece(scan, part, at + done, len - done < CHUNK ? len - done : CHUNK);
}

/* Where file systems keep second superblocks: an old one whose first was wiped shows there.
 * btrfs 64 MiB and 256 GiB, ext4 128 MiB (4 KiB blocks), ocfs2 1 GiB. */
static const uint64_t landmarks[] = { 64ull << 20, 128ull << 20, 1ull << 30, 256ull << 30 };

enum { LANDMARKS = sizeof landmarks / sizeof *landmarks };

static void
add_sample(struct lunscan *scan, uint64_t at, uint32_t n)
{
	scan->lun.seen.samples++;
	add_piece(scan, PART_SAMPLE, at, n);
}

/* One block at a random place in each of 64 equal parts of what lies between the windows. */
static void
add_samples(struct lunscan *scan)
{
	const struct window *w = &scan->window;
	uint32_t size = scan->lun.block_size > PROBE_SAMPLE ? scan->lun.block_size : PROBE_SAMPLE;
	uint64_t blocks = w->tail ? (w->tail_at - w->head_len) / size : 0;
	uint64_t parts = blocks < PROBE_SAMPLES ? blocks : PROBE_SAMPLES, random;

	for (uint64_t i = 0; i < parts; i++) {
		uint64_t from = blocks / parts * i, span = blocks / parts;

		if (i == parts - 1)
			span = blocks - from;
		if (getrandom(&random, sizeof random, 0) != sizeof random)
			random = 0;
		add_sample(scan, w->head_len + (from + random % span) * size, size);
	}
	for (size_t i = 0; w->tail && i < LANDMARKS; i++)
		if (landmarks[i] >= w->head_len && landmarks[i] + size <= w->tail_at)
			add_sample(scan, landmarks[i], size);
}

static bool
block_size_is_sane(uint32_t size)
{
	return size >= 512 && size <= 64 << 10 && (size & (size - 1)) == 0;
}

static bool
data_prepare(struct lunscan *scan)
{
	struct probe_lun *lun = &scan->lun;
	struct window *w = &scan->window;
	struct err err;

	if (scan->not_ready || !lun->size_bytes)
		return false;
	if (!block_size_is_sane(lun->block_size)) {
		err_set(&err, E_REMOTE, _("a block size of %u bytes is not understood here"),
			lun->block_size);
		err_hint(&err, _("Give the LUN blocks of 512 or 4096 bytes."));
		scan_trouble(scan, &err);
		return false;
	}
	if (window_open(w, lun->size_bytes, PROBE_WINDOW, &err) != 0) {
		scan_trouble(scan, &err);
		return false;
	}
	add_window(scan, PART_HEAD, 0, w->head_len);
	if (w->tail)
		add_window(scan, PART_TAIL, w->tail_at, w->tail_len);
	add_samples(scan);
	scan->memory = xcalloc(IN_FLIGHT, CHUNK);
	while (scan->nslots < IN_FLIGHT) {
		scan->slots[scan->nslots] = scan->memory + scan->nslots * CHUNK;
		scan->nslots++;
	}
	return true;
}

static void
sample_look(struct lunscan *scan, const struct piece *p)
{
	struct probe_evidence *seen = &scan->lun.seen;
	size_t at = bytes_first_nonzero(p->into, p->n);

	seen->samples_read++;
	if (at == p->n || (seen->nonzero && seen->nonzero_at < p->at + at))
		return;
	seen->nonzero = true;
	seen->nonzero_at = p->at + at;
}

static void
on_read(void *ctx, const struct biscsi_answer *a)
{
	const struct piece *p = ctx;
	struct lunscan *scan = p->scan;

	if (a->ok && a->n == p->n) {
		scan->lun.seen.bytes_read += p->n;
		if (p->part == PART_SAMPLE)
			sample_look(scan, p);
		else
			window_put(&scan->window, p->at, p->into, p->n);
	} else {
		scan->missing[p->part]++;
		if (!a->ok)
			scan_trouble(scan, &a->err);
	}
	scan->slots[scan->nslots++] = p->into;
	scan->in_flight--;
	round_next(scan);
}

static void
data_read(struct lunscan *scan)
{
	unsigned char cdb[SCSI_CDB];
	struct piece *p;

	while (scan->nslots && scan->next_piece < scan->pieces.n) {
		p = &scan->pieces.at[scan->next_piece++];
		p->into = scan->slots[--scan->nslots];
		scsi_read_cdb(cdb, p->at / scan->lun.block_size, p->n / scan->lun.block_size);
		scan->in_flight++;
		biscsi_command(scan->session, scan->lun.number, cdb, p->into, p->n, on_read, p);
	}
}

static bool
was_all_read(const struct lunscan *scan)
{
	return scan->window.head && scan->next_piece == scan->pieces.n && !scan->in_flight;
}

static void
scan_conclude(struct lunscan *scan)
{
	struct probe_lun *lun = &scan->lun;
	bool read = was_all_read(scan);

	scsi_identity(lun);
	lun->seen.head_read = read && !scan->missing[PART_HEAD];
	lun->seen.tail_read = read && !scan->missing[PART_TAIL];
	if (scan->window.head)
		signature_search(&scan->window, lun->block_size, lun);
	lun->verdict = lun_verdict(lun);
}

/* --- rounds --- */

static void
scan_end(void *ctx)
{
	struct lunscan *scan = ctx;

	/* what did not even say what it is counts as a disk that could not be read */
	if (!scan->is_other)
		scan_conclude(scan);
	scan->done(scan->ctx, &scan->lun, !scan->is_other);
	scan_free(scan);
}

static void
round_next(struct lunscan *scan)
{
	if (scan->round == ROUND_DATA)
		data_read(scan);
	if (scan->in_flight || scan->round == ROUND_END)
		return;
	scan->round++;
	if (scan->round == ROUND_IDENTITY && scan->is_disk)
		round_ask(scan);
	else if (scan->round == ROUND_DATA && scan->with_data && data_prepare(scan))
		data_read(scan);
	else {
		scan->round = ROUND_END;
		loop_defer(scan->loop, scan_end, scan); /* the search takes its own turn */
	}
}

struct lunscan *
lunscan_start(struct loop *l, struct biscsi *s, unsigned number, bool with_data, lunscan_fn done,
	      void *ctx)
{
	struct lunscan *scan = xcalloc(1, sizeof *scan);

	scan->loop = l;
	scan->session = s;
	scan->window.fd = -1;
	scan->lun.number = number;
	scan->with_data = with_data;
	scan->done = done;
	scan->ctx = ctx;
	round_ask(scan);
	return scan;
}

void
lunscan_give_up(struct lunscan *scan, const struct err *why, struct probe_lun *ret_lun)
{
	scan_trouble(scan, why);
	scan_conclude(scan);
	*ret_lun = scan->lun;
	scan_free(scan);
}
