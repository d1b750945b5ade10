#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The stack as far as it can be seen without Grafana: its files are what that takes, and
# each check finds a fault that is planted.
# shellcheck disable=SC2154,SC2164,SC2016 # bats sets stderr; cd fails the test; sed and jq expand
bats_require_minimum_version 1.5.0

CHECKS=$BATS_TEST_DIRNAME/../stack

# The checkers come from npm, once: again only when the lock file has changed.
fetch_checkers() {
	local sum
	sum=$(sha256sum <"$CHECKS/package-lock.json")
	[[ $(cat "$CHECKS/node_modules/.fetched" 2>/dev/null) != "$sum" ]] || return 0
	local status=0
	(cd "$CHECKS" && timeout 120 npm ci --no-audit --no-fund --ignore-scripts --fetch-retries=1) >"$BATS_FILE_TMPDIR/npm" 2>&1 ||
		status=$?
	if ((status != 0)); then
		if ((status == 124)) || grep -qE 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|E5[0-9][0-9]' "$BATS_FILE_TMPDIR/npm"; then
			export EG_NO_CHECKERS="npm cannot reach its registry"
			return 0
		fi
		cat "$BATS_FILE_TMPDIR/npm" >&2
		return 1
	fi
	echo "$sum" >"$CHECKS/node_modules/.fetched"
}

setup_file() {
	fetch_checkers
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
}

need_checkers() {
	if [[ -n ${EG_NO_CHECKERS-} ]]; then
		echo "# WARNING: $EG_NO_CHECKERS: Flux, dashboards and alerts NOT checked" >&3
		skip "$EG_NO_CHECKERS"
	fi
}

check_flux() { node "$CHECKS/check-flux.mjs" "$@"; }
check_dashboards() { node "$CHECKS/check-dashboards.mjs" grafana/provisioning/datasources/influxdb.yaml "$@"; }
check_alerts() { node "$CHECKS/check-alerts.mjs" grafana/provisioning/datasources/influxdb.yaml grafana/dashboards "$@"; }

# Each line of standard input must be in the output.
all_found() {
	local text
	[[ $status -eq 1 ]]
	while IFS= read -r text; do
		[[ $output == *"$text"* ]] || { printf 'not found: %s\nin:\n%s\n' "$text" "$output"; return 1; }
	done
}

# --- Flux, dashboards, alerts -------------------------------------------------

@test "the packages of the checkers are locked, and the lock file names no registry" {
	run grep -nE '"resolved"' tests/stack/package-lock.json
	[[ $status -eq 1 ]]
	[[ $(grep -c '"integrity"' tests/stack/package-lock.json) -gt 20 ]]
	run grep -E '[\^~*]' tests/stack/package.json
	[[ $status -eq 1 ]]
}

@test "all Flux in dashboards and alerts is right" {
	need_checkers
	run check_flux grafana/dashboards/*.json grafana/alerting/rules.yaml
	[[ $status -eq 0 && -z $output ]]
}

# Changes the Flux of a panel: TITLE, then what to look for and what to put there.
in_panel() {
	jq --arg title "$1" --arg from "$2" --arg to "$3" '(.panels[] | select(.title == $title) | .targets[0].query) |= sub($from; $to)'
}

@test "faults of Flux are found: syntax, names, types, range, columns, integers, rows, variables" {
	need_checkers
	in_panel "Power now" 'last\(\)' 'lats()' <grafana/dashboards/live.json |
		in_panel Sensors 'top\(n: 8\)' 'top(n: "8")' |
		in_panel "Share of the limit" '\(r\) => \(\{' '(r) => ({{' |
		in_panel "Top consumers" '[|]> range\(start: -5m\)\n' '' |
		in_panel "Newest reading" 'r\._time\)\) /' 'r.tiem)) /' |
		in_panel "Readings per second" 'r\._field == "value"' 'r._field == "value" and r._value > 3' |
		in_panel Power 'aggregateWindow[^\n]*' 'yield()' |
		in_panel "Who is silent" '\$\{silent\}' '${slient}' |
		in_panel "Energy today" 'columns: \["sensor"\]' 'columns: ["snesor"]' >"$BATS_TEST_TMPDIR/live.json"
	run check_flux "$BATS_TEST_TMPDIR/live.json"
	all_found <<-'END'
		Power now: A: 5: undefined identifier lats
		Sensors: A: 10: expected int but found string
		Share of the limit: A: 11: expected RBRACE
		Top consumers: A: no range() right behind from(bucket: "energy")
		Newest reading: A: unknown column 'tiem'
		Readings per second: A: 'r._value > 3' compares or mixes a float with 3
		Power: A: up to Infinity rows a series
		Energy today: A: unknown column 'snesor'
		Who is silent: A: 10: undefined identifier slient
	END
	sed '0,/|> keep(/s/|> keep(.*/|> group()/' grafana/alerting/rules.yaml >"$BATS_TEST_TMPDIR/rules.yaml"
	run check_flux "$BATS_TEST_TMPDIR/rules.yaml"
	all_found <<-'END'
		A sensor is over its limit: A: an alert query must end in keep()
	END
}

