import fc from 'fast-check';

// The same examples in every run: a test that fails has been broken, not unlucky. SEED=… tries others.
fc.configureGlobal({ seed: Number(process.env['SEED'] ?? 20_261_122) });

/** fast-check with a fixed seed. */
export { fc };
