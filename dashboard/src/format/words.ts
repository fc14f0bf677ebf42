/** Words of a text area: one a line, or divided by commas. */
export function splitWords(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
