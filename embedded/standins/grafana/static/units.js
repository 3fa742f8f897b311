/** Numbers with Grafana's unit identifiers: https://github.com/grafana/grafana (packages/grafana-data/src/valueFormats). */

const TIME_STEPS = [["ns", 1e-9], ["µs", 1e-6], ["ms", 1e-3], ["s", 1], ["min", 60], ["hour", 3600], ["day", 86400], ["week", 604800]];
const SHORT_STEPS = [["", 1], [" K", 1e3], [" Mil", 1e6], [" Bil", 1e9], [" Tri", 1e12]];
const BYTE_STEPS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"].map((name, power) => [name, 1024 ** power]);
const RATE_STEPS = [["", 1], ["K", 1e3], ["M", 1e6]];
const TIMES = { ns: 1e-9, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** {text, suffix} of a value; a unit that is not known is written after the number. */
export function format(value, unit = "short") {
  if (value === null || value === undefined) return { text: "–", suffix: "" };
  if (unit in TIMES) return value === 0 ? { text: "0", suffix: ` ${unit}` } : stepped(value * TIMES[unit], TIME_STEPS, " ");
  if (unit === "bytes") return stepped(value, BYTE_STEPS, " ");
  if (unit === "short") return stepped(value, SHORT_STEPS, "");
  if (unit === "percentunit") return { text: plain(value * 100), suffix: "%" };
  if (unit === "percent") return { text: plain(value), suffix: "%" };
  if (unit === "reqps") return rate(value, "req/s");
  return { text: plain(value), suffix: unit === "none" ? "" : ` ${unit}` };
}

/** "12.3 ms" */
export function formatted(value, unit) {
  const { text, suffix } = format(value, unit);
  return text + suffix;
}

function rate(value, name) {
  const { text, suffix } = stepped(value, RATE_STEPS, "");
  return { text, suffix: `${suffix} ${name}` };
}

/** The largest step that the value reaches. */
function stepped(value, steps, gap) {
  const size = Math.abs(value);
  const reached = steps.filter(([, factor]) => size >= factor * (1 - 1e-9));
  const [name, factor] = reached.at(-1) ?? (size === 0 ? steps.find(([, each]) => each === 1) : steps[0]);
  return { text: plain(value / factor), suffix: name ? gap + name : "" };
}

/** Three significant digits, without zeros at the end. */
function plain(value) {
  if (Number.isInteger(value)) return String(value);
  const digits = Math.min(Math.max(2 - Math.floor(Math.log10(Math.abs(value))), 0), 6);
  const text = value.toFixed(digits);
  return (text.includes(".") ? text.replace(/\.?0+$/, "") : text).replace(/^-0$/, "0");
}
