/* SPDX-License-Identifier: MIT */
/* The meaning of the broker's error replies: whether another attempt may succeed. */
#include <stdio.h>
#include <string.h>

#include "amqp/connection.h"
#include "base/diag.h"
#include "base/redact.h"

static int
server_trouble(amqp_rpc_reply_t reply, int *code, char text[256])
{
	amqp_bytes_t why = { 0, NULL };

	*code = 0;
	if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
		amqp_connection_close_t *m = reply.reply.decoded;

		*code = m->reply_code;
		why = m->reply_text;
	} else if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
		amqp_channel_close_t *m = reply.reply.decoded;

		*code = m->reply_code;
		why = m->reply_text;
	}
	/* Secrets are removed before the text is truncated, since a part of one would not be
	 * found. */
	why.len = eg_redact(why.bytes, why.len);
	snprintf(text, 256, "%.*s", (int)(why.len < 240 ? why.len : 240),
	    why.len > 0 ? (const char *)why.bytes : "closed by the server");
	return -1;
}

/* Removes quoted names before the text is searched, since a name may contain any word. */
static void
without_names(const char *text, char out[256])
{
	bool name = false;
	size_t n = 0;

	for (; *text != '\0' && n < 255; text++) {
		name ^= *text == '\'';
		if (!name)
			out[n++] = *text;
	}
	out[n] = '\0';
}

/* Whether the reply code (AMQP 0-9-1 section 1.2) is permanent until somebody changes the
 * configuration. While a node or its queues are down, some of them are temporary. */
static bool
final_trouble(int code, const char *text)
{
	static const char *const passing[] = { "is down", "inaccessible", "limit", "timeout",
		"timed out", "leader", "not running", "is stopped", "replica on the local node" };
	char words[256];

	if (code != 402 && code != 403 && code != 404 && code != 405 && code != 406 &&
	    code != 503 && code != 530 && code != 540)
		return false;
	without_names(text, words);
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (strstr(words, passing[i]) != NULL)
			return false;
	return true;
}

/* A node that is cut off from its cluster does not know queues that were declared since then. So
 * "no such queue" is permanent only when all addresses have answered it. */
static int
judge_reply(struct eg_connection *l, int code, const char *text, struct eg_error *e)
{
	const struct eg_url *u = &l->broker->url[l->at];

	if (!final_trouble(code, text))
		return -1;
	if (code == 404) {
		l->denied |= 1U << l->at;
		if (l->denied != (1U << l->broker->urls) - 1)
			return -1;
	}
	if (code == 530 && *u->vhost == '\0')
		return eg_fail(e, EG_CONFIG, "broker %s:%d: %s (the address ends in '/', a vhost "
		    "without a name: leave it out, or write /%%2f)", u->host, u->port, text);
	return eg_fail(e, EG_CONFIG, "broker %s:%d: %s", u->host, u->port, text);
}

int
eg_connection_check(struct eg_connection *l, amqp_rpc_reply_t reply, char text[256],
    struct eg_error *e)
{
	int code;

	switch (reply.reply_type) {
	case AMQP_RESPONSE_NORMAL:
		return 0;
	case AMQP_RESPONSE_SERVER_EXCEPTION:
		server_trouble(reply, &code, text);
		l->end = EG_END_REFUSED;
		return judge_reply(l, code, text, e);
	case AMQP_RESPONSE_LIBRARY_EXCEPTION:
		if (reply.library_error == AMQP_STATUS_TIMEOUT)
			l->end = EG_END_SILENT;
		snprintf(text, 256, "%s", amqp_error_string2(reply.library_error));
		return -1;
	default:
		snprintf(text, 256, "no answer");
		return -1;
	}
}
