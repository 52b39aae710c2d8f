// Drawing only what has changed, so that focus, open menus, scrolling and selections outlive what happens elsewhere.

const drawn = new WeakMap();

/** Fills `container` with what `build` makes of `data`, if that is not what is there already. */
export function redraw(container, data, build) {
  const json = JSON.stringify(data);
  if (drawn.get(container) === json) {
    return false;
  }
  const refocus = focusIn(container);
  container.replaceChildren(...build());
  drawn.set(container, json);
  refocus(container);
  return true;
}

/** Makes the children of `list` those of `items`, in their order; who has not changed stays. `items` have a `key`. */
export function reconcile(list, items, build) {
  const before = new Map([...list.children].map((node) => [node.dataset.key, node]));
  items.forEach((item, place) => {
    const node = kept(before.get(item.key), item) ?? replaced(before.get(item.key), item, build);
    before.delete(item.key);
    if (list.children[place] !== node) {
      list.insertBefore(node, list.children[place] ?? null);
    }
  });
  for (const node of before.values()) {
    node.remove();
  }
}

function kept(node, item) {
  return node && drawn.get(node) === JSON.stringify(item) ? node : null;
}

function replaced(old, item, build) {
  const node = build(item);
  node.dataset.key = item.key;
  drawn.set(node, JSON.stringify(item));
  if (old) {
    const refocus = focusIn(old);
    old.replaceWith(node);
    refocus(node);
  }
  return node;
}

/** What gives the focus back to what has it within `node`, once that was drawn anew. */
export function focusIn(node) {
  const active = document.activeElement;
  const selector = node.contains(active) ? selectorOf(active) : "";
  if (!selector) {
    return () => {};
  }
  const place = [...node.querySelectorAll(selector)].indexOf(active);
  return (anew) => anew.querySelectorAll(selector)[place]?.focus({ preventScroll: true });
}

function selectorOf({ dataset }) {
  for (const name of ["name", "actionId"]) {
    if (dataset[name]) {
      return `[data-${name === "name" ? "name" : "action-id"}="${CSS.escape(dataset[name])}"]`;
    }
  }
  return "";
}
