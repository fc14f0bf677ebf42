import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { loadGeography } from '#stores/geography/geography-database.ts';
import { geographyFolder } from '#cli/geography-folder.ts';
import type { Stack } from '#cli/stack.ts';
import { type Finding, evaluateGeography } from './findings.ts';

export async function examineGeography(stack: Stack): Promise<Finding[]> {
  return [evaluateGeography(await (stack.local ? warningHere() : warningThere(stack)))];
}

/** Locally the databases of npm are opened, as enrich does. */
async function warningHere(): Promise<string | undefined> {
  let warning: string | undefined;
  await loadGeography({
    source: { directory: geographyFolder(), object: 'none' },
    readObject: noObject,
    warn: (message) => {
      warning = message;
    },
  });
  return warning;
}

function noObject(): Promise<Uint8Array> {
  return Promise.reject(new TypeError('no object is configured'));
}

/** Deployed, enrich must carry the layer or name an object. */
async function warningThere(stack: Stack): Promise<string | undefined> {
  const client = new LambdaClient(stack.clientOptions('lambda'));
  const { Layers, Environment } = await client.send(
    new GetFunctionConfigurationCommand({ FunctionName: stack.outputs.EnrichFunction }),
  );
  const object = Environment?.Variables?.['GEOGRAPHY_OBJECT'] ?? 'none';
  return Layers?.length || object !== 'none' ? undefined : 'enrich has neither the geography layer nor an object';
}
