/**
 * How well referrers are classified, on public tables, beside a library alone. `npm run bench -- classify
 * [table …]` takes more tables by path: `referers.yml` and `referer-tests.json` of Snowplow's referer-parser, the lists of
 * Matomo's searchengine-and-social-list, `test/cases/referrers.json` of the npm package inbound.
 */
import { reportReferrers } from './classify/referrers.ts';

console.log(reportReferrers(process.argv.slice(2)));
