import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import {
  type CampaignReport,
  campaignReportSchema,
  campaignSchema,
  type CampaignView,
} from '#schemas/api/insights/campaigns.ts';
import { formatMetric } from '#core/metrics/format-metric.ts';
import { isDate } from '#core/ledger/time-range.ts';
import { browserZone } from '../../choosers/zone-field.tsx';
import { useApi } from '../../api/context.tsx';
import { useApiMutation } from '../../api/lists.ts';
import { Change } from '../../components/delta.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { FormError } from '../../components/field.tsx';
import { Hint } from '../../components/hint.tsx';
import { Loaded, Panel, Skeleton } from '../../components/panel.tsx';
import { Breakable } from '../../format/breakable.tsx';
import { formatCost, formatCount, formatShare, plural } from '../../format/numbers.ts';
import { dateIn, formatDate, formatDates, formatInstant } from '../../format/times.ts';
import { useNow } from '../../range/use-now.ts';
import { Link } from '../../router/link.tsx';
import { basePath, navigate } from '../../router/location.ts';
import { agencyPath, linkPath, pagePath, publicCampaignPath } from '../../router/routes.ts';
import { LoadFailed } from '../not-found.tsx';
import { ConversionsPanel } from '../overview/conversions.tsx';
import { Figure } from '../overview/figures.tsx';
import { Heading } from '../shell/heading.tsx';
import { toChange, toDraft } from './campaign-draft.ts';
import { CampaignForm } from './campaign-form.tsx';
import {
  CampaignBreakdowns,
  CampaignDays,
  CampaignFreshness,
  CampaignLinks,
  campaignRefreshMs,
  MetricFigure,
  describeBots,
} from './campaign-report.tsx';
import { stateNames } from './campaign-states.ts';

/** What a campaign has brought, and its settings. */
export default function CampaignPage({ id }: { id: string }) {
  const api = useApi();
  const now = useNow();
  const zone = browserZone();
  const report = useQuery({
    queryKey: ['campaign-report', id],
    queryFn: ({ signal }) => api.send('get', '/campaigns/:id/report', campaignReportSchema, { param: { id }, signal }),
    refetchInterval: campaignRefreshMs,
  });
  if (report.data === undefined) {
    if (report.isError) return <LoadFailed error={report.error} retry={() => void report.refetch()} />;
    return <Skeleton rows={8} />;
  }
  const { campaign } = report.data;
  return (
    <>
      <Heading
        title={campaign.name}
        back={backOf(campaign)}
        subtitle={
          <>
            {formatDates(campaign.from, campaign.to)} · {stateNames[report.data.state]} · label{' '}
            <bdi dir="auto">{campaign.label}</bdi>
          </>
        }
        actions={!campaign.partial && <Actions campaign={campaign} metric={report.data.metric} />}
      />
      <section className="panel lead" aria-label="Totals">
        <Loaded query={report}>
          {(value) => (
            <>
              <Figures report={value} />
              <CampaignFreshness report={value} zone={zone} now={now} />
            </>
          )}
        </Loaded>
      </section>
      <div className="grid">
        <CampaignDays report={report.data} from={campaign.from} to={campaign.to} today={dateIn(zone, now)} />
        <Goal goal={report.data.goal} metric={report.data.metric} />
        <CampaignLinks
          report={report.data}
          toLabel={({ code, title }) => <Link to={linkPath(code)}>{title ?? `/${code}`}</Link>}
        />
        <CampaignBreakdowns report={report.data} />
        <ConversionsPanel conversions={report.data.totals.conversions} />
        <Details report={report.data} zone={zone} now={now} />
      </div>
    </>
  );
}

function backOf({ page, agency }: CampaignView) {
  return page === null
    ? { to: agencyPath(agency ?? ''), label: agency ?? '' }
    : { to: pagePath(page.slice(1), 'campaigns'), label: `Campaigns of ${page}` };
}

function Figures({ report }: { report: CampaignReport }) {
  const { totals, previous, campaign, metric } = report;
  return (
    <dl className="figures">
      {metric && <MetricFigure metric={metric} />}
      <Figure main={metric === null} tone="clicks" name="Clicks" value={formatCount(totals.clicks)}>
        {previous && (
          <span className="soft">
            {previous.change !== null && (
              <Change value={previous.change} label=" on settled days, from the span before" />
            )}{' '}
            {previous.clicks === 0 ? 'none before' : `${formatCount(previous.clicks)} before`}
          </span>
        )}
      </Figure>
      <Figure name="Daily visitors" value={formatCount(totals.visitors)} />
      {campaign.budget && (
        <Figure
          name="Cost per click"
          value={totals.costPerClick === null ? '–' : formatCost(totals.costPerClick, campaign.budget.currency)}
        >
          <span className="soft">of {formatCost(campaign.budget.minor, campaign.budget.currency)}</span>
        </Figure>
      )}
      <Figure
        name={
          <>
            Robots kept out
            <Hint about="these numbers">
              <p>
                <b>Clicks</b> are compared with as many days of the span before as are settled. <b>Daily visitors</b>{' '}
                are the sum of each settled day’s visitors. <b>Robots</b> are requests that were not counted, as a share
                of robots and clicks.
              </p>
              <p>
                Cost per click is the budget divided by the clicks. Conversions are those of visits whose last clicked
                link belongs to the campaign.
              </p>
            </Hint>
          </>
        }
        value={describeBots(totals)}
      />
    </dl>
  );
}

