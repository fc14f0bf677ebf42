import { useEffect, useState } from 'react';
import { stored } from '../session/stored.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const choice = stored(() => localStorage, 'hopcount.theme');

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(storedTheme);
  useEffect(() => {
    applyTheme(theme);
    choice.write(theme);
  }, [theme]);
  return [theme, setTheme];
}

function storedTheme(): Theme {
  return parseTheme(choice.read());
}

export function parseTheme(text: string | null): Theme {
  return themes.find((theme) => theme === text) ?? 'system';
}

/** Sets the theme on the root element; called before the first render. */
export function applyTheme(theme: Theme = storedTheme()): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
