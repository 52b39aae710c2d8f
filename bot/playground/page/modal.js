// The modal on top of a person's stack. It covers Slack's window alone: the playground's own controls stay in reach.

import { drawBlocks, focusFirstInput, valuesOf } from "./block_kit/blocks.js";
import { contextAt } from "./context.js";
import { make, uniqueId } from "./block_kit/dom.js";
import { bookmark } from "./focus.js";
import { redraw } from "./redraw.js";
import { plainOf } from "./block_kit/text.js";
import { icon } from "./icons.js";

const BEHIND = ["sidebar", "main", "side"];

/** Gives the focus back to what had it before the first modal. */
let giveBack = () => {};
let shownId = "";
/** Which view is about to be gone. */
let closing = "";

export function drawModal(app) {
  const overlay = document.getElementById("overlay");
  const view = app.screen.modals.at(-1);
  for (const id of BEHIND) {
    document.getElementById(id).inert = Boolean(view);
  }
  if (view) {
    show(app, overlay, view);
  } else {
    hide(overlay);
  }
}

function show(app, overlay, view) {
  const isNew = view.id !== shownId;
  giveBack = shownId ? giveBack : bookmark();
  const body = overlay.querySelector(".modal-body");
  const [typed, scrolled] = isNew || !body ? [{}, 0] : [valuesOf(body), body.scrollTop];
  overlay.hidden = false;
  const depth = app.screen.modals.length;
  const data = [view.id, view.hash, view.errors, depth, app.me.locale];
  if (redraw(overlay, data, () => [draw(app, view, { ...view.state.values, ...typed }, depth)])) {
    overlay.querySelector(".modal-body").scrollTop = scrolled;
  }
  shownId = view.id;
  if (isNew && !document.getElementById("toolbar").contains(document.activeElement)) {
    focus(overlay);
  }
}

function focus(overlay) {
  focusFirstInput(overlay.querySelector(".modal-body"));
  if (!overlay.contains(document.activeElement)) {
    (overlay.querySelector(".modal-foot .button") ?? overlay.querySelector(".modal-body")).focus();
  }
}

function hide(overlay) {
  if (!shownId) {
    return;
  }
  const { activeElement } = document;
  const hadFocus = activeElement === document.body || overlay.contains(activeElement);
  shownId = "";
  overlay.hidden = true;
  redraw(overlay, null, () => []);
  if (hadFocus) {
    giveBack();
  }
}

function draw(app, view, state, depth) {
  const id = uniqueId();
  const body = make("div", { class: "modal-body", tabindex: "0" });
  const more = { state, errors: view.errors };
  body.append(drawBlocks(view.blocks, contextAt(app, { in: "view", view: view.id }, more, () => body)));
  const form = make("form", { novalidate: true, autocomplete: "off" }, head(app, view, id, depth), body, foot(app, view));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(app, view, form);
  });
  const dialog = make("div", { class: "modal", role: "dialog", "aria-labelledby": id, tabindex: "-1" }, form);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) {
      close(app, view);
    }
  });
  return dialog;
}

function head(app, view, id, depth) {
  const back = depth > 1 ? [button(app, view, "back")] : [];
  const avatar = make("span", { class: "avatar avatar-bot", "aria-hidden": "true" }, icon("bot"));
  const title = make("h2", { id }, plainOf(view.title));
  return make("div", { class: "modal-head" }, ...back, avatar, title, button(app, view, "close"));
}

function button(app, view, name) {
  const node = make("button", { type: "button", class: name, "aria-label": app.t(name), "data-name": `modal-${name}` }, icon(name));
  node.addEventListener("click", () => close(app, view));
  return node;
}

function foot(app, view) {
  if (!view.submit) {
    return make("div", { class: "modal-foot", hidden: !view.close }, ...drawClose(app, view));
  }
  const send = make("button", { type: "submit", class: "button button-primary", "data-name": "modal-submit" }, plainOf(view.submit));
  return make("div", { class: "modal-foot" }, ...drawClose(app, view), send);
}

function drawClose(app, view) {
  if (!view.close) {
    return [];
  }
  const node = make("button", { type: "button", class: "button", "data-name": "modal-leave" }, plainOf(view.close));
  node.addEventListener("click", () => close(app, view));
  return [node];
}

/** Once: a second Escape is not meant for the view beneath. */
async function close(app, view) {
  if (closing !== view.id) {
    closing = view.id;
    await app.post("close", { view: view.id });
    closing = "";
  }
}

async function submit(app, view, form) {
  const send = form.querySelector("[type=submit]");
  if (!send || send.ariaDisabled) {
    return;
  }
  const words = send.textContent;
  Object.assign(send, { ariaDisabled: "true", textContent: app.t("submitting") }); // one that is disabled loses the focus
  await app.post("submit", { view: view.id, values: valuesOf(form) });
  Object.assign(send, { ariaDisabled: null, textContent: words });
}
