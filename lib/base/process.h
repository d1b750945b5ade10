/* SPDX-License-Identifier: MIT */
/* A child process, with pipes to its standard input and from its standard output. */
#ifndef EG_PROCESS_H
#define EG_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct eg_error;

/* A child process. Our ends of the pipes do not block and are closed on exec; -1: closed. */
struct eg_process {
	pid_t pid; /* also the number of its process group; 0: no process */
	int pidfd; /* readable after the process has ended; -1: the kernel lacks pidfd_open(2) */
	int in, out;
};

/* Checks, by the rules of execvp(3), that argv can be run, and does not run it. -1 with
 * EG_CONFIG if the file does not exist or is not executable. */
int eg_process_check(char *const argv[], struct eg_error *e);

/* Starts argv (searched in PATH) in its own process group, with default signal actions. The
 * kernel kills the process with SIGKILL (not its group) when the calling thread ends, so call
 * this from the main thread only. Blocks until exec. -1 with *e: EG_CONFIG if argv cannot be
 * run, EG_TEMPORARY if the machine lacks processes, descriptors or memory. */
int eg_process_start(struct eg_process *p, char *const argv[], struct eg_error *e);

void eg_process_close_in(struct eg_process *p);
void eg_process_close_out(struct eg_process *p);

/* Sends sig to the whole process group. */
void eg_process_kill(const struct eg_process *p, int sig);

/* Whether the process has ended. It stays a zombie until eg_process_reap, so that its number is
 * not used again. */
bool eg_process_ended(const struct eg_process *p);

/* Blocks until the process has ended, or until the time due on eg_mono_ms's clock. Returns
 * whether it has ended. */
bool eg_process_await(const struct eg_process *p, int64_t due);

/* Waits for the end of the process and closes the pipes; kill it first. Returns the status of
 * waitpid(2). pid stays set, for the functions on the group. */
int eg_process_reap(struct eg_process *p);

/* Kills the process group with SIGKILL, closes the pipes, and reaps the process if it ends within
 * wait_ms. One that is in uninterruptible sleep, as of a disk that does not answer, does not end
 * until it wakes. Returns whether it was reaped. */
bool eg_process_end(struct eg_process *p, int64_t wait_ms);

/* How long the end of a program waits for that of a process that it has killed. */
enum { EG_PROCESS_END_MS = 5000 };

/* Whether the group of a reaped process still has processes. */
bool eg_process_group_left(const struct eg_process *p);

/* Describes a status of waitpid(2), such as "ended with status 75"; returns out. */
const char *eg_process_status_text(int status, char *out, size_t size);

#endif
