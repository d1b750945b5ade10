#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Flux, dashboards and alerts of the stack: they are what Grafana and InfluxDB take, and each check
# finds a fault that is planted.
# shellcheck disable=SC2154,SC2164,SC2016 # bats sets stderr; cd fails the test; sed and jq expand

bats_require_minimum_version 1.5.0
load stack

need_checkers() {
	if [[ -n ${EG_NO_CHECKERS-} ]]; then
		echo "# WARNING: $EG_NO_CHECKERS: Flux, dashboards and alerts NOT checked" >&3
		skip "$EG_NO_CHECKERS"
	fi
}

check_flux() { node "$CHECKS/check-flux.mjs" "$@"; }

check_dashboards() {
	node "$CHECKS/check-dashboards.mjs" compose/docker-compose.yml grafana/provisioning/datasources/influxdb.yaml "$@"
}

check_alerts() {
	node "$CHECKS/check-alerts.mjs" grafana/provisioning/datasources/influxdb.yaml \
		"${PROVIDERS:-grafana/provisioning/dashboards/energyguard.yaml}" grafana/dashboards "$@"
}

# --- Flux, dashboards, alerts -------------------------------------------------

@test "the packages of the checkers are locked, and the lock file names no registry" {
	run grep -nE '"resolved"' tests/stack/package-lock.json
	[[ $status -eq 1 ]]
	[[ $(grep -c '"integrity"' tests/stack/package-lock.json) -gt 20 ]]
	run grep -E '[\^~*]' tests/stack/package.json
	[[ $status -eq 1 ]]
}

@test "all Flux in dashboards, alerts and tasks is right, also as the set-up changes it" {
	need_checkers
	setup_state
	setup_service 2>/dev/null
	run check_flux grafana/dashboards/*.json grafana/alerting/rules.yaml compose/influxdb/*.flux \
		"$INFLUX_STATE"/*.flux
	[[ $status -eq 0 && -z $output ]]
}

# Changes the Flux of a panel: TITLE, then what to look for and what to put there.
in_panel() {
	jq --arg title "$1" --arg from "$2" --arg to "$3" '(.panels[] | select(.title == $title and .targets) | .targets[0].query) |= sub($from; $to)'
}

@test "faults of Flux are found: syntax, names, types, range, columns, integers, rows, variables" {
	need_checkers
	in_panel "Power now" 'last\(\)' 'lats()' <grafana/dashboards/live.json |
		in_panel "Highest power now" 'top\(n: 8\)' 'top(n: "8")' |
		in_panel "Part of the limit" '\(r\) => \(\{' '(r) => ({{' |
		in_panel "Highest mean of 5 min" '[|]> range\(start: -5m\)\n' '' |
		in_panel "Newest reading" 'r\._time\)\) /' 'r.tiem)) /' |
		in_panel "Readings per second" 'r\._field == "value"' 'r._field == "value" and r._value > 3' |
		in_panel Power 'aggregateWindow[^\n]*' 'yield()' |
		in_panel "Who is silent" '\$\{silent\}' '${slient}' |
		in_panel "Sensors reporting" 'columns: \["sensor"\]' 'columns: ["snesor"]' >"$BATS_TEST_TMPDIR/live.json"
	run check_flux "$BATS_TEST_TMPDIR/live.json"
	all_found <<-'END'
		Power now: A: 5: undefined identifier lats
		Highest power now: A: 10: expected int but found string
		Part of the limit: A: 11: expected RBRACE
		Highest mean of 5 min: A: no range() right behind from(bucket: "energy")
		Newest reading: A: unknown column 'tiem'
		Readings per second: A: 'r._value > 3' compares or mixes a float with 3
		Power: A: up to Infinity rows a series
		Sensors reporting: A: unknown column 'snesor'
		Who is silent: A: 10: undefined identifier slient
	END
	sed '0,/|> keep(/s/|> keep(.*/|> group()/' grafana/alerting/rules.yaml >"$BATS_TEST_TMPDIR/rules.yaml"
	sed '0,/aggregateWindow(every/s//aggregateWindow(evry/' compose/influxdb/energy_1m.flux >"$BATS_TEST_TMPDIR/t.flux"
	run check_flux "$BATS_TEST_TMPDIR/rules.yaml" "$BATS_TEST_TMPDIR/t.flux"
	all_found <<-'END'
		The database does not answer: A: an alert query must end in keep()
		t.flux: 15: found unexpected argument evry
	END
}

