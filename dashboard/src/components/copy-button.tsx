import { useState } from 'react';

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, copy] = useCopy(text);
  return (
    <button type="button" className="quiet small" onClick={() => void copy()} aria-label={`Copy ${what}`}>
      <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
    </button>
  );
}

/** Returns whether the text was copied a moment ago, and a function that copies it. */
export function useCopy(text: string): [copied: boolean, copy: () => Promise<void>] {
  const [copied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  }
  return [copied, copy];
}

interface SnippetProps {
  language: string;
  code: string;
  /** Completes “Copy”. */
  what: string;
}

/** Code to copy. */
export function Snippet({ language, code, what }: SnippetProps) {
  return (
    <div className="snippet">
      <div className="snippet-head">
        <span>{language}</span>
        <CopyButton text={code} what={what} />
      </div>
      {/* Focusable, so that it can be scrolled with the keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre dir="ltr" tabIndex={0}>
        <code>{code}</code>
      </pre>
    </div>
  );
}

interface SecretProps {
  /** What it is: `link`. */
  name: string;
  text: string;
  /** Completes “Copy”. */
  what: string;
}

/** A text that is shown once. */
export function Secret({ name, text, what }: SecretProps) {
  return (
    <div className="secret" role="status">
      <p>Copy this {name} now. You won’t be able to see it again.</p>
      <p>
        <code dir="ltr">{text}</code> <CopyButton text={text} what={what} />
      </p>
    </div>
  );
}
