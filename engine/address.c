/* Internet addresses as the cluster file has them: parsed, compared, matched with a subnet. */
#include "engine/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/str.h"

static int
addr_bits(const struct addr *a)
{
	return a->family == AF_INET ? 32 : 128;
}

static int
addr_bit(const struct addr *a, int i)
{
	return a->bytes[i / 8] >> (7 - i % 8) & 1;
}

bool
addr_bare(char *dst, size_t size, const char *text)
{
	size_t n = strcspn(text, "/");

	if (n >= size)
		return false;
	memmove(dst, text, n);
	dst[n] = '\0';
	return true;
}

bool
addr_parse(const char *text, struct addr *ret_addr)
{
	char host[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	uint64_t prefix;

	memset(ret_addr, 0, sizeof *ret_addr);
	ret_addr->prefix = -1;
	if (!addr_bare(host, sizeof host, text))
		return false;
	ret_addr->family = strchr(host, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(ret_addr->family, host, ret_addr->bytes) != 1)
		return false;
	if (!slash)
		return true;
	if (!str_to_u64(slash + 1, &prefix) || prefix > (uint64_t)addr_bits(ret_addr))
		return false;
	ret_addr->prefix = (int)prefix;
	return true;
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool
addr_within(const struct addr *subnet, const struct addr *a)
{
	if (subnet->family != a->family || subnet->prefix < 0)
		return false;
	for (int i = 0; i < subnet->prefix; i++)
		if (addr_bit(subnet, i) != addr_bit(a, i))
			return false;
	return true;
}

bool
addr_host_bits(const struct addr *a, int prefix, int bit)
{
	for (int i = prefix; i < addr_bits(a); i++)
		if (addr_bit(a, i) != bit)
			return false;
	return true;
}

bool
addr_is_unicast(const struct addr *a)
{
	static const struct addr loopback6 = { .bytes[15] = 1 };

	if (addr_host_bits(a, 0, 0))
		return false;
	if (a->family == AF_INET)
		return a->bytes[0] != 0 && a->bytes[0] != 127 && a->bytes[0] < 224;
	return a->bytes[0] != 0xff && memcmp(a->bytes, loopback6.bytes, sizeof a->bytes) != 0;
}
