import { useQuery } from '@tanstack/react-query';
import { type Realtime, realtimeSchema } from '#schemas/api/realtime.ts';
import { useApi } from '../../api/context.tsx';

export type Minute = Realtime['minutes'][number];

/** Reads the last 30 minutes of a page again and again. @param page its path without the slash */
export function useRealtime(page: string, options: { refetchInterval: number; staleTime?: number; enabled?: boolean }) {
  const api = useApi();
  return useQuery({
    queryKey: ['realtime', page],
    queryFn: ({ signal }) => api.send('get', '/pages/:page/realtime', realtimeSchema, { param: { page }, signal }),
    ...options,
  });
}

/** What is now: the last five minutes. */
export function minutesOfNow(minutes: readonly Minute[]): readonly Minute[] {
  return minutes.slice(-5);
}

export function sumMinutes(minutes: readonly Minute[], name: 'views' | 'clicks'): number {
  return minutes.reduce((total, minute) => total + minute[name], 0);
}
