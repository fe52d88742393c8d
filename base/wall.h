/* The date. It is the system's, unless a script of keys plays: then it begins on a day of its own
 * and goes on with the loop's clock, so that what is printed is the same on any day. */
#ifndef BASE_WALL_H
#define BASE_WALL_H

#include <stdint.h>

struct loop;

int64_t wall_now(void); /* seconds since 1970 */
/* From now on it is start_s plus what passes on this loop; NULL = the system's again. */
void wall_follow(const struct loop *l, int64_t start_s);

#endif
