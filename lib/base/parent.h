/* SPDX-License-Identifier: MIT */
/* The end of a parent, seen by all stages below it, also behind shells and pipelines: a stage that
 * outlived its parent could later overwrite what a new parent has written.
 *
 * A parent holds the only writing end of a pipe. All processes below it inherit the reading end,
 * and the variable EG_PARENT names it: PID:FD:DEVICE:INODE. The kernel closes the writing end
 * however the parent ends, and the stages that hold the reading end are killed. A descriptor
 * that is closed, or that is another file, is not watched: so the variable means nothing on
 * another machine, or behind a program that closes what it inherits. */
#ifndef EG_PARENT_H
#define EG_PARENT_H

struct eg_error;

/* Makes the pipe and sets EG_PARENT, in the first call. Call it before fork(2). -1 with errno. */
int eg_parent_announce(void);

/* Call this between fork(2) and exec: the new program inherits the reading end. */
void eg_parent_hand_on(void);

/* Watches the parent that EG_PARENT names: this process gets SIGKILL when the parent ends. A
 * thread waits for that, also while the main thread is blocked or computes. eg_wait_end_with
 * does the rest: a process that was stopped does nothing between its wait and its end. For the
 * parent's direct child there is neither, since the kernel kills it (eg_process_start). Call
 * this once, before any record is read. -1 with *e, EG_TEMPORARY: the parent has ended, or no
 * thread can be made. */
int eg_parent_watch(struct eg_error *e);

#endif