@test "the dashboards are as Grafana types them, with descriptions, units and links that lead somewhere" {
	need_checkers
	run check_dashboards grafana/dashboards/*.json
	[[ $status -eq 0 && -z $output ]]
}

@test "faults of dashboards are found: types, units, ids, layout, links, descriptions, sources, variables" {
	need_checkers
	jq 'def panel(title): .panels[] | select(.title == title and .targets);
		panel("Power now").fieldConfg = {} | panel("Power now").fieldConfig.defaults.unit = "wat"
		| .panels[1].id = 1 | .panels[1].gridPos.x = 5 | panel("Energy today").description = ""
		| panel("Power").fieldConfig.defaults.custom.drawStyle = "lines" | panel("Power").options.legend.displayMode = "tabel"
		| panel("Cost today").datasource.uid = "other" | panel("Highest mean of 5 min").gridPos.w = 3
		| panel("Sensors silent").fieldConfig.defaults.thresholds = {mode: "absolut", steps: [{color: "green", value: null}]}
		| panel("Sensors silent").fieldConfig.defaults.noValue = "0"
		| del(panel("Newest reading").fieldConfig.defaults.unit) | panel("Cost today").links[0].url = "/d/nowhere"
		| panel("Power").fieldConfig.defaults.decimals = 0 | panel("Power").fieldConfig.defaults.color.mode = "palette-classic-by-name"
		| panel("Highest power now").targets[0].query += "\n|> group(columns: [\"sensor\"])"
		| panel("Highest power now").options.reduceOptions.values = false
		| del(panel("Who is silent").transformations)
		| (.templating.list[] | select(.name == "limit")) |= (.name = "limt" | .skipUrlSync = false)
		| .links[0].tags = ["nobody"] | .links[1].url = "/d/energyguard-live" | .links[2].title = "This day"
		| .refresh = 5 | .templating.list[0].type = "qury"' grafana/dashboards/live.json >"$BATS_TEST_TMPDIR/live.json"
	jq 'del(.schemaVersion) | .title = "Live"' grafana/dashboards/pipeline.json >"$BATS_TEST_TMPDIR/pipeline.json"
	jq 'def panel(title): .panels[] | select(.title == title and .targets);
		.refresh = "15s" | .timepicker.refresh_intervals[0] = "500ms" | .panels |= map(select(.type != "row"))
		| panel("Mean power by hour and weekday, in kW") |= (.fieldConfig.defaults.custom.width = 56 | .gridPos.h = 8)
		| panel("Sensors").fieldConfig.overrides |=
			map(.properties |= map(select(.id != "fieldMinMax")))' \
		grafana/dashboards/history.json >"$BATS_TEST_TMPDIR/history.json"
	run check_dashboards "$BATS_TEST_TMPDIR/live.json" "$BATS_TEST_TMPDIR/pipeline.json" "$BATS_TEST_TMPDIR/history.json"
	all_found <<-'END'
		"additionalProperty":"fieldConfg"
		Power now: unknown unit 'wat'
		two panels of one id
		Power now and Part of the limit overlap
		Energy today: no description
		FieldConfig/drawStyle
		Options/legend/displayMode
		unknown data source 'other'
		a hole in line 16
		/thresholds/mode
		Newest reading: no unit
		link to an unknown dashboard 'nowhere'
		link to an unused tag 'nobody'
		variable limt is not used
		hidden variable limt goes along in links
		Sensors silent: no value looks like a value: '0'
		Sensors silent: no value has the colour of a value
		Sensors silent: 'green' is too pale for white text
		Power: decimals 0 rounds whole thousands of 'watt'
		Power: two sensors may have one colour
		Highest power now: sorted by name again behind top()
		Highest power now: shows one of the rows of top()
		Who is silent: columns in the order of their names
		Highest mean of 5 min: the title does not fit 3 columns
		link 'Last hour' is no range
		no link 'Today'
		/refresh must be string
		/templating/list/0/type
		no schemaVersion
		two of one title
		never refreshes: '15s'
		refresh '500ms' is below the server's minimum
		no rows that fold
		Mean power by hour and weekday, in kW: 1434 pixels wide
		Mean power by hour and weekday, in kW: seven days do not fit
		Sensors: the bars of kWh are scaled by other columns
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
		0,/noDataState: KeepLast/s//noDataState: OK/|noDataState must be equal to one of
		0,/execErrState: KeepLast/s//execErrState: Error/|execErrState must be equal to one of
		0,/execErrState: KeepLast/s//execErrState: Alerting/|2 rules tell that the database does not answer
		0,/for: 1m/s//for: 5m/|an outage is told after a minute
		0,/[{][{] if .values.B [}][}]/s///|outside of {{ if $values
		0,/__panelId__: "4"/s//__panelId__: "5"/|the link leads elsewhere
		0,/"[$]B > [$]M"/s//"$B > $Z"/|no step 'Z'
		0,/expression: A/s//expression: X/|no step 'X'
		0,/condition: C/s//condition: D/|condition 'D' is no step
		s/(anelId_*: "?)4\b/\199/|no panel 99
		0,/datasourceUid: influxdb-energy/s//datasourceUid: influx/|unknown data source 'influx'
		0,/[{]type: gt/s//{type: gte/|must be equal to one of
		0,/summary: "/s//summary: "$$/|$$ in an annotation
		0,/severity: warning/s//severity: $S/|/severity must be
		0,/uid: energyguard-silent/s//uid: energyguard-limit/|two rules of one uid
	END
	((faults == 16))
	sed '/deleteContactPoints/,$d' grafana/alerting/contact-webhook.yaml >"$BATS_TEST_TMPDIR/webhook.yaml"
	run check_alerts "$BATS_TEST_TMPDIR/webhook.yaml"
	all_found <<-'END'
		energyguard-mail stays as it was
		the policy stays as it was
	END
	sed 's/^    folder:.*/&\n    folderUid: own/' grafana/provisioning/dashboards/energyguard.yaml >"$BATS_TEST_TMPDIR/provider.yaml"
	PROVIDERS=$BATS_TEST_TMPDIR/provider.yaml run check_alerts grafana/alerting/rules.yaml
	all_found <<<"two folders named 'EnergyGuard'"
	sed '0,/receiver: energyguard/s//receiver: nobody/' grafana/alerting/contact-mail.yaml >"$BATS_TEST_TMPDIR/mail.yaml"
	run check_alerts "$BATS_TEST_TMPDIR/mail.yaml"
	all_found <<<"no contact point 'nobody'"
}
