import { useQueries } from '@tanstack/react-query';
import { linkIconsSchema, mostIconHosts } from '#schemas/api/links.ts';
import { useApi } from '../../api/context.tsx';

/** The icon of a site, or its first letter. Icons come from the stack, so no site learns who looks at the list. */
export function SiteIcon({ url, icon }: { url: string; icon: string | undefined }) {
  if (icon !== undefined)
    return (
      <span className="letter-icon">
        <img src={icon} alt="" width="20" height="20" />
      </span>
    );
  const host = hostOf(url) ?? url;
  const hue = Array.from(host).reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 6, 7);
  return (
    <span className={`letter-icon hue-${hue}`} aria-hidden="true">
      {host
        .replace(/^www\./, '')
        .charAt(0)
        .toUpperCase()}
    </span>
  );
}

/** Reads the icons of sites. @returns data URLs by destination */
export function useSiteIcons(urls: readonly string[]): (url: string) => string | undefined {
  const api = useApi();
  const hosts = [...new Set(urls.flatMap((url) => hostOf(url) ?? []))].filter((host) => host.includes('.')).sort();
  const batches = Array.from({ length: Math.ceil(hosts.length / mostIconHosts) }, (_, at) =>
    hosts.slice(at * mostIconHosts, (at + 1) * mostIconHosts).join(','),
  );
  const icons = useQueries({
    queries: batches.map((batch) => ({
      queryKey: ['link-icons', batch],
      staleTime: anHour,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        api.send('get', '/link-icons', linkIconsSchema, { query: { hosts: batch }, signal }),
    })),
    combine: (results) =>
      new Map(results.flatMap(({ data }) => data?.rows.map(({ host, icon }) => [host, icon] as const) ?? [])),
  });
  return (url) => icons.get(hostOf(url) ?? '') ?? undefined;
}

const anHour = 3_600_000;

/** Returns the host name of a web address that the API reads an icon of. */
function hostOf(url: string): string | undefined {
  const { protocol = '', hostname = '' } = URL.parse(url) ?? {};
  return /^https?:$/.test(protocol) && /^[a-z0-9.-]+$/.test(hostname) ? hostname : undefined;
}
