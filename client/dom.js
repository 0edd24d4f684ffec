// @ts-check
/** Elements without markup: text can never become HTML, whatever a job's title says. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [properties] DOM properties; `aria-*`, `data-*`, `role` attributes
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(node, name, value);
  node.append(...children.filter(isNode));

  return node;
}

/** Set an attribute, or take it away with null.
 * @param {Element} node @param {string} name @param {string | null} value */
export function attribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Change text only when it differs, so that a selection in it survives.
 * @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @param {HTMLElement} node @param {string} name @param {any} value */
function set(node, name, value) {
  if (/^(aria-|data-|role$|for$|dir$|popovertarget$)/.test(name)) attribute(node, name, value);
  else Object.assign(node, { [name]: value });
}

/** @param {Node | string | null | undefined | false} child @returns {child is Node | string} */
function isNode(child) {
  return child instanceof Node || Boolean(child);
}
