// Nodes are made here and by textContent alone: what cards say is foreign text.

let ids = 0;

export function uniqueId() {
  ids += 1;
  return `drawn-${ids}`;
}

/** An element. An attribute of null, undefined or false is left out. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children);
  return node;
}

/** What `map` holds under a foreign `key`, which may be called like something that every object has. */
export function own(map, key) {
  return map && Object.hasOwn(map, key) ? map[key] : undefined;
}

export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value) {
  return Array.isArray(value) ? value : [];
}
