// What is looked at, and how: kept in the page's address, so that it outlives a reload and can be linked to.

/** Who one is at first. */
export const DEFAULT_PERSON = "U0SALES";

const DEFAULTS = {
  person: DEFAULT_PERSON,
  channel: "C0GENERAL",
  thread: "",
  width: "desk",
  theme: "auto",
  json: "",
};

/** In place of a channel. */
export const HOME = "home";

export function viewInUrl() {
  const asked = Object.fromEntries(new URLSearchParams(location.search));
  const kept = Object.keys(DEFAULTS).map((name) => [name, asked[name] ?? DEFAULTS[name]]);
  return { ...Object.fromEntries(kept), pane: "main" };
}

export function putInUrl(view) {
  const changed = Object.keys(DEFAULTS).filter((name) => view[name] !== DEFAULTS[name]);
  const query = new URLSearchParams(changed.map((name) => [name, view[name]]));
  history.replaceState(null, "", changed.length ? `?${query}` : location.pathname);
}
