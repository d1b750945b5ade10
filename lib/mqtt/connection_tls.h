/* SPDX-License-Identifier: MIT */
/* TLS for a connection to an MQTT broker: certificates, and reasons for failures. */
#ifndef EG_MQTT_CONNECTION_TLS_H
#define EG_MQTT_CONNECTION_TLS_H

#include <openssl/ssl.h>

struct eg_error;
struct eg_mqtt_options;
struct eg_mqtt_url;

/* TLS 1.2 or later over fd, which the caller still owns, with the certificates of o. Accepts only a
 * certificate for u's host. NULL with *e: EG_CONFIG if a file cannot be used. The caller frees it
 * with SSL_free. */
SSL *eg_mqtt_tls_new(int fd, const struct eg_mqtt_url *u, const struct eg_mqtt_options *o,
    struct eg_error *e);

/* After a failed call of OpenSSL: writes the reason into why. Sets *e (if not NULL) with
 * EG_CONFIG if another try would fail in the same way. Returns -1. */
int eg_mqtt_tls_failed(const SSL *ssl, char why[256], struct eg_error *e);

#endif
