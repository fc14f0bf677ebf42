/** A host of a public list: `google.*` for any country's domain, possibly with a path. */
export interface ListedHost {
  host: string;
  kind: string;
  /** Missing if the list has no names. */
  name?: string;
}

/** Files of Matomo's searchengine-and-social-list, each of one kind. */
export const matomoFiles = {
  'SearchEngines.yml': 'search',
  'Socials.yml': 'social',
  'AIAssistants.yml': 'ai',
} as const;

/** Reads names over lists of hosts, also under kinds as in Snowplow's list: as much of YAML as the lists use. */
export function readYamlList(text: string, single: string | undefined): ListedHost[] {
  const hosts: ListedHost[] = [];
  let [kind, name, key] = [single ?? '', '', ''];
  for (const line of text.split('\n').map((part) => part.replace(/\s*(?:#.*)?$/, ''))) {
    const [, indent = '', found] = /^(\s*)(?:- )?['"]?([^'":]+)['"]?:$/.exec(line) ?? [];
    if (found !== undefined) {
      if (!single && indent === '') kind = found;
      else if (indent.length === (single ? 0 : 2)) [name, key] = [decodeURIComponent(found), ''];
      else key = found;
      continue;
    }
    const host = /^\s*- ['"]?([^\s'"]+\.[^\s'"]+)/.exec(line)?.[1];
    if (host && ['', 'urls', 'domains'].includes(key)) hosts.push({ host: patternOf(host), kind, name });
  }
  return hosts;
}

/** Their `{}` is any country: `google.{}` → `google.*`, and `{}.ask.com` → `ask.com` with its subdomains. */
function patternOf(host: string): string {
  const app = /^android-app:?\/\/([^/]+)/.exec(host)?.[1];
  return app ?? host.replace(/^\{\}\./, '').replace('{}', '*');
}

/** Reads Google's source categories, as dbt-ga4 has them; without those that are words. */
export function readSourceCategories(text: string): ListedHost[] {
  return [...text.matchAll(/^(\S+\.\S+),SOURCE_CATEGORY_(\w+)$/gm)].map(([, host = '', category = '']) => ({
    host,
    kind: category === 'VIDEO' ? 'social' : category.toLowerCase(),
  }));
}
