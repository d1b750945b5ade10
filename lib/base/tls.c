/* SPDX-License-Identifier: MIT */
/* Shared by the clients that use OpenSSL: the expected name in a certificate, and the text of
 * TLS errors. */
#include "base/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

bool
eg_tls_expect_name(SSL_CTX *ctx, const char *host)
{
	X509_VERIFY_PARAM *want = SSL_CTX_get0_param(ctx);

	return X509_VERIFY_PARAM_set1_ip_asc(want, host) == 1 ||
	    X509_VERIFY_PARAM_set1_host(want, host, 0) == 1;
}

const char *
eg_tls_alert_text(void)
{
	unsigned long error = ERR_peek_error();

	if (ERR_GET_LIB(error) != ERR_LIB_SSL)
		return NULL;
	switch (ERR_GET_REASON(error)) {
	case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
	case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
		return "the server wants a client certificate (--cert) or other ciphers";
	case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
	case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
		return "the server does not trust our certificate";
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
	case SSL_R_UNSUPPORTED_PROTOCOL:
		return "the server speaks no TLS of version 1.2 or later";
	case SSL_R_WRONG_VERSION_NUMBER:
		return "no TLS is spoken at this port";
	default:
		return NULL;
	}
}
