import type { ReferrerClass } from '#schemas/event.ts';
import listedHosts from './listed-hosts.json' with { type: 'json' };
import ownHosts from './own-hosts.json' with { type: 'json' };
import { createHostTable, type HostTable } from './host-table.ts';

/** A well-known source: its class and display name. */
export interface Source {
  /** `spam`: a referrer that robots forge to appear in reports; the site links to no one. */
  class: Extract<ReferrerClass, 'search' | 'social' | 'email' | 'ai' | 'paid' | 'other'> | 'spam';
  /** NULL for a webmail server whose operator is not listed. */
  name: string | null;
}

/** Returns the well-known source that a `utm_source` names by name, common short form or host. */
export function sourceOfName(name: string): Source | undefined {
  const key = name
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^www\./, '')
    .replace(/\/.*$/, '');
  return sourcesByName.get(key) ?? (key.includes('.') ? sourceOfHost(key) : undefined);
}

/**
 * Returns the well-known source of a host, which is in lower case and without `www.`.
 * @param path of the address, for sites with several products: `/i/grok`
 */
export function sourceOfHost(host: string, path = '/'): Source | undefined {
  return hosts.find(host, path) ?? selfHosted.find(([pattern]) => pattern.test(host))?.[1];
}

/** Returns whether the source of this host depends on the path of its address. */
export function hasPathRules(host: string): boolean {
  return hosts.hasPaths(host);
}

/**
 * Returns the well-known source of an Android app by its package name, in lower case. An app that is not listed is an edition
 * of a listed one whose name it extends (`com.example.reader.pro`). Else it belongs to the site that its name spells
 * backwards: `com.linkedin.android` to `linkedin.com`.
 */
export function sourceOfApp(name: string): Source | undefined {
  for (let end = name.length; end > 0; end = name.lastIndexOf('.', end - 1)) {
    const source = hosts.find(name.slice(0, end), '/');
    if (source) return source;
  }
  return hosts.find(name.split('.').reverse().join('.'), '/');
}

/** Software that many people run on a host named after it: `webmail.example.org`. */
const selfHosted: readonly (readonly [host: RegExp, source: Source])[] = [
  [/^webmail\d*\.[^.]+\.|^e?mail\d*\.[^.]+\.(?:[a-z]{2,3}\.)?[a-z]+$/, { class: 'email', name: null }],
  [/^(?:mastodon|mstdn)\.[^.]/, { class: 'social', name: 'Mastodon' }],
  [/^pixelfed\.[^.]/, { class: 'social', name: 'Pixelfed' }],
  [/^lemmy\.[^.]/, { class: 'social', name: 'Lemmy' }],
];

const kinds = [
  'search',
  'social',
  'email',
  'ai',
  'paid',
  'other',
  'spam',
] as const satisfies readonly Source['class'][];

const hosts: HostTable<Source> = createHostTable([...entriesOf(listedHosts), ...entriesOf(ownHosts)]);

function entriesOf(list: Partial<Record<Source['class'], Readonly<Record<string, string>>>>): [string, Source][] {
  return kinds.flatMap((kind) =>
    Object.entries(list[kind] ?? {}).flatMap(([name, text]) =>
      text.split(' ').map((host): [string, Source] => [host, { class: kind, name }]),
    ),
  );
}

/** Names of our own list only: the kept list has engines that are called like words, such as `Free`. */
const sourcesByName: ReadonlyMap<string, Source> = new Map([
  ...entriesOf(ownHosts)
    .reverse()
    .map(([, source]) => [source.name?.toLowerCase() ?? '', source] as const),
  ...Object.entries(ownHosts.aliases).flatMap(([host, names]) => {
    const source = hosts.find(host, '/');
    return source ? names.split(' ').map((name) => [name, source] as const) : [];
  }),
]);
