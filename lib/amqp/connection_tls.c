/* SPDX-License-Identifier: MIT */
/* TLS for a connection to RabbitMQ: certificates, and the reasons of failures. */
#include "amqp/connection_tls.h"

#if __has_include(<rabbitmq-c/ssl_socket.h>)
#include <rabbitmq-c/ssl_socket.h>
#else
#include <amqp_ssl_socket.h>
#endif
#include <openssl/ssl.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/tls.h"

/* OpenSSL calls this for each fault of a certificate; it stores the fault, since rabbitmq-c only
 * reports that verification failed. The value returned does not matter, as rabbitmq-c checks the
 * result itself. */
static int
note_fault(int good, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	long *verdict = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (!good && *verdict == X509_V_OK)
		*verdict = X509_STORE_CTX_get_error(store);
	return good;
}

/* Sets the certificate authorities and the minimum version of TLS explicitly: rabbitmq-c up to
 * 0.13 loads no authorities by default, and allows TLS 1.0. */
amqp_socket_t *
eg_connection_tls_socket(struct eg_connection *l, struct eg_error *e)
{
	const struct eg_amqp_options *b = l->broker;
	amqp_socket_t *s = amqp_ssl_socket_new(l->conn);
	SSL_CTX *ctx;

	l->verdict = X509_V_OK;
	ctx = s != NULL ? amqp_ssl_socket_get_context(s) : NULL;
	if (ctx == NULL || !eg_tls_expect_name(ctx, b->url[l->at].host)) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	SSL_CTX_set_app_data(ctx, &l->verdict);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, note_fault);
	amqp_ssl_socket_set_verify_peer(s, 1);
	amqp_ssl_socket_set_verify_hostname(s, 0);
	amqp_ssl_socket_set_ssl_versions(s, AMQP_TLSv1_2, AMQP_TLSvLATEST);
	if (b->cacert == NULL) {
		SSL_CTX_set_default_verify_paths(ctx);
	} else if (amqp_ssl_socket_set_cacert(s, b->cacert) != AMQP_STATUS_OK) {
		eg_fail(e, EG_CONFIG, "cannot read authorities from '%s'", b->cacert);
		return NULL;
	}
	if (b->cert != NULL && amqp_ssl_socket_set_key(s, b->cert, b->key) != AMQP_STATUS_OK) {
		eg_fail(e, EG_CONFIG, "cannot use certificate '%s' with key '%s'", b->cert, b->key);
		return NULL;
	}
	return s;
}

bool
eg_connection_tls_trouble(const struct eg_connection *l, int rc, char text[256])
{
	const char *why;

	if (!l->broker->url[l->at].tls)
		return false;
	if (l->verdict != X509_V_OK) {
		snprintf(text, 256, "the server's certificate is not good: %s",
		    X509_verify_cert_error_string(l->verdict));
		return true;
	}
	why = eg_tls_alert_text();
	if (why != NULL && (rc == AMQP_STATUS_SSL_ERROR || rc == AMQP_STATUS_SSL_CONNECTION_FAILED ||
	    rc == AMQP_STATUS_CONNECTION_CLOSED || rc == AMQP_STATUS_SOCKET_ERROR)) {
		snprintf(text, 256, "%s", why);
		return true;
	}
	return rc == AMQP_STATUS_SSL_PEER_VERIFY_FAILED ||
	    rc == AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED;
}
