/* SHA-256 against the values published with the standard, in any pieces. */
#include "tests/unit.h"

#include <string.h>

#include "base/sha256.h"

static void
check(const char *text, size_t piece, const char *expected)
{
	struct sha256 s;
	char hex[SHA256_HEX];
	size_t n = strlen(text);

	sha256_init(&s);
	for (size_t at = 0; at < n; at += piece)
		sha256_add(&s, text + at, n - at < piece ? n - at : piece);
	sha256_hex(&s, hex);
	assert_string_equal(hex, expected);
	/* Reading it does not end it. */
	sha256_hex(&s, hex);
	assert_string_equal(hex, expected);
}

static void
test_vectors(void **state)
{
	static const char two[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

	(void)state;
	for (size_t piece = 1; piece < 70; piece++) {
		check("", piece, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
		check("abc", piece,
		      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
		check(two, piece,
		      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	}
}

static void
test_million(void **state)
{
	struct sha256 s;
	char hex[SHA256_HEX];

	(void)state;
	sha256_init(&s);
	for (int i = 0; i < 1000000; i++)
		sha256_add(&s, "a", 1);
	sha256_hex(&s, hex);
	assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_million),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
