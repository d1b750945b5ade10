#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The maps that are installed, each against a device made with libmodbus that holds the registers as
# the sources in the head of the map have them.
# shellcheck disable=SC2154 # run sets stderr

bats_require_minimum_version 1.5.0
load ../wait

setup() {
	BIN=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd)
	MAPS=$(cd "$BATS_TEST_DIRNAME/../../scripts/modbus" && pwd)
	PATH=$BIN:$PATH
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir device
	: >device/registers
	"$BIN/tests/modbus_device" device 3>&- &
	PID=$!
	wait_until test -s device/port
}

teardown() {
	kill "$PID" 2>/dev/null || true
}

# The words of floats.
f32() { python3 -c 'import struct, sys
print(*(struct.pack(">f", float(v)).hex(" ", 2) for v in sys.argv[1:]))' "$@"; }

f64() { python3 -c 'import struct, sys
print(*(struct.pack(">d", float(v)).hex(" ", 2) for v in sys.argv[1:]))' "$@"; }

# N registers of 0.
zeros() { printf '0000 %.0s' $(seq "$1"); }

# Whether MAP reads all its values, and these among them: `NAME VALUE` lines of standard input.
reads() { # MAP
	local wanted
	run --separate-stderr timeout 60 eg-modbus --answer 20s --once "$MAPS/$1.map" "127.0.0.1:$(<device/port)"
	[[ $status -eq 0 && -z $stderr ]] || { echo "$1: $status $stderr"; return 1; }
	[[ ${#lines[@]} -eq $(grep -cE '(input|holding|sunspec):' "$MAPS/$1.map") ]] || { echo "$1: $output"; return 1; }
	while IFS= read -r wanted; do
		sed -E 's/:[0-9-]+T[0-9:.]+:/ /' <<<"$output" | grep -qxF "$wanted" ||
			{ printf '%s: no %s in\n%s\n' "$1" "$wanted" "$output"; return 1; }
	done
}

# A SunSpec device: common model, and a model of N registers; words at offsets of it follow.
sunspec() { # MODEL N [OFFSET WORDS]...
	local base=40070 n=$2
	printf '1 holding 40000 5375 6e53 0001 0042 %s\n' "$(zeros 66)"
	printf '1 holding %d %04x %04x %s ffff 0000\n' $base "$1" "$n" "$(zeros "$n")"
	shift 2
	for (( ; $# > 0; )); do
		printf '1 holding %d %s\n' $((base + $1)) "$2"
		shift 2
	done
}

@test "Eastron: SDM120, SDM230 and SDM630" {
	local name
	for name in sdm120 sdm230; do
		{ echo "1 input 0 $(zeros 80)"; echo "1 input 0 $(f32 230.2)"; echo "1 input 12 $(f32 -1500.5)"
			echo "1 input 70 $(f32 49.98 1234.5 7.25)"; } >device/registers
		reads eastron-$name <<-END
			$name/voltage 230.2
			$name/power -1500.5
			$name/frequency 49.98
			$name/import 1234.5
			$name/export 7.25
		END
	done
	{ echo "1 input 0 $(zeros 80)"; echo "1 input 4 $(f32 231.5 1.5)"; echo "1 input 52 $(f32 4210)"
		echo "1 input 70 $(f32 50 9000.5 12)"; } >device/registers
	reads eastron-sdm630 <<-END
		sdm630/voltage_l3 231.5
		sdm630/current_l1 1.5
		sdm630/power 4210
		sdm630/import 9000.5
		sdm630/export 12
	END
}

@test "Carlo Gavazzi: EM24 and EM340, the low word first" {
	{ echo "1 input 0 $(zeros 100)"; echo '1 input 0 08fe 0000'; echo '1 input 40 d8f0 ffff'
		echo '1 input 55 01f4'; echo '1 input 66 0002 0001'; echo '1 input 92 000f 0000'; } >device/registers
	reads carlo-gavazzi-em24 <<-END
		em24/voltage_l1 230.2
		em24/power -1000.0
		em24/frequency 50.0
		em24/import 6553.8
		em24/export 1.5
	END
	{ echo "1 input 0 $(zeros 100)"; echo '1 input 12 05dc 0000'; echo '1 input 40 2710 0000'
		echo '1 input 51 01f4 0002 0001'; echo '1 input 78 000f 0000'; } >device/registers
	reads carlo-gavazzi-em340 <<-END
		em340/current_l1 1.500
		em340/power 1000.0
		em340/frequency 50.0
		em340/import 6553.8
		em340/export 1.5
	END
	! grep -vE ' (1?[0-9])$' device/requests | grep -vE ' 11$' || return 1
}

@test "Janitza UMG: floats, energy in Wh" {
	{ echo "1 holding 19000 $(zeros 100)"; echo "1 holding 19004 $(f32 229.5)"; echo "1 holding 19026 $(f32 -300)"
		echo "1 holding 19050 $(f32 50.02)"; echo "1 holding 19068 $(f32 2500)"; echo "1 holding 19076 $(f32 500)"
	} >device/registers
	reads janitza-umg <<-END
		umg/voltage_l3 229.5
		umg/power -300
		umg/frequency 50.02
		umg/import 2.500
		umg/export 0.500
	END
}

@test "SunSpec: inverters and meters, integers and floats" {
	sunspec 103 50 10 '08fe 08ff 0900 ffff' 14 'fff6 0001' 16 '1388 fffe' 24 '0001 0000 0000' >device/registers
	reads sunspec-inverter <<-END
		inverter/voltage_l1 230.2
		inverter/power -100
		inverter/frequency 50.00
		inverter/energy 65.536
	END
	sunspec 113 60 22 "$(f32 5000.5 50.01)" 32 "$(f32 12000)" >device/registers
	reads sunspec-inverter-float <<-END
		inverter/power 5000.5
		inverter/frequency 50.01
		inverter/energy 12.000
	END
	sunspec 203 105 16 '1388 fffe' 18 'ff9c 0001 0002 0003 0001' 38 '0000 0005' 46 '0000 0007' 54 '0002' >device/registers
	reads sunspec-meter <<-END
		meter/frequency 50.00
		meter/power -1000
		meter/power_l3 30
		meter/export 0.500
		meter/import 0.700
	END
	sunspec 213 124 26 "$(f32 50 -750 1 2 3)" 60 "$(f32 4000)" 68 "$(f32 6000)" >device/registers
	reads sunspec-meter-float <<-END
		meter/frequency 50
		meter/power -750
		meter/power_l3 3
		meter/export 4.000
		meter/import 6.000
	END
}

@test "SMA: by day, and at night, when most is not measured" {
	{ echo '3 holding 30529 0001 0000'; echo '3 holding 30775 0000 0fa0'; echo '3 holding 30783 0000 59ec 0000 59ed 0000 59ee'
		echo '3 holding 30803 0000 1388'; } >device/registers
	reads sma <<-END
		sma/energy 65.536
		sma/power 4000
		sma/voltage_l1 230.20
		sma/frequency 50.00
	END
	{ echo '3 holding 30529 0001 0000'; echo '3 holding 30775 8000 0000'; echo '3 holding 30783 ffff ffff ffff ffff ffff ffff'
		echo '3 holding 30803 ffff ffff'; } >device/registers
	run --separate-stderr timeout 60 eg-modbus --answer 20s --once "$MAPS/sma.map" "127.0.0.1:$(<device/port)"
	[[ $status -eq 0 && $output == sma/energy:*:65.536 ]]
}

@test "Huawei SUN2000 with its meter: drawing is positive" {
	{ echo '1 holding 32064 0000 1388'; echo '1 holding 32069 08fe 08ff 0900'; echo '1 holding 32080 0000 1300'
		echo '1 holding 32085 1388'; echo '1 holding 32087 01c2'; echo '1 holding 32106 0001 0000'
		echo '1 holding 37113 ffff ff9c'; echo '1 holding 37119 0000 0064 0000 00c8'; } >device/registers
	reads huawei-sun2000 <<-END
		sun2000/dc_power 5000
		sun2000/voltage_l1 230.2
		sun2000/power 4864
		sun2000/frequency 50.00
		sun2000/temperature 45.0
		sun2000/energy 655.36
		sun2000/meter_power 100
		sun2000/export 1.00
		sun2000/import 2.00
	END
	# What Huawei writes when nothing was measured.
	{ echo '1 holding 32064 7fff ffff'; echo '1 holding 32080 7fff ffff'; echo '1 holding 32087 7fff'
		echo '1 holding 37113 7fff ffff'; echo '1 holding 37119 7fff ffff 7fff ffff'; } >>device/registers
	run --separate-stderr timeout 60 eg-modbus --answer 20s --once "$MAPS/huawei-sun2000.map" "127.0.0.1:$(<device/port)"
	[[ $status -eq 0 && ${#lines[@]} -eq 5 && $output != *power* ]]
}

@test "ABB B23: a power that is not measured has a value of its own" {
	{ echo "1 holding 23296 $(zeros 48)"; echo '1 holding 23296 0000 08fe'; echo '1 holding 23316 ffff ff9c 7fff ffff'
		echo '1 holding 23340 1388'; echo '1 holding 20480 0000 0000 0001 0000 0000 0000 0000 0019'; } >device/registers
	run --separate-stderr timeout 60 eg-modbus --answer 20s --once "$MAPS/abb-b23.map" "127.0.0.1:$(<device/port)"
	[[ $status -eq 0 && $output != *power_l1* && ${#lines[@]} -eq 12 ]]
	echo '1 holding 23318 0000 0001' >>device/registers
	reads abb-b23 <<-END
		b23/voltage_l1 230.2
		b23/power -1.00
		b23/power_l1 0.01
		b23/frequency 50.00
		b23/import 655.36
		b23/export 0.25
	END
}

@test "Schneider iEM3000: power in kW, energy in Wh" {
	{ echo "1 holding 2999 $(zeros 6)"; echo "1 holding 3027 $(f32 230.5 231 232)"; echo "1 holding 3053 $(f32 1 2 0.5 3.5)"
		echo "1 holding 3109 $(f32 50)"; echo '1 holding 3203 0000 0000 0001 0000 0000 0000 0000 0064'; } >device/registers
	reads schneider-iem3000 <<-END
		iem3000/voltage_l1 230.5
		iem3000/power 3500
		iem3000/frequency 50
		iem3000/import 65.536
		iem3000/export 0.100
	END
}

@test "Siemens PAC2200: energy as f64 in Wh" {
	{ echo "1 holding 1 $(zeros 68)"; echo "1 holding 25 $(f32 100 200 300)"; echo "1 holding 65 $(f32 600 -50)"
		echo "1 holding 801 $(f64 1234567)"; echo "1 holding 809 $(f64 500)"; } >device/registers
	reads siemens-pac2200 <<-END
		pac2200/power_l2 200
		pac2200/power 600
		pac2200/reactive_power -50
		pac2200/import 1234.567
		pac2200/export 0.500
	END
}

@test "Sungrow SG: the low word first; without a meter no meter_power" {
	{ echo '1 input 5003 0002 0001'; echo '1 input 5007 01c2'; echo '1 input 5016 1388 0000'; echo '1 input 5030 1300 0000'
		echo '1 input 5082 ff9c ffff'; echo '1 input 5098 000f 0000'; } >device/registers
	reads sungrow-sg <<-END
		sungrow/energy 65538
		sungrow/temperature 45.0
		sungrow/power 4864
		sungrow/meter_power -100
		sungrow/import 1.5
	END
	echo '1 input 5082 ffff 7fff' >>device/registers
	run --separate-stderr timeout 60 eg-modbus --answer 20s --once "$MAPS/sungrow-sg.map" "127.0.0.1:$(<device/port)"
	[[ $status -eq 0 && $output != *meter_power* ]]
}

@test "Victron GX: the sums of the system, at unit 100" {
	{ echo '100 holding 808 0064 0000 0000 0000 0000 0001'; echo '100 holding 820 ff9c 0001 0002'; echo '100 holding 842 fc18 0055'
		echo '100 holding 850 03e8'; } >device/registers
	reads victron-gx <<-END
		victron/ac_out_solar_l1 100
		victron/grid_power_l1 -100
		victron/battery_power -1000
		victron/battery_soc 85
		victron/dc_solar 1000
	END
}

@test "each map is tested here, and names its source" {
	local map
	for map in "$MAPS"/*.map; do
		grep -q 'Confirmed by ' "$map" || { echo "$map has no source"; return 1; }
		map=$(basename "$map" .map)
		grep -qE "^\s+reads (${map}|${map%-sdm*}-\\\$name) <<" "$BATS_TEST_FILENAME" || { echo "$map has no test"; return 1; }
	done
}
