/** Colours and texts that depend on a value. */
import { color, seriesColor } from "./theme.js";
import { format } from "./units.js";

/** [{from, color}] ascending, in the field's unit; `percentage` steps are parts of min…max. */
export function steps(field) {
  const { mode = "absolute", steps: listed = [] } = field.thresholds ?? {};
  const [min, max] = [field.min ?? 0, field.max ?? 100];
  return listed.map(({ value, color: name }) => ({
    from: value === null || value === undefined ? -Infinity : mode === "percentage" ? min + (value / 100) * (max - min) : value,
    color: color(name),
  }));
}

export function thresholdColor(value, field) {
  const reached = steps(field).filter(({ from }) => value >= from);
  return reached.at(-1)?.color ?? color("green");
}

/** The colour of a series: fixed, by threshold, or the palette's next. */
export function colorOf(series, index, value) {
  const { mode = "palette-classic", fixedColor } = series.field.color ?? {};
  if (mode === "fixed" && fixedColor) return color(fixedColor);
  if (mode === "thresholds" && value !== null) return thresholdColor(value, series.field);
  return seriesColor(index);
}

/** {text, suffix, color}: the value as its mapping, or as its unit, says. */
export function display(value, field) {
  const mapped = mapping(value, field.mappings ?? []);
  if (mapped?.text) return { text: mapped.text, suffix: "", color: mapped.color && color(mapped.color) };
  if (value === null) return { text: field.noValue ?? "No data", suffix: "" };
  return { ...format(value, field.unit, field.decimals), color: mapped?.color && color(mapped.color) };
}

function mapping(value, mappings) {
  for (const { type, options } of mappings) {
    if (type === "value" && options[value] !== undefined) return options[value];
    if (type === "range" && value !== null && value >= (options.from ?? -Infinity) && value <= (options.to ?? Infinity)) return options.result;
    if (type === "special" && ((options.match === "null" || options.match === "null+nan") && value === null)) return options.result;
  }
  return null;
}
