import './styles/base.css';
import './styles/components.css';
import './styles/views.css';
import './styles/overview.css';
import './styles/alerts.css';
import './styles/insights.css';
import './styles/settings.css';
import './styles/touch.css';
import { lazy, Suspense } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { config as configureZod } from 'zod';
import { App } from './app.tsx';
import { applyTheme, parseTheme } from './styles/theme.ts';
import { basePath, isShared } from './router/location.ts';
import { parsePublicCampaign } from './router/routes.ts';
import { loadConfiguration } from './session/configuration.ts';
import { SignInRefused } from './session/oidc.ts';
import { openSession, type Session } from './session/session.ts';

// The content security policy forbids eval, which zod's compiled parsers need.
configureZod({ jitless: true });
applyTheme();

const PublicCampaignApp = lazy(() => import('./views/campaigns/public-campaign-view.tsx'));
const ShareApp = lazy(() => import('./views/share/share-view.tsx'));

const element = document.getElementById('root');
if (element === null) throw new Error('index.html has no #root');
const root = createRoot(element);
const path = window.location.pathname.slice(basePath.length);
const publicCampaign = parsePublicCampaign(path);
if (isShared(path)) {
  const embedded = path !== '/share';
  // A frame follows the site around it.
  if (embedded) applyTheme(parseTheme(new URLSearchParams(window.location.search).get('theme')));
  root.render(
    <Suspense>
      <ShareApp token={window.location.hash.slice(1)} embedded={embedded} />
    </Suspense>,
  );
} else if (publicCampaign !== undefined)
  root.render(
    <Suspense>
      <PublicCampaignApp id={publicCampaign} />
    </Suspense>,
  );
else void start(root);

async function start(root: Root): Promise<void> {
  try {
    const { session, notice } = await open();
    root.render(<App session={session} {...(notice !== undefined && { notice })} />);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    root.render(
      <main className="welcome">
        <h1>The dashboard couldn’t load</h1>
        <p role="alert">{message}</p>
        <button type="button" className="primary" onClick={() => window.location.reload()}>
          Try again
        </button>
      </main>,
    );
  }
}

async function open(): Promise<{ session: Session; notice?: string }> {
  const options = { configuration: await loadConfiguration(), storage: sessionStorage, now: Date.now };
  try {
    return { session: await openSession(options) };
  } catch (cause) {
    if (!(cause instanceof SignInRefused)) throw cause;
    history.replaceState(null, '', '/app/');
    return { session: await openSession(options), notice: `Couldn’t sign you in: ${cause.message}. Sign in again.` };
  }
}
