// The API's page, drawn from /openapi.json without any other host.

const contract = await (await fetch("/openapi.json")).json();

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** A schema as an example-like sketch: field names with their types. */
function sketch(schema, depth = 0) {
  if (!schema || depth > 6) return "…";
  if (schema.$ref) return sketch(contract.components.schemas[schema.$ref.split("/").pop()], depth + 1);
  if (schema.anyOf) return schema.anyOf.map((each) => sketch(each, depth + 1)).join(" or ");
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  if (schema.type === "array") return `[${sketch(schema.items, depth + 1)}]`;
  if (schema.properties) {
    const inner = "  ".repeat(depth + 1);
    const fields = Object.entries(schema.properties).map(([name, field]) => {
      const optional = (schema.required ?? []).includes(name) ? "" : "?";
      return `${inner}${name}${optional}: ${sketch(field, depth + 1)}`;
    });
    return `{\n${fields.join("\n")}\n${"  ".repeat(depth)}}`;
  }
  return schema.format ? `${schema.type} (${schema.format})` : (schema.type ?? "anything");
}

function section(title, text) {
  return [make("h3", "", title), make("pre", "", text)];
}

function call(path, verb, operation) {
  const inside = make("div", "inside", make("p", "", operation.description ?? operation.summary ?? ""));
  const parameters = (operation.parameters ?? []).map((each) => `${each.name} (${each.in}): ${sketch(each.schema)}`);
  if (parameters.length) inside.append(...section("Parameters", parameters.join("\n")));
  for (const [type, body] of Object.entries(operation.requestBody?.content ?? {})) {
    inside.append(...section(`Body: ${type}`, sketch(body.schema)));
  }
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    const schema = response.content?.["application/json"]?.schema;
    if (status !== "422") inside.append(...section(`Answer ${status}`, schema ? sketch(schema) : response.description));
  }
  const summary = make("summary", "", make("span", "verb", verb.toUpperCase()), make("span", "path", path));
  return make("details", "", summary, inside);
}

const groups = new Map();
for (const [path, verbs] of Object.entries(contract.paths)) {
  for (const [verb, operation] of Object.entries(verbs)) {
    const tag = operation.tags?.[0] ?? "other";
    groups.set(tag, [...(groups.get(tag) ?? []), call(path, verb, operation)]);
  }
}
document.getElementById("title").textContent = `${contract.info.title} ${contract.info.version}`;
for (const part of (contract.info.description ?? "").split("\n\n")) {
  document.getElementById("about").append(make("p", "", part.replaceAll("`", "")));
}
const calls = document.getElementById("calls");
calls.replaceChildren();
for (const [tag, found] of groups) calls.append(make("h2", "", tag), ...found);
