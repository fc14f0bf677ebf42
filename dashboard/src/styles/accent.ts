import { readableAccent, textOn } from '#schemas/link-page/page-theme.ts';

/** The surfaces of base.css on which text has the least contrast: `--sunken` and `--raised`. */
const surfaces = { light: '#efece5', dark: '#3b3530' } as const;

/** Returns the variables of base.css for an accent, as much darker or lighter as can be read on every surface. */
export function accentVariables(accent: string): Readonly<Record<string, string>> {
  const light = readableAccent(accent, 'light', surfaces.light);
  const dark = readableAccent(accent, 'dark', surfaces.dark);
  return {
    '--accent': `light-dark(${light}, ${dark})`,
    '--on-accent': `light-dark(${textOn(light)}, ${textOn(dark)})`,
    '--accent-wash': `light-dark(${surfaces.light}, ${surfaces.dark})`,
  };
}
