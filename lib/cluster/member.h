/* SPDX-License-Identifier: MIT */
/* A node in the cluster file: its command and its kind. */
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
	bool shell; /* words after the command pass through a remote shell, so they are quoted */
};

/* What a command seems to be: a store when one of its words is eg-store, by any path. */
enum eg_member_kind eg_member_guess(char *const *argv);

/* Whether the command is ssh, so that words after it pass through a remote shell. */
bool eg_member_is_ssh(char *const *argv);

/* What two nodes share, so that they are only one copy: "command", "store", or NULL for nothing.
 * Stores are compared by the FILE operand of eg-store; files on this machine also by device and
 * inode. Other machines are not asked. */
const char *eg_member_common(const struct eg_member *a, const struct eg_member *b);

#endif
