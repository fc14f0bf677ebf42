import type { PageSettings } from '#schemas/api/pages.ts';
import type { Backtest as SettingBacktest, Backtests } from '#schemas/api/detection.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { formatDate } from '../../format/times.ts';
import { Loaded } from '../../components/panel.tsx';
import { useBacktests } from './queries.ts';

/** Shows how many alerts the settings as edited would have raised, before they are saved. */
export function Backtest({ page, alerts }: { page: string; alerts: PageSettings['alerts'] }) {
  const query = useBacktests(page, alerts.badDays);
  return (
    <section className="backtest" aria-label="Backtest">
      <Loaded query={query} rows={3}>
        {(backtests) => <Result backtests={backtests} setting={alerts} />}
      </Loaded>
    </section>
  );
}

type Setting = Pick<PageSettings['alerts'], 'method' | 'sensitivity'>;

function Result({ backtests, setting }: { backtests: Backtests; setting: Setting }) {
  const { through, days, unit, compared } = backtests;
  const chosen = compared.find((each) => matchesSetting(each, setting));
  if (chosen === undefined) return null;
  return (
    <>
      <p role="status">{chosen.words}</p>
      <Comparison compared={compared} setting={setting} />
      {chosen.incidents.length > 0 && (
        <Incidents label="Alerts with this setting" incidents={chosen.incidents} unit={unit} />
      )}
      {chosen.hourly !== null && <Hours hourly={chosen.hourly} unit={unit} />}
      {through !== null && (
        <p className="soft basis">
          Based on traffic of {days} days through {formatDate(through)}; {plural(chosen.evaluated, 'day')} had enough
          history to evaluate. Each day is evaluated from earlier days and your feedback on alert mails.{' '}
          {chosen.hourly === null
            ? 'Hourly alerts follow the same sensitivity; they are listed for pages whose hours are steady.'
            : 'A change that begins within a day and lasts is mailed once.'}
        </p>
      )}
    </>
  );
}

function matchesSetting(backtest: SettingBacktest, { method, sensitivity }: Setting): boolean {
  return backtest.method === method && (method === 'classic' || backtest.sensitivity === sensitivity);
}

function Comparison({ compared, setting }: { compared: readonly SettingBacktest[]; setting: Setting }) {
  return (
    <ul className="compared" aria-label="Alerts with each setting">
      {compared.map((each) => (
        <li key={settingName(each)} aria-current={matchesSetting(each, setting) || undefined}>
          <span>{settingName(each)}</span>
          <b>{formatCount(each.incidents.length)}</b>
          <small>{each.incidents.length === 1 ? 'alert' : 'alerts'}</small>
          {each.hourly !== null && <small>+ {formatCount(each.hourly.incidents.length)} hourly</small>}
        </li>
      ))}
    </ul>
  );
}

function settingName({ sensitivity }: SettingBacktest): string {
  return sensitivity === null ? 'Classic' : sensitivity.charAt(0).toUpperCase() + sensitivity.slice(1);
}

type Hourly = NonNullable<SettingBacktest['hourly']>;

function Hours({ hourly, unit }: { hourly: Hourly; unit: Backtests['unit'] }) {
  return (
    <>
      <p>{hourly.words}</p>
      {hourly.incidents.length > 0 && (
        <Incidents label="Hourly alerts with this setting" incidents={hourly.incidents} unit={unit} />
      )}
    </>
  );
}

interface IncidentsProps {
  label: string;
  incidents: readonly (SettingBacktest['incidents'][number] | Hourly['incidents'][number])[];
  unit: Backtests['unit'];
}

/** The newest first. */
function Incidents({ label, incidents, unit }: IncidentsProps) {
  return (
    <ol className="rows backtest-days" aria-label={label}>
      {incidents.toReversed().map(({ from, words, expected, actual }) => (
        <li key={from}>
          <span>{words}</span>
          <small>
            {formatCount(Math.round(expected))} {unit} expected, {formatCount(actual)} counted
          </small>
        </li>
      ))}
    </ol>
  );
}
