import { type ClickId, clickIds } from '#schemas/campaign-parameters.ts';
import { classifierVersion, type ReferrerClass } from '#schemas/event.ts';
import type { Campaign } from './campaign.ts';
import { referralOf } from './referrer.ts';
import { hasPathRules } from './referrer-hosts.ts';

/** What a row holds about where its visit came from; an absent value is an empty text. */
export interface StoredReferral {
  /** `classifier_version` of the row. */
  version: string;
  host: string;
  class: string;
  name: string;
  source: string;
  medium: string;
  /** `cross-network` if the campaign's name contains it. */
  campaign: string;
  network: string;
  browser: string;
}

/**
 * Classifies a row's referrer by the present rules. Returns undefined if it stays as it is: the row is of their version, or
 * what decided it may not be in the row (a path, a paid click id, the page's own sites).
 */
export function reclassify(stored: StoredReferral): { class: ReferrerClass; name: string } | undefined {
  if (Number(stored.version) >= classifierVersion) return undefined;
  if (undecidable.has(stored.class) || hasPathRules(stored.host)) return undefined;
  const browser = stored.browser || null;
  const referral = referralOf(toReferrer(stored), toCampaign(stored), null, noSites, browser);
  const name = referral.name ?? '';
  if (referral.class === null || (referral.class === stored.class && name === stored.name)) return undefined;
  return { class: referral.class, name };
}

/** Decided by the page's own sites, or by a click id; empty if the source could not know the referrer. */
const undecidable: ReadonlySet<string> = new Set(['internal', 'paid', '']);

const noSites = { ownHosts: new Set<string>() };

/** A referrer of this host. Without one, and without parameters that decide, `other` was a referrer that names no site. */
function toReferrer({ host, class: kind, source, medium }: StoredReferral): string | null {
  if (host !== '') return `${appName.test(host) ? 'android-app' : 'https'}://${host}/`;
  return kind === 'other' && source === '' && medium === '' ? 'unreadable' : null;
}

/** The name of an app starts where a host ends. */
const appName = /^(?:com|net|org)\./;

function toCampaign({ source, medium, campaign, network }: StoredReferral): Campaign {
  return {
    utm: {
      utm_source: source || null,
      utm_medium: medium || null,
      utm_campaign: campaign || null,
      utm_term: null,
      utm_content: null,
      utm_id: null,
    },
    click: unpaidClick(network),
  };
}

/** The click id of a network that did not make the visit paid. */
function unpaidClick(network: string): Campaign['click'] {
  const ids = Object.keys(clickIds) as ClickId[];
  const id = ids.find((each) => clickIds[each].network === network && clickIds[each].class !== 'paid');
  return id ? clickIds[id] : null;
}
