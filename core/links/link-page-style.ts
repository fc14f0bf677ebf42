import { createHash } from 'node:crypto';
import { palettes } from '#schemas/link-page/page-theme.ts';

/** Style of the link page and the notice page. Text has a contrast of at least 4.5. */
export const linkPageStyle = [
  `:root{${palettes.light}}`,
  `@media(prefers-color-scheme:dark){:root{${palettes.dark}}}`,
  '*{box-sizing:border-box}',
  'html{-webkit-text-size-adjust:100%;text-size-adjust:100%}',
  'body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}',
  'main{max-width:36rem;min-height:100vh;min-height:100dvh;margin:0 auto;padding:3rem 1rem 4rem}',
  'header{text-align:center;margin-bottom:2rem}',
  '.mark{width:5rem;height:5rem;margin:0 auto 1rem;border-radius:50%;background:var(--accent);color:var(--on);display:grid;place-items:center;font-size:2.25rem;font-weight:650;line-height:1;overflow:hidden}',
  'img.mark{display:block;object-fit:cover;background:var(--card);box-shadow:0 0 0 3px var(--ground),0 0 0 5px var(--accent)}',
  'h1{font-size:1.5rem;line-height:1.25;letter-spacing:-.01em;margin:0;text-wrap:balance}',
  'header p{margin:.5rem auto 0;max-width:30rem;color:var(--soft);text-wrap:balance}',
  'ul{list-style:none;margin:0;padding:0;display:grid;gap:.75rem}',
  'li a{display:flex;flex-direction:column;justify-content:center;min-height:3.5rem;padding:.875rem 1.25rem;border:1px solid var(--line);border-radius:.875rem;background:var(--card);color:inherit;text-decoration:none;text-align:center;transition:border-color .15s,transform .15s}',
  'li span{font-weight:600;line-height:1.35;text-wrap:balance}',
  'li small{text-wrap:balance;margin-top:.125rem;font-size:.8125rem;color:var(--soft)}',
  '.icons{display:flex;flex-wrap:wrap;justify-content:center;gap:.25rem;margin-top:1rem}',
  '.icons a{width:2.75rem;min-height:2.75rem;padding:0;align-items:center;border-color:transparent;border-radius:50%;background:none;color:var(--accent)}',
  'svg{width:1.5rem;height:1.5rem;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}',
  'h2{margin:2.25rem 0 .75rem;font-size:1.0625rem;line-height:1.35;text-align:center;text-wrap:balance}',
  'li a:hover{border-color:var(--accent)}',
  'li a:active{transform:scale(.99)}',
  'a:focus-visible{outline:3px solid var(--accent);outline-offset:3px}',
  '.empty{text-align:center;color:var(--soft);padding:2.5rem 1rem;border:1px dashed var(--line);border-radius:.875rem}',
  '.notice{padding-top:22vh}',
  '.notice .own{white-space:pre-line}',
  '.notice a{display:inline-block;padding:.75rem 1rem;color:var(--accent);text-underline-offset:.2em}',
  'form{display:grid;gap:.5rem;max-width:20rem;margin:0 auto}',
  'form label{font-weight:600}',
  'form p{margin:0;color:var(--accent)}',
  'form input{min-height:3rem;padding:0 1rem;font:inherit;color:inherit;background:var(--card);border:1px solid var(--soft);border-radius:.75rem;width:100%}',
  'form button{min-height:3rem;margin-top:.5rem;font:inherit;font-weight:600;color:var(--on);background:var(--accent);border:0;border-radius:.75rem;cursor:pointer}',
  ':is(input,button):focus-visible{outline:3px solid var(--accent);outline-offset:3px}',
  '@media(prefers-reduced-motion:reduce){li a{transition:none}li a:active{transform:none}}',
].join('');

const nothingElse = ["base-uri 'none'", "frame-ancestors 'none'"];
/** Hashed once, not for each request. */
const plainSource = sourceOf(linkPageStyle);
const styleOnly = ["default-src 'none'", `style-src ${plainSource}`, ...nothingElse];

/** Allows this style only: no script, image, frame or form. */
export const htmlSecurityPolicy = [...styleOnly, "form-action 'none'"].join('; ');

/** Allows forms, too: Chromium applies `form-action` to the redirects that follow a form, and they lead to any site. */
export const formSecurityPolicy = styleOnly.join('; ');

/** Allows the style of a page's theme, too, and a picture within the page. */
export function designSecurityPolicy({ theme, hasPicture }: { theme: string; hasPicture: boolean }): string {
  return [
    "default-src 'none'",
    `style-src ${plainSource}${theme === '' ? '' : ` ${sourceOf(theme)}`}`,
    ...(hasPicture ? ['img-src data:'] : []),
    ...nothingElse,
    "form-action 'none'",
  ].join('; ');
}

function sourceOf(style: string): string {
  return `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
}
