/* The arena, the vector macro, and struct err. */
#include "tests/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/vec.h"

static void
test_arena_is_zeroed_and_aligned(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		size_t size = i % 7 ? i % 100 : i * 13;
		unsigned char *p = arena_alloc(a, size);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t j = 0; j < size; j++)
			assert_int_equal(p[j], 0);
		memset(p, 0xa5, size);
	}
	assert_null(arena_free(a));
	assert_null(arena_free(NULL));
}

static void
test_arena_pieces_do_not_overlap(void **state)
{
	struct arena *a = arena_new();
	const char *texts[300];
	char wanted[40];

	(void)state;
	for (int i = 0; i < 300; i++)
		texts[i] = i % 50 ? arena_printf(a, "text %d", i) : arena_alloc(a, 5000);
	for (int i = 0; i < 300; i++) {
		(void)snprintf(wanted, sizeof wanted, "text %d", i);
		assert_string_equal(texts[i], i % 50 ? wanted : "");
	}
	assert_string_equal(arena_strdup(a, ""), "");
	arena_free(a);
}

static void
test_vec(void **state)
{
	VEC(int) numbers = { 0 };
	int *each, sum = 0;

	(void)state;
	vec_each(each, &numbers)
		sum += *each;
	assert_int_equal(sum, 0);
	for (int i = 0; i < 100; i++)
		vec_push(&numbers, i);
	*vec_add(&numbers) += 1000;
	vec_remove(&numbers, 0);
	vec_remove(&numbers, 98);
	assert_int_equal(numbers.n, 99);
	vec_each(each, &numbers)
		sum += *each;
	assert_int_equal(sum, 99 * 98 / 2 + 1000);
	vec_free(&numbers);
	assert_null(numbers.at);
}

static void
test_freep(void **state)
{
	char *text = xstrdup("x");

	(void)state;
	freep(&text);
	assert_null(text);
	freep(&text);
}

static void
test_err(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(err_set(NULL, -EINVAL, "x"), -EINVAL);
	assert_int_equal(err_sys(NULL, EIO, "x"), -EIO);
	assert_int_equal(err_sys(&e, ENOENT, "cannot open '%s'", "x"), -ENOENT);
	assert_string_equal(e.what, "cannot open 'x': no such file or folder");
	err_hint(&e, "create %s", "it");
	err_prefix(&e, "line %d", 3);
	assert_string_equal(e.what, "line 3: cannot open 'x': no such file or folder");
	assert_string_equal(e.hint, "create it");
	assert_int_equal(err_set(&e, E_STEP, "from itself: %s", e.what), E_STEP);
	assert_string_equal(e.what, "from itself: line 3: cannot open 'x': no such file or folder");
	assert_string_equal(e.hint, "");
}

static void
test_err_of_any_length(void **state)
{
	struct err e = { 0 };
	char text[5001];

	(void)state;
	for (size_t i = 0; i < 5000; i += 2)
		memcpy(text + i, "é", 2);
	text[5000] = '\0';
	err_set(&e, -EINVAL, "x%s", text);
	assert_int_equal(strlen(e.what), sizeof e.what - 1);
	err_set(&e, -EINVAL, "%s", text);
	assert_int_equal(strlen(e.what), sizeof e.what - 2);
	err_prefix(&e, "%s", text);
	assert_true(strlen(e.what) < sizeof e.what);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena_is_zeroed_and_aligned),
		cmocka_unit_test(test_arena_pieces_do_not_overlap),
		cmocka_unit_test(test_vec),
		cmocka_unit_test(test_freep),
		cmocka_unit_test(test_err),
		cmocka_unit_test(test_err_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
