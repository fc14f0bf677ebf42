/** `https://go.example/k3x9` */
export function shortUrl(code: string): string {
  return `${window.location.origin}/${code}`;
}
