/* SPDX-License-Identifier: MIT */
/* Prints a file of meters, for programs that know the meters of their input. */
#include <string.h>

#include "base/output.h"
#include "meters/meters.h"

int
eg_meters_print(int fd, const char *lines, struct eg_error *e)
{
	static const char head[] = "# pattern             kind         role           name\n";
	struct eg_output out = { 0 };

	if (eg_output_open(&out, fd, e) != 0 ||
	    eg_output_write_all(&out, head, sizeof(head) - 1, e) != 0)
		return -1;
	return eg_output_write_all(&out, lines, strlen(lines), e);
}
