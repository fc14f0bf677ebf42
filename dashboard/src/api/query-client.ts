import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './client.ts';

/** Only what may be a passing fault is asked again. */
const mayPass = (error: Error): boolean => !(error instanceof ApiProblem) || error.details.status >= 500;

export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: { queries: { staleTime: 10_000, retry: (failures, error) => failures < 1 && mayPass(error) } },
  });
