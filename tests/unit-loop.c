/* The loop: order, clocks, threads and signals. */
#include "tests/unit.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/str.h"

/* A context that says what was called. */
#define TAG(text) ((char[]){ text })

static struct loop *loop;
static struct str trace = { .max = 4096 };

static int
set_up(void **state)
{
	(void)state;
	loop = loop_new();
	str_clear(&trace);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	loop = loop_free(loop);
	str_done(&trace);
	return 0;
}

static void
note(void *ctx)
{
	str_addf(&trace, "%s@%lld ", (const char *)ctx, (long long)loop_now_ms(loop) % 1000000);
}

static void
mark(void *ctx)
{
	str_add(&trace, ctx);
}

static int64_t
real_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
test_nothing_to_do(void **state)
{
	(void)state;
	loop_run(loop);
	assert_false(loop_turn(loop, -1));
}

static void
test_timers_fire_in_order(void **state)
{
	(void)state;
	loop_clock_virtual(loop, 0);
	loop_timer_add(loop, 30, mark, TAG("c"));
	loop_timer_add(loop, 10, mark, TAG("a"));
	loop_timer_add(loop, 20, mark, TAG("b"));
	loop_timer_add(loop, 10, mark, TAG("A"));
	loop_timer_add(loop, -5, mark, TAG("0"));
	loop_run(loop);
	assert_string_equal(str_text(&trace), "0aAbc");
}

static void
test_timer_del(void **state)
{
	uint64_t id;

	(void)state;
	loop_clock_virtual(loop, 0);
	id = loop_timer_add(loop, 5, mark, TAG("x"));
	assert_true(id != 0);
	loop_timer_add(loop, 6, mark, TAG("y"));
	loop_timer_del(loop, id);
	loop_timer_del(loop, id);
	loop_timer_del(loop, 0);
	loop_run(loop);
	assert_string_equal(str_text(&trace), "y");
}

static void
test_virtual_clock_jumps(void **state)
{
	int64_t start = real_ms(), begin;

	(void)state;
	loop_clock_virtual(loop, 0);
	begin = loop_now_ms(loop);
	loop_timer_add(loop, 3600 * 1000, mark, TAG("hour "));
	loop_timer_add(loop, 24 * 3600 * 1000, mark, TAG("day"));
	loop_run(loop);
	assert_string_equal(str_text(&trace), "hour day");
	assert_int_equal(loop_now_ms(loop) - begin, 24 * 3600 * 1000);
	assert_true(real_ms() - start < 60000);
}

static int ticks;

static void
tick(void *ctx)
{
	(void)ctx;
	if (++ticks < 100)
		loop_timer_add(loop, 10, tick, NULL);
}

static void
test_virtual_clock_has_a_speed(void **state)
{
	int64_t start = real_ms(), took;

	(void)state;
	ticks = 0;
	loop_clock_virtual(loop, 10);
	loop_timer_add(loop, 10, tick, NULL);
	loop_run(loop);
	took = real_ms() - start;
	assert_int_equal(ticks, 100);
	/* a virtual second of timers lasts no less than a tenth of a real one */
	assert_true(took >= 95);
}

/* After an hour that took no time, a timer still lasts as long as it says. */
static void
test_virtual_clock_ends(void **state)
{
	int64_t start, began;

	(void)state;
	loop_clock_virtual(loop, 0);
	loop_timer_add(loop, 3600 * 1000, mark, TAG("hour "));
	loop_run(loop);
	began = loop_now_ms(loop);
	loop_clock_real(loop);
	assert_true(loop_now_ms(loop) - began < 60000 && loop_now_ms(loop) >= began);
	start = real_ms();
	loop_timer_add(loop, 40, mark, TAG("x"));
	loop_run(loop);
	assert_string_equal(str_text(&trace), "hour x");
	assert_true(real_ms() - start >= 40 && real_ms() - start < 60000);
}

static void
test_real_clock(void **state)
{
	int64_t start = real_ms();

	(void)state;
	loop_timer_add(loop, 30, mark, TAG("x"));
	loop_run(loop);
	assert_true(real_ms() - start >= 29);
	assert_string_equal(str_text(&trace), "x");
}

static void
again(void *ctx)
{
	if (++ticks < 3)
		loop_defer(loop, again, ctx);
	mark(ctx);
}

static void
test_deferred_calls(void **state)
{
	char x[] = "x";

	(void)state;
	ticks = 0;
	loop_defer(loop, mark, TAG("1"));
	loop_defer(loop, mark, x);
	loop_defer(loop, again, TAG("2"));
	loop_forget(loop, x);
	loop_run(loop);
	assert_string_equal(str_text(&trace), "1222");
}

