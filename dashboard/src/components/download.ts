import type { ExportedLink, LinkFile } from '#schemas/export/links.ts';

/** Saves links through the browser's download. */
export function downloadLinks({ name, mediaType, start, toText, end }: LinkFile, links: readonly ExportedLink[]): void {
  downloadFile(name, new Blob([start, ...links.map(toText), end], { type: mediaType }));
}

/** Saves a file through the browser's download. */
export function downloadFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  // The browser reads the content after the click.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
