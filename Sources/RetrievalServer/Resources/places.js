// Points that were computed elsewhere, from a CSV: x, y, and the id or the path of a picture.

export function readPlaces(text, shown) {
  const data = shown.all ?? shown; // a table before may have left some out
  const lines = text.split(/\r?\n/).filter((line) => line !== "").map(fields);
  const names = lines[0].map((name) => name.trim().toLowerCase());
  const [x, y, id, path] = ["x", "y", "id", "path"].map((name) => names.indexOf(name));
  if (x < 0 || y < 0 || (id < 0 && path < 0)) throw new Error("The table needs columns x, y, and id or path.");
  const byId = new Map(data.id.map((one, place) => [one, place]));
  const byPath = new Map(data.path.map((one, place) => [one, place]));
  const made = { all: data, method: "imported", explained: [], labels: data.labels, x: [], y: [], label: [], id: [], path: [] };
  for (const line of lines.slice(1)) {
    const place = (id >= 0 ? byId.get(line[id]?.slice(0, 16)) : undefined) ?? byPath.get(line[path]?.split("/").slice(-2).join("/"));
    const [right, up] = [Number(line[x]), Number(line[y])];
    if (place === undefined || !Number.isFinite(right) || !Number.isFinite(up)) continue;
    made.x.push(right);
    made.y.push(up);
    for (const key of ["label", "id", "path"]) made[key].push(data[key][place]);
  }
  if (!made.x.length) throw new Error("No row of the table is of a picture of the store.");
  return made;
}

// The fields of a line, which may be in quotation marks. Each has a comma before it, so that no match is empty.
function fields(line) {
  return [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((found) => (found[1] ?? found[2]).replaceAll('""', '"'));
}
