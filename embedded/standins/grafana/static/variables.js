/** A dashboard's variables: what each offers and what is chosen. */
import { ALL } from "./template.js";

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
    variable.values = choose(variable, wanted(definition.name), [definition.current?.value ?? []].flat());
    scope[definition.name] = variable;
  }
  return scope;
}

async function options({ type, datasource, query }, scope, sources, range) {
  if (type !== "query") throw new Error(`variable of type ${type}: the viewer does not know it`);
  const values = await sources.of(datasource).variable(query, scope, range);
  return [...new Set(values)].sort((one, other) => one.localeCompare(other, "en"));
}

/** The address first, then the dashboard's own choice, then All, then the first option. */
function choose(variable, wanted, preset) {
  const known = (value) => variable.options.includes(value) || (value === ALL && variable.includeAll);
  const asked = wanted.map((value) => (value === "All" && variable.includeAll ? ALL : value));
  for (const values of [asked, preset]) {
    const usable = values.filter(known);
    if (usable.length) return usable.includes(ALL) ? [ALL] : variable.multi ? usable : usable.slice(0, 1);
  }
  if (variable.includeAll) return [ALL];
  return variable.options.slice(0, 1);
}
