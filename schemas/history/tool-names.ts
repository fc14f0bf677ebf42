/** Tools whose history can be imported, and what they call themselves. */
const toolNames: Readonly<Record<string, string>> = {
  bitly: 'Bitly',
  dub: 'Dub',
  goatcounter: 'GoatCounter',
  kutt: 'Kutt',
  matomo: 'Matomo',
  plausible: 'Plausible',
  rebrandly: 'Rebrandly',
  shlink: 'Shlink',
  umami: 'Umami',
  yourls: 'YOURLS',
};

/** Returns `Plausible` for `plausible`; an unknown tool by its own name. */
export function toolName(tool: string): string {
  return toolNames[tool] ?? tool;
}
