/* SPDX-License-Identifier: MIT */
/* TLS for a connection to an MQTT broker: certificates, and reasons for failures. */
#include "mqtt/connection_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/tls.h"
#include "mqtt/mqtt_options.h"

static int
load_files(SSL_CTX *ctx, const struct eg_mqtt_options *o, struct eg_error *e)
{
	if (o->cacert == NULL)
		SSL_CTX_set_default_verify_paths(ctx);
	else if (SSL_CTX_load_verify_locations(ctx, o->cacert, NULL) != 1)
		return eg_fail(e, EG_CONFIG, "cannot read authorities from '%s'", o->cacert);
	if (o->cert != NULL && (SSL_CTX_use_certificate_chain_file(ctx, o->cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, o->key, SSL_FILETYPE_PEM) != 1))
		return eg_fail(e, EG_CONFIG, "cannot use certificate '%s' with key '%s'", o->cert, o->key);
	return 0;
}

SSL *
eg_mqtt_tls_new(int fd, const struct eg_mqtt_url *u, const struct eg_mqtt_options *o,
    struct eg_error *e)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;

	if (ctx != NULL && eg_tls_expect_name(ctx, u->host) &&
	    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		if (load_files(ctx, o, e) == 0)
			ssl = SSL_new(ctx);
	}
	SSL_CTX_free(ctx); /* ssl holds its own reference */
	if (ssl != NULL && SSL_set_fd(ssl, fd) == 1 && SSL_set_tlsext_host_name(ssl, u->host) == 1)
		return ssl;
	SSL_free(ssl);
	eg_fail(e, EG_BUG, "out of memory");
	return NULL;
}

int
eg_mqtt_tls_failed(const SSL *ssl, char why[256], struct eg_error *e)
{
	long verdict = SSL_get_verify_result(ssl);
	const char *alert = eg_tls_alert_text(), *reason = ERR_reason_error_string(ERR_peek_error());

	if (verdict != X509_V_OK)
		snprintf(why, 256, "the server's certificate is not good: %s",
		    X509_verify_cert_error_string(verdict));
	else if (alert != NULL)
		snprintf(why, 256, "%s", alert);
	else
		snprintf(why, 256, "TLS: %s", reason != NULL ? reason :
		    errno != 0 ? strerror(errno) : "the broker closed the connection");
	if (e != NULL && (verdict != X509_V_OK || alert != NULL))
		eg_fail(e, EG_CONFIG, "%s", why);
	return -1;
}
