import type { PageDesign } from '../catalog.ts';

type Scheme = 'light' | 'dark';

/** Colors of the link page. Text has a contrast of at least 4.5 with its ground. */
export const palettes: Readonly<Record<Scheme, string>> = {
  light: '--ground:#f5f3ef;--card:#fff;--ink:#1c1917;--soft:#6b645c;--line:#e4dfd7;--accent:#b3461f;--on:#fff',
  dark: '--ground:#141210;--card:#1f1c19;--ink:#f3efe9;--soft:#a89f95;--line:#332e29;--accent:#f08a5d;--on:#1c1008',
};

/** Returns the style of a page's theme and accent, which follows that of all pages; empty if there is neither. */
export function themeStyle({ theme, accent }: Pick<PageDesign, 'theme' | 'accent'>): string {
  if (theme !== 'system') return `:root{${palettes[theme]};${accentVariables(accent, theme)}}`;
  if (accent === null) return '';
  return `:root{${accentVariables(accent, 'light')}}@media(prefers-color-scheme:dark){:root{${accentVariables(accent, 'dark')}}}`;
}

function accentVariables(accent: string | null, scheme: Scheme): string {
  if (accent === null) return '';
  const readable = readableAccent(accent, scheme);
  return `--accent:${readable};--on:${textOn(readable)}`;
}

/** The surface on which the accent has the least contrast. */
const surfaces: Readonly<Record<Scheme, string>> = { light: '#f5f3ef', dark: '#1f1c19' };
const farthest: Readonly<Record<Scheme, number>> = { light: 0, dark: 255 };
const mixSteps = 20;

/**
 * Returns the accent, as much darker or lighter as a contrast of 4.5 with a surface needs (WCAG 2.2, 1.4.3).
 * @param surface the ground or the cards of the link page, unless it is another one
 */
export function readableAccent(accent: string, scheme: Scheme, surface = surfaces[scheme]): string {
  for (let step = 0; step < mixSteps; step++) {
    const mixed = mix(accent, farthest[scheme], step / mixSteps);
    if (contrast(mixed, surface) >= 4.5) return mixed;
  }
  return mix(accent, farthest[scheme], 1);
}

function mix(color: string, target: number, part: number): string {
  return `#${channels(color)
    .map((channel) => Math.round(channel + (target - channel) * part))
    .map((channel) => channel.toString(16).padStart(2, '0'))
    .join('')}`;
}

function channels(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

/** Returns black or white; the better one has a contrast of at least 4.58 with every color. */
export function textOn(color: string): string {
  return contrast(color, '#ffffff') >= contrast(color, '#000000') ? '#ffffff' : '#000000';
}

/** Returns the contrast of two colors, 1 to 21 (WCAG 2.2). */
export function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((one, other) => other - one);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color)
    .map((channel) => channel / 255)
    .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
