/**
 * Sensitivity of a page. `normal` is what the benches measure; `low` and `high` change the minimum change and the
 * significance level together. `threshold` is learned from feedback (feedback.ts) and multiplies the minimum change;
 * 1 is neutral.
 */
export const sensitivities = ['low', 'normal', 'high'] as const;
export type Sensitivity = (typeof sensitivities)[number];

export interface DetectionSetting {
  sensitivity: Sensitivity;
  threshold: number;
}

export const normalSetting: DetectionSetting = { sensitivity: 'normal', threshold: 1 };

export function strictness(setting: DetectionSetting): number {
  return scales[setting.sensitivity] * setting.threshold;
}

/** Multiplies the minimum change on the log scale: a surge of ×1.9 at normal, ×2.5 at low, ×1.6 at high. */
const scales: Record<Sensitivity, number> = { low: 1.4, normal: 1, high: 0.7 };
