/**
 * How well referrers and user agents are classified, on public tables, beside a library alone. `npm run bench -- classify
 * [table …]` takes more tables by path.
 *
 * Referrers: `referers.yml` and `referer-tests.json` of Snowplow's referer-parser, the lists of Matomo's
 * searchengine-and-social-list, `ga4_source_categories.csv` of dbt-ga4, `test/cases/referrers.json` of the npm package
 * inbound, `packages/common/server/referrers/index.ts` of OpenPanel.
 *
 * User agents: checkouts of matomo-org/device-detector, WhichBrowser/Parser-PHP, serbanghita/Mobile-Detect,
 * faisalman/ua-parser-js, ua-parser/uap-core, omrilotan/isbot (and its `fixtures/downloaded`) and
 * monperrus/crawler-user-agents, and cases of uap-core as `….json.gz`.
 */
import { reportReferrers } from './classify/referrers.ts';
import { isFixtures } from './classify/user-agent-fixtures.ts';
import { reportUserAgents } from './classify/user-agents.ts';

const places = process.argv.slice(2);
const fixtures = places.filter(isFixtures);
console.log(reportReferrers(places.filter((place) => !isFixtures(place))));
if (fixtures.length > 0) console.log(`\n${reportUserAgents(fixtures)}`);
