/** Words that tools write where they know nothing. */
const empty: ReadonlySet<string> = new Set(['', 'unknown', '(unknown)', 'null', '\\n', '-']);

export function emptyToNull(cell: string): string | null {
  return empty.has(cell.toLowerCase()) ? null : cell;
}

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  '1': true,
  '0': false,
  yes: true,
  no: false,
  'potential bot': true,
};

/** Reads `true`, `1`, `Yes` and their opposites; undefined for an empty cell. */
export function readFlag(cell: string): boolean | undefined | 'invalid' {
  return cell === '' ? undefined : (truths[cell.toLowerCase()] ?? 'invalid');
}
