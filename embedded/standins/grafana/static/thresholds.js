/** Limits of a field: the colour that a value has among them, and their lines in a chart. */
import { color } from "./theme.js";

/** [{from, color}] ascending, in the field's unit. */
export function steps(field) {
  return (field.thresholds?.steps ?? []).map(({ value, color: name }) => ({ from: value ?? -Infinity, color: color(name) }));
}

export function thresholdColor(value, field) {
  const reached = steps(field).filter(({ from }) => value >= from);
  return reached.at(-1)?.color ?? color("green");
}

/** The thresholds as dashed lines, where the panel asks for them. */
export function thresholdShapes(field) {
  if (field.custom?.thresholdsStyle?.mode !== "dashed") return [];
  const across = { type: "line", xref: "paper", x0: 0, x1: 1, layer: "above" };
  const limits = steps(field).filter(({ from }) => Number.isFinite(from));
  return limits.map(({ from, color }) => ({ ...across, y0: from, y1: from, line: { color, width: 1.2, dash: "dash" } }));
}
