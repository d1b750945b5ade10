/* SPDX-License-Identifier: MIT */
/* Looks up the addresses of a host without blocking, by the system's resolver. */
#ifndef EG_MODBUS_RESOLVE_H
#define EG_MODBUS_RESOLVE_H

#include <stdbool.h>

struct addrinfo;
struct eg_error;

struct eg_modbus_resolver;

enum eg_modbus_lookup {
	EG_MODBUS_LOOKUP_RUNS,
	EG_MODBUS_LOOKUP_DONE,
	EG_MODBUS_LOOKUP_FAILED,
};

/* Splits HOST[:PORT] or [ADDRESS][:PORT] (port 502) and keeps both. NULL with EG_USAGE. */
struct eg_modbus_resolver *eg_modbus_resolver_new(const char *target, struct eg_error *e);

/* Begins a lookup if none is running, and checks whether it has ended. A numeric address needs no
 * lookup. DONE: *list holds addresses for TCP; the caller frees it with freeaddrinfo(3). FAILED:
 * *why is the reason (static storage). The next call begins another lookup. */
enum eg_modbus_lookup eg_modbus_resolve(struct eg_modbus_resolver *r, struct addrinfo **list,
    const char **why);

/* Cancels a running lookup, and frees. The memory of a lookup that cannot be cancelled is not
 * freed. */
void eg_modbus_resolver_free(struct eg_modbus_resolver *r);

#endif
