/** Hands a file to the browser to keep. */
export function downloadFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  // The browser has the content once the click is over.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
