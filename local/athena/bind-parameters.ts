import { AwsJsonError, QueryFailed } from './errors.ts';

/**
 * Replaces each question mark with the literal text of its parameter, as Athena does.
 * @throws {AwsJsonError} for a parameter that is too long or no literal
 * @throws {QueryFailed} when there are more or fewer parameters than question marks
 */
export function bindParameters(sql: string, parameters: readonly string[]): string {
  parameters.forEach(checkParameter);
  let used = 0;
  const bound = sql.replace(token, (text) => (text === '?' ? (parameters[used++] ?? '?') : text));
  if (used !== parameters.length)
    throw new QueryFailed(
      `INVALID_PARAMETER_USAGE: Incorrect number of parameters: expected ${used} but found ${parameters.length}`,
    );
  return bound;
}

/** Comments, strings and quoted names pass untouched; a bare question mark is a parameter. */
const token = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g;

/** Athena takes parameters as SQL literals; anything else would be SQL by interpolation. */
const literal =
  /^(?:'(?:[^']|'')*'|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|(?:TIMESTAMP|DATE|DECIMAL)\s+'[^']*'|NULL|true|false)$/i;

/** Characters per parameter. */
const longest = 1024;

function checkParameter(text: string, position: number): void {
  if (text.length > longest)
    throw new AwsJsonError(
      'InvalidRequestException',
      `Parameter ${position + 1} has ${text.length} characters; at most ${longest} are allowed`,
    );
  if (!literal.test(text))
    throw new AwsJsonError('InvalidRequestException', `Parameter ${position + 1} must be a SQL literal; got ${text}`);
}
