#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# eg-energy on readings that are made up, against exact fractions and against itself.
bats_require_minimum_version 1.5.0

setup() {
	PATH="$EG_BIN:$PATH"
	MODEL="$BATS_TEST_DIRNAME/../tools/energy-model"
}

@test "generated readings give what exact fractions give" {
	"$MODEL" model "${EG_ROUNDS:-40}"
}

@test "slots add up to one slot over all, to the last digit" {
	"$MODEL" sum "${EG_ROUNDS:-20}"
}

@test "cut at the border of a slot, both parts give the bytes of the whole" {
	"$MODEL" cut "${EG_ROUNDS:-20}"
}

@test "with --whole, a part of the input gives no line that the whole does not give" {
	"$MODEL" window "${EG_ROUNDS:-20}"
}

@test "amounts of amounts are themselves" {
	"$MODEL" again "${EG_ROUNDS:-20}"
}

@test "the order of sensors changes no result" {
	"$MODEL" order "${EG_ROUNDS:-20}"
}
