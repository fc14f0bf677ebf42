import { rangeQuerySchema } from '#schemas/api.ts';
import {
  campaignChangeSchema,
  campaignMetricsSchema,
  campaignParamsSchema,
  campaignReportSchema,
  campaignSchema,
  campaignsQuerySchema,
  campaignsSchema,
  newCampaignSchema,
  publicCampaignSchema,
} from '#schemas/api/insights/campaigns.ts';
import { agencyOwner } from '#schemas/channels.ts';
import type { Access } from '../access.ts';
import { byStart, findCampaign, findOwnCampaign, listOfPage } from '../campaigns/find-campaigns.ts';
import { readLabel } from '../campaigns/read-label.ts';
import { readPublicCampaign, readReport } from '../campaigns/read-report.ts';
import { applyCampaignChange, storeNewCampaign } from '../campaigns/write-campaign.ts';
import { changeRecord } from '../conditional.ts';
import type { ApiDeps } from '../deps.ts';
import { notFound } from '../problem.ts';
import { toCampaignView } from '../views.ts';
import { createRouter } from './create-router.ts';
import { defineRoute } from './define-route.ts';
import { changedResponses, createdResponses, idParams, jsonBody, okResponses, removedResponses } from './responses.ts';

export function campaignRoutes(deps: ApiDeps, access: Access) {
  return createRouter()
    .openapi(listCampaigns(), async (c) => {
      const { page, agency = '' } = c.req.valid('query');
      const { principal } = c.var;
      if (page === undefined) {
        await access.agency(principal, agency);
        const rows = (await deps.campaigns.list(agencyOwner(agency))).sort(byStart);
        return c.json({ rows: rows.map((campaign) => toCampaignView(campaign, false)) }, 200);
      }
      const found = await access.page(principal, page);
      const rows = await listOfPage(deps, access.user(principal), found);
      return c.json({ rows: rows.map(({ campaign, partial }) => toCampaignView(campaign, partial)) }, 200);
    })
    .openapi(createCampaign(), async (c) => {
      const body = c.req.valid('json');
      if (body.page !== undefined) await access.page(c.var.principal, body.page);
      else await access.agency(c.var.principal, body.agency ?? '');
      return c.json(toCampaignView(await storeNewCampaign(deps, body), false), 201);
    })
    .openapi(getCampaign(), async (c) => {
      const user = access.user(c.var.principal);
      const { campaign, partial } = await findCampaign(deps, user, c.req.valid('param').id);
      return c.json(toCampaignView(campaign, partial), 200);
    })
    .openapi(putCampaign(), async (c) => {
      const user = access.user(c.var.principal);
      const changed = await changeRecord({
        ifMatch: c.req.header('if-match'),
        read: () => findOwnCampaign(deps, user, c.req.valid('param').id),
        toView: (campaign) => toCampaignView(campaign, false),
        change: (campaign) => applyCampaignChange(deps, campaign, c.req.valid('json')),
        replace: deps.campaigns.replace,
      });
      return c.json(toCampaignView(changed, false), 200);
    })
    .openapi(removeCampaign(), async (c) => {
      const { id } = await findOwnCampaign(deps, access.user(c.var.principal), c.req.valid('param').id);
      if (!(await deps.campaigns.remove(id))) throw notFound('Campaign');
      return c.body(null, 204);
    })
    .openapi(getCampaignReport(), async (c) => {
      const user = access.user(c.var.principal);
      return c.json(await readReport(deps, user, c.req.valid('param').id), 200);
    })
    .openapi(getCampaignMetrics(), async (c) => {
      const user = access.user(c.var.principal);
      return c.json(await readLabel(deps, user, c.req.valid('param').id, c.req.valid('query')), 200);
    });
}

/** Seconds for which CloudFront and browsers keep a public page, and for which they may show it while they load it again. */
const publicCaching = 'public, max-age=60, stale-while-revalidate=300';

/** Campaigns that anyone may see, without an `authorization` header. */
export function publicCampaignRoutes(deps: ApiDeps) {
  return createRouter().openapi(getPublicCampaign(), async (c) => {
    const { id } = c.req.valid('param');
    const campaign = await readPublicCampaign(deps, id);
    c.header('cache-control', publicCaching);
    return c.json(campaign, 200);
  });
}

const tags = ['campaigns'];

function listCampaigns() {
  return defineRoute('owners', {
    method: 'get',
    path: '/campaigns',
    tags,
    operationId: 'listCampaigns',
    summary: 'List the campaigns of a page and of its agency, or of an agency',
    request: { query: campaignsQuerySchema },
    responses: okResponses('Campaigns, those that begin last first', campaignsSchema),
  });
}

function createCampaign() {
  return defineRoute('owners', {
    method: 'post',
    path: '/campaigns',
    tags,
    operationId: 'createCampaign',
    summary: 'Give the links with a label dates, UTM defaults, a budget, a goal and a note',
    request: { body: jsonBody(newCampaignSchema) },
    responses: createdResponses('The campaign', campaignSchema),
  });
}

function getCampaign() {
  return defineRoute('users', {
    method: 'get',
    path: '/campaigns/{id}',
    tags,
    operationId: 'getCampaign',
    summary: 'Get a campaign of which you see a page',
    request: { params: idParams },
    responses: okResponses('The campaign', campaignSchema),
  });
}

function putCampaign() {
  return defineRoute('owners', {
    method: 'put',
    path: '/campaigns/{id}',
    tags,
    operationId: 'putCampaign',
    summary: 'Replace what a campaign says. Its page or agency stays',
    request: { params: idParams, body: jsonBody(campaignChangeSchema) },
    responses: changedResponses('The campaign', campaignSchema),
  });
}

function removeCampaign() {
  return defineRoute('owners', {
    method: 'delete',
    path: '/campaigns/{id}',
    tags,
    operationId: 'removeCampaign',
    summary: 'Delete a campaign. Its links keep their label and their clicks',
    request: { params: idParams },
    responses: removedResponses('Deleted'),
  });
}

function getCampaignReport() {
  return defineRoute('users', {
    method: 'get',
    path: '/campaigns/{id}/report',
    tags,
    operationId: 'getCampaignReport',
    summary: 'Get what a campaign has brought between its dates, over the pages that you can see',
    request: { params: idParams },
    responses: okResponses('Settled dates and the dates since; each part fails independently', campaignReportSchema),
  });
}

function getPublicCampaign() {
  return defineRoute('everyone', {
    method: 'get',
    path: '/public/campaigns/{id}',
    tags,
    operationId: 'getPublicCampaign',
    summary: 'Get the public page of a campaign, if its owner has published it, without an `authorization` header',
    security: [],
    request: { params: idParams },
    responses: okResponses('What the public page shows, at most a minute old', publicCampaignSchema),
  });
}

function getCampaignMetrics() {
  return defineRoute('users', {
    method: 'get',
    path: '/campaigns/{id}/metrics',
    tags,
    operationId: 'getCampaignMetrics',
    summary: 'Get the statistics of a campaign, over the links that you can see',
    request: { params: campaignParamsSchema, query: rangeQuerySchema.omit({ tz: true }) },
    responses: okResponses('Clicks per link and overall statistics; hours and days are in UTC', campaignMetricsSchema),
  });
}