static void
forget_next(void *ctx)
{
	loop_forget(loop, ctx);
}

static void
test_forget_from_within(void **state)
{
	char x[] = "x";

	(void)state;
	loop_defer(loop, forget_next, x);
	loop_defer(loop, mark, x);
	loop_post(loop, mark, x);
	loop_forget(loop, x);
	loop_defer(loop, mark, TAG("y"));
	loop_run(loop);
	assert_string_equal(str_text(&trace), "y");
}

static void
on_byte(void *ctx, int fd, short revents)
{
	char c;

	if ((revents & POLLIN) && read(fd, &c, 1) == 1)
		str_addc(&trace, c);
	else
		loop_fd_del(loop, fd);
	(void)ctx;
}

static void
test_descriptors(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	loop_fd_set(loop, ends[0], POLLIN, on_byte, NULL);
	assert_int_equal(write(ends[1], "abc", 3), 3);
	assert_true(loop_turn(loop, 0));
	close(ends[1]);
	loop_run(loop);
	assert_string_equal(str_text(&trace), "abc");
	close(ends[0]);
}

static void
on_closed(void *ctx, int fd, short revents)
{
	(void)ctx;
	(void)fd;
	str_add(&trace, revents & POLLNVAL ? "gone" : "?");
}

static void
test_closed_descriptor_does_not_spin(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	loop_fd_set(loop, ends[0], POLLIN, on_closed, NULL);
	close(ends[0]);
	loop_run(loop);
	assert_string_equal(str_text(&trace), "gone");
	close(ends[1]);
}

static int other_fd;

static void
replace_other(void *ctx, int fd, short revents)
{
	(void)ctx;
	(void)revents;
	loop_fd_del(loop, fd);
	loop_fd_del(loop, other_fd);
	str_add(&trace, "first");
}

