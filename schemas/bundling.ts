// esbuild takes a mutable list.
const mainFields: string[] = ['module', 'main'];

/**
 * How esbuild bundles the functions: the stack's assets, the local stack and the tests of a bundle's size use the
 * same. `mainFields` lets it shake the SDK's CommonJS packages: redirect 360 KB instead of 480.
 */
export const bundling = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields,
  // React's development build is 330 KB more.
  define: { 'process.env.NODE_ENV': '"production"' },
  // The models of the forecast: a bundle is one file.
  loader: { '.wasm': 'binary' },
  // Some dependencies are CommonJS and call require, which a module does not have. The long name is one that the
  // minifier does not invent: it cannot see the banner, and `$r` was declared twice in a bundle of 480 KB.
  banner: {
    js: "import{createRequire as bundledRequireOf}from'node:module';const require=bundledRequireOf(import.meta.url);",
  },
} as const;

/** For redirect, collect and canary: credentials from the environment only. 220 KB, and half the import time. */
export const edgeAliases = {
  '@aws-sdk/credential-provider-node': './functions/redirect/environment-credentials.ts',
} as const;
