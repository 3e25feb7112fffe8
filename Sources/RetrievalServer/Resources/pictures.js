// Pictures in a grid; each is a button that searches for it.

import { loadThumbnail } from "/api.js";
import { digits, element, tail } from "/dom.js";

export function thumbnail(id, text, side = 160) {
  const image = element("img", { alt: text, loading: "lazy", width: side, height: side });
  image.addEventListener("error", () => image.replaceWith(element("span", { class: "gone" }, "no picture")), { once: true });
  loadThumbnail(image, id, side);
  return image;
}

export const searchFor = (id) => { location.hash = `search?id=${id}`; };

// A picture, with its rank and score where it was found; `wanted` is the label that would be right.
export function card(picture, { wanted = null, change = null } = {}) {
  const isRight = wanted === null ? null : picture.label === wanted;
  const mark = isRight === null ? null
    : element("span", { class: isRight ? "mark-right" : "mark-wrong", role: "img", "aria-label": isRight ? "label as asked" : "another label" }, isRight ? "✓ " : "✗ ");
  const score = picture.rank ? element("span", {}, `${picture.rank}. `, element("b", {}, digits(picture.score)), change ? ` ${change}` : "") : null;
  return element("li", {},
    element("button", {
      type: "button", class: `card ${isRight === null ? "" : isRight ? "right" : "wrong"}`, title: picture.path,
      onclick: () => searchFor(picture.id),
    }, thumbnail(picture.id, ""), score, element("span", {}, mark, picture.label ?? "no label"), element("small", {}, tail(picture.path))));
}

export function grid(pictures, options = () => ({})) {
  const list = element("ul", { class: "grid" }, pictures.map((picture) => card(picture, options(picture))));
  list.addEventListener("keydown", moveFocus);
  return list;
}

// The arrow keys go from picture to picture, down to the one below.
function moveFocus(event) {
  const cards = [...event.currentTarget.querySelectorAll(".card")];
  const place = cards.indexOf(document.activeElement);
  if (place < 0) return;
  const top = cards[0].getBoundingClientRect().top;
  const columns = Math.max(1, cards.filter((one) => one.getBoundingClientRect().top === top).length);
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  if (step === undefined || !cards[place + step]) return;
  event.preventDefault();
  cards[place + step].focus();
}
