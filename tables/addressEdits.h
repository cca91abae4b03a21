/*
 * SET of addresses, as ipAddressTable shows them.
 */
#ifndef NETMIBD_TABLES_ADDRESSEDITS_H
#define NETMIBD_TABLES_ADDRESSEDITS_H

#include "edits.h"

/* ipAddressType */
enum ip_address_type {
	ADDRESS_UNICAST = 1,
	ADDRESS_ANYCAST = 2,
	ADDRESS_BROADCAST = 3,
};

/* IpAddressStatusTC */
enum ip_address_status {
	STATUS_PREFERRED = 1,
	STATUS_DEPRECATED = 2,
	STATUS_INACCESSIBLE = 4,
	STATUS_TENTATIVE = 6,
	STATUS_DUPLICATE = 7,
	STATUS_OPTIMISTIC = 8,
};

/* StorageType (RFC 2579) */
enum storage_type {
	STORAGE_VOLATILE = 2,
	STORAGE_NON_VOLATILE = 3,
	STORAGE_PERMANENT = 4,
	STORAGE_READ_ONLY = 5,
};

extern const struct edit_kind address_edits;

/* Is @addr kept over restarts? */
bool address_is_kept(const struct query *query, const struct addr *addr);

/* For struct table: make; and the setters. */
bool make_ipAddress(
	const struct query *query, const uint32_t *index, size_t len, void *to);
enum set_status set_ipAddressIfIndex(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipAddressType(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipAddressStatus(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipAddressRowStatus(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipAddressStorageType(
	const struct query *query, struct edit *edit, const struct value *value);

#endif
