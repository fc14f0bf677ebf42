import { type Anomaly, type AnomalyChange, anomalySchema, muteSchema } from '#schemas/api/detection.ts';
import { useApiMutation } from '../../api/lists.ts';
import { FormError } from '../../components/field.tsx';
import { formatFullInstant } from '../../format/times.ts';

/** Acknowledges an alert, and says whether it was useful. */
export function AlertActions({ anomaly, zone }: { anomaly: Anomaly; zone: string }) {
  const { id, page, state, acknowledgedAt, feedback } = anomaly;
  const change = useApiMutation((api, json: AnomalyChange) =>
    api.send('patch', '/pages/:page/anomalies/:id', anomalySchema, { param: { page: page.slice(1), id }, json }),
  );
  return (
    <>
      <div className="alert-actions">
        {state === 'open' && acknowledgedAt === null && (
          <button
            type="button"
            className="quiet small"
            disabled={change.isPending}
            onClick={() => change.mutate({ acknowledged: true })}
          >
            Acknowledge
          </button>
        )}
        {acknowledgedAt !== null && (
          <span className="soft">
            Acknowledged {formatFullInstant(acknowledgedAt, zone)}{' '}
            <button
              type="button"
              className="inline"
              disabled={change.isPending}
              onClick={() => change.mutate({ acknowledged: false })}
            >
              Undo
            </button>
          </span>
        )}
        <span className="useful" role="group" aria-label="Was this alert useful?">
          <span className="soft" aria-hidden="true">
            Useful?
          </span>
          {(['useful', 'not-useful'] as const).map((answer) => (
            <button
              key={answer}
              type="button"
              className="quiet small"
              aria-pressed={feedback === answer}
              disabled={change.isPending}
              onClick={() => change.mutate({ feedback: answer })}
            >
              {answer === 'useful' ? 'Yes' : 'No'}
            </button>
          ))}
        </span>
      </div>
      <FormError error={change.error} />
    </>
  );
}

const day = 86_400_000;
const choices = [
  { label: '1 day', milliseconds: day },
  { label: '1 week', milliseconds: 7 * day },
  { label: '30 days', milliseconds: 30 * day },
] as const;

interface MuteProps {
  /** The page's path without the slash. */
  page: string;
  zone: string;
  mutedUntil: string | null;
}

/** Stops the mails of a page's alerts for a time, and says until when. */
export function Mute({ page, zone, mutedUntil }: MuteProps) {
  const mute = useApiMutation((api, until: string | null) =>
    api.send('put', '/pages/:page/mute', muteSchema, { param: { page }, json: { until } }),
  );
  if (mutedUntil !== null)
    return (
      <span className="soft">
        Mails muted until {formatFullInstant(mutedUntil, zone)}{' '}
        <button type="button" className="inline" disabled={mute.isPending} onClick={() => mute.mutate(null)}>
          Unmute
        </button>
      </span>
    );
  return (
    <select
      aria-label="Mute mails of alerts"
      disabled={mute.isPending}
      value=""
      onChange={({ target }) => mute.mutate(new Date(Date.now() + Number(target.value)).toISOString())}
    >
      <option value="" disabled>
        Mute mails for…
      </option>
      {choices.map(({ label, milliseconds }) => (
        <option key={label} value={milliseconds}>
          {label}
        </option>
      ))}
    </select>
  );
}
