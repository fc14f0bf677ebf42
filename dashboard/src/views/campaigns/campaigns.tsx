import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import {
  campaignSchema,
  campaignsSchema,
  type CampaignView,
  type NewCampaign,
} from '#schemas/api/insights/campaigns.ts';
import { useApi } from '../../api/context.tsx';
import { useApiMutation } from '../../api/lists.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { Breakable } from '../../format/breakable.tsx';
import { addDays, dateIn, formatDates } from '../../format/times.ts';
import { useNow } from '../../range/use-now.ts';
import { Link } from '../../router/link.tsx';
import { navigate } from '../../router/location.ts';
import { campaignPath } from '../../router/routes.ts';
import { emptyDraft, toChange } from './campaign-draft.ts';
import { CampaignForm } from './campaign-form.tsx';
import { stateNames } from './campaign-states.ts';

/** Whose campaigns they are: a page's, by its path with the slash, or an agency's. */
export type CampaignOwner = { page: string } | { agency: string };

interface CampaignsProps {
  owner: CampaignOwner;
  /** Time zone in which a campaign begins and ends. */
  zone: string;
}

/** The campaigns of a page and its agency, or of an agency. */
export default function Campaigns({ owner, zone }: CampaignsProps) {
  const api = useApi();
  const [adding, setAdding] = useState(false);
  const today = dateIn(zone, useNow());
  const campaigns = useQuery({
    queryKey: ['campaigns', owner],
    queryFn: ({ signal }) => api.send('get', '/campaigns', campaignsSchema, { query: owner, signal }),
  });
  return (
    <Panel
      title="Campaigns"
      className="wide"
      hint={
        <p>
          A campaign adds up the links that have its label, from its first day to its last: clicks, visitors, sources,
          and what a click costs.
        </p>
      }
      actions={
        <button type="button" className="primary" onClick={() => setAdding(true)}>
          Add campaign
        </button>
      }
    >
      {adding && <NewCampaignDialog owner={owner} today={today} onClose={() => setAdding(false)} />}
      <Loaded query={campaigns}>
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty>No campaigns yet. Add one to see what a launch brings, and what a click costs.</Empty>
          ) : (
            <ul className="rows">
              {rows.map((campaign) => (
                <CampaignRow key={campaign.id} campaign={campaign} shared={isShared(campaign, owner)} today={today} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

/** An agency's campaign among those of a page. */
function isShared({ agency }: CampaignView, owner: CampaignOwner): boolean {
  return agency !== null && 'page' in owner;
}

function CampaignRow({ campaign, shared, today }: { campaign: CampaignView; shared: boolean; today: string }) {
  const { id, name, label, from, to } = campaign;
  return (
    <li>
      <span>
        <Link to={campaignPath(id)} dir="auto">
          <Breakable text={name} />
        </Link>{' '}
        <span className="badge">{stateNames[stateOn(campaign, today)]}</span>
        {shared && <span className="badge">Agency</span>}
        <br />
        <small>
          {formatDates(from, to)} · <span dir="auto">{label}</span>
        </small>
      </span>
    </li>
  );
}

function stateOn({ from, to }: CampaignView, today: string): keyof typeof stateNames {
  if (today < from) return 'upcoming';
  return today > to ? 'ended' : 'running';
}

/** Days of a new campaign. */
const usualDays = 30;

interface NewCampaignDialogProps {
  owner: CampaignOwner;
  today: string;
  onClose: () => void;
}

function NewCampaignDialog({ owner, today, onClose }: NewCampaignDialogProps) {
  const [draft, setDraft] = useState(() => emptyDraft(today, addDays(today, usualDays - 1)));
  const create = useApiMutation((api, json: NewCampaign) => api.send('post', '/campaigns', campaignSchema, { json }));
  return (
    <Dialog title="Add campaign" onClose={onClose}>
      <CampaignForm
        draft={draft}
        page={'page' in owner ? owner.page.slice(1) : undefined}
        set={(change) => setDraft({ ...draft, ...change })}
        action="Add campaign"
        saving={create}
        onSubmit={() =>
          create.mutate({ ...owner, ...toChange(draft) }, { onSuccess: ({ id }) => navigate(campaignPath(id)) })
        }
      />
    </Dialog>
  );
}
