/** A dashboard's variables: what each offers and what is chosen. */
import { ALL, interpolate } from "./template.js";

/**
 * The dashboard's variables with options and values, in order: a later one may use an earlier one.
 * `wanted(name)` gives the values in the address, or [].
 */
export async function load(model, wanted, sources, range) {
  const scope = {};
  for (const definition of model.templating?.list ?? []) {
    const variable = {
      name: definition.name,
      label: definition.label || definition.name,
      type: definition.type,
      hidden: definition.hide === 2 || definition.hide === "hideVariable" || definition.type === "constant",
      multi: Boolean(definition.multi),
      includeAll: Boolean(definition.includeAll),
      allValue: definition.allValue || null,
      options: [],
      error: null,
    };
    try {
      variable.options = await options(definition, scope, sources, range);
    } catch (error) {
      variable.error = error.message;
    }
    variable.values = choose(variable, wanted(definition.name), current(definition));
    scope[definition.name] = variable;
  }
  return scope;
}

async function options(definition, scope, sources, range) {
  const text = typeof definition.query === "object" ? (definition.query?.query ?? "") : (definition.query ?? "");
  switch (definition.type) {
    case "query": {
      const source = sources.of(definition.datasource, scope);
      return arranged(await source.variable(text || definition.definition, scope, range), definition, scope);
    }
    case "custom":
    case "interval":
      return text.split(/(?<!\\),/).map((part) => part.trim().replace(/^.* : /, "").replace(/\\,/g, ",")).filter(Boolean);
    case "datasource":
      return sources.uids(text);
    case "constant":
    case "textbox":
      return [text];
    default:
      throw new Error(`variable of type ${definition.type}: the viewer does not know it`);
  }
}

/** Filtered by the definition's regular expression and sorted as it asks. */
function arranged(values, definition, scope) {
  const pattern = /^\/(.*)\/([a-z]*)$/s.exec(interpolate(definition.regex ?? "", scope));
  const regex = pattern ? new RegExp(pattern[1], pattern[2].replace("g", "")) : definition.regex ? new RegExp(definition.regex) : null;
  const kept = regex ? values.map((value) => regex.exec(value)).filter(Boolean).map((match) => match.groups?.value ?? match[1] ?? match[0]) : values;
  const unique = [...new Set(kept)];
  const numeric = [3, 4].includes(definition.sort);
  if (definition.sort) unique.sort((one, other) => one.localeCompare(other, "en", { numeric, sensitivity: definition.sort > 4 ? "base" : "variant" }));
  return definition.sort && definition.sort % 2 === 0 ? unique.reverse() : unique;
}

function current(definition) {
  return [definition.current?.value ?? []].flat();
}

/** The address first, then the dashboard's own choice, then All, then the first option. */
function choose(variable, wanted, preset) {
  const known = (value) => variable.options.includes(value) || (value === ALL && variable.includeAll);
  const free = variable.type === "textbox";
  const asked = wanted.map((value) => (value === "All" && variable.includeAll ? ALL : value));
  for (const values of [asked, preset]) {
    const usable = values.filter((value) => free || known(value));
    if (usable.length) return usable.includes(ALL) ? [ALL] : variable.multi ? usable : usable.slice(0, 1);
  }
  if (variable.includeAll) return [ALL];
  return variable.options.slice(0, 1);
}
