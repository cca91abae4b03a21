/*
 * What managers can say of an address: the columns of ipAddressTable and nmdIpAddrTable
 * as they are set, and read of a row out of service. See addressEdits.h.
 */
#include "addressEdits.h"

/* Can that ever be an address of a host? The kernel would take more. */
static bool
is_possible(const struct inet *address)
{
	const uint8_t *bytes = address->bytes;

	if (inet_is_multicast(address))
		return false;
	if (inet_is_v4(address)) /* this network; reserved, with limited broadcast */
		return bytes[0] != 0 && bytes[0] < 240;
	for (int i = 0; i < 16; i++) {
		if (bytes[i])
			return true;
	}
	return false; /* :: */
}

bool
make_ipAddress(const struct query *query, const uint32_t *index, size_t len, void *to)
{
	struct address_copy *made = to;
	struct inet plain;

	(void)query;
	if (!index_take_inet(&index, &len, &made->address) || len)
		return false;
	plain = inet_plain(&made->address);
	made->peer = plain;
	made->preferred = made->valid = ADDR_FOREVER;
	/* "must use an InetAddressType of ipv6z" */
	return is_possible(&plain) &&
	       (!inet_is_link_local(&plain) || made->address.type == INET_IPV6Z);
}

/* Columns. */

enum set_status
set_ipAddressIfIndex(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct address_copy *before = edit->before;
	struct address_copy *after = edit->after;

	(void)query;
	if (before->fixed)
		return SET_NOT_WRITABLE;
	if (value->number != after->ifindex && !edit_says(edit, EDIT_LENGTH))
		after->length_known = false;
	after->ifindex = (uint32_t)value->number;
	edit_say(edit, EDIT_IFINDEX);
	return SET_OK;
}

/* One that is there cannot become another: which of them it is is the socket's whose it
 * is, or the kernel's. */
enum set_status
set_ipAddressType(const struct query *query, struct edit *edit, const struct value *value)
{
	const struct address_copy *before = edit->before;
	struct address_copy *after = edit->after;
	bool anycast = value->number == ADDRESS_ANYCAST;

	if (value->number != ADDRESS_UNICAST &&
		(!anycast || !mirror_of(query)->shows_anycasts))
		return SET_WRONG_VALUE;
	if (before->fixed)
		return SET_NOT_WRITABLE;
	after->anycast = anycast;
	edit_say(edit, EDIT_TYPE);
	return SET_OK;
}

enum set_status
set_ipAddressStatus(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct address_copy *before = edit->before;
	struct address_copy *after = edit->after;

	(void)query;
	if (value->number != STATUS_PREFERRED && value->number != STATUS_DEPRECATED)
		return SET_WRONG_VALUE;
	if (before->fixed)
		return SET_NOT_WRITABLE;
	after->deprecated = value->number == STATUS_DEPRECATED;
	edit_say(edit, EDIT_STATUS);
	return SET_OK;
}

/* More than its family has can never be the length of that address. */
enum set_status
set_nmdIpAddrPrefixLength(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct address_copy *before = edit->before;
	struct address_copy *after = edit->after;

	(void)query;
	if (inet_is_v4(&before->address) && value->number > 32)
		return edit_refuse(
			edit, SET_WRONG_VALUE, "an IPv4 address has 32 bits only");
	if (before->fixed)
		return SET_NOT_WRITABLE;
	after->length = (uint8_t)value->number;
	after->length_known = true;
	edit_say(edit, EDIT_LENGTH);
	return SET_OK;
}

enum set_status
set_nmdIpAddrPreferredLifetime(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct address_copy *before = edit->before;
	struct address_copy *after = edit->after;

	(void)query;
	if (before->fixed)
		return SET_NOT_WRITABLE;
	after->preferred = (uint32_t)value->number;
	edit_say(edit, EDIT_PREFERRED);
	return SET_OK;
}

enum set_status
set_nmdIpAddrValidLifetime(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct address_copy *before = edit->before;
	struct address_copy *after = edit->after;

	(void)query;
	if (before->fixed)
		return SET_NOT_WRITABLE;
	after->valid = (uint32_t)value->number;
	edit_say(edit, EDIT_VALID);
	return SET_OK;
}

enum set_status
set_ipAddressRowStatus(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct address_copy *before = edit->before;
	enum set_status status = set_row_status(query, edit, value);

	if (status || edit->fate == FATE_NONE)
		return status; /* also of a row that is to wait */
	edit_say(edit, EDIT_FATE);
	return before->fixed ? SET_NOT_WRITABLE : SET_OK;
}

enum set_status
set_ipAddressStorageType(
	const struct query *query, struct edit *edit, const struct value *value)
{
	const struct address_copy *before = edit->before;
	struct address_copy *after = edit->after;
	bool kept = value->number == STORAGE_NON_VOLATILE;

	if (value->number != STORAGE_VOLATILE && (!kept || !mirror_of(query)->keeper))
		return SET_WRONG_VALUE;
	if (before->fixed)
		return SET_NOT_WRITABLE;
	after->kept = kept;
	edit_say(edit, EDIT_STORAGE);
	return SET_OK;
}

/* Rows out of service. */

/* "The value ... must be set before the row can be active." */
bool
address_copy_is_ready(const void *copy)
{
	return ((const struct address_copy *)copy)->ifindex != 0;
}

bool
get_draft_ifIndex(const struct query *query, const void *copy, struct value *value)
{
	(void)query;
	value->number = ((const struct address_copy *)copy)->ifindex;
	return value->number != 0;
}

bool
get_draft_type(const struct query *query, const void *copy, struct value *value)
{
	(void)query;
	value->number = ((const struct address_copy *)copy)->anycast ? ADDRESS_ANYCAST
								     : ADDRESS_UNICAST;
	return true;
}

bool
get_draft_status(const struct query *query, const void *copy, struct value *value)
{
	(void)query;
	value->number = ((const struct address_copy *)copy)->deprecated
				? STATUS_DEPRECATED
				: STATUS_PREFERRED;
	return true;
}

bool
get_draft_storage(const struct query *query, const void *copy, struct value *value)
{
	(void)query;
	value->number = ((const struct address_copy *)copy)->kept ? STORAGE_NON_VOLATILE
								  : STORAGE_VOLATILE;
	return true;
}

bool
get_draft_length(const struct query *query, const void *copy, struct value *value)
{
	(void)query;
	value->number = ((const struct address_copy *)copy)->length;
	return ((const struct address_copy *)copy)->length_known;
}

bool
get_draft_preferred(const struct query *query, const void *copy, struct value *value)
{
	const struct address_copy *draft = copy;

	(void)query;
	value->number = draft->deprecated ? 0 : draft->preferred;
	return true;
}

bool
get_draft_valid(const struct query *query, const void *copy, struct value *value)
{
	(void)query;
	value->number = ((const struct address_copy *)copy)->valid;
	return true;
}
