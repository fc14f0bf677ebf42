import { createContext, type ReactNode, useContext } from 'react';
import type { ApiClient } from './client.ts';

const ApiContext = createContext<ApiClient | undefined>(undefined);

export const ApiProvider = ({ client, children }: { client: ApiClient; children: ReactNode }) => (
  <ApiContext value={client}>{children}</ApiContext>
);

export const useApi = (): ApiClient => {
  const client = useContext(ApiContext);
  if (client === undefined) throw new Error('useApi needs an ApiProvider above it');
  return client;
};