const paces = { ahead: 'Ahead of pace', on: 'On pace', behind: 'Behind pace' } as const;

function describePace({ share, pace }: NonNullable<CampaignReport['goal']>, expected: string): string {
  if (share === null) return 'Without a value so far.';
  if (share >= 1) return 'Reached.';
  return pace === null ? 'Not reached yet.' : `${paces[pace]}: about ${expected} expected by now.`;
}

function Goal({ goal, metric }: Pick<CampaignReport, 'goal' | 'metric'>) {
  if (goal === null) return null;
  const { of, value, target, share, expected } = goal;
  function format(number: number | null): string {
    return of === 'metric' && metric !== null ? formatMetric(number, metric) : formatCount(number);
  }
  return (
    <Panel title="Goal">
      <progress
        className="goal-bar"
        max={target}
        value={Math.min(value ?? 0, target)}
        aria-label="Progress of the goal"
      />
      <p>
        <b>
          {format(value)} of{' '}
          {of === 'metric' ? format(target) : plural(target, of === 'clicks' ? 'click' : 'conversion')}
        </b>{' '}
        {share !== null && `(${formatShare(share)})`}
      </p>
      <p className="soft">{describePace(goal, format(expected))}</p>
    </Panel>
  );
}

/** The note, annotations, and the first and last click. */
function Details({ report, zone, now }: { report: CampaignReport; zone: string; now: number }) {
  const { campaign, annotations, firstClick, lastClick, previous } = report;
  const facts: [string, string][] = [
    ...(firstClick ? [['First click', formatInstant(firstClick.at, zone, now)] as [string, string]] : []),
    ...(lastClick ? [['Last click', formatInstant(lastClick.at, zone, now)] as [string, string]] : []),
    ...(previous ? [['Compared with', formatDates(previous.from, previous.to)] as [string, string]] : []),
  ];
  if (facts.length === 0 && annotations.length === 0 && campaign.note === '') return null;
  return (
    <Panel title="Details">
      {campaign.note !== '' && (
        <p className="note" dir="auto">
          {campaign.note}
        </p>
      )}
      {facts.length > 0 && (
        <dl className="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {annotations.length > 0 && (
        <ul className="rows" aria-label="Annotations">
          {annotations.map(({ id, at, text, url }) => (
            <li key={id}>
              <span dir="auto">
                {url === null ? (
                  <Breakable text={text} />
                ) : (
                  <a href={url} target="_blank" rel="noopener noreferrer">
                    <Breakable text={text} />
                  </a>
                )}
                <br />
                <small>{isDate(at) ? formatDate(at) : formatInstant(at, zone, now)}</small>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Actions({ campaign, metric }: Pick<CampaignReport, 'campaign' | 'metric'>) {
  const [editing, setEditing] = useState(false);
  return (
    <>
      {campaign.public && (
        <a className="quiet" href={basePath + publicCampaignPath(campaign.id)} target="_blank" rel="noopener">
          Public page
        </a>
      )}
      <button type="button" className="quiet" onClick={() => setEditing(true)}>
        Edit campaign
      </button>
      {editing && <EditDialog campaign={campaign} metric={metric} onClose={() => setEditing(false)} />}
    </>
  );
}

function EditDialog({
  campaign,
  metric,
  onClose,
}: Pick<CampaignReport, 'campaign' | 'metric'> & { onClose: () => void }) {
  const { id } = campaign;
  const [draft, setDraft] = useState(() => toDraft(campaign, metric));
  const [confirming, setConfirming] = useState(false);
  const save = useApiMutation((api) =>
    api.send('put', '/campaigns/:id', campaignSchema, { param: { id }, json: toChange(draft) }),
  );
  const remove = useApiMutation((api) => api.remove('/campaigns/:id', { param: { id } }));
  if (confirming)
    return (
      <Dialog title="Delete this campaign?" onClose={onClose}>
        <p>Its links keep their label and their clicks. Dates, budget, goal and note are gone.</p>
        <FormError error={remove.error} />
        <div className="form-actions">
          <button
            type="button"
            className="quiet danger"
            disabled={remove.isPending}
            onClick={() => remove.mutate(undefined, { onSuccess: () => navigate(backOf(campaign).to) })}
          >
            Delete campaign
          </button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title="Edit campaign" onClose={onClose}>
      <CampaignForm
        draft={draft}
        page={campaign.page?.slice(1)}
        set={(change) => setDraft({ ...draft, ...change })}
        action="Save campaign"
        saving={save}
        onSubmit={() => save.mutate(undefined, { onSuccess: onClose })}
        actions={
          <button type="button" className="quiet danger" onClick={() => setConfirming(true)}>
            Delete campaign
          </button>
        }
      />
    </Dialog>
  );
}
