export interface Layout {
  title: string;
  /** HTML. */
  body: string;
  narrow?: boolean;
  refreshSeconds?: number;
}

/** Renders a page below `/_local/`, without scripts. */
export function layout({ title, body, narrow = false, refreshSeconds }: Layout): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
${refreshSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${refreshSeconds}">`}
<title>${escapeHtml(title)}</title><link rel="icon" href="data:,"><style>${style}</style></head>
<body><header><h1>Hopcount local stack</h1><nav><a href="/_local/">Status</a><a href="/_local/outbox">Outbox</a></nav></header>
<main${narrow ? ' class="narrow"' : ''}>${body}</main></body></html>
`;
}

const style = `
:root{color-scheme:light dark;--bg:#fbfaf8;--card:#fff;--ink:#1d1b18;--soft:#6d675e;--line:#e6e1d8;--good:#1f7a4d;--bad:#b3361f;--warn:#8a5a00;--accent:#2a4fbf}
@media (prefers-color-scheme:dark){:root{--bg:#151412;--card:#1e1c19;--ink:#ece8e1;--soft:#a39c90;--line:#34302a;--good:#5cc792;--bad:#ff8a70;--warn:#e0b050;--accent:#93aeff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
header{display:flex;flex-wrap:wrap;gap:4px 20px;align-items:baseline;padding:18px max(16px,calc(50vw - 540px));border-bottom:1px solid var(--line);background:var(--card)}
header h1{font-size:17px;margin:0;letter-spacing:-.01em}
header nav{display:flex;gap:16px;margin-left:auto}
a{color:var(--accent);text-underline-offset:2px}
main{max-width:1112px;margin:0 auto;padding:16px;display:grid;gap:16px;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));align-items:start}
main>div{display:grid;gap:16px;min-width:0}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;min-width:0}
section.wide{grid-column:1/-1}
h2{font-size:13px;margin:0 0 10px;color:var(--soft);font-weight:600}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th{text-align:right;font-weight:500;color:var(--soft);font-size:12px;padding:0 0 6px 12px;white-space:nowrap}
td{text-align:right;padding:6px 0 6px 10px;border-top:1px solid var(--line);vertical-align:top;white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0;white-space:normal;overflow-wrap:break-word}
small,.soft{color:var(--soft)}
small{display:block;font-size:12px}
.bad{color:var(--bad)}.warn{color:var(--warn)}.good{color:var(--good)}
button{font:inherit;font-size:13px;color:var(--accent);background:none;border:1px solid var(--line);border-radius:6px;padding:5px 10px;min-height:32px;cursor:pointer;white-space:nowrap}
button:hover{border-color:var(--accent)}
button[aria-pressed=true]{background:var(--accent);border-color:var(--accent);color:var(--card)}
button[aria-pressed=true][value]:not([value=working]){background:var(--bad);border-color:var(--bad)}
#outages form{display:grid;grid-template-columns:repeat(4,auto);gap:4px;justify-content:end}
#outages button{padding:5px 8px}
button:focus-visible,a:focus-visible,input:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
form{margin:0}
code,pre{font:13px/1.45 ui-monospace,monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:6px 0 0;padding:10px;background:var(--bg);border-radius:6px;text-align:left}
summary{cursor:pointer}
p{margin:0 0 8px}p:last-child{margin:0}
svg{display:inline-block;vertical-align:middle;max-width:100%}
@media (max-width:480px){#outages form{grid-template-columns:repeat(2,82px)}th,td{padding-left:8px}td svg{width:64px}td small{overflow-wrap:anywhere}}
iframe{width:100%;height:70vh;border:1px solid var(--line);border-radius:6px;background:#fff}
label{display:block;margin:10px 0 4px;font-size:13px;color:var(--soft)}
input{font:inherit;width:100%;padding:8px 10px;border:1px solid var(--line);border-radius:6px;background:var(--bg);color:var(--ink)}
.narrow{max-width:420px;display:block}
`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

const dayMs = 86_400_000;

/** `3 s ago`, `in 12 min` */
export function relative(at: number, now: number): string {
  const distance = Math.abs(now - at);
  const [size, unit] =
    distance < 60_000
      ? [1000, 's']
      : distance < 3_600_000
        ? [60_000, 'min']
        : distance < dayMs
          ? [3_600_000, 'h']
          : [dayMs, 'd'];
  const text = `${Math.round(distance / size)} ${unit}`;
  return at > now ? `in ${text}` : `${text} ago`;
}
