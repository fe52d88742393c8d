/* Strip charts: samples gathered into columns of the screen. A column in which anything was lost
 * shows the loss, however many answers fell into it as well. */
#include "tui/strip.h"

#include "base/nls.h"
#include "base/text.h"
#include "tui/glyph.h"

enum { PER_COLUMN_MIN_MS = 20, PER_COLUMN_MAX_MS = 60000, TICK_COLUMNS = 10, BARS_MAX = 6 };

void
strip_init(struct strip *s, int per_column_ms)
{
	*s = (struct strip){ .per_column_ms = per_column_ms > 0 ? per_column_ms : 1000,
			     .follow = true };
}

void
strip_clear(struct strip *s)
{
	struct strip_event *e;
	struct strip_phase *p;

	vec_each(e, &s->events)
		free(e->text);
	vec_each(p, &s->phases)
		free(p->text);
	vec_free(&s->samples);
	vec_free(&s->events);
	vec_free(&s->phases);
	s->left_ms = 0;
	s->follow = true;
}

void
strip_done(struct strip *s)
{
	strip_clear(s);
}

static char *
cleaned(const char *text)
{
	struct str out = STR_INIT(1024);

	text_clean(&out, text, strlen(text), false);
	return str_steal(&out);
}

void
strip_sample(struct strip *s, int64_t at_ms, int rtt_us)
{
	vec_push(&s->samples, ((struct strip_sample){ .at_ms = at_ms, .rtt_us = rtt_us }));
}

void
strip_event(struct strip *s, int64_t at_ms, enum role role, const char *text)
{
	vec_push(&s->events, ((struct strip_event){ at_ms, cleaned(text), role }));
}

void
strip_phase(struct strip *s, int64_t from_ms, enum role role, const char *text)
{
	if (s->phases.n && s->phases.at[s->phases.n - 1].to_ms < 0)
		s->phases.at[s->phases.n - 1].to_ms = from_ms;
	if (text)
		vec_push(&s->phases, ((struct strip_phase){ from_ms, -1, cleaned(text), role }));
}

/* The newest time anything is known of. */
static int64_t
last_ms(const struct strip *s)
{
	int64_t last = s->samples.n ? s->samples.at[s->samples.n - 1].at_ms : 0;

	if (s->events.n && s->events.at[s->events.n - 1].at_ms > last)
		last = s->events.at[s->events.n - 1].at_ms;
	return last;
}

/* The first column moves by whole columns, so that bars do not change as they scroll. */
static void
set_left(struct strip *s, int64_t ms)
{
	int64_t most = (last_ms(s) / s->per_column_ms + 1 - s->width) * s->per_column_ms;

	ms = ms > most ? most : ms;
	ms = ms < 0 ? 0 : ms;
	s->left_ms = ms / s->per_column_ms * s->per_column_ms;
}

static void
scroll(struct strip *s, int columns)
{
	int64_t before;

	s->follow = false;
	set_left(s, s->left_ms + (int64_t)columns * s->per_column_ms);
	before = s->left_ms;
	set_left(s, INT64_MAX / 2);
	s->follow = columns > 0 && before == s->left_ms;
	s->left_ms = before;
}

/* The middle of what is seen stays in the middle. */
static void
zoom(struct strip *s, bool in)
{
	int64_t middle = s->left_ms + (int64_t)s->width / 2 * s->per_column_ms;
	int to = in ? s->per_column_ms / 2 : s->per_column_ms * 2;

	s->per_column_ms = to < PER_COLUMN_MIN_MS   ? PER_COLUMN_MIN_MS
			   : to > PER_COLUMN_MAX_MS ? PER_COLUMN_MAX_MS
						    : to;
	set_left(s, middle - (int64_t)s->width / 2 * s->per_column_ms);
}

