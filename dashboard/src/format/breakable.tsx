import { Fragment } from 'react';

/** A text that may be one long word, such as an address: its lines end after separators, not between letters. */
export function Breakable({ text }: { text: string }) {
  return text.split(separators).map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

const separators = /(?<=[^\s\p{L}\p{N}]+)(?=[\p{L}\p{N}])/u;
