// Small drawings beside words; none of them says anything that no word does.

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  back: "M12 4l-6 6 6 6",
  bolt: "M11 2.5L4.5 11.5H9.5L8.5 17.5L15.5 8.5H10.5z",
  bot: "M8.5 3.5a5 5 0 1 0 0 10a5 5 0 0 0 0-10zM12.2 12.2l4.3 4.3",
  close: "M5 5l10 10M15 5L5 15",
  eye: "M2 10s3-5 8-5s8 5 8 5s-3 5-8 5s-8-5-8-5zM10 7.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5z",
  hash: "M8 3L6 17M14 3l-2 14M3.5 7.5h14M2.5 12.5h14",
  person: "M10 3a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0-7zM3.5 17c0-3.5 3-5 6.5-5s6.5 1.5 6.5 5z",
  send: "M3 3.5l14.5 6.5L3 16.5l2-6.5zM5 10h6",
  shared: "M7.5 4.5L13 10l-5.5 5.5L2 10zM12.5 4.5L18 10l-5.5 5.5",
};

export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 20 20");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  drawing.append(path);
  return drawing;
}
