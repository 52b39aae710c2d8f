// Drawing only what has changed, so that focus, open menus, scrolling and selections outlive what happens elsewhere.

import { focusIn } from "./focus.js";

const NEAR_PX = 80;
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
  const keys = new Set(items.map((item) => item.key));
  for (const node of [...list.children].filter((child) => !keys.has(child.dataset.key))) {
    node.remove(); // first, so that those behind it stay where they are: what is moved loses its focus
  }
  const before = new Map([...list.children].map((node) => [node.dataset.key, node]));
  items.forEach((item, place) => {
    const node = kept(before.get(item.key), item) ?? replaced(before.get(item.key), item, build);
    if (list.children[place] !== node) {
      list.insertBefore(node, list.children[place] ?? null);
    }
  });
}

function kept(node, item) {
  return node && drawn.get(node) === JSON.stringify(item) ? node : null;
}

function replaced(old, item, build) {
  const node = build(item);
  node.dataset.key = item.key;
  drawn.set(node, JSON.stringify(item));
  if (old) {
    if (old.open) {
      node.open = true; // what was unfolded
    }
    const refocus = focusIn(old);
    old.replaceWith(node);
    refocus(node);
  }
  return node;
}

/** Draws. A `list` scrolled to its end stays there, unless a menu would move away from under them. */
export function stayAtEnd(list, draw) {
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;
  draw();
  if (isAtEnd && !list.querySelector(":popover-open")) {
    list.scrollTop = list.scrollHeight;
  }
}
