/* SPDX-License-Identifier: MIT */
/* The options for a connection to RabbitMQ: addresses, password, TLS. */
#ifndef EG_AMQP_OPTIONS_H
#define EG_AMQP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;

#define EG_AMQP_URLS 16

/* One address; all strings belong to the broker that holds it. */
struct eg_url {
	char *buffer; /* size bytes, which the other members point into */
	size_t size;
	char *user, *password, *host, *vhost;
	int port;
	bool tls;
};

struct eg_amqp_options {
	struct eg_url url[EG_AMQP_URLS];
	size_t urls;
	int heartbeat_s;
	int64_t answer_ms; /* time limit for an answer; then another address is tried */
	const char *cacert; /* NULL: the system's store */
	const char *cert, *key;
	char password[256]; /* of --password-file, instead of the URLs' own */
	bool has_password;
};

/* Rows for a program's option table, stored in member m of its settings s. */
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

/* For the rows: to is the struct eg_amqp_options. */
void eg_amqp_options_password(void *to, char *path);
void eg_amqp_options_url(void *to, char *text);

/* Sets all members to their defaults. */
void eg_amqp_options_init(struct eg_amqp_options *b);

/* Lowers answer_ms to half of timeout_ms (0: no timeout), 1 s at least, so that two
 * addresses are tried before the timeout. */
void eg_amqp_options_limit(struct eg_amqp_options *b, int64_t timeout_ms);

/* Call after the options are parsed. Without --url it uses AMQP_URL (several addresses,
 * separated by commas), and without that amqp://guest:guest@127.0.0.1:5672. Ends the program
 * with 64 if an address is wrong. Removes the passwords in AMQP_URL from the environment in any
 * case. */
void eg_amqp_options_finish(struct eg_amqp_options *b);

/* Frees all memory and wipes the password. */
void eg_amqp_options_free(struct eg_amqp_options *b);

#endif
