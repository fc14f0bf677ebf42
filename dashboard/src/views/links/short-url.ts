/** Address that a short code answers at. */
export function shortUrl(code: string): string {
  return `${window.location.origin}/${code}`;
}
