/* What every unit test includes: cmocka needs these headers first, and in this order. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What is missing stands before the case, for tests/summary.sh: cmocka itself tells no reason. */
#define unit_skip(...)                                                                             \
	do {                                                                                       \
		print_message("# skipped: " __VA_ARGS__);                                          \
		print_message("\n");                                                               \
		skip();                                                                            \
	} while (0)

/* The end of main() of a program that cannot run here at all. */
static inline int
unit_skip_all(const char *reason)
{
	print_message("1..0 # SKIP %s\n", reason);
	return 77;
}

/* The same "random" bytes in every run. */
static inline uint32_t
unit_random(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15u;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33);
}

#endif
