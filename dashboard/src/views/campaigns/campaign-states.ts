import type { CampaignReport } from '#schemas/api/insights/campaigns.ts';

export const stateNames: Readonly<Record<CampaignReport['state'], string>> = {
  upcoming: 'Upcoming',
  running: 'Running',
  ended: 'Ended',
};
