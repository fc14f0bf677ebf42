import type { VisitorTexts } from '#schemas/catalog.ts';
import { visitorTextLimit } from '#schemas/catalog-rules.ts';
import { fieldError } from '../../api/field-errors.ts';
import { Field } from '../../components/field.tsx';

interface VisitorTextFieldsProps {
  texts: VisitorTexts;
  /** Whether the page may be that of a domain. */
  hasDomains: boolean;
  error: Error | null;
  onChange: (texts: VisitorTexts) => void;
}

/** What visitors of links that do not redirect read. */
export function VisitorTextFields({ texts, hasDomains, error, onChange }: VisitorTextFieldsProps) {
  const names = hasDomains || texts.unknown !== null ? (['closed', 'unknown'] as const) : (['closed'] as const);
  return (
    <fieldset>
      <legend>Texts for visitors</legend>
      {names.map((name) => (
        <Field key={name} label={labels[name]} help={helps[name]} error={fieldError(error, `texts.${name}`)}>
          {(control) => (
            <textarea
              {...control}
              dir="auto"
              maxLength={visitorTextLimit}
              value={texts[name] ?? ''}
              onChange={({ target }) => onChange({ ...texts, [name]: target.value })}
            />
          )}
        </Field>
      ))}
    </fieldset>
  );
}

const labels = { closed: 'Closed links', unknown: 'Addresses without a link' } as const;
const helps = {
  closed: 'Shown in place of ours when a link is switched off, not open yet or expired.',
  unknown: 'Shown in place of ours at a domain whose bare address leads to this page.',
} as const;

/** Returns the texts without those that are empty. */
export function toTexts({ closed, unknown }: VisitorTexts): VisitorTexts {
  return { closed: closed?.trim() || null, unknown: unknown?.trim() || null };
}
