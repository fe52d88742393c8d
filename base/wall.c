/* The date: the system's, or one that goes with a loop. */
#include "base/wall.h"

#include <time.h>

#include "base/loop.h"

static struct {
	const struct loop *loop;
	int64_t start_s, from_ms;
} wall;

int64_t
wall_now(void)
{
	if (!wall.loop)
		return (int64_t)time(NULL);
	return wall.start_s + (loop_now_ms(wall.loop) - wall.from_ms) / 1000;
}

void
wall_follow(const struct loop *l, int64_t start_s)
{
	wall.loop = l;
	wall.start_s = start_s;
	wall.from_ms = l ? loop_now_ms(l) : 0;
}
