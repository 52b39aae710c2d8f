// The message box.

import { make, uniqueId } from "./block_kit/dom.js";
import { icon } from "./icons.js";

const COMMAND = "/customer";

/** `name` tells boxes apart, `box` is what its label says, `thread` the ts of the message that is replied to. */
export function drawComposer(app, { name, box, thread }) {
  const key = JSON.stringify([app.me.id, app.view.channel, thread]);
  const text = make("textarea", { id: name, class: "box", rows: "1", placeholder: box, "aria-label": box, "data-name": name });
  const hint = drawHint(app, text);
  const status = make("span", { class: "sending", role: "status" });
  const send = make("button", { type: "submit", class: "send", "aria-label": app.t("send"), title: app.t("send") }, icon("send"));
  const row = make("div", { class: "row" }, ...shortcuts(app, thread), status, send);
  const form = make("form", { class: "composer", autocomplete: "off" }, hint, text, row);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say(app, text, { key, thread, status });
  });
  text.value = app.drafts.get(key) ?? "";
  text.addEventListener("input", () => {
    app.drafts.set(key, text.value);
    hint.hidden = !wantsHint(text.value);
  });
  text.addEventListener("keydown", (event) => onKey(event, text, form, hint));
  return form;
}

/** The global shortcut: it knows no channel and no thread. */
function shortcuts(app, thread) {
  if (thread) {
    return [];
  }
  const find = make("button", { type: "button", class: "shortcut", "data-name": "find" }, icon("bolt"), app.t("find"));
  find.addEventListener("click", () => app.post("global_shortcut"));
  return [find];
}

function drawHint(app, text) {
  const id = uniqueId();
  const hint = make("button", { type: "button", id, class: "hint", hidden: true });
  hint.append(make("b", {}, COMMAND), ` ${app.t("command_hint")}`);
  hint.addEventListener("click", () => complete(text));
  return hint;
}

function wantsHint(typed) {
  return typed !== "" && typed !== COMMAND && COMMAND.startsWith(typed);
}

function complete(text) {
  write(text, `${COMMAND} `);
  text.focus();
}

/** Enter sends, but for one that ends the composition of a character. */
function onKey(event, text, form, hint) {
  if (event.key === "Escape") {
    hint.hidden = true;
  }
  if (event.isComposing || event.shiftKey || (event.key !== "Enter" && event.key !== "Tab")) {
    return;
  }
  if (!hint.hidden) {
    event.preventDefault();
    complete(text);
  } else if (event.key === "Enter") {
    event.preventDefault();
    form.requestSubmit();
  }
}

async function say(app, box, { key, thread, status }) {
  const text = box.value.trim();
  if (!text) {
    return;
  }
  write(box, "");
  status.textContent = app.t("sending");
  const said = await app.post("say", { channel: app.view.channel, text, thread_ts: thread });
  status.textContent = "";
  if (said === null && !app.drafts.get(key)) {
    write(box, text);
  }
}

/** As if it were typed. */
export function write(box, text) {
  box.value = text;
  box.dispatchEvent(new Event("input"));
}
