/** `https://go.example/k3x9`, at a domain of the stack; null: the one that the dashboard is on. */
export function shortUrl({ code, domain }: { code: string; domain: string | null }): string {
  const url = new URL(window.location.origin);
  if (domain !== null) url.hostname = domain;
  return `${url.origin}/${code}`;
}

/** Returns an address as people read it, without its scheme. */
export function withoutScheme(url: string): string {
  return url.replace(/^https?:\/\//, '');
}
