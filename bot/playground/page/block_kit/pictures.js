import { make } from "./dom.js";
import { drawLink, pictureUrl } from "./links.js";
import { drawText, plainOf } from "./text.js";

export function drawImage(block, context) {
  const figure = make("figure", {}, drawImageElement(block));
  if (block.title) {
    figure.append(make("figcaption", {}, drawText(block.title, context)));
  }
  return figure;
}

/** Slack loads pictures itself; one that was uploaded to Slack is not there to load. */
export function drawImageElement(element) {
  const url = element.image_url;
  if (typeof url !== "string") {
    return make("span", { class: "no-picture" }, plainOf(element.alt_text));
  }
  return make("img", { src: pictureUrl(url), alt: plainOf(element.alt_text) });
}

export function drawVideo(block, context) {
  const title = plainOf(block.title) || plainOf(block.alt_text);
  const picture = { image_url: block.thumbnail_url, alt_text: block.alt_text ?? title };
  const figure = make("figure", {}, make("b", {}, drawLink(block.title_url ?? block.video_url, title)));
  if (block.description) {
    figure.append(make("div", {}, drawText(block.description, context)));
  }
  figure.append(drawImageElement(picture));
  return figure;
}
