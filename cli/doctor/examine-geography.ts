import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { loadGeography } from '#stores/geography/geography-database.ts';
import { geographyFolder } from '#cli/geography-folder.ts';
import type { Stack } from '#cli/stack.ts';
import { type Finding, evaluateGeography } from './findings.ts';

export async function examineGeography(stack: Stack): Promise<Finding[]> {
  return [evaluateGeography(await (stack.local ? checkLocal() : checkDeployed(stack)))];
}

/** Opens the databases of the npm package as enrich does. Returns the warning, if any. */
async function checkLocal(): Promise<string | undefined> {
  let warning: string | undefined;
  const geography = await loadGeography({
    source: { directory: geographyFolder(), object: 'none' },
    readObject: noObject,
    warn: (message) => {
      warning = message;
    },
  });
  // Each family's database is read at its first address.
  for (const address of ['192.0.2.1', '2001:db8::1']) geography(address);
  return warning;
}

function noObject(): Promise<Uint8Array> {
  return Promise.reject(new TypeError('no object is configured'));
}

/** Checks that the deployed enrich function has a layer or names an object. */
async function checkDeployed(stack: Stack): Promise<string | undefined> {
  const client = new LambdaClient(stack.clientOptions('lambda'));
  const { Layers, Environment } = await client.send(
    new GetFunctionConfigurationCommand({ FunctionName: stack.outputs.EnrichFunction }),
  );
  const object = Environment?.Variables?.['GEOGRAPHY_OBJECT'] ?? 'none';
  return Layers?.length || object !== 'none'
    ? undefined
    : 'functions/enrich has neither a geography layer nor a geography object';
}
