/* SPDX-License-Identifier: MIT */
/* The limit of open files, which bounds the connections. */
#include <sys/resource.h>

#include "http/http.h"

size_t
eg_http_raise_limit(size_t connections)
{
	rlim_t others = EG_HTTP_SPARE + EG_HTTP_OWN, need = connections + others;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return connections;
	if (limit.rlim_cur < need) {
		struct rlimit raised = limit;

		raised.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
			limit = raised;
	}
	if (limit.rlim_cur >= need)
		return connections;
	return limit.rlim_cur > others ? (size_t)(limit.rlim_cur - others) : 0;
}
