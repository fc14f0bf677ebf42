import { initSync, MSTL } from '@bsull/augurs/mstl';

/**
 * Forecasting models of the augurs library (Rust, as WebAssembly). The caller reads `mstl_bg.wasm`, from the package in
 * Node or next to the bundle in a Lambda, so core stays free of file access.
 */
export interface SeasonalTrend {
  /** Forecasts `horizon` values of a daily series with a weekly season; undefined if the model finds no fit. */
  predict: (values: readonly number[], horizon: number) => number[] | undefined;
}

/** @param wasm the bytes of `mstl_bg.wasm`, or the compiled module; loaded once per process */
export function loadSeasonalTrend(wasm: BufferSource | WebAssembly.Module): SeasonalTrend {
  initSync({ module: wasm });
  return {
    predict: (values, horizon) => {
      // A constant series has no variance to fit, and the library panics on it.
      if (values.length < shortestSeries || values.every((value) => value === values[0])) return undefined;
      const model = MSTL.ets([7]);
      try {
        model.fit([...values]);
        const { point } = model.predict(horizon);
        return point.length === horizon && point.every(Number.isFinite) ? point : undefined;
      } catch {
        // "no model found": the other members of the ensemble are used.
        return undefined;
      } finally {
        model.free();
      }
    },
  };
}

/** Twice the seasonal window of the decomposition, which fails on shorter series. */
const shortestSeries = 21;
