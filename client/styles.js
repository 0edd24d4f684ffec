// @ts-check
/** The styles of a shadow root, each from a file beside the module that names it. */

/** What does not come is said, not worn: a card without its looks still tells of its job.
 * @param {URL} url   written as `new URL("./…", import.meta.url)`, by which bundlers find the file */
export async function styles(url) {
  const sheet = new CSSStyleSheet();
  const text = await read(url).catch(() => null);
  if (text === null) console.warn(`Pressroom: no style sheet at ${url}`);
  else sheet.replaceSync(text);

  return sheet;
}

/** Vite's dev server sends a module to who does not ask for CSS; others a page for a file they lack.
 * @param {URL} url */
async function read(url) {
  const answer = await fetch(url, { headers: { Accept: "text/css" } });
  const isStyle = answer.headers.get("Content-Type")?.startsWith("text/css");

  return answer.ok && isStyle ? answer.text() : null;
}
