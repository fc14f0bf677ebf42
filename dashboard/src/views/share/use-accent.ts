import { useEffect } from 'react';
import { accentVariables } from '../../styles/accent.ts';

/** Colors the document by the accent of an agency. */
export function useAccent(accent: string | null): void {
  useEffect(() => {
    if (accent === null) return undefined;
    const { style } = document.documentElement;
    const variables = accentVariables(accent);
    for (const [name, value] of Object.entries(variables)) style.setProperty(name, value);
    return () => {
      for (const name of Object.keys(variables)) style.removeProperty(name);
    };
  }, [accent]);
}
