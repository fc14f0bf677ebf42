import { useEffect } from 'react';
import { Skeleton } from '../components/panel.tsx';
import { navigate } from '../router/location.ts';
import { agencyPath, pagePath } from '../router/routes.ts';
import type { Me } from './shell/shell.tsx';

export function Home({ me }: { me: Me }) {
  useEffect(() => navigate(homePath(me), { replace: true }), [me]);
  return <Skeleton rows={8} />;
}

function homePath({ role, agency, pages }: Me): string {
  const [only, ...others] = pages;
  if (role === 'creator' && only !== undefined && others.length === 0) return pagePath(only.slice(1));
  return role === 'agency' && agency !== null ? agencyPath(agency) : '/pages';
}
