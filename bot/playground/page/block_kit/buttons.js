import { confirmed } from "./confirm.js";
import { make, own } from "./dom.js";
import { safeUrl } from "./links.js";
import { plainOf } from "./text.js";

const STYLES = { primary: " button-primary", danger: " button-danger" };

/** A button; one that opens an address is a link that looks like one, as in Slack. */
export function drawButton(element, { context }) {
  const href = safeUrl(element.url);
  const names = {
    class: `button${own(STYLES, element.style) ?? ""}`,
    "aria-label": element.accessibility_label,
    "data-action-id": element.action_id,
  };
  const node = href
    ? make("a", { ...names, href, target: "_blank", rel: "noopener noreferrer" })
    : make("button", { ...names, type: "button" });
  node.append(plainOf(element.text) || "…");
  node.addEventListener("click", (event) => press(element, href, context, event));
  return node;
}

/** Slack sends buttons that open an address to the app, too. A double press counts once. */
async function press(element, href, context, event) {
  const node = event.currentTarget;
  if (node.ariaBusy) {
    event.preventDefault();
    return;
  }
  node.ariaBusy = "true";
  await pressed(element, href, context, event);
  node.ariaBusy = null;
}

async function pressed(element, href, context, event) {
  if (element.confirm) {
    event.preventDefault();
    if (!(await confirmed(element.confirm, context))) {
      return;
    }
    openUrl(href);
  }
  await context.act({ verb: "click", action_id: element.action_id ?? "", value: element.value ?? null });
}

/** In a new tab, which learns nothing of this one. */
export function openUrl(href) {
  if (href) {
    window.open(href, "_blank", "noopener,noreferrer");
  }
}
