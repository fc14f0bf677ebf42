import { useState } from 'react';
import { Brand, ThemeChoice } from './shell.tsx';

interface WelcomeProps {
  signIn: () => Promise<void>;
  /** Why somebody who was signed in no longer is. */
  notice?: string;
}

/** What a stranger sees. */
export function Welcome({ signIn, notice }: WelcomeProps) {
  const [failure, setFailure] = useState<string>();
  const [leaving, setLeaving] = useState(false);
  async function leave(): Promise<void> {
    setLeaving(true);
    try {
      await signIn();
    } catch (cause) {
      setFailure(cause instanceof Error ? cause.message : String(cause));
      setLeaving(false);
    }
  }
  return (
    <main className="welcome">
      <Brand />
      <h1>Every click is counted once, or says why not.</h1>
      <p className="soft">Links and pages in your own account. Sign in to see your numbers.</p>
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
