/* SPDX-License-Identifier: MIT */
/* A process with pipes to its standard input and from its standard output. */
#ifndef EG_PROCESS_H
#define EG_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct eg_error;

/* Our ends of the pipes do not block and are closed on exec; -1 when closed. */
struct eg_process {
	pid_t pid; /* also its process group; 0: none */
	int pidfd; /* readable when the process has ended; -1: the kernel has no pidfd_open(2) */
	int in, out;
};

/* Whether argv can be run, by execvp(3)'s rules, without running it: -1 with EG_CONFIG if
 * there is no such file, or it is not executable. */
int eg_process_check(char *const argv[], struct eg_error *e);

/* Starts argv (looked up in PATH) in a process group of its own, its signals at their
 * defaults. The kernel kills it (SIGKILL, the process alone, not its group) when the
 * calling thread ends, so only the main thread may call. Blocks until exec. Returns 0, or
 * -1 with *e: EG_CONFIG when argv cannot be run, EG_TEMPORARY when the machine lacks
 * processes, descriptors or memory. */
int eg_process_start(struct eg_process *p, char *const argv[], struct eg_error *e);

void eg_process_close_in(struct eg_process *p);
void eg_process_close_out(struct eg_process *p);

/* Sends sig to the whole group. */
void eg_process_kill(const struct eg_process *p, int sig);

/* Whether the process has ended. It stays a zombie until eg_process_reap, so that no other
 * process can get its number. */
bool eg_process_ended(const struct eg_process *p);

/* Blocks until the process has ended, or due on eg_mono_ms's clock. Returns eg_process_ended. */
bool eg_process_await(const struct eg_process *p, int64_t due);

/* Returns the status of waitpid(2) and closes the pipes. Blocks until the process has ended, so
 * kill it first. pid stays set, for the group. */
int eg_process_reap(struct eg_process *p);

/* Whether processes are left in the group of a reaped process. */
bool eg_process_group_left(const struct eg_process *p);

/* A status of waitpid(2) in words, "ended with status 75"; returns out. */
const char *eg_process_status_text(int status, char *out, size_t size);

#endif
