/* Who answers a question: the command line, the person at a terminal, or nobody. */
#include "tests/unit.h"

#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/str.h"
#include "cli/answers.h"
#include "cli/options.h"

enum { NO_ANSWER = 'n', TEXT = 't', WAITING = '-' };

static struct loop *loop;
static struct options options;
static char kind;
static char given[256];
static int holds;

static void
answered(void *ctx, const char *answer)
{
	(void)ctx;
	kind = answer ? TEXT : NO_ANSWER;
	str_put(given, sizeof given, answer ? answer : "");
}

static const char *
secret(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "chap.nas") ? NULL : "s3cret-word";
}

static void
hold(void *ctx, bool on)
{
	(void)ctx;
	holds = on;
}

static struct answers *
begin(bool tty, char *command)
{
	char *argv[16] = { (char[]){ "apply" } }, *rest = command, *word;
	int argc = 1;
	while ((word = strsep(&rest, " ")))
		if (*word)
			argv[argc++] = word;
	assert_true(options_parse(&options, argc, argv));
	loop = loop_new();
	holds = 0;
	struct answers_spec spec = { .o = &options, .tty = tty, .secret = secret, .hold = hold };
	return answers_new(loop, &spec);
}

static void
end(struct answers *a)
{
	answers_free(a);
	options_done(&options);
	loop = loop_free(loop);
}

/* The answer without a person. */
static char
ask_batch(const char *command, const struct ask *q)
{
	CLEANUP(freep) char *line = xstrdup(command);
	struct answers *a = begin(false, line);
	kind = WAITING;
	answers_ask(a, q, answered, NULL);
	end(a);
	return kind;
}

static const struct ask reversible = { .type = ASK_CONFIRM, .class = ASK_REVERSIBLE,
				       .id = "confirm:x", .title = "Go on?" };
static const struct ask disruptive = { .type = ASK_CONFIRM, .class = ASK_DISRUPTIVE,
				       .id = "confirm:x", .title = "Restart hv-1?" };
static const struct ask destructive = { .type = ASK_NAME, .class = ASK_DESTRUCTIVE,
					.id = "confirm:x", .title = "Format it?",
					.expect = "vm" };
/* What a person shall do to a machine. */
static const struct ask hand = { .type = ASK_NAME, .class = ASK_DISRUPTIVE, .id = "hand:x/off",
				 .title = "Cut the power of hv-1", .expect = "hv-1" };
static const struct ask hostkey = {
	.type = ASK_HOSTKEY, .id = "hostkey:hv-1", .title = "First contact with hv-1",
	.text = "ED25519 SHA256:0123456789012345678901234567890123456789012 at 10.0.0.1",
};
static const struct ask chap = { .type = ASK_SECRET, .id = "secret:chap.nas", .title = "CHAP" };
static const struct ask admin = { .type = ASK_SECRET, .id = "secret:domain.admin",
				  .title = "Password of the administrator" };
static const char *const places[] = { "here", "there", NULL };
static const struct ask choice = { .type = ASK_CHOICE, .id = "place", .title = "Where?",
				   .choices = places, .fallback = "there" };

static void
test_batch(void **state)
{
	(void)state;
	assert_int_equal(ask_batch("", &reversible), NO_ANSWER);
	assert_int_equal(ask_batch("--yes", &reversible), TEXT);
	assert_string_equal(given, "yes");
	assert_int_equal(ask_batch("--yes", &disruptive), TEXT);
	assert_int_equal(ask_batch("--yes", &destructive), NO_ANSWER);
	assert_int_equal(ask_batch("--yes --confirm=quorum", &destructive), NO_ANSWER);
	assert_int_equal(ask_batch("--yes --confirm=v", &destructive), NO_ANSWER);
	assert_int_equal(ask_batch("--yes --confirm=quorum,vm", &destructive), TEXT);
	assert_string_equal(given, "vm");
	assert_int_equal(ask_batch("--confirm=vm", &reversible), NO_ANSWER);
	assert_int_equal(ask_batch("", &chap), TEXT);
	assert_string_equal(given, "s3cret-word");
	assert_int_equal(ask_batch("--yes", &admin), NO_ANSWER);
	assert_int_equal(ask_batch("--world=simulated", &admin), NO_ANSWER);
	assert_int_equal(ask_batch("--yes --world=simulated", &admin), TEXT);
	assert_int_equal(ask_batch("--yes", &choice), TEXT);
	assert_string_equal(given, "there");
}

/* --yes does not say that somebody stands at the machine. */
static void
test_hand(void **state)
{
	(void)state;
	assert_int_equal(ask_batch("--yes", &hand), NO_ANSWER);
	assert_int_equal(ask_batch("--yes --world=simulated", &hand), NO_ANSWER);
	assert_int_equal(ask_batch("--yes --confirm=hv-2", &hand), NO_ANSWER);
	assert_int_equal(ask_batch("--yes --confirm=hv-1", &hand), TEXT);
	assert_string_equal(given, "hv-1");
}

