import { type UtmColumn, utmColumns } from '#schemas/campaign-parameters.ts';
import type { LinkView, NewLink } from '#schemas/api/links.ts';
import { type DeviceTarget, deviceTargets, type RedirectStatus } from '#schemas/catalog-rules.ts';

/** A link as edited in its form; optional values are empty strings. */
export interface Draft {
  code: string;
  /** Empty: the stack's own. */
  domain: string;
  url: string;
  title: string;
  campaign: string;
  status: RedirectStatus;
  enabled: boolean;
  listed: boolean;
  passQuery: boolean;
  /** Values of `datetime-local` inputs, in the browser's time zone. */
  startsAt: string;
  expiresAt: string;
  expiredUrl: string;
  clickLimit: string;
  /** Separated by commas. */
  tags: string;
  /** Empty: the password stays as it is. */
  password: string;
  /** Removes the password. */
  open: boolean;
  /** Weights are percentages, as text. */
  variants: { url: string; weight: string }[];
  card: { title: string; description: string; image: string };
  deviceUrls: Record<DeviceTarget, string>;
  countryUrls: { country: string; url: string }[];
  utm: Record<UtmColumn, string>;
}

export type LinkState = 'active' | 'disabled' | 'scheduled' | 'expired';

export function toDraft(link?: LinkView): Draft {
  return {
    code: link?.code ?? '',
    domain: link?.domain ?? '',
    url: link?.url ?? '',
    title: link?.title ?? '',
    campaign: link?.campaign ?? '',
    status: link?.status ?? 302,
    enabled: link?.enabled ?? true,
    listed: link?.listed ?? true,
    passQuery: link?.passQuery ?? false,
    startsAt: localInput(link?.startsAt ?? null),
    expiresAt: localInput(link?.expiresAt ?? null),
    expiredUrl: link?.expiredUrl ?? '',
    clickLimit: String(link?.clickLimit ?? ''),
    tags: link?.tags.join(', ') ?? '',
    password: '',
    open: false,
    variants: (link?.variants ?? []).map(({ url, weight }) => ({ url, weight: String(weight) })),
    card: {
      title: link?.card?.title ?? '',
      description: link?.card?.description ?? '',
      image: link?.card?.image ?? '',
    },
    deviceUrls: fillTexts(deviceTargets, link?.deviceUrls ?? {}),
    countryUrls: Object.entries(link?.countryUrls ?? {}).map(([country, url]) => ({ country, url })),
    utm: fillTexts(utmColumns, link?.utm ?? {}),
  };
}

function localInput(iso: string | null): string {
  if (iso === null) return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function fillTexts<Name extends string>(names: readonly Name[], given: Readonly<Record<string, string | undefined>>) {
  return Object.fromEntries(names.map((name) => [name, given[name] ?? ''])) as Record<Name, string>;
}

/** Builds the request body for creating or changing a link. */
export function toLinkBody(draft: Draft) {
  return {
    domain: textOrNull(draft.domain),
    url: draft.url.trim(),
    title: textOrNull(draft.title),
    campaign: textOrNull(draft.campaign),
    status: draft.status,
    enabled: draft.enabled,
    listed: draft.listed,
    passQuery: draft.passQuery,
    startsAt: toInstant(draft.startsAt),
    expiresAt: toInstant(draft.expiresAt),
    expiredUrl: textOrNull(draft.expiredUrl),
    clickLimit: draft.clickLimit === '' ? null : Number(draft.clickLimit),
    tags: parseTags(draft.tags),
    ...toPassword(draft),
    variants: draft.variants.map(({ url, weight }) => ({ url: url.trim(), weight: Number(weight) })),
    card: toCard(draft.card),
    deviceUrls: filled(draft.deviceUrls),
    countryUrls: filled(Object.fromEntries(draft.countryUrls.map(({ country, url }) => [country.toUpperCase(), url]))),
    utm: filled(draft.utm),
  } satisfies Partial<NewLink>;
}

/** Returns the tags of a text, separated by commas. */
export function parseTags(text: string): string[] {
  return text.split(',').filter((tag) => tag.trim() !== '');
}

function toPassword({ password, open }: Draft): { password?: string | null } {
  if (password !== '') return { password };
  return open ? { password: null } : {};
}

function toCard({ title, description, image }: Draft['card']): NewLink['card'] {
  if ([title, description, image].every((text) => text.trim() === '')) return null;
  return { title: title.trim(), description: textOrNull(description), image: textOrNull(image) };
}

function textOrNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}

function toInstant(local: string): string | null {
  return local === '' ? null : new Date(local).toISOString();
}

function filled(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => (text.trim() === '' ? [] : [[name, text.trim()]])),
  );
}

/** Returns an address as browsers complete it: `shop.example/spring` is `https://shop.example/spring`. */
export function toWebAddress(text: string): string {
  const address = text.trim();
  return /^[\w-]+(\.[\w-]+)+(:\d+)?([/?#]|$)/.test(address) ? `https://${address}` : address;
}

/** Returns the destination with the UTM values added that it doesn't have yet. */
export function destinationWith({ url, utm }: Pick<Draft, 'url' | 'utm'>): string {
  const parsed = URL.parse(url.trim());
  if (parsed === null) return url;
  for (const [name, value] of Object.entries(filled(utm)))
    if (!parsed.searchParams.has(name)) parsed.searchParams.set(name, value);
  return parsed.href;
}

export function linkState({ enabled, startsAt, expiresAt }: LinkView, now: number): LinkState {
  if (!enabled) return 'disabled';
  if (startsAt !== null && now < Date.parse(startsAt)) return 'scheduled';
  return expiresAt !== null && now >= Date.parse(expiresAt) ? 'expired' : 'active';
}
