import { useState } from 'react';
import { Brand, ThemeChoice } from './shell.tsx';

interface WelcomeProps {
  signIn: () => Promise<void>;
  /** Why the user isn't signed in. */
  notice?: string;
}

/** The page for users who aren't signed in. */
export function Welcome({ signIn, notice }: WelcomeProps) {
  const [failure, setFailure] = useState<string>();
  const [leaving, setLeaving] = useState(false);
  async function leave(): Promise<void> {
    setLeaving(true);
    try {
      await signIn();
    } catch (cause) {
      setFailure(
        `Couldn’t open the sign-in page: ${cause instanceof Error ? cause.message : String(cause)}. Try again.`,
      );
      setLeaving(false);
    }
  }
  return (
    <main className="welcome">
      <Brand />
      <h1>Link and page analytics that account for every click.</h1>
      <p className="soft">Sign in to see your pages and links.</p>
      {(failure ?? notice) !== undefined && (
        <p className="failure" role="alert">
          {failure ?? notice}
        </p>
      )}
      <button type="button" className="primary" disabled={leaving} onClick={() => void leave()}>
        {leaving ? 'Opening sign-in…' : 'Sign in'}
      </button>
      <ThemeChoice />
    </main>
  );
}
