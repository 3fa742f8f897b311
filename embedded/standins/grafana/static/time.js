/** Time ranges as dashboards and addresses write them: "now-15m", milliseconds since 1970, ISO 8601. */

const UNITS = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 604800e3 };
export const QUICK = [
  ["now-5m", "Last 5 minutes"], ["now-15m", "Last 15 minutes"], ["now-30m", "Last 30 minutes"],
  ["now-1h", "Last 1 hour"], ["now-3h", "Last 3 hours"], ["now-6h", "Last 6 hours"], ["now-24h", "Last 24 hours"],
];
export const REFRESH = ["", "5s", "10s", "30s", "1m", "5m"];

/** Milliseconds of "10s", "1m30s", "250ms"; NaN if it is no duration. */
export function duration(text) {
  const parts = [...String(text).matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)];
  if (!parts.length || parts.map(([whole]) => whole).join("") !== String(text)) return NaN;
  return parts.reduce((sum, [, number, unit]) => sum + number * (unit === "ms" ? 1 : UNITS[unit]), 0);
}

/** Milliseconds since 1970; NaN if it is no time. */
export function instant(text, now) {
  if (text === "now") return now;
  const ago = /^now-(.+)$/.exec(text);
  if (ago) return now - duration(ago[1]);
  return /^\d{10,}$/.test(text) ? Number(text) : Date.parse(text);
}

/** {from, to} in milliseconds; null if either is no time or they are not in order. */
export function resolve(range, now = Date.now()) {
  const [from, to] = [instant(range.from, now), instant(range.to, now)];
  return from < to ? { from, to } : null;
}

export function describe(range, utc) {
  const quick = QUICK.find(([from]) => from === range.from && range.to === "now");
  if (quick) return quick[1];
  if (range.to === "now" && range.from.startsWith("now-")) return `Last ${range.from.slice(4)}`;
  const resolved = resolve(range);
  if (!resolved) return "No time range";
  return `${clock(resolved.from, utc, "long")} to ${clock(resolved.to, utc, "long")}`;
}

/** "13:45", "13:45:10", "24 Nov 13:45" or "2026-11-24 13:45:10" by what a tick or tooltip needs. */
export function clock(milliseconds, utc, style) {
  const date = new Date(milliseconds);
  const shifted = new Date(milliseconds - (utc ? 0 : date.getTimezoneOffset() * 60e3)).toISOString();
  const [day, time] = [shifted.slice(0, 10), shifted.slice(11, 19)];
  if (style === "seconds") return time;
  if (style === "minutes") return time.slice(0, 5);
  if (style === "days") return `${day.slice(5)} ${time.slice(0, 5)}`;
  return `${day} ${time}`;
}

/** "1m 30s" */
export function durationText(milliseconds) {
  const units = Object.entries(UNITS).reverse();
  const [name, size] = units.find(([, each]) => milliseconds >= each && milliseconds % each === 0) ?? ["ms", 1];
  return `${milliseconds / size}${name}`;
}
