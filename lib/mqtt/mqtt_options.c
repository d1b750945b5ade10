/* SPDX-License-Identifier: MIT */
/* The options for a connection to an MQTT broker: addresses, password, TLS. */
#include "mqtt/mqtt_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/number.h"
#include "base/options.h"
#include "base/percent.h"
#include "base/redact.h"
#include "base/secret.h"
#include "mqtt/packet.h"

/* Splits user:password at the colon. */
static bool
parse_user(struct eg_mqtt_url *u, char *text)
{
	char *colon = strchr(text, ':');

	if (colon != NULL) {
		*colon = '\0';
		u->password = colon + 1;
	}
	u->user = text;
	return *u->user != '\0' && eg_percent_decode(u->user) &&
	    (u->password == NULL || eg_percent_decode(u->password));
}

/* Splits host:port or [address]:port. */
static bool
parse_host(struct eg_mqtt_url *u, char *text)
{
	char *end = *text == '[' ? strchr(text, ']') : text + strcspn(text, ":");
	int64_t port;

	if (end == NULL || strchr(text, '@') != NULL)
		return false;
	u->host = *text == '[' ? text + 1 : text;
	if (*end == ']')
		*end++ = '\0';
	if (*end != ':')
		return *end == '\0' && *u->host != '\0';
	*end = '\0';
	u->port = end + 1;
	return *u->host != '\0' && eg_int_parse(u->port, 1, 65535, &port) == EG_NUMBER_OK;
}

/* mqtt[s]://[user[:password]@]host[:port][/] */
static bool
parse_url(struct eg_mqtt_url *u, char *text)
{
	static char plain_port[] = "1883", tls_port[] = "8883";
	char *at, *slash;

	u->tls = strncmp(text, "mqtts://", 8) == 0;
	if (!u->tls && strncmp(text, "mqtt://", 7) != 0)
		return false;
	u->port = u->tls ? tls_port : plain_port;
	text += u->tls ? 8 : 7;
	at = strchr(text, '@');
	if (at != NULL) {
		*at = '\0';
		if (!parse_user(u, text))
			return false;
		text = at + 1;
	}
	slash = strchr(text, '/');
	if (slash != NULL && slash[1] != '\0')
		return false;
	if (slash != NULL)
		*slash = '\0';
	return parse_host(u, text);
}

/* Every user of the machine can read arguments, so none may contain a password. */
static void
add_url(struct eg_mqtt_options *o, const char *text, size_t len, bool argument)
{
	struct eg_mqtt_url *u = &o->url[o->urls];
	const char *what = argument ? "--url" : "MQTT_URL", *why = NULL;

	if (o->urls == EG_MQTT_URLS)
		eg_usage("%s: more than %d addresses", what, EG_MQTT_URLS);
	*u = (struct eg_mqtt_url){ .buffer = strndup(text, len), .size = len };
	if (u->buffer == NULL)
		eg_usage("out of memory");
	if (!parse_url(u, u->buffer))
		eg_usage("%s: not an address of the form mqtt[s]://[user[:password]@]host[:port]", what);
	if (u->user != NULL)
		why = eg_mqtt_text_fault(u->user, strlen(u->user));
	if (why != NULL)
		eg_usage("%s: the user %s", what, why);
	if (u->password != NULL && strlen(u->password) > EG_MQTT_TEXT_MAX)
		eg_usage("%s: the password has more than %d bytes", what, EG_MQTT_TEXT_MAX);
	if (argument && u->password != NULL)
		eg_usage("--url: a password in an argument is seen by everyone: "
		         "put it in MQTT_URL or --password-file");
	if (u->password != NULL)
		eg_redact_add(u->password);
	o->urls++;
}

static void
add_urls(struct eg_mqtt_options *o, const char *text, bool argument)
{
	if (argument && *text == '\0')
		eg_usage("--url: the address is empty");
	while (*text != '\0') {
		size_t len = strcspn(text, ",");

		if (len > 0)
			add_url(o, text, len, argument);
		text += len + (text[len] == ',');
	}
}

void
eg_mqtt_options_password(void *to, char *path)
{
	struct eg_mqtt_options *o = to;
	struct eg_error e = { 0 };

	if (eg_secret_read("--password-file", path, o->password, sizeof(o->password), &e) != 0) {
		eg_report(&e);
		exit((int)e.status);
	}
	o->has_password = true;
}

void
eg_mqtt_options_url(void *to, char *text)
{
	add_urls(to, text, true);
}

/* Names the client after program and host, so that a session is the same after a restart. */
static void
choose_id(struct eg_mqtt_options *o)
{
	char host[256];
	const char *why;

	if (o->client_id == NULL) {
		if (gethostname(host, sizeof(host)) != 0)
			host[0] = '\0';
		host[sizeof(host) - 1] = '\0';
		if (o->transient)
			snprintf(o->own_id, sizeof(o->own_id), "%s-%s-%d", eg_program(), host, (int)getpid());
		else
			snprintf(o->own_id, sizeof(o->own_id), "%s-%s", eg_program(), host);
		o->client_id = o->own_id;
	}
	why = eg_mqtt_text_fault(o->client_id, strlen(o->client_id));
	if (why != NULL)
		eg_usage("--client-id: the name %s", why);
}

void
eg_mqtt_options_finish(struct eg_mqtt_options *o)
{
	struct eg_error e = { 0 };
	char *env;

	if (eg_secret_take_urls("MQTT_URL", &env, &e) != 0)
		eg_usage("%s", e.text);
	if ((o->cert == NULL) != (o->key == NULL))
		eg_usage("--cert and --key go together");
	choose_id(o);
	if (o->urls == 0 && env != NULL)
		add_urls(o, env, false);
	eg_secret_free(env);
	if (o->urls == 0)
		add_urls(o, "mqtt://127.0.0.1:1883", false);
	for (size_t i = 0; i < o->urls && o->has_password; i++) {
		if (o->url[i].user == NULL)
			eg_usage("--password-file: the address has no user, as mqtt://USER@host");
		o->url[i].password = o->password;
	}
}

void
eg_mqtt_options_free(struct eg_mqtt_options *o)
{
	for (size_t i = 0; i < o->urls; i++) {
		explicit_bzero(o->url[i].buffer, o->url[i].size);
		free(o->url[i].buffer);
	}
	explicit_bzero(o, sizeof(*o));
}
