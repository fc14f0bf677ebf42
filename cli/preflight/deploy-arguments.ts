/** The command line of `npm run deploy`. */
export interface DeployArguments {
  /** Arguments that are passed to CDK: all but our own. */
  cdk: readonly string[];
  context: readonly string[];
  profile?: string | undefined;
  region?: string | undefined;
  /** Whether they say which stacks to deploy. */
  namesStacks: boolean;
  ignorePreflight: boolean;
  /** Id of the removed stack whose data the new one takes over. */
  adopt?: string | undefined;
}

/** Options of CDK whose values are no stacks. What follows another one may be, and CDK then decides. */
const valueOptions = ['-c', '--context', '--profile', '--region', '--require-approval'];

export const ignoreFlag = '--ignore-preflight';
export const adoptOption = '--adopt';

/** Reads what the preflight needs of the arguments of `cdk deploy`, in each form that CDK accepts. */
export function parseDeployArguments(words: readonly string[]): DeployArguments {
  const options = words.map((word, index) => {
    const [, name = word, value = words[index + 1]] = /^(--?[a-z]+)(?:=(.*))?$/s.exec(word) ?? [];
    return { name, value };
  });
  function valuesOf(...names: string[]): string[] {
    return options.flatMap(({ name, value }) => (names.includes(name) && value !== undefined ? [value] : []));
  }
  function isOurs(word: string, index: number): boolean {
    return word === ignoreFlag || options[index]?.name === adoptOption || words[index - 1] === adoptOption;
  }
  const cdk = words.filter((word, index) => !isOurs(word, index));
  return {
    cdk,
    namesStacks: cdk.some(
      (word, index) => word === '--all' || !(word.startsWith('-') || valueOptions.includes(cdk[index - 1] ?? '')),
    ),
    context: valuesOf('-c', '--context'),
    profile: valuesOf('--profile').at(-1),
    region: valuesOf('--region').at(-1),
    ignorePreflight: words.includes(ignoreFlag),
    adopt: valuesOf(adoptOption).at(-1),
  };
}
