/**
 * Returns a function that finds the first name whose pattern occurs in a text, without regard to case.
 *
 * @example nameFinder([['Slack', '\\bslackbot']])('Slackbot 1.0') // 'Slack'
 */
export function nameFinder(entries: readonly (readonly string[])[]): (text: string) => string | undefined {
  const named = entries.map(([name = '', pattern = '']) => ({ name, pattern: lowerPattern([pattern]) }));
  // Most texts match none, and one pattern of all is tested faster than each.
  const any = lowerPattern(entries.map(([, pattern = '']) => pattern));
  return (text) => {
    const lower = text.toLowerCase();
    return any.test(lower) ? named.find(({ pattern }) => pattern.test(lower))?.name : undefined;
  };
}

/** Joins patterns for texts in lower case. Without the flag `i`, they are tested a quarter faster. */
export function lowerPattern(alternatives: readonly string[]): RegExp {
  return new RegExp(
    alternatives.join('|').replace(/\\.|[A-Z]+/g, (part) => (part[0] === '\\' ? part : part.toLowerCase())),
  );
}
