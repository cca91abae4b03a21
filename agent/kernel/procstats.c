/*
 * IP and ICMP counters of /proc: see procstats.h.
 */
#include "procstats.h"

#include <string.h>

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* Where a counter goes. @section: the first word of its lines, without the colon. */
struct name {
	const char *section, *name;
	size_t offset;
};

#define IP(section, name, member)                                                        \
	{                                                                                \
		section, name, offsetof(struct ip_reading, ip.member)                    \
	}
#define ICMP(section, name, member)                                                      \
	{                                                                                \
		section, name, offsetof(struct ip_reading, icmp.member)                  \
	}

static const struct name snmp_names[] = {
	IP("Ip", "InReceives", in_receives),
	IP("Ip", "InHdrErrors", in_hdr_errors),
	IP("Ip", "InAddrErrors", in_addr_errors),
	IP("Ip", "ForwDatagrams", out_forw_datagrams),
	IP("Ip", "InUnknownProtos", in_unknown_protos),
	IP("Ip", "InDiscards", in_discards),
	IP("Ip", "InDelivers", in_delivers),
	IP("Ip", "OutRequests", out_requests),
	IP("Ip", "OutDiscards", out_discards),
	IP("Ip", "OutNoRoutes", out_no_routes),
	IP("Ip", "ReasmReqds", reasm_reqds),
	IP("Ip", "ReasmOKs", reasm_oks),
	IP("Ip", "ReasmFails", reasm_fails),
	IP("Ip", "FragOKs", frag_oks),
	IP("Ip", "FragFails", frag_fails),
	IP("Ip", "FragCreates", frag_creates),
	IP("Ip", "OutTransmits", out_transmits), /* since 6.7 */
	ICMP("Icmp", "InMsgs", in_msgs),
	ICMP("Icmp", "InErrors", in_errors),
	ICMP("Icmp", "InDestUnreachs", in_dest_unreachs),
	ICMP("Icmp", "InTimeExcds", in_time_excds),
	ICMP("Icmp", "InParmProbs", in_parm_probs),
	ICMP("Icmp", "InSrcQuenchs", in_src_quenchs),
	ICMP("Icmp", "InRedirects", in_redirects),
	ICMP("Icmp", "InEchos", in_echos),
	ICMP("Icmp", "InEchoReps", in_echo_reps),
	ICMP("Icmp", "InTimestamps", in_timestamps),
	ICMP("Icmp", "InTimestampReps", in_timestamp_reps),
	ICMP("Icmp", "InAddrMasks", in_addr_masks),
	ICMP("Icmp", "InAddrMaskReps", in_addr_mask_reps),
	ICMP("Icmp", "OutMsgs", out_msgs),
	ICMP("Icmp", "OutErrors", out_errors),
	ICMP("Icmp", "OutDestUnreachs", out_dest_unreachs),
	ICMP("Icmp", "OutTimeExcds", out_time_excds),
	ICMP("Icmp", "OutParmProbs", out_parm_probs),
	ICMP("Icmp", "OutSrcQuenchs", out_src_quenchs),
	ICMP("Icmp", "OutRedirects", out_redirects),
	ICMP("Icmp", "OutEchos", out_echos),
	ICMP("Icmp", "OutEchoReps", out_echo_reps),
	ICMP("Icmp", "OutTimestamps", out_timestamps),
	ICMP("Icmp", "OutTimestampReps", out_timestamp_reps),
	ICMP("Icmp", "OutAddrMasks", out_addr_masks),
	ICMP("Icmp", "OutAddrMaskReps", out_addr_mask_reps),
};

static const struct name netstat_names[] = {
	IP("IpExt", "InNoRoutes", in_no_routes),
	IP("IpExt", "InTruncatedPkts", in_truncated_pkts),
	IP("IpExt", "InMcastPkts", in_mcast_pkts),
	IP("IpExt", "OutMcastPkts", out_mcast_pkts),
	IP("IpExt", "InBcastPkts", in_bcast_pkts),
	IP("IpExt", "OutBcastPkts", out_bcast_pkts),
	IP("IpExt", "InOctets", in_octets),
	IP("IpExt", "OutOctets", out_octets),
	IP("IpExt", "InMcastOctets", in_mcast_octets),
	IP("IpExt", "OutMcastOctets", out_mcast_octets),
};

