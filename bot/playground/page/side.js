// The right of Slack's window: a thread, or the panel beside a Work Object.

import { drawComposer } from "./composer.js";
import { contextAt } from "./context.js";
import { make } from "./block_kit/dom.js";
import { drawEntityPanel } from "./block_kit/entity.js";
import { bookmark } from "./focus.js";
import { icon } from "./icons.js";
import { drawOnlyYou } from "./message.js";
import { drawThread } from "./messages.js";
import { redraw } from "./redraw.js";

const TYPED = "#main :is(textarea, input)";
/** A keyboard on the screen would cover what was opened. */
const HAS_MOUSE = matchMedia("(hover: hover)");

/** What stands there: undefined before the first drawing. */
let before;
/** Gives the focus back to what had it before this was opened. */
let giveBack = () => {};

export function drawSide(app) {
  const side = document.getElementById("side");
  const shown = what(app);
  const hadFocus = side.contains(document.activeElement);
  if (shown && !before) {
    giveBack = bookmark();
  }
  side.hidden = shown === "";
  document.getElementById("slack").dataset.pane = app.view.pane === "side" && !shown ? "main" : app.view.pane;
  if (shown === "thread") {
    showThread(app, side);
  } else if (shown === "flexpane") {
    showFlexpane(app, side);
  } else {
    redraw(side, null, () => []);
  }
  const key = shown && JSON.stringify([app.me.id, shown, app.view.thread]);
  if (before !== undefined && key !== before) {
    moveFocus(side, shown, hadFocus);
  }
  before = key;
}

/** Into what was opened, unless the person types or is elsewhere; and back once it is closed. */
function moveFocus(side, shown, hadFocus) {
  const { activeElement } = document;
  if (!shown && hadFocus) {
    giveBack();
  } else if (shown && document.getElementById("slack").contains(activeElement) && !activeElement.matches(TYPED)) {
    side.querySelector(shown === "flexpane" ? ".flexpane" : HAS_MOUSE.matches ? ".box" : ".messages").focus({ preventScroll: true });
  }
}

function what({ screen, view }) {
  const thread = screen.messages[view.channel]?.some((message) => message.ts === view.thread);
  return thread ? "thread" : screen.flexpane ? "flexpane" : "";
}

function showThread(app, side) {
  const { view, me, t } = app;
  const leave = () => app.go({ thread: "", pane: "main" });
  redraw(side, ["thread", view.channel, view.thread, me.id, me.locale, app.screen.world], () => [
    head(app, t("thread"), leave),
    make("div", { class: "messages", role: "log", tabindex: "0", "aria-label": t("thread") }),
    drawComposer(app, { name: "reply-box", box: t("reply_box"), thread: view.thread }),
  ]);
  drawThread(app, side.querySelector(".messages"));
}

function showFlexpane(app, side) {
  const { flexpane } = app.screen;
  const leave = () => {
    app.post("close_flexpane");
    app.go({ pane: "main" });
  };
  const panel = () => drawEntityPanel(flexpane.metadata, flexpane.error, contextAt(app, { in: "flexpane" }));
  redraw(side, ["flexpane", flexpane, app.me.id, app.me.locale], () => [
    head(app, app.t("details_panel"), leave),
    make("div", { class: "flexpane", tabindex: "0" }, drawOnlyYou(app.t), panel()),
  ]);
}

function head(app, name, leave) {
  const close = make("button", { type: "button", class: "close", "aria-label": app.t("close"), "data-name": "close-side" }, icon("close"));
  close.addEventListener("click", leave);
  document.getElementById("side").setAttribute("aria-label", name);
  return make("header", { class: "head" }, make("h2", {}, name), close);
}
