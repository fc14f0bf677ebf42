import type { ConfirmationView } from '#core/mails/confirmation-view.ts';
import { Frame, Paragraph } from './frame.tsx';

interface ConfirmationMailProps {
  view: ConfirmationView;
  confirm: string;
  unsubscribe: string;
}

/** Asks the owner of an address whether they want mails about a page. */
export function ConfirmationMail({ view, confirm, unsubscribe }: ConfirmationMailProps) {
  return (
    <Frame
      preview={view.headline}
      over={view.host}
      headline={view.headline}
      tone="ink"
      links={{ dashboard: confirm, unsubscribe }}
      button={view.button}
      end={view.never}
      why="You can ignore this mail."
    >
      {view.paragraphs.map((paragraph) => (
        <Paragraph key={paragraph}>{paragraph}</Paragraph>
      ))}
    </Frame>
  );
}
