import { useState } from 'react';
import type { PageView } from '#schemas/api/pages.ts';
import { Snippet } from '../../components/copy-button.tsx';
import { SelectField } from '../../components/inputs.tsx';
import { Notice, Panel } from '../../components/panel.tsx';
import { Link } from '../../router/link.tsx';
import { pagePath, settingsPath } from '../../router/routes.ts';
import { EventFeed, PauseButton } from '../live/event-feed.tsx';
import { IngestKeys } from './ingest-keys.tsx';
import { keyPlaceholder, snippetsOf } from './snippets.ts';

/** What to paste so that a site or server sends its events to this page, and whether they arrive. */
export default function ConnectView({ page }: { page: PageView }) {
  const name = page.path.slice(1);
  const [key, setKey] = useState<string>();
  return (
    <div className="grid fit">
      <Paste page={page} ingestKey={key} />
      <Arrivals page={page} />
      <IngestKeys page={name} created={key} onCreated={setKey} />
    </div>
  );
}

/** More would push the view down. */
const arrivalsShown = 10;

function Arrivals({ page }: { page: PageView }) {
  const name = page.path.slice(1);
  const [paused, setPaused] = useState(false);
  return (
    <EventFeed
      page={name}
      zone={page.timeZone}
      title="Check that events arrive"
      hint={
        <p>
          Shows the last {arrivalsShown} events that arrive while this view is open. An event usually takes a few
          seconds, and up to 20.
        </p>
      }
      shown={arrivalsShown}
      empty="Waiting for events. Open your site, or let your server send one: it shows up here."
      paused={paused}
      actions={
        <>
          <Link to={pagePath(name, 'ledger')}>All outcomes</Link>
          <PauseButton paused={paused} onChange={setPaused} />
        </>
      }
      announced
    />
  );
}

function Paste({ page, ingestKey }: { page: PageView; ingestKey: string | undefined }) {
  const name = page.path.slice(1);
  const snippets = snippetsOf(window.location.origin, name, ingestKey ?? keyPlaceholder);
  const [chosen, setChosen] = useState(snippets[0]?.name ?? '');
  const snippet = snippets.find((each) => each.name === chosen);
  return (
    <Panel
      title="Connect your site or server"
      hint={<p>If you already use one of these SDKs, only its address changes. Its calls stay as they are.</p>}
    >
      <div className="form">
        <SelectField
          label="SDK"
          options={snippets.map((each) => ({ value: each.name, label: each.name }))}
          value={chosen}
          onChange={setChosen}
        />
        {snippet && (
          <Snippet language={snippet.language} code={snippet.code} what={`the snippet for ${snippet.name}`} />
        )}
        {snippet?.runs === 'server' ? <ServerNote hasKey={ingestKey !== undefined} /> : <SiteNote page={page} />}
      </div>
    </Panel>
  );
}

function ServerNote({ hasKey }: { hasKey: boolean }) {
  return hasKey ? (
    <p className="soft">The snippet holds the key that you just created.</p>
  ) : (
    <p className="soft">Create an ingest key below: it then appears in the snippet.</p>
  );
}

function SiteNote({ page: { origins, path } }: { page: PageView }) {
  const settings = <Link to={settingsPath(path.slice(1), 'tracking')}>Settings</Link>;
  if (origins.length === 0)
    return <Notice>No site is registered, so all events are refused. Add your site’s origin under {settings}.</Notice>;
  return (
    <p className="soft">
      Events are accepted from {origins.join(', ')}. Add other sites under {settings}.
    </p>
  );
}
