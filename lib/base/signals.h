/* SPDX-License-Identifier: MIT */
/* What a program inherits of signals from its parent. */
#ifndef EG_SIGNALS_H
#define EG_SIGNALS_H

/* Unblocks all signals. Gives SIGCHLD its default action: while it is ignored, waitpid(2) gives no
 * status. Ignores SIGXFSZ: a limit on the size of files (setrlimit(2)) is a failed write then, as
 * on a full disk. */
void eg_signals_init(void);

#endif
