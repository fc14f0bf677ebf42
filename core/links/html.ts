import type { html } from 'hono/html';

/**
 * Returns the text of a page written with `html`, which escapes its values.
 * @throws {TypeError} for a promise among the values, which would make the page asynchronous
 */
export function renderHtml(page: ReturnType<typeof html>): string {
  if (page instanceof Promise) throw new TypeError('a value of the page is a promise');
  return page.toString();
}
