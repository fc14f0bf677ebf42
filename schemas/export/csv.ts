export function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

/**
 * Where a spreadsheet takes text for a formula: at the start of a cell (OWASP, CSV injection), and after a separator or line
 * break in it, since a spreadsheet that expects semicolons or tabs starts a cell there. Full-width signs work too. Text that has
 * an apostrophe there gets another one, so that an import can take off one.
 */
const formulaStart = /(?:^|(?<=[;\t\r\n]))(?='*[=+\-@＝＋－＠])|^(?=[\t\r\n])/g;

const needsQuotes = /[",\r\n]/;

/**
 * One cell of RFC 4180. Text that a spreadsheet would run is preceded by an apostrophe, which it shows as text;
 * numbers stay as they are.
 */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  const text = value instanceof Date ? value.toISOString() : typeof value === 'string' ? value : JSON.stringify(value);
  return plainCell(text.replace(formulaStart, "'"));
}

/** One cell of RFC 4180 for a program that takes it as it is, such as an address. */
export function plainCell(text: string): string {
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What a spreadsheet reads as a number, a date or a time: digits with their separators, or with an exponent. */
const numberLike = /^(?=.*\d)[\d\s.,:/+-]+$|^\d+(?:\.\d+)?e[+-]?\d+$/i;

/** Returns an id that stays the text that it is: a code such as `007` or `1e5` is preceded by an apostrophe. */
export function idCell(text: string): string {
  return numberLike.test(text) && !/^[+-]/.test(text) ? `'${text}` : text;
}
