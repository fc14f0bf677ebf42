import { createContext } from 'react';
import type { MailBrand } from '#core/mails/mail-brand.ts';
import { readableAccent, textOn } from '#schemas/link-page/page-theme.ts';
import { light } from './palette.ts';

/** White label of the agency of a mail's page. */
export const BrandContext = createContext<MailBrand | undefined>(undefined);

export const poweredBy = 'Powered by Hopcount';

/** Colors of the button, and the style sheet by which clients that know dark mode replace them. */
export interface ButtonColours {
  ground: string;
  text: string;
  /** Empty without an accent of its own. */
  darkStyle: string;
}

/** Returns the colors of an accent, as much darker or lighter as can be read. */
export function buttonColours(accent: string | null): ButtonColours {
  if (accent === null) return { ground: light.accent, text: light.on, darkStyle: '' };
  const [ground, dark] = [readableAccent(accent, 'light'), readableAccent(accent, 'dark')];
  const rules = `.g-accent{background-color:${dark}!important}.t-on{color:${textOn(dark)}!important}`;
  return { ground, text: textOn(ground), darkStyle: `@media(prefers-color-scheme:dark){${rules}}` };
}
