// SPDX-License-Identifier: MIT
// Writes points with InfluxDB's own client library, and says how it went.
// usage: node write.js URL TOKEN
import { InfluxDB, Point } from '@influxdata/influxdb-client'

const [url, token] = process.argv.slice(2)
const api = new InfluxDB({ url, token }).getWriteApi('org', 'bucket', 'ms', {
	maxRetries: 0, gzipThreshold: 100,
	writeFailed: error => console.log(`failed ${error.statusCode} ${error.message}`),
	writeSuccess: lines => console.log(`written ${lines.length}`),
})
const write = async (...points) => {
	api.writePoints(points)
	await api.flush().catch(() => {})
}
const at = ms => new Date(1700000000000 + ms)

await write(new Point('energy').tag('sensor', 'a').floatField('value', 1.5).timestamp(at(1)))
await write(...Array.from({ length: 100 }, (_, i) =>
	new Point('energy').tag('sensor', 'b c').intField('value', i).floatField('power', i / 2).timestamp(at(i))))
await write(new Point('energy').tag('sensor', 'd').stringField('value', 'text').timestamp(at(1)))
await api.close().catch(() => {})
