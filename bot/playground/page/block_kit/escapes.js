const CHARACTERS = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

/** `text` as it was before Slack escaped it: three signs, and no others. */
export function unescaped(text) {
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => CHARACTERS[entity]);
}
