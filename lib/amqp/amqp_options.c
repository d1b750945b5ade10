/* SPDX-License-Identifier: MIT */
/* The options for a connection to RabbitMQ: addresses, password, TLS. */
#include "amqp/amqp_options.h"

#include <stdlib.h>
#include <string.h>

#include "amqp/connection.h"
#include "base/diag.h"
#include "base/options.h"
#include "base/percent.h"
#include "base/redact.h"
#include "base/secret.h"
#include "base/utf8.h"

/* RabbitMQ elects a new leader within about 5 s. A node that does not answer within 8 s is cut
 * off or too slow. */
enum { ANSWER_MS = 8000, ANSWER_LEAST_MS = 1000 };

/* The longest text of AMQP 0-9-1 that is no field of a table. */
enum { SHORT_TEXT = 255 };

void
eg_amqp_options_init(struct eg_amqp_options *b)
{
	*b = (struct eg_amqp_options){ .heartbeat_s = 10, .answer_ms = ANSWER_MS };
}

void
eg_amqp_options_limit(struct eg_amqp_options *b, int64_t timeout_ms)
{
	if (timeout_ms > 0 && timeout_ms / 2 < b->answer_ms)
		b->answer_ms = timeout_ms / 2 > ANSWER_LEAST_MS ? timeout_ms / 2 : ANSWER_LEAST_MS;
}

/* Whether an '@' follows the first '/' of an address, as in amqp://user:12/34@host, where the '/'
 * belongs to the password. The parser would take the host and the vhost out of the password. */
static bool
slash_in_password(const char *text)
{
	const char *host = strstr(text, "://");
	const char *slash = host != NULL ? strchr(host + 3, '/') : NULL;

	return slash != NULL && strchr(slash, '@') != NULL;
}

/* Reads one URL (https://www.rabbitmq.com/docs/uri-spec). The library decodes in place, so each
 * URL has its own copy. Arguments are visible to every user of the machine, so a URL in an
 * argument may not contain a password. */
static void
add_url(struct eg_amqp_options *b, const char *text, size_t len, bool argument)
{
	struct eg_url *u = &b->url[b->urls];
	struct amqp_connection_info info;
	const char *what = argument ? "--url" : "AMQP_URL";

	if (b->urls == EG_AMQP_URLS)
		eg_usage("%s: more than %d addresses", what, EG_AMQP_URLS);
	u->buffer = strndup(text, len);
	if (u->buffer == NULL)
		eg_usage("out of memory");
	if (slash_in_password(u->buffer))
		eg_usage("%s: an '@' follows a '/': write %%2F and %%40 within a password or vhost", what);
	eg_percent_decode_high(u->buffer); /* what the library does not decode */
	amqp_default_connection_info(&info);
	/* The default password. If the URL has a password, the parser sets another pointer. */
	char *unset = info.password;

	if (amqp_parse_url(u->buffer, &info) != AMQP_STATUS_OK ||
	    strlen(info.vhost) > SHORT_TEXT || !eg_utf8_is_text(info.vhost, strlen(info.vhost)))
		eg_usage("%s: not an address of the form amqp[s]://[user[:password]@]host[:port][/vhost]",
		    what);
	if (argument && info.password != unset)
		eg_usage("--url: a password in an argument is seen by everyone: "
		         "put it in AMQP_URL or --password-file");
	*u = (struct eg_url){ .buffer = u->buffer, .size = len, .user = info.user,
	    .password = info.password,
		.host = info.host, .vhost = info.vhost, .port = info.port, .tls = info.ssl != 0 };
	b->urls++;
	/* guest:guest is RabbitMQ's public default and not secret, so the message may show it. */
	if (info.password != unset && strcmp(info.password, info.user) != 0)
		eg_redact_add(info.password);
}

static void
add_urls(struct eg_amqp_options *b, const char *text, bool argument)
{
	if (argument && *text == '\0')
		eg_usage("--url: the address is empty");
	while (*text != '\0') {
		size_t len = strcspn(text, ",");

		if (len > 0)
			add_url(b, text, len, argument);
		text += len + (text[len] == ',');
	}
}

void
eg_amqp_options_password(void *to, char *path)
{
	struct eg_amqp_options *b = to;
	struct eg_error e = { 0 };

	if (eg_secret_read("--password-file", path, b->password, sizeof(b->password), &e) != 0) {
		eg_report(&e);
		exit((int)e.status);
	}
	b->has_password = true;
}

void
eg_amqp_options_url(void *to, char *text)
{
	add_urls(to, text, true);
}

void
eg_amqp_options_finish(struct eg_amqp_options *b)
{
	struct eg_error e = { 0 };
	char *env;

	if (eg_secret_take_urls("AMQP_URL", &env, &e) != 0)
		eg_usage("%s", e.text);
	if ((b->cert == NULL) != (b->key == NULL))
		eg_usage("--cert and --key go together");
	if (b->urls == 0 && env != NULL)
		add_urls(b, env, false);
	eg_secret_free(env);
	if (b->urls == 0)
		add_urls(b, "amqp://127.0.0.1:5672", false);
	for (size_t i = 0; i < b->urls; i++)
		if (b->has_password)
			b->url[i].password = b->password;
}

void
eg_amqp_options_free(struct eg_amqp_options *b)
{
	for (size_t i = 0; i < b->urls; i++) {
		explicit_bzero(b->url[i].buffer, b->url[i].size);
		free(b->url[i].buffer);
	}
	explicit_bzero(b, sizeof(*b));
}
