import { listOf, make } from "./dom.js";
import { drawRichText } from "./rich_text.js";
import { drawText } from "./text.js";

/** In a frame that scrolls by itself, for wide ones and for keyboards. */
export function drawTable(block, context) {
  const rows = listOf(block.rows).map((row, i) => drawRow(listOf(row), i === 0 ? "th" : "td", block, context));
  const table = make("table", {}, ...rows);
  return make("div", { class: "table", role: "region", tabindex: 0, "aria-label": context.t("table") }, table);
}

function drawRow(cells, tag, block, context) {
  const columns = listOf(block.column_settings);
  return make("tr", {}, ...cells.map((cell, i) => drawCell(cell, tag, columns[i]?.align, context)));
}

function drawCell(cell, tag, align, context) {
  const inside = cell?.type === "rich_text" ? drawRichText(cell, context) : drawText(cell, context);
  return make(tag, { class: align === "right" || align === "center" ? `align-${align}` : null }, inside);
}
