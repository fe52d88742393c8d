/* The terminal. Keys are read by ourselves (keyin.c), so that nothing ever waits for the rest of a
 * sequence. Curses draws into a memory; what it drew goes to the terminal as fast as that takes it
 * (termout.c): one that stands still (Ctrl-S, a dead connection) holds nobody up. */
#include "tui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/nls.h"
#include "base/str.h"
#include "tui/glyph.h"
#include "tui/key.h"
#include "tui/keyin.h"
#include "tui/paint.h"
#include "tui/termout.h"
#include "tui/themepriv.h"

enum { FD_IN = 0, FD_OUT = 1 };

#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define MOUSE_ON "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"

static struct {
	SCREEN *screen; /* NULL: not entered */
	FILE *out, *in; /* what curses draws into; out of a memory alone: nothing is read there */
	off_t drained;
	bool is_memory, color, mouse;
	struct keyin keys;
	struct termios saved, ours;
	volatile sig_atomic_t taken;
	char undo[160]; /* what gives the screen back, for a handler */
	size_t undo_len;
} term;

static const int fatal[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV,
			     SIGTERM, SIGHUP, SIGINT, SIGQUIT };

/* ---- leaving by a signal ----------------------------------------------------------- */

/* Only calls that are allowed in a handler; the signal then takes its course. */
static void
on_fatal(int signo)
{
	if (term.taken) {
		term.taken = 0;
		if (write(termout_fd(), term.undo, term.undo_len) < 0) {
			/* the terminal is gone, or takes nothing; we do not wait for it */
		}
		tcsetattr(FD_IN, TCSANOW, &term.saved);
	}
	signal(signo, SIG_DFL);
	raise(signo);
}

static void
catch_fatal(void)
{
	struct sigaction sa = { .sa_handler = on_fatal, .sa_flags = (int)SA_RESETHAND }, before;

	for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
		/* who is told to ignore it (nohup) goes on doing so */
		if (!sigaction(fatal[i], NULL, &before) && before.sa_handler != SIG_IGN)
			sigaction(fatal[i], &sa, NULL);
}

/* A capability without its padding. */
static void
undo_add(const char *name)
{
	const char *s = tigetstr(name);

	if (!s || s == (char *)-1)
		return;
	while (*s && term.undo_len < sizeof term.undo - 1) {
		if (s[0] == '$' && s[1] == '<' && strchr(s, '>'))
			s = strchr(s, '>') + 1;
		else
			term.undo[term.undo_len++] = *s++;
	}
}

static void
undo_make(void)
{
	term.undo_len = 0;
	str_put(term.undo, sizeof term.undo, term.mouse ? MOUSE_OFF PASTE_OFF : PASTE_OFF);
	term.undo_len = strlen(term.undo);
	undo_add("sgr0");
	undo_add("rmkx");
	undo_add("cnorm");
	undo_add("rmcup");
}

/* ---- entering ---------------------------------------------------------------------- */

static const struct {
	const char *name;
	uint32_t code;
} capabilities[] = {
	{ "kf1", KEYC_F0 + 1 }, { "kf2", KEYC_F0 + 2 }, { "kf3", KEYC_F0 + 3 },
	{ "kf4", KEYC_F0 + 4 }, { "kf5", KEYC_F0 + 5 }, { "kf6", KEYC_F0 + 6 },
	{ "kf7", KEYC_F0 + 7 }, { "kf8", KEYC_F0 + 8 }, { "kf9", KEYC_F0 + 9 },
	{ "kf10", KEYC_F0 + 10 }, { "kf11", KEYC_F0 + 11 }, { "kf12", KEYC_F0 + 12 },
	{ "kcuu1", KEYC_UP }, { "kcud1", KEYC_DOWN }, { "kcub1", KEYC_LEFT },
	{ "kcuf1", KEYC_RIGHT }, { "khome", KEYC_HOME }, { "kend", KEYC_END },
	{ "kpp", KEYC_PAGE_UP }, { "knp", KEYC_PAGE_DOWN }, { "kcbt", KEYC_BACKTAB },
	{ "kich1", KEYC_INSERT }, { "kdch1", KEYC_DELETE }, { "kent", KEYC_ENTER },
};

