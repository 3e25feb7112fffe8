// A curve as SVG, with the value of the epoch that is pointed at.

import { drawing, element } from "/dom.js";

const [width, height, left, bottom, top] = [640, 240, 64, 28, 28];

export function chart(points, name, best) {
  if (points.length < 1) return element("p", {}, "Nothing yet.");
  const [xs, ys] = [points.map((point) => point[0]), points.map((point) => point[1])];
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const [first, last] = [Math.min(...xs), Math.max(...xs, Math.min(...xs) + 1)];
  const x = (value) => left + ((value - first) / (last - first)) * (width - left - 12);
  const y = (value) => height - bottom - ((value - low) / (high - low || 1)) * (height - bottom - top);
  const made = drawing("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${name} from ${ys[0].toFixed(4)} to ${ys.at(-1).toFixed(4)}` });
  for (const part of [0, 0.5, 1]) {
    const value = low + part * (high - low);
    made.append(drawing("line", { class: "axis", x1: left, x2: width - 12, y1: y(value), y2: y(value) }), text(left - 6, y(value) + 4, value.toFixed(4), "end"));
  }
  for (const value of new Set([first, Math.round((first + last) / 2), last])) made.append(text(x(value), height - 8, `${value}`, "middle"));
  made.append(drawing("path", { d: points.map(([a, b], place) => `${place ? "L" : "M"}${x(a)} ${y(b)}`).join("") }));
  const mark = points.find((point) => point[0] === best);
  if (mark) made.append(drawing("circle", { cx: x(mark[0]), cy: y(mark[1]), r: 5 }), text(x(mark[0]), y(mark[1]) - 9, "best", "middle"));
  follow(made, points, x, y);
  return made;
}

function text(x, y, value, anchor) {
  return drawing("text", { x, y, "text-anchor": anchor }, value);
}

function follow(made, points, x, y) {
  const [dot, note] = [drawing("circle", { r: 4, visibility: "hidden" }), drawing("text", { y: top + 4, x: width - 16, "text-anchor": "end" })];
  made.append(dot, note);
  made.addEventListener("pointermove", (event) => {
    const box = made.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * width;
    const near = points.reduce((a, b) => (Math.abs(x(b[0]) - place) < Math.abs(x(a[0]) - place) ? b : a));
    dot.setAttribute("cx", x(near[0]));
    dot.setAttribute("cy", y(near[1]));
    dot.setAttribute("visibility", "visible");
    note.textContent = `epoch ${near[0]}: ${near[1].toFixed(4)}`;
  });
}
