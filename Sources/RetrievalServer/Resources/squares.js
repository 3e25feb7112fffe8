// Squares written into a picture's memory: a call of the canvas for each would take several times as long.

// A color of CSS as the four bytes of a pixel.
export function pixel(color) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0];
}

// Paints points of one color into an ImageData: `origin` is where 0, 0 is, y goes up.
export function paintSquares(image, { pixel, x, y }, { size, scale, origin }) {
  const { width, height } = image;
  const pixels = new Uint32Array(image.data.buffer);
  const [originX, originY] = origin.map((value) => value - size / 2);
  for (let point = 0; point < x.length; point += 1) {
    const left = Math.round(originX + x[point] * scale);
    const top = Math.round(originY - y[point] * scale);
    if (left <= -size || left >= width || top <= -size || top >= height) continue;
    const [right, bottom] = [Math.min(width, left + size), Math.min(height, top + size)];
    for (let row = Math.max(0, top); row < bottom; row += 1) pixels.fill(pixel, row * width + Math.max(0, left), row * width + right);
  }
}
