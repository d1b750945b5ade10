/* SPDX-License-Identifier: MIT */
/* Linky's customer port: both modes, checksums, summer and winter. */
#include "decode_run.h"

/* Groups `label sep [time sep] data`, a line each, with the checksums that they need. */
static const char *
seal(const char *groups)
{
	static char text[2048];
	char *o = text;

	while (*groups != '\0') {
		size_t len = strcspn(groups, "\n");
		char by = memchr(groups, '\t', len) != NULL ? '\t' : ' ';
		unsigned sum = by == '\t' ? '\t' : 0;

		for (size_t i = 0; i < len; i++)
			sum += (unsigned char)groups[i];
		o += sprintf(o, "\n%.*s%c%c\r", (int)len, groups, by, (char)((sum & 0x3f) + 0x20));
		groups += len + 1;
	}
	return text;
}

static void
standard_mode_has_the_meters_time(void **state)
{
	struct eg_decode *d = open_format("tic");

	(void)state;
	gives(d, "", seal("ADSC\t000000000000\nDATE\tE240718111041\t\nEAST\t028138222\nSINSTS\t01407\n"
	    "SMAXSN\tH240102083000\t05120\nCCASN\te240718110000\t01000\nPRM\t00000000000000\n"),
	    "linky/import_wh:2024-07-18T09:10:41:028138222\n"
	    "linky/apparent_power:2024-07-18T09:10:41:01407\n"
	    "linky/apparent_power_peak:2024-01-02T07:30:00:05120\n"
	    "linky/power_mean_w:2024-07-18T09:00:00:01000\n");
	/* Tariffs of the supplier, 1 to 10, and of the grid, 1 to 4. */
	gives(d, "", seal("EASF01\t000000001\nEASF10\t000000010\nEASD04\t000000004\nEASFAB\t000000004\n"
	    "EASX01\t000000004\n"),
	    "linky/import_t1_wh:" AT_ARRIVAL ":000000001\nlinky/import_t10_wh:" AT_ARRIVAL ":000000010\n"
	    "linky/import_d4_wh:" AT_ARRIVAL ":000000004\n");
	eg_decode_free(d);
}

static void
historic_mode_has_the_time_of_arrival(void **state)
{
	struct eg_decode *d = open_format("tic");

	(void)state;
	gives(d, "", seal("ADCO 000000000000\nOPTARIF HC..\nHCHC 001065963\nHCHP 001521211\nPTEC HP..\n"
	    "IINST 001\nPAPP 00300\n"),
	    "linky/import_hc_wh:" AT_ARRIVAL ":001065963\nlinky/import_hp_wh:" AT_ARRIVAL ":001521211\n"
	    "linky/current_l1:" AT_ARRIVAL ":001\nlinky/apparent_power:" AT_ARRIVAL ":00300\n");
	/* The document's own example of a checksum. */
	gives(d, "", "\nHHPHC A ,\r", "");
	eg_decode_free(d);
}

static void
broken_groups_are_refused(void **state)
{
	struct eg_decode *d = open_format("tic");

	(void)state;
	refuses(d, "", "\nPAPP 00300 x\r", "the checksum of 'PAPP 00300 x' is wrong");
	refuses(d, "", "\nPAPP\r", "no group");
	refuses(d, "", "\nPAPP 00300", "cut short");
	refuses(d, "", seal("DATE\tX240718111041\t\n"), "is not E or H");
	refuses(d, "", seal("DATE\tE24071811104\t\n"), "is not E or H");
	refuses(d, "", seal("DATE\tE241318111041\t\n"), "is none");
	refuses(d, "", seal("EAST\t12x\n"), "not a decimal");
	eg_decode_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standard_mode_has_the_meters_time),
		cmocka_unit_test(historic_mode_has_the_time_of_arrival),
		cmocka_unit_test(broken_groups_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
