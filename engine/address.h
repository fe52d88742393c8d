/* Internet addresses as the cluster file has them: parsed, compared, matched with a subnet. */
#ifndef ENGINE_ADDRESS_H
#define ENGINE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

struct addr {
	int family; /* AF_INET or AF_INET6 */
	unsigned char bytes[16]; /* network order; IPv4 uses four */
	int prefix; /* length after the '/', -1 = none was given */
};

/* "192.168.1.9", "fd00::9", either with "/24". false when it is anything else; zones
 * ("%eth0") are not for files that several machines read. */
bool addr_parse(const char *text, struct addr *ret_addr);
/* Same family and bytes; the prefix length does not count. */
bool addr_equal(const struct addr *a, const struct addr *b);
/* True when `a` lies in `subnet`, whose prefix length decides. */
bool addr_within(const struct addr *subnet, const struct addr *a);
/* True when every bit after the prefix is `bit`: the subnet's own or its broadcast address. */
bool addr_host_bits(const struct addr *a, int prefix, int bit);
/* An address a machine can have: not zero, not multicast, not loopback. */
bool addr_is_unicast(const struct addr *a);
/* The text without "/24"; false when it does not fit. */
bool addr_bare(char *dst, size_t size, const char *text);

#endif
