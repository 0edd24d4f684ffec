// @ts-check
/** Addresses of a document's bytes, for places that can send no header: links, pictures, frames. */

/** @typedef {import("./server.js").Server} Server */

/** Turns a path of one artifact into an address that opens it; with a short token of its own
 * where no cookie speaks for the page.
 * @param {Server} server
 * @param {string} artifactId
 * @returns {Promise<(path: string) => string>} */
export async function addresses(server, artifactId) {
  if (!server.token) return (path) => server.url(path);

  const token = await grant(server, artifactId);
  return (path) => `${server.url(path)}${path.includes("?") ? "&" : "?"}token=${encodeURIComponent(token)}`;
}

/** @param {Server} server @param {string} artifactId @returns {Promise<string>} */
async function grant(server, artifactId) {
  const { token } = await server.call("/api/tokens", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ scope: "artifact", artifactId }),
  });

  return token;
}
