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
