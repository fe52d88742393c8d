/* The event loop: file descriptors, timers, deferred calls, signals, one before-sleep
 * hook, and a clock that tests can make virtual. One thread runs it; other threads may
 * only call loop_post(). */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;
typedef void (*loop_fn)(void *ctx);
typedef void (*loop_fd_fn)(void *ctx, int fd, short revents);

/* Also ignores SIGPIPE from now on. */
struct loop *loop_new(void);
struct loop *loop_free(struct loop *l); /* returns NULL */

/* Watches fd; a second call for the same fd replaces events, function and context. */
void loop_fd_set(struct loop *l, int fd, short events, loop_fd_fn fn, void *ctx);
void loop_fd_del(struct loop *l, int fd);
/* Nobody waits for this one (a keyboard): it does not hold a virtual clock back. */
void loop_fd_idle(struct loop *l, int fd);

/* One-shot timer after delay_ms (>= 0). The id is never 0 and never used again. */
uint64_t loop_timer_add(struct loop *l, int64_t delay_ms, loop_fn fn, void *ctx);
void loop_timer_del(struct loop *l, uint64_t id); /* 0 and fired ids are fine */

/* Runs before the loop sleeps next, in order of the calls. */
void loop_defer(struct loop *l, loop_fn fn, void *ctx);
/* Drops deferred calls and posts that carry this context: for destructors. */
void loop_forget(struct loop *l, const void *ctx);

/* The one hook before each sleep (drawing). NULL removes it. */
void loop_before_sleep(struct loop *l, loop_fn fn, void *ctx);

/* From any thread: fn(ctx) is called on the loop's thread. A post from a thread that is
 * still running must keep the loop from ending: bracket it with loop_hold/loop_release. */
void loop_post(struct loop *l, loop_fn fn, void *ctx);
void loop_hold(struct loop *l);
void loop_release(struct loop *l);

/* fn(ctx) is called on the loop when the signal arrives. The signal is blocked except
 * while the loop sleeps. fn == NULL gives the signal its default action back. */
void loop_signal(struct loop *l, int signo, loop_fn fn, void *ctx);

/* Milliseconds of a clock that never goes backwards. */
int64_t loop_now_ms(const struct loop *l);
/* From now on time stands still while there is work and moves on to the next timer when
 * there is none. speed 0 = jump at once; N = N virtual seconds a real one. While a held
 * thread, a child or a descriptor that is not idle is waited for, a virtual second lasts
 * a real one. */
void loop_clock_virtual(struct loop *l, unsigned speed);
/* A second lasts a second again; the clock goes on from where the virtual one stood. */
void loop_clock_real(struct loop *l);

/* Runs until loop_stop(), or until nothing is left that could ever happen. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
/* One turn, sleeping at most max_ms (-1 = as long as it takes); with 0 no virtual time passes
 * either. false = nothing left. */
bool loop_turn(struct loop *l, int max_ms);

#endif
