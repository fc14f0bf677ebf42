/**
 * One setting per page. `normal` is what the benches measure; `low` and `high` move the smallest change worth a mail
 * and the chance that is allowed together. `threshold` is learned from useful and not useful mails (feedback.ts) and
 * multiplies every change: 1 is neutral.
 */
export const sensitivities = ['low', 'normal', 'high'] as const;
export type Sensitivity = (typeof sensitivities)[number];

export interface DetectionSetting {
  sensitivity: Sensitivity;
  threshold: number;
}

export const normalSetting: DetectionSetting = { sensitivity: 'normal', threshold: 1 };

/** Multiplies the smallest change, on the log scale: a surge of ×1.9 at normal, ×2.5 at low, ×1.6 at high. */
const scales: Record<Sensitivity, number> = { low: 1.4, normal: 1, high: 0.7 };

export function strictness(setting: DetectionSetting): number {
  return scales[setting.sensitivity] * setting.threshold;
}
