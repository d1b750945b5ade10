/* SPDX-License-Identifier: MIT */
/* The web page of eg-serve, lib/serve/serve_page.html, as part of the program. */
#ifndef EG_SERVE_PAGE_H
#define EG_SERVE_PAGE_H

#include <stddef.h>
#include <stdint.h>

/* Returns the page, of *len bytes. It is static. */
const char *eg_serve_page_text(size_t *len);

#endif
