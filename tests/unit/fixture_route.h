/*
 * Routes for the tests of the tables.
 */
#ifndef NETMIBD_TESTS_FIXTURE_ROUTE_H
#define NETMIBD_TESTS_FIXTURE_ROUTE_H

#include "unit.h"

/* A route in the making; addresses as inet_pton(3) reads them. */
struct fixture_route {
	const char *dst; /* 192.0.2.0/24 */
	const char *src, *prefsrc;
	uint32_t table; /* 0: main */
	uint32_t metric, id;
	uint8_t type; /* 0: unicast */
	uint8_t proto, tos;
	struct {
		const char *gateway;
		uint32_t ifindex;
		uint8_t weight;
		bool dead;
	} hops[2];
	size_t n_hops; /* 0: one */
};

/* Puts one of every kind, and @n random ones that often differ in little. */
void fixture_routes(struct mirror *mirror);
void random_routes(struct mirror *mirror, size_t n);

void fixture_put(struct mirror *mirror, const struct fixture_route *what);

#endif
