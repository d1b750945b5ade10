# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What an encrypted meter sends, for the tests that load this file.

readonly DLMS_KEY=101112131415161718191a1b1c1d1e1f

# frame COUNTER: a message of list 1 of Norway, 601 W, encrypted by AES-128-GCM without a tag
frame() {
	local title=4547524430303031 counter plain
	counter=$(printf %08x "$1")
	plain=0f400000000c07e80712040c000500ff8880$(printf '020106%08x' 601)
	plain=$(xxd -r -p <<<"$plain" | openssl enc -aes-128-ctr -K "$DLMS_KEY" \
		-iv "$title${counter}00000002" | xxd -p -c 99)
	xxd -r -p <<<"db08$title$(printf %02x $((${#plain} / 2 + 5)))20$counter$plain"
}
