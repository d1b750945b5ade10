#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a release is made of: the source file, equal bytes, the manual as HTML, licences.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	out=$BATS_TEST_TMPDIR
}

in_git() {
	git rev-parse --git-dir >/dev/null 2>&1 || skip "not a git checkout"
}

@test "the source file of a commit is the same twice, and builds the same bytes in two folders" {
	in_git
	make -s dist "BUILD=$out/1" 2>/dev/null
	make -s dist "BUILD=$out/2" 2>/dev/null
	[[ $(ls "$out/1") == $'energyguard-'*$'.tar.gz\nenergyguard-'*.tar.gz.sha256 ]]
	diff -r "$out/1" "$out/2"
	(cd "$out/1" && sha256sum --quiet -c ./*.sha256)
	mkdir -p "$out/a" "$out/another folder"
	tar -xzf "$out/1/"*.tar.gz -C "$out/a" --strip-components 1
	tar -xzf "$out/1/"*.tar.gz -C "$out/another folder" --strip-components 1
	for folder in a 'another folder'; do
		make -s "-j$(nproc)" -C "$out/$folder" all >"$out/log" 2>&1 || { cat "$out/log"; return 1; }
	done
	for name in $(basename -s .c -a cmd/*.c); do
		cmp "$out/a/build/$name" "$out/another folder/build/$name"
	done
}

@test "the manual as HTML has an index of all pages, and each link leads to a page or to Debian's" {
	local page link name
	make -s html "BUILD=$out"
	cd "$out/html"
	for page in "$BATS_TEST_DIRNAME/../../man/"*.[157]; do
		grep -qF "href=\"${page##*/}.html\"" index.html
	done
	for link in $(sed -nE 's/.*href="([^"#:]+)[#"].*/\1/p' ./*.html | sort -u); do
		[[ -s $link ]] || { echo "no $link"; return 1; }
	done
	# And so is each part of a page that is linked to; .Sx names one of the same page.
	run awk '{
		for (s = $0; match(s, /(id|href)="[^"]*"/); s = substr(s, RSTART + RLENGTH)) {
			w = substr(s, RSTART, RLENGTH - 1)
			if (sub(/^id="/, "", w)) there[FILENAME "#" w]
			else if (sub(/^href="/, "", w) && w ~ /#/ && w !~ /^[a-z]+:/)
				wanted[(w ~ /^#/ ? FILENAME : "") w]
		}
	} END { for (w in wanted) if (!(w in there)) print "no " w }' *.html
	[[ $status -eq 0 && -z $output ]] || { echo "$output"; return 1; }
	# A page of ours that does not exist would be linked to Debian's.
	run grep -oE 'https://manpages.debian.org/(eg-|energyguard)[^"]*' ./*.html
	[[ -z $output ]] || { echo "$output"; return 1; }
}

@test "every file has a licence" {
	in_git
	run reuse lint
	[[ $status -eq 0 ]] || { echo "$output"; return 1; }
}

@test "the bill of materials names the packages that the programs load" {
	run scripts/sbom 1.2.3 "${EG_BIN:-build}/eg-store" "${EG_BIN:-build}/eg-publish"
	[[ $status -eq 0 ]]
	[[ $(jq -r '.packages[0].versionInfo, .spdxVersion' <<<"$output") == $'1.2.3\nSPDX-2.3' ]]
	[[ $(jq -r '.packages[].name' <<<"$output" | sort) == *libc6*librabbitmq4*libsqlite3-0* ]]
	# Each relation is between elements that are there.
	[[ -z $(jq -r '([.SPDXID] + [.packages[].SPDXID]) as $ids | .relationships[] |
		.spdxElementId, .relatedSpdxElement | select(. as $i | $ids | index($i) | not)' <<<"$output") ]]
}

@test "the bill of materials is what SPDX 2.3 asks for, and its namespace its own" {
	local bin=${EG_BIN:-build}
	export SOURCE_DATE_EPOCH=1764000000
	scripts/sbom 1.2.3 "$bin/eg-store" "$bin/eg-publish" >"$out/one"
	# The members that its schema requires, and the patterns that it has for them.
	run -0 jq -e '
		def text: type == "string" and length > 0;
		def id: test("^SPDXRef-[A-Za-z0-9.-]+$");
		def url: . == "NOASSERTION" or . == "NONE" or test("^[a-z+]+:");
		.spdxVersion == "SPDX-2.3" and .dataLicense == "CC0-1.0" and .SPDXID == "SPDXRef-DOCUMENT" and
		(.name | text) and (.documentNamespace | test("^https://[^#\\s]+$")) and
		.creationInfo.created == "2025-11-24T16:00:00Z" and
		(.creationInfo.creators | length > 0 and all(test("^(Tool|Person|Organization): \\S"))) and
		([.packages[].SPDXID] | length == (unique | length)) and
		(.packages | length > 1 and all((.SPDXID | id) and (.name | text) and
			(.downloadLocation | url) and .filesAnalyzed == false)) and
		([.packages[].externalRefs[]?] | length > 0 and all(.referenceCategory == "PACKAGE-MANAGER" and
			.referenceType == "purl" and
			(.referenceLocator | test("^pkg:deb/debian/[a-z0-9.%B-]+@[^@?\\s+:]+[?]arch=[a-z0-9]+$")))) and
		(.relationships | all((.spdxElementId | id) and (.relatedSpdxElement | id) and
			(.relationshipType | IN("DESCRIBES", "DYNAMIC_LINK"))))' "$out/one"
	scripts/sbom 1.2.3 "$bin/eg-store" "$bin/eg-publish" | cmp - "$out/one"
	scripts/sbom 1.2.3 "$bin/eg-store" >"$out/two"
	[[ $(jq .documentNamespace "$out/one") != $(jq .documentNamespace "$out/two") ]]
}

@test "the workflow runs targets and scripts that are there, for a Debian that packages are tested in" {
	local flow=.github/workflows/check.yml target
	/usr/bin/python3 - "$flow" >"$out/steps" <<-'END'
		import sys, yaml
		flow = yaml.safe_load(open(sys.argv[1]))
		for job in flow["jobs"].values():
		    matrix = job.get("strategy", {}).get("matrix", {})
		    for step in job["steps"]:
		        line = step.get("run", "")
		        for name, values in matrix.items():
		            if "matrix." + name in line:
		                line = "\n".join(line.replace("${{ matrix.%s }}" % name, v) for v in values)
		        if line:
		            print(line)
	END
	for target in check check-san lint 'fuzz FUZZ_SECONDS=600'; do
		grep -qx "make $target" "$out/steps"
	done
	# A word after make that is no variable or option is a target.
	for target in $(sed -n 's/^make //p' "$out/steps" | sed -E 's/"[^"]*"//g' | tr ' ' '\n' | grep -vE '=|^-|^$'); do
		grep -qE "^$target:" Makefile || { echo "no target $target"; return 1; }
	done
	for target in $(sed -n 's/^tests.next.package //p' "$out/steps"); do
		grep -qE "^(bookworm \\| )?$target( \\| trixie)?\\) one" tests/next/package
	done
	grep -qx 'tests/next/package bookworm' "$out/steps"
}

@test "each compiler of the workflow takes the flags, when a warning is an error" {
	local compiler compilers
	compilers=$(sed -nE 's/^ +compiler: \[(.*)\]$/\1/p' .github/workflows/check.yml | tr -d ,)
	[[ $compilers == "gcc clang" ]]
	for compiler in $compilers; do
		make -s "CC=$compiler" "BUILD=$out/$compiler" CFLAGS="-O2 -g -Werror" \
			"$out/$compiler/lib/base/clock.o" "$out/$compiler/cmd/eg-sim.o"
	done
}