bool
strip_key(struct strip *s, const struct key *k)
{
	int page = s->width > 8 ? s->width - 4 : 4;

	switch (k->action) {
	case ACTION_ZOOM_IN:
	case ACTION_ZOOM_OUT:
		zoom(s, k->action == ACTION_ZOOM_IN);
		return true;
	case ACTION_LEFT:
		scroll(s, -4);
		return true;
	case ACTION_RIGHT:
		scroll(s, 4);
		return true;
	case ACTION_PAGE_UP:
		scroll(s, -page);
		return true;
	case ACTION_PAGE_DOWN:
		scroll(s, page);
		return true;
	case ACTION_HOME:
		s->follow = false;
		s->left_ms = 0;
		return true;
	case ACTION_END:
		s->follow = true;
		return true;
	case ACTION_FOLLOW:
		s->follow = !s->follow;
		return true;
	default:
		return false;
	}
}

/* ---- painting ------------------------------------------------------------------------ */

/* What fell into one column. */
struct bin {
	int answers, lost;
	int worst_us;
};

static struct bin
bin_of(const struct strip *s, size_t *at, int64_t end_ms)
{
	struct bin b = { 0 };

	for (; *at < s->samples.n && s->samples.at[*at].at_ms < end_ms; ++*at) {
		int rtt = s->samples.at[*at].rtt_us;

		b.lost += rtt < 0;
		b.answers += rtt >= 0;
		b.worst_us = rtt > b.worst_us ? rtt : b.worst_us;
	}
	return b;
}