static void
test_descriptor_removed_by_its_neighbour(void **state)
{
	int a[2], b[2];

	(void)state;
	assert_int_equal(pipe(a), 0);
	assert_int_equal(pipe(b), 0);
	other_fd = b[0];
	loop_fd_set(loop, a[0], POLLIN, replace_other, NULL);
	loop_fd_set(loop, b[0], POLLIN, on_byte, NULL);
	assert_int_equal(write(a[1], "a", 1), 1);
	assert_int_equal(write(b[1], "b", 1), 1);
	loop_run(loop);
	assert_string_equal(str_text(&trace), "first");
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

/* Under the virtual clock a deadline may not overtake what is real. */
static void
test_virtual_clock_waits_for_descriptors(void **state)
{
	int ends[2];

	(void)state;
	loop_clock_virtual(loop, 0);
	assert_int_equal(pipe(ends), 0);
	loop_fd_set(loop, ends[0], POLLIN, on_byte, NULL);
	loop_timer_add(loop, 3600 * 1000, mark, TAG("deadline"));
	assert_true(loop_turn(loop, 20));
	assert_string_equal(str_text(&trace), "");
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_true(loop_turn(loop, -1));
	assert_string_equal(str_text(&trace), "x");
	loop_fd_idle(loop, ends[0]);
	assert_true(loop_turn(loop, -1));
	assert_string_equal(str_text(&trace), "xdeadline");
	loop_fd_del(loop, ends[0]);
	assert_false(loop_turn(loop, 0));
	close(ends[0]);
	close(ends[1]);
}

static void *
worker(void *ctx)
{
	static char dot[] = ".", colon[] = ":";

	(void)ctx;
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	for (int i = 0; i < 100; i++)
		loop_post(loop, mark, i % 10 ? dot : colon);
	loop_release(loop);
	return NULL;
}

static void
test_posts_from_threads(void **state)
{
	pthread_t threads[8];
	size_t colons = 0;

	(void)state;
	loop_clock_virtual(loop, 0);
	loop_timer_add(loop, 3600 * 1000, mark, TAG("!"));
	for (int i = 0; i < 8; i++) {
		loop_hold(loop);
		assert_int_equal(pthread_create(&threads[i], NULL, worker, NULL), 0);
	}
	loop_run(loop);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(trace.len, 801);
	assert_true(str_ends(trace.s, "!"));
	for (size_t i = 0; i < trace.len; i++)
		colons += trace.s[i] == ':';
	assert_int_equal(colons, 80);
}

static void
stop(void *ctx)
{
	mark(ctx);
	loop_stop(loop);
}

static void
test_stop(void **state)
{
	(void)state;
	loop_defer(loop, stop, TAG("s"));
	loop_timer_add(loop, 100000, mark, TAG("never"));
	loop_run(loop);
	assert_string_equal(str_text(&trace), "s");
}

static void
test_signals(void **state)
{
	(void)state;
	loop_signal(loop, SIGUSR1, mark, TAG("usr1 "));
	loop_signal(loop, SIGTERM, stop, TAG("term"));
	loop_timer_add(loop, 3600 * 1000, mark, TAG("never"));
	raise(SIGUSR1);
	raise(SIGUSR1);
	assert_string_equal(str_text(&trace), "");
	assert_true(loop_turn(loop, -1));
	assert_string_equal(str_text(&trace), "usr1 ");
	raise(SIGTERM);
	loop_run(loop);
	assert_string_equal(str_text(&trace), "usr1 term");
}

static void
on_flood(void *ctx, int fd, short revents)
{
	(void)ctx;
	(void)fd;
	(void)revents;
	if (++ticks == 5)
		raise(SIGUSR2);
	if (ticks > 1000)
		loop_stop(loop);
}

/* A descriptor that is always ready must not keep signals out. */
static void
test_signals_under_load(void **state)
{
	int ends[2];

	(void)state;
	ticks = 0;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	loop_fd_set(loop, ends[0], POLLIN, on_flood, NULL);
	loop_signal(loop, SIGUSR2, stop, TAG("usr2"));
	loop_run(loop);
	assert_string_equal(str_text(&trace), "usr2");
	assert_true(ticks < 10);
	close(ends[0]);
	close(ends[1]);
}

static void
test_before_sleep(void **state)
{
	(void)state;
	loop_clock_virtual(loop, 0);
	loop_before_sleep(loop, mark, TAG("d"));
	loop_timer_add(loop, 10, mark, TAG("1"));
	loop_timer_add(loop, 20, mark, TAG("2"));
	loop_run(loop);
	assert_true(str_starts(str_text(&trace), "d1d2d"));
}

static void
busy(void *ctx)
{
	if (++ticks < 50)
		loop_timer_add(loop, 0, busy, ctx);
}

/* A timer that sets itself anew without delay leaves room for others. */
static void
test_timers_do_not_starve_descriptors(void **state)
{
	int ends[2];

	(void)state;
	ticks = 0;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	loop_fd_set(loop, ends[0], POLLIN, on_byte, NULL);
	loop_timer_add(loop, 0, busy, NULL);
	for (int i = 0; i < 3; i++)
		loop_turn(loop, 0);
	assert_string_equal(str_text(&trace), "x");
	assert_true(ticks <= 3);
	close(ends[0]);
	close(ends[1]);
}

static void
test_virtual_time_stands_still_while_there_is_work(void **state)
{
	CLEAN_STR wanted = STR_INIT(100);
	int64_t begin;

	(void)state;
	loop_clock_virtual(loop, 0);
	begin = loop_now_ms(loop);
	loop_defer(loop, note, TAG("a"));
	loop_defer(loop, note, TAG("b"));
	loop_timer_add(loop, 7, note, TAG("c"));
	loop_run(loop);
	str_addf(&wanted, "a@%lld b@%lld c@%lld ", (long long)begin % 1000000,
		 (long long)begin % 1000000, (long long)(begin + 7) % 1000000);
	assert_string_equal(str_text(&trace), wanted.s);
}

#define LOOP_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(test_nothing_to_do),
		LOOP_TEST(test_timers_fire_in_order),
		LOOP_TEST(test_timer_del),
		LOOP_TEST(test_virtual_clock_jumps),
		LOOP_TEST(test_virtual_clock_has_a_speed),
		LOOP_TEST(test_virtual_clock_ends),
		LOOP_TEST(test_real_clock),
		LOOP_TEST(test_deferred_calls),
		LOOP_TEST(test_forget_from_within),
		LOOP_TEST(test_descriptors),
		LOOP_TEST(test_closed_descriptor_does_not_spin),
		LOOP_TEST(test_descriptor_removed_by_its_neighbour),
		LOOP_TEST(test_virtual_clock_waits_for_descriptors),
		LOOP_TEST(test_posts_from_threads),
		LOOP_TEST(test_stop),
		LOOP_TEST(test_signals),
		LOOP_TEST(test_signals_under_load),
		LOOP_TEST(test_before_sleep),
		LOOP_TEST(test_timers_do_not_starve_descriptors),
		LOOP_TEST(test_virtual_time_stands_still_while_there_is_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
