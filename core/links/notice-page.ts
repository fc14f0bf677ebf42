import { escapeHtml } from './escape-html.ts';
import { linkPageStyle } from './link-page-style.ts';

/** A small page that says one thing: a link that is gone, or a moment's trouble. */
export function renderNotice(title: string, text: string): string {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width,initial-scale=1">' +
    '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">' +
    `<title>${escapeHtml(title)}</title><style>${linkPageStyle}</style></head>` +
    `<body><main class="notice"><header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p></header></main></body></html>\n`
  );
}
