/*
 * SET of addresses, as ipAddressTable and nmdIpAddrTable show them: what they can be told
 * is in addressColumns.c, what becomes of it in addressEdits.c.
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

enum address_field {
	EDIT_IFINDEX,
	EDIT_TYPE,
	EDIT_STATUS,
	EDIT_STORAGE,
	EDIT_FATE,
	EDIT_LENGTH,
	EDIT_PREFERRED,
	EDIT_VALID,
};

struct address_copy {
	struct inet address; /* as in the index */
	struct inet peer;    /* whose first bits are the prefix */
	uint32_t ifindex;
	uint32_t preferred, valid; /* seconds from now; ADDR_FOREVER */
	uint8_t length;
	bool length_known; /* or it follows from the link's prefixes */
	bool deprecated;   /* as ipAddressStatus has it */
	bool fixed; /* nobody can change it: the kernel's, a router's, no unicast */
	bool has_secondaries;
	bool kept; /* over restarts */
	bool anycast;
};

extern const struct edit_kind address_edits;

/* Has enough been said for the address to be active? */
bool address_copy_is_ready(const void *copy);

/* For how long @addr is preferred at @now, in seconds; ADDR_FOREVER. */
uint32_t address_preferred(const struct addr *addr, uint64_t now);

/* Is that anycast address there because a manager wanted it? */
bool address_is_joined(const struct query *query, const struct addr *addr);

/* Is @addr kept over restarts? */
bool address_is_kept(const struct query *query, const struct addr *addr);

/* For struct table: rows and make; the setters; and what is read of a row out of service.
 */
const struct set *address_rows(const struct query *query);
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
bool get_draft_ifIndex(const struct query *query, const void *copy, struct value *value);
bool get_draft_type(const struct query *query, const void *copy, struct value *value);
bool get_draft_status(const struct query *query, const void *copy, struct value *value);
bool get_draft_storage(const struct query *query, const void *copy, struct value *value);
bool get_draft_length(const struct query *query, const void *copy, struct value *value);
bool get_draft_preferred(
	const struct query *query, const void *copy, struct value *value);
bool get_draft_valid(const struct query *query, const void *copy, struct value *value);

enum set_status set_nmdIpAddrPrefixLength(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_nmdIpAddrPreferredLifetime(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_nmdIpAddrValidLifetime(
	const struct query *query, struct edit *edit, const struct value *value);

#endif
