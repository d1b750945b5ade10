/* SPDX-License-Identifier: MIT */
#include "serve/serve_page.h"

/* The assembler includes the file: compilers before C23 have no #embed, and the linker's `-b
 * binary` makes no object for another machine. The path is relative to the root of the source tree,
 * where make runs. */
__asm__(".pushsection .rodata\n"
	".global eg_serve_page_start\n"
	"eg_serve_page_start:\n"
	".incbin \"lib/serve/serve_page.html\"\n"
	".global eg_serve_page_end\n"
	"eg_serve_page_end:\n"
	".byte 0\n"
	".popsection\n");

extern const char eg_serve_page_start[], eg_serve_page_end[];

const char *
eg_serve_page_text(size_t *len)
{
	*len = (size_t)((uintptr_t)eg_serve_page_end - (uintptr_t)eg_serve_page_start);
	return eg_serve_page_start;
}