@test "the dashboards are as Grafana types them, with descriptions, units and links that lead somewhere" {
	need_checkers
	run check_dashboards grafana/dashboards/*.json
	[[ $status -eq 0 && -z $output ]]
}

@test "faults of dashboards are found: types, units, ids, layout, links, descriptions, sources, variables" {
	need_checkers
	jq '.panels[0].fieldConfg = {} | .panels[0].fieldConfig.defaults.unit = "wat"
		| .panels[1].id = 1 | .panels[1].gridPos.x = 5 | .panels[2].description = ""
		| .panels[3].fieldConfig.defaults.custom.drawStyle = "lines" | .panels[3].options.legend.displayMode = "tabel"
		| .panels[4].datasource.uid = "other" | .panels[5].gridPos.w = 3
		| .panels[6].fieldConfig.defaults.thresholds = {mode: "absolut", steps: []}
		| del(.panels[7].fieldConfig.defaults.unit) | .panels[5].links[0].url = "/d/nowhere"
		| .links[0].tags = ["nobody"] | .templating.list[2].name = "limt" | .refresh = 5
		| .templating.list[0].type = "qury"' grafana/dashboards/live.json >"$BATS_TEST_TMPDIR/live.json"
	jq 'del(.schemaVersion) | .title = "Live"' grafana/dashboards/pipeline.json >"$BATS_TEST_TMPDIR/pipeline.json"
	run check_dashboards "$BATS_TEST_TMPDIR/live.json" "$BATS_TEST_TMPDIR/pipeline.json"
	all_found <<-'END'
		"additionalProperty":"fieldConfg"
		Power now: unknown unit 'wat'
		two panels of one id
		Power now and Share of the limit overlap
		Sensors: no description
		FieldConfig/drawStyle
		Options/legend/displayMode
		unknown data source 'other'
		a hole in line 17
		/thresholds/mode
		Newest reading: no unit
		link to an unknown dashboard 'nowhere'
		link to an unused tag 'nobody'
		variable limt is not used
		/refresh must be string
		/templating/list/0/type
		no schemaVersion
		two of one title
	END
}

@test "the alerts and contact points are as Grafana reads them" {
	need_checkers
	run check_alerts grafana/alerting/*.yaml
	[[ $status -eq 0 && -z $output ]]
}

@test "faults of alerts are found: keys, states, steps, panels, data sources, dollars, receivers" {
	need_checkers
	local faults=0 text edit
	# One fault a file, as a wrong form hides what lies behind it.
	while IFS='|' read -r edit text; do
		faults=$((faults + 1))
		sed -E "$edit" grafana/alerting/rules.yaml >"$BATS_TEST_TMPDIR/$faults-rules.yaml"
		run check_alerts "$BATS_TEST_TMPDIR/$faults-rules.yaml"
		[[ $status -eq 1 && $output == *"$text"* ]] || { echo "$edit: wanted $text, got: $output"; return 1; }
	done <<-'END'
		0,/execErrState/s//executionErrorState/|executionErrorState
		0,/noDataState: OK/s//noDataState: Fine/|noDataState must be equal to one of
		0,/expression: A/s//expression: X/|no step 'X'
		0,/condition: C/s//condition: D/|condition 'D' is no step
		0,/panelId: [0-9]+/s//panelId: 99/|no panel 99
		0,/datasourceUid: influxdb-energy/s//datasourceUid: influx/|unknown data source 'influx'
		0,/[{]type: gt/s//{type: gte/|must be equal to one of
		0,/summary: "/s//summary: "$$/|$$ in an annotation
		0,/severity: warning/s//severity: $S/|/severity must be
		0,/uid: energyguard-silent/s//uid: energyguard-limit/|two rules of one uid
	END
	((faults == 10))
	sed '0,/receiver: energyguard/s//receiver: nobody/' grafana/alerting/contact-mail.yaml >"$BATS_TEST_TMPDIR/mail.yaml"
	run check_alerts "$BATS_TEST_TMPDIR/mail.yaml"
	all_found <<<"no contact point 'nobody'"
}