/* First sample at or after a time. */
static size_t
sample_at(const struct strip *s, int64_t ms)
{
	size_t low = 0, high = s->samples.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->samples.at[middle].at_ms < ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What a full bar stands for: of what is seen, so that one slow answer long ago does not flatten
 * the rest. At least a millisecond. */
static int
scale_us(const struct strip *s, int w)
{
	size_t at = sample_at(s, s->left_ms);
	struct bin all = bin_of(s, &at, s->left_ms + (int64_t)w * s->per_column_ms);

	return all.worst_us > 1000 ? all.worst_us : 1000;
}

static void
paint_bar(const struct area *a, int x, const struct bin *b, int scale)
{
	int eighths = (int)((int64_t)b->worst_us * a->h * 8 / scale);

	if (b->lost) {
		for (int y = 0; y < a->h; y++)
			paint_text(a, y, x, ROLE_FAIL, glyph(GLYPH_PING_LOST));
		return;
	}
	if (!b->answers)
		return;
	eighths = eighths < 1 ? 1 : eighths;
	for (int y = a->h - 1; y >= 0 && eighths > 0; y--, eighths -= 8)
		paint_text(a, y, x, ROLE_OK,
			   glyph(GLYPH_BAR_1 + (eighths > 8 ? 8 : eighths) - 1));
}

static void
paint_bars(const struct strip *s, const struct area *a)
{
	size_t at = sample_at(s, s->left_ms);
	int scale = scale_us(s, a->w);

	for (int x = 0; x < a->w; x++) {
		struct bin b = bin_of(s, &at, s->left_ms + (int64_t)(x + 1) * s->per_column_ms);

		paint_bar(a, x, &b, scale);
	}
}

static int
column_of(const struct strip *s, int64_t ms)
{
	int64_t column = (ms - s->left_ms) / s->per_column_ms;

	if (ms < s->left_ms)
		return -1;
	return column > 100000 ? 100000 : (int)column;
}

static void
paint_phases(const struct strip *s, const struct area *a)
{
	const struct strip_phase *p;
	int from, to;

	vec_each(p, &s->phases) {
		from = column_of(s, p->from_ms);
		to = p->to_ms < 0 ? column_of(s, last_ms(s)) + 1 : column_of(s, p->to_ms);
		from = from < 0 ? 0 : from;
		to = to > a->w ? a->w : to;
		if (to <= from)
			continue;
		for (int x = from; x < to; x++)
			paint_text(a, 0, x, p->role, glyph(GLYPH_H));
		/* a column stays free, so that two words never run into one */
		paint_clip(a, 0, from, to - from - 1, p->role, p->text, CLIP_END);
	}
}

/* Events are numbered from 1 and told below by the same numbers. */
static void
paint_marks(const struct strip *s, const struct area *a)
{
	CLEAN_STR number = STR_INIT(16);
	int x, used = 0;

	for (size_t i = 0; i < s->events.n; i++) {
		x = column_of(s, s->events.at[i].at_ms);
		if (x < 0 || x >= a->w)
			continue;
		str_clear(&number);
		str_addf(&number, "%d", (int)i + 1);
		/* two at one place: the sign tells that there is more than one */
		if (x < used)
			paint_text(a, 0, x, s->events.at[i].role, glyph(GLYPH_EVENT));
		else
			used = x + paint_text(a, 0, x, s->events.at[i].role, str_text(&number)) + 1;
	}
}

static void
time_text(int64_t ms, bool tenths, struct str *out)
{
	if (tenths)
		tenths_add(out, ms);
	else
		str_addf(out, "%d", (int)(ms / 1000));
	str_add(out, " s");
}

static void
paint_axis(const struct strip *s, const struct area *a)
{
	int64_t first = s->left_ms / s->per_column_ms - s->zero_ms / s->per_column_ms;

	paint_rule(a, 0, ROLE_BORDER, NULL);
	for (int x = 0; x < a->w; x++) {
		CLEAN_STR text = STR_INIT(32);

		if ((first + x) % TICK_COLUMNS)
			continue;
		time_text((first + x) * s->per_column_ms, s->per_column_ms * TICK_COLUMNS % 1000,
			  &text);
		paint_clip(a, 0, x, TICK_COLUMNS - 1, ROLE_DIM, str_text(&text), CLIP_CUT);
	}
}

/* The newest of those that were up to the right end, as many as there is room for. */
static void
paint_events(const struct strip *s, const struct area *a)
{
	int64_t end_ms = s->left_ms + (int64_t)a->w * s->per_column_ms;
	size_t n = 0, from;

	while (n < s->events.n && s->events.at[n].at_ms < end_ms)
		n++;
	from = n > (size_t)a->h ? n - (size_t)a->h : 0;
	for (size_t i = from; i < n; i++) {
		const struct strip_event *e = &s->events.at[i];
		CLEAN_STR text = STR_INIT(64);
		int x;

		str_addf(&text, "%d  ", (int)i + 1);
		time_text(e->at_ms - s->zero_ms, true, &text);
		x = paint_text(a, (int)(i - from), 0, e->role, str_text(&text)) + 2;
		paint_clip(a, (int)(i - from), x, a->w - x, e->role, e->text, CLIP_END);
	}
}

void
strip_words(const struct strip *s, struct str *out)
{
	unsigned long long lost = 0, all = 0;

	for (size_t i = 0; i < s->samples.n; i++) {
		if (s->samples.at[i].at_ms < s->zero_ms)
			continue;
		all++;
		lost += s->samples.at[i].rtt_us < 0;
	}
	str_addf(out, P_("%llu of %llu probe lost", "%llu of %llu probes lost", all), lost, all);
}

/* Rows for the bars: what the other parts leave, no more than reads well. */
static int
bar_rows(const struct strip *s, int h)
{
	int fixed = 4 + (int)(s->events.n < 4 ? s->events.n : 4);
	int rows = h - fixed;

	rows = rows > BARS_MAX ? BARS_MAX : rows;
	return rows < 1 ? 1 : rows;
}

void
strip_paint(struct strip *s, const struct area *a, bool focused)
{
	CLEAN_STR words = STR_INIT(256);
	int bars = bar_rows(s, a->h), y = a->h > 1, at;
	struct area head = area_rows(a, 0, y), part;

	if (a->w < 1 || a->h < 1)
		return;
	s->width = a->w;
	set_left(s, s->follow ? INT64_MAX / 2 : s->left_ms);
	paint_phases(s, &head);
	part = area_rows(a, y, bars);
	paint_bars(s, &part);
	y += bars;
	part = area_rows(a, y++, 1);
	paint_marks(s, &part);
	part = area_rows(a, y++, 1);
	if (part.h)
		paint_axis(s, &part);
	strip_words(s, &words);
	paint_clip(a, y++, 0, a->w, ROLE_TEXT, str_text(&words), CLIP_END);
	part = area_rows(a, y, -1);
	paint_events(s, &part);
	at = column_of(s, last_ms(s));
	if (focused)
		paint_cursor(a, a->h > 1 ? bars : 0, at < 0 ? 0 : at);
}
