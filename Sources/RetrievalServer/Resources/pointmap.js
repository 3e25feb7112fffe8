// Points on a canvas that can be moved, zoomed and asked what lies where. Draws only when something changed.

import { pixel, paintSquares } from "/squares.js";

const cellCount = 128; // of the grid that finds what is near the pointer
const near = 10; // pixels

export class PointMap {
  data = null;
  only = null;
  isLassoing = false;
  onHover = () => {};
  onPick = () => {};
  onLasso = () => {};
  #color = () => "#888";
  #view = { scale: 1, x: 0, y: 0 };
  #fit = { scale: 1, x: 0, y: 0 };
  #cells = new Map();
  #groups = []; // of points of one color
  #image = null;
  #isDue = false;
  #drag = null;
  #lasso = null;

  constructor(canvas) {
    this.canvas = canvas;
    new ResizeObserver(() => this.#resize()).observe(canvas);
    canvas.addEventListener("wheel", (event) => { event.preventDefault(); this.zoom(Math.exp(-event.deltaY / 400), this.#local(event)); }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointerleave", () => this.onHover(null));
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  set(data, color) {
    [this.data, this.#color, this.only] = [data, color, null];
    this.#index();
    this.#group();
    this.#resize();
    this.reset();
  }

  isolate(label) {
    this.only = label;
    this.#group();
    this.#draw();
  }

  reset() {
    this.#view = { scale: 1, x: 0, y: 0 };
    this.#draw();
  }

  zoom(factor, [x, y] = [this.canvas.clientWidth / 2, this.canvas.clientHeight / 2]) {
    const scale = Math.min(200, Math.max(0.5, this.#view.scale * factor));
    const change = scale / this.#view.scale;
    this.#view = { scale, x: x - (x - this.#view.x) * change, y: y - (y - this.#view.y) * change };
    this.#draw();
  }

  // Where a point is, in pixels of the page; without one, where 0, 0 is.
  place(point) {
    const x = ((point === null ? 0 : this.data.x[point]) - this.#fit.x) * this.#fit.scale + this.canvas.clientWidth / 2;
    const y = this.canvas.clientHeight / 2 - ((point === null ? 0 : this.data.y[point]) - this.#fit.y) * this.#fit.scale;
    return [x * this.#view.scale + this.#view.x, y * this.#view.scale + this.#view.y];
  }

  #local(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #index() {
    const { x, y } = this.data;
    const bound = (values) => values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
    this.bounds = [bound(x), bound(y)];
    this.#cells = new Map();
    for (let point = 0; point < x.length; point += 1) {
      const key = this.#cell(x[point], y[point]);
      if (!this.#cells.has(key)) this.#cells.set(key, []);
      this.#cells.get(key).push(point);
    }
  }

  // What is not chosen comes first, so that it does not cover what is.
  #group() {
    const dim = "#8883";
    const groups = new Map(this.only === null ? [] : [[dim, []]]);
    for (let point = 0; point < this.data.x.length; point += 1) {
      const color = this.only !== null && this.data.label[point] !== this.only ? dim : this.#color(this.data.label[point]);
      if (!groups.has(color)) groups.set(color, []);
      groups.get(color).push(point);
    }
    this.#groups = [...groups].map(([color, points]) => ({
      pixel: pixel(color), x: Float64Array.from(points, (point) => this.data.x[point]), y: Float64Array.from(points, (point) => this.data.y[point]),
    }));
  }

  #cell(x, y) {
    const place = (value, [low, high]) => Math.floor(((value - low) / (high - low || 1)) * (cellCount - 1));
    return place(x, this.bounds[0]) * cellCount + place(y, this.bounds[1]);
  }

  #resize() {
    const { canvas } = this;
    const ratio = devicePixelRatio || 1;
    [canvas.width, canvas.height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (!this.data) return;
    const [[left, right], [low, high]] = this.bounds;
    this.#fit = { scale: 0.92 * Math.min(canvas.clientWidth / (right - left || 1), canvas.clientHeight / (high - low || 1)), x: (left + right) / 2, y: (low + high) / 2 };
    this.#draw();
  }

  #draw() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => { this.#isDue = false; this.#paint(); });
  }

  #paint() {
    const { canvas } = this;
    const context = canvas.getContext("2d");
    const ratio = devicePixelRatio || 1;
    if (this.#image?.width !== canvas.width || this.#image?.height !== canvas.height) {
      this.#image = context.createImageData(Math.max(1, canvas.width), Math.max(1, canvas.height));
    }
    this.#image.data.fill(0);
    if (this.data) this.#paintPoints(ratio);
    context.putImageData(this.#image, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (this.#lasso) this.#paintLasso(context);
  }

  #paintPoints(ratio) {
    // Few points are seen better when they are large.
    const least = Math.min(7, Math.max(2, 180 / Math.sqrt(this.data.x.length)));
    const size = Math.round(ratio * Math.min(9, least * Math.sqrt(this.#view.scale)));
    const scale = this.#fit.scale * this.#view.scale * ratio;
    const origin = this.place(null).map((value) => value * ratio);
    for (const group of this.#groups) paintSquares(this.#image, group, { size, scale, origin });
  }

  #paintLasso(context) {
    context.strokeStyle = "#888";
    context.beginPath();
    this.#lasso.forEach(([x, y], place) => (place ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.stroke();
  }

  #nearest([x, y]) {
    if (!this.data) return null;
    const wide = near / (this.#fit.scale * this.#view.scale);
    const [right, up] = this.#toData(x, y);
    let best = null;
    let least = near * near;
    const [cellX, cellY] = this.bounds.map(([low, high]) => (high - low || 1) / (cellCount - 1));
    for (let column = right - wide - cellX; column <= right + wide + cellX; column += cellX) {
      for (let row = up - wide - cellY; row <= up + wide + cellY; row += cellY) {
        for (const point of this.#cells.get(this.#cell(column, row)) ?? []) {
          if (this.only !== null && this.data.label[point] !== this.only) continue;
          const [a, b] = this.place(point);
          const distance = (a - x) ** 2 + (b - y) ** 2;
          if (distance < least) [best, least] = [point, distance];
        }
      }
    }
    return best;
  }

  #toData(x, y) {
    const [a, b] = [(x - this.#view.x) / this.#view.scale, (y - this.#view.y) / this.#view.scale];
    return [(a - this.canvas.clientWidth / 2) / this.#fit.scale + this.#fit.x, (this.canvas.clientHeight / 2 - b) / this.#fit.scale + this.#fit.y];
  }

  #down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    const place = this.#local(event);
    if (this.isLassoing || event.shiftKey) this.#lasso = [place];
    else this.#drag = { place, view: { ...this.#view }, isMoved: false };
  }

  #move(event) {
    const place = this.#local(event);
    if (this.#lasso) {
      this.#lasso.push(place);
      this.#draw();
    } else if (this.#drag) {
      const [dx, dy] = [place[0] - this.#drag.place[0], place[1] - this.#drag.place[1]];
      this.#drag.isMoved ||= Math.hypot(dx, dy) > 4;
      Object.assign(this.#view, { x: this.#drag.view.x + dx, y: this.#drag.view.y + dy });
      this.#draw();
    } else {
      this.onHover(this.#nearest(place));
    }
  }

  #up(event) {
    if (this.#lasso) {
      const lasso = this.#lasso;
      this.#lasso = null;
      this.#draw();
      this.onLasso([...this.data.x.keys()].filter((point) => inside(this.place(point), lasso)));
    } else if (this.#drag && !this.#drag.isMoved) {
      const point = this.#nearest(this.#local(event));
      if (point !== null) this.onPick(point);
    }
    this.#drag = null;
  }

  #key(event) {
    const step = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] }[event.key];
    if (step) {
      event.preventDefault();
      Object.assign(this.#view, { x: this.#view.x + step[0], y: this.#view.y + step[1] });
      this.#draw();
    } else if (event.key === "+") this.zoom(1.3);
    else if (event.key === "-") this.zoom(1 / 1.3);
  }
}

// Whether a point is in a polygon: how often a ray to the right meets its sides.
function inside([x, y], polygon) {
  let isInside = false;
  for (let a = 0, b = polygon.length - 1; a < polygon.length; b = a, a += 1) {
    const [[ax, ay], [bx, by]] = [polygon[a], polygon[b]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) isInside = !isInside;
  }
  return isInside;
}
