/** What a test calls in a page. */
export interface PageSdk {
  track: (name: string) => unknown;
  identify: () => unknown;
}

declare global {
  interface Window {
    /** Where the SDK sends to: `http://127.0.0.1:40000/e/ada`. The site sets it. */
    base: string;
    sdk: PageSdk;
  }
}

export const userId = 'user-1';
export const traits = { plan: 'pro' };
