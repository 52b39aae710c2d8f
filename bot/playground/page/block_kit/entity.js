// Work Objects: the card under a link, and Slack's own panel beside it.

import { ago } from "./dates.js";
import { isObject, listOf, make } from "./dom.js";
import { drawImageElement } from "./pictures.js";

const FIELDS_ON_A_CARD = 5;
const STATUSES = new Set(["restricted", "internal_error", "not_found", "timeout", "edit_error"]);

/** Its title opens the panel by `context.open()`. */
export function drawEntityCard(entity, context) {
  const { attributes, fields } = partsOf(entity);
  const title = make("button", { type: "button", class: "entity-title" }, titleOf(entity, attributes));
  title.addEventListener("click", () => context.open());
  return make(
    "article",
    { class: "entity-card" },
    ...line("entity-product", attributes.product_name),
    title,
    ...line("entity-about", [attributes.display_type, attributes.display_id].filter(Boolean).join(" · ")),
    ...drawFields(fields.slice(0, FIELDS_ON_A_CARD)),
  );
}

/** All of it, or why there is nothing to see; without both it is still on its way. */
export function drawEntityPanel(metadata, error, context) {
  if (error) {
    return drawError(error, context);
  }
  if (!metadata) {
    return make("div", { class: "entity-panel", "aria-busy": "true", role: "status" }, context.t("loading"));
  }
  const { attributes, fields } = partsOf(metadata);
  return make(
    "div",
    { class: "entity-panel" },
    ...line("entity-product", attributes.product_name),
    make("h3", { class: "entity-title" }, titleOf(metadata, attributes)),
    ...line("entity-about", [attributes.display_type, attributes.display_id].filter(Boolean).join(" · ")),
    ...drawFields(fields),
    ...drawChanged(attributes.metadata_last_modified, context),
  );
}

function drawError(error, context) {
  const status = STATUSES.has(error.status) ? error.status : "internal_error";
  return make(
    "div",
    { class: "entity-panel entity-error", role: "alert" },
    make("h3", { class: "entity-title" }, error.custom_title || context.t(`entity_${status}`)),
    ...line("entity-message", error.custom_message),
  );
}

/** The fields in display_order; those that it does not name come last. */
function partsOf(entity) {
  const payload = isObject(entity?.entity_payload) ? entity.entity_payload : {};
  const order = listOf(payload.display_order);
  const place = (field) => (order.includes(field.key) ? order.indexOf(field.key) : order.length);
  const fields = listOf(payload.custom_fields).filter(isObject);
  return {
    attributes: isObject(payload.attributes) ? payload.attributes : {},
    fields: fields.toSorted((one, other) => place(one) - place(other)),
  };
}

function titleOf(entity, attributes) {
  return attributes.title?.text || entity?.url || "…";
}

function line(name, text) {
  return text ? [make("div", { class: name }, String(text))] : [];
}

function drawFields(fields) {
  if (!fields.length) {
    return [];
  }
  const rows = fields.map((field) =>
    make("div", {}, make("dt", {}, String(field.label ?? field.key ?? "")), make("dd", {}, drawValue(field))),
  );
  return [make("dl", { class: "entity-fields" }, ...rows)];
}

function drawValue({ type, value, image_url: picture, alt_text: alt }) {
  if (type === "slack#/types/image" && picture) {
    return drawImageElement({ image_url: picture, alt_text: alt ?? "" });
  }
  const values = Array.isArray(value) ? value.map((each) => each?.value ?? each) : [value ?? "…"];
  return values.map((each) => (typeof each === "object" ? JSON.stringify(each) : String(each))).join(", ");
}

function drawChanged(epoch, context) {
  const date = new Date(epoch * 1000);
  if (!Number.isFinite(epoch) || Number.isNaN(date.getTime())) {
    return [];
  }
  const time = make("time", { datetime: date.toISOString() }, ago(date, context.locale));
  return [make("div", { class: "entity-changed" }, context.t("last_updated"), " ", time)];
}