static void
define_keys(void)
{
	keyin_forget();
	for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++) {
		const char *s = tigetstr(capabilities[i].name);

		if (s && s != (char *)-1)
			keyin_define(s, capabilities[i].code);
	}
}

/* Curses never sees the terminal: it would change its modes, and wait for it. */
static int
open_memory(const char *type, struct err *e)
{
	int out = memfd_create("screen", MFD_CLOEXEC), in = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (out < 0 || in < 0)
		return err_sys(e, errno, _("cannot make a screen in memory"));
	term.out = fdopen(out, "w");
	term.in = fdopen(in, "r");
	term.drained = 0;
	term.screen = newterm(type, term.out, term.in);
	return 0;
}

/* As curses would set them: keys as they are typed, output as it is written. */
static void
make_modes(void)
{
	term.ours = term.saved;
	term.ours.c_iflag &= ~(tcflag_t)(IXON | BRKINT | PARMRK | ICRNL | INLCR | IGNCR);
	term.ours.c_lflag &= ~(tcflag_t)(ICANON | ISIG | IEXTEN | ECHO | ECHONL);
	term.ours.c_oflag &= ~(tcflag_t)(ONLCR | XTABS);
	term.ours.c_cc[VMIN] = 1;
	term.ours.c_cc[VTIME] = 0;
}

static int
open_tty(struct err *e)
{
	if (!isatty(FD_IN) || !isatty(FD_OUT) || tcgetattr(FD_IN, &term.saved)) {
		err_set(e, -ENOTTY, _("this is not a terminal"));
		err_hint(e, _("Start it in a terminal, or add --linear."));
		return -ENOTTY;
	}
	make_modes();
	return open_memory(getenv("TERM"), e);
}

/* Curses as we use it; it reads no key. */
static void
set_modes(void)
{
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	typeahead(-1);
	idlok(stdscr, TRUE);
	paint_forget();
}

static void
tty_modes(void)
{
	tcsetattr(FD_IN, TCSANOW, &term.ours);
	term.taken = 1;
	termout_add(PASTE_ON, strlen(PASTE_ON));
	if (term.mouse)
		termout_add(MOUSE_ON, strlen(MOUSE_ON));
}

static void
take_tty(void)
{
	static bool registered;

	undo_make();
	termout_open(FD_OUT);
	catch_fatal();
	if (!registered)
		atexit(term_leave);
	registered = true;
	tty_modes();
	term_follow_size();
}

int
term_enter(const struct term_setup *setup, struct err *e)
{
	const char *type = setup->type ? setup->type : getenv("TERM");
	int rc;

	memset(&term, 0, sizeof term);
	term.is_memory = setup->rows > 0;
	term.mouse = setup->mouse && !term.is_memory;
	rc = term.is_memory ? open_memory(setup->type ? setup->type : "xterm-256color", e)
			    : open_tty(e);
	if (rc < 0)
		return rc;
	if (!term.screen) {
		err_set(e, -ENOTTY, _("cannot use a terminal of the kind '%s'"), type ? type : "");
		err_hint(e, _("Set TERM to what it is, or add --linear."));
		return -ENOTTY;
	}
	glyph_force_ascii(setup->ascii);
	set_modes();
	theme_start(theme_wants_color(setup->color));
	term.color = theme_wants_color(setup->color) && has_colors();
	define_keys();
	if (term.is_memory)
		term_resize(setup->rows, setup->columns);
	else
		take_tty();
	return 0;
}

/* A terminal that takes nothing must not keep us. */
static void
give_back(void)
{
	const char *off = term.mouse ? MOUSE_OFF PASTE_OFF : PASTE_OFF;

	termout_add(off, strlen(off));
	(void)endwin();
	term_flush();
	if (!termout_finish())
		tcflush(FD_OUT, TCOFLUSH);
	tcsetattr(FD_IN, TCSANOW, &term.saved);
	term.taken = 0;
}

void
term_leave(void)
{
	if (!term.screen)
		return;
	if (term.taken)
		give_back();
	else
		(void)endwin();
	termout_close();
	delscreen(term.screen);
	term.screen = NULL;
	if (term.out)
		(void)fclose(term.out);
	if (term.in)
		(void)fclose(term.in);
	term.out = term.in = NULL;
}

