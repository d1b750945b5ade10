/* SPDX-License-Identifier: MIT */
/* The parameters of a request that reads the store. */
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "record/time_arg.h"
#include "serve/serve_parts.h"

enum { LIMIT_MOST = 10000 };

bool
eg_serve_may_see(struct eg_serve_request *v, const char *sensor, size_t len)
{
	if (eg_tokens_may(v->token, sensor, len))
		return true;
	eg_serve_refuse(v, 403, "the token may not see this sensor");
	return false;
}

static bool
query_time(struct eg_serve_request *v, const char *name, int64_t otherwise, int64_t *ns)
{
	const char *text = eg_http_query(v->r, name);

	*ns = otherwise;
	if (text == NULL || eg_time_arg_parse(text, eg_wall_ns(), ns))
		return true;
	eg_serve_refuse(v, 400, "'%s' is not a time", name);
	return false;
}

bool
eg_serve_span(struct eg_serve_request *v, int64_t from, struct eg_time_span *span)
{
	const char *inclusive = eg_http_query(v->r, "inclusive");
	int64_t to;

	if (inclusive != NULL && strcmp(inclusive, "1") != 0 && strcmp(inclusive, "0") != 0) {
		eg_serve_refuse(v, 400, "'inclusive' is neither 0 nor 1");
		return false;
	}
	if (!query_time(v, "from", from, &from) || !query_time(v, "to", INT64_MAX, &to))
		return false;
	*span = eg_time_span(from, to, eg_http_query(v->r, "to") == NULL ||
	    (inclusive != NULL && *inclusive == '1'));
	return true;
}

bool
eg_serve_limit(struct eg_serve_request *v, size_t otherwise, size_t *limit)
{
	const char *text = eg_http_query(v->r, "limit");
	int64_t n = (int64_t)otherwise;

	if (text != NULL && eg_int_parse(text, 1, LIMIT_MOST, &n) != EG_NUMBER_OK) {
		eg_serve_refuse(v, 400, "'limit' is not a number of the range 1..%d", LIMIT_MOST);
		return false;
	}
	*limit = (size_t)n;
	return true;
}
