/* SPDX-License-Identifier: MIT */
/* A node in the cluster file: its command and its kind. */
#ifndef EG_MEMBER_H
#define EG_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* STORE: a command of eg-store, which answers verbs that are appended to it. STAGE: a command
 * that only takes records. */
enum eg_member_kind { EG_MEMBER_STORE, EG_MEMBER_STAGE };

struct eg_member {
	const char *name;
	char *const *argv; /* the command; ends with NULL */
	size_t argc;
	uint64_t seed;     /* hash of the name, see placement.h */
	enum eg_member_kind kind;
	bool shell; /* a remote shell splits words appended to the command, so they are quoted */
};

/* Guesses the kind of a command: STORE if one of its words is eg-store, with any path. */
enum eg_member_kind eg_member_guess(char *const *argv);

/* Whether the command is ssh. Words appended to it are then split by a remote shell. */
bool eg_member_is_ssh(char *const *argv);

/* What two nodes have in common, in which case they hold only one copy: "command", "store", or
 * NULL for nothing. Stores are compared by eg-store's operand FILE; files on this machine also
 * by device and inode. Nothing is asked of other machines. */
const char *eg_member_common(const struct eg_member *a, const struct eg_member *b);

#endif
