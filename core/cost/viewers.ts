import { measured } from './measured.ts';
import { dollars, lambdaDollars } from './prices.ts';
import { stackShape, taken } from './stack-shape.ts';
import { daysPerMonth, hoursPerMonth } from './traffic.ts';
import type { Workload } from './workload.ts';

/** Cost of viewers in dollars a month. It depends on viewers and pages, not on clicks. */
export interface ViewersBill {
  'dashboard and API': number;
  'sign-in (Cognito)': number;
  'alert and forecast jobs': number;
  mails: number;
}

/** Calculates the cost of viewers by component. */
export function viewersBill(workload: Workload): ViewersBill {
  return {
    'dashboard and API': priceDashboard(workload),
    'sign-in (Cognito)': dollars('activeUsers', workload.viewers),
    'alert and forecast jobs': priceJobs(workload),
    mails: priceMails(workload),
  };
}

/** A visit loads files from S3 through CloudFront at most once; API requests go through CloudFront to the function. */
function priceDashboard(workload: Workload): number {
  const visits = countVisits(workload);
  const requests = visits * taken.requestsPerVisit;
  const computed = requests * taken.uncachedShare;
  const bytes = visits * measured.dashboardFirstLoadBytes + requests * taken.apiResponseBytes;
  // Each request updates the rate counter and reads the user; an uncached response is read, computed and cached.
  const writes = requests + computed * taken.cachedResponseUnits;
  const reads = requests * 2 + computed * taken.readUnitsPerResponse;
  return (
    dollars('cloudFrontRequests', viewerRequests(workload)) +
    dollars('cloudFrontFunction', viewerRequests(workload)) +
    dollars('cloudFrontTransfer', bytes / 1e9) +
    dollars('httpApi', requests) +
    lambdaDollars(requests - computed, taken.cachedResponseSeconds, stackShape.apiMemoryGb) +
    lambdaDollars(computed, taken.computedResponseSeconds, stackShape.apiMemoryGb) +
    dollars('dynamoWrites', writes) +
    dollars('dynamoReads', reads) +
    dollars('athenaScanned', (visits * taken.filteredPerVisit * taken.athenaMinimumBytes) / 1e12)
  );
}

/** Returns the viewers' requests at CloudFront. */
export function viewerRequests(workload: Workload): number {
  return countVisits(workload) * (measured.dashboardFiles + taken.requestsPerVisit);
}

function countVisits({ viewers, visitsPerViewer }: Workload): number {
  return viewers * visitsPerViewer;
}

/** Each job runs hourly and lists the pages; each page is evaluated and forecast once a day. */
function priceJobs({ pages }: Workload): number {
  const { hourlyJobs, alertsMemoryGb } = stackShape;
  const runs = hoursPerMonth;
  const pageDays = pages * daysPerMonth;
  const pageHours = pages * runs;
  const seconds =
    pageDays * (taken.dailyDetectionSecondsPerPage + taken.forecastSecondsPerPage) +
    pageHours * taken.hourlyDetectionSecondsPerPage;
  const compute =
    lambdaDollars(hourlyJobs * runs, taken.jobStartSeconds, alertsMemoryGb) +
    dollars('lambdaDuration', seconds * alertsMemoryGb);
  // The index holds about two pages per KB: eight per read unit, at half price because eventually consistent.
  const listed = (hourlyJobs * pageHours) / 8 / 2;
  // Per hour: a page's state and its hours of three weeks. Per day: its months, state and forecast.
  const read = pageHours * taken.readUnitsPerPageHour + pageDays * taken.readUnitsPerPageDay;
  const written = hourlyJobs * runs + pageDays * taken.writeUnitsPerPageDay;
  return (
    compute +
    dollars('schedules', hourlyJobs * runs) +
    dollars('dynamoReads', listed + read) +
    dollars('dynamoWrites', written) +
    dollars('athenaScanned', (daysPerMonth * taken.detectQueriesPerDay * taken.athenaMinimumBytes) / 1e12)
  );
}

/** A summary a week and one a month per viewer, and two mails per alert: alert and recovery. */
function priceMails({ viewers, pages }: Workload): number {
  const mails = viewers * (daysPerMonth / 7 + 1) + (pages * taken.alertsPerPageYear * 2) / 12;
  // A mail is put with its content and index entry, claimed, and emptied.
  return dollars('mails', mails) + dollars('dynamoWrites', mails * taken.writeUnitsPerMail);
}
