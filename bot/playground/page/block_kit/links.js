import { make } from "./dom.js";

const SAFE = /^(?:https?:\/\/|mailto:|tel:)\S/i;
const LONGEST = 10_000;

/** `text` if it is an address that may be opened; null for anything else. */
export function safeUrl(text) {
  const isSafe = typeof text === "string" && text.length <= LONGEST && SAFE.test(text) && URL.canParse(text);
  return isSafe ? text : null;
}

/** `shown` as a link, or as it is where `url` may not be opened. */
export function drawLink(url, ...shown) {
  const href = safeUrl(url);
  const [tag, attributes] = href ? ["a", { href, target: "_blank", rel: "noopener noreferrer" }] : ["span", {}];
  return make(tag, attributes, ...shown);
}

/** Where this page gets the picture that Slack would fetch from `url`. */
export function pictureUrl(url) {
  return `/picture?url=${encodeURIComponent(url)}`;
}