/* --yes never trusts a machine; its whole fingerprint does. */
static void
test_hostkey(void **state)
{
	(void)state;
	assert_int_equal(ask_batch("--yes", &hostkey), NO_ANSWER);
	assert_int_equal(ask_batch("--confirm=SHA256:", &hostkey), NO_ANSWER);
	assert_int_equal(ask_batch("--confirm=SHA256:0123", &hostkey), NO_ANSWER);
	assert_int_equal(ask_batch("--confirm=SHA256:0123456789012345678901234567890123456789013",
				   &hostkey), NO_ANSWER);
	assert_int_equal(ask_batch("--confirm=SHA256:0123456789012345678901234567890123456789012",
				   &hostkey), TEXT);
	assert_string_equal(given, "yes");
}

/* A person at a terminal. */

static int master = -1, saved_stdin = -1;

static int
terminal_open(void **state)
{
	(void)state;
	int slave;
	if (openpty(&master, &slave, NULL, NULL, NULL))
		return -1;
	saved_stdin = dup(STDIN_FILENO);
	dup2(slave, STDIN_FILENO);
	close(slave);
	return 0;
}

static int
terminal_close(void **state)
{
	(void)state;
	dup2(saved_stdin, STDIN_FILENO);
	close(saved_stdin);
	close(master);
	return 0;
}

static bool
echoes(void)
{
	struct termios t;
	assert_int_equal(tcgetattr(STDIN_FILENO, &t), 0);
	return t.c_lflag & ECHO;
}

static void
type(const char *text)
{
	assert_int_equal(write(master, text, strlen(text)), (ssize_t)strlen(text));
}

static void
wait_answer(void)
{
	for (int i = 0; i < 100 && kind == WAITING; i++)
		loop_turn(loop, 50);
}

static char
ask_person(const struct ask *q, const char *typed)
{
	char none[] = "";
	struct answers *a = begin(true, none);
	kind = WAITING;
	answers_ask(a, q, answered, NULL);
	loop_turn(loop, 0); /* the question is on the terminal now */
	assert_int_equal(kind, WAITING);
	assert_int_equal(holds, 1);
	type(typed);
	wait_answer();
	assert_int_equal(holds, 0);
	end(a);
	return kind;
}

static void
test_person(void **state)
{
	(void)state;
	assert_int_equal(ask_person(&reversible, "yes\n"), TEXT);
	assert_int_equal(ask_person(&reversible, "Y\n"), TEXT);
	assert_int_equal(ask_person(&reversible, "\n"), NO_ANSWER);
	assert_int_equal(ask_person(&reversible, "perhaps\n"), NO_ANSWER);
	assert_int_equal(ask_person(&destructive, "yes\n"), NO_ANSWER);
	assert_int_equal(ask_person(&hand, "yes\n"), NO_ANSWER);
	assert_int_equal(ask_person(&hand, "hv-1\n"), TEXT);
	assert_int_equal(ask_person(&destructive, "vm\n"), TEXT);
	assert_string_equal(given, "vm");
	assert_int_equal(ask_person(&choice, "1\n"), TEXT);
	assert_string_equal(given, "here");
	assert_int_equal(ask_person(&choice, "\n"), TEXT);
	assert_string_equal(given, "there");
	/* asked again until it is one of them */
	assert_int_equal(ask_person(&choice, "7\nnowhere\nhere\n"), TEXT);
	assert_string_equal(given, "here");
	assert_int_equal(ask_person(&hostkey, "no\n"), NO_ANSWER);
	/* end of input */
	assert_int_equal(ask_person(&reversible, "\004"), NO_ANSWER);
}

static void
test_password(void **state)
{
	(void)state;
	char none[] = "";
	struct answers *a = begin(true, none);
	kind = WAITING;
	answers_ask(a, &admin, answered, NULL);
	loop_turn(loop, 0);
	assert_false(echoes());
	type("Passw0rd of mine\n");
	wait_answer();
	assert_string_equal(given, "Passw0rd of mine");
	assert_true(echoes());
	char seen[256] = "";
	fcntl(master, F_SETFL, O_NONBLOCK);
	assert_true(read(master, seen, sizeof seen - 1) <= 0 || !strstr(seen, "Passw0rd"));
	/* and when we leave with the question open */
	kind = WAITING;
	answers_ask(a, &admin, answered, NULL);
	loop_turn(loop, 0);
	assert_false(echoes());
	end(a);
	assert_int_equal(kind, NO_ANSWER);
	assert_true(echoes());
}

/* One question at a time, in their order; a stop answers the rest. */
static void
test_queue(void **state)
{
	(void)state;
	char none[] = "";
	struct answers *a = begin(true, none);
	kind = WAITING;
	answers_ask(a, &choice, answered, NULL);
	answers_ask(a, &destructive, answered, NULL);
	answers_ask(a, &reversible, answered, NULL);
	loop_turn(loop, 0);
	type("2\n");
	wait_answer();
	assert_string_equal(given, "there");
	kind = WAITING;
	type("vm\n");
	wait_answer();
	assert_string_equal(given, "vm");
	kind = WAITING;
	answers_cancel(a);
	assert_int_equal(kind, NO_ANSWER);
	assert_int_equal(holds, 0);
	end(a);
}

int
main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(test_batch),
		cmocka_unit_test(test_hand),
		cmocka_unit_test(test_hostkey),
		cmocka_unit_test_setup_teardown(test_person, terminal_open, terminal_close),
		cmocka_unit_test_setup_teardown(test_password, terminal_open, terminal_close),
		cmocka_unit_test_setup_teardown(test_queue, terminal_open, terminal_close),
	};
	return cmocka_run_group_tests(list, NULL, NULL);
}
