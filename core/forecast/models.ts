import { initSync, MSTL } from '@bsull/augurs/mstl';

/**
 * Forecasting models of the library augurs (Rust, as WebAssembly). The caller reads `mstl_bg.wasm`: from the package in
 * Node, from beside the bundle in a Lambda, so that no rule here touches a file.
 */
export interface SeasonalTrend {
  /** Next `horizon` values of a daily series with a week in it; undefined where the model finds no fit. */
  predict: (values: readonly number[], horizon: number) => number[] | undefined;
}

/** Twice the seasonal window of the decomposition: shorter series make it fail. */
const shortestSeries = 21;

/** @param wasm the bytes of `mstl_bg.wasm`, or the module compiled from them; loaded once per process */
export function loadSeasonalTrend(wasm: BufferSource | WebAssembly.Module): SeasonalTrend {
  initSync({ module: wasm });
  return {
    predict: (values, horizon) => {
      // A constant series has no variance to fit; the library stops on it.
      if (values.length < shortestSeries || values.every((value) => value === values[0])) return undefined;
      const model = MSTL.ets([7]);
      try {
        model.fit([...values]);
        const { point } = model.predict(horizon);
        return point.length === horizon && point.every(Number.isFinite) ? point : undefined;
      } catch {
        // "no model found": the other members of the ensemble answer.
        return undefined;
      } finally {
        model.free();
      }
    },
  };
}
