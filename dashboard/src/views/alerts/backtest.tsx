import type { PageAlerts } from '#schemas/alerts.ts';
import type { Backtest as BacktestAnswer, Backtests } from '#schemas/api/detection.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { formatDate } from '../../format/times.ts';
import { Loaded } from '../../components/panel.tsx';
import { useBacktests } from './queries.ts';

/** "With this setting you would have had 3 alerts in 90 days": of the setting as it is edited, before it is saved. */
export function Backtest({ page, alerts }: { page: string; alerts: PageAlerts }) {
  const query = useBacktests(page, alerts.badDays);
  return (
    <section className="backtest" aria-label="Backtest">
      <Loaded query={query} rows={3}>
        {(answer) => <Told answer={answer} setting={alerts} />}
      </Loaded>
    </section>
  );
}

type Setting = Pick<PageAlerts, 'method' | 'sensitivity'>;

function Told({ answer, setting }: { answer: Backtests; setting: Setting }) {
  const { through, days, unit, compared } = answer;
  const chosen = compared.find((each) => matchesSetting(each, setting));
  if (chosen === undefined) return null;
  return (
    <>
      <p role="status">{chosen.words}</p>
      <Comparison compared={compared} setting={setting} />
      {chosen.incidents.length > 0 && <Days incidents={chosen.incidents} unit={unit} />}
      {through !== null && (
        <p className="soft known">
          Traffic of {days} days through {formatDate(through)}, {plural(chosen.evaluated, 'day')} of which could be
          evaluated: each by the days before it alone, and by what answers to the mails have taught.
        </p>
      )}
    </>
  );
}

function matchesSetting(answer: BacktestAnswer, { method, sensitivity }: Setting): boolean {
  return answer.method === method && (method === 'classic' || answer.sensitivity === sensitivity);
}

/** The settings side by side, the one being edited marked. */
function Comparison({ compared, setting }: { compared: readonly BacktestAnswer[]; setting: Setting }) {
  return (
    <ul className="compared" aria-label="Alerts with each setting">
      {compared.map((each) => (
        <li key={settingName(each)} aria-current={matchesSetting(each, setting) || undefined}>
          <span>{settingName(each)}</span>
          <b>{formatCount(each.incidents.length)}</b>
          <small>{each.incidents.length === 1 ? 'alert' : 'alerts'}</small>
        </li>
      ))}
    </ul>
  );
}

function settingName({ sensitivity }: BacktestAnswer): string {
  return sensitivity === null ? 'Classic' : sensitivity.charAt(0).toUpperCase() + sensitivity.slice(1);
}

function Days({ incidents, unit }: { incidents: BacktestAnswer['incidents']; unit: Backtests['unit'] }) {
  return (
    <ol className="rows backtest-days" aria-label="Alerts with this setting">
      {incidents.toReversed().map(({ from, words, expected, actual }) => (
        <li key={from}>
          <span>{words}</span>
          <small>
            {formatCount(Math.round(expected))} {unit} expected, {formatCount(actual)} came
          </small>
        </li>
      ))}
    </ol>
  );
}
