import { createHash } from 'node:crypto';
import type { AgencyBrand } from '#schemas/catalog.ts';
import { signToken } from '#core/alerts/mail-token.ts';
import { readPicture } from './picture-size.ts';

/** White label of an agency as its mails show it. */
export interface MailBrand extends Pick<AgencyBrand, 'name' | 'accent' | 'poweredBy'> {
  /** At the stack's address: mail clients don't show data URLs. In CSS pixels. */
  logo: { url: string; width: number; height: number } | null;
}

/** The largest logo of a mail; the dashboard makes pictures of twice as many pixels. */
export const logoBox = { width: 160, height: 40 } as const;

/**
 * Returns the brand for mails. The address of its logo is the same in every mail of the agency, so that loading it tells
 * nothing about the reader.
 */
export function toMailBrand(
  agency: string,
  { logo, ...brand }: AgencyBrand,
  { publicUrl, secret }: { publicUrl: string; secret: string },
): MailBrand {
  const picture = logo === null ? undefined : readPicture(logo);
  if (logo === null || picture === undefined) return { ...brand, logo: null };
  const scale = Math.min(1, logoBox.width / picture.width, logoBox.height / picture.height);
  const token = signToken({ does: 'logo', agency }, secret);
  // Clients keep pictures: another logo has another address.
  const version = createHash('sha256').update(logo).digest('hex').slice(0, 12);
  return {
    ...brand,
    logo: {
      url: `${publicUrl}/api/mail/logo?token=${token}&v=${version}`,
      width: Math.max(1, Math.round(picture.width * scale)),
      height: Math.max(1, Math.round(picture.height * scale)),
    },
  };
}
