/* SPDX-License-Identifier: MIT */
/* What the answer of a device means. */
#include "fetch/verdict.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/redact.h"
#include "fetch/request.h"
#include "fetch/url.h"

/* Further kinds of failure. The kind of an HTTP status is KIND_STATUS plus the status. */
enum { KIND_AWAY = EG_FETCH_KIND_REDIRECT + 1, KIND_LONG, KIND_UNTRUSTED, KIND_STATUS = 1000 };

static void __attribute__((format(printf, 4, 5)))
fail(struct eg_fetch_verdict *v, enum eg_status status, int kind, const char *fmt, ...)
{
	va_list ap;

	*v = (struct eg_fetch_verdict){ .meaning = EG_FETCH_FAILED, .status = status, .kind = kind };
	va_start(ap, fmt);
	(void)vsnprintf(v->reason, sizeof(v->reason), fmt, ap);
	va_end(ap);
}

static void
judge_redirect(const struct eg_fetch_answer *a, const char *url, struct eg_fetch_verdict *v)
{
	char shown[200];

	if (eg_fetch_url_same(url, a->redirect)) {
		*v = (struct eg_fetch_verdict){ .meaning = EG_FETCH_MOVED };
		return;
	}
	eg_redact_url(a->redirect, shown, sizeof(shown));
	fail(v, EG_CONFIG, EG_FETCH_KIND_REDIRECT,
	    "answers %ld: it redirects to '%s', another server, which is not followed", a->status,
	    shown);
}

static void
judge_status(long status, struct eg_fetch_verdict *v)
{
	bool passes = status >= 500 || status == 408 || status == 429;
	const char *why = status == 401 ? ": it wants credentials, or others (--user and "
					  "--password-file, or --token-file)"
	    : status == 404             ? ": it has no such path"
					: "";

	fail(v, passes ? EG_TEMPORARY : EG_CONFIG, KIND_STATUS + (int)status, "answers %ld%s", status,
	    why);
}

void
eg_fetch_judge(const struct eg_fetch_answer *a, const char *url, bool conditional,
    struct eg_fetch_verdict *v)
{
	*v = (struct eg_fetch_verdict){ .meaning = EG_FETCH_BODY };
	if (a->too_long)
		fail(v, EG_REFUSED, KIND_LONG, "sends more than 1 MiB");
	else if (a->untrusted)
		fail(v, EG_CONFIG, KIND_UNTRUSTED, "is not trusted: %s", a->error);
	else if (a->status == 0)
		fail(v, EG_TEMPORARY, KIND_AWAY, "gives no whole answer: %s", a->error);
	else if (a->redirect != NULL)
		judge_redirect(a, url, v);
	else if (a->status == 304 && conditional)
		v->meaning = EG_FETCH_UNCHANGED;
	else if (a->status != 200)
		judge_status(a->status, v);
	else if (a->len == 0)
		fail(v, EG_REFUSED, EG_FETCH_KIND_BODY, "answers nothing: the body is empty");
}
