import { measured } from './measured.ts';
import { dollars } from './prices.ts';
import { stackShape, taken } from './stack-shape.ts';
import { hoursPerMonth } from './traffic.ts';
import type { Workload } from './workload.ts';

/** What the people who look at the numbers cost, in dollars a month: it follows viewers and pages, and no clicks. */
export interface ViewersBill {
  'dashboard and API': number;
  'sign-in (Cognito)': number;
  'alert and forecast jobs': number;
  mails: number;
}

/** What the people who look cost, by component. */
export function viewersBill(workload: Workload): ViewersBill {
  return {
    'dashboard and API': dashboardOf(workload),
    'sign-in (Cognito)': dollars('activeUsers', workload.viewers),
    'alert and forecast jobs': jobsOf(workload),
    mails: mailsOf(workload),
  };
}

/** Files come from S3 through CloudFront once a visit at most; requests of the API pass both and end in the function. */
function dashboardOf(workload: Workload): number {
  const visits = visitsOf(workload);
  const requests = visits * taken.requestsPerVisit;
  const computed = requests * taken.uncachedShare;
  const bytes = visits * measured.dashboardFirstLoadBytes + requests * taken.apiAnswerBytes;
  // The rate counter and the user of each request; an answer that is computed is read, made and kept.
  const writes = requests + computed * taken.keptAnswerUnits;
  const reads = requests * 2 + computed * taken.readUnitsPerAnswer;
  return (
    dollars('cloudFrontRequests', visits * measured.dashboardFiles + requests) +
    dollars('cloudFrontFunction', visits * measured.dashboardFiles + requests) +
    dollars('cloudFrontTransfer', bytes / 1e9) +
    dollars('httpApi', requests) +
    lambda(requests - computed, taken.cachedAnswerSeconds, stackShape.apiMemoryGb) +
    lambda(computed, taken.computedAnswerSeconds, stackShape.apiMemoryGb) +
    dollars('dynamoWrites', writes) +
    dollars('dynamoReads', reads) +
    dollars('athenaScanned', (visits * taken.filteredPerVisit * taken.athenaLeastBytes) / 1e12)
  );
}

function visitsOf({ viewers, visitsPerViewer }: Workload): number {
  return viewers * visitsPerViewer;
}

function lambda(invocations: number, seconds: number, memoryGb: number): number {
  return dollars('lambdaRequests', invocations) + dollars('lambdaDuration', invocations * seconds * memoryGb);
}

const daysPerMonth = 30.4;

/** Every job runs each hour and lists the pages; each page is evaluated and forecast once a day. */
function jobsOf({ pages }: Workload): number {
  const { hourlyJobs, alertsMemoryGb } = stackShape;
  const runs = hoursPerMonth;
  const pageDays = pages * daysPerMonth;
  const pageHours = pages * runs;
  const seconds =
    pageDays * (taken.dailyDetectionSecondsPerPage + taken.forecastSecondsPerPage) +
    pageHours * taken.hourlyDetectionSecondsPerPage;
  const compute =
    lambda(hourlyJobs * runs, taken.jobStartSeconds, alertsMemoryGb) +
    dollars('lambdaDuration', seconds * alertsMemoryGb);
  // Pages are listed from the index, about two to a kilobyte: eight to a read unit, half a unit being eventual.
  const listed = (hourlyJobs * pageHours) / 8 / 2;
  // Each hour a page's state and its hours of three weeks; each day its months, its state and its forecast.
  const read = pageHours * taken.readUnitsPerPageHour + pageDays * taken.readUnitsPerPageDay;
  const written = hourlyJobs * runs + pageDays * taken.writeUnitsPerPageDay;
  return (
    compute +
    dollars('schedules', hourlyJobs * runs) +
    dollars('dynamoReads', listed + read) +
    dollars('dynamoWrites', written) +
    dollars('athenaScanned', (daysPerMonth * taken.detectQueriesPerDay * taken.athenaLeastBytes) / 1e12)
  );
}

/** One digest a week for each viewer, and two mails for each alert: it began, it ended. */
function mailsOf({ viewers, pages }: Workload): number {
  const mails = (viewers * daysPerMonth) / 7 + (pages * taken.alertsPerPageYear * 2) / 12;
  // Put with its content and index entry, claimed, and emptied again.
  return dollars('mails', mails) + dollars('dynamoWrites', mails * taken.writeUnitsPerMail);
}
