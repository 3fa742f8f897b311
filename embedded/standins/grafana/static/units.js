/** Numbers with Grafana's unit identifiers: https://github.com/grafana/grafana (packages/grafana-data/src/valueFormats). */

const SECOND = 1;
const TIME_STEPS = [["ns", 1e-9], ["µs", 1e-6], ["ms", 1e-3], ["s", SECOND], ["min", 60], ["hour", 3600], ["day", 86400], ["week", 604800]];
const SHORT_STEPS = [["", 1], [" K", 1e3], [" Mil", 1e6], [" Bil", 1e9], [" Tri", 1e12]];

const TIMES = { ns: 1e-9, µs: 1e-6, us: 1e-6, "μs": 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86400 };
const BINARY = { bytes: "B", kbytes: "B", mbytes: "B", gbytes: "B", bits: "b", binBps: "B/s", binbps: "b/s" };
const BINARY_SCALE = { kbytes: 1024, mbytes: 1024 ** 2, gbytes: 1024 ** 3 };
const DECIMAL = { decbytes: "B", decbits: "b", Bps: "B/s", bps: "b/s", hertz: "Hz", si: "" };
const RATES = { cps: "c/s", ops: "ops/s", reqps: "req/s", rps: "rd/s", wps: "wr/s", iops: "io/s", mps: "msg/s", eps: "evt/s", cpm: "c/min", opm: "ops/min", reqpm: "req/min" };
const PLAIN = { none: "", "": "", locale: "", celsius: " °C", percent: "%" };

/** {text, suffix} of a value; `decimals` undefined means as many as three digits need. */
export function format(value, unit = "short", decimals = undefined) {
  if (value === null || value === undefined || Number.isNaN(value)) return { text: "–", suffix: "" };
  if (!Number.isFinite(value)) return { text: value > 0 ? "+∞" : "−∞", suffix: "" };
  if (unit.startsWith("suffix:")) return { ...plain(value, decimals), suffix: ` ${unit.slice(7).trim()}` };
  if (unit.startsWith("prefix:")) return prefixed(value, unit.slice(7), decimals);
  if (unit === "bool") return { text: value ? "True" : "False", suffix: "" };
  if (unit === "bool_yes_no") return { text: value ? "Yes" : "No", suffix: "" };
  if (unit === "bool_on_off") return { text: value ? "On" : "Off", suffix: "" };
  return numeric(value, unit, decimals);
}

/** "12.3 ms" */
export function formatted(value, unit, decimals) {
  const { text, suffix } = format(value, unit, decimals);
  return text + suffix;
}

function numeric(value, unit, decimals) {
  if (unit === "percentunit") return { ...plain(value * 100, decimals), suffix: "%" };
  if (unit in TIMES) return value === 0 ? { text: "0", suffix: ` ${unit}` } : stepped(value * TIMES[unit], TIME_STEPS, decimals, " ");
  if (unit in BINARY) return stepped(value * (BINARY_SCALE[unit] ?? 1), powers(1024, "i", BINARY[unit]), decimals, " ");
  if (unit in DECIMAL) return stepped(value, powers(1000, "", DECIMAL[unit]), decimals, " ");
  if (unit === "short") return stepped(value, SHORT_STEPS, decimals, "");
  if (unit in RATES) return rate(value, RATES[unit], decimals);
  if (unit in PLAIN) return { ...plain(value, decimals), suffix: PLAIN[unit] };
  return { ...plain(value, decimals), suffix: ` ${unit}` };
}

function rate(value, name, decimals) {
  const { text, suffix } = stepped(value, [["", 1], ["K", 1e3], ["M", 1e6]], decimals, "");
  return { text, suffix: `${suffix} ${name}` };
}

function prefixed(value, prefix, decimals) {
  return { text: prefix + plain(value, decimals).text, suffix: "" };
}

function powers(base, infix, name) {
  return ["", "K", "M", "G", "T", "P"].map((letter, power) => [letter ? `${letter}${infix}${name}` : name, base ** power]);
}

/** The largest step that the value reaches. */
function stepped(value, steps, decimals, gap) {
  const size = Math.abs(value);
  const reached = steps.filter(([, factor]) => size >= factor * (1 - 1e-9));
  const smallest = size === 0 ? (steps.find(([, factor]) => factor === 1) ?? steps[0]) : steps[0];
  const [name, factor] = reached.at(-1) ?? smallest;
  return { ...plain(value / factor, decimals), suffix: name ? gap + name : "" };
}

function plain(value, decimals) {
  return { text: rounded(value, decimals ?? digitsAfterPoint(value)), suffix: "" };
}

function rounded(value, decimals) {
  const text = value.toFixed(Math.min(Math.max(decimals, 0), 10));
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}

/** Three significant digits, without zeros at the end. */
function digitsAfterPoint(value) {
  if (value === 0 || Number.isInteger(value)) return 0;
  const needed = Math.min(Math.max(2 - Math.floor(Math.log10(Math.abs(value))), 0), 6);
  const text = value.toFixed(needed).replace(/\.?0+$/, "");
  return (text.split(".")[1] ?? "").length;
}