static const struct name snmp6_names[] = {
	IP("", "Ip6InReceives", in_receives),
	IP("", "Ip6InHdrErrors", in_hdr_errors),
	IP("", "Ip6InNoRoutes", in_no_routes),
	IP("", "Ip6InAddrErrors", in_addr_errors),
	IP("", "Ip6InUnknownProtos", in_unknown_protos),
	IP("", "Ip6InTruncatedPkts", in_truncated_pkts),
	IP("", "Ip6InDiscards", in_discards),
	IP("", "Ip6InDelivers", in_delivers),
	IP("", "Ip6OutForwDatagrams", out_forw_datagrams),
	IP("", "Ip6OutRequests", out_requests),
	IP("", "Ip6OutDiscards", out_discards),
	IP("", "Ip6OutNoRoutes", out_no_routes),
	IP("", "Ip6ReasmReqds", reasm_reqds),
	IP("", "Ip6ReasmOKs", reasm_oks),
	IP("", "Ip6ReasmFails", reasm_fails),
	IP("", "Ip6FragOKs", frag_oks),
	IP("", "Ip6FragFails", frag_fails),
	IP("", "Ip6FragCreates", frag_creates),
	IP("", "Ip6InMcastPkts", in_mcast_pkts),
	IP("", "Ip6OutMcastPkts", out_mcast_pkts),
	IP("", "Ip6InOctets", in_octets),
	IP("", "Ip6OutOctets", out_octets),
	IP("", "Ip6InMcastOctets", in_mcast_octets),
	IP("", "Ip6OutMcastOctets", out_mcast_octets),
	IP("", "Ip6OutTransmits", out_transmits), /* since 6.7 */
	ICMP("", "Icmp6InMsgs", in_msgs),
	ICMP("", "Icmp6InErrors", in_errors),
	ICMP("", "Icmp6OutMsgs", out_msgs),
	ICMP("", "Icmp6OutErrors", out_errors),
};

#define NAMES_MAX 64

/* @types: where the counts of ICMP types stand, the section or what a name begins with.
 * @beyond: what comes behind all of ours; a file without it is cut short. */
static const struct format {
	const struct name *names;
	size_t n_names;
	const char *types, *beyond;
} formats[] = {
	[PROC_SNMP] = { snmp_names, N_ELEMENTS(snmp_names), "IcmpMsg", "Tcp" },
	[PROC_NETSTAT] = { netstat_names, N_ELEMENTS(netstat_names), NULL, "IpExt" },
	[PROC_SNMP6] = { snmp6_names, N_ELEMENTS(snmp6_names), "Icmp6", "Udp6" },
	[PROC_DEV_SNMP6] = { snmp6_names, N_ELEMENTS(snmp6_names), NULL, "Icmp6" },
};

/* A stretch of the text. */
struct text {
	const char *at;
	size_t len;
};

struct parse {
	const struct format *format;
	struct ip_reading *reading;
	bool clean;	  /* nothing was refused so far */
	bool beyond;	  /* what follows ours has been seen */
	bool types_whole; /* of the types, all lines were understood */
	bool seen[NAMES_MAX];
	bool seen_types[2][N_ICMP_TYPES];
};

static bool
text_is(struct text text, const char *word)
{
	return text.len == strlen(word) && memcmp(text.at, word, text.len) == 0;
}

static bool
text_begins(struct text text, const char *word)
{
	return text.len >= strlen(word) && memcmp(text.at, word, strlen(word)) == 0;
}

