// What stands under a link.

import { drawBody } from "./block_kit/blocks.js";
import { contextAt } from "./context.js";
import { make } from "./block_kit/dom.js";
import { drawEntityCard } from "./block_kit/entity.js";

/** A Work Object is drawn as one; its blocks, which other clients show, stand folded beneath it. */
export function drawUnfurl(app, channel, ts, unfurl) {
  const at = { in: "unfurl", channel, ts, url: unfurl.url };
  const open = () => {
    app.go({ thread: "", pane: "side" });
    app.post("flexpane", { channel, ts, url: unfurl.url });
  };
  const context = contextAt(app, at, { open, channel });
  const body = drawBody(unfurl, context);
  if (!unfurl.entity) {
    return make("div", { class: "unfurl bar" }, body);
  }
  const folded = make("details", {}, make("summary", {}, app.t("as_blocks")), make("div", { class: "bar" }, body));
  return make("div", { class: "unfurl" }, drawEntityCard(unfurl.entity, context), folded);
}
