/**
 * Returns a function that finds the first name whose pattern occurs in a text, without regard to case.
 *
 * @example nameFinder([['Slack', '\\bslackbot']])('Slackbot 1.0') // 'Slack'
 */
export function nameFinder(entries: readonly (readonly string[])[]): (text: string) => string | undefined {
  const named = entries.map(([name = '', pattern = '']) => ({ name, pattern: new RegExp(pattern, 'i') }));
  // Most texts match none, and one pattern of all is tested faster than each.
  const any = new RegExp(named.map(({ pattern }) => pattern.source).join('|'), 'i');
  return (text) => (any.test(text) ? named.find(({ pattern }) => pattern.test(text))?.name : undefined);
}
