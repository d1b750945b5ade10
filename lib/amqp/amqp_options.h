/* SPDX-License-Identifier: MIT */
/* The options for a connection to RabbitMQ: addresses, password, TLS. */
#ifndef EG_AMQP_OPTIONS_H
#define EG_AMQP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;

#define EG_AMQP_URLS 16

/* One URL; its strings are owned by the options. */
struct eg_url {
	char *buffer; /* memory of size bytes behind the other members */
	size_t size;
	char *user, *password, *host, *vhost;
	int port;
	bool tls;
};

struct eg_amqp_options {
	struct eg_url url[EG_AMQP_URLS];
	size_t urls;
	int heartbeat_s;
	int64_t answer_ms; /* time limit for an answer in ms; after it, another address is tried */
	const char *cacert; /* file of certificate authorities; NULL: the system's */
	const char *cert, *key;
	char password[256]; /* from --password-file; replaces the passwords of the URLs */
	bool has_password;
};

/* For a row of a program's option table: a name that the broker gets, as of a queue. A broker
 * closes the connection if a name is not UTF-8, and leaves line ends out of it. */
#define EG_AMQP_NAME(s, m, least, most) EG_NAME(s, m, least, most), .utf8 = true

/* Rows for a program's option table; they fill the member m, a struct eg_amqp_options, of its
 * settings s. */
#define EG_AMQP_OPTIONS(s, m) \
	{ 0, "cacert", "FILE", "trust the authorities in FILE (the system's)", EG_TEXT(s, m.cacert) }, \
	{ 0, "cert", "FILE", "show this client certificate", EG_TEXT(s, m.cert) }, \
	{ 0, "heartbeat", "SECONDS", "two without a sign, and the broker is gone", \
		EG_INT(s, m.heartbeat_s, 1, 3600), .preset = "10" }, \
	{ 0, "key", "FILE", "the client certificate's key", EG_TEXT(s, m.key) }, \
	{ 0, "password-file", "FILE", "read the password from FILE", \
		EG_CALL_AT(s, m, eg_amqp_options_password) }, \
	{ 'u', "url", "URL", "amqp[s]://[user@]host[:port][/vhost], repeatable ($AMQP_URL)", \
		EG_CALL_AT(s, m, eg_amqp_options_url) }

/* For these rows: to is the struct eg_amqp_options. */
void eg_amqp_options_password(void *to, char *path);
void eg_amqp_options_url(void *to, char *text);

/* Sets all members to their defaults. */
void eg_amqp_options_init(struct eg_amqp_options *b);

/* Lowers answer_ms to half of timeout_ms (0: no timeout), but not below 1 s, so that at least
 * two addresses are tried before the timeout. */
void eg_amqp_options_limit(struct eg_amqp_options *b, int64_t timeout_ms);

/* Completes the options after parsing. Without --url it uses AMQP_URL (addresses separated by
 * commas), or else amqp://guest:guest@127.0.0.1:5672. Exits with 64 if an address is invalid.
 * Always removes the passwords in AMQP_URL from the environment. */
void eg_amqp_options_finish(struct eg_amqp_options *b);

/* Frees all memory and wipes the password. */
void eg_amqp_options_free(struct eg_amqp_options *b);

#endif
