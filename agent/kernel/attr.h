/*
 * Small helpers of the decoders around libnl's attribute functions.
 */
#ifndef NETMIBD_KERNEL_ATTR_H
#define NETMIBD_KERNEL_ATTR_H

#include "../base/lladdr.h"

#include <netlink/attr.h>

#include <linux/netlink.h>

/* Parses the attributes behind the fixed @header octets of @msg into @tb[0..@max].
 * Returns the header, or NULL if it or an attribute is cut short, runs over the end or
 * has the wrong size: libnl's nla_parse() would quietly leave out the rest, and a link
 * without its last attributes is another link. */
const void *attr_parse(const struct nlmsghdr *msg, size_t header, struct nlattr **tb,
	int max, const struct nla_policy *policy);

/* The same for attributes that fill @len octets at @at; false if they are not whole. */
bool attr_list(const uint8_t *at, size_t len, struct nlattr **tb, int max,
	const struct nla_policy *policy);

/* The same for the attributes within @nest; false if they are not whole. */
bool attr_nested(struct nlattr *nest, struct nlattr **tb, int max,
	const struct nla_policy *policy);

/* Copies a string, cut to @size - 1 octets and always ended; leaves @to alone if @attr is
 * NULL. The policy has seen to its NUL (NLA_STRING). */
void attr_string(char *to, size_t size, struct nlattr *attr);

/* Copies an address, cut to LLADDR_MAX; length 0 if @attr is NULL. */
void attr_lladdr(struct lladdr *to, struct nlattr *attr);

#endif
