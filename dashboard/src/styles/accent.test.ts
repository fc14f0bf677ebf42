import { expect, it } from 'vitest';
import { contrast } from '#schemas/link-page/page-theme.ts';
import { fc } from '#test/property.ts';
import { accentVariables } from './accent.ts';

const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);

it('every accent can be read on every surface, and text on it, light and dark', () => {
  fc.assert(
    fc.property(color, (accent) => {
      const variables = accentVariables(accent);
      const [light = '', dark = ''] = variables['--accent']?.match(/#[\da-f]{6}/g) ?? [];
      const [onLight = '', onDark = ''] = variables['--on-accent']?.match(/#[\da-f]{6}/g) ?? [];
      for (const surface of ['#f6f4ef', '#ffffff', '#efece5'])
        expect(contrast(light, surface)).toBeGreaterThanOrEqual(4.5);
      for (const surface of ['#131211', '#1c1a18', '#252220', '#3b3530'])
        expect(contrast(dark, surface)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(onLight, light)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(onDark, dark)).toBeGreaterThanOrEqual(4.5);
    }),
  );
});
