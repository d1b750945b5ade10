# SPDX-License-Identifier: MIT
# Bytes as text, in the locale C: what is UTF-8, and what a terminal would obey. Capital
# names are global.

# Call once before all else.
function set_up_text() {
	ANY_UTF8 = "([\302-\337][\200-\277]|\340[\240-\277][\200-\277]|[\341-\354\356\357][\200-\277][\200-\277]|" \
	    "\355[\200-\237][\200-\277]|\360[\220-\277][\200-\277][\200-\277]|" \
	    "[\361-\363][\200-\277][\200-\277][\200-\277]|\364[\200-\217][\200-\277][\200-\277])"
	UTF8 = "^" ANY_UTF8
}

# Whether s is UTF-8. A valid sequence becomes one byte, so that no two pieces meet.
function is_utf8(s) {
	gsub(ANY_UTF8, "x", s)
	return s !~ /[\200-\377]/
}

# Replaces each control character, C1 ones too, and each byte that is not UTF-8.
function sieve(s, with,   out, c, n) {
	if (s !~ /[\200-\377]|[^ -~]/)
		return s
	for (out = ""; s != ""; s = substr(s, n + 1)) {
		n = 1
		c = with
		if (match(s, /^[ -~]+/) || match(s, UTF8)) {
			n = RLENGTH
			c = substr(s, 1, n)
			if (c ~ /^\302[\200-\237]/)
				c = with
		}
		out = out c
	}
	return out
}
