/* SPDX-License-Identifier: MIT */
/* The options for a connection to an MQTT broker: addresses, password, TLS. */
#ifndef EG_MQTT_OPTIONS_H
#define EG_MQTT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EG_MQTT_URLS 16

/* One address; all strings belong to the options that hold it. */
struct eg_mqtt_url {
	char *buffer; /* size bytes, which the other members point into */
	size_t size;
	char *user, *password; /* NULL: none */
	char *host, *port;
	bool tls;
};

struct eg_mqtt_options {
	struct eg_mqtt_url url[EG_MQTT_URLS];
	size_t urls;
	bool transient; /* set by the program: each process gets another default of client_id */
	const char *client_id;
	char own_id[300]; /* the default of client_id */
	uint16_t keepalive_s;
	const char *cacert; /* NULL: the system's store */
	const char *cert, *key;
	char password[256]; /* from --password-file; replaces those of the URLs */
	bool has_password;
};

/* Rows for a program's option table, stored in member m of its settings s. */
#define EG_MQTT_OPTIONS(s, m) \
	{ 0, "cacert", "FILE", "trust the authorities in FILE (the system's)", EG_TEXT(s, m.cacert) }, \
	{ 0, "cert", "FILE", "show this client certificate", EG_TEXT(s, m.cert) }, \
	{ 'i', "client-id", "NAME", "the name at the broker (made of the program's and the host's)", \
		EG_NAME(s, m.client_id, 1, 255) }, \
	{ 0, "keepalive", "SECONDS", "a broker that is silent for so long is gone", \
		EG_INT(s, m.keepalive_s, 1, 3600), .preset = "30" }, \
	{ 0, "key", "FILE", "the client certificate's key", EG_TEXT(s, m.key) }, \
	{ 0, "password-file", "FILE", "read the password from FILE", \
		EG_CALL_AT(s, m, eg_mqtt_options_password) }, \
	{ 'u', "url", "URL", "mqtt[s]://[user@]host[:port], repeatable ($MQTT_URL)", \
		EG_CALL_AT(s, m, eg_mqtt_options_url) }

/* For the rows: to is the struct eg_mqtt_options. */
void eg_mqtt_options_password(void *to, char *path);
void eg_mqtt_options_url(void *to, char *text);

/* Call after the options are parsed. Without --url it uses MQTT_URL (several addresses,
 * separated by commas), and without that mqtt://127.0.0.1:1883. Ends the program with 64 if an
 * address or the client identifier is wrong. Removes the passwords in MQTT_URL from the
 * environment in any case. */
void eg_mqtt_options_finish(struct eg_mqtt_options *o);

/* Frees all memory and wipes the password. */
void eg_mqtt_options_free(struct eg_mqtt_options *o);

#endif
