import { type MailBrand, toMailBrand } from '#core/mails/mail-brand.ts';
import { isAboutAgency, type MailContent } from '#schemas/alerts.ts';
import type { AgencyBrand, Page } from '#schemas/catalog.ts';

export interface BrandReaderDeps {
  getPage: (path: string) => Promise<Page | undefined>;
  getBrand: (agency: string) => Promise<AgencyBrand | undefined>;
  /** Signs the addresses of logos. */
  secret: () => Promise<string>;
  publicUrl: string;
}

/**
 * Creates a reader of the white labels of one run's mails. It reads each page and each agency once; what failed is read
 * again for the next mail.
 */
export function createBrandReader(deps: BrandReaderDeps): (content: MailContent) => Promise<MailBrand | undefined> {
  const agencies = new Map<string, Promise<string | null>>();
  const brands = new Map<string, Promise<MailBrand | undefined>>();

  async function readAgency(path: string): Promise<string | null> {
    return (await deps.getPage(path))?.agency ?? null;
  }
  async function readBrand(agency: string): Promise<MailBrand | undefined> {
    const brand = await deps.getBrand(agency);
    return brand && toMailBrand(agency, brand, { publicUrl: deps.publicUrl, secret: await deps.secret() });
  }
  return async (content) => {
    const agency = isAboutAgency(content) ? content.agency : await once(agencies, content.page, readAgency);
    const brand = agency === null ? undefined : await once(brands, agency, readBrand);
    // Who asks for a confirmation chooses the address: a stranger gets no picture of theirs.
    return brand && content.kind === 'confirmation' ? { ...brand, logo: null } : brand;
  };
}

function once<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  read: (key: string) => Promise<Value>,
): Promise<Value> {
  const found = known.get(key);
  if (found) return found;
  const reading = read(key);
  known.set(key, reading);
  reading.catch(() => known.delete(key));
  return reading;
}
