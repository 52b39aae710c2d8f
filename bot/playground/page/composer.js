// The message box.

import { make, uniqueId } from "./dom.js";

const COMMAND = "/customer";

/** `name` tells boxes apart, `box` is what its label says, `thread` the ts of the message that is replied to. */
export function drawComposer(app, { name, box, thread }) {
  const text = make("textarea", { id: name, class: "box", rows: "1", placeholder: box, "aria-label": box, "data-name": name });
  const hint = drawHint(app, text);
  const status = make("span", { class: "sending", role: "status" });
  const send = make("button", { type: "submit", class: "send", "aria-label": app.t("send"), title: app.t("send") }, "➤");
  const row = make("div", { class: "row" }, ...shortcuts(app, thread), status, send);
  const form = make("form", { class: "composer", autocomplete: "off" }, hint, text, row);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say(app, text, thread, status);
  });
  text.addEventListener("input", () => (hint.hidden = !wantsHint(text.value)));
  text.addEventListener("keydown", (event) => onKey(event, text, form));
  return form;
}

/** The global shortcut: it knows no channel and no thread. */
function shortcuts(app, thread) {
  if (thread) {
    return [];
  }
  const find = make("button", { type: "button", class: "shortcut", "data-name": "find" }, "⚡ ", app.t("find"));
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
  text.value = `${COMMAND} `;
  text.dispatchEvent(new Event("input"));
  text.focus();
}

/** Enter sends, but for one that ends the composition of a character. */
function onKey(event, text, form) {
  if (event.isComposing || event.shiftKey || (event.key !== "Enter" && event.key !== "Tab")) {
    return;
  }
  if (wantsHint(text.value)) {
    event.preventDefault();
    complete(text);
  } else if (event.key === "Enter") {
    event.preventDefault();
    form.requestSubmit();
  }
}

async function say(app, box, thread, status) {
  const text = box.value.trim();
  if (!text) {
    return;
  }
  box.value = "";
  status.textContent = app.t("sending");
  const said = await app.post("say", { channel: app.view.channel, text, thread_ts: thread });
  status.textContent = "";
  if (said === null && box.value === "") {
    box.value = text;
  }
}
