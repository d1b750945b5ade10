/* SPDX-License-Identifier: MIT */
/* What a program inherits of signals from its parent. */
#include "base/signals.h"

#include <signal.h>

void
eg_signals_init(void)
{
	sigset_t none;

	(void)signal(SIGXFSZ, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}