/* ---- away and back ----------------------------------------------------------------- */

void
term_retake(void)
{
	if (!term.screen || term.is_memory)
		return;
	(void)reset_prog_mode();
	tty_modes();
	term_follow_size();
	term_redraw();
}

void
term_suspend(void)
{
	struct sigaction stop = { .sa_handler = SIG_DFL }, before;
	sigset_t one, mask;

	if (!term.screen || term.is_memory)
		return;
	give_back();
	sigemptyset(&one);
	sigaddset(&one, SIGTSTP);
	sigaction(SIGTSTP, &stop, &before);
	raise(SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &one, &mask);
	/* here it stands still until it is continued */
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGTSTP, &before, NULL);
	term_retake();
}

void
term_redraw(void)
{
	if (term.screen)
		(void)clearok(curscr, TRUE);
	paint_forget();
}

/* ---- size and state ---------------------------------------------------------------- */

bool
term_follow_size(void)
{
	struct winsize size;

	if (!term.screen || term.is_memory || ioctl(FD_OUT, TIOCGWINSZ, &size) || !size.ws_row ||
	    !size.ws_col || (size.ws_row == LINES && size.ws_col == COLS))
		return false;
	(void)resizeterm(size.ws_row, size.ws_col);
	return true;
}

void
term_resize(int rows, int columns)
{
	if (term.screen)
		(void)resizeterm(rows, columns);
}

void
term_size(int *ret_rows, int *ret_columns)
{
	*ret_rows = term.screen ? LINES : 0;
	*ret_columns = term.screen ? COLS : 0;
}

bool
term_has_color(void)
{
	return term.color;
}

int
term_fd(void)
{
	return term.is_memory ? -1 : FD_IN;
}

int
term_flush(void)
{
	char bytes[8192];
	off_t from = 0;
	ssize_t n;

	if (!term.screen || term.is_memory)
		return -1;
	while ((n = pread(fileno(term.out), bytes, sizeof bytes, from)) > 0) {
		from += n;
		termout_add(bytes, (size_t)n);
	}
	if (from && (ftruncate(fileno(term.out), 0) || lseek(fileno(term.out), 0, SEEK_SET)))
		abort();
	return termout_send() ? -1 : termout_fd();
}

/* ---- keys -------------------------------------------------------------------------- */

/* 0 = nothing there, < 0 = the terminal is gone. */
static int
fill(void)
{
	char bytes[1024];
	struct pollfd p = { .fd = FD_IN, .events = POLLIN };
	size_t room = sizeof term.keys.buf - term.keys.n;
	ssize_t n;

	if (!room || poll(&p, 1, 0) <= 0)
		return 0;
	n = read(FD_IN, bytes, room < sizeof bytes ? room : sizeof bytes);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0)
		return -1;
	keyin_feed(&term.keys, bytes, (size_t)n);
	return 1;
}

enum term_event
term_read(bool final, struct term_input *ret)
{
	struct keyin_event e = { 0 };
	enum keyin_kind kind;
	int filled = 0;

	do {
		kind = keyin_next(&term.keys, final && filled == 0, &e);
		if (kind == KEYIN_KEY || kind == KEYIN_MOUSE)
			break;
		filled = term.is_memory ? 0 : fill();
		if (filled < 0)
			return TERM_LOST;
	} while (filled);
	*ret = (struct term_input){ e.code, e.pasted, e.y, e.x, e.wheel };
	return kind == KEYIN_KEY       ? TERM_KEY
	       : kind == KEYIN_MOUSE   ? TERM_MOUSE
	       : kind == KEYIN_PARTIAL ? TERM_PARTIAL
				       : TERM_NOTHING;
}

int
term_escape_ms(void)
{
	const char *text = getenv("ESCDELAY");
	uint64_t ms;

	return text && str_to_u64(text, &ms) && ms <= 5000 ? (int)ms : 100;
}

void
term_drain(void (*sink)(void *ctx, const char *bytes, size_t n), void *ctx)
{
	char bytes[8192];
	ssize_t n;

	if (!term.is_memory || !term.screen)
		return;
	while ((n = pread(fileno(term.out), bytes, sizeof bytes, term.drained)) > 0) {
		term.drained += n;
		sink(ctx, bytes, (size_t)n);
	}
}
