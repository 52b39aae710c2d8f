// The keyboard focus is never lost, whatever is drawn anew, opened or closed.

const REGIONS = "#main, #side, #sidebar, #toolbar, #traffic, #overlay";
const FALLBACKS = [".modal-body", "#side .messages", "#side .flexpane", "#main .messages", "#main .home", ".entry[aria-current]"];

/** What gives the focus back to what has it within `node`, once that was drawn anew. */
export function focusIn(node) {
  const active = document.activeElement;
  const find = node.contains(active) ? namesake(active, node) : () => undefined;
  return (anew) => find(anew)?.focus({ preventScroll: true });
}

/** What gives the focus back to what has it now, or to what stands in its place by then. */
export function bookmark() {
  const active = document.activeElement;
  const region = active.closest(REGIONS);
  const key = active.closest("[data-key]")?.dataset.key;
  const place = `${region ? `#${region.id}` : "body"}${key ? ` [data-key="${CSS.escape(key)}"]` : ""}`;
  const find = namesake(active, document.querySelector(place));
  return () => {
    const anew = document.querySelector(place);
    const to = [active, anew && find(anew)].find(canHaveFocus);
    to ? to.focus({ preventScroll: true }) : rest(region);
  };
}

/** Draws. If what had the focus is gone afterwards, something near has it. */
export function keepFocus(draw) {
  const had = document.activeElement;
  const region = had.closest(REGIONS);
  draw();
  if (had !== document.body && !canHaveFocus(document.activeElement)) {
    rest(region);
  }
}

function rest(region) {
  const places = FALLBACKS.map((selector) => document.querySelector(selector)).filter(canHaveFocus);
  (places.find((place) => region?.contains(place)) ?? places[0])?.focus({ preventScroll: true });
}

function canHaveFocus(node) {
  return Boolean(node?.isConnected) && node !== document.body && node.checkVisibility() && !node.closest("[inert]");
}

/** What finds, in what was drawn in place of `root`, what `node` was in that. */
function namesake(node, root) {
  const selector = selectorOf(node);
  const place = selector ? [...root.querySelectorAll(selector)].indexOf(node) : -1;
  return (anew) => (place < 0 ? undefined : anew.querySelectorAll(selector)[place]);
}

function selectorOf({ dataset }) {
  if (dataset.name) {
    return `[data-name="${CSS.escape(dataset.name)}"]`;
  }
  return dataset.actionId ? `[data-action-id="${CSS.escape(dataset.actionId)}"]` : "";
}
