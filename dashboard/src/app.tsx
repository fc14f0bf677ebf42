import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { createClient } from './api/client.ts';
import { ApiProvider } from './api/context.tsx';
import { forgetUser, useMe } from './api/queries.ts';
import { createQueryClient } from './api/query-client.ts';
import { FailureScope } from './api/failures.tsx';
import { Skeleton } from './components/panel.tsx';
import { useLocation } from './router/location.ts';
import { type Route, parseRoute } from './router/routes.ts';
import type { Session } from './session/session.ts';
import { Home } from './views/home.tsx';
import { NotFound } from './views/not-found.tsx';
import { PageView } from './views/pages/page-view.tsx';
import { usePage } from './views/pages/use-page.ts';
import { type Me, Shell } from './views/shell/shell.tsx';
import { Welcome } from './views/shell/welcome.tsx';

/** The dashboard for users who sign in. */
export function App({ session, notice }: { session: Session; notice?: string }) {
  const [ended, setEnded] = useState(!session.signedIn());
  const queries = useMemo(createQueryClient, []);
  const client = useMemo(
    () =>
      createClient(
        async () => `Bearer ${await session.token()}`,
        () => {
          forgetUser();
          setEnded(true);
        },
      ),
    [session],
  );
  if (ended) return <Welcome signIn={() => session.signIn()} {...(notice !== undefined && { notice })} />;
  return (
    <QueryClientProvider client={queries}>
      <ApiProvider client={client}>
        <SignedIn session={session} />
      </ApiProvider>
    </QueryClientProvider>
  );
}

function SignedIn({ session }: { session: Session }) {
  const me = useMe();
  const { path } = useLocation();
  const route = parseRoute(path);
  // Requested in parallel with the user.
  usePage(route.view === 'page' ? route.page : undefined);
  if (me.data === undefined && !me.isError)
    return (
      <main className="welcome">
        <Skeleton />
      </main>
    );
  // Without the user, views still show what the API returns for them.
  const user = me.data ?? unknownUser;
  return (
    <Shell
      me={user}
      onSignOut={() => {
        forgetUser();
        void session.signOut();
      }}
    >
      <FailureScope>
        <Suspense fallback={<Skeleton rows={8} />}>
          <View route={route} me={user} />
        </Suspense>
      </FailureScope>
    </Shell>
  );
}

const unknownUser: Me = { subject: '', email: null, role: 'creator', agency: null, pages: [] };

// The overview is part of the first load; the other views load when they are opened.
const AgenciesView = lazy(() => import('./views/agency/agencies-view.tsx'));
const AgencyView = lazy(() => import('./views/agency/agency-view.tsx'));
const CampaignPage = lazy(() => import('./views/campaigns/campaign-view.tsx'));
const ImportView = lazy(() => import('./views/import/import-view.tsx'));
const KeysView = lazy(() => import('./views/users/keys-view.tsx'));
const LinkView = lazy(() => import('./views/links/link-view.tsx'));
const PagesView = lazy(() => import('./views/pages/pages-view.tsx'));
const UsersView = lazy(() => import('./views/users/users-view.tsx'));

function View({ route, me }: { route: Route; me: Me }) {
  switch (route.view) {
    case 'home':
      return <Home me={me} />;
    case 'pages':
      return <PagesView me={me} />;
    case 'page':
      return <PageView key={route.page} me={me} page={route.page} tab={route.tab} />;
    case 'link':
      return <LinkView key={route.code} code={route.code} tab={route.tab} />;
    case 'campaign':
      return <CampaignPage key={route.id} id={route.id} />;
    case 'agencies':
      return <AgenciesView />;
    case 'agency':
      return <AgencyView key={route.agency} agency={route.agency} />;
    case 'import':
      return <ImportView />;
    case 'users':
      return <UsersView me={me} />;
    case 'keys':
      return <KeysView />;
    case 'unknown':
      return <NotFound />;
    default:
      return route satisfies never;
  }
}
