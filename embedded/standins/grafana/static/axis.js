/** Round numbers for axes. */
import { clock } from "./time.js";
import { formatted } from "./units.js";

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800];
const SIXTY = { s: 1, ms: 1e-3, m: 60, h: 3600 };

/** {values, texts} for the time axis; `width` in pixels. */
export function timeTicks({ from, to }, width, utc) {
  const seconds = (to - from) / 1000;
  const wanted = Math.max(2, Math.floor(width / 90));
  const step = 1000 * (TIME_STEPS.find((each) => seconds / each <= wanted) ?? TIME_STEPS.at(-1));
  const style = step < 60e3 ? "seconds" : seconds > 86400 ? "days" : "minutes";
  const shift = utc ? 0 : new Date(from).getTimezoneOffset() * 60e3;
  const values = between(Math.ceil((from - shift) / step) * step + shift, to, step);
  return { values, texts: values.map((value) => clock(value, utc, style)) };
}

/** {values, texts, range} for a value axis that shows at least low to high. */
export function valueTicks(low, high, height, unit) {
  const [bottom, top] = low === high ? [Math.min(low, 0), high === 0 ? 1 : Math.max(high, 0) * 1.2] : [low, high];
  const step = roundStep((top - bottom) / Math.max(2, Math.floor(height / 40)), unit);
  const range = [Math.floor(bottom / step + 1e-9) * step, Math.ceil(top / step - 1e-9) * step];
  const values = between(range[0], range[1] + step / 1e6, step).map((value) => Number(value.toPrecision(12)));
  return { values, texts: values.map((value) => formatted(value, unit)), range };
}

function roundStep(rough, unit) {
  if (unit === "bytes" && rough >= 1) return powerStep(rough, 2, [1, 2]);
  if (unit in SIXTY && rough * SIXTY[unit] >= 30) {
    return (TIME_STEPS.find((step) => step >= rough * SIXTY[unit]) ?? rough * SIXTY[unit]) / SIXTY[unit];
  }
  return powerStep(rough, 10, [1, 2, 2.5, 5, 10]);
}

function powerStep(rough, base, multiples) {
  const power = base ** Math.floor(Math.log(rough) / Math.log(base) + 1e-9);
  return power * (multiples.find((multiple) => multiple * power >= rough * (1 - 1e-9)) ?? base);
}

function between(first, last, step) {
  const count = Math.min(Math.floor((last - first) / step), 200);
  return Array.from({ length: Math.max(count + 1, 0) }, (_, index) => first + index * step);
}
