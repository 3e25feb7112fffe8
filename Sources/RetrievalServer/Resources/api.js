// Asks the server. A token comes with the address once and stays in this tab.

const parameters = new URLSearchParams(location.search);
if (parameters.has("token")) {
  sessionStorage.setItem("token", parameters.get("token"));
  history.replaceState(null, "", location.pathname + location.hash);
}
const token = sessionStorage.getItem("token");
const headers = token ? { Authorization: `Bearer ${token}` } : {};

class ServerError extends Error {
  constructor(answer) {
    super(answer.message);
    this.remedy = answer.remedy;
  }
}

export async function ask(path, options = {}) {
  const answer = await fetch(`/api/v1/${path}`, { ...options, headers: { ...headers, ...options.headers } });
  const value = await answer.json();
  if (!answer.ok) throw new ServerError(value.error);
  return value;
}

export const post = (path, body) => ask(path, { method: "POST", body, headers: { "Content-Type": "application/octet-stream" } });

export function query(values) {
  const found = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    for (const one of [value].flat()) if (one !== null && one !== undefined && one !== "") found.append(key, one);
  }
  return found.toString();
}

// Without a token the browser loads and keeps the picture itself; an <img> cannot bring a header.
export async function loadThumbnail(image, id, side = 160) {
  const address = `/api/v1/pictures/${id}/thumbnail?side=${side}`;
  if (!token) {
    image.src = address;
    return;
  }
  const answer = await fetch(address, { headers });
  if (!answer.ok) return image.dispatchEvent(new Event("error"));
  image.src = URL.createObjectURL(await answer.blob());
  image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
}
