/* SPDX-License-Identifier: MIT */
/* A node as the cluster file has it: its command, what kind of node it is. */
#ifndef EG_MEMBER_H
#define EG_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* STORE answers the verbs of eg-store, appended to its command; STAGE only takes records. */
enum eg_member_kind { EG_MEMBER_STORE, EG_MEMBER_STAGE };

struct eg_member {
	const char *name;
	char *const *argv; /* the command, NULL-terminated */
	size_t argc;
	uint64_t seed;     /* made from the name: see placement.h */
	enum eg_member_kind kind;
	bool shell; /* words behind the command pass a far shell: quote them */
};

/* What a command seems to be: a store when one of its words is eg-store, by any path. */
enum eg_member_kind eg_member_guess(char *const *argv);

/* Whether words behind the command pass a far shell: when it is ssh. */
bool eg_member_is_ssh(char *const *argv);

/* What the two have in common that makes them one copy: "command", "store", or NULL. A
 * store is known by the file behind eg-store; of files of this machine by what is there.
 * Other machines are not asked. */
const char *eg_member_common(const struct eg_member *a, const struct eg_member *b);

#endif
