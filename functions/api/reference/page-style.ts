/** Colors are those of the dashboard. Text has a contrast of at least 4.5. */
export const referenceStyle = `:root{color-scheme:light dark;--ground:light-dark(#f6f4ef,#131211);--card:light-dark(#fff,#1c1a18);--sunken:light-dark(#efece5,#252220);--ink:light-dark(#1d1a17,#f2eee8);--soft:light-dark(#655e56,#a89f95);--line:light-dark(#e4dfd6,#322e2a);--accent:light-dark(#a8401a,#f08a5d);--get:light-dark(#1f6a70,#6fc3bf);--change:light-dark(#7a5200,#e3b55c);--remove:light-dark(#a8261a,#ff8a78)}
:root[data-theme=light]{color-scheme:light}:root[data-theme=dark]{color-scheme:dark}
*{box-sizing:border-box}[hidden]{display:none!important}
html{font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;scroll-padding-top:4.5rem;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);overflow-wrap:anywhere}
a{color:var(--accent)}a:focus-visible,summary:focus-visible,button:focus-visible,input:focus-visible,input:focus-visible+label{outline:2px solid var(--accent);outline-offset:2px}
main{max-width:78rem;padding:1.5rem 1rem 4rem;margin:0 auto}
h1,h2,h3,h4{line-height:1.25;margin:0}h1{font-size:1.9rem;letter-spacing:-.02em}h2{font-size:1.4rem;margin-bottom:.75rem}h3{font-size:1.15rem}h4{font-size:.95rem;margin-top:1.4rem}
p{margin:.6rem 0;max-width:46rem}.soft,.type{color:var(--soft)}
section{margin-top:2.75rem}
code,pre{font:.87rem/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
article{border-top:1px solid var(--line);padding:1.75rem 0;display:grid;gap:1rem 2rem;grid-template-columns:minmax(0,1fr)}
.address{font-size:.95rem}.method{font:700 .78rem/1 ui-monospace,monospace;padding:.25rem .4rem;border:1px solid;border-radius:6px;color:var(--change)}.method.get{color:var(--get)}.method.delete{color:var(--remove)}
.fields{list-style:none;margin:.5rem 0 0;padding:0}.fields li{border-top:1px solid var(--line);padding:.55rem 0}.fields li>code{font-weight:650}.fields p{margin:.15rem 0 0}.fields .fields{margin:.5rem 0 0;padding-inline-start:.9rem;border-inline-start:2px solid var(--line)}.type{font-size:.9rem}.type b{color:var(--accent);font-weight:600}
.facts{display:grid;grid-template-columns:minmax(0,1fr);gap:.1rem 1.5rem;margin:.75rem 0 0}.facts dt{font-weight:600}.facts dd{margin:0 0 .7rem;max-width:46rem}
.example{position:relative;background:var(--sunken);border-radius:10px;padding:.4rem .9rem .8rem}.example pre{margin:.5rem 0 0;white-space:pre-wrap}
.example input{position:absolute;opacity:0;pointer-events:none;width:2.75rem;height:2.75rem;margin:0}.example label{display:inline-block;min-height:2.75rem;line-height:2.75rem;padding:0 .35rem;margin-inline-end:.5rem;font-size:.9rem;color:var(--soft);cursor:pointer}.example input:checked+label{color:var(--ink);font-weight:650;box-shadow:inset 0 -2px var(--accent)}
.example:has([value=curl]:checked) .typescript,.example:has([value=typescript]:checked) .curl{display:none}
.example button{position:absolute;top:.4rem;right:.5rem;min-width:2.75rem;min-height:2.75rem;padding:0 .6rem;font:inherit;font-size:.87rem;color:var(--accent);background:none;border:0;border-radius:6px;cursor:pointer}
.example:not(:has(input)){padding-top:2.5rem}
summary{cursor:pointer;min-height:2.75rem;line-height:2.75rem}.code details{margin-top:.75rem}.code summary{font-size:.95rem;color:var(--soft)}
nav{background:var(--card);border-bottom:1px solid var(--line);padding:0 1rem;position:sticky;top:0;z-index:1;max-height:100vh;max-height:100dvh;overflow-y:auto}nav summary{font-weight:650}nav ul{list-style:none;margin:0;padding:0}nav b{display:block;margin-top:1rem;font-size:.85rem;color:var(--soft)}nav a{display:block;padding:.65rem 0;line-height:1.4;color:inherit;text-decoration:none}nav a:hover{color:var(--accent);text-decoration:underline}nav p{margin:.25rem 0;font-size:.9rem;color:var(--soft)}
.search{display:block;font-size:.9rem;color:var(--soft)}.search input{display:block;width:100%;min-height:2.75rem;margin-top:.2rem;padding:0 .7rem;font:inherit;font-size:1rem;color:var(--ink);background:var(--ground);border:1px solid var(--soft);border-radius:8px}
@media(min-width:900px){body{display:grid;grid-template-columns:17rem minmax(0,1fr)}html{scroll-padding-top:1rem}nav{border:0;border-inline-end:1px solid var(--line);height:100vh;padding:.75rem 1rem 2rem}nav summary{display:none}nav a{padding:.2rem 0}main{padding:2.5rem 2.5rem 5rem;width:100%}.facts{grid-template-columns:minmax(8rem,max-content) minmax(0,1fr)}}
@media(min-width:1200px){article:has(.code){grid-template-columns:minmax(0,1fr) minmax(0,28rem)}.code{position:sticky;top:1rem;align-self:start}}`;
