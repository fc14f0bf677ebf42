/** The command line of `npm run deploy`. */
export interface DeployArguments {
  /** Arguments that are passed to `cdk deploy`: all but our own. */
  cdk: readonly string[];
  context: readonly string[];
  profile?: string | undefined;
  region?: string | undefined;
  ignorePreflight: boolean;
}

export const ignoreFlag = '--ignore-preflight';

/** Reads what the preflight needs of the arguments of `cdk deploy`, in each form that CDK accepts. */
export function parseDeployArguments(words: readonly string[]): DeployArguments {
  const cdk = words.filter((word) => word !== ignoreFlag);
  function valuesOf(...names: string[]): string[] {
    return cdk.flatMap((word, index) => {
      const [, name = '', value] = /^(--?[a-z]+)(?:=(.*))?$/s.exec(word) ?? [];
      if (!names.includes(name)) return [];
      const given = value ?? cdk[index + 1];
      return given === undefined ? [] : [given];
    });
  }
  return {
    cdk,
    context: valuesOf('-c', '--context'),
    profile: valuesOf('--profile').at(-1),
    region: valuesOf('--region').at(-1),
    ignorePreflight: cdk.length < words.length,
  };
}
