/** Address that a short code answers at. */
export const shortUrl = (code: string): string => `${window.location.origin}/${code}`;
