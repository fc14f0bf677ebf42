import { readFile } from 'node:fs/promises';
import { STSClient } from '@aws-sdk/client-sts';
import { z } from 'zod';
import type { Terminal } from '#cli/command.ts';
import { CommandFailed, UsageError } from '#cli/errors.ts';
import { printFindings } from '#cli/print-findings.ts';
import { type Configuration, InvalidConfiguration, parseConfiguration } from '#lib/configuration.ts';
import { evaluateAccount, isFirstDeployment } from './findings.ts';
import { globalRegion, readAccount } from './read-account.ts';

export interface PreflightOptions {
  /** Settings that replace those of cdk.json: `hotDays=30`. */
  context: readonly string[];
  /** @default - the region of the settings, or of the shell */
  region?: string | undefined;
}

export interface Preflight {
  configuration: Configuration;
  /** True if the deployment will create the stack. */
  first: boolean;
  /** True if the deployment would fail. */
  blocked: boolean;
}

/** Asks AWS whether the stack of these settings can be deployed, and prints the findings. */
export async function runPreflight(options: PreflightOptions, terminal: Terminal): Promise<Preflight> {
  const configuration = parseSettings({ ...(await readContext()), ...parseContext(options.context) });
  const region = configuration.region ?? options.region ?? (await findRegion(terminal.environment));
  const account = await readAccount(configuration, region ?? globalRegion);
  const findings = evaluateAccount(configuration, account);
  printFindings(findings, terminal);
  if (region === undefined) terminal.note(`No region is set, so CDK deploys to ${globalRegion}: set AWS_REGION.`);
  return {
    configuration,
    first: isFirstDeployment(account),
    blocked: findings.some(({ state }) => state === 'blocks'),
  };
}

const settingsSchema = z.object({ context: z.record(z.string(), z.unknown()).default({}) });

async function readContext(): Promise<Record<string, unknown>> {
  return settingsSchema.parse(JSON.parse(await readFile('cdk.json', 'utf8'))).context;
}

function parseContext(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
      if (key === undefined || value === undefined)
        throw new UsageError(`\`--context\` must be <key=value>; got \`${word}\``);
      return [key, value];
    }),
  );
}

function parseSettings(context: Record<string, unknown>): Configuration {
  try {
    return parseConfiguration(context);
  } catch (error) {
    if (error instanceof InvalidConfiguration) throw new CommandFailed(`the settings are invalid\n${error.message}`);
    throw error;
  }
}

/** Returns the region that CDK would use: of the environment, or of the profile. */
async function findRegion(environment: Terminal['environment']): Promise<string | undefined> {
  const region = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
  if (region) return region;
  try {
    return await new STSClient({}).config.region();
  } catch {
    // The SDK throws if no region is configured.
    return undefined;
  }
}