/* Cuts the first line off @rest; false if no line there is whole. */
static bool
next_line(struct text *rest, struct text *line)
{
	const char *end = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;

	if (!end)
		return false;
	*line = (struct text){ rest->at, (size_t)(end - rest->at) };
	rest->at += line->len + 1;
	rest->len -= line->len + 1;
	return true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Cuts the first word off @line; false at its end. */
static bool
next_word(struct text *line, struct text *word)
{
	while (line->len && is_blank(*line->at))
		line->at++, line->len--;
	*word = (struct text){ line->at, 0 };
	while (line->len && !is_blank(*line->at))
		line->at++, line->len--, word->len++;
	return word->len > 0;
}

/* Digits only: no sign, no blank, nothing behind them. */
static struct optional
parse_number(struct text word)
{
	uint64_t number = 0;

	for (size_t i = 0; i < word.len; i++) {
		unsigned int digit = (unsigned char)word.at[i] - '0';

		if (digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
			__builtin_add_overflow(number, digit, &number))
			return (struct optional){ 0, false };
	}
	return (struct optional){ number, word.len > 0 };
}

/* The direction (0: in) and type of "InType8", "OutType0". */
static bool
parse_type(struct text name, unsigned int *out, uint8_t *type)
{
	struct optional number;
	const char *prefix = text_begins(name, "OutType") ? "OutType" : "InType";

	if (!text_begins(name, prefix))
		return false;
	name.at += strlen(prefix);
	name.len -= strlen(prefix);
	number = parse_number(name);
	*out = *prefix == 'O';
	*type = (uint8_t)number.number;
	return number.present && number.number < N_ICMP_TYPES;
}

/* Where the counter @name belongs, the first time that it comes; else NULL. */
static struct optional *
find_slot(struct parse *parse, struct text section, struct text name)
{
	const struct format *format = parse->format;
	unsigned int out;
	uint8_t type;

	for (size_t i = 0; i < format->n_names; i++) {
		const struct name *known = &format->names[i];

		if (!text_is(name, known->name) || !text_is(section, known->section))
			continue;
		if (parse->seen[i])
			return NULL;
		parse->seen[i] = true;
		return (void *)((char *)parse->reading + known->offset);
	}
	if (!format->types)
		return NULL;
	if (!section.len && text_begins(name, format->types)) {
		name.at += strlen(format->types);
		name.len -= strlen(format->types);
	} else if (!text_is(section, format->types)) {
		return NULL;
	}
	if (!parse_type(name, &out, &type) || parse->seen_types[out][type])
		return NULL;
	parse->seen_types[out][type] = true;
	return out ? &parse->reading->out_types[type] : &parse->reading->in_types[type];
}

static void
take(struct parse *parse, struct text section, struct text name, struct text value)
{
	struct optional *slot = find_slot(parse, section, name);

	if (!slot)
		return;
	*slot = parse_number(value);
	parse->clean = parse->clean && slot->present;
}

/* Lines in pairs: "Ip: InReceives ...", "Ip: 5 ...". */

/* Cuts "Ip:" off @line; empty if it does not begin so. */
static struct text
cut_section(struct text *line)
{
	struct text rest = *line, word;

	if (!next_word(&rest, &word) || word.at[word.len - 1] != ':')
		return (struct text){ line->at, 0 };
	*line = rest;
	word.len--;
	return word;
}

static size_t
count_words(struct text line)
{
	struct text word;
	size_t n = 0;

	while (next_word(&line, &word))
		n++;
	return n;
}

static void
doubt_types(struct parse *parse, struct text section)
{
	if (parse->format->types && text_is(section, parse->format->types))
		parse->types_whole = false;
}

/* Without a value for each name nobody knows which one is missing: then none counts. */
static void
take_pair(struct parse *parse, struct text section, struct text names, struct text values)
{
	bool fit = count_words(names) == count_words(values);
	struct text name;

	if (!fit)
		doubt_types(parse, section);
	while (next_word(&names, &name)) {
		struct text value = { name.at, 0 };

		if (fit)
			next_word(&values, &value);
		take(parse, section, name, value);
	}
}

static void
refuse_line(struct parse *parse, struct text section)
{
	parse->clean = false;
	doubt_types(parse, section);
}

static void
parse_pairs(struct parse *parse, struct text rest)
{
	struct text names = { rest.at, 0 }, line, section, before = { rest.at, 0 };
	bool waiting = false; /* @names wait for their values */

	while (next_line(&rest, &line)) {
		section = cut_section(&line);
		if (text_is(section, parse->format->beyond))
			parse->beyond = true;
		if (waiting && section.len && section.len == before.len &&
			memcmp(section.at, before.at, section.len) == 0) {
			take_pair(parse, section, names, line);
			waiting = false;
			continue;
		}
		if (waiting)
			refuse_line(parse, before);
		names = line;
		before = section;
		waiting = true;
	}
	if (waiting)
		refuse_line(parse, before);
	if (rest.len)
		parse->clean = false;
}

/* A name and its value on each line: "Ip6InReceives   5". */

static void
parse_list(struct parse *parse, struct text rest)
{
	struct text line, name, value, more, section = { rest.at, 0 };

	while (next_line(&rest, &line)) {
		next_word(&line, &name);
		if (text_begins(name, parse->format->beyond))
			parse->beyond = true;
		if (!next_word(&line, &value) || next_word(&line, &more))
			value.len = 0;
		take(parse, section, name, value);
	}
	if (rest.len)
		parse->clean = false;
}

/* The kernel lists the types that it has counted; the others are 0, if the list is known
 * to be whole. */
static void
settle_types(const struct parse *parse)
{
	if (!parse->format->types || !parse->beyond || !parse->types_whole)
		return;
	for (size_t type = 0; type < N_ICMP_TYPES; type++) {
		if (!parse->seen_types[0][type])
			parse->reading->in_types[type] = optional_of(0);
		if (!parse->seen_types[1][type])
			parse->reading->out_types[type] = optional_of(0);
	}
}

bool
procstats_parse(
	enum proc_file file, const char *text, size_t len, struct ip_reading *reading)
{
	struct parse parse = { .format = &formats[file],
		.reading = reading,
		.clean = true,
		.types_whole = true };

	_Static_assert(N_ELEMENTS(snmp_names) <= NAMES_MAX, "NAMES_MAX is too small");
	if (file == PROC_SNMP6 || file == PROC_DEV_SNMP6)
		parse_list(&parse, (struct text){ text, len });
	else
		parse_pairs(&parse, (struct text){ text, len });
	settle_types(&parse);
	return parse.clean && parse.beyond;
}

/* Lower-case hexadecimal digits, up to eight: the kernel prints an unsigned int. */
static struct optional
parse_hex(struct text word)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t number = 0;

	for (size_t i = 0; i < word.len; i++) {
		const char *digit = memchr(digits, word.at[i], sizeof(digits) - 1);

		if (!digit)
			return (struct optional){ 0, false };
		number = number << 4 | (uint64_t)(digit - digits);
	}
	return (struct optional){ number, word.len > 0 && word.len <= 8 };
}

struct optional
procstats_discarded_routes(const char *text, size_t len)
{
	struct text rest = { text, len }, line, word;
	struct optional last = { 0, false };

	if (!next_line(&rest, &line))
		return last;
	for (int i = 0; i < 7; i++) {
		next_word(&line, &word);
		last = parse_hex(word);
		if (!last.present)
			break;
	}
	if (next_word(&line, &word))
		last.present = false;
	return last;
}
