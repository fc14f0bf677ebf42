/** An icon of 24 × 24 units, drawn with lines. */
interface Network {
  hosts: readonly string[];
  path: string;
}

const globe =
  'M3 12a9 9 0 1 0 18 0 9 9 0 1 0-18 0zM3 12h18M12 3c2.5 2.5 3.7 5.5 3.7 9s-1.2 6.5-3.7 9c-2.5-2.5-3.7-5.5-3.7-9S9.5 5.5 12 3z';

const networks: readonly Network[] = [
  {
    hosts: ['instagram.com', 'instagr.am'],
    path: 'M8 3h8a5 5 0 0 1 5 5v8a5 5 0 0 1-5 5H8a5 5 0 0 1-5-5V8a5 5 0 0 1 5-5zM8 12a4 4 0 1 0 8 0 4 4 0 1 0-8 0zM17 7v.01',
  },
  {
    hosts: ['youtube.com', 'youtu.be'],
    path: 'M6 5h12a4 4 0 0 1 4 4v6a4 4 0 0 1-4 4H6a4 4 0 0 1-4-4V9a4 4 0 0 1 4-4zM10 9l5 3-5 3z',
  },
  { hosts: ['tiktok.com'], path: 'M13 3v12.5a3.75 3.75 0 1 1-3.75-3.75M13 3c.5 3.2 2.6 5.2 6 5.4' },
  { hosts: ['x.com', 'twitter.com'], path: 'M4 4h4l12 16h-4zM19 4l-6.2 6.8M5 20l6.2-6.8' },
  { hosts: ['facebook.com', 'fb.com', 'fb.me'], path: 'M17 3h-2a4 4 0 0 0-4 4v14M7.5 11.5H16' },
  {
    hosts: ['linkedin.com'],
    path: 'M7 3h10a4 4 0 0 1 4 4v10a4 4 0 0 1-4 4H7a4 4 0 0 1-4-4V7a4 4 0 0 1 4-4zM7.5 11v6M7.5 7.5v.01M11.5 17v-6M11.5 13.5a2.5 2.5 0 0 1 5 0V17',
  },
  {
    hosts: ['threads.net', 'threads.com'],
    path: 'M16 8v5.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-3.5 7.1M8 12a4 4 0 1 0 8 0 4 4 0 1 0-8 0z',
  },
  {
    hosts: ['bsky.app'],
    path: 'M12 11c-1.5-3-5-6.3-8-6.5-.7 3.2 0 8.5 4.5 8.5-3.5.5-3 5 0 6 2 .5 3-2 3.5-4 .5 2 1.5 4.5 3.5 4 3-1 3.5-5.5 0-6 4.5 0 5.2-5.3 4.5-8.5-3 .2-6.5 3.5-8 6.5z',
  },
  {
    hosts: ['github.com'],
    path: 'M5 4l3.5 2.3a10 10 0 0 1 7 0L19 4c.7 2 .7 3.6.2 5.2C21.5 14.5 18 19 12 19s-9.5-4.5-7.2-9.8C4.3 7.6 4.3 6 5 4zM9 13v.5M15 13v.5',
  },
  {
    hosts: ['spotify.com'],
    path: 'M3 12a9 9 0 1 0 18 0 9 9 0 1 0-18 0zM7.3 9.3c3.2-1 6.7-.7 9.7 1M7.8 12.6c2.6-.8 5.5-.5 8 .8M8.3 15.7c2.1-.6 4.4-.4 6.4.7',
  },
  { hosts: ['twitch.tv'], path: 'M5 3h15v11l-4 4h-4l-3 3v-3H5zM11 8v4.5M15.5 8v4.5' },
  { hosts: ['t.me', 'telegram.me'], path: 'M21 4L3 11l6 2.5L11 20l3-4 4 3zM9 13.5L21 4' },
  {
    hosts: ['wa.me', 'whatsapp.com'],
    path: 'M3.5 20.5l1.2-4.3a8.7 8.7 0 1 1 3.2 3.1zM9 8.5c-.3 3.5 3 6.8 6.5 6.5l.5-1.5-2-1-1 1c-1-.5-2-1.5-2.5-2.5l1-1-1-2z',
  },
  {
    hosts: ['discord.com', 'discord.gg'],
    path: 'M8 5.5c2.6-.7 5.4-.7 8 0 2.5 3 3.7 6.5 4 11-1.4 1.2-3 2-4.7 2.3l-1-2.3c-1.5.3-3.1.3-4.6 0l-1 2.3C7 18.5 5.4 17.7 4 16.5c.3-4.5 1.5-8 4-11zM9.3 12v.5M14.7 12v.5',
  },
  {
    hosts: ['pinterest.com', 'pin.it'],
    path: 'M3 12a9 9 0 1 0 18 0 9 9 0 1 0-18 0zM9.7 20.5l2.3-10M9 13c-2-3.5.3-6 3.2-6 5 0 4.3 7.5.5 7.5-1 0-1.7-.4-1.9-1.2',
  },
];

const schemes: Readonly<Record<string, string>> = {
  'mailto:': 'M5 5h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM3.5 7.5L12 13l8.5-5.5',
  'tel:': 'M5.5 3.5h3l2 5L8 10a12 12 0 0 0 6 6l1.5-2.5 5 2v3c0 1.2-1 2-2 2C10.5 20 4 13.5 3.5 5.5c0-1 .8-2 2-2z',
  'whatsapp:': pathOf('wa.me'),
  'tg:': pathOf('t.me'),
  'spotify:': pathOf('spotify.com'),
};

/** Returns the path of the icon for a destination: that of the network at its host, or a globe. Null gets the globe. */
export function iconPath(url: string | null): string {
  const parsed = url === null ? null : URL.parse(url);
  if (parsed === null) return globe;
  return Object.hasOwn(schemes, parsed.protocol) ? (schemes[parsed.protocol] ?? globe) : pathOf(parsed.hostname);
}

function pathOf(hostname: string): string {
  const found = networks.find(({ hosts }) => hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`)));
  return found?.path ?? globe;
}
