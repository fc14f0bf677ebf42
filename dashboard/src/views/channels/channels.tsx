import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { channelsSchema, channelTestSchema, type ChannelView } from '#schemas/api/channels.ts';
import { useApi } from '../../api/context.tsx';
import { useApiMutation } from '../../api/lists.ts';
import { FormError } from '../../components/field.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { useNow } from '../../range/use-now.ts';
import { serviceNames } from '../../format/names.ts';
import { formatInstant } from '../../format/times.ts';
import { type ChannelOwner, NewChannelDialog } from './new-channel.tsx';

/** Where alerts and recoveries go besides mail. */
export function Channels({ owner, zone }: { owner: ChannelOwner; zone: string }) {
  const [adding, setAdding] = useState(false);
  const api = useApi();
  const channels = useQuery({
    queryKey: ['channels', owner],
    queryFn: ({ signal }) => api.send('get', '/channels', channelsSchema, { query: owner, signal }),
  });
  return (
    <Panel
      title="Alert channels"
      actions={
        <button type="button" className="quiet small" onClick={() => setAdding(true)}>
          Add channel
        </button>
      }
    >
      <p className="soft">
        {'page' in owner
          ? 'Alerts and recoveries of this page also go here. Mute and quiet hours hold for channels, too.'
          : 'Alerts and recoveries of all pages of this agency also go here.'}
      </p>
      {adding && <NewChannelDialog owner={owner} onClose={() => setAdding(false)} />}
      <Loaded query={channels}>
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty>
              No channels yet. Add one to get alerts in Slack, Discord, Teams or Telegram, or on your server.
            </Empty>
          ) : (
            <ul className="rows">
              {rows.map((channel) => (
                <ChannelRow key={channel.id} owner={owner} channel={channel} zone={zone} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

interface ChannelRowProps {
  owner: ChannelOwner;
  channel: ChannelView;
  zone: string;
}

function ChannelRow({ owner, channel, zone }: ChannelRowProps) {
  const { id, name, service, host, ending } = channel;
  const request = { param: { id }, query: owner };
  const test = useApiMutation((api) => api.send('post', '/channels/:id/test', channelTestSchema, request));
  const remove = useApiMutation((api) => api.remove('/channels/:id', request));
  return (
    <li>
      <span>
        <b dir="auto">{name}</b> <span className="badge">{serviceNames[service]}</span>
        <br />
        <small>
          {host}, ending in <code dir="ltr">{ending}</code>
        </small>
        <br />
        <LastMessage last={channel.last} zone={zone} />
        <FormError error={test.error ?? remove.error} />
      </span>
      <span className="row-actions">
        <button type="button" className="quiet small" disabled={test.isPending} onClick={() => test.mutate(undefined)}>
          {test.isPending ? 'Sending…' : 'Send test'}
        </button>
        <button
          type="button"
          className="quiet small danger"
          disabled={remove.isPending}
          onClick={() => remove.mutate(undefined)}
        >
          Delete channel
        </button>
      </span>
    </li>
  );
}

function LastMessage({ last, zone }: Pick<ChannelView, 'last'> & { zone: string }) {
  const now = useNow();
  if (last === null) return <small role="status">Nothing was sent yet.</small>;
  const at = formatInstant(last.at, zone, now);
  return (
    <small role="status" className={last.delivered ? undefined : 'error'}>
      {last.delivered ? `Delivered at ${at}.` : `Not delivered at ${at}: ${last.detail}.`}
    </small>
  );
}
